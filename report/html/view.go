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
	topUnread      = 3
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

	Verdict verdict
	Unread  unread
	Open    int // new and open findings
	Fresh   int // of them, since the last complete scan
	Changes *report.Changes
	Between int // scans between the last complete one and this one
	Levels  []level
	Trend   *trendChart // of the number of findings
	Tags    measure
	Code    measure
	Books   books
	Owners  tallyList // all of them, as many as a table holds
	Worst   struct{ Owners, Accounts tallyList }
	Past    []pastScan
	Part    string // which group of a divided report this is; empty if it is whole

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
		Changes: r.Changes, Between: between(r),
		Trend: newTrend(r.Trend, findingSeries()), Tags: tagMeasure(r), Code: codeMeasure(r), Books: newBooks(&r.Summary),
		Past: pastScans(r.Trend), Part: partName(r.Division), Causes: causes(r),
		Held: min(len(r.Findings), limit), Total: len(r.Findings),
		Coverage: coverageGroups(r.Coverage), Accepted: cutTo(r.Accepted, staticRows), Unknown: cutTo(r.Unknown, staticRows),
		Scopes: cutTo(worstFirst(r.Scopes), staticRows), Rules: r.Rules,
	}
	if v.Part != "" {
		v.Coverage = nil // nor were its tables
		v.Tags.None, v.Code.None = "Counted for the whole estate alone.", "Counted for the whole estate alone."
	}
	owners := tallies(r, "owner", "no owner", func(f *rules.Finding) string { return f.Owner })
	accounts := tallies(r, "account", "no account", func(f *rules.Finding) string { return f.Asset.Account })
	v.Owners, v.Worst.Owners, v.Worst.Accounts = owners.cut(staticRows), owners.cut(topTallies), accounts.cut(topTallies)
	if d := r.Scan.Finished.Sub(r.Scan.Started); d > 0 {
		v.Took = took(d)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.State == inventory.FindingResolved {
			continue
		}
		v.Open++
		if isFresh(r, f) {
			v.Fresh++
		}
		if len(v.Findings) < staticFindings {
			v.Findings = append(v.Findings, f)
		}
	}
	return v
}

// between counts the evaluated scans since the last complete one, without this one.
func between(r *report.Report) int {
	if r.Changes == nil {
		return 0
	}
	n := 0
	for _, p := range r.Trend {
		if p.Scan > r.Changes.Scan && p.Scan < r.Scan.ID {
			n++
		}
	}
	return n
}

// partName says which part of a divided report this is.
func partName(d *report.Division) string {
	switch {
	case d == nil || d.Group == nil:
		return ""
	case d.Group.Kind == report.GroupNone:
		return "no " + d.By
	case d.Group.Kind == report.GroupUnknown:
		return d.By + " unknown"
	}
	return d.By + " " + d.Group.Value
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
	All          bool // nothing was read
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
	u.All = u.Count > 0 && !slices.ContainsFunc(scopes, func(s report.Scope) bool {
		return s.State == inventory.RunOK || s.State == inventory.RunPartial
	})
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
