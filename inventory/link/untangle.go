package link

import "slices"

// tangle is a proposal that names an entity which another one names as well.
type tangle struct {
	roots    []int32
	from, to uint32
}

func (m *matcher) tangles(list []proposal) []tangle {
	out := make([]tangle, 0, len(list))
	for _, p := range list {
		out = append(out, tangle{m.rootsOf(p), p.from, p.to})
	}
	return out
}

// untangle makes the proposals of entities that hang together if no two of these exclude each other. If some do, each entity
// that stands between two that exclude each other is left out: nobody knows with which it goes.
func (m *matcher) untangle(r rank, list []tangle) {
	if m.joinTangles(r, list) {
		return
	}
	neighbours := map[int32][]int32{}
	for _, t := range list {
		for _, root := range t.roots {
			neighbours[root] = append(neighbours[root], t.roots...)
		}
	}
	torn := map[int32]bool{}
	for root, near := range neighbours {
		slices.Sort(near)
		torn[root] = m.anyExcludes(slices.Compact(near), r)
	}
	var kept []tangle
	for _, t := range list {
		roots := slices.DeleteFunc(slices.Clone(t.roots), func(root int32) bool { return torn[root] })
		if len(roots) < len(t.roots) {
			m.leaveUndecided(m.list[t.from:t.to])
		}
		if len(roots) > 1 {
			kept = append(kept, tangle{roots, t.from, t.to})
		}
	}
	for _, c := range components(kept) {
		if !m.joinTangles(r, c) {
			for _, t := range c {
				m.leaveUndecided(m.list[t.from:t.to])
			}
		}
	}
}

// joinTangles joins all entities of the proposals, unless some exclude each other.
func (m *matcher) joinTangles(r rank, list []tangle) bool {
	var roots []int32
	for _, t := range list {
		roots = append(roots, t.roots...)
	}
	slices.Sort(roots)
	roots = slices.Compact(roots)
	if m.anyExcludes(roots, r) {
		return false
	}
	m.joinRoots(roots)
	return true
}

// anyExcludes reports whether two of the entities exclude each other, or there are too many to know.
func (m *matcher) anyExcludes(roots []int32, r rank) bool {
	if len(roots) > maxMatched {
		return true
	}
	for i, a := range roots {
		for _, b := range roots[i+1:] {
			if m.excludes(a, b, r) {
				return true
			}
		}
	}
	return false
}

// components splits proposals into those whose entities hang together.
func components(list []tangle) [][]tangle {
	parent := map[int32]int32{}
	root := func(i int32) int32 {
		for p, ok := parent[i]; ok; p, ok = parent[i] {
			if over, further := parent[p]; further {
				parent[i] = over
			}
			i = p
		}
		return i
	}
	for _, t := range list {
		for _, other := range t.roots[1:] {
			if a, b := root(t.roots[0]), root(other); a != b {
				parent[b] = a
			}
		}
	}
	at := map[int32]int{}
	var out [][]tangle
	for _, t := range list {
		top := root(t.roots[0])
		i, ok := at[top]
		if !ok {
			i = len(out)
			at[top] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], t)
	}
	return out
}
