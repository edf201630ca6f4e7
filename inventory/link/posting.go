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
// even, so that buckets by their upper bits hold about eight each. about is their number, more or less. each is called twice
// and must yield the same. buf is used if it is large enough.
func spread(buf []posting, about int, each func(yield func(posting))) []posting {
	shift := 64 - max(bits.Len(uint(about))-3, 1)
	starts := make([]uint32, 1<<(64-shift)+1)
	each(func(p posting) { starts[p.hash>>shift+1]++ })
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	n := int(starts[len(starts)-1])
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
	switch {
	case x.held[r] == 0:
		return buf[:0]
	case r == byDecoded:
		return x.decodedPostings(buf)
	}
	return spread(buf, x.held[r], func(yield func(posting)) {
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

// decodedPostings returns who holds what is held within another identifier by somebody: so, or as a serial number or MAC address.
// Some may be in the list without need.
func (x *index) decodedPostings(buf []posting) []posting {
	const perValue = 16 // bits of the filter, of which one in 16 is set at most
	filter := make([]uint64, 1<<bits.Len(uint(x.held[byDecoded]*perValue/64)))
	spot := func(hash uint64) (word, bit uint64) { return hash >> 6 & uint64(len(filter)-1), 1 << (hash & 63) }
	for k, tag := range x.tags {
		if tagRank(tag) == byDecoded {
			word, bit := spot(x.hashes[k])
			filter[word] |= bit
		}
	}
	list := spread(buf, 2*x.held[byDecoded], func(yield func(posting)) {
		from := uint32(0)
		for i := range x.nodes {
			to := x.nodes[i].end
			for k := from; k < to; k++ {
				switch r := tagRank(x.tags[k]); r {
				case byDecoded, bySerial, byMAC:
					if word, bit := spot(x.hashes[k]); filter[word]&bit != 0 {
						yield(posting{x.hashes[k], int32(i)})
					}
				}
			}
			from = to
		}
	})
	return slices.Compact(list)
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
