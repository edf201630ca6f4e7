package htmlreport

import (
	"net/url"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// How many of each the page's static part shows. The script shows all findings; the CSV report holds all of the rest.
const (
	staticFindings = 200
	staticRows     = 500
	topUnread      = 5
	topTallies     = 5
)

// view is what the template sees: numbers worked out, lists cut to what a page can hold.
type view struct {
	Tool    report.Tool
	Scan    report.Scan
	Took    string
	Digests report.Digests
	Sources []report.Source
	Summary report.Summary

	Verdict  verdict
	Unread   unread
	Open     int // new and open findings
	Levels   []level
	Trend    *sparkline // of the number of findings
	Tags     measure
	Code     measure
	Books    venn
	Owners   []tally
	Accounts []tally

	Causes   cutList[cause]
	Findings []*rules.Finding // the first new and open ones
	Held     int              // findings that the page holds
	Total    int

	Coverage []coverageGroup
	Accepted cutList[rules.Accepted]
	Unknown  cutList[report.UnknownCount]
	Scopes   cutList[report.Scope]
	Rules    []report.RuleInfo
}

// cutList is the beginning of a list and how many are left out.
type cutList[T any] struct {
	Items []T
	More  int
}

func cutTo[T any](list []T, n int) cutList[T] {
	shown := list[:min(n, len(list))]
	return cutList[T]{Items: shown, More: len(list) - len(shown)}
}

func newView(r *report.Report, limit int) *view {
	v := &view{
		Tool: r.Tool, Scan: r.Scan, Digests: r.Digests, Sources: r.Sources, Summary: r.Summary,
		Verdict: newVerdict(&r.Gate), Unread: newUnread(r.Scopes), Levels: levels(r.Summary.Findings),
		Trend: countTrend(r.Trend), Tags: tagMeasure(r), Code: codeMeasure(r), Books: newVenn(&r.Summary),
		Owners:   tallies(r.Findings, func(f *rules.Finding) string { return f.Owner }),
		Accounts: tallies(r.Findings, func(f *rules.Finding) string { return f.Asset.Account }),
		Causes:   causes(r),
		Held:     min(len(r.Findings), limit), Total: len(r.Findings),
		Coverage: coverageGroups(r.Coverage), Accepted: cutTo(r.Accepted, staticRows), Unknown: cutTo(r.Unknown, staticRows),
		Scopes: cutTo(worstFirst(r.Scopes), staticRows), Rules: r.Rules,
	}
	if d := r.Scan.Finished.Sub(r.Scan.Started); d > 0 {
		v.Took = took(d)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.State == inventory.FindingResolved {
			continue
		}
		v.Open++
		if len(v.Findings) < staticFindings {
			v.Findings = append(v.Findings, f)
		}
	}
	return v
}

// verdict is the gate in words.
type verdict struct {
	Word    string
	Class   string // for the style: "passed", "failed", "incomplete"
	Reasons []string
}

func newVerdict(g *report.Gate) verdict {
	switch {
	case g.Passed:
		return verdict{"Passed", "passed", g.Reasons}
	case g.ExitCode == 3:
		return verdict{"Incomplete", "incomplete", g.Reasons}
	default:
		return verdict{"Did not pass", "failed", g.Reasons}
	}
}

// unread are the scopes that were not read whole.
type unread struct {
	Count, Total int
	Top          []report.Scope
	More         int
}

func newUnread(scopes []report.Scope) unread {
	u := unread{Total: len(scopes)}
	for _, s := range scopes {
		if s.State != inventory.RunFailed && s.State != inventory.RunPartial {
			continue
		}
		u.Count++
		if len(u.Top) < topUnread {
			u.Top = append(u.Top, s)
		}
	}
	u.More = u.Count - len(u.Top)
	return u
}

// worstFirst returns a copy in which the scopes that were not read come first.
func worstFirst(scopes []report.Scope) []report.Scope {
	order := []inventory.RunState{inventory.RunFailed, inventory.RunPartial, inventory.RunSkipped, inventory.RunOK}
	c := slices.Clone(scopes)
	slices.SortStableFunc(c, func(a, b report.Scope) int {
		return slices.Index(order, a.State) - slices.Index(order, b.State)
	})
	return c
}

// query is the address that shows the findings with one field set to one value. A state that is left out means new and
// open, which is what every number on the page counts.
func query(field, value string) string {
	return "#?" + url.Values{field: {text(value)}}.Encode()
}
