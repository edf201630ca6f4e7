package link

import (
	"cmp"
	"slices"
)

// part is a holder in one of the groups into which the holders of an ambiguous value fall.
type part struct {
	key uint64
	holder
}

// refine tries what is left where several assets of one source hold a value: a serial number that nodes of a chassis share links
// with the name, or by vendor, and an asset tag by the owner who gave it out. What this does not settle stays undecided.
func (m *matcher) refine(r rank, from, to uint32) {
	all := slices.Clone(m.holders)
	settled := map[int32]bool{}
	for _, way := range m.refinements(r) {
		if parts, ok := m.parts(all, way); ok {
			m.refineBy(r, parts, settled, from, to)
		}
	}
	rest := make([]posting, 0, to-from)
	for _, p := range m.list[from:to] {
		if !settled[m.root(p.node)] {
			rest = append(rest, p)
		}
	}
	m.leaveUndecided(rest)
}

// refinement is a way of telling the holders of one value apart.
type refinement struct {
	keys func(node int32) func(yield func(uint64) bool)
	// needed says of which holders all must have a key: one without could belong to any group.
	needed func(n *node) bool
}

func (m *matcher) refinements(r rank) []refinement {
	switch r {
	case bySerial:
		return []refinement{
			{m.hashesOf(byVendor), func(*node) bool { return true }},
			{m.hashesOf(byLabel), func(*node) bool { return false }},
		}
	case byAssetTag:
		return []refinement{{m.ownerOf, func(n *node) bool { return n.book == recordedBit }}}
	}
	return nil
}

// parts returns the holders with their keys, or false if one lacks a key that it needs.
func (m *matcher) parts(holders []holder, way refinement) ([]part, bool) {
	var out []part
	for _, h := range holders {
		found := false
		for key := range way.keys(h.node) {
			out, found = append(out, part{key, h}), true
		}
		if !found && way.needed(&m.nodes[h.node]) {
			return nil, false
		}
	}
	return out, true
}

func (m *matcher) hashesOf(r rank) func(node int32) func(yield func(uint64) bool) {
	return func(node int32) func(yield func(uint64) bool) {
		return func(yield func(uint64) bool) {
			for _, hash := range m.heldBy([]int32{node}, r) {
				if !yield(hash) {
					return
				}
			}
		}
	}
}

// ownerOf yields the account, if there is one.
func (m *matcher) ownerOf(node int32) func(yield func(uint64) bool) {
	return func(yield func(uint64) bool) {
		if account := m.nodes[node].account; m.places[account].name != "" {
			yield(uint64(account))
		}
	}
}

// refineBy proposes to join the holders of each key that stand alone in their sources with it.
func (m *matcher) refineBy(r rank, parts []part, settled map[int32]bool, from, to uint32) {
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.node, b.node)) })
	for i := 0; i < len(parts); {
		m.holders = m.holders[:0]
		k := i
		for ; k < len(parts) && parts[k].key == parts[i].key; k++ {
			m.holders = append(m.holders, parts[k].holder)
		}
		i = k
		if len(m.holders) < 2 || !m.oneEachSlot(r, func(rank, int32, int32) {}) || !m.proposeHolders(r, from, to) {
			continue
		}
		for _, h := range m.holders {
			settled[h.root] = true
		}
	}
}
