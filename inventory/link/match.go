package link

import (
	"cmp"
	"context"
	"slices"
)

// matcher joins assets into entities, rank by rank. Within a rank every value is judged by the entities as they were at its
// beginning and only proposes joins; settle.go then makes those that do not contradict one another. So the order of assets
// and values, which are worked through by their hashes, has no influence.
type matcher struct {
	*index
	*groups
	undecided []BookSet // of a node: books in which something shares an identifier with it that links nothing
	twins     []twin

	list      []posting // who holds what, of the rank at hand
	values    []valueRange
	proposals []proposal
	proposed  []int32 // the roots of all proposals
	degree    []uint8 // of a root: how many proposals name it, while they are settled; 2 stands for more

	left, right []int32 // room for members
	holders     []holder
	firsts      []holder // of each slot of a source
	roots       []int32
}

// twin says that a node shares an identifier that should be unique with another of its source.
type twin struct {
	node, other int32
	rank        rank
}

// holder is a node that holds the value at hand.
type holder struct {
	node, root int32
	slot       slot
	retired    bool
}

func newMatcher(x *index) *matcher {
	return &matcher{
		index: x, groups: newGroups(x.nodes), undecided: make([]BookSet, len(x.nodes)), degree: make([]uint8, len(x.nodes)),
	}
}

func (m *matcher) run(ctx context.Context) error {
	m.joinFacets()
	for r := byName; r <= lastLinking; r++ {
		m.list = m.postings(m.list, r)
		if r == byName {
			runs(m.list, func(from, to int) { m.joinAll(m.list[from:to]) })
			continue
		}
		if r == byFQDN && m.hasFacets() {
			if err := m.each(ctx, m.facets); err != nil {
				return err
			}
			m.settle(byFacet)
		}
		if err := m.each(ctx, func(from, to uint32) { m.value(r, from, to) }); err != nil {
			return err
		}
		m.settle(r)
		if r == byDeclaration {
			runs(m.list, func(from, to int) { m.markCopies(m.list[from:to]) })
		}
	}
	return ctx.Err()
}

func (m *matcher) joinAll(holders []posting) {
	for _, h := range holders[1:] {
		m.join(holders[0].node, h.node)
	}
}

// each calls do with the range of every value whose holders are not one entity.
func (m *matcher) each(ctx context.Context, do func(from, to uint32)) error {
	m.orderValues()
	for i, v := range m.values {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if !m.isOne(m.list[v.from:v.to]) {
			do(v.from, v.to)
		}
	}
	return ctx.Err()
}

// valueRange is where the holders of a value are in the list of a rank.
type valueRange struct{ from, to uint32 }

// orderValues lists the values of the rank at hand about in the order of their first holders. The order has no influence on what is
// linked; but values come sorted by their hashes, and to look at nodes in no order at all is slow where they outgrow the caches.
func (m *matcher) orderValues() {
	const perBucket = 6 // 64 nodes
	starts := make([]uint32, len(m.nodes)>>perBucket+2)
	n := 0
	runs(m.list, func(from, _ int) { starts[m.list[from].node>>perBucket+1]++; n++ })
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	m.values = slices.Grow(m.values[:0], n)[:n]
	runs(m.list, func(from, to int) {
		bucket := m.list[from].node >> perBucket
		m.values[starts[bucket]] = valueRange{uint32(from), uint32(to)}
		starts[bucket]++
	})
}

// isOne reports whether all holders are one entity.
func (m *matcher) isOne(list []posting) bool {
	first := m.root(list[0].node)
	return !slices.ContainsFunc(list[1:], func(p posting) bool { return m.root(p.node) != first })
}

// value proposes to join the holders of one value as far as it is allowed.
func (m *matcher) value(r rank, from, to uint32) {
	list := m.list[from:to]
	if r == byDecoded && !m.isDecoded(list) {
		return
	}
	m.holders = m.holders[:0]
	for _, p := range list {
		n := &m.nodes[p.node]
		m.holders = append(m.holders, holder{p.node, m.root(p.node), m.slotOf(r, n), n.retired})
	}
	switch {
	case !r.withinSource() && !m.oneEachSlot(r, m.addTwins):
		m.refine(r, from, to)
	case !m.proposeHolders(r, from, to):
		m.leaveUndecided(list)
	}
}

// isDecoded reports whether one of the holders holds the value within another identifier.
func (m *matcher) isDecoded(list []posting) bool {
	return slices.ContainsFunc(list, func(p posting) bool {
		for _, h := range m.heldBy([]int32{p.node}, byDecoded) {
			if h == p.hash {
				return true
			}
		}
		return false
	})
}

// markCopies notes that declarations of one lineage and address name different things. Code that names another thing than its
// state is no copy of that, but asks for a replacement: it leaves the state as it is.
func (m *matcher) markCopies(list []posting) {
	if m.isOne(list) {
		return
	}
	known := slices.DeleteFunc(slices.Clone(list), func(p posting) bool { return m.nodes[p.node].is&isWish != 0 })
	copied := len(known) > 1 && !m.isOne(known)
	for _, p := range list {
		if copied || m.nodes[p.node].is&isWish != 0 {
			m.undecided[p.node] |= copyBit
		}
	}
}

// oneEachSlot drops retired holders whose slot has another in use, and reports whether each slot then holds the value for
// one entity only. It tells twins of each other one, and the first.
func (m *matcher) oneEachSlot(r rank, twins func(r rank, a, b int32)) bool {
	slices.SortFunc(m.holders, func(a, b holder) int {
		return cmp.Or(cmp.Compare(a.slot.source, b.slot.source), compareBool(a.retired, b.retired), cmp.Compare(a.slot.side, b.slot.side), cmp.Compare(a.node, b.node))
	})
	unique := true
	kept := m.holders[:0]
	firsts := m.firsts[:0] // of each slot of the source at hand
	for _, h := range m.holders {
		if len(firsts) > 0 && firsts[0].slot.source != h.slot.source {
			firsts = firsts[:0]
		}
		inItsPlace := func(f holder) bool { return f.slot.collides(h.slot) && (f.root != h.root || h.retired && !f.retired) }
		if at := slices.IndexFunc(firsts, inItsPlace); at >= 0 {
			if h.retired && !firsts[at].retired {
				continue
			}
			unique = false
			twins(r, firsts[at].node, h.node)
		}
		if !slices.ContainsFunc(firsts, func(f holder) bool { return f.slot == h.slot }) {
			firsts = append(firsts, h)
		}
		kept = append(kept, h)
	}
	m.holders, m.firsts = kept, firsts
	return unique
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// addTwins notes that two rows of one register describe one thing: they share what a cloud or vCenter calls it, a UUID and
// no other name, or a serial number and a name. A serial number alone may be that of a chassis, and clones of a virtual
// machine keep its UUID.
func (m *matcher) addTwins(r rank, a, b int32) {
	if m.nodes[a].book != recordedBit || r > bySerial || r == byNativeKey {
		return
	}
	switch one, other := []int32{a}, []int32{b}; {
	case r == bySerial && m.twoSides(a, b): // the host's row and the guest's, of which a serial number is not enough to make one
		return
	case r == byUUID && m.disagree(one, other, byLabel), r == bySerial && !m.share(one, other, byLabel):
		return
	}
	m.twins = append(m.twins, twin{a, b, r}, twin{b, a, r})
}

// leaveUndecided notes for each holder in which books the others are.
func (m *matcher) leaveUndecided(list []posting) {
	var once, twice BookSet
	for _, p := range list {
		b := m.nodes[p.node].counted()
		twice |= once & b
		once |= b
	}
	for _, p := range list {
		b := m.nodes[p.node].counted()
		m.undecided[p.node] |= once&^b | twice
	}
}

// collectRoots gathers the entities of the holders: the observed first, then the recorded, then the rest.
func (m *matcher) collectRoots() {
	m.roots = m.roots[:0]
	for _, h := range m.holders {
		m.roots = append(m.roots, h.root)
	}
	slices.SortFunc(m.roots, func(a, b int32) int {
		return cmp.Or(cmp.Compare(m.order(a), m.order(b)), cmp.Compare(a, b))
	})
	m.roots = slices.Compact(m.roots)
}

func (m *matcher) order(root int32) int {
	switch b := m.books[root]; {
	case b&observedBit != 0:
		return 0
	case b&recordedBit != 0:
		return 1
	}
	return 2
}
