// Package neighbours counts what assets that have something in common agree on: where they are declared, who owns them, which value of a
// tag they bear. What two assets have in common is a Trait; each asset answers a question for all of its traits, and the answers are
// counted. It takes 16 bytes for each trait and each different answer to it, and holds no asset.
package neighbours

import (
	"cmp"
	"iter"
	"slices"
)

// Trait is something that assets have in common, as a hash of its parts: FNV-1a, so that one estate gives one answer on every machine.
type Trait uint64

// Named is a trait and what a person calls it.
type Named struct {
	Trait
	Name string
}

// TraitOf makes a trait of its parts.
func TraitOf(parts ...string) Trait {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * prime
		}
		h = (h ^ 0xff) * prime // no text holds this byte, so that parts cannot run together
	}
	return Trait(h)
}

// About makes a trait of its own for each of several questions that are asked about one.
func (t Trait) About(question int) Trait {
	const golden = 0x9e3779b97f4a7c15 // spreads small numbers over all bits
	return t ^ Trait(uint64(question+1)*golden)
}

// Votes counts answers by trait. The zero value is empty. Add may not be called after Finish, nor may anything be asked before.
type Votes struct {
	list      []vote
	compacted int // votes that are sorted and of which none is there twice
	// recent holds votes that are not in the list yet, where their hash falls: most assets vote as one shortly before them did.
	recent []vote
}

// vote says how many assets with a trait give one answer.
type vote struct {
	trait     Trait
	answer, n uint32
}

func (v vote) compare(o vote) int {
	if v.trait != o.trait {
		return cmp.Compare(v.trait, o.trait)
	}
	return cmp.Compare(v.answer, o.answer)
}

const (
	// compactAfter is how many votes are gathered before those that are alike become one.
	compactAfter = 1 << 16
	recentVotes  = 1 << 14
)

// Add counts an answer for a trait.
func (x *Votes) Add(t Trait, answer uint32) {
	if x.recent == nil {
		x.recent = make([]vote, recentVotes)
	}
	v := &x.recent[(uint64(t)^uint64(answer)*0x9e3779b1)>>7%recentVotes]
	if v.trait == t && v.answer == answer && v.n > 0 {
		v.n++
		return
	}
	if v.n > 0 {
		x.push(*v)
	}
	*v = vote{t, answer, 1}
}

func (x *Votes) push(v vote) {
	x.list = append(x.list, v)
	if len(x.list) > 2*x.compacted+compactAfter {
		x.compact()
	}
}

// Finish makes the votes ready to be asked.
func (x *Votes) Finish() {
	for _, v := range x.recent {
		if v.n > 0 {
			x.list = append(x.list, v)
		}
	}
	x.recent = nil
	x.compact()
}

func (x *Votes) compact() {
	slices.SortFunc(x.list, vote.compare)
	out := x.list[:0]
	for _, v := range x.list {
		if n := len(out); n > 0 && out[n-1].trait == v.trait && out[n-1].answer == v.answer {
			out[n-1].n += v.n
			continue
		}
		out = append(out, v)
	}
	x.list, x.compacted = out, len(out)
}

// Len is the number of votes that differ, once they are finished.
func (x *Votes) Len() int { return len(x.list) }

// Answers yields the answers of the assets with a trait, each with how many gave it, in the order of the answers.
func (x *Votes) Answers(t Trait) iter.Seq2[uint32, int] {
	return func(yield func(uint32, int) bool) {
		i, _ := slices.BinarySearchFunc(x.list, t, func(v vote, t Trait) int { return cmp.Compare(v.trait, t) })
		for ; i < len(x.list) && x.list[i].trait == t; i++ {
			if !yield(x.list[i].answer, int(x.list[i].n)) {
				return
			}
		}
	}
}

// Most is what the assets with a trait answer: the answer of most, how many gave it, and of how many. Of two answers of as many the first
// in the order that before gives is taken.
func (x *Votes) Most(t Trait, before func(a, b uint32) int) (answer uint32, most, all int) {
	for a, n := range x.Answers(t) {
		all += n
		if n > most || n == most && before(a, answer) < 0 {
			answer, most = a, n
		}
	}
	return answer, most, all
}

// Interned numbers values, each once. The zero value is empty.
type Interned[T comparable] struct {
	list  []T
	index map[T]uint32
}

// Number is the number of a value, which is a new one the first time.
func (x *Interned[T]) Number(v T) uint32 {
	n, ok := x.index[v]
	if !ok {
		if x.index == nil {
			x.index = map[T]uint32{}
		}
		n = uint32(len(x.list)) //nolint:gosec // fewer than there are assets
		x.index[v], x.list = n, append(x.list, v)
	}
	return n
}

// Find is the number of a value that has one.
func (x *Interned[T]) Find(v T) (uint32, bool) {
	n, ok := x.index[v]
	return n, ok
}

// Value is the value with a number.
func (x *Interned[T]) Value(n uint32) T { return x.list[n] }
