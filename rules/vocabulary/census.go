// Package vocabulary counts which tag keys and values an estate uses, and judges them as a whole: words that were meant to be one, values
// that should be unique, keys that mean different things in two clouds.
//
// A Census sees every entity once, as it passes on its way to the rules, and keeps distinct words with counts and a few examples, never
// assets. What grows without bound, as the values of Name, is given up at a cap and said to be left out. What is counted does not depend
// on the order of the entities.
package vocabulary

import (
	"iter"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// Caps on distinct words: values of one key, keys, and values of all keys together.
const (
	maxValues    = 2000
	maxKeys      = 20_000
	maxAllValues = 500_000
)

// examples is how many assets a word keeps.
const examples = 3

// Census counts words. Those of what is observed or declared count, by what the subject of an entity bears; registers, and what agents
// call tags, have names of their own. It is filled by one goroutine, and read when that is done.
type Census struct {
	Catalog *catalog.Catalog
	// Unconfirmed says why the scan does not prove that an asset still is as it stands, "" if it does; nil takes all for proven.
	Unconfirmed func(*inventory.Entry) string
	// Secret reports whether a value looks like a credential, which is not counted and told nowhere; nil of none.
	Secret func(value string) bool
	// Values says of which keys the values are counted; nil of none.
	Values func(key string) bool

	keys      map[string]*word
	providers []string
	// unread counts the assets whose tags no scan could read.
	unread    int
	allValues int
	tooMany   bool // keys
	unique    []*uniqueCount
}

// use is how often a word is used with a provider. Unsure are assets that this scan did not confirm.
type use struct {
	provider     uint8 // its index in Census.providers
	reserved     bool  // the provider keeps the key for itself
	sure, unsure int32
}

// word is a key or a value.
type word struct {
	uses   []use
	ids    [examples]int64 // the least ids of assets, of what is sure first; 0 is none
	values map[string]*word
	given  bool // up: there are too many values
	wanted bool // the values are counted
}

// Watch counts entities as they pass.
func (c *Census) Watch(entities iter.Seq2[*rules.Entity, error]) iter.Seq2[*rules.Entity, error] {
	return func(yield func(*rules.Entity, error) bool) {
		for e, err := range entities {
			if err == nil {
				err = c.Add(e)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Add counts an entity. An error is one of a rule's condition that takes too much work.
func (c *Census) Add(e *rules.Entity) error {
	asset := e.Subject()
	provider := catalog.Provider(asset.Type)
	if asset.Book == inventory.Recorded || provider == "datacenter" || asset.Book == inventory.Declared && leaving(asset) {
		return nil
	}
	switch asset.Tags.State() {
	case inventory.NotApplicable:
		return nil
	case inventory.Unknown:
		c.unread++
		return nil
	}
	sure := !asset.TagsUnconfirmed && (c.Unconfirmed == nil || c.Unconfirmed(asset) == "")
	n := c.provider(provider)
	for t := range asset.Tags.All() {
		c.tag(asset, t, n, sure)
	}
	for _, u := range c.unique {
		if err := u.add(e, asset, sure); err != nil {
			return err
		}
	}
	return nil
}

func leaving(a *inventory.Entry) bool {
	return a.Lifecycle == inventory.LifecycleRetiring || a.Lifecycle == inventory.LifecycleRetired
}

func (c *Census) provider(name string) uint8 {
	i := slices.Index(c.providers, name)
	if i < 0 {
		i, c.providers = len(c.providers), append(c.providers, name)
	}
	return uint8(i) //nolint:gosec // the catalog knows a handful
}

func (c *Census) tag(asset *inventory.Entry, t inventory.Tag, provider uint8, sure bool) {
	k := c.key(t.Key)
	if k == nil {
		return
	}
	u := k.of(provider)
	if u.sure+u.unsure == 0 && c.Catalog != nil {
		u.reserved = c.Catalog.ReservedTag(c.providers[provider], t.Key)
	}
	if u.count(sure); u.reserved {
		return
	}
	k.example(asset.ID)
	if k.wanted && hasValue(t) {
		c.value(k, t.Value, provider, asset.ID, sure && !slices.Contains(asset.TagValuesUnconfirmed, t.Key))
	}
}

func (c *Census) secret(value string) bool { return c.Secret != nil && c.Secret(value) }

// hasValue reports whether a tag's value is known, and is more than white space.
func hasValue(t inventory.Tag) bool {
	return !t.ValueUnknown && !inventory.IsSecretHash(t.Value) && strings.TrimSpace(t.Value) != ""
}

// key returns what is counted of a key; nil if there are too many.
func (c *Census) key(text string) *word {
	if k, ok := c.keys[text]; ok {
		return k
	}
	if c.keys == nil {
		c.keys = map[string]*word{}
	}
	if c.tooMany = c.tooMany || len(c.keys) == maxKeys; c.tooMany {
		return nil
	}
	text = strings.Clone(text)
	k := &word{wanted: c.Values != nil && c.Values(text)}
	c.keys[text] = k
	return k
}

func (c *Census) value(k *word, text string, provider uint8, id int64, sure bool) {
	v, ok := k.values[text]
	if !ok {
		if k.given || c.secret(text) {
			return
		}
		c.allValues++
		if len(k.values) == maxValues {
			k.given, k.values = true, nil
			return
		}
		if k.values == nil {
			k.values = map[string]*word{}
		}
		v = &word{}
		k.values[strings.Clone(text)] = v
	}
	v.of(provider).count(sure)
	v.example(id)
}

func (w *word) of(provider uint8) *use {
	for i := range w.uses {
		if w.uses[i].provider == provider {
			return &w.uses[i]
		}
	}
	w.uses = append(w.uses, use{provider: provider})
	return &w.uses[len(w.uses)-1]
}

func (u *use) count(sure bool) {
	if sure {
		u.sure++
	} else {
		u.unsure++
	}
}

// example keeps the least ids, sorted.
func (w *word) example(id int64) { keepLeast(w.ids[:], id) }

func keepLeast(ids []int64, id int64) {
	for i := range ids {
		if ids[i] == id {
			return
		}
		if ids[i] == 0 || id < ids[i] {
			copy(ids[i+1:], ids[i:])
			ids[i] = id
			return
		}
	}
}

// total is how often a word is used; with unsure, also where nobody could confirm it.
func (w *word) total(unsure bool) int {
	n := 0
	for _, u := range w.uses {
		if u.reserved {
			continue
		}
		n += int(u.sure)
		if unsure {
			n += int(u.unsure)
		}
	}
	return n
}

// overflow says why not everything was counted; empty if it was.
func (c *Census) overflow() string {
	switch {
	case c.tooMany:
		return "the estate has more than 20000 distinct tag keys, which are not compared"
	case c.allValues > maxAllValues:
		return "the estate has more than 500000 distinct tag values, which are not compared"
	}
	return ""
}
