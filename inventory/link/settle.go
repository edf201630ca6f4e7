package link

import (
	"cmp"
	"slices"
)

// proposal is to join some entities, no two of which exclude each other, on a value.
type proposal struct {
	first, end uint32 // range of their roots in matcher.proposed
	from, to   uint32 // range of the value in the list of the rank
}

// propose proposes to join the entities with these roots, which it sorts.
func (m *matcher) propose(roots []int32, from, to uint32) {
	if len(roots) < 2 {
		return
	}
	slices.Sort(roots)
	first := uint32(len(m.proposed))
	m.proposed = append(m.proposed, roots...)
	m.proposals = append(m.proposals, proposal{first, uint32(len(m.proposed)), from, to})
}

func (m *matcher) rootsOf(p proposal) []int32 { return m.proposed[p.first:p.end] }

// proposeHolders proposes to join all entities of the holders if no two of them exclude each other. If some do and exactly
// one is observed, that one takes what agrees with it: it is the thing that bears the identifier now. Else nothing is
// proposed. It reports whether each entity that stays apart is certainly another thing.
func (m *matcher) proposeHolders(r rank, from, to uint32) bool {
	m.collectRoots()
	switch {
	case len(m.roots) < 2:
		return true
	case len(m.roots) > maxMatched:
		return false
	}
	worst := m.worst(r)
	switch {
	case worst == may:
		m.propose(m.roots, from, to)
		return true
	case len(m.roots) == 2:
		return worst.certain()
	case m.order(m.roots[0]) != 0 || m.order(m.roots[1]) == 0:
		return false
	}
	return m.proposeToFirst(r, from, to)
}

// proposeToFirst proposes to join the first root with each other that agrees with it, and with all that do.
func (m *matcher) proposeToFirst(r rank, from, to uint32) bool {
	certain := true
	var agreeing []int32
	for _, root := range m.roots[1:] {
		if v, _ := m.compare(m.roots[0], root, r); v == may {
			agreeing = append(agreeing, root)
		} else {
			certain = certain && v.certain()
		}
	}
	together := []int32{m.roots[0]}
	for _, root := range agreeing {
		if slices.ContainsFunc(agreeing, func(o int32) bool { return o != root && m.excludes(root, o, r) }) {
			certain = false
			continue
		}
		together = append(together, root)
	}
	m.propose(together, from, to)
	return certain
}

func (m *matcher) excludes(a, b int32, r rank) bool {
	v, _ := m.compare(a, b, r)
	return v != may
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

// settle makes the joins that were proposed on a rank, as far as they do not contradict one another.
func (m *matcher) settle(r rank) {
	tangled := m.joinSimple(m.proposals)
	slices.SortFunc(tangled, func(p, q proposal) int {
		return cmp.Or(slices.Compare(m.rootsOf(p), m.rootsOf(q)), cmp.Compare(p.from, q.from))
	})
	tangled = m.joinSimple(tangled)
	for _, c := range components(m.tangles(tangled)) {
		m.untangle(r, c)
	}
	m.proposals, m.proposed = m.proposals[:0], m.proposed[:0]
}

// joinSimple makes the proposals none of whose entities another one names, and returns the others, in list's memory. Of
// proposals that are alike each but the first is ignored if they follow each other.
func (m *matcher) joinSimple(list []proposal) []proposal {
	const several = 2
	var before []int32
	for _, p := range list {
		roots := m.rootsOf(p)
		if !slices.Equal(roots, before) {
			for _, root := range roots {
				m.degree[root] = min(m.degree[root]+1, several)
			}
		}
		before = roots
	}
	rest := list[:0]
	var joined []int32
	for _, p := range list {
		roots := m.rootsOf(p)
		switch {
		case slices.Equal(roots, joined):
		case m.alone(roots):
			joined = roots
			m.joinRoots(roots)
		default:
			rest = append(rest, p)
		}
	}
	for _, p := range rest {
		for _, root := range m.rootsOf(p) {
			m.degree[root] = 0
		}
	}
	return rest
}

// alone reports whether one proposal alone names these entities, and forgets that it does.
func (m *matcher) alone(roots []int32) bool {
	if slices.ContainsFunc(roots, func(root int32) bool { return m.degree[root] != 1 }) {
		return false
	}
	for _, root := range roots {
		m.degree[root] = 0
	}
	return true
}

func (m *matcher) joinRoots(roots []int32) {
	for _, root := range roots[1:] {
		m.join(roots[0], root)
	}
}
