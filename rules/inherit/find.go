package inherit

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

const (
	// maxDepth is how many steps up are looked at. Longer chains do not occur.
	maxDepth = 8
	// maxVisits is how many things are looked at for one asset.
	maxVisits = 256
)

// place is a thing on the way up.
type place struct {
	step   Step
	below  int // index of the place that belongs to it; -1 for the asset itself
	rank   int // the last in order of the ways that lead to it
	depth  int
	entity int64
	node   *node
	why    string // why it could not be read; empty if it was
}

func (p *place) compare(o *place) int {
	return cmp.Or(cmp.Compare(p.rank, o.rank), cmp.Compare(p.depth, o.depth))
}

// search climbs from an asset.
type search struct {
	*Index
	via     []rules.Via
	keys    []string
	seen    []place
	pending []place // not looked at yet
	visited map[int64]bool
}

// Find returns what an asset's parents say of the tag with one of the keys, which the asset itself does not have. via names the ways up,
// in the order in which they count: what is reached by the first alone, over however many steps, goes before what needs the second, and
// of those the nearest. Where several of one rank differ, the tag is there but its value is not known. The keys and ways must be among
// those of Inputs.
func (x *Index) Find(asset *inventory.Entry, via []rules.Via, keys []string) Found {
	s := search{Index: x, via: via, keys: keys, visited: map[int64]bool{}}
	if self, ok := x.Links.EntityOf(asset.ID); ok {
		s.visited[self] = true
	}
	s.climb(-1, asset.Book, x.edgesOf(asset))
	for len(s.pending) > 0 {
		if found, ok := s.look(s.next()); ok {
			return s.sure(asset, found)
		}
		if len(s.seen) > maxVisits {
			return Found{State: expr.Unknown, Why: fmt.Sprintf("it belongs to more than %d things, which are too many to look at", maxVisits)}
		}
	}
	return s.sure(asset, Found{State: expr.No})
}

// sure weighs what was found against what a listing by name and tags alone does not tell: to what an asset belongs.
func (s *search) sure(asset *inventory.Entry, f Found) Found {
	first := slices.IndexFunc(s.via, rules.Via.IsRelation)
	if !asset.Shallow || len(asset.Relations) > 0 || first < 0 || f.State == expr.Unknown {
		return f
	}
	const why = "it is known by name and tags only: what it belongs to was not read"
	if f.State == expr.No {
		return Found{State: expr.Unknown, Why: why}
	}
	if s.rankOf(f.Chain) > first {
		f.Tag.Value, f.Tag.ValueUnknown, f.Why = "", true, why
	}
	return f
}

func (s *search) rankOf(chain []Step) int {
	rank := 0
	for _, step := range chain {
		rank = max(rank, slices.Index(s.via, step.Via))
	}
	return rank
}

// climb adds what something belongs to. below is its place, -1 for the asset itself.
func (s *search) climb(below int, book inventory.Book, edges []edge) {
	rank, depth := 0, 1
	if below >= 0 {
		rank, depth = s.seen[below].rank, s.seen[below].depth+1
	}
	for _, e := range edges {
		i := slices.Index(s.via, e.via)
		if i < 0 {
			continue
		}
		if p, ok := s.resolve(book, e); ok {
			p.below, p.rank, p.depth = below, max(rank, i), depth
			s.pending = append(s.pending, p)
		}
	}
}

// next takes the places that count most out of those that are pending: all of one rank and depth.
func (s *search) next() []int {
	first := slices.MinFunc(s.pending, func(a, b place) int { return a.compare(&b) })
	from := len(s.seen)
	s.pending = slices.DeleteFunc(s.pending, func(p place) bool {
		if p.compare(&first) != 0 {
			return false
		}
		if p.node == nil || !s.visited[p.entity] {
			s.seen = append(s.seen, p)
		}
		if p.node != nil {
			s.visited[p.entity] = true
		}
		return true
	})
	group := make([]int, len(s.seen)-from)
	for i := range group {
		group[i] = from + i
	}
	return group
}

// look asks the places of one rank. If none of them has the tag and all were read, it goes on to what they belong to.
func (s *search) look(group []int) (Found, bool) {
	found, at := Found{}, -1
	unread := ""
	for _, i := range group {
		parent := s.ask(&s.seen[i])
		switch {
		case parent.State == expr.Unknown && unread == "":
			unread = unreadParent(parent.Step, parent.Why)
		case parent.State == expr.Yes && at < 0:
			at, found = i, Found{State: expr.Yes, Tag: parent.Tag}
		case parent.State == expr.Yes && !found.Tag.ValueUnknown && parent.Tag.ValueUnknown:
			found.Tag, found.Why = inventory.Tag{Key: parent.Tag.Key, ValueUnknown: true}, "the value that "+parent.Key+" has is not known"
		case parent.State == expr.Yes && !found.Tag.ValueUnknown && parent.Tag.Value != found.Tag.Value:
			found.Why = fmt.Sprintf("%s and %s have different values", s.seen[at].step.Key, parent.Key)
			found.Tag = inventory.Tag{Key: found.Tag.Key, ValueUnknown: true}
		}
	}
	switch {
	case unread != "":
		return Found{State: expr.Unknown, Why: unread}, true
	case at >= 0:
		found.Chain = s.chain(at)
		return found, true
	}
	return s.up(group)
}

// up goes on to what the places of a group belong to.
func (s *search) up(group []int) (Found, bool) {
	for _, i := range group {
		p := s.seen[i]
		if p.node == nil {
			continue
		}
		if p.node.crowded {
			return Found{State: expr.Unknown, Why: fmt.Sprintf("%s belongs to more than %d things", p.step.Key, maxEdges)}, true
		}
		before := len(s.pending)
		s.climb(i, inventory.Books()[p.node.book], s.edgesOfNode(p.node))
		if p.depth < maxDepth {
			continue
		}
		if slices.ContainsFunc(s.pending[before:], func(above place) bool { return above.node == nil || !s.visited[above.entity] }) {
			return Found{State: expr.Unknown, Why: fmt.Sprintf("more than %d steps lead up from it, by %s", maxDepth, p.step.Key)}, true
		}
		s.pending = s.pending[:before]
	}
	return Found{}, false
}

// ask returns what one place says of the tag.
func (s *search) ask(p *place) Parent {
	out := Parent{Step: p.step, State: expr.Unknown, Why: p.why}
	switch {
	case p.why != "":
	case p.node.state == notAdded:
		out.Why = "it could not be read"
	case p.node.state == tagsUnknown:
		out.Why = s.texts.list[p.node.why]
	default:
		tag, ok := s.tagOf(p.node, s.keys)
		out.Tag, out.State = tag, expr.No
		if ok {
			out.State = expr.Yes
		}
	}
	return out
}

// chain returns the steps from the asset up to a place.
func (s *search) chain(at int) []Step {
	var steps []Step
	for ; at >= 0; at = s.seen[at].below {
		steps = append(steps, s.seen[at].step)
	}
	slices.Reverse(steps)
	return steps
}

// Parents of an asset by the ways given, one step up, and what they say of the tag. What is known to be gone is left out.
func (x *Index) Above(asset *inventory.Entry, via []rules.Via, keys []string) []Parent {
	s := search{Index: x, via: via, keys: keys}
	self, _ := x.Links.EntityOf(asset.ID)
	var list []Parent
	for _, e := range x.edgesOf(asset) {
		p, ok := place{}, slices.Contains(via, e.via)
		if ok {
			p, ok = x.resolve(asset.Book, e)
		}
		if ok && (p.node == nil || p.entity != self) {
			list = append(list, s.ask(&p))
		}
	}
	return list
}
