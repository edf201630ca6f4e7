package lint

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// Watch notes what the entities of a scan say about a policy: which conditions ever hold, and which values are borne. It keeps counts, and
// no entity. It is used by one goroutine.
type Watch struct {
	policy    *rules.Policy
	conflicts []Conflict
	entities  int
	holds     []tally // of the conditions of tag rules
	exempt    []tally // of exemptions
	met       []int   // entities to which both rules of a conflict apply
	unused    []map[string]bool
}

type tally struct{ yes, unknown int }

// NewWatch returns a watch that has seen nothing.
func NewWatch(p *rules.Policy, conflicts []Conflict) *Watch {
	w := &Watch{
		policy: p, conflicts: conflicts, holds: make([]tally, len(p.Tags)), exempt: make([]tally, len(p.Exempt)),
		met: make([]int, len(conflicts)), unused: make([]map[string]bool, len(p.Tags)),
	}
	for i, t := range p.Tags {
		w.unused[i] = map[string]bool{}
		for _, v := range t.Values {
			w.unused[i][v] = true
		}
	}
	return w
}

// Entities yields what it is given, and notes it.
func (w *Watch) Entities(seq iter.Seq2[*rules.Entity, error]) iter.Seq2[*rules.Entity, error] {
	return func(yield func(*rules.Entity, error) bool) {
		for e, err := range seq {
			if err == nil {
				err = w.note(e)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func (w *Watch) note(e *rules.Entity) error {
	w.entities++
	applies := make([]bool, len(w.policy.Tags))
	for i := range w.policy.Tags {
		truth, err := w.holds[i].note(w.policy.Tags[i].When, e)
		if err != nil {
			return err
		}
		applies[i] = truth == expr.Yes
		w.values(i, e)
	}
	for i, c := range w.conflicts {
		if applies[c.First] && applies[c.Second] {
			w.met[i]++
		}
	}
	for i := range w.policy.Exempt {
		if _, err := w.exempt[i].note(w.policy.Exempt[i].When, e); err != nil {
			return err
		}
	}
	return nil
}

func (t *tally) note(when *rules.Condition, e *rules.Entity) (expr.Truth, error) {
	truth, _, err := when.Holds(e)
	switch truth {
	case expr.Yes:
		t.yes++
	case expr.Unknown:
		t.unknown++
	}
	return truth, err
}

// values strikes out what an entity bears, in any of its books.
func (w *Watch) values(i int, e *rules.Entity) {
	if len(w.unused[i]) == 0 {
		return
	}
	for _, list := range [][]*inventory.Entry{e.Observed, e.Declared, e.Recorded} {
		for _, entry := range list {
			for _, key := range w.policy.Tags[i].Keys {
				if tag, ok := entry.Tags.Get(key); ok {
					delete(w.unused[i], tag.Value)
				}
			}
		}
	}
}

// The bounds of what counts as too much.
const (
	// fewFindings is up to how many findings of a rule an exemption may accept most of.
	fewFindings = 10
	// mostListed is how many unused values are named.
	mostListed = 10
)

// Advice tells what nothing met. evaluation is that of the entities that were watched; ignored holds the places of the ignored differences
// that were met, nil if the scan declares nothing.
func (w *Watch) Advice(evaluation *rules.Evaluation, ignored map[string]bool) []Advice {
	if w.entities == 0 {
		return []Advice{{Text: "the scan holds no assets: nothing can be told of what the policy meets"}}
	}
	list := w.conflicting()
	for i := range w.policy.Tags {
		list = append(list, w.rule(i, evaluation)...)
	}
	for i := range w.policy.Exempt {
		list = append(list, w.exemption(i, evaluation)...)
	}
	return append(list, w.ignores(ignored)...)
}

// Conflicting tells of conflicts that are sure, where there is no scan.
func Conflicting(p *rules.Policy, conflicts []Conflict) []Advice {
	return (&Watch{policy: p, conflicts: conflicts, met: make([]int, len(conflicts))}).conflicting()
}

func (w *Watch) conflicting() []Advice {
	var list []Advice
	for i, c := range w.conflicts {
		a, b := w.policy.Tags[c.First], w.policy.Tags[c.Second]
		text := c.Why
		if c.First != c.Second {
			text = fmt.Sprintf("contradicts tags/%s (%s): %s", b.ID, b.By, c.Why)
		}
		switch {
		case w.met[i] > 0:
			text += fmt.Sprintf("; both speak of %s of the last scan", assets(w.met[i]))
		case !c.Sure:
			continue
		}
		list = append(list, Advice{a.By, "tags/" + a.ID, text})
	}
	return list
}

func assets(n int) string {
	if n == 1 {
		return "1 asset"
	}
	return fmt.Sprintf("%d assets", n)
}

func (w *Watch) rule(i int, evaluation *rules.Evaluation) []Advice {
	t := &w.policy.Tags[i]
	id := "tags/" + t.ID
	advise := func(format string, args ...any) []Advice { return []Advice{{t.By, id, fmt.Sprintf(format, args...)}} }
	h := w.holds[i]
	switch {
	case h.yes == 0 && h.unknown > 0:
		return advise("its condition never holds, as far as can be told: for %s something that it asks is unknown", assets(h.unknown))
	case h.yes == 0:
		return advise("its condition held for none of %s: mend it, or remove the rule", assets(w.entities))
	case judged(evaluation, id) == 0:
		return advise("it judged nothing: no asset to which it applies bears such a tag, or can bear tags")
	}
	var unused []string
	for _, v := range t.Values {
		if w.unused[i][v] {
			unused = append(unused, v)
		}
	}
	if len(unused) == 0 {
		return nil
	}
	if len(unused) == len(t.Values) {
		return advise("no asset whose tags could be read bears any of its values")
	}
	if more := len(unused) - mostListed; more > 0 {
		unused = append(unused[:mostListed:mostListed], fmt.Sprintf("%d more", more))
	}
	return advise("no asset whose tags could be read bears: %s", strings.Join(unused, ", "))
}

// judged counts what a rule said something of.
func judged(evaluation *rules.Evaluation, id string) int {
	n := 0
	for _, t := range evaluation.Tallies {
		if t.ID == id {
			n += t.Pass + t.Fail + t.Unknown + t.Accepted
		}
	}
	return n
}

func (w *Watch) exemption(i int, evaluation *rules.Evaluation) []Advice {
	x := &w.policy.Exempt[i]
	advise := func(format string, args ...any) []Advice {
		return []Advice{{Place: x.By, Text: fmt.Sprintf(format, args...)}}
	}
	accepted := map[string]int{} // by this exemption, by rule
	total := map[string]int{}    // findings by rule
	for _, a := range evaluation.Accepted {
		if a.Suppressed {
			continue
		}
		total[a.Finding.Rule]++
		if a.By == x.By {
			accepted[a.Finding.Rule]++
		}
	}
	for _, f := range evaluation.Findings {
		total[f.Rule]++
	}
	h := w.exempt[i]
	switch {
	case expired(x, evaluation):
		return nil // which is a finding of its own
	case len(accepted) == 0 && h.yes == 0 && h.unknown > 0:
		return advise("it accepts nothing: of %s nobody can tell whether its condition holds", assets(h.unknown))
	case len(accepted) == 0 && h.yes == 0:
		return advise("its condition held for none of %s: mend it, or remove the exemption", assets(w.entities))
	case len(accepted) == 0:
		return advise("it accepts no finding: nothing is wrong with the %s that it covers, or an earlier exemption accepts it already", assets(h.yes))
	case h.yes == w.entities && w.entities > 1:
		return advise("it covers every one of %s: turn the rule off, or say which assets are meant", assets(w.entities))
	}
	var list []Advice
	for _, rule := range sortedKeys(accepted) {
		if n, of := accepted[rule], total[rule]; of > fewFindings && 2*n > of {
			list = append(list, advise("it accepts %d of %d findings of %s: more than half", n, of, rule)...)
		}
	}
	return list
}

// expired reports whether a check finds that an exemption has expired.
func expired(x *rules.Exemption, evaluation *rules.Evaluation) bool {
	id := rules.ExpiredMeta().ID
	return slices.ContainsFunc(evaluation.Findings, func(f rules.Finding) bool { return f.Rule == id && f.Asset.Key == x.By }) ||
		slices.ContainsFunc(evaluation.Accepted, func(a rules.Accepted) bool { return a.Finding.Rule == id && a.Finding.Asset.Key == x.By })
}

func (w *Watch) ignores(met map[string]bool) []Advice {
	var list []Advice
	if len(w.policy.Drift.Ignore) > 0 && met == nil {
		return []Advice{{Text: "nothing is declared in the last scan: whether ignored differences are met cannot be told"}}
	}
	for _, i := range w.policy.Drift.Ignore {
		if !met[i.By] {
			list = append(list, Advice{Place: i.By, Text: "no difference in the last scan is ignored by it: mend it, or remove it"})
		}
	}
	return list
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
