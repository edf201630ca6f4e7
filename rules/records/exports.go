package records

import (
	"fmt"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift/reach"
)

var untrustedMeta = rules.Meta{
	ID: "records/untrusted", Severity: rules.Medium, Title: "Exports are whole",
	Help: "An export is damaged, cut off, or much smaller than the last, so that nothing is concluded from what it lacks. Look at the export job; a fall that is real is believed when the next scan shows it again.",
}

// exportScopes returns the scopes of registers, and the exports of other books.
func (j *judge) exportScopes() []*inventory.ScopeState {
	var list []*inventory.ScopeState
	for _, book := range inventory.Books() {
		for _, s := range j.reach.Scopes(book) {
			if book == inventory.Recorded || s.Scope.Export {
				list = append(list, s)
			}
		}
	}
	return list
}

// staleSources judges each source as a whole: its exports come from one job. The parts are the exports that are too old.
func (j *judge) staleSources() []rules.Verdict {
	bySource := map[string][]*inventory.ScopeState{}
	var names []string
	for _, s := range j.exportScopes() {
		if bySource[s.Source.Name] == nil {
			names = append(names, s.Source.Name)
		}
		bySource[s.Source.Name] = append(bySource[s.Source.Name], s)
	}
	out := make([]rules.Verdict, len(names))
	for i, name := range names {
		out[i] = staleSource(name, bySource[name])
	}
	return out
}

// allScopes stands for all scopes of a source in the key of a finding.
const allScopes = "/*"

func staleSource(name string, scopes []*inventory.ScopeState) rules.Verdict {
	v := rules.Verdict{Outcome: rules.Pass, Asset: &rules.AssetRef{Key: name + allScopes, Source: name}}
	var oldest *inventory.ScopeState
	var unread *inventory.ScopeState
	for _, s := range scopes {
		switch {
		case s.Run.Reason == inventory.ReasonStale:
			v.Parts = append(v.Parts, s.Scope.ID)
			v.Evidence = append(v.Evidence, rules.Note("%s is of %s", s.Scope.ID, stamp(s.Run.DataTime)))
			if oldest == nil || s.Run.DataTime.Before(oldest.Run.DataTime) {
				oldest = s
			}
		case unjudged(s):
			v.Unread = append(v.Unread, s.Scope.ID)
			unread = s
		}
	}
	switch {
	case oldest != nil:
		v.Outcome, v.Origin = rules.Fail, inventory.Origin{File: oldest.Scope.ID}
		v.Message = fmt.Sprintf("%d of the %d exports of %s are older than its max_age allows, the oldest is of %s", len(v.Parts), len(scopes), name, stamp(oldest.Run.DataTime))
		v.Fix = "run the job that exports to " + name + " again, and find out why it stopped; raise max_age if it runs less often"
	case unread != nil:
		v.Outcome, v.Reason, v.Unread = rules.Unknown, reach.Describe(unread), nil
	default:
		v.Unread = nil
	}
	return v
}

// unjudged reports whether a scope was not read for a reason that says nothing of the export.
func unjudged(s *inventory.ScopeState) bool {
	return s.Run.State == inventory.RunFailed || s.Run.State == inventory.RunSkipped
}

// untrusted judges each export by its own content.
func (j *judge) untrusted() []rules.Verdict {
	scopes := j.exportScopes()
	out := make([]rules.Verdict, len(scopes))
	for i, s := range scopes {
		out[i] = judgeExport(s)
	}
	return out
}

func judgeExport(s *inventory.ScopeState) rules.Verdict {
	v := rules.Verdict{Outcome: rules.Pass, Asset: &rules.AssetRef{Key: s.Source.Name + "/" + s.Scope.ID, Source: s.Source.Name}}
	distrusted := []inventory.RunReason{inventory.ReasonDrop, inventory.ReasonUntrusted}
	switch {
	case slices.Contains(distrusted, s.Run.Reason):
		v.Outcome, v.Origin = rules.Fail, inventory.Origin{File: s.Scope.ID}
		v.Message, v.Fix = distrust(s)
		if s.Run.Error != "" {
			v.Evidence = []rules.Evidence{rules.Note("%s", s.Run.Error)}
		}
	case unjudged(s):
		v.Outcome, v.Reason = rules.Unknown, reach.Describe(s)
	}
	return v
}

// distrust says what is wrong with an export that nobody should believe to be whole, and what to do.
func distrust(s *inventory.ScopeState) (message, fix string) {
	if s.Run.Reason == inventory.ReasonDrop {
		return fmt.Sprintf("%s of %s shrank too much to be believed at once", s.Scope.ID, s.Source.Name),
			"look whether the job still exports all: its filter, its rights, its limit of rows; a fall that is real is believed when the next scan shows it again"
	}
	message = fmt.Sprintf("%s of %s shows signs of damage", s.Scope.ID, s.Source.Name)
	if s.Source.Book != inventory.Recorded {
		return message, "write it again, whole, and look whether the job that writes it was interrupted"
	}
	return message, "export it again, whole: raise the limit of rows in the register, or export in parts"
}
