package report

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// The exit codes of a judged report.
const (
	ExitPassed     = 0
	ExitTripped    = 1
	ExitIncomplete = 3
)

// GateRules says what makes a report fail.
type GateRules struct {
	FailOn  rules.Severity // mildest severity that counts; 0 is never
	NewOnly bool
	// Since is the start of the last complete scan before this one; with NewOnly, what was first seen later is new. Zero
	// means that there is none, and that everything is new.
	Since time.Time
	// MinTag and MinIaC are floors in percent; 0 is none.
	MinTag, MinIaC float64
	// Floors are those of the policy, for groups of assets.
	Floors []rules.CoverageFloor
	// WarnIncomplete lets a check pass although something could not be read.
	WarnIncomplete bool
	Accept         []AcceptUnread
	// Where says whether the gate looks at a finding at all, and whether that is known; nil is always.
	Where func(*rules.Finding) (looks, known bool)
	Now   time.Time
}

// AcceptUnread names scopes, by patterns, that may stay unread until a day (UTC) is over.
type AcceptUnread struct {
	Source, Scope string
	Expires       time.Time
}

// Judge decides whether the report passes.
func Judge(g GateRules, r *Report) Gate {
	j := judge{rules: g, report: r}
	j.findings()
	j.floor("tag coverage", g.MinTag, r.Summary.TagMin, r.Summary.TagMax)
	j.floor("code coverage", g.MinIaC, r.Summary.IaCMin, r.Summary.IaCMax)
	j.floors()
	j.scopes()
	out := j.verdict()
	out.Reasons = append(out.Reasons, j.notes...)
	return out
}

type judge struct {
	rules      GateRules
	report     *Report
	reasons    []string
	tripped    bool
	incomplete bool
	leftOut    int      // scopes that may stay unread
	notes      []string // that decide nothing
}

func (j *judge) trip(format string, args ...any) {
	j.tripped = true
	j.reasons = append(j.reasons, fmt.Sprintf(format, args...))
}

func (j *judge) unknown(format string, args ...any) {
	j.incomplete = true
	j.reasons = append(j.reasons, fmt.Sprintf(format, args...))
}

func (j *judge) findings() {
	if j.rules.FailOn == 0 {
		return
	}
	counts := map[rules.Severity]int{}
	unsure := 0
	for i := range j.report.Findings {
		f := &j.report.Findings[i]
		if f.State == inventory.FindingResolved || f.Severity < j.rules.FailOn || j.rules.NewOnly && !j.isNew(f) {
			continue
		}
		switch looks, known := j.looksAt(f); {
		case !known:
			unsure++
		case looks:
			counts[f.Severity]++
		}
	}
	kind := ""
	if j.rules.NewOnly {
		kind = "new "
	}
	for _, s := range rules.Severities() {
		if n := counts[s]; n > 0 {
			j.trip("%s of severity %s", count(n, kind+"finding"), s)
		}
	}
	if unsure > 0 {
		j.unknown("%s: gate.where cannot be decided, since something that it asks for could not be read", count(unsure, "finding"))
	}
}

func (j *judge) looksAt(f *rules.Finding) (looks, known bool) {
	if j.rules.Where == nil {
		return true, true
	}
	return j.rules.Where(f)
}

func (j *judge) isNew(f *rules.Finding) bool { return IsNewSince(f, j.rules.Since) }

// IsNewSince reports whether a finding, or a part of it, came after the start of an earlier scan; with the zero time everything did.
// One that counts again, as its exemption expired, was first seen before and is new all the same.
func IsNewSince(f *rules.Finding, since time.Time) bool {
	if f.State == inventory.FindingNew || since.IsZero() || f.FirstSeen.After(since) {
		return true
	}
	for _, p := range f.Parts {
		if p.FirstSeen.After(since) {
			return true
		}
	}
	return false
}

func (j *judge) floor(name string, percent float64, low, high *float64) {
	if percent == 0 || high == nil {
		return
	}
	switch {
	case below(*high, percent):
		j.trip("%s is at most %s %%, the floor is %v %%", name, percentText(*high), percent)
	case below(*low, percent):
		j.unknown("%s is between %s %% and %s %%, the floor is %v %%: too much is unknown", name, percentText(*low), percentText(*high), percent)
	}
}

// hair is less than any difference that a count of assets makes, and more than what binary fractions lose.
const hair = 1e-9

func below(fraction, percent float64) bool { return fraction*100 < percent-hair }

// percentText never rounds up, so that what is below a floor does not read as if it were not.
func percentText(fraction float64) string {
	return strconv.FormatFloat(math.Floor(fraction*1000+hair)/10, 'f', 1, 64)
}

func (j *judge) scopes() {
	failed, partial := 0, 0
	for _, s := range j.report.Scopes {
		switch {
		case s.State == inventory.RunOK:
		case s.State == inventory.RunSkipped || j.accepted(s):
			j.leftOut++
		case s.State == inventory.RunPartial:
			partial++
		default:
			failed++
		}
	}
	if failed > 0 {
		j.unknown("%s could not be read", count(failed, "scope"))
	}
	if partial > 0 {
		j.unknown("%s could be read in part only", count(partial, "scope"))
	}
	if !j.report.Scan.Complete && j.report.Scan.Finished.IsZero() {
		j.unknown("the scan was interrupted: go on with \"muster scan --resume\"")
	}
}

func (j *judge) accepted(s Scope) bool {
	for _, a := range j.rules.Accept {
		if !expired(a.Expires, j.rules.Now) && inventory.MatchGlob(a.Source, s.Source) && inventory.MatchGlob(a.Scope, s.Scope) {
			return true
		}
	}
	return false
}

func (j *judge) verdict() Gate {
	g := Gate{Passed: !j.tripped, ExitCode: ExitPassed, Reasons: emptied(j.reasons)}
	switch {
	case j.tripped:
		g.ExitCode = ExitTripped
	case j.incomplete && !j.rules.WarnIncomplete:
		g.Passed, g.ExitCode = false, ExitIncomplete
	case len(g.Reasons) == 0:
		g.Reasons = append(g.Reasons, j.passing())
	}
	return g
}

func (j *judge) passing() string {
	read := "everything was read"
	if j.leftOut > 0 {
		read = fmt.Sprintf("everything was read but %s that may stay unread", count(j.leftOut, "scope"))
	}
	if j.rules.FailOn == 0 {
		return read + "; no severity fails the gate"
	}
	kind := ""
	if j.rules.NewOnly {
		kind = "new "
	}
	return fmt.Sprintf("%s, and there is no %sfinding of severity %s or worse", read, kind, j.rules.FailOn)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
