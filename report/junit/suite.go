package junitreport

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// kind is how a test case ended.
type kind int

const (
	passed kind = iota
	failed
	errored
	skipped
)

// tally counts test cases by how they ended.
type tally [skipped + 1]int

func (t tally) all() int { return t[passed] + t[failed] + t[errored] + t[skipped] }

// suite is a suite whose counts are known before its test cases are made.
type suite struct {
	name       string
	properties [][2]string
	cases      iter.Seq[testcase]
	count      tally
}

type testcase struct {
	class, name  string
	kind         kind
	typ, message string
	detail       string // lines
	file         string
	line         int
}

func listed(name string, list []testcase) suite {
	s := suite{name: name, cases: slices.Values(list)}
	names := unique{}
	for i := range list {
		list[i].name = names.of(list[i].name, list[i].name)
		s.count[list[i].kind]++
	}
	return s
}

// className is a rule's id as CI systems group by it: at dots.
func className(rule string) string {
	parts := strings.FieldsFunc(quote.Line(rule, ci.MaxName), func(r rune) bool { return r == '/' || r == '.' })
	if len(parts) == 0 {
		parts = []string{"rule"}
	}
	return "muster." + strings.Join(parts, ".")
}

func (e *Encoder) ruleSuite(s *sorted, id string) suite {
	class := className(id)
	rest := restOf(s, id, class)
	out := listed(class, rest)
	out.count[failed] += len(s.open[id])
	if info := s.infos[id]; info != nil {
		out.properties = [][2]string{
			{"title", quote.Line(info.Title, ci.MaxMessage)},
			{"severity", info.Severity.String()},
			{"pass", fmt.Sprint(info.Pass)},
			{"fail", fmt.Sprint(info.Fail)},
			{"unknown", fmt.Sprint(info.Unknown)},
		}
	}
	names := unique{}
	out.cases = func(yield func(testcase) bool) {
		for _, f := range s.open[id] {
			if !yield(e.findingCase(f, class, names)) {
				return
			}
		}
		for _, c := range rest {
			if c.name = names.of(c.name, c.name); !yield(c) {
				return
			}
		}
	}
	return out
}

// restOf lists all test cases of a rule but those of its findings. Only a rule that judged something, could judge all of it
// and found nothing gets one that passed.
func restOf(s *sorted, id, class string) []testcase {
	var out []testcase
	if n := s.left[id]; n > 0 {
		out = append(out, testcase{
			class: class, name: "findings that are not listed", kind: failed, typ: "left-out",
			message: fmt.Sprintf("%s of this rule not listed: the worst %d of all rules are, and all are in the JSON report", ci.Count(n, "more finding"), maxFindings),
		})
	}
	for _, a := range s.accepted[id] {
		out = append(out, acceptedCase(a, class))
	}
	for _, u := range s.unknown[id] {
		out = append(out, testcase{
			class: class, name: "unknown: " + quote.Line(u.Reason, ci.MaxName), kind: skipped,
			message: fmt.Sprintf("%s could not be judged: %s", ci.Count(u.Entities, "asset"), quote.Line(u.Reason, ci.MaxMessage)),
		})
	}
	info := s.infos[id]
	switch {
	case info == nil || len(s.open[id]) > 0 || s.left[id] > 0 || len(s.unknown[id]) > 0:
	case info.Unknown > 0:
		out = append(out, testcase{class: class, name: "unknown", kind: skipped, message: ci.Count(info.Unknown, "asset") + " could not be judged"})
	case info.Pass > 0:
		out = append(out, testcase{class: class, name: ci.Count(info.Pass, "asset") + " passed", kind: passed})
	default:
		out = append(out, testcase{class: class, name: "nothing to judge", kind: skipped, message: "nothing that was read is what this rule speaks of"})
	}
	return out
}

func (e *Encoder) findingCase(f *rules.Finding, class string, names unique) testcase {
	place := e.files.Of(f)
	return testcase{
		class: class, name: names.of(nameOf(f), f.Fingerprint), kind: failed, typ: f.Severity.String(),
		message: "[" + f.Severity.String() + ", " + string(f.State) + "] " + ci.Message(f),
		detail:  quote.Text(strings.Join(append([]string{ci.Message(f)}, ci.Detail(f)...), "\n"), maxDetail),
		file:    place.File, line: place.Line,
	}
}

func acceptedCase(a *rules.Accepted, class string) testcase {
	why := "accepted by " + quote.Line(a.By, ci.MaxName) + ": " + quote.Line(a.Reason, ci.MaxMessage)
	if a.Expires != "" {
		why += ", until " + quote.Line(a.Expires, ci.MaxName)
	}
	return testcase{class: class, name: "accepted: " + nameOf(&a.Finding), kind: skipped, message: why}
}

// nameOf is stable from scan to scan, so that CI systems see how a test case went before: the key of the asset.
func nameOf(f *rules.Finding) string {
	if name := quote.Line(f.Asset.Key, ci.MaxName); name != "" {
		return name
	}
	return quote.Line(f.Rule, ci.MaxName)
}

// unique keeps names of a suite apart: GitLab counts those that are the same once.
type unique map[string]bool

func (u unique) of(name, id string) string {
	for n := 0; u[name] || name == ""; n++ {
		name = quote.Line(name, ci.MaxName) + " " + ci.Hash(id, fmt.Sprint(n))[:8]
	}
	u[name] = true
	return name
}
