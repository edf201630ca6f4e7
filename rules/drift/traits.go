package drift

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/neighbours"
)

// placeTraits appends what tells where an asset is declared, the most exact first, with names if they are to be told.
func placeTraits(out []neighbours.Named, e *inventory.Entry, layer inventory.Layer, tell bool) []neighbours.Named {
	if e.Account == "" {
		return out
	}
	where := ""
	if tell {
		where = strings.TrimSuffix(" in "+e.Account+" "+e.Region, " ")
	}
	tags := e.CurrentTags()
	for t := range neighbours.GroupTags(tags) {
		n := neighbours.Named{Trait: neighbours.TraitOf("place", string(layer), e.Account, e.Region, string(e.Type), t.Key, t.Value)}
		if tell {
			n.Name = "of its type with the tag " + t.Key + " = " + t.Value + where
		}
		out = append(out, n)
	}
	if prefix := rules.NamePrefix(e.Name); prefix != "" {
		n := neighbours.Named{Trait: neighbours.TraitOf("place name", string(layer), e.Account, e.Region, string(e.Type), prefix)}
		if tell {
			n.Name = "of its type with names like " + prefix + "*" + where
		}
		out = append(out, n)
	}
	for t := range neighbours.GroupTags(tags) {
		n := neighbours.Named{Trait: neighbours.TraitOf("place", string(layer), e.Account, e.Region, t.Key, t.Value)}
		if tell {
			n.Name = "with the tag " + t.Key + " = " + t.Value + where
		}
		out = append(out, n)
	}
	return out
}

// ownerTraits appends what tells who owns an asset, the most exact first, with names if they are to be told.
func ownerTraits(out []neighbours.Named, e *inventory.Entry, tell bool) []neighbours.Named {
	if e.Account == "" {
		return out
	}
	for attribute, value := range neighbours.Networks(e) {
		n := neighbours.Named{Trait: neighbours.TraitOf("owner at", e.Account, attribute, value)}
		if tell {
			n.Name = "in " + attribute + " " + value
		}
		out = append(out, n)
	}
	if prefix := rules.NamePrefix(e.Name); prefix != "" {
		n := neighbours.Named{Trait: neighbours.TraitOf("owner name", e.Account, prefix)}
		if tell {
			n.Name = "with names like " + prefix + "* in " + e.Account
		}
		out = append(out, n)
	}
	n := neighbours.Named{Trait: ownerOfAccount(e.Account)}
	if tell {
		n.Name = "in " + e.Account
	}
	return append(out, n)
}

func ownerOfAccount(account string) neighbours.Trait {
	return neighbours.TraitOf("owner account", account)
}

// ownerWords are tags that name who answers for an asset, where the policy's own are not there.
var ownerWords = []string{"owner", "owners", "ownedby", "team", "squad", "contact", "maintainer", "maintainedby", "responsible", "technicalowner", "businessowner"} //nolint:gochecknoglobals // a constant list

// creatorWords are tags that name who made it, which is less.
var creatorWords = []string{"creator", "createdby", "awscreatedby"} //nolint:gochecknoglobals // a constant list

// ownerTag is the value of the first tag that the policy, or else custom, holds for the owner's, and its key.
func (x *Neighbours) ownerTag(e *inventory.Entry) (value, key string, ok bool) {
	tags := e.CurrentTags()
	for _, k := range x.ownerKeys {
		if t, ok := tags.Get(k); ok && neighbours.Tells(t) {
			return t.Value, t.Key, true
		}
	}
	return wordTag(tags, ownerWords)
}

func wordTag(tags inventory.Tags, words []string) (value, key string, ok bool) {
	for t := range tags.All() {
		if neighbours.Tells(t) && slices.Contains(words, neighbours.PlainKey(t.Key)) {
			return t.Value, t.Key, true
		}
	}
	return "", "", false
}

// attachedTraits appends the things that an asset hangs on: who owns it may own them.
func (x *Neighbours) attachedTraits(out []neighbours.Named, e *inventory.Entry) []neighbours.Named {
	for _, r := range e.Relations {
		if entity, ok := lookUp(x.links, r.Key); ok && Owns(r) {
			out = append(out, neighbours.Named{Trait: attachedTo(entity)})
		}
	}
	return out
}

func attachedTo(entity int64) neighbours.Trait {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], uint64(entity)) //nolint:gosec // the bits are meant
	return neighbours.TraitOf("attached", string(b[:]))
}

// guess is who may own an asset, and why.
type guess struct{ owner, confidence, why string }

func (g guess) evidence() rules.Evidence {
	return rules.Note("owner, guessed with %s confidence: %s, since %s", g.confidence, g.owner, g.why)
}
