package records

import (
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift/reach"
)

var staleMeta = rules.Meta{
	ID: "records/stale", Severity: rules.Medium, Title: "Exports are fresh",
	Help: "An export is older than its source's max_age allows, so that nothing is concluded from it. Find out why the export job stopped.",
}

var untrustedMeta = rules.Meta{
	ID: "records/untrusted", Severity: rules.Medium, Title: "Exports are whole",
	Help: "An export is damaged, cut off, or much smaller than the last, so that nothing is concluded from what it lacks. Look at the export job; a fall that is real is believed when the next scan shows it again.",
}

func (j *judge) stale() []rules.Verdict {
	return j.exports(func(s *inventory.ScopeState) string {
		if s.Run.Reason != inventory.ReasonStale {
			return ""
		}
		return fmt.Sprintf("%s of %s is of %s: older than allowed", s.Scope.ID, s.Source.Name, stamp(s.Run.DataTime))
	})
}

func (j *judge) untrusted() []rules.Verdict {
	return j.exports(func(s *inventory.ScopeState) string {
		switch s.Run.Reason {
		case inventory.ReasonDrop:
			return fmt.Sprintf("%s of %s shrank too much to be believed at once", s.Scope.ID, s.Source.Name)
		case inventory.ReasonUntrusted:
			return fmt.Sprintf("%s of %s shows signs of damage", s.Scope.ID, s.Source.Name)
		}
		return ""
	})
}

// exports judges every scope of a register, and every export of another book, by what is wrong with it. What was not read for some other
// reason is unknown.
func (j *judge) exports(wrong func(*inventory.ScopeState) string) []rules.Verdict {
	var out []rules.Verdict
	for _, book := range inventory.Books() {
		for _, s := range j.reach.Scopes(book) {
			if book == inventory.Recorded || s.Scope.Export {
				out = append(out, judgeExport(s, wrong(s)))
			}
		}
	}
	return out
}

func judgeExport(s *inventory.ScopeState, wrong string) rules.Verdict {
	v := rules.Verdict{Outcome: rules.Pass, Asset: &rules.AssetRef{Key: s.Source.Name + "/" + s.Scope.ID, Source: s.Source.Name}}
	switch {
	case wrong != "":
		v.Outcome, v.Message = rules.Fail, wrong
		v.Fix = "look at the job that writes it"
		v.Origin = inventory.Origin{File: s.Scope.ID}
		if s.Run.Error != "" {
			v.Evidence = []rules.Evidence{rules.Note("%s", s.Run.Error)}
		}
	case s.Run.State == inventory.RunFailed || s.Run.State == inventory.RunSkipped:
		v.Outcome, v.Reason = rules.Unknown, reach.Describe(s)
	}
	return v
}
