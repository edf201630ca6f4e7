package drift

import (
	"cmp"
	"iter"
	"path"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules/neighbours"
)

// Neighbours knows what assets that have something in common agree on: where the declared ones stand, and who owns the observed ones.
// From it comes a guess of where an undeclared asset belongs. It holds 16 bytes for each trait (an account and region with a tag, a
// name's beginning, a network) and each answer to it, as much for each declaration and each asset with an owner, and no asset.
type Neighbours struct {
	links     *link.Result
	ownerKeys []string // exact, the first counts first; of the policy
	votes     neighbours.Votes
	owners    []entityOwner
	declared  []declaredEntity // sorted once the first observed asset is met
	sorted    bool
	places    neighbours.Interned[Place]
	scratch   []neighbours.Named // of the asset at hand
	values    neighbours.Interned[string]
}

// Place is where neighbours are declared.
type Place struct {
	Source string // name of the declared source
	File   string // state file or template; of code, the folder
	Module string
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
		x.votes.Finish()
		slices.SortFunc(x.owners, func(a, b entityOwner) int {
			return cmp.Or(cmp.Compare(a.entity, b.entity), strings.Compare(x.values.Value(a.owner), x.values.Value(b.owner)))
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
			x.declared = append(x.declared, declaredEntity{entity, x.places.Number(place), layer})
		}
	case e.Book == inventory.Observed:
		x.notePlaces(e, entity)
		if owner, _, ok := x.ownerTag(e); ok {
			n := x.values.Number(owner)
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

func (x *Neighbours) add(traits []neighbours.Named, answer uint32) {
	for _, t := range traits {
		x.votes.Add(t.Trait, answer)
	}
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
func (x *Neighbours) likelyPlace(o *inventory.Entry, layer inventory.Layer) (place Place, why string, number int, ok bool) {
	for _, t := range placeTraits(nil, o, layer, true) {
		files, n := map[Place]int{}, 0
		for answer, assets := range x.votes.Answers(t.Trait) {
			p := x.places.Value(answer)
			files[Place{Source: p.Source, File: p.File}]++
			place, n = p, n+assets
		}
		if len(files) != 1 || n < 2 {
			continue
		}
		for file, modules := range files {
			if modules > 1 {
				place = file
			}
		}
		return place, t.Name, n, true
	}
	return Place{}, "", 0, false
}
