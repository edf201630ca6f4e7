package records

import (
	"context"
	"slices"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift/reach"
)

// Inputs is what the rules need to know beyond the entity at hand. All of it must be safe for concurrent use.
type Inputs struct {
	Catalog *catalog.Catalog
	Scopes  []inventory.ScopeState // of all books
	Links   *link.Result
	// Policy says which book is right about what; nil trusts what is observed.
	Policy *rules.Policy
	// TagKeys are the tags that the registers keep; needed only for a policy that trusts a register in tags.
	TagKeys *TagIndex
	// Past tells when something that a row speaks of was last observed; nil if nobody knows.
	Past *Past
	// Namesakes finds what bears the name of a thing and is another one; nil if nobody looks.
	Namesakes *Namesakes
	// Started is when the scan that is judged began.
	Started time.Time
}

// Rules returns the rules about single things. Without a recorded source there are those about agents alone. Those that
// compare with reality need an observed source too.
func Rules(in Inputs) []rules.Rule {
	j := newJudge(in)
	observed := j.reach.Has(inventory.Observed)
	var list []rules.Rule
	if observed {
		list = append(list, rule{silentMeta, plain(j.silent)})
	}
	if !j.reach.Has(inventory.Recorded) {
		return list
	}
	list = append(list, rule{duplicateMeta, plain(j.duplicate)}, rule{mismatchMeta, plain(j.mismatch)}, rule{staleMeta, plain(j.staleRow)})
	if observed {
		list = append(list, rule{ghostMeta, j.ghost}, rule{lifecycleMeta, plain(j.lifecycle)}, rule{unrecordedMeta, j.unrecorded})
	}
	return list
}

// EstateRules returns the rules about exports as such, or none if there is no recorded source. That about stale exports has an id
// in common with the one about stale rows.
func EstateRules(in Inputs) []rules.EstateRule {
	j := newJudge(in)
	if !j.reach.Has(inventory.Recorded) {
		return nil
	}
	return []rules.EstateRule{estateRule{staleMeta, j.staleSources}, estateRule{untrustedMeta, j.untrusted}}
}

type rule struct {
	meta  rules.Meta
	check func(context.Context, *rules.Entity) (rules.Verdict, error)
}

func (r rule) Meta() rules.Meta { return r.meta }

func (r rule) Check(ctx context.Context, e *rules.Entity) (rules.Verdict, error) {
	return r.check(ctx, e)
}

// plain makes a check of one that reads nothing.
func plain(check func(*rules.Entity) rules.Verdict) func(context.Context, *rules.Entity) (rules.Verdict, error) {
	return func(_ context.Context, e *rules.Entity) (rules.Verdict, error) { return check(e), nil }
}

type estateRule struct {
	meta  rules.Meta
	check func() []rules.Verdict
}

func (r estateRule) Meta() rules.Meta { return r.meta }

func (r estateRule) CheckEstate(context.Context) ([]rules.Verdict, error) { return r.check(), nil }

// judge holds what all rules share. It does not change once it is made.
type judge struct {
	Inputs
	reach *reach.Map
	kept  map[kind][]string // registers that are seen to keep rows of a kind

	naming *naming
}

type kind struct {
	typ     inventory.Type
	account string
}

func newJudge(in Inputs) *judge {
	j := &judge{Inputs: in, reach: reach.New(in.Scopes, in.Started), kept: map[kind][]string{}, naming: newNaming()}
	if in.Links != nil {
		for _, k := range in.Links.Kept() {
			if at := (kind{k.Type, k.Account}); saysNothing(in.Scopes, k.Source) {
				j.kept[at] = append(j.kept[at], k.Source)
			}
		}
	}
	return j
}

// saysNothing reports whether a source leaves open what it covers, so that what it holds has to tell.
func saysNothing(scopes []inventory.ScopeState, source string) bool {
	return slices.ContainsFunc(scopes, func(s inventory.ScopeState) bool {
		return s.Source.Name == source && s.Scope.Covers.Derived
	})
}

// inUse returns the first row that says that the thing is there. One whose stage nobody understands is left to what others say.
func inUse(rows []*inventory.Entry) *inventory.Entry {
	var strange *inventory.Entry
	others := false
	for _, r := range rows {
		switch {
		case r.Lifecycle == inventory.LifecyclePlanned, r.Lifecycle == inventory.LifecycleRetired, r.Lifecycle == inventory.LifecycleRetiring:
			others = true
		case strangeStage(r) == "":
			return r
		case strange == nil:
			strange = r
		}
	}
	if others {
		return nil
	}
	return strange
}

// confirmed returns the first entry that this scan confirms, or else the first with why it does not.
func (j *judge) confirmed(list []*inventory.Entry) (e *inventory.Entry, why string) {
	for _, e := range list {
		if j.reach.Unconfirmed(e) == "" {
			return e, ""
		}
	}
	return list[0], j.reach.Unconfirmed(list[0])
}

func (j *judge) undecided(e *inventory.Entry, book inventory.Book) bool {
	return j.Links != nil && j.Links.Undecided(e.ID).Has(book)
}

func notApplicable(reason string) rules.Verdict {
	return rules.Verdict{Outcome: rules.NotApplicable, Reason: reason}
}

func verdict(outcome rules.Outcome, about *inventory.Entry, reason string) rules.Verdict {
	ref := rules.RefTo(about)
	return rules.Verdict{Outcome: outcome, Asset: &ref, Reason: reason}
}

func unknown(about *inventory.Entry, reason string) rules.Verdict {
	return verdict(rules.Unknown, about, reason)
}

func pass(about *inventory.Entry) rules.Verdict { return verdict(rules.Pass, about, "") }

func failure(about *inventory.Entry) rules.Verdict {
	v := verdict(rules.Fail, about, "")
	v.Origin, v.Created = about.Origin, about.Created
	return v
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.UTC().Format(time.RFC3339)
}
