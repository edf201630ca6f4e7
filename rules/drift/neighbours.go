package drift

import (
	"cmp"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
)

// Neighbours knows what assets that have something in common agree on: where the declared ones stand, and who owns the observed ones.
// From it comes a guess of where an undeclared asset belongs. It holds 16 bytes for each trait (an account and region with a tag, a
// name's beginning, a network) and each answer to it, as much for each declaration and each asset with an owner, and no asset.
type Neighbours struct {
	links     *link.Result
	ownerKeys []string // exact, the first counts first; of the policy
	votes     []vote
	compacted int // votes that are sorted and of which none is there twice
	owners    []entityOwner
	declared  []declaredEntity // sorted once the first observed asset is met
	sorted    bool
	places    interned[Place]
	scratch   []named // of the asset at hand
	values    interned[string]
}

// Place is where neighbours are declared.
type Place struct {
	Source string // name of the declared source
	File   string // state file or template; of code, the folder
	Module string
}

// vote says how many assets with a trait give one answer.
type vote struct {
	trait     trait
	answer, n uint32
}

func (v vote) compare(o vote) int {
	return cmp.Or(cmp.Compare(v.trait, o.trait), cmp.Compare(v.answer, o.answer))
}

// declaredEntity is where a thing is declared, in one layer.
type declaredEntity struct {
	entity int64
	place  uint32
	layer  uint8 // its index in placeLayers
}

// placeLayers are the layers that tell where things are declared; a plan tells nothing that its state and code do not.
func placeLayers() []inventory.Layer {
	return []inventory.Layer{inventory.LayerState, inventory.LayerCode}
}

type entityOwner struct {
	entity int64
	owner  uint32
}

// interned numbers values, each once.
type interned[T comparable] struct {
	list  []T
	index map[T]uint32
}

func (x *interned[T]) number(v T) uint32 {
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

// NewNeighbours returns an empty index. ownerKeys are the tags that name who answers for an asset.
func NewNeighbours(links *link.Result, ownerKeys []string) *Neighbours {
	return &Neighbours{links: links, ownerKeys: ownerKeys}
}

// Watch passes assets on and takes note of them: first all that are declared, then all that are observed, since a declaration often does
// not tell its account, and what is observed of it does. The index is complete when they are all read, and must not be asked before.
func (x *Neighbours) Watch(assets iter.Seq2[*inventory.Entry, error]) iter.Seq2[*inventory.Entry, error] {
	return func(yield func(*inventory.Entry, error) bool) {
		for e, err := range assets {
			if err == nil {
				x.note(e)
			}
			if !yield(e, err) {
				return
			}
		}
		x.compact()
		slices.SortFunc(x.owners, func(a, b entityOwner) int {
			return cmp.Or(cmp.Compare(a.entity, b.entity), strings.Compare(x.values.list[a.owner], x.values.list[b.owner]))
		})
	}
}

func (x *Neighbours) note(e *inventory.Entry) {
	entity, ok := x.links.EntityOf(e.ID)
	switch {
	case !ok:
	case e.Book == inventory.Declared:
		place, layer, ok := placeOf(e)
		if ok {
			x.declared = append(x.declared, declaredEntity{entity, x.places.number(place), layer})
		}
	case e.Book == inventory.Observed:
		x.notePlaces(e, entity)
		if owner, _, ok := x.ownerTag(e); ok {
			n := x.values.number(owner)
			x.owners = append(x.owners, entityOwner{entity, n})
			x.scratch = x.attachedTraits(ownerTraits(x.scratch[:0], e, false), e)
			x.add(x.scratch, n)
		}
	}
}

// notePlaces says of an observed asset where it is declared.
func (x *Neighbours) notePlaces(e *inventory.Entry, entity int64) {
	if !x.sorted {
		slices.SortFunc(x.declared, func(a, b declaredEntity) int {
			return cmp.Or(cmp.Compare(a.entity, b.entity), cmp.Compare(a.place, b.place), cmp.Compare(a.layer, b.layer))
		})
		x.declared, x.sorted = slices.Clip(slices.Compact(x.declared)), true
	}
	i, _ := slices.BinarySearchFunc(x.declared, entity, func(d declaredEntity, id int64) int { return cmp.Compare(d.entity, id) })
	for ; i < len(x.declared) && x.declared[i].entity == entity; i++ {
		d := x.declared[i]
		x.scratch = placeTraits(x.scratch[:0], e, placeLayers()[d.layer], false)
		x.add(x.scratch, d.place)
	}
}

// compactAfter is how many votes are gathered before those that are alike become one.
const compactAfter = 1 << 16

func (x *Neighbours) add(traits []named, answer uint32) {
	for _, t := range traits {
		x.votes = append(x.votes, vote{t.trait, answer, 1})
	}
	if len(x.votes) > 2*x.compacted+compactAfter {
		x.compact()
	}
}

func (x *Neighbours) compact() {
	slices.SortFunc(x.votes, vote.compare)
	out := x.votes[:0]
	for _, v := range x.votes {
		if n := len(out); n > 0 && out[n-1].trait == v.trait && out[n-1].answer == v.answer {
			out[n-1].n += v.n
			continue
		}
		out = append(out, v)
	}
	x.votes, x.compacted = out, len(out)
}

// poll is what the assets with a trait answer: the answer of most, how many gave it, and of how many. Of two answers of as many the
// first in the order that before gives is taken.
func (x *Neighbours) poll(t trait, before func(a, b uint32) int) (answer uint32, most, all int) {
	i, _ := slices.BinarySearchFunc(x.votes, t, func(v vote, t trait) int { return cmp.Compare(v.trait, t) })
	for ; i < len(x.votes) && x.votes[i].trait == t; i++ {
		v := x.votes[i]
		all += int(v.n)
		if int(v.n) > most || int(v.n) == most && before(v.answer, answer) < 0 {
			answer, most = v.answer, int(v.n)
		}
	}
	return answer, most, all
}

// placeOf is where a declaration stands, and the number of its layer. What has no layer says what is applied, as a state does.
func placeOf(e *inventory.Entry) (p Place, layer uint8, ok bool) {
	file := cmp.Or(e.Origin.File, e.Origin.Lineage)
	switch {
	case file == "", e.Origin.Layer == inventory.LayerPlan:
		return Place{}, 0, false
	case e.Origin.Layer == inventory.LayerCode:
		layer = 1
		if strings.HasPrefix(path.Ext(file), ".t") { // .tf, .tofu: the files of a folder are one
			file = path.Dir(file)
		}
	}
	return Place{Source: e.Source, File: file, Module: e.Origin.Module}, layer, true
}

// likelyPlace is where what resembles an asset is declared, if all of it stands in one file. why says what resembles it.
func (x *Neighbours) likelyPlace(o *inventory.Entry, layer inventory.Layer) (place Place, why string, neighbours int, ok bool) {
	for _, t := range placeTraits(nil, o, layer, true) {
		files, n := map[Place]int{}, 0
		i, _ := slices.BinarySearchFunc(x.votes, t.trait, func(v vote, t trait) int { return cmp.Compare(v.trait, t) })
		for ; i < len(x.votes) && x.votes[i].trait == t.trait; i++ {
			p := x.places.list[x.votes[i].answer]
			files[Place{Source: p.Source, File: p.File}]++
			place, n = p, n+int(x.votes[i].n)
		}
		if len(files) != 1 || n < 2 {
			continue
		}
		for file, modules := range files {
			if modules > 1 {
				place = file
			}
		}
		return place, t.name, n, true
	}
	return Place{}, "", 0, false
}
