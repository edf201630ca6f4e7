package inventory

import (
	"cmp"
	"iter"
	"slices"
)

// Knowledge says whether something could be read. Its zero value is Unknown.
type Knowledge uint8

// The three values of knowledge.
const (
	Unknown       Knowledge = iota // could not be read, or was not asked
	Known                          // was read; may be empty
	NotApplicable                  // the provider has no such thing for this type
)

// String returns "unknown", "known" or "not-applicable".
func (k Knowledge) String() string {
	switch k {
	case Known:
		return "known"
	case NotApplicable:
		return "not-applicable"
	default:
		return "unknown"
	}
}

// Tag is a key and a value on an asset, whatever its provider calls it. Keys and values keep their case and white space.
type Tag struct {
	Key, Value string
	// ValueUnknown says that the key is there but its value could not be determined, as for a tag that code computes
	// from something not known yet. Value is then empty.
	ValueUnknown bool
}

// Tags are an asset's tags in one of three states: known (and perhaps empty), unknown, or not applicable. The zero
// value is unknown. Tags are immutable.
type Tags struct {
	state  Knowledge
	hashed bool  // a value is a secret's hash
	list   []Tag // sorted by key, unique
}

// KnownTags returns tags that were read. The list is copied and sorted; of two tags with one key the later one stays.
func KnownTags(list ...Tag) Tags {
	if len(list) == 0 {
		return Tags{state: Known}
	}
	c := slices.Clone(list)
	slices.SortStableFunc(c, func(a, b Tag) int { return cmp.Compare(a.Key, b.Key) })
	out := c[:0]
	for _, t := range c {
		if n := len(out); n > 0 && out[n-1].Key == t.Key {
			out[n-1] = t
			continue
		}
		out = append(out, t)
	}
	return Tags{state: Known, hashed: slices.ContainsFunc(out, func(t Tag) bool { return IsSecretHash(t.Value) }), list: out}
}

// TagsFromMap returns tags that were read from a map.
func TagsFromMap(m map[string]string) Tags {
	list := make([]Tag, 0, len(m))
	for k, v := range m {
		list = append(list, Tag{Key: k, Value: v})
	}
	return KnownTags(list...)
}

// UnknownTags returns tags that could not be read.
func UnknownTags() Tags { return Tags{} }

// NotTaggable returns the tags of an asset whose type cannot carry any.
func NotTaggable() Tags { return Tags{state: NotApplicable} }

// State says whether the tags are known.
func (t Tags) State() Knowledge { return t.state }

// Len is the number of tags; 0 unless they are known.
func (t Tags) Len() int { return len(t.list) }

// Get returns the tag with exactly this key.
func (t Tags) Get(key string) (Tag, bool) {
	i, ok := slices.BinarySearchFunc(t.list, key, func(t Tag, k string) int { return cmp.Compare(t.Key, k) })
	if !ok {
		return Tag{}, false
	}
	return t.list[i], true
}

// All yields the tags in the order of their keys.
func (t Tags) All() iter.Seq[Tag] { return slices.Values(t.list) }

// Equal reports whether both are in the same state and hold the same tags.
func (t Tags) Equal(o Tags) bool { return t.state == o.state && slices.Equal(t.list, o.list) }
