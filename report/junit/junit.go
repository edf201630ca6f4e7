// Package junitreport encodes a report as JUnit XML, which every CI system shows: one suite per rule, in it one test case
// per finding, or one that passed if the rule was broken by nothing and could judge everything. What could not be judged is
// skipped, a scope that could not be read is an error: neither ever passes.
//
// The dialect is what Jenkins, GitLab, Azure DevOps, CircleCI and CodeBuild have in common, which is that of Ant's JUnit
// task with a file and line for a test case, as GitLab links them.
package junitreport

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

const (
	// maxFindings keeps a file below the 30 MB that GitLab takes.
	maxFindings = 20_000
	maxDetail   = 900
)

// Encoder writes one file of suites.
type Encoder struct{ files ci.Files }

var _ report.Encoder = (*Encoder)(nil)

// New returns an encoder that shows findings at their place in files.
func New(files ci.Files) *Encoder { return &Encoder{files: files} }

// Format returns the id "junit".
func (*Encoder) Format() report.Format {
	return report.Format{ID: "junit", Extension: ".xml", MediaType: "application/xml"}
}

// Encode writes the suites in the order of the rules, after one for the gate and one for what was read.
func (e *Encoder) Encode(w io.Writer, r *report.Report) error {
	x := &writer{w: bufio.NewWriterSize(w, 1<<16)}
	x.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<testsuites>\n")
	at := moment(r.Scan.Started)
	x.suite(at, gateSuite(r))
	x.suite(at, scopeSuite(r))
	s := e.sorted(r)
	for _, id := range s.order {
		x.suite(at, e.ruleSuite(s, id))
	}
	x.raw("</testsuites>\n")
	if err := x.w.Flush(); err != nil {
		return fmt.Errorf("write junit report: %w", err)
	}
	return nil
}

// moment is a time as the schema of JUnit wants it, without a zone; UTC.
func moment(t time.Time) string {
	if t.IsZero() {
		t = time.Unix(0, 0)
	}
	return t.UTC().Format("2006-01-02T15:04:05")
}

func gateSuite(r *report.Report) suite {
	c := testcase{class: "muster.gate", name: "gate", message: strings.Join(ci.Reasons(&r.Gate), "; ")}
	switch {
	case r.Gate.Passed:
		c.kind = passed
	case r.Gate.ExitCode == report.ExitIncomplete:
		c.kind, c.typ = errored, "incomplete"
	default:
		c.kind, c.typ = failed, "gate"
	}
	return listed("muster.gate", []testcase{c})
}

// scopeSuite has a test case for each scope that was not read whole, or one that passed if all were.
func scopeSuite(r *report.Report) suite {
	const name = "muster.scopes"
	var list []testcase
	for i := range r.Scopes {
		s := &r.Scopes[i]
		if s.State == inventory.RunOK {
			continue
		}
		c := testcase{class: name, name: quote.Line(s.Source+" "+s.Scope, ci.MaxName), kind: errored, typ: "unread", message: ci.ScopeText(s)}
		if !ci.IsUnread(s) {
			c.kind = skipped
		}
		list = append(list, c)
	}
	for _, g := range ci.Gaps(&report.Report{Scan: r.Scan}) { // an interrupted scan has no scope of its own
		list = append(list, testcase{class: name, name: "the whole scan", kind: errored, typ: "unread", message: g.Text})
	}
	if len(list) == 0 && len(r.Scopes) > 0 {
		list = append(list, testcase{class: name, name: "every scope was read", kind: passed})
	}
	return listed(name, list)
}

// sorted holds what each rule has to show.
type sorted struct {
	order    []string
	infos    map[string]*report.RuleInfo
	open     map[string][]*rules.Finding
	left     map[string]int // findings that there is no room for
	accepted map[string][]*rules.Accepted
	unknown  map[string][]*report.UnknownCount
}

func (e *Encoder) sorted(r *report.Report) *sorted {
	s := &sorted{
		infos: map[string]*report.RuleInfo{}, open: map[string][]*rules.Finding{}, left: map[string]int{},
		accepted: map[string][]*rules.Accepted{}, unknown: map[string][]*report.UnknownCount{},
	}
	known := map[string]bool{}
	add := func(id string) {
		if !known[id] {
			known[id] = true
			s.order = append(s.order, id)
		}
	}
	for i := range r.Rules {
		add(r.Rules[i].ID)
		s.infos[r.Rules[i].ID] = &r.Rules[i]
	}
	n := 0
	for f := range ci.Open(r) {
		add(f.Rule)
		if n++; n > maxFindings {
			s.left[f.Rule]++
			continue
		}
		s.open[f.Rule] = append(s.open[f.Rule], f)
	}
	for i := range r.Accepted {
		add(r.Accepted[i].Finding.Rule)
		s.accepted[r.Accepted[i].Finding.Rule] = append(s.accepted[r.Accepted[i].Finding.Rule], &r.Accepted[i])
	}
	for i := range r.Unknown {
		add(r.Unknown[i].Rule)
		s.unknown[r.Unknown[i].Rule] = append(s.unknown[r.Unknown[i].Rule], &r.Unknown[i])
	}
	return s
}
