package link

import (
	"cmp"
	"context"
	"hash/maphash"
	"iter"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Result is the outcome of linking. It is immutable and safe for concurrent use.
type Result struct {
	seed      maphash.Seed
	ids       []int64   // asset ids, ascending
	root      []int32   // of each asset: the index of the least member of its entity
	books     []BookSet // of a root: the books of its entity
	undecided []BookSet // of a root: see Undecided
	keys      []posting // hash of book and key, and the asset
	twins     []twin    // sorted by node
	entities  int
	kept      []Kept
	blind     map[kind]bool
}

// Kept is a kind of observed asset that a register keeps rows of: at least one of its rows is linked with an asset of
// this type and account. It tells what a register covers that gives things types of its own.
type Kept struct {
	Source  string // the register
	Type    inventory.Type
	Account string
}

// Build links all assets. ids must yield every asset once, in any order. It stops with ctx's error when cancelled, and at
// the first error that ids yields.
func Build(ctx context.Context, ids iter.Seq2[inventory.Identity, error]) (*Result, error) {
	x, err := readIndex(ctx, ids)
	if err != nil {
		return nil, err
	}
	m := newMatcher(x)
	if err := m.run(ctx); err != nil {
		return nil, err
	}
	return m.result(), nil
}

func (m *matcher) result() *Result {
	r := &Result{seed: m.seed, root: m.parent, books: m.books, undecided: m.undecided, twins: m.twins, blind: m.findBlind()}
	r.ids = make([]int64, len(m.nodes))
	for i := range m.nodes {
		r.ids[i] = m.nodes[i].id
		root := m.groups.root(int32(i))
		r.root[i] = root
		r.undecided[root] |= r.undecided[i]
		if root == int32(i) {
			r.entities++
		}
	}
	r.keys = spread(nil, len(m.keys), func(yield func(posting)) {
		for i, h := range m.keys {
			yield(posting{h, int32(i)})
		}
	})
	r.kept = m.kept()
	slices.SortFunc(r.twins, func(a, b twin) int {
		return cmp.Or(cmp.Compare(a.node, b.node), cmp.Compare(a.rank, b.rank), cmp.Compare(a.other, b.other))
	})
	return r
}

// kept gathers what the registers are seen to keep. No register may be credited with an entity too large to walk.
func (m *matcher) kept() []Kept {
	type ordinals struct{ source, typ, account uint32 }
	found := map[ordinals]bool{}
	for i := range m.nodes {
		if m.nodes[i].book != recordedBit || !m.books[m.groups.root(int32(i))].Has(inventory.Observed) {
			continue
		}
		m.left, _ = m.members(m.left, int32(i))
		for _, k := range m.left {
			if n := &m.nodes[k]; n.book == observedBit {
				found[ordinals{m.nodes[i].source, n.typ, n.account}] = true
			}
		}
	}
	var out []Kept
	for o := range found {
		_, source, _ := strings.Cut(m.sourceNames[o.source], "\x00")
		out = append(out, Kept{source, inventory.Type(m.typeNames[o.typ]), m.places[o.account].name})
	}
	slices.SortFunc(out, func(a, b Kept) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Account, b.Account))
	})
	return out
}

// Kept returns what the registers are seen to keep rows of, sorted. The slice must not be changed.
func (r *Result) Kept() []Kept { return r.kept }

// Len returns the number of entities.
func (r *Result) Len() int { return r.entities }

// Entities yields the asset ids of each entity, sorted; entities come in the order of their least id. The slices belong
// to the caller, who must not append to them.
func (r *Result) Entities() iter.Seq[[]int64] {
	return func(yield func([]int64) bool) {
		ends := make([]uint32, len(r.ids)+1)
		for _, root := range r.root {
			ends[root+1]++
		}
		for i := 1; i < len(ends); i++ {
			ends[i] += ends[i-1]
		}
		members := make([]int64, len(r.ids))
		for i, root := range r.root {
			members[ends[root]] = r.ids[i]
			ends[root]++
		}
		from := uint32(0)
		for _, to := range ends[:len(r.ids)] {
			if to > from && !yield(members[from:to:to]) {
				return
			}
			from = to
		}
	}
}

// EntityOf returns the entity of an asset: the least id of its members.
func (r *Result) EntityOf(assetID int64) (int64, bool) {
	i, ok := slices.BinarySearch(r.ids, assetID)
	if !ok {
		return 0, false
	}
	return r.ids[r.root[i]], true
}

// ByKey returns the entity that holds the asset of a book with this key, for the target of a relation. Of several
// entities, as with one "file#address" in two sources, it is the one with the least id.
func (r *Result) ByKey(book inventory.Book, key string) (int64, bool) {
	h := keyHash(r.seed, book, key)
	i, ok := slices.BinarySearchFunc(r.keys, h, func(p posting, h uint64) int { return cmp.Compare(p.hash, h) })
	if !ok {
		return 0, false
	}
	least := r.root[r.keys[i].node]
	for ; i < len(r.keys) && r.keys[i].hash == h; i++ {
		least = min(least, r.root[r.keys[i].node])
	}
	return r.ids[least], true
}

// Books returns the books in which an entity, or the entity of an asset, has members; none if there is no such asset.
func (r *Result) Books(assetID int64) BookSet {
	if i, ok := slices.BinarySearch(r.ids, assetID); ok {
		return r.books[r.root[i]]
	}
	return 0
}

// Undecided returns the books that hold something with which the entity of an asset shares an identifier that linked
// nothing, because it is not unique. What the entity lacks in these books may be there under that identifier: its absence is unknown.
func (r *Result) Undecided(assetID int64) BookSet {
	if i, ok := slices.BinarySearch(r.ids, assetID); ok {
		return r.undecided[r.root[i]] & allBooks
	}
	return 0
}

// Copied reports whether a declaration of the entity of an asset has the lineage and address of another one that names
// another thing: one of the two is an old copy, or the state of a workspace that was copied from the other's.
func (r *Result) Copied(assetID int64) bool {
	i, ok := slices.BinarySearch(r.ids, assetID)
	return ok && r.undecided[r.root[i]]&copyBit != 0
}

// Twins yields the other rows of the same register that share with this one an instance id, a resource id, a UUID, or a serial
// number together with a name, and by what; in the order of the strength of the identifier, then of the ids. If many rows
// share one, each is paired with the first.
func (r *Result) Twins(assetID int64) iter.Seq2[int64, Rule] {
	return func(yield func(int64, Rule) bool) {
		node, ok := slices.BinarySearch(r.ids, assetID)
		if !ok {
			return
		}
		i, _ := slices.BinarySearchFunc(r.twins, int32(node), func(t twin, n int32) int { return cmp.Compare(t.node, n) })
		for ; i < len(r.twins) && r.twins[i].node == int32(node); i++ {
			if !yield(r.ids[r.twins[i].other], r.twins[i].rank.rule()) {
				return
			}
		}
	}
}
