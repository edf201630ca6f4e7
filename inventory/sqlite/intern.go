package sqlite

import (
	"context"
	"database/sql/driver"
	"hash/maphash"
	"sync"

	"github.com/muster-audit/muster/inventory"
)

// placement is what many assets share: what they are and where.
type placement struct {
	book            inventory.Book
	kind            inventory.Type
	account, region string
	zone            string
	lifecycle       inventory.Lifecycle
	shallow         bool
}

// append writes the placement as part of the text that a content's hash is made of.
func (p *placement) append(b []byte) []byte {
	for _, s := range [...]string{string(p.book), string(p.kind), p.account, p.region, p.zone, string(p.lifecycle)} {
		b = appendText(b, s)
	}
	if p.shallow {
		return append(b, 1)
	}
	return append(b, 0)
}

// The ids of the tag sets that have no tags for want of knowledge.
const (
	unknownTagSet       = 0
	notApplicableTagSet = 1
)

// digest is a hash of a text that lives as long as the process; two seeds make collisions impossible in practice.
type digest [2]uint64

type digester [2]maphash.Seed

func newDigester() digester { return digester{maphash.MakeSeed(), maphash.MakeSeed()} }

func (d *digester) bytes(b []byte) digest {
	return digest{maphash.Bytes(d[0], b), maphash.Bytes(d[1], b)}
}

func (d *digester) text(s string) digest {
	return digest{maphash.String(d[0], s), maphash.String(d[1], s)}
}

// internLimit is how many ids of one kind are remembered twice over: of the texts used last, at least that many.
const internLimit = 1 << 16

// generations is a bounded map that forgets what was not used for long. Forgetting makes a second row of the same
// content, which is harmless.
type generations[K comparable] struct{ young, old map[K]int64 }

func (g *generations[K]) get(k K) (int64, bool) {
	if id, ok := g.young[k]; ok {
		return id, true
	}
	id, ok := g.old[k]
	if ok {
		g.put(k, id)
	}
	return id, ok
}

func (g *generations[K]) put(k K, id int64) {
	if len(g.young) >= internLimit || g.young == nil {
		g.young, g.old = make(map[K]int64), g.young
	}
	g.young[k] = id
}

// interner gives ids to what assets share. It is safe for concurrent use. Rows that it invents wait in pending until
// the next batch of any scope takes them, so that a row is in the store before the first asset that names it.
type interner struct {
	mu            sync.Mutex
	digest        digester
	placements    generations[placement]
	tagSets       generations[digest]
	attributeSets generations[digest]
	last          struct{ placement, tagSet, attributeSet int64 }
	pending       interned
}

// interned are rows to insert.
type interned struct {
	placements    []placementRow
	tagSets       []tagSetRow
	tags          []tagRow
	attributeSets []attributeSetRow
}

type placementRow struct {
	id int64
	placement
}

type tagSetRow struct {
	id   int64
	tags string
}

type tagRow struct {
	set int64
	inventory.Tag
}

type attributeSetRow struct {
	id                 int64
	attributes, unread string
}

// load reads what the store has interned already, the newest first as far as the limit goes.
func (in *interner) load(ctx context.Context, c *conn) error {
	in.digest = newDigester()
	err := c.each(ctx, func(r *cursor) (bool, error) {
		in.placements.put(readPlacement(r, 1), r.int(0))
		return true, nil
	}, "SELECT id, book, type, account, region, zone, lifecycle, shallow FROM placement ORDER BY id DESC LIMIT ?", int64(internLimit))
	if err != nil {
		return err
	}
	err = c.each(ctx, func(r *cursor) (bool, error) {
		in.tagSets.put(in.digest.bytes(r.blob(1)), r.int(0))
		return true, nil
	}, "SELECT id, tags FROM tag_set WHERE state = 'known' ORDER BY id DESC LIMIT ?", int64(internLimit))
	if err != nil {
		return err
	}
	_, err = c.one(ctx, func(r *cursor) {
		in.last.placement, in.last.tagSet, in.last.attributeSet = r.int(0), r.int(1), r.int(2)
	}, "SELECT (SELECT max(id) FROM placement), (SELECT max(id) FROM tag_set), (SELECT max(id) FROM attribute_set)")
	return err
}

func readPlacement(r *cursor, i int) placement {
	return placement{
		book: inventory.Book(r.text(i)), kind: inventory.Type(r.text(i + 1)), account: r.text(i + 2), region: r.text(i + 3),
		zone: r.text(i + 4), lifecycle: inventory.Lifecycle(r.text(i + 5)), shallow: r.int(i+6) != 0,
	}
}

// internedIDs are the ids of what an asset shares; attributeSet is nil if the attributes are unknown.
type internedIDs struct {
	placement, tagSet int64
	attributeSet      driver.Value
}

// ids returns the ids of what a content shares, inventing those that are missing.
func (in *interner) ids(c *content, tags inventory.Tags) internedIDs {
	in.mu.Lock()
	defer in.mu.Unlock()
	ids := internedIDs{placement: in.placementID(c.place), tagSet: in.tagSetID(c, tags)}
	if len(c.attributes) > 0 {
		ids.attributeSet = in.attributeSetID(c)
	}
	return ids
}

func (in *interner) placementID(p placement) int64 {
	if id, ok := in.placements.get(p); ok {
		return id
	}
	in.last.placement++
	in.placements.put(p, in.last.placement)
	in.pending.placements = append(in.pending.placements, placementRow{in.last.placement, p})
	return in.last.placement
}

func (in *interner) tagSetID(c *content, tags inventory.Tags) int64 {
	switch c.tagState {
	case inventory.Unknown:
		return unknownTagSet
	case inventory.NotApplicable:
		return notApplicableTagSet
	}
	d := in.digest.bytes(c.tags)
	if id, ok := in.tagSets.get(d); ok {
		return id
	}
	in.last.tagSet++
	id := in.last.tagSet
	in.tagSets.put(d, id)
	in.pending.tagSets = append(in.pending.tagSets, tagSetRow{id, string(c.tags)})
	for t := range tags.All() {
		in.pending.tags = append(in.pending.tags, tagRow{id, t})
	}
	return id
}

func (in *interner) attributeSetID(c *content) int64 {
	d := in.digest.bytes(c.attributes)
	if len(c.unread) > 0 {
		u := in.digest.bytes(c.unread)
		d[0], d[1] = d[0]*3+u[0], d[1]*5+u[1]
	}
	if id, ok := in.attributeSets.get(d); ok {
		return id
	}
	in.last.attributeSet++
	in.attributeSets.put(d, in.last.attributeSet)
	in.pending.attributeSets = append(in.pending.attributeSets,
		attributeSetRow{in.last.attributeSet, string(c.attributes), string(c.unread)})
	return in.last.attributeSet
}

// take returns the rows that wait.
func (in *interner) take() interned {
	in.mu.Lock()
	defer in.mu.Unlock()
	p := in.pending
	in.pending = interned{}
	return p
}
