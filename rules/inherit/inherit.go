// Package inherit finds tags that an asset has not itself, but what it belongs to has: the instance that a volume is attached to, the
// group that made an instance, its stack, its VPC, its account.
//
// An Index is made in two steps. Watch notes, while all assets stream by, which of them others belong to; Add takes these entities, and
// keeps of each its name, its type, the tags that somebody asks for and what it belongs to itself. Parents names the entities to add.
//
// Three values: what belongs to something that could not be read may have inherited a tag or not, and nobody can tell.
package inherit

import (
	"iter"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift/reach"
)

// Inputs is what an Index is made with.
type Inputs struct {
	Catalog *catalog.Catalog
	Links   *link.Result
	Reach   *reach.Map // tells a parent that is gone from one that was not read
	Vias    []rules.Via
	Keys    []string // of tags that somebody asks for
}

// Index knows what others belong to. It takes 40 bytes for each parent, its name, 8 bytes for each of its tags that is asked for and for
// each thing that it belongs to itself, and each value once. While assets stream by, it takes 8 bytes more for each relation. Once it is
// made it does not change, and is safe for concurrent use.
type Index struct {
	Inputs
	wants     map[rules.Via]bool
	parents   []int64 // entities; sorted, no duplicates, once sealed
	compacted int
	nodes     []node // of each of parents
	names     []byte
	tags      []nodeTag
	edges     []nodeEdge
	texts     texts
	accounts  map[string]target // by account or project id
	vpcs      map[string]target // by VPC id
	subnets   map[string]string // subnet id to VPC id
}

// target is an asset that is found by another name than its key.
type target struct {
	entity   int64
	key      string
	observed bool
}

// New returns an empty index.
func New(in Inputs) *Index {
	x := &Index{
		Inputs: in, wants: map[rules.Via]bool{}, accounts: map[string]target{}, vpcs: map[string]target{}, subnets: map[string]string{},
		texts: texts{list: []string{""}, index: map[string]uint32{"": 0}},
	}
	for _, v := range in.Vias {
		x.wants[v] = true
	}
	x.Keys = slices.Compact(slices.Sorted(slices.Values(in.Keys)))
	return x
}

// Watch passes assets on and notes what they belong to. Registers tell of no relations that count here: what they hold is passed over.
// Parents is complete when they are all read.
func (x *Index) Watch(assets iter.Seq2[*inventory.Entry, error]) iter.Seq2[*inventory.Entry, error] {
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
		x.parents = slices.Clip(x.parents)
		x.nodes = make([]node, len(x.parents))
	}
}

// compactAfter is how many parents are gathered before those that are there twice become one.
const compactAfter = 1 << 16

func (x *Index) note(e *inventory.Entry) {
	if e.Book == inventory.Recorded || e.FacetOf() != "" {
		return
	}
	x.notePlace(e)
	for _, edge := range x.keysOf(e) { // accounts and VPCs are noted as they come
		if id, ok := x.lookUp(e.Book, edge.text); ok {
			x.want(id)
		}
	}
}

func (x *Index) want(entity int64) {
	if x.parents = append(x.parents, entity); len(x.parents) > 2*x.compacted+compactAfter {
		x.compact()
	}
}

func (x *Index) compact() {
	slices.Sort(x.parents)
	x.parents = slices.Compact(x.parents)
	x.compacted = len(x.parents)
}

// lookUp returns the entity with a key: of the book that names it if there is one, else of another.
func (x *Index) lookUp(from inventory.Book, key string) (int64, bool) {
	if key == "" {
		return 0, false
	}
	for _, book := range []inventory.Book{from, inventory.Observed, inventory.Declared} {
		if id, ok := x.Links.ByKey(book, key); ok {
			return id, true
		}
	}
	return 0, false
}

// Parents returns the entities that others belong to, sorted: those to be added. The slice must not be changed.
func (x *Index) Parents() []int64 { return x.parents }
