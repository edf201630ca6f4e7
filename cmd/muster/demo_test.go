package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/cmd/muster/internal/cli"
	"github.com/muster-audit/muster/fixtures"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// machine is a machine without a terminal and without variables, whose clock goes on a second each time that it is read.
type machine struct {
	out, err bytes.Buffer

	mu  sync.Mutex
	now time.Time
}

func (m *machine) Stdin() io.Reader       { return strings.NewReader("") }
func (m *machine) Stdout() io.Writer      { return &m.out }
func (m *machine) Stderr() io.Writer      { return &m.err }
func (m *machine) Getenv(string) string   { return "" }
func (m *machine) Terminal(io.Writer) int { return 0 }

func (m *machine) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(time.Second)
	return m.now
}

// demo is a copy of the demo estate.
type demo struct {
	t   *testing.T
	dir string
	sys *machine
}

func newDemo(t *testing.T) *demo {
	t.Helper()
	d := &demo{t: t, dir: t.TempDir(), sys: &machine{now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}}
	if err := fixtures.WriteDemo(d.dir); err != nil {
		t.Fatal(err)
	}
	return d
}

// run runs muster on the estate and returns what it printed.
func (d *demo) run(code int, args ...string) string {
	d.t.Helper()
	d.sys.out.Reset()
	d.sys.err.Reset()
	args = append(args, "--config", filepath.Join(d.dir, "muster.yaml"))
	if got := cli.Main(args, d.sys); got != code {
		d.t.Fatalf("muster %v: exit code %d, want %d\n%s%s", args, got, code, &d.sys.out, &d.sys.err)
	}
	return d.sys.out.String()
}

func (d *demo) audit(code int) *report.Report {
	d.t.Helper()
	var r report.Report
	if err := json.Unmarshal([]byte(d.run(code, "audit", "--format", "json")), &r); err != nil {
		d.t.Fatal(err)
	}
	return &r
}

// edit replaces a text that a file holds exactly once.
func (d *demo) edit(file, old, new string) {
	d.t.Helper()
	path := filepath.Join(d.dir, filepath.FromSlash(file))
	text, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if n := strings.Count(string(text), old); n != 1 {
		d.t.Fatalf("%s holds %q %d times", file, old, n)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// expectation is what the written-down list and the report are compared by.
type expectation struct {
	Rule, Severity, Book, Key, Parts, By string
}

func expected(f fixtures.ExpectedFinding, by string) expectation {
	return expectation{f.Rule, f.Severity, f.Book, f.Key, strings.Join(f.Parts, ","), by}
}

func found(f rules.Finding, by string) expectation {
	var parts []string
	for _, p := range f.Parts {
		parts = append(parts, p.Name)
	}
	return expectation{f.Rule, f.Severity.String(), string(f.Asset.Book), f.Asset.Key, strings.Join(parts, ","), by}
}

func sorted(list []expectation) []expectation {
	slices.SortFunc(list, func(a, b expectation) int {
		return strings.Compare(a.Rule+"\x00"+a.Key+"\x00"+a.Book+a.Parts, b.Rule+"\x00"+b.Key+"\x00"+b.Book+b.Parts)
	})
	return list
}

// TestDemoFindings holds the audit of the demo estate against what was written down by hand.
func TestDemoFindings(t *testing.T) {
	r := newDemo(t).audit(1)
	var want, got []expectation
	list, err := fixtures.Expected()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		want = append(want, expected(f, ""))
	}
	for _, f := range r.Findings {
		got = append(got, found(f, ""))
		if f.State != inventory.FindingNew {
			t.Errorf("%s %s is %s in the first audit", f.Rule, f.Asset.Key, f.State)
		}
	}
	if d := cmp.Diff(sorted(want), sorted(got)); d != "" {
		t.Errorf("findings (-want +got):\n%s", d)
	}
	want, got = nil, nil
	acceptances, err := fixtures.ExpectedAccepted()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range acceptances {
		want = append(want, expected(f.ExpectedFinding, f.By))
	}
	for _, a := range r.Accepted {
		got = append(got, found(a.Finding, a.By))
	}
	if d := cmp.Diff(sorted(want), sorted(got)); d != "" {
		t.Errorf("accepted (-want +got):\n%s", d)
	}
}

// TestDemoUnknown holds what could not be judged against the list, by rule.
func TestDemoUnknown(t *testing.T) {
	r := newDemo(t).audit(1)
	list, err := fixtures.ExpectedUnknown()
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]int{}, map[string]int{}
	for _, f := range list {
		want[f.Rule]++
	}
	for _, u := range r.Unknown {
		got[u.Rule] += u.Entities
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestDemoTraps: what looks wrong and is not is no finding.
func TestDemoTraps(t *testing.T) {
	r := newDemo(t).audit(1)
	traps, err := fixtures.Traps()
	if err != nil {
		t.Fatal(err)
	}
	for _, trap := range traps {
		for _, f := range r.Findings {
			if f.Asset.Key == trap.Key && slices.ContainsFunc(trap.Rules, func(p string) bool { return inventory.MatchGlob(p, f.Rule) }) {
				t.Errorf("%s on %s, but it is %s", f.Rule, trap.Key, trap.Why)
			}
		}
	}
}

// TestDemoAgain: a second audit of the same files knows everything, and one change is one finding.
func TestDemoAgain(t *testing.T) {
	edits, err := fixtures.Edits()
	if err != nil {
		t.Fatal(err)
	}
	d := newDemo(t)
	first := d.audit(1)
	if again := d.audit(1); again.Summary.New != 0 || again.Summary.Resolved != 0 || len(again.Findings) != len(first.Findings) {
		t.Errorf("a second audit: %d new, %d resolved", again.Summary.New, again.Summary.Resolved)
	}
	for _, e := range edits {
		t.Run(e.Rule+" "+e.State, func(t *testing.T) {
			d := newDemo(t)
			d.audit(1)
			d.edit(e.File, e.Old, e.New)
			var changed []expectation
			for _, f := range d.audit(1).Findings {
				if f.State != inventory.FindingOpen {
					changed = append(changed, expectation{Rule: f.Rule, Key: f.Asset.Key, By: string(f.State)})
				}
			}
			if d := cmp.Diff([]expectation{{Rule: e.Rule, Key: e.Key, By: e.State}}, changed); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestSteadyFindingsCostNoWrite: an unchanged estate adds no row about findings to the store.
func TestSteadyFindingsCostNoWrite(t *testing.T) {
	d := newDemo(t)
	count := func() string { return d.run(0, "query", "--format", "csv", "SELECT count(*), max(id) FROM finding") }
	d.audit(1)
	d.audit(1) // what was new is open from here on
	before := count()
	d.audit(1)
	if after := count(); after != before {
		t.Errorf("rows, highest id: %s before, %s after an audit without changes", before, after)
	}
}

// TestSameInputSameReport: audits of the same files in two stores differ in nothing but the scan's times.
func TestSameInputSameReport(t *testing.T) {
	one := newDemo(t)
	first := one.run(1, "audit", "--format", "json")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(one.dir, "muster.db"+suffix)); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	second := one.run(1, "audit", "--format", "json")
	times := regexp.MustCompile(`"(started|finished|first_seen|last_seen)": "[^"]*"`)
	if d := cmp.Diff(times.ReplaceAllString(first, ""), times.ReplaceAllString(second, "")); d != "" {
		t.Error(d)
	}
}

// TestDemoUnreadable: a source that is not read any more, a state that is cut off and a register that lost most of its rows make
// nothing missing, nothing untagged and nothing resolved.
func TestDemoUnreadable(t *testing.T) {
	breaks := map[string]func(t *testing.T, d *demo){
		"file gone":   func(t *testing.T, d *demo) { remove(t, d, "observed/aws.ndjson") },
		"agents gone": func(t *testing.T, d *demo) { remove(t, d, "observed/agents.ndjson") },
		"cut off":     func(t *testing.T, d *demo) { cut(t, d, "observed/aws.ndjson", 2) },
		"state cut":   func(t *testing.T, d *demo) { cut(t, d, "states/payments.tfstate", 2) },
		"rows lost":   func(t *testing.T, d *demo) { cut(t, d, "cmdb/servers.csv", 10) },
	}
	for name, damage := range breaks {
		t.Run(name, func(t *testing.T) {
			d := newDemo(t)
			d.audit(1)
			damage(t, d)
			r := d.audit(1)
			for _, f := range r.Findings {
				if f.State != inventory.FindingOpen && f.Rule != "records/untrusted" {
					t.Errorf("%s: %s %s", f.State, f.Rule, f.Asset.Key)
				}
			}
			if r.Scan.Complete {
				t.Error("the scan calls itself complete")
			}
		})
	}
}

func remove(t *testing.T, d *demo, file string) {
	t.Helper()
	if err := os.Remove(filepath.Join(d.dir, file)); err != nil {
		t.Fatal(err)
	}
}

// cut keeps the first part of a file.
func cut(t *testing.T, d *demo, file string, part int) {
	t.Helper()
	path := filepath.Join(d.dir, file)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()/int64(part)); err != nil {
		t.Fatal(err)
	}
}

// TestDemoSecrets: what the states hold in clear text stands nowhere else.
func TestDemoSecrets(t *testing.T) {
	d := newDemo(t)
	d.run(1, "audit", "--log-level", "debug")
	log := d.sys.err.String() + d.sys.out.String()
	err := filepath.WalkDir(d.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, ".tfstate") || strings.HasSuffix(path, ".tsv") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, secret := range fixtures.PlantedSecrets() {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds a planted secret", path)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range fixtures.PlantedSecrets() {
		if strings.Contains(log, secret) {
			t.Error("the log holds a planted secret")
		}
	}
}

// TestReportOnlyReads: a stored report is the same bytes again, and as of an earlier scan it is that scan's.
func TestReportOnlyReads(t *testing.T) {
	d := newDemo(t)
	first := d.run(1, "audit", "--format", "json")
	if again := d.run(0, "report", "--format", "json"); again != first {
		t.Errorf("the stored report differs:\n%s", cmp.Diff(first, again))
	}
	d.audit(1)
	if before := d.run(0, "report", "--format", "json", "--as-of", "1"); before != first {
		t.Errorf("the report of scan 1 differs after scan 2:\n%s", cmp.Diff(first, before))
	}
}

// TestDemoVerb: the tour ends with 0, prints plain paths, and a second one finds nothing new.
func TestDemoVerb(t *testing.T) {
	sys := &machine{now: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)}
	dir := filepath.Join(t.TempDir(), "tour")
	for range 2 {
		sys.out.Reset()
		if code := cli.Main([]string{"demo", "--dir", dir}, sys); code != 0 {
			t.Fatalf("exit code %d: %s", code, &sys.err)
		}
	}
	for _, name := range []string{"out/muster.html", "out/csv"} {
		if path := filepath.Join(dir, name); !slices.Contains(strings.Split(sys.out.String(), "\n"), path) {
			t.Errorf("no line is %s:\n%s", path, &sys.out)
		} else if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
	}
	if !strings.Contains(sys.out.String(), "0 new") {
		t.Errorf("the second tour finds something new:\n%s", &sys.out)
	}
}
