package rules

import (
	"cmp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// shard is what one worker gathers.
type shard struct {
	plan     *evaluationPlan
	tallies  []Tally    // by rule
	unknown  []unknowns // by rule
	coverage coverageGroups
	overlap  [8]int // by bit set of books
	entities int
	results  []result
	outcomes []Outcome // of the entity at hand, by slot
}

func newShard(p *evaluationPlan) *shard {
	s := &shard{
		plan: p, tallies: make([]Tally, len(p.rules)), unknown: make([]unknowns, len(p.rules)),
		coverage: newCoverageGroups(len(p.slots)), outcomes: make([]Outcome, len(p.slots)),
	}
	s.coverage.by = newDivisions(len(p.by), len(p.slots))
	for i, r := range p.rules {
		s.tallies[i].Meta = r.Meta
	}
	return s
}

// Bits of a set of books.
const (
	bitObserved = 1 << iota
	bitDeclared
	bitRecorded
)

func (s *shard) begin(e *Entity) {
	clear(s.outcomes)
	s.entities++
	books := 0
	if len(e.Observed) > 0 {
		books |= bitObserved
	}
	if len(e.Declared) > 0 {
		books |= bitDeclared
	}
	if len(e.Recorded) > 0 {
		books |= bitRecorded
	}
	s.overlap[books]++
}

// cover notes what a rule's verdict means for the coverage of the entity at hand.
func (s *shard) cover(r *plannedRule, o Outcome) {
	if r.slot < 0 {
		return
	}
	s.outcomes[r.slot] = worst(s.outcomes[r.slot], o)
	if r.Coverage == measureTags && r.CoverageName != "" {
		all := s.plan.allTags
		s.outcomes[all] = worst(s.outcomes[all], o)
	}
}

func (s *shard) end(who subject) {
	if len(s.outcomes) > 0 {
		s.coverage.add(s.outcomes, who.asset.Account, string(who.asset.Type))
		s.divide(who.entity)
	}
}

func (s *shard) merge(o *shard) {
	for i := range o.tallies {
		s.tallies[i].Pass += o.tallies[i].Pass
		s.tallies[i].Fail += o.tallies[i].Fail
		s.tallies[i].Unknown += o.tallies[i].Unknown
		s.tallies[i].Accepted += o.tallies[i].Accepted
	}
	for i := range o.unknown {
		s.unknown[i].merge(&o.unknown[i])
	}
	s.coverage.merge(&o.coverage)
	for i, n := range o.overlap {
		s.overlap[i] += n
	}
	s.entities += o.entities
	s.results = append(s.results, o.results...)
}

// collect merges what the workers gathered, compares with what stood before, and sorts.
func (p *evaluationPlan) collect(shards []*shard, previous []Stored) *Evaluation {
	all := shards[0]
	for _, s := range shards[1:] {
		all.merge(s)
	}
	ev := &Evaluation{
		Tallies: all.tallies, Coverage: all.coverage.rows(p.slots, p.by), Entities: all.entities, Overlap: overlapByName(all.overlap),
	}
	for i := range all.unknown {
		ev.Unknown = append(ev.Unknown, all.unknown[i].list(p.rules[i].ID)...)
	}
	seen := p.settle(ev, all.results)
	ev.Findings = append(ev.Findings, p.resolved(previous, seen)...)
	slices.SortFunc(ev.Findings, compareFindings)
	slices.SortFunc(ev.Accepted, compareAccepted)
	return ev
}

// settle files the results, one for each fingerprint, and returns the fingerprints.
func (p *evaluationPlan) settle(ev *Evaluation, results []result) map[string]bool {
	slices.SortFunc(results, func(a, b result) int { return a.compare(&b) })
	seen := make(map[string]bool, len(results))
	for i := range results {
		r := &results[i]
		if seen[r.Fingerprint] {
			continue
		}
		seen[r.Fingerprint] = true
		r.settle(p.before[findingID{r.Rule, r.Asset.Key}])
		if r.accepted == nil {
			ev.Findings = append(ev.Findings, r.Finding)
			continue
		}
		ev.Accepted = append(ev.Accepted, Accepted{
			By: r.accepted.By, Reason: r.accepted.Reason, Owner: r.accepted.Owner, Expires: r.accepted.Expires,
			Finding: r.Finding, Suppressed: r.accepted.suppressed,
		})
	}
	return seen
}

// resolved lists what was open and is not there any more: it passed, does not apply, or its asset is gone. What could not
// be judged again was kept, so it is among the seen. Of a rule that is gone nobody says that anything was mended.
func (p *evaluationPlan) resolved(previous []Stored, seen map[string]bool) []Finding {
	asked := make(map[string]bool, len(p.rules))
	for i := range p.rules {
		asked[p.rules[i].ID] = true
	}
	var list []Finding
	for i := range previous {
		f := previous[i].Finding
		if !previous[i].isOpen() || seen[f.Fingerprint] || !asked[f.Rule] {
			continue
		}
		f.State, f.Confirmed = inventory.FindingResolved, true
		list = append(list, f)
	}
	return list
}

func compareFindings(a, b Finding) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), strings.Compare(a.Rule, b.Rule),
		strings.Compare(a.Asset.Key, b.Asset.Key), strings.Compare(a.Fingerprint, b.Fingerprint))
}

func overlapByName(overlap [8]int) map[string]int {
	byName := map[string]int{}
	for set, n := range overlap {
		if n == 0 {
			continue
		}
		var books []string
		for _, b := range []struct {
			bit  int
			name inventory.Book
		}{{bitDeclared, inventory.Declared}, {bitObserved, inventory.Observed}, {bitRecorded, inventory.Recorded}} {
			if set&b.bit != 0 {
				books = append(books, string(b.name))
			}
		}
		byName[strings.Join(books, "+")] = n
	}
	return byName
}
