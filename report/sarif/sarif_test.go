package sarifreport

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/reporttest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func files() ci.Files {
	return ci.Files{Root: "/repo", Dir: "/repo", Config: "/repo/muster.yaml", Policies: []string{"/repo/policy.yaml"}}
}

func open() *Encoder { return New(Options{Files: files()}) }
func full() *Encoder { return New(Options{Files: files(), All: true}) }

// document is what the tests look at of a log.
type document struct {
	Runs []struct {
		Tool struct {
			Driver struct{ Rules []reportingDescriptor }
		}
		Results     []result
		Invocations []invocation
	}
}

func read(t *testing.T, e *Encoder, r *report.Report) (results []result, said invocation) {
	t.Helper()
	var d document
	if err := json.Unmarshal(reporttest.Encode(t, e, r), &d); err != nil {
		t.Fatal(err)
	}
	return d.Runs[0].Results, d.Runs[0].Invocations[0]
}

func TestSuite(t *testing.T) {
	reporttest.Run(t, open())
	reporttest.Run(t, full())
}

func TestGolden(t *testing.T) {
	reporttest.Golden(t, "small.sarif", reporttest.Encode(t, open(), reporttest.Small()), *update)
	reporttest.Golden(t, "full.sarif", reporttest.Encode(t, full(), reporttest.Small()), *update)
}

func TestSchema(t *testing.T) {
	wrong := reporttest.Schema(t, "subset.schema.json")
	for name, build := range reporttest.Fixtures() {
		for _, e := range []*Encoder{open(), full(), New(Options{})} {
			if err := wrong(reporttest.Encode(t, e, build())); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	text := string(reporttest.Encode(t, full(), reporttest.Small()))
	for _, c := range []struct{ old, with string }{
		{`"level":"error"`, `"level":"fatal"`},
		{`"startLine":48`, `"startLine":0`},
		{`"text":"`, `"txt":"`},
		{`"baselineState":"absent"`, `"baselineState":"gone"`},
		{`"uri":"infra/`, `"uri":"/infra/`},
	} {
		if changed := strings.Replace(text, c.old, c.with, 1); changed == text || wrong([]byte(changed)) == nil {
			t.Errorf("the schema accepts %s", c.with)
		}
	}
}

// TestOnlyWhatIsOpen: readers that know neither baseline states nor suppressions must not show what is mended or accepted.
func TestOnlyWhatIsOpen(t *testing.T) {
	r := reporttest.Small()
	states := func(e *Encoder) map[string]int {
		n := map[string]int{}
		list, _ := read(t, e, r)
		for _, x := range list {
			if x.Suppressions != nil {
				n["suppressed"]++
			} else {
				n[x.BaselineState]++
			}
		}
		return n
	}
	if d := cmp.Diff(map[string]int{"new": 3, "unchanged": 8}, states(open())); d != "" {
		t.Errorf("sarif (-want +got):\n%s", d)
	}
	if d := cmp.Diff(map[string]int{"new": 3, "unchanged": 8, "absent": 1, "suppressed": 2}, states(full())); d != "" {
		t.Errorf("sarif-full (-want +got):\n%s", d)
	}
}

func TestWhatIsUnreadIsNoSuccess(t *testing.T) {
	_, said := read(t, open(), reporttest.Small())
	levels := map[string]int{}
	for _, n := range said.Notifications {
		levels[n.Descriptor["id"]+" "+n.Level]++
	}
	if d := cmp.Diff(map[string]int{"unread error": 3, "unknown warning": 3, "left-out note": 1}, levels); d != "" {
		t.Errorf("notifications (-want +got):\n%s", d)
	}
	if said.ExecutionSuccessful || said.ExitCode != 1 {
		t.Errorf("invocation %+v", said)
	}
	if _, said = read(t, open(), reporttest.Clean()); !said.ExecutionSuccessful || len(said.Notifications) != 0 {
		t.Errorf("everything was read: %+v", said)
	}
}

// TestEveryResultHasItsPlace: a file of the report or one that is known to be there, never another.
func TestEveryResultHasItsPlace(t *testing.T) {
	r := reporttest.Small()
	known := []string{"muster.yaml", "policy.yaml"}
	for _, f := range r.Findings {
		known = append(known, f.Origin.File)
	}
	list, _ := read(t, full(), r)
	for _, x := range list {
		p := x.Locations[0].Physical
		if p == nil || !slices.Contains(known, p.Artifact.URI) {
			t.Errorf("%s is at %+v", x.Message.Text, p)
		}
	}
	for _, x := range first(read(t, New(Options{}), r)) {
		if p := x.Locations[0].Physical; p != nil && !slices.Contains(known[2:], p.Artifact.URI) {
			t.Errorf("without a config, %s is at %+v", x.Message.Text, p)
		}
	}
}

func first[A, B any](a A, _ B) A { return a }

func TestFingerprintsAreStableAndApart(t *testing.T) {
	r := reporttest.Big(300)
	prints := func() map[string]bool {
		out := map[string]bool{}
		for _, x := range first(read(t, open(), r)) {
			out[x.PartialFingerprints["primaryLocationLineHash"]] = true
		}
		return out
	}
	before := prints()
	if n := len(first(read(t, open(), r))); len(before) != n {
		t.Errorf("%d fingerprints of %d results", len(before), n)
	}
	for i := range r.Findings {
		r.Findings[i].Origin.Line += 100
		r.Findings[i].Message = "in other words"
	}
	if d := cmp.Diff(before, prints()); d != "" {
		t.Errorf("a line or a word changes the fingerprint:\n%s", d)
	}
}

func TestRulesHaveHelpAndIndex(t *testing.T) {
	r := reporttest.Small()
	r.Rules = r.Rules[:3] // the others are named by findings alone
	var d document
	if err := json.Unmarshal(reporttest.Encode(t, full(), r), &d); err != nil {
		t.Fatal(err)
	}
	list := d.Runs[0].Tool.Driver.Rules
	for _, x := range d.Runs[0].Results {
		if list[x.RuleIndex].ID != x.RuleID {
			t.Errorf("rule %s has the index of %s", x.RuleID, list[x.RuleIndex].ID)
		}
	}
	if list[0].Help.Text != r.Rules[0].Help {
		t.Errorf("help %q", list[0].Help.Text)
	}
}

// TestTooManyResults: the worst are kept, and the log says how many are not.
func TestTooManyResults(t *testing.T) {
	e := open()
	if e.maxResults != 25_000 {
		t.Errorf("GitHub takes 25,000 results, not %d", e.maxResults)
	}
	e.maxResults = 6_000
	r := reporttest.Big(9_000)
	list, said := read(t, e, r)
	left := -e.maxResults
	for range ci.Open(r) {
		left++
	}
	if len(list) != e.maxResults || list[0].Properties.Severity != "critical" || left <= 0 {
		t.Fatalf("%d results, first %+v", len(list), list[0])
	}
	want := []string{
		fmt.Sprintf("%d results left out: GitHub takes at most 6000 of a run; the worst are here, all are in the JSON report", left),
		"GitHub shows the worst 5000 of these 6000 results",
	}
	for i, w := range want {
		if got := said.Notifications[i].Message.Text; got != w {
			t.Errorf("notification %q, want %q", got, w)
		}
	}
}

// TestTooBig: results of noise, which does not pack, fill the file before there are too many.
func TestTooBig(t *testing.T) {
	e := open()
	if e.maxPacked >= 10_000_000 {
		t.Errorf("GitHub takes 10 MB, not %d", e.maxPacked)
	}
	e.maxPacked = 1_000_000
	r := reporttest.Big(3_000)
	noise := rand.NewChaCha8([32]byte{})
	for i := range r.Findings {
		r.Findings[i].Message = noiseOf(noise, 900)
		r.Findings[i].State = inventory.FindingOpen
	}
	p := newPacked()
	if _, err := p.Write(reporttest.Encode(t, e, r)); err != nil {
		t.Fatal(err)
	}
	if err := p.gzip.Close(); err != nil {
		t.Fatal(err)
	}
	list, said := read(t, e, r)
	if p.bytes() > 1_400_000 || p.bytes() < 900_000 {
		t.Errorf("%d bytes packed", p.bytes())
	}
	want := fmt.Sprintf("%d results left out: GitHub takes at most 10 MB, packed", len(r.Findings)-len(list))
	if got := said.Notifications[0].Message.Text; !strings.HasPrefix(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func noiseOf(source *rand.ChaCha8, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"[source.Uint64()%64]
	}
	return string(b)
}

func TestPlain(t *testing.T) {
	if got := plain(`see [this](https://example.com) \n`); got != `see \[this\](https://example.com) \\n` {
		t.Error(got)
	}
}

func FuzzEscapes(f *testing.F) {
	for _, p := range reporttest.Payloads() {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if back := strings.NewReplacer(`\\`, `\`, `\[`, `[`, `\]`, `]`).Replace(plain(s)); back != s {
			t.Errorf("plain(%q) reads as %q", s, back)
		}
		s = strings.TrimLeft(s, "/") // paths are relative
		u, err := url.Parse(uri(s))
		if err != nil || u.Scheme != "" || u.Path != s {
			t.Errorf("uri(%q) = %q reads as %+v, %v", s, uri(s), u, err)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	r := reporttest.Big(25_000)
	for b.Loop() {
		reporttest.Encode(b, open(), r)
	}
}
