package lister

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Attributes collects canonical attributes. What the service left out is known to be unset: Null. What it was not asked for is
// not set at all, and what it refused is Unread.
type Attributes struct{ list []inventory.Attribute }

// usual is how many attributes most types have at most.
const usual = 32

// Value sets an attribute to a value.
func (a *Attributes) Value(name string, v inventory.Value) {
	if a.list == nil {
		a.list = make([]inventory.Attribute, 0, usual)
	}
	a.list = append(a.list, inventory.Attribute{Name: name, Value: v})
}

// String sets a text; nil is Null.
func (a *Attributes) String(name string, s *string) {
	if s == nil {
		a.Value(name, inventory.Null)
		return
	}
	a.Value(name, inventory.StringValue(*s))
}

// Text sets a text, as of an enumeration; the empty one is Null.
func (a *Attributes) Text(name, s string) {
	if s == "" {
		a.Value(name, inventory.Null)
		return
	}
	a.Value(name, inventory.StringValue(s))
}

// Bool sets a truth value; nil is Null.
func (a *Attributes) Bool(name string, b *bool) {
	if b == nil {
		a.Value(name, inventory.Null)
		return
	}
	a.Value(name, inventory.BoolValue(*b))
}

// Int sets a whole number; nil is Null.
func (a *Attributes) Int(name string, n *int32) {
	if n == nil {
		a.Value(name, inventory.Null)
		return
	}
	a.Value(name, inventory.IntValue(int64(*n)))
}

// Long sets a whole number; nil is Null.
func (a *Attributes) Long(name string, n *int64) {
	if n == nil {
		a.Value(name, inventory.Null)
		return
	}
	a.Value(name, inventory.IntValue(*n))
}

// Number sets a number that the service gives as a text; the empty one is Null, and what is no number stays a text.
func (a *Attributes) Number(name, text string) {
	if _, err := strconv.ParseFloat(text, 64); err != nil || !json.Valid([]byte(text)) {
		a.Text(name, text)
		return
	}
	a.Value(name, inventory.Value(text))
}

// Truth sets a truth value that the service gives as a text; the empty one is Null, and what is none stays a text.
func (a *Attributes) Truth(name, text string) {
	if b, err := strconv.ParseBool(text); err == nil {
		a.Value(name, inventory.BoolValue(b))
		return
	}
	a.Text(name, text)
}

// Float sets a number; nil is Null.
func (a *Attributes) Float(name string, f *float64) {
	if f == nil {
		a.Value(name, inventory.Null)
		return
	}
	a.Value(name, inventory.Value(strconv.FormatFloat(*f, 'f', -1, 64)))
}

// Strings sets a list of texts, empty for none.
func (a *Attributes) Strings(name string, list []string) {
	a.Value(name, inventory.StringsValue(list))
}

// JSON sets an object or list that the service gives as a JSON text, as a policy; the empty text is Null, and what is no JSON
// stays a text.
func (a *Attributes) JSON(name, text string) {
	if text == "" {
		a.Value(name, inventory.Null)
		return
	}
	v, err := inventory.ParseValue([]byte(text))
	if err != nil {
		v = inventory.StringValue(text)
	}
	a.Value(name, v)
}

// Object sets what encoding/json would decode: maps with string keys, lists, texts, numbers as json.Number, truth values, nil.
func (a *Attributes) Object(name string, x any) {
	v, err := inventory.ValueOf(x)
	if err != nil { // an int or a struct among it: a fault of the lister, which its test shows
		v = inventory.Unread
	}
	a.Value(name, v)
}

// Unread marks attributes that could not be read.
func (a *Attributes) Unread(names ...string) {
	for _, n := range names {
		a.Value(n, inventory.Unread)
	}
}

// Known returns what was set.
func (a *Attributes) Known() inventory.Attributes { return inventory.KnownAttributes(a.list...) }

// TagsOf returns the tags in a list of the SDK's pairs: TagsOf(v.Tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value }).
func TagsOf[T any](list []T, pair func(T) (key, value *string)) inventory.Tags {
	tags := make([]inventory.Tag, 0, len(list))
	for _, t := range list {
		key, value := pair(t)
		if key == nil {
			continue
		}
		tag := inventory.Tag{Key: *key}
		if value != nil {
			tag.Value = *value
		}
		tags = append(tags, tag)
	}
	return inventory.KnownTags(tags...)
}

// Str returns a text, the empty one for nil.
func Str(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Time returns a time in UTC, the zero one for nil.
func Time(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

// ID, and the functions after it, make identifiers and relations to be put into an asset's lists.
func ID(kind inventory.IdentifierKind, value *string) inventory.Identifier {
	return inventory.Identifier{Kind: kind, Value: Str(value)}
}

// ResourceID makes the list of identifiers of an asset that has, besides its ARN, the one by which its service knows it.
func ResourceID(value *string) []inventory.Identifier {
	return []inventory.Identifier{ID(inventory.ResourceID, value)}
}

// IdentifierOf returns the first identifier of a kind that an asset has; empty if there is none.
func IdentifierOf(a *inventory.Asset, kind inventory.IdentifierKind) string {
	for _, id := range a.Identifiers {
		if id.Kind == kind {
			return id.Value
		}
	}
	return ""
}

// OrEmpty returns an empty structure where the service left one out, so that all in it is known to be unset.
func OrEmpty[T any](p *T) *T {
	if p == nil {
		return new(T)
	}
	return p
}

// Texts makes plain texts of an enumeration's values.
func Texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

// Retiring is the lifecycle of what is being deleted; anything else is left to the collector.
func Retiring(going bool) inventory.Lifecycle {
	if going {
		return inventory.LifecycleRetiring
	}
	return inventory.LifecycleUnknown
}

// To returns a relation; an empty key is dropped later.
func To(kind inventory.RelationKind, key string) inventory.Relation {
	return inventory.Relation{Kind: kind, Key: key}
}
