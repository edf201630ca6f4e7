package records

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// TagIndex knows which tags the registers keep: what no row of a file bears is no column of it. It does not change once it
// is made. The zero value knows of none.
type TagIndex struct{ keys map[tagPlace]bool }

type tagPlace struct{ source, scope, key string }

// IndexTags gathers the keys of the tags that rows bear.
func IndexTags(ctx context.Context, rows iter.Seq2[*inventory.Entry, error]) (*TagIndex, error) {
	x := &TagIndex{keys: map[tagPlace]bool{}}
	for e, err := range rows {
		if err != nil {
			return nil, err
		}
		for t := range e.Tags.All() {
			x.keys[tagPlace{e.Source, e.Scope, t.Key}] = true
		}
	}
	return x, ctx.Err()
}

// Keeps reports whether the register from which a row was read keeps a tag under one of the keys.
func (x *TagIndex) Keeps(row *inventory.Entry, keys []string) bool {
	return x != nil && slices.ContainsFunc(keys, func(k string) bool { return x.keys[tagPlace{row.Source, row.Scope, k}] })
}

// tags compares the tags that the row bears. A key that it does not bear is no column of its register, or an empty cell:
// either way the register does not say, unless the policy trusts it in that tag.
func (j *judge) tags(c *comparison) {
	if c.row.Tags.State() != inventory.Known {
		return
	}
	recorded := c.row.CurrentTags()
	done := map[string]bool{}
	for t := range c.row.Tags.All() {
		keys := j.Policy.SpellingsOf(t.Key)
		if !done[keys[0]] && !inventory.IsSecretHash(t.Key) && !j.reserved(c, t.Key) {
			done[keys[0]] = true
			j.tag(c, keys, choose(recorded, keys))
		}
	}
	if recorded.State() == inventory.Known {
		j.emptyCells(c, done)
	}
}

// reserved reports whether the provider keeps a tag for itself.
func (j *judge) reserved(c *comparison, key string) bool {
	for _, e := range c.opposite.main().confirmed {
		if j.Catalog.ReservedTag(catalog.Provider(e.Type), key) {
			return true
		}
	}
	return false
}

// state of a tag in a book.
type tagReading struct {
	tag    inventory.Tag
	known  bool // it is known whether the tag is there, and its value
	absent bool
	entry  *inventory.Entry
}

// choose returns the tag that stands under one of the keys: the first with a value, else one whose value is not known.
func choose(tags inventory.Tags, keys []string) tagReading {
	known := tags.State() == inventory.Known
	r := tagReading{known: known, absent: known}
	for _, key := range keys {
		t, ok := tags.Get(key)
		switch {
		case !ok || strings.TrimSpace(t.Value) == "" && !t.ValueUnknown:
		case !t.ValueUnknown:
			return tagReading{tag: t, known: true}
		default:
			r.known, r.absent = false, false
		}
	}
	return r
}

// tag compares one tag with all that speak of it: one that agrees is enough.
func (j *judge) tag(c *comparison, keys []string, recorded tagReading) {
	name := "tags." + keys[0]
	against, authority := j.tagRivals(c, keys)
	if recorded.absent || len(against) == 0 {
		return
	}
	var differs, absent *tagReading
	unread := !recorded.known
	for i := range against {
		switch r := &against[i]; {
		case !r.known:
			unread = true
		case r.absent:
			absent = r
		case r.tag.Value == recorded.tag.Value && recorded.known:
			c.compared++
			return
		case differs == nil:
			differs = r
		}
	}
	if differs == nil && !unread && !j.spokenOf(keys) {
		return
	}
	if unread {
		c.unread = append(c.unread, name)
		return
	}
	c.compared++
	d := rules.Difference{Attribute: name, Declared: recorded.tag.Value}
	if differs != nil {
		d.Actual = differs.tag.Value
		c.add(j, authority, differs.entry, d)
		return
	}
	d.ActualAbsent = true
	c.add(j, authority, absent.entry, d)
}

// spokenOf reports whether the policy speaks of a tag, so that a thing should bear it: registers have columns of their own, such as the
// level of support, that nobody expects on the thing.
func (j *judge) spokenOf(keys []string) bool {
	if j.Policy == nil {
		return false
	}
	ruled := slices.ContainsFunc(j.Policy.Tags, func(t rules.TagRule) bool { return slices.Contains(t.Keys, keys[0]) })
	return ruled || slices.ContainsFunc(keys, func(k string) bool { return j.Policy.NamesAuthority("tags." + k) })
}

// tagRivals returns what the other books say of a tag, without what cannot bear tags or does not speak of it.
func (j *judge) tagRivals(c *comparison, keys []string) ([]tagReading, inventory.Book) {
	authority := j.Policy.AuthorityOf(withPrefix("tags.", keys)...)
	side := c.opposite.main()
	if authority == inventory.Declared && len(c.opposite.declared.confirmed)+len(c.opposite.declared.doubtful) > 0 {
		side = c.opposite.declared
	}
	var list []tagReading
	for _, e := range side.confirmed {
		r := choose(e.CurrentTags(), keys)
		if e.CurrentTags().State() == inventory.NotApplicable || selective(e) && (e.Tags.State() == inventory.Unknown || r.absent) {
			continue
		}
		r.entry = e
		list = append(list, r)
	}
	for _, e := range side.doubtful {
		if e.Tags.State() != inventory.NotApplicable && !(selective(e) && e.Tags.State() == inventory.Unknown) {
			list = append(list, tagReading{entry: e})
		}
	}
	return list, authority
}

// selective reports whether an asset's source tells only the tags that it is configured to, or none, so that one which it does not
// tell may be there: machines have no tags of their own, and agents and inventories report facts that are called tags.
func selective(e *inventory.Entry) bool { return strings.HasPrefix(string(e.Type), registerTypes) }

func withPrefix(prefix string, list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = prefix + s
	}
	return out
}

// emptyCells finds tags of the thing for which a register has a column, but not a value, and which the policy trusts it in.
func (j *judge) emptyCells(c *comparison, done map[string]bool) {
	if j.TagKeys == nil {
		return
	}
	for _, e := range c.opposite.main().confirmed {
		for t := range e.CurrentTags().All() {
			keys := j.Policy.SpellingsOf(t.Key)
			if done[keys[0]] || j.Policy.AuthorityOf(withPrefix("tags.", keys)...) != inventory.Recorded || !j.TagKeys.Keeps(c.row, keys) {
				continue
			}
			done[keys[0]] = true
			if actual := choose(e.CurrentTags(), keys); actual.known && !actual.absent {
				c.compared++
				c.add(j, inventory.Recorded, e, rules.Difference{Attribute: "tags." + keys[0], DeclaredAbsent: true, Actual: actual.tag.Value})
			}
		}
	}
}
