package owner

import (
	"cmp"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

const (
	tagsUnread     = "its tags could not be read"
	valueUnknown   = "the value of its owner tag is not known"
	parentsUnread  = "what it may inherit an owner from could not be read"
	stackUnread    = "its stack cannot be told, since its tags could not be read"
	accountUnread  = "its account is not known"
	registerUnread = "the register's column could not be read"
)

// byTag asks the tags of the entity's subject, and where it was read and has none, those of its other observed and declared assets.
func (c *Chain) byTag(e *rules.Entity) answer {
	subject := e.Subject()
	a := c.tagOf(subject)
	if a.state != expr.No {
		return a
	}
	for _, list := range [][]*inventory.Entry{e.Observed, e.Declared} {
		for _, other := range list {
			if other == subject {
				continue
			}
			// What only an earlier scan could read does not outweigh a subject that was read now.
			if o := c.tagOf(other); o.state == expr.Yes && !o.earlier {
				o.confidence = rules.MediumConfidence
				return o
			}
		}
	}
	return nobody()
}

// tagOf returns what the first of the owner tags that stands on an asset says.
func (c *Chain) tagOf(e *inventory.Entry) answer {
	now := e.CurrentTags()
	if now.State() != inventory.Known {
		return c.tagBefore(e, now.State())
	}
	for _, key := range c.tags {
		t, ok := now.Get(key)
		switch {
		case !ok:
		case t.ValueUnknown:
			return earlierValue(e, key)
		case strings.TrimSpace(t.Value) != "":
			return answer{state: expr.Yes, name: strings.TrimSpace(t.Value), confidence: rules.HighConfidence, entry: e, key: key}
		}
	}
	return nobody()
}

// tagBefore returns what the tags of an earlier scan say, where this one could not read them. A register or an agent that keeps no tags
// leaves them unknown in every scan: then what other links say is the best that there is.
func (c *Chain) tagBefore(e *inventory.Entry, now inventory.Knowledge) answer {
	switch {
	case now == inventory.NotApplicable:
		return nobody()
	case !e.TagsUnconfirmed:
		a := unknown(tagsUnread)
		a.open = catalog.Provider(e.Type) == "datacenter" || e.Book == inventory.Recorded
		return a
	}
	for _, key := range c.tags {
		if t, ok := e.Tags.Get(key); ok && (t.ValueUnknown || strings.TrimSpace(t.Value) != "") {
			a := earlierValue(e, key)
			a.why = tagsUnread
			return a
		}
	}
	return unknown(tagsUnread)
}

// earlierValue is the value of a tag as an earlier scan read it.
func earlierValue(e *inventory.Entry, key string) answer {
	t, _ := e.Tags.Get(key)
	if t.ValueUnknown || strings.TrimSpace(t.Value) == "" || inventory.IsSecretHash(t.Value) {
		return unknown(valueUnknown)
	}
	return answer{
		state: expr.Yes, name: strings.TrimSpace(t.Value), confidence: rules.LowConfidence, earlier: true, why: valueUnknown, entry: e, key: key,
	}
}

// byInherited asks what the entity belongs to.
func (c *Chain) byInherited(e *rules.Entity) answer {
	subject := e.Subject()
	if subject.Book == inventory.Recorded {
		return nobody() // registers do not tell what belongs to what
	}
	found := c.Inherit.Find(subject, c.policy.Inherit, c.tags)
	a := answer{state: found.State, found: found, lost: true}
	switch {
	case found.State == expr.Unknown, found.State == expr.Yes && found.Tag.ValueUnknown:
		a.state, a.why = expr.Unknown, parentsUnread
	case found.State == expr.Yes:
		a.name, a.confidence, a.lost = strings.TrimSpace(found.Tag.Value), confidenceOf(found.Chain[len(found.Chain)-1].Via), false
		a.key = found.Tag.Key
	}
	if a.state == expr.Yes && (a.name == "" || inventory.IsSecretHash(a.name)) {
		return unknown(cmp.Or(found.Why, valueUnknown))
	}
	return a
}

// confidenceOf is lower for places in which many unlike things are.
func confidenceOf(v rules.Via) rules.Confidence {
	if v == rules.ViaAccount || v == rules.ViaVPC {
		return rules.LowConfidence
	}
	return rules.MediumConfidence
}
