package drift

import (
	"encoding/binary"
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// trait is something that assets have in common, as a hash of its parts: FNV-1a, so that one estate gives one answer on every machine.
type trait uint64

// named is a trait and what a person calls it.
type named struct {
	trait
	name string
}

func traitOf(parts ...string) trait {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * prime
		}
		h = (h ^ 0xff) * prime // no text holds this byte, so that parts cannot run together
	}
	return trait(h)
}

// groupTags are the tags that say what an asset is a part of, in lower case and without separators.
var groupTags = []string{"project", "stack", "application", "app", "appname", "service", "system", "product", "component", "workload"} //nolint:gochecknoglobals // a constant list

// plainKey is a tag's key as it is compared with such a list.
func plainKey(key string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_.: /", r) {
			return -1
		}
		return unicode.ToLower(r)
	}, key)
}

// placeTraits appends what tells where an asset is declared, the most exact first, with names if they are to be told.
func placeTraits(out []named, e *inventory.Entry, layer inventory.Layer, tell bool) []named {
	if e.Account == "" {
		return out
	}
	where := ""
	if tell {
		where = strings.TrimSuffix(" in "+e.Account+" "+e.Region, " ")
	}
	tags := e.CurrentTags()
	for t := range groupTagsOf(tags) {
		n := named{trait: traitOf("place", string(layer), e.Account, e.Region, string(e.Type), t.Key, t.Value)}
		if tell {
			n.name = "of its type with the tag " + t.Key + " = " + t.Value + where
		}
		out = append(out, n)
	}
	if prefix := rules.NamePrefix(e.Name); prefix != "" {
		n := named{trait: traitOf("place name", string(layer), e.Account, e.Region, string(e.Type), prefix)}
		if tell {
			n.name = "of its type with names like " + prefix + "*" + where
		}
		out = append(out, n)
	}
	for t := range groupTagsOf(tags) {
		n := named{trait: traitOf("place", string(layer), e.Account, e.Region, t.Key, t.Value)}
		if tell {
			n.name = "with the tag " + t.Key + " = " + t.Value + where
		}
		out = append(out, n)
	}
	return out
}

// groupTagsOf yields the tags that say what an asset is a part of.
func groupTagsOf(tags inventory.Tags) iter.Seq[inventory.Tag] {
	return func(yield func(inventory.Tag) bool) {
		for t := range tags.All() {
			if names(t) && slices.Contains(groupTags, plainKey(t.Key)) && !yield(t) {
				return
			}
		}
	}
}

// networks are the attributes that say where in a network an asset is, the most exact first.
var networks = []string{"SubnetId", "VpcId", "subnetwork", "network"} //nolint:gochecknoglobals // a constant list

// ownerTraits appends what tells who owns an asset, the most exact first, with names if they are to be told.
func ownerTraits(out []named, e *inventory.Entry, tell bool) []named {
	if e.Account == "" {
		return out
	}
	for _, attribute := range networks {
		v, ok := e.CurrentAttribute(attribute)
		if !ok || v == inventory.Null || v.String() == "" {
			continue
		}
		n := named{trait: traitOf("owner at", e.Account, attribute, v.String())}
		if tell {
			n.name = "in " + attribute + " " + v.String()
		}
		out = append(out, n)
	}
	if prefix := rules.NamePrefix(e.Name); prefix != "" {
		n := named{trait: traitOf("owner name", e.Account, prefix)}
		if tell {
			n.name = "with names like " + prefix + "* in " + e.Account
		}
		out = append(out, n)
	}
	n := named{trait: ownerOfAccount(e.Account)}
	if tell {
		n.name = "in " + e.Account
	}
	return append(out, n)
}

func ownerOfAccount(account string) trait { return traitOf("owner account", account) }

// ownerWords are tags that name who answers for an asset, where the policy's own are not there.
var ownerWords = []string{"owner", "owners", "ownedby", "team", "squad", "contact", "maintainer", "maintainedby", "responsible", "technicalowner", "businessowner"} //nolint:gochecknoglobals // a constant list

// creatorWords are tags that name who made it, which is less.
var creatorWords = []string{"creator", "createdby", "awscreatedby"} //nolint:gochecknoglobals // a constant list

// ownerTag is the value of the first tag that the policy, or else custom, holds for the owner's, and its key.
func (x *Neighbours) ownerTag(e *inventory.Entry) (value, key string, ok bool) {
	tags := e.CurrentTags()
	for _, k := range x.ownerKeys {
		if t, ok := tags.Get(k); ok && names(t) {
			return t.Value, t.Key, true
		}
	}
	return wordTag(tags, ownerWords)
}

func wordTag(tags inventory.Tags, words []string) (value, key string, ok bool) {
	for t := range tags.All() {
		if names(t) && slices.Contains(words, plainKey(t.Key)) {
			return t.Value, t.Key, true
		}
	}
	return "", "", false
}

// names reports whether a tag's value can name anybody.
func names(t inventory.Tag) bool {
	return strings.TrimSpace(t.Value) != "" && !t.ValueUnknown && !inventory.IsSecretHash(t.Value)
}

// attachedTraits appends the things that an asset hangs on: who owns it may own them.
func (x *Neighbours) attachedTraits(out []named, e *inventory.Entry) []named {
	for _, r := range e.Relations {
		if entity, ok := lookUp(x.links, r.Key); ok && Owns(r) {
			out = append(out, named{trait: attachedTo(entity)})
		}
	}
	return out
}

func attachedTo(entity int64) trait {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(entity)) //nolint:gosec // the bits are meant
	return traitOf("attached", string(b[:]))
}

// guess is who may own an asset, and why.
type guess struct{ owner, confidence, why string }

func (g guess) evidence() rules.Evidence {
	return rules.Note("owner, guessed with %s confidence: %s, since %s", g.confidence, g.owner, g.why)
}
