package drift

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

// measure is the coverage that unmanaged and orphan count towards.
const measure = "iac"

// Managers tells what stands above an entity, so that a chain of relations can be climbed: a volume, its instance, its
// group. ManagerIndex is one. It is used by several goroutines.
type Managers interface {
	// Managers returns the entities to which an entity's observed assets belong, sorted.
	Managers(entity int64) []int64
}

// Ignored says that a policy lets a difference be.
type Ignored struct {
	By     string // "policy.yaml#drift.ignore[0]"
	Reason string
}

// Inputs is what the rules need to know beyond the entity at hand. All of it must be safe for concurrent use.
type Inputs struct {
	Catalog *catalog.Catalog
	Scopes  []inventory.ScopeState // of all books
	Links   *link.Result
	// Managers may be nil: then only an entity's own relations are looked at.
	Managers Managers
	// Neighbours may be nil: then nothing is guessed of where an undeclared asset belongs.
	Neighbours *Neighbours
	// Lineages may be nil: then no declaration is taken for one of a copied state.
	Lineages *LineageIndex
	// Ignore says whether a policy ignores a difference in an attribute ("InstanceType", "tags.owner"); nil ignores none.
	Ignore func(e *rules.Entity, attribute string) (Ignored, bool)
	// Suppress is how much of what nobody declared counts for nothing; empty is everything that the catalog knows.
	Suppress rules.SuppressLevel
	// Shift returns by how many steps findings about an entity are worse (1) or milder (-1), for the environment that it is of; nil
	// shifts none.
	Shift func(e *rules.Entity) int
	// Started is when the scan that is judged began.
	Started time.Time
}

// Rules returns the drift rules, or none if there is no declared source: then nothing is known to be declared, and code
// coverage is not measured.
func Rules(in Inputs) []rules.Rule {
	j := &judge{Inputs: in, reach: reach.New(in.Scopes, in.Started)}
	j.declaresHardware = declaresHardware(in.Scopes)
	if !j.reach.Has(inventory.Declared) {
		return nil
	}
	return []rules.Rule{
		rule{changedMeta, j, j.changed},
		rule{twiceMeta, j, j.declaredTwice},
		rule{missingMeta, j, j.missing},
		rule{orphanMeta, j, j.orphan},
		rule{staleMeta, j, j.stale},
		rule{unappliedMeta, j, j.unapplied},
		rule{unmanagedMeta, j, j.unmanaged},
	}
}

// rule is one check with its description.
type rule struct {
	meta  rules.Meta
	judge *judge
	check func(*rules.Entity) rules.Verdict
}

func (r rule) Meta() rules.Meta { return r.meta }

func (r rule) Check(_ context.Context, e *rules.Entity) (rules.Verdict, error) {
	v := r.check(e)
	r.judge.shift(e, r.meta.Severity, &v)
	return v, nil
}

// judge holds what all drift rules share. It does not change once it is made.
type judge struct {
	Inputs
	reach *reach.Map
	// declaresHardware says that some code declares things of a data centre, so that those it does not are unmanaged.
	declaresHardware bool
}

// hardware is the provider of things that hardly anybody declares in code.
const hardware = "datacenter"

// declaresHardware reports whether a declared scope holds things of a data centre, or says that it covers them.
func declaresHardware(scopes []inventory.ScopeState) bool {
	isHardware := func(t string) bool { return catalog.Provider(inventory.Type(t)) == hardware }
	for _, s := range scopes {
		if s.Source.Book != inventory.Declared {
			continue
		}
		if slices.ContainsFunc(s.Scope.Covers.Types, isHardware) ||
			slices.ContainsFunc(s.Held, func(h inventory.TypeAccount) bool { return isHardware(string(h.Type)) }) {
			return true
		}
	}
	return false
}

func notApplicable(reason string) rules.Verdict {
	return rules.Verdict{Outcome: rules.NotApplicable, Reason: reason}
}

func unknown(about *inventory.Entry, reason string) rules.Verdict {
	ref := rules.RefTo(about)
	return rules.Verdict{Outcome: rules.Unknown, Asset: &ref, Reason: reason}
}

func pass(about *inventory.Entry) rules.Verdict {
	ref := rules.RefTo(about)
	return rules.Verdict{Outcome: rules.Pass, Asset: &ref}
}

// failure starts a finding about an entry.
func failure(about *inventory.Entry) rules.Verdict {
	ref := rules.RefTo(about)
	return rules.Verdict{Outcome: rules.Fail, Asset: &ref, Origin: about.Origin, Created: about.Created}
}

// suppressed starts a finding about an entry that does not count, by the catalog entry or policy line that says so.
func suppressed(about *inventory.Entry, by, reason, message string) rules.Verdict {
	v := failure(about)
	v.Outcome, v.SuppressedBy, v.Reason, v.Message = rules.NotApplicable, by, reason, message
	return v
}

// entity returns the number of the entity that an entry belongs to.
func (j *judge) entity(e *inventory.Entry) int64 {
	if j.Links == nil {
		return e.ID
	}
	if id, ok := j.Links.EntityOf(e.ID); ok {
		return id
	}
	return e.ID
}

// undecided reports whether something in a book shares an identifier with the entry that links nothing.
func (j *judge) undecided(e *inventory.Entry, book inventory.Book) bool {
	return j.Links != nil && j.Links.Undecided(e.ID).Has(book)
}

const undecidedReason = "it shares an identifier with something in the %s book, and that identifier is not unique: muster why tells which"
