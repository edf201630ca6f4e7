package sqlite

import (
	"database/sql/driver"
	"encoding/json"
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// unconfirmedMark names the parts of a content that come from an earlier scan, since the last one could not read them.
type unconfirmedMark struct {
	tags       bool     // all tags
	tagKeys    []string // single tags whose value could not be read again
	attributes []string // ["*"] is all
}

func (m *unconfirmedMark) empty() bool {
	return !m.tags && len(m.tagKeys) == 0 && len(m.attributes) == 0
}

// namesText is the stored form of a list of names.
func namesText(names []string) driver.Value {
	if len(names) == 0 {
		return nil
	}
	text, err := json.Marshal(names)
	if err != nil { // cannot happen: every string has a JSON form
		return nil
	}
	return string(text)
}

// complete fills the gaps of what was just read with what was known before, and says which parts those are; nil if
// there are none. What could not be read says nothing, so it must not replace what could.
func complete(a inventory.Asset, before *inventory.Asset) (inventory.Asset, *unconfirmedMark) {
	m := &unconfirmedMark{}
	a.Tags = completeTags(a.Tags, before.Tags, m)
	if a.Type == before.Type { // attributes of another type mean something else
		a.Attributes = completeAttributes(a.Attributes, before.Attributes, m)
	}
	if m.empty() {
		return a, nil
	}
	return a, m
}

func completeTags(now, before inventory.Tags, m *unconfirmedMark) inventory.Tags {
	switch {
	case now.State() == inventory.Unknown && before.State() != inventory.Unknown:
		m.tags = true
		return before
	case now.State() != inventory.Known:
		return now
	}
	list := slices.Collect(now.All())
	for i, t := range list {
		if old, ok := before.Get(t.Key); t.ValueUnknown && ok && !old.ValueUnknown {
			list[i] = old
			m.tagKeys = append(m.tagKeys, t.Key)
		}
	}
	if len(m.tagKeys) == 0 {
		return now
	}
	return inventory.KnownTags(list...)
}

// completeAttributes treats a name that is missing like one that could not be read: a value that is known to be unset
// is inventory.Null.
func completeAttributes(now, before inventory.Attributes, m *unconfirmedMark) inventory.Attributes {
	switch {
	case !before.IsKnown():
		return now
	case !now.IsKnown():
		m.attributes = []string{"*"}
		return before
	}
	list := slices.Collect(now.All())
	for old := range before.All() {
		if _, read := now.Get(old.Name); !read && old.Value.IsRead() {
			list = append(list, old)
			m.attributes = append(m.attributes, old.Name)
		}
	}
	if len(m.attributes) == 0 {
		return now
	}
	return inventory.KnownAttributes(list...)
}
