package link

import (
	"cmp"
	"math/bits"
	"slices"
)

// posting says that a node holds an identifier.
type posting struct {
	hash uint64
	node int32
}

func comparePostings(a, b posting) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.node, b.node))
}

// spread returns the postings that each yields, sorted by hash and node, in time linear in their number: hashes are
// even, so that buckets by their upper bits hold about eight each. each is called twice and must yield the same.
// buf is used if it is large enough.
func spread(buf []posting, each func(yield func(posting))) []posting {
	n := 0
	each(func(posting) { n++ })
	if n == 0 {
		return nil
	}
	shift := 64 - max(bits.Len(uint(n))-3, 1)
	starts := make([]uint32, 1<<(64-shift)+1)
	each(func(p posting) { starts[p.hash>>shift+1]++ })
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	out := slices.Grow(buf[:0], n)[:n]
	fill := starts[:len(starts)-1]
	each(func(p posting) {
		b := p.hash >> shift
		out[fill[b]] = p
		fill[b]++
	})
	from := uint32(0) // after filling, each start has become the end of its bucket
	for _, to := range fill {
		slices.SortFunc(out[from:to], comparePostings)
		from = to
	}
	return out
}

// postings returns who holds identifiers of a rank, sorted by hash and node.
func (x *index) postings(buf []posting, r rank) []posting {
	return spread(buf, func(yield func(posting)) {
		from := uint32(0)
		for i := range x.nodes {
			to := x.nodes[i].end
			for k := from; k < to; k++ {
				if tagRank(x.tags[k]) == r {
					yield(posting{x.hashes[k], int32(i)})
				}
			}
			from = to
		}
	})
}

// runs calls do for every value that at least two nodes hold, with its range in the list.
func runs(list []posting, do func(from, to int)) {
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && list[to].hash == list[from].hash {
			to++
		}
		if to-from > 1 {
			do(from, to)
		}
		from = to
	}
}
