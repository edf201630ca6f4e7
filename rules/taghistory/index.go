// Package taghistory judges how tags changed from scan to scan: those that vanished, and those that change back and forth.
//
// The Index is made of what the store knows to have changed, so that assets which did not change cost nothing. What a scan could not read is
// no change. Only tags that the policy names count, each with all its accepted spellings: a tag that was only renamed did not vanish.
package taghistory

import (
	"iter"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// returnsOfFlapping is how often a tag must come back to a former value: once may be a mistake that was mended.
const returnsOfFlapping = 2

// Query says what the index is made for.
type Query struct {
	// Tags are the tags that count, each by its spellings, the canonical one first.
	Tags [][]string
	// Hide says of which tags no value may be told; nil of none.
	Hide func(key string) bool
	// Secret reports whether a value looks like a credential, which no finding may tell; nil of none.
	Secret func(value string) bool
	// Evaluated is the last scan before this one that was evaluated; 0 if there is none. Since is the first scan over which tags must be steady.
	Evaluated, Since inventory.ScanID
}

// From is the first scan of which the index needs to know; 0 if it needs none.
func (q *Query) From() inventory.ScanID {
	if q.Evaluated == 0 || q.Since != 0 && q.Since < q.Evaluated {
		return q.Since
	}
	return q.Evaluated
}

// Index knows the assets whose tags vanished or flap. It does not change once it is made.
type Index struct {
	spellings map[string][]string // by canonical key
	vanished  map[int64][]lost    // by asset
	flapping  map[int64][]flap
	before    map[string][]lost // what was found to have vanished before, by the asset's key
}

// lost is a tag that is not there any more.
type lost struct{ key, was string }

// flap is a tag that changes back and forth.
type flap struct {
	key    string
	values []string // as they followed each other
}

// New makes an index of changes. previous are the findings that stood before: a tag that vanished stays so until it is back.
func New(q Query, changes iter.Seq2[inventory.TagHistory, error], previous []rules.Stored) (*Index, error) {
	x := &Index{spellings: map[string][]string{}, vanished: map[int64][]lost{}, flapping: map[int64][]flap{}, before: map[string][]lost{}}
	for _, spellings := range q.Tags {
		x.spellings[spellings[0]] = spellings
	}
	x.remember(previous)
	if q.From() == 0 {
		return x, nil
	}
	for h, err := range changes {
		if err != nil {
			return nil, err
		}
		x.add(&q, &h)
	}
	return x, nil
}

func (x *Index) add(q *Query, h *inventory.TagHistory) {
	for _, spellings := range q.Tags {
		if was, ok := vanishedSince(q.Evaluated, h.Versions, spellings); ok {
			x.vanished[h.ID] = append(x.vanished[h.ID], lost{spellings[0], q.told(spellings[0], was)})
		}
		if values := flaps(q.Since, h.Versions, spellings); values != nil {
			for i := range values {
				values[i] = q.told(spellings[0], values[i])
			}
			x.flapping[h.ID] = append(x.flapping[h.ID], flap{spellings[0], values})
		}
	}
}

// reading is what a version says of a tag.
type reading struct {
	value string // empty: the tag is not there
	known bool
}

func read(tags inventory.Tags, spellings []string) reading {
	if tags.State() != inventory.Known {
		return reading{}
	}
	known := true
	for _, key := range spellings {
		t, _ := tags.Get(key)
		switch {
		case t.ValueUnknown:
			known = false
		case strings.TrimSpace(t.Value) != "":
			return reading{strings.Clone(t.Value), true}
		}
	}
	return reading{known: known}
}

// vanishedSince returns the value that a tag had in a scan, if it has none in the last version.
func vanishedSince(scan inventory.ScanID, versions []inventory.TagVersion, spellings []string) (was string, ok bool) {
	i := slices.IndexFunc(versions, func(v inventory.TagVersion) bool { return v.From <= scan && (v.To == 0 || v.To > scan) })
	if scan == 0 || i < 0 {
		return "", false
	}
	before, now := read(versions[i].Tags, spellings), read(versions[len(versions)-1].Tags, spellings)
	return before.value, before.value != "" && now.known && now.value == ""
}

// flaps returns the values of a tag since a scan, if it came back to former ones; nil if it is steady.
func flaps(since inventory.ScanID, versions []inventory.TagVersion, spellings []string) []string {
	if since == 0 {
		return nil
	}
	var values []string
	returns := 0
	for _, v := range versions {
		r := read(v.Tags, spellings)
		n := len(values)
		if !r.known || v.To != 0 && v.To <= since || n > 0 && values[n-1] == r.value {
			continue
		}
		if n > 1 && values[n-2] == r.value {
			returns++
		}
		values = append(values, r.value)
	}
	if returns < returnsOfFlapping {
		return nil
	}
	return values
}

// told is a value of a tag as a finding may tell it.
func (q *Query) told(key, value string) string {
	switch {
	case value == "":
	case inventory.IsSecretHash(value), q.Hide != nil && q.Hide(key), q.Secret != nil && q.Secret(value):
		return hidden
	}
	return value
}

// hidden stands for a value that nobody may see. It is in no quotes, unlike all others.
const hidden = "\x00"
