package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-audit/muster/cmd/muster/internal/cli"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift"
	"github.com/muster-audit/muster/rules/records"
)

var update = flag.Bool("update", false, "write generated documents anew")

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEverythingIsDocumented: each collector has a page, each format and each built-in rule is described, and each page is
// reachable from the README.
func TestEverythingIsDocumented(t *testing.T) {
	registry, err := wire.Registry()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range registry.Specs() {
		page := "docs/" + s.Name + ".md"
		if _, err := os.Stat(filepath.Join("..", "..", page)); err != nil {
			page = "docs/agents.md" // which describes those of one kind together
		}
		if !strings.Contains(read(t, page), "collector: "+s.Name+"\n") {
			t.Errorf("%s shows no source of collector %s", page, s.Name)
		}
	}
	formats := read(t, "docs/reports.md")
	for _, f := range wire.Formats() {
		if !strings.Contains(formats, "`"+f+"`") {
			t.Errorf("docs/reports.md does not tell of format %s", f)
		}
	}
	described := read(t, "docs/drift.md") + read(t, "docs/policy.md")
	for _, m := range append(append(drift.Metas(), records.Metas()...), rules.ExpiredMeta()) {
		if !strings.Contains(described, "`"+m.ID+"`") {
			t.Errorf("no page tells of rule %s", m.ID)
		}
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := read(t, "README.md")
	for _, page := range pages {
		if name := "docs/" + filepath.Base(page); !strings.Contains(readme, name) {
			t.Errorf("the README does not lead to %s", name)
		}
	}
}

// TestDependenciesAreExplained: each direct dependency has its reason.
func TestDependenciesAreExplained(t *testing.T) {
	reasons := read(t, "docs/decisions/0001-dependencies.md")
	direct, _, ok := strings.Cut(read(t, "go.mod"), "// indirect")
	if !ok {
		t.Fatal("go.mod has no indirect dependencies to tell the direct ones from")
	}
	for line := range strings.Lines(direct[:strings.LastIndex(direct, ")")]) {
		path, _, ok := strings.Cut(strings.TrimSpace(line), " v")
		for _, whole := range []string{"github.com/aws/aws-sdk-go-v2"} { // modules of one library, which have one reason
			if strings.HasPrefix(path, whole+"/") {
				path = whole
			}
		}
		if ok && !strings.Contains(reasons, path) {
			t.Errorf("docs/decisions/0001-dependencies.md does not say why %s is there", path)
		}
	}
}

// TestConfigSchemaShips holds the schema in docs against the one that the program makes.
func TestConfigSchemaShips(t *testing.T) {
	sys := &machine{}
	if code := cli.Main([]string{"collectors", "--schema"}, sys); code != 0 {
		t.Fatalf("exit code %d: %s", code, &sys.err)
	}
	path := filepath.Join("..", "..", "docs", "config.schema.json")
	if *update {
		if err := os.WriteFile(path, sys.out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, sys.out.Bytes()) {
		t.Error("docs/config.schema.json is not what the program makes: go test ./cmd/muster -run Schema -update")
	}
}
