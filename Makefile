# Two commands on a fresh machine with Go and make: "make demo" runs the main job, "make test" passes the tests.
# "make help" lists the rest.

export CGO_ENABLED := 0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X github.com/muster-audit/muster/cmd/muster/internal/cli.release=$(VERSION)

# Tools, each at a fixed version from the module proxy.
GOFUMPT      := mvdan.cc/gofumpt@v0.12.0
STATICCHECK  := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK  := golang.org/x/vuln/cmd/govulncheck@v1.9.0

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | expand -t 14

# Without -trimpath, which would compile every library a second time beside that for the tests.
.PHONY: build
build: ## build the static binary ./muster
	go build -ldflags '$(LDFLAGS)' -o muster ./cmd/muster

.PHONY: demo
demo: build ## audit a made-up estate and print where its reports are
	./muster demo

.PHONY: test
test: ## run the tests
	go test ./...

.PHONY: race
race: ## run the tests with the race detector, which needs a C compiler
	CGO_ENABLED=1 go test -race ./...

# Of the packages that work with several goroutines, those that link no library of a cloud: these would be compiled a second time for the
# race detector, which takes most of the time on a machine without a cache. collectors/cmdb has but values that are made once.
LIGHT = $$(go list -f '{{.ImportPath}} {{join .Imports " "}} ; {{join .Deps " "}}' ./... | grep -E '^[^;]* (sync|golang.org/x/sync/errgroup) ' | \
	grep -v -e aws-sdk-go-v2/service/ -e collectors/gcp -e collectors/cmdb | cut -d ' ' -f 1)

.PHONY: race-light
race-light: ## the same for the packages with goroutines that link no library of a cloud; part of ci
	CGO_ENABLED=1 go test -race $(LIGHT)

.PHONY: e2e
e2e: build ## run the end-to-end tests; they need Chromium, Python with moto and boto3, and Terraform
	go test -count=1 -tags e2e ./report/html
	go test -count=1 -tags e2e -run Moto -parallel 8 ./cmd/muster

.PHONY: lint
lint: ## gofmt, gofumpt, vet, staticcheck
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w"; exit 1; }
	@out="$$(go run $(GOFUMPT) -l .)"; test -z "$$out" || { echo "$$out"; echo "run gofumpt -w"; exit 1; }
	go vet ./...
	go vet -tags e2e ./...
	go run $(STATICCHECK) ./...

.PHONY: vuln
vuln: ## look for known vulnerabilities, where the database can be reached
	@GOBIN=$(CURDIR)/.tools go install $(GOVULNCHECK)
	@.tools/govulncheck ./...; code=$$?; \
	if [ $$code -eq 3 ]; then exit 3; \
	elif [ $$code -ne 0 ]; then echo "NOT RUN: govulncheck could not reach its database"; fi

.PHONY: bench
bench: build ## measure as ratios to a yardstick of the same run; needs sqlite3
	go run ./fixtures/bench

# A whole build for another platform takes minutes; its types are checked in seconds.
.PHONY: cross
cross: ## type-check for every platform that a release is built for; part of ci
	go run ./fixtures/crosscheck

.PHONY: manual
manual: ## write man pages and shell completions to dist-manual
	go run ./cmd/muster/internal/manual dist-manual

.PHONY: generate
generate: ## make generated files anew
	go generate ./...

.PHONY: ci
ci: lint vuln cross test race-light e2e demo ## everything that CI runs
