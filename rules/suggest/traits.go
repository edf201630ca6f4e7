package suggest

import (
	"encoding/binary"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/neighbours"
)

// approach is the kind of a trait.
type approach uint8

const (
	byRoot approach = iota
	byStack
	byNetwork
	byName
	byAccount
)

// common is what an asset has in common with others.
type common struct {
	neighbours.Named
	approach approach
	of       string // key of the tag that the trait is made of, which says nothing of itself
}

// stackTags are the marks of a tool on all that it made together.
var stackTags = []string{"aws:cloudformation:stack-id", "aws:cloudformation:stack-name"} //nolint:gochecknoglobals // a constant list

// traits appends what an asset has in common with others, the most exact first, with names if they are to be told.
func (x *Index) traits(out []common, e *inventory.Entry, tags inventory.Tags, tell bool) []common {
	out = x.roots(out, e, tell)
	out = stacks(out, e, tags, tell)
	if e.Account == "" {
		return out
	}
	add := func(a approach, name string, parts ...string) {
		n := neighbours.Named{Trait: neighbours.TraitOf(parts...)}
		if tell {
			n.Name = name
		}
		out = append(out, common{Named: n, approach: a})
	}
	book := string(e.Book)
	for attribute, value := range neighbours.Networks(e) {
		add(byNetwork, "in "+attribute+" "+value, book, "network", e.Account, attribute, value)
	}
	if prefix := rules.NamePrefix(e.Name); prefix != "" {
		add(byName, "with names like "+prefix+"* in "+e.Account, book, "name", e.Account, prefix)
	}
	add(byAccount, "in "+e.Account, book, "account", e.Account)
	return out
}

// roots appends the things that an asset hangs on: others hang on them too.
func (x *Index) roots(out []common, e *inventory.Entry, tell bool) []common {
	for _, r := range e.Relations {
		switch r.Kind {
		case inventory.ManagedBy, inventory.MemberOf, inventory.AttachedTo, inventory.PartOf:
		default:
			continue
		}
		root, ok := x.links.ByKey(inventory.Observed, r.Key)
		if !ok {
			root, ok = x.links.ByKey(inventory.Declared, r.Key)
		}
		if !ok {
			continue
		}
		var id [8]byte
		binary.LittleEndian.PutUint64(id[:], uint64(root)) //nolint:gosec // the bits are meant
		n := neighbours.Named{Trait: neighbours.TraitOf(string(e.Book), "root", string(id[:]))}
		if tell {
			n.Name = "that hang on " + r.Key + " too"
		}
		out = append(out, common{Named: n, approach: byRoot})
	}
	return out
}

// stacks appends the stack, module or application that an asset is a part of.
func stacks(out []common, e *inventory.Entry, tags inventory.Tags, tell bool) []common {
	add := func(of, name string, parts ...string) {
		n := neighbours.Named{Trait: neighbours.TraitOf(parts...)}
		if tell {
			n.Name = name
		}
		out = append(out, common{Named: n, approach: byStack, of: of})
	}
	book := string(e.Book)
	for _, key := range stackTags {
		if t, ok := tags.Get(key); ok && neighbours.Tells(t) {
			add(key, "of the stack "+t.Value, book, "stack", e.Account, e.Region, key, t.Value)
			break
		}
	}
	for t := range neighbours.GroupTags(tags) {
		add(t.Key, "with the tag "+t.Key+" = "+t.Value, book, "group", e.Account, t.Key, t.Value)
	}
	if o := e.Origin; e.Book == inventory.Declared && o.File != "" {
		name := "in " + o.File
		if o.Module != "" {
			name += ", " + o.Module
		}
		add("", name, book, "file", e.Source, o.File, o.Module)
	}
	return out
}
