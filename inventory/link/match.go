package link

import (
	"cmp"
	"context"
	"slices"
)

// matcher joins assets into entities, rank by rank.
type matcher struct {
	*index
	*groups
	undecided   []BookSet // of a node: books in which something shares an identifier with it that links nothing
	twins       []twin
	left, right []int32 // room for members
	holders     []holder
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

// slot is where a value should stand once: a source, or a source and type where a register may describe one thing as
// several.
type slot struct{ source, typ uint32 }

// slotOf returns the slot of a node for a value of a rank.
func (x *index) slotOf(r rank, n *node) slot {
	if n.book == recordedBit && r.tellsFacets() {
		return slot{n.source, n.typ + 1}
	}
	return slot{n.source, 0}
}

func newMatcher(x *index) *matcher {
	return &matcher{index: x, groups: newGroups(x.nodes), undecided: make([]BookSet, len(x.nodes))}
}

func (m *matcher) run(ctx context.Context) error {
	var buf []posting
	var values [][2]uint32
	for r := byName; r <= lastLinking; r++ {
		buf = m.postings(buf, r)
		if r == byName {
			runs(buf, func(from, to int) { m.joinAll(buf[from:to]) })
			continue
		}
		values = m.openValues(values[:0], buf)
		for i, v := range values {
			if i%checkEvery == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			m.value(r, buf[v[0]:v[1]])
		}
	}
	return ctx.Err()
}

func (m *matcher) joinAll(holders []posting) {
	for _, h := range holders[1:] {
		m.join(holders[0].node, h.node)
	}
}

// openValues returns the values, as ranges of list, whose holders are not one entity yet, in the order of their holders: hashes
// differ from run to run, ids do not.
func (m *matcher) openValues(values [][2]uint32, list []posting) [][2]uint32 {
	runs(list, func(from, to int) {
		first := m.root(list[from].node)
		for _, p := range list[from+1 : to] {
			if m.root(p.node) != first {
				values = append(values, [2]uint32{uint32(from), uint32(to)})
				return
			}
		}
	})
	slices.SortFunc(values, func(a, b [2]uint32) int {
		return slices.CompareFunc(list[a[0]:a[1]], list[b[0]:b[1]], func(p, q posting) int { return cmp.Compare(p.node, q.node) })
	})
	return values
}

// value joins the holders of one value as far as it is allowed.
func (m *matcher) value(r rank, list []posting) {
	m.holders = m.holders[:0]
	for _, p := range list {
		n := &m.nodes[p.node]
		m.holders = append(m.holders, holder{p.node, m.root(p.node), m.slotOf(r, n), n.retired})
	}
	if !r.withinSource() && !m.oneEachSlot(r) {
		m.leaveUndecided(list)
		return
	}
	m.collectRoots()
	if len(m.roots) > 1 && !m.joinRoots(r) {
		m.leaveUndecided(list)
	}
	if r == byDeclaration {
		m.markCopies(list)
	}
}

// markCopies notes that declarations of one lineage and address name different things.
func (m *matcher) markCopies(list []posting) {
	first := m.root(list[0].node)
	if !slices.ContainsFunc(list, func(p posting) bool { return m.root(p.node) != first }) {
		return
	}
	for _, p := range list {
		m.undecided[p.node] |= copyBit
	}
}

// oneEachSlot drops retired holders whose slot has another in use, and reports whether each slot then holds the value for
// one entity only.
func (m *matcher) oneEachSlot(r rank) bool {
	slices.SortFunc(m.holders, func(a, b holder) int {
		return cmp.Or(cmp.Compare(a.slot.source, b.slot.source), cmp.Compare(a.slot.typ, b.slot.typ), compareBool(a.retired, b.retired), cmp.Compare(a.node, b.node))
	})
	unique := true
	kept := m.holders[:0]
	for i := 0; i < len(m.holders); {
		first, k := m.holders[i], i
		for ; k < len(m.holders) && m.holders[k].slot == first.slot; k++ {
			h := m.holders[k]
			if h.retired && !first.retired && h.root != first.root {
				continue
			}
			if h.root != first.root {
				unique = false
				m.addTwins(r, first.node, h.node)
			}
			kept = append(kept, h)
		}
		i = k
	}
	m.holders = kept
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

// addTwins notes that two rows of one register describe one thing: they share an instance id or resource id, a UUID and
// no other name, or a serial number and a name. A serial number alone may be that of a chassis, and clones of a virtual
// machine keep its UUID.
func (m *matcher) addTwins(r rank, a, b int32) {
	if m.nodes[a].book != recordedBit || r > bySerial {
		return
	}
	switch one, other := []int32{a}, []int32{b}; {
	case r == byUUID && m.disagree(one, other, byLabel), r == bySerial && !m.share(one, other, byLabel):
		return
	}
	m.twins = append(m.twins, twin{a, b, r}, twin{b, a, r})
}

// leaveUndecided notes for each holder in which books the others are.
func (m *matcher) leaveUndecided(list []posting) {
	var once, twice BookSet
	for _, p := range list {
		b := m.nodes[p.node].book
		twice |= once & b
		once |= b
	}
	for _, p := range list {
		b := m.nodes[p.node].book
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

// joinRoots joins all roots if no two of them exclude each other. If some do and exactly one is observed, that one takes
// what agrees with it: it is the thing that bears the identifier now. Else nothing is joined. It reports whether each
// root that stayed apart is certainly another thing.
func (m *matcher) joinRoots(r rank) bool {
	if len(m.roots) > maxMatched {
		return false
	}
	worst := m.worst(r)
	if worst == may {
		for _, root := range m.roots[1:] {
			m.join(m.roots[0], root)
		}
		return true
	}
	if len(m.roots) == 2 {
		return worst.certain()
	}
	if m.order(m.roots[0]) != 0 || m.order(m.roots[1]) == 0 {
		return false
	}
	return m.joinToFirst(r)
}

func (m *matcher) joinToFirst(r rank) bool {
	certain := true
	for _, root := range m.roots[1:] {
		v, _ := m.compare(m.root(m.roots[0]), root, r)
		if v == may {
			m.join(m.roots[0], root)
			continue
		}
		certain = certain && v.certain()
	}
	return certain
}

// worst returns what speaks against joining any two of the roots; may if nothing does.
func (m *matcher) worst(r rank) verdict {
	worst := may
	for i, a := range m.roots {
		for _, b := range m.roots[i+1:] {
			if v, _ := m.compare(a, b, r); v != may && (worst == may || !v.certain()) {
				worst = v
			}
		}
	}
	return worst
}
