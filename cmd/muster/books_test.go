package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/cmd/muster/internal/cli"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// books is a copy of the estate in testdata/books, of which all files were written shortly before the first scan.
type books struct {
	t    *testing.T
	dir  string
	sys  *machine
	text map[string][]byte // of each export
}

var booksWritten = time.Date(2026, 11, 23, 1, 30, 0, 0, time.UTC)

func newBooks(t *testing.T) *books {
	t.Helper()
	b := &books{t: t, dir: t.TempDir(), sys: &machine{now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}, text: map[string][]byte{}}
	list, err := os.ReadDir("testdata/books")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		text, err := os.ReadFile(filepath.Join("testdata/books", f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(f.Name(), ".yaml") && !strings.HasSuffix(f.Name(), ".md") {
			b.text[f.Name()] = text
		}
		b.write(f.Name(), text)
	}
	return b
}

func (b *books) path(name string) string { return filepath.Join(b.dir, name) }

func (b *books) write(name string, text []byte) {
	b.t.Helper()
	if err := os.WriteFile(b.path(name), text, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.age(name, 0)
}

// age makes a file look written that long before the others.
func (b *books) age(name string, by time.Duration) {
	b.t.Helper()
	if err := os.Chtimes(b.path(name), booksWritten.Add(-by), booksWritten.Add(-by)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) remove(name string) {
	b.t.Helper()
	if err := os.RemoveAll(b.path(name)); err != nil {
		b.t.Fatal(err)
	}
}

// mend writes every export as it was.
func (b *books) mend() {
	b.t.Helper()
	for name, text := range b.text {
		b.remove(name)
		b.write(name, text)
	}
}

// run runs muster on the estate and returns what it printed.
func (b *books) run(code int, args ...string) string {
	b.t.Helper()
	b.sys.out.Reset()
	b.sys.err.Reset()
	args = append(args, "--config", b.path("muster.yaml"))
	if got := cli.Main(args, b.sys); got != code {
		b.t.Fatalf("muster %v: exit code %d, want %d\n%s%s", args, got, code, &b.sys.out, &b.sys.err)
	}
	return b.sys.out.String()
}

func (b *books) audit(code int) *report.Report {
	b.t.Helper()
	var r report.Report
	if err := json.Unmarshal([]byte(b.run(code, "audit", "--format", "json")), &r); err != nil {
		b.t.Fatal(err)
	}
	return &r
}

// wrongInBooks is all that is wrong in the estate, as "rule name: message".
func wrongInBooks() []string {
	list := []string{
		`drift/changed payments-jobs: VisibilityTimeout is 300, declared 30`,
		`drift/unmanaged data-1: not declared in any code`,
		`drift/unmanaged miner: not declared in any code`,
		`drift/unmanaged query: not declared in any code`,
		`records/duplicate hpe01: netbox has another row of hpe01: both have one serial, CZJ1234ABC`,
		`records/ghost app01: servicenow lists app01 with the serial ZCBLLRA, and nothing that has it is there; puppetdb/app01.dc.acme.example bears its fqdn app01.dc.acme.example, with the serial ZCBLLRB instead of ZCBLLRA, which looks like a typo`,
		`records/ghost gone-1: servicenow lists gone-1, and it is not there; no scan ever observed it`,
		`records/lifecycle search-1: servicenow calls search-1 retired, and it is there`,
		`records/mismatch data-1: InstanceType is t3.small, recorded as m6i.xlarge: the register is to be corrected`,
		`records/mismatch search-2: tags.owner is search, recorded as data: the register is to be corrected; row ip-10-0-16-22 in servicenow: tags.owner is search, recorded as data: the register is to be corrected`,
		`records/silent app02.dc.acme.example: app02.dc.acme.example by chef: it last reported 2026-11-11T01:00:00Z, more than 7d before the scan`,
		`records/unrecorded miner: no register has a row of it, and servicenow keeps such things`,
		`tags/cost-center acme-data-logs: tag "cost-center" is missing (also accepted: cost_center)`,
		`tags/cost-center miner: tag "cost-center" is missing (also accepted: cost_center)`,
		`tags/environment miner: tag "environment" is missing (also accepted: env)`,
		`tags/owner miner: tag "owner" is missing (also accepted: Owner, team)`,
		`tags/service miner: tag "service" is missing`,
	}
	slices.Sort(list)
	return list
}

func wrongIn(r *report.Report) []string {
	var list []string
	for _, f := range r.Findings {
		list = append(list, f.Rule+" "+f.Asset.Name+": "+f.Message)
	}
	slices.Sort(list)
	return list
}

// TestBooks: in an estate that eight sources speak of, exactly what is wrong is found, once each; the next night it is known.
func TestBooks(t *testing.T) {
	b := newBooks(t)
	if d := gocmp.Diff(wrongInBooks(), wrongIn(b.audit(0))); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
	second := b.audit(0)
	if d := gocmp.Diff(wrongInBooks(), wrongIn(second)); d != "" {
		t.Errorf("the second night (-want +got):\n%s", d)
	}
	if second.Summary.New != 0 || second.Summary.Resolved != 0 {
		t.Errorf("the second night: %d new, %d resolved", second.Summary.New, second.Summary.Resolved)
	}
}

// TestBooksInAnyOrder: what is found does not depend on the order of the sources nor on that of rows.
func TestBooksInAnyOrder(t *testing.T) {
	b := newBooks(t)
	lines := bytes.SplitAfter(b.text["aws.ndjson"], []byte("\n"))
	slices.Reverse(lines)
	b.write("aws.ndjson", bytes.Join(lines, nil))
	config, err := os.ReadFile(b.path("muster.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := bytes.Cut(config, []byte("sources:\n"))
	list, tail, _ := bytes.Cut(rest, []byte("policy:"))
	sources := strings.Split(strings.TrimPrefix(string(list), "  - "), "\n  - ")
	slices.Reverse(sources)
	for i := range sources {
		sources[i] = "  - " + strings.TrimSuffix(sources[i], "\n") + "\n"
	}
	b.write("muster.yaml", []byte(string(head)+"sources:\n"+strings.Join(sources, "")+"policy:"+string(tail)))
	if d := gocmp.Diff(wrongInBooks(), wrongIn(b.audit(0))); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
}

// perturbation breaks one export.
type perturbation struct {
	name  string
	do    func(b *books, file string)
	stale bool // only what has a max_age takes notice
}

func perturbations() []perturbation {
	cut := func(part float64) func(b *books, file string) {
		return func(b *books, file string) {
			text := b.text[file]
			end := int(float64(len(text)) * part)
			for text[end-1] == '\n' || text[end-1] == '\r' || text[end] == '\n' || text[end] == '\r' {
				end-- // between two rows nothing shows that one is missing
			}
			b.write(file, text[:end])
		}
	}
	return []perturbation{
		{name: "gone", do: func(b *books, file string) { b.remove(file) }},
		{name: "empty", do: func(b *books, file string) { b.write(file, nil) }},
		{name: "an error page", do: func(b *books, file string) { b.write(file, []byte("<html><body>502 Bad Gateway</body></html>\n")) }},
		{name: "denied", do: func(b *books, file string) {
			if err := os.Chmod(b.path(file), 0); err != nil {
				b.t.Fatal(err)
			}
		}},
		{name: "cut at 10 %", do: cut(0.1)},
		{name: "cut at 50 %", do: cut(0.5)},
		{name: "cut at 97 %", do: cut(0.97)},
		{name: "old", do: func(b *books, file string) { b.age(file, 40*24*time.Hour) }, stale: true},
	}
}

// ageless are exports of sources without a max_age.
func ageless(file string) bool { return file == "aws.ndjson" || file == "apps.tfstate" }

// TestBooksBroken breaks each export in each way. No finding may come or go for it, but one about the broken export; nothing counts
// as missing, untagged or a ghost; and mended, all is as before.
func TestBooksBroken(t *testing.T) {
	for _, p := range perturbations() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			b := newBooks(t)
			first := b.audit(0)
			if p.name == "denied" && os.Geteuid() == 0 {
				t.Skip("nothing is denied to root")
			}
			for _, file := range slices.Sorted(maps.Keys(b.text)) {
				if p.stale && ageless(file) {
					continue
				}
				p.do(b, file)
				broken := b.audit(3) // also the night in which the file before is read again
				steady(t, file+" broken", broken)
				if fewer := unknowns(broken); fewer < unknowns(first) {
					t.Errorf("%s: %d verdicts are unknown, with all read %d", file, fewer, unknowns(first))
				}
				b.mend()
			}
			mended := b.audit(0)
			steady(t, "mended", mended)
			if d := gocmp.Diff(wrongIn(first), present(mended)); d != "" {
				t.Errorf("mended (-want +got):\n%s", d)
			}
		})
	}
}

// TestBooksUnread drops each source from what is read for a night, and two together.
func TestBooksUnread(t *testing.T) {
	sources := []string{"aws", "servicenow", "netbox", "team-sheet", "chef", "puppet", "infra", "hosts"}
	b := newBooks(t)
	first := b.audit(0)
	for i := range sources {
		left := []string{sources[i], sources[(i+3)%len(sources)]}
		args := []string{"audit", "--format", "json"}
		for _, s := range sources {
			if !slices.Contains(left, s) {
				args = append(args, "--source", s)
			}
		}
		var r report.Report
		if err := json.Unmarshal([]byte(b.run(0, args...)), &r); err != nil {
			t.Fatal(err)
		}
		steady(t, "without "+strings.Join(left, " and "), &r)
	}
	again := b.audit(0)
	steady(t, "read again", again)
	if d := gocmp.Diff(wrongIn(first), present(again)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// steady checks that no finding about an asset is new or resolved.
func steady(t *testing.T, when string, r *report.Report) {
	t.Helper()
	for _, f := range r.Findings {
		if f.Asset.Book != "" && f.State != inventory.FindingOpen {
			t.Errorf("%s: %s %s of %s: %s", when, f.State, f.Rule, cmp.Or(f.Asset.Name, f.Asset.Key), f.Message)
		}
	}
}

// present lists what a report finds of assets, without what is resolved.
func present(r *report.Report) []string {
	shown := *r
	shown.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f rules.Finding) bool { return f.State == inventory.FindingResolved || f.Asset.Book == "" })
	return wrongIn(&shown)
}

func unknowns(r *report.Report) int {
	n := 0
	for _, u := range r.Unknown {
		n += u.Entities
	}
	return n
}
