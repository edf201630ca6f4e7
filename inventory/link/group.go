package link

// maxMatched is the number of assets beyond which an entity takes part in no matching below the first rank. It keeps
// the comparison of two entities at constant cost.
const maxMatched = 64

// groups are the entities while they grow: union-find, whose root is the node with the least id, and a ring through
// the members of each.
type groups struct {
	parent []int32
	next   []int32
	books  []BookSet // of a root: the books its members are in
}

func newGroups(nodes []node) *groups {
	g := &groups{parent: make([]int32, len(nodes)), next: make([]int32, len(nodes)), books: make([]BookSet, len(nodes))}
	for i := range nodes {
		g.parent[i], g.next[i], g.books[i] = int32(i), int32(i), nodes[i].counted()
	}
	return g
}

func (g *groups) root(i int32) int32 {
	for g.parent[i] != i {
		g.parent[i] = g.parent[g.parent[i]]
		i = g.parent[i]
	}
	return i
}

func (g *groups) join(a, b int32) {
	a, b = g.root(a), g.root(b)
	if a == b {
		return
	}
	if b < a {
		a, b = b, a
	}
	g.parent[b] = a
	g.books[a] |= g.books[b]
	g.next[a], g.next[b] = g.next[b], g.next[a]
}

// members returns the members of a root's entity, or false if they are too many to be compared. The list is in buf.
func (g *groups) members(buf []int32, root int32) ([]int32, bool) {
	buf = append(buf[:0], root)
	for i := g.next[root]; i != root; i = g.next[i] {
		if len(buf) == maxMatched {
			return nil, false
		}
		buf = append(buf, i)
	}
	return buf, true
}
