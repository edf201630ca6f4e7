package drift

import (
	"cmp"
	"slices"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// makers leaves out what merely lists machines, as the inventory of a tool that configures them, where code makes the thing.
func makers(list []*inventory.Entry) []*inventory.Entry {
	makes := func(e *inventory.Entry) bool { return catalog.Provider(e.Type) != hardware }
	if !slices.ContainsFunc(list, makes) {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), func(e *inventory.Entry) bool { return !makes(e) })
}

// compareAge puts what this scan read after what it could not read, and then orders by the time of what is said. Source
// and key decide the rest, so that one choice is made always.
func (j *judge) compareAge(a, b *inventory.Entry) int {
	if x, y := j.reach.Unconfirmed(a) == "", j.reach.Unconfirmed(b) == ""; x != y {
		if x {
			return 1
		}
		return -1
	}
	return cmp.Or(j.dataTime(a).Compare(j.dataTime(b)), cmp.Compare(b.Source, a.Source), cmp.Compare(b.Scope, a.Scope), cmp.Compare(b.Key, a.Key))
}

// dataTime is when what an entry says was true: the age of its file, or else the scan that read it.
func (j *judge) dataTime(e *inventory.Entry) time.Time {
	if s := j.reach.ScopeOf(e); s != nil && !s.Run.DataTime.IsZero() {
		return s.Run.DataTime
	}
	return e.LastSeen
}

// title is what a person calls an entry: the address of a declaration, else its name or key.
func title(e *inventory.Entry) string { return cmp.Or(e.Origin.Address, e.Name, e.Key) }

func (j *judge) collector(e *inventory.Entry) string {
	if s := j.reach.ScopeOf(e); s != nil {
		return s.Source.Collector
	}
	return ""
}

// apply says how the tool of a declaration is made to enforce it.
func (j *judge) apply(d *inventory.Entry) string {
	switch j.collector(d) {
	case "terraform":
		return "run terraform apply for " + in(d)
	case "cloudformation":
		return "update the stack of " + in(d)
	case "pulumi":
		return "run pulumi up for " + in(d)
	case "ansible":
		return "run the playbook of " + in(d)
	}
	return "apply " + in(d)
}

// in says where a declaration stands.
func in(d *inventory.Entry) string { return cmp.Or(d.Origin.File, d.Scope) }

// refresh says how the tool of a state is made to look at what is there.
func (j *judge) refresh(d *inventory.Entry) string {
	switch j.collector(d) {
	case "terraform":
		return "run terraform apply -refresh-only for " + in(d)
	case "pulumi":
		return "run pulumi refresh for " + in(d)
	}
	return "apply or refresh " + in(d)
}

// evidence says what was compared.
func (j *judge) evidence(d *inventory.Entry, observed ...*inventory.Entry) []rules.Evidence {
	list := []rules.Evidence{j.declaredBy(d)}
	for _, o := range observed {
		list = append(list, j.observedBy(o)...)
	}
	return list
}

func (j *judge) declaredBy(d *inventory.Entry) rules.Evidence {
	return rules.Reading(d, "declared: %s in %s (%s)", title(d), in(d), layerName(d))
}

func (j *judge) observedBy(o *inventory.Entry) []rules.Evidence {
	line := rules.Reading(o, "observed: %s by %s", o.Key, o.Source)
	if o.Shallow {
		line.Text += ", by name and tags only"
	}
	list := []rules.Evidence{line}
	if p, ok := j.Catalog.Provenance(o.CurrentTags()); ok {
		list = append(list, rules.Note("managed by: %s %s (tag %s)", p.Tool, p.Subject, p.Tag))
	}
	return list
}
