// Package baseline reads and writes the file of findings that are accepted for now: each with the parts that are accepted,
// a reason, an owner and a last day. A finding that gets a further part counts again with that part, and an entry whose
// day is over accepts nothing and is a finding itself.
package baseline

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/strictyaml"
)

// By is who accepts a baselined finding, in reports.
const By = "baseline"

// Entry is one accepted finding.
type Entry struct {
	Fingerprint string     `yaml:"fingerprint"` // as rules.Fingerprint(Rule, Key)
	Rule        string     `yaml:"rule"`
	Key         string     `yaml:"key"`             // of the asset
	Parts       []string   `yaml:"parts,omitempty"` // accepted attributes or tag keys, sorted; empty if the finding is one whole
	Reason      string     `yaml:"reason"`
	Owner       string     `yaml:"owner"`
	Expires     rules.Date `yaml:"expires"` // the last day on which it holds, in UTC
}

type fileSpec struct {
	Version  int     `yaml:"version"`
	Accepted []Entry `yaml:"accepted"`
}

// Baseline is a set of accepted findings. It is not changed: the methods that change something return a new one. The
// zero value is empty.
type Baseline struct {
	file    string
	entries []Entry // sorted by rule, key and fingerprint
	byPrint map[string]int
	lines   map[string]int // by fingerprint, of the file that was parsed
}

// New returns an empty baseline of a file that is not there yet.
func New(file string) *Baseline { return build(file, nil, nil) }

func build(file string, entries []Entry, lines map[string]int) *Baseline {
	slices.SortFunc(entries, func(a, b Entry) int {
		return strings.Compare(a.Rule+"\x00"+a.Key+"\x00"+a.Fingerprint, b.Rule+"\x00"+b.Key+"\x00"+b.Fingerprint)
	})
	b := &Baseline{file: file, entries: entries, byPrint: make(map[string]int, len(entries)), lines: lines}
	for i, e := range entries {
		b.byPrint[e.Fingerprint] = i
	}
	return b
}

// Parse reads a baseline file. The error is a strictyaml.Problems with everything that is wrong.
func Parse(file string, text []byte) (*Baseline, error) {
	var spec fileSpec
	doc, err := strictyaml.Decode(file, text, &spec, strictyaml.Options{})
	var problems strictyaml.Problems
	if err != nil && !errors.As(err, &problems) {
		return nil, err
	}
	if len(problems) == 0 && spec.Version != 1 {
		problems = append(problems, doc.Problem("version", "version %d: write version: 1", spec.Version))
	}
	c := checker{doc: doc, problems: problems, lines: map[string]int{}}
	for i := range spec.Accepted {
		c.entry(fmt.Sprintf("accepted[%d]", i), &spec.Accepted[i])
	}
	if err := c.problems.Err(); err != nil {
		return nil, err
	}
	return build(file, spec.Accepted, c.lines), nil
}

type checker struct {
	doc      *strictyaml.Document
	problems strictyaml.Problems
	lines    map[string]int
}

var fingerprint = regexp.MustCompile(`^[0-9a-f]{32}$`)

func (c *checker) entry(path string, e *Entry) {
	c.need(path+".rule", e.Rule, "the id of the rule")
	c.need(path+".key", e.Key, "the key of the asset")
	c.need(path+".reason", e.Reason, "why it is accepted")
	c.need(path+".owner", e.Owner, "who answers for it")
	c.need(path+".expires", string(e.Expires), "the last day on which it holds, such as 2027-01-31")
	c.fingerprint(path+".fingerprint", e)
	for i, part := range e.Parts {
		at := fmt.Sprintf("%s.parts[%d]", path, i)
		c.need(at, part, "the name of an attribute or tag")
		if slices.Contains(e.Parts[:i], part) {
			c.fail(at, "%q is there twice: keep one", part)
		}
	}
	slices.Sort(e.Parts)
}

func (c *checker) fingerprint(path string, e *Entry) {
	line, _ := c.doc.Position(path)
	first, twice := c.lines[e.Fingerprint]
	switch {
	case e.Fingerprint == "":
		c.need(path, "", "the fingerprint, as reports show it")
	case !fingerprint.MatchString(e.Fingerprint):
		c.fail(path, "%q is no fingerprint: write the 32 digits that reports show", e.Fingerprint)
	case e.Rule != "" && e.Key != "" && e.Fingerprint != rules.Fingerprint(e.Rule, e.Key):
		c.fail(path, "it does not belong to this rule and key: %s does", rules.Fingerprint(e.Rule, e.Key))
	case twice:
		c.fail(path, "the same finding is accepted on line %d: keep one", first)
	}
	c.lines[e.Fingerprint] = line
}

func (c *checker) need(path, value, what string) {
	reported := slices.ContainsFunc(c.problems, func(p strictyaml.Problem) bool { return p.Path == path })
	if strings.TrimSpace(value) == "" && !reported {
		c.fail(path, "missing: %s", what)
	}
}

func (c *checker) fail(path, format string, args ...any) {
	c.problems = append(c.problems, c.doc.Problem(path, format, args...))
}

// Entries returns the entries sorted by rule and key. The caller must not change them.
func (b *Baseline) Entries() []Entry { return b.entries }

// Accepts implements rules.Baseline.
func (b *Baseline) Accepts(fingerprint string, now time.Time) (rules.Acceptance, bool) {
	i, ok := b.byPrint[fingerprint]
	if !ok || b.entries[i].Expires.Expired(now) {
		return rules.Acceptance{}, false
	}
	e := &b.entries[i]
	return rules.Acceptance{By: By, Reason: e.Reason, Owner: e.Owner, Expires: string(e.Expires), Parts: e.Parts}, true
}

// Expired implements rules.Baseline. Keys are "<file>#<fingerprint>".
func (b *Baseline) Expired(now time.Time) []rules.Expiry {
	var list []rules.Expiry
	for _, e := range b.entries {
		if !e.Expires.Expired(now) {
			continue
		}
		list = append(list, rules.Expiry{
			Key: b.file + "#" + e.Fingerprint, What: fmt.Sprintf("baseline entry of %s for %s", e.Rule, e.Key),
			Owner: e.Owner, Expires: e.Expires, Origin: inventory.Origin{File: b.file, Line: b.lines[e.Fingerprint]},
		})
	}
	slices.SortFunc(list, func(x, y rules.Expiry) int { return strings.Compare(x.Key, y.Key) })
	return list
}

// Note is what a person says of the findings that are newly accepted.
type Note struct {
	Reason, Owner string
	Expires       rules.Date
}

// Accept returns a baseline that also accepts the open findings among these, with all their parts. An entry that holds keeps
// its reason, owner and day, and one that expired gets the note's. What expired exemptions are reported is left out: accepting
// that would hide it.
func (b *Baseline) Accept(findings []rules.Finding, note Note, now time.Time) *Baseline {
	entries := slices.Clone(b.entries)
	index := make(map[string]int, len(entries))
	for i, e := range entries {
		index[e.Fingerprint] = i
	}
	for _, f := range findings {
		if f.State == inventory.FindingResolved || slices.Contains(rules.BuiltinRules(), f.Rule) {
			continue
		}
		fresh := Entry{
			Fingerprint: f.Fingerprint, Rule: f.Rule, Key: f.Asset.Key, Parts: partNames(f.Parts),
			Reason: note.Reason, Owner: note.Owner, Expires: note.Expires,
		}
		i, ok := index[f.Fingerprint]
		switch {
		case !ok:
			index[f.Fingerprint] = len(entries)
			entries = append(entries, fresh)
		case entries[i].Expires.Expired(now):
			entries[i] = fresh
		default:
			entries[i].Parts = union(entries[i].Parts, fresh.Parts)
		}
	}
	return build(b.file, entries, b.lines)
}

// Prune returns a baseline without the entries that expired or that accept nothing that is still found, and the entries
// that were dropped.
func (b *Baseline) Prune(ev *rules.Evaluation, now time.Time) (kept *Baseline, dropped []Entry) {
	live := map[string]bool{}
	for _, f := range ev.Findings {
		live[f.Fingerprint] = f.State != inventory.FindingResolved
	}
	for _, a := range ev.Accepted {
		live[a.Finding.Fingerprint] = true
	}
	var entries []Entry
	for _, e := range b.entries {
		if live[e.Fingerprint] && !e.Expires.Expired(now) {
			entries = append(entries, e)
			continue
		}
		dropped = append(dropped, e)
	}
	return build(b.file, entries, b.lines), dropped
}

const header = `# Findings that are accepted for now. Each counts for nothing until its last day, and only in the parts listed.
# "muster baseline write" adds what is open, "muster baseline prune" removes what is mended or expired.
`

// Encode writes the file: the same baseline gives the same bytes, sorted by rule and key.
func (b *Baseline) Encode(w io.Writer) error {
	if _, err := io.WriteString(w, header); err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	entries := b.entries
	if entries == nil {
		entries = []Entry{}
	}
	encoder := yaml.NewEncoder(w)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(fileSpec{Version: 1, Accepted: entries}), encoder.Close()); err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	return nil
}

func partNames(parts []rules.Part) []string {
	var names []string
	for _, p := range parts {
		names = append(names, p.Name)
	}
	return union(nil, names)
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
