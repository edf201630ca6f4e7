package inventory

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

// EncodeAsset returns the asset as the one-line JSON object that DecodeAsset reads, without a line end. Empty fields are
// left out; the same asset always gives the same bytes.
func EncodeAsset(a *Asset) []byte { return appendAsset(nil, a, "") }

// AppendAsset appends what EncodeAsset returns.
func AppendAsset(b []byte, a *Asset) []byte { return appendAsset(b, a, "") }

// MarshalJSON returns the entry's asset with its source. What the last scan could not confirm is written as unknown, so
// that nobody who reads it takes an old value for a fact.
func (e *Entry) MarshalJSON() ([]byte, error) {
	a := e.Asset
	a.Tags = e.CurrentTags()
	a.Attributes = e.currentAttributes()
	return appendAsset(nil, &a, e.Source), nil
}

func (e *Entry) currentAttributes() Attributes {
	if len(e.AttributesUnconfirmed) == 0 || !e.Attributes.IsKnown() {
		return e.Attributes
	}
	if slices.Contains(e.AttributesUnconfirmed, "*") {
		return Attributes{}
	}
	list := slices.Collect(e.Attributes.All())
	for i := range list {
		if slices.Contains(e.AttributesUnconfirmed, list[i].Name) {
			list[i].Value = Unread
		}
	}
	return KnownAttributes(list...)
}

func appendAsset(b []byte, a *Asset, source string) []byte {
	b = appendString(append(b, `{"key":`...), valid(a.Key))
	b = appendString(append(b, `,"type":`...), valid(string(a.Type)))
	b = appendField(b, "book", string(a.Book))
	b = appendField(b, "source", source)
	b = appendField(b, "name", a.Name)
	b = appendField(b, "account", a.Account)
	b = appendField(b, "region", a.Region)
	b = appendField(b, "zone", a.Zone)
	b = appendField(b, "lifecycle", string(a.Lifecycle))
	if a.Shallow {
		b = append(b, `,"shallow":true`...)
	}
	b = appendTags(b, a.Tags)
	b = appendAttributes(b, a.Attributes)
	b = appendIdentifiers(b, a.Identifiers)
	b = appendRelations(b, a.Relations)
	b = appendOrigin(b, a.Origin)
	if !a.Created.IsZero() {
		b = appendField(b, "created", a.Created.UTC().Format(time.RFC3339Nano))
	}
	return append(b, '}')
}

// valid keeps the output valid JSON whatever bytes a source held.
func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

func appendField(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendString(appendName(b, name), valid(value))
}

func appendName(b []byte, name string) []byte {
	b = append(b, ',', '"')
	b = append(b, name...)
	return append(b, '"', ':')
}

func appendTags(b []byte, t Tags) []byte {
	switch t.State() {
	case NotApplicable:
		return append(b, `,"taggable":false`...)
	case Unknown:
		return b
	}
	b = append(b, `,"tags":{`...)
	for i, tag := range t.list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, valid(tag.Key)), ':')
		if tag.ValueUnknown {
			b = append(b, "null"...)
			continue
		}
		b = appendString(b, valid(tag.Value))
	}
	return append(b, '}')
}

func appendAttributes(b []byte, a Attributes) []byte {
	if !a.IsKnown() {
		return b
	}
	var unread []string
	b = append(b, `,"attributes":{`...)
	open := len(b)
	for _, at := range a.list {
		if !at.Value.IsRead() {
			unread = append(unread, valid(at.Name))
			continue
		}
		if len(b) > open {
			b = append(b, ',')
		}
		b = append(appendString(b, valid(at.Name)), ':')
		b = append(b, valid(string(at.Value))...)
	}
	b = append(b, '}')
	if len(unread) > 0 {
		b = append(appendName(b, "unread"), StringsValue(unread)...)
	}
	return b
}

func appendIdentifiers(b []byte, list []Identifier) []byte {
	for i, id := range list {
		b = appendPair(b, i, "identifiers", string(id.Kind), "value", id.Value)
	}
	return closeList(b, len(list))
}

func appendRelations(b []byte, list []Relation) []byte {
	for i, r := range list {
		b = appendPair(b, i, "relations", string(r.Kind), "key", r.Key)
	}
	return closeList(b, len(list))
}

// appendPair appends element i of a list of objects with a kind and one more field.
func appendPair(b []byte, i int, list, kind, name, value string) []byte {
	if i == 0 {
		b = append(appendName(b, list), '[')
	} else {
		b = append(b, ',')
	}
	b = appendString(append(b, `{"kind":`...), valid(kind))
	return append(appendString(appendName(b, name), valid(value)), '}')
}

func closeList(b []byte, n int) []byte {
	if n == 0 {
		return b
	}
	return append(b, ']')
}

func appendOrigin(b []byte, o Origin) []byte {
	if o == (Origin{}) {
		return b
	}
	b = append(appendName(b, "origin"), '{')
	open := len(b)
	b = appendField(b, "file", o.File)
	if o.Line != 0 {
		b = strconv.AppendInt(appendName(b, "line"), int64(o.Line), 10)
	}
	b = appendField(b, "address", o.Address)
	b = appendField(b, "module", o.Module)
	b = appendField(b, "lineage", o.Lineage)
	b = appendField(b, "call", o.Call)
	b = appendField(b, "layer", string(o.Layer))
	b = appendField(b, "ignores", o.Ignores)
	b = slices.Delete(b, open, open+1) // the first comma
	return append(b, '}')
}
