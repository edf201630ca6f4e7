// Package notify makes the digest of an evaluation that people and programs are sent: what is new and what was resolved, by owner. It
// holds no more than that, since whoever is told every morning of everything soon reads nothing. What could not be read is told as well:
// it never reads as resolved.
//
// New and resolved are what the report calls so: a finding is told of once in the scan in which it came up, and once in that in which it
// was seen to be gone, whether or not those scans were complete. One that could not be judged again is neither. Where incomplete scans lie
// between this one and the last complete one, the numbers since that one are told besides.
package notify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/rules"
)

// Event is something that a target is told of.
type Event string

// The events.
const (
	New      Event = "new"      // findings that were not open before
	Resolved Event = "resolved" // findings that are gone: judged and passed, or their asset ended
	Unread   Event = "unread"   // sources that could not be read whole: in every scan in which that is so
)

// Events lists all events.
func Events() []Event { return []Event{New, Resolved, Unread} }

// DefaultEvents are those of a target that names none.
func DefaultEvents() []Event { return []Event{New, Resolved} }

// Filter says what a target is told of.
type Filter struct {
	On          []Event        // none is DefaultEvents
	MinSeverity rules.Severity // of the mildest finding; 0 is all
	// Owners are patterns in which * stands for any characters but a slash; "" stands for findings without a known owner. None is all.
	Owners []string
	// GateFailed keeps silent unless the gate failed or something could not be read.
	GateFailed bool
	// Always speaks also when there is nothing to tell.
	Always bool
}

// Digest is what is told of one evaluation. Its findings are those of the report.
type Digest struct {
	Tool report.Tool
	Scan report.Scan
	Gate report.Gate
	// First says that there was no evaluation before, so that all that is open is new.
	First bool
	// New and Resolved count the findings that passed the filter, Open all that are open.
	New, Resolved, Open report.SeverityCounts
	Owners              []Owner // with the worst new findings first
	// Since is what changed in all since the last complete scan; nil if there was none, or it says no more than New and Resolved without a filter.
	Since *report.Changes
	// Gaps are the sources that could not be read whole.
	Gaps []ci.Gap
	// Link is where people find the whole report; empty if nowhere. It has MaxLink bytes at most, and none of "<", ">", "|" and spaces.
	Link string
}

// MaxLink is the length of the longest link.
const MaxLink = 500

// Owner is who answers for some findings: somebody with a name, known to be nobody, or nobody can tell.
type Owner struct {
	report.Group
	New, Resolved []*rules.Finding
}

func ownerOf(x *rules.Finding) report.Group {
	switch {
	case x.Owner != "":
		return report.Group{Kind: report.GroupNamed, Value: x.Owner}
	case x.OwnerUnknown != "":
		return report.Group{Kind: report.GroupUnknown}
	}
	return report.Group{Kind: report.GroupNone}
}

// Of makes the digest of a report for a target; nil if it is told nothing, and why.
func Of(r *report.Report, f Filter) (d *Digest, why string) {
	if f.GateFailed && r.Gate.Passed {
		return nil, "the gate passed"
	}
	if len(f.On) == 0 {
		f.On = DefaultEvents()
	}
	d = &Digest{Tool: r.Tool, Scan: r.Scan, Gate: r.Gate, First: len(r.Trend) == 1, Open: r.Summary.Findings}
	if c := r.Changes; c != nil && (c.New != r.Summary.New || c.Resolved != r.Summary.Resolved) {
		d.Since = c
	}
	for _, g := range ci.Gaps(r) {
		if g.Unread {
			d.Gaps = append(d.Gaps, g)
		}
	}
	d.gather(r, &f)
	told := len(d.Owners) > 0 || slices.Contains(f.On, Unread) && len(d.Gaps) > 0
	if !told && !f.Always {
		return nil, "there is nothing to tell"
	}
	return d, ""
}

func (d *Digest) gather(r *report.Report, f *Filter) {
	at := map[report.Group]int{}
	for i := range r.Findings {
		x := &r.Findings[i]
		if !f.wants(x) {
			continue
		}
		group := ownerOf(x)
		n, ok := at[group]
		if !ok {
			n = len(d.Owners)
			at[group] = n
			d.Owners = append(d.Owners, Owner{Group: group})
		}
		d.Owners[n].add(x)
		if x.State == inventory.FindingNew {
			d.New.Add(x.Severity)
		} else {
			d.Resolved.Add(x.Severity)
		}
	}
	slices.SortFunc(d.Owners, func(a, b Owner) int {
		return cmp.Or(cmp.Compare(worst(b.New), worst(a.New)), cmp.Compare(len(b.New), len(a.New)),
			cmp.Compare(len(b.Resolved), len(a.Resolved)), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Value, b.Value))
	})
}

func (f *Filter) wants(x *rules.Finding) bool {
	switch x.State {
	case inventory.FindingNew:
		if !slices.Contains(f.On, New) {
			return false
		}
	case inventory.FindingResolved:
		if !slices.Contains(f.On, Resolved) {
			return false
		}
	default:
		return false
	}
	return x.Severity >= f.MinSeverity && (len(f.Owners) == 0 || slices.ContainsFunc(f.Owners, func(pattern string) bool {
		return inventory.MatchGlob(pattern, x.Owner) && (pattern == "") == (x.Owner == "")
	}))
}

func (o *Owner) add(x *rules.Finding) {
	if x.State == inventory.FindingNew {
		o.New = append(o.New, x)
	} else {
		o.Resolved = append(o.Resolved, x)
	}
}

// len counts the findings of an owner.
func (o *Owner) len() int { return len(o.New) + len(o.Resolved) }

// at returns a finding: the new ones come first.
func (o *Owner) at(i int) *rules.Finding {
	if i < len(o.New) {
		return o.New[i]
	}
	return o.Resolved[i-len(o.New)]
}

func worst(list []*rules.Finding) rules.Severity {
	var s rules.Severity
	for _, f := range list {
		s = max(s, f.Severity)
	}
	return s
}

// Total is the sum over all severities.
func Total(c report.SeverityCounts) int { return c.Critical + c.High + c.Medium + c.Low + c.Info }
