package link

import (
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// checkEvery is the number of assets after which a loop looks whether it was cancelled.
const checkEvery = 1 << 12

// node is what matching needs to know of an asset.
type node struct {
	id      int64
	end     uint32 // where its identifiers end; they begin where those of the node before end
	source  uint32 // ordinal of book and source
	typ     uint32 // ordinal of the type
	account uint32 // ordinal of the account
	region  uint32 // ordinal of the region
	book    bookBit
	retired bool // its book says that it is, or is about to be, gone
	is      nodeSort
}

// nodeSort says what else a declaration is.
type nodeSort uint8

const (
	isFacet   nodeSort = 1 << iota // it sets one side of another asset and has no existence of its own
	isWish                         // it is code or a plan: what it says of its identifiers may not be so yet
	isTelling                      // it holds something by which it can be recognised
	isClaim                        // it claims that something exists: neither planned nor a facet
)

// counted is the book in which a node makes its entity exist; none for a facet.
func (n *node) counted() bookBit {
	if n.is&isFacet != 0 {
		return 0
	}
	return n.book
}

// index holds all assets and their identifiers, as hashes, in flat arrays. Node i owns hashes[nodes[i-1].end:nodes[i].end].
type index struct {
	seed   maphash.Seed
	nodes  []node
	hashes []uint64
	tags   []uint32 // rank in the upper 4 bits, ordinal of the class of a name or the vCenter of a reference in the lower 28
	keys   []uint64 // one hash of book and key a node

	facetKeys []facetKey // of each facet
	places    []place    // of each ordinal of an account
	// cloudRegions says of each ordinal of a region whether its name is one that a cloud gives out.
	cloudRegions []bool
	regional     []bool                     // of each ordinal of a region: it is known
	sides        []side                     // of each ordinal of a type
	machine      []bool                     // of each ordinal of a type: no provider's, but what an agent or a register calls a machine
	held         [1 << (32 - classBits)]int // how many identifiers of each rank are there
	// sourceNames ("book\x00source") and typeNames are the names behind the ordinals.
	sourceNames, typeNames []string
}

// place is an account as a node's book calls it.
type place struct {
	name string
	// comparable says that the name is an AWS account id. What a register calls its realms, and project ids against
	// project numbers, prove nothing by being different.
	comparable bool
}

const classBits = 28

func makeTag(r rank, class uint32) uint32 { return uint32(r)<<classBits | class&(1<<classBits-1) }

func tagRank(tag uint32) rank { return rank(tag >> classBits) }

// readIndex reads all identities. Nodes come out in the order of their ids.
func readIndex(ctx context.Context, ids iter.Seq2[inventory.Identity, error]) (*index, error) {
	b := newIndexer()
	for id, err := range ids {
		if err != nil {
			return nil, fmt.Errorf("read identities: %w", err)
		}
		if len(b.nodes)%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		b.add(&id)
		if len(b.nodes) > math.MaxInt32 || len(b.hashes) > math.MaxUint32-1<<20 {
			return nil, fmt.Errorf("read identities: more than %d assets or %d identifiers", math.MaxInt32, math.MaxUint32)
		}
	}
	return b.finish()
}

// indexer fills an index.
type indexer struct {
	index
	norm      normaliser
	sources   ordinals
	types     ordinals
	accounts  ordinals
	regions   ordinals
	classes   ordinals
	sorted    bool
	firstHash int // where the identifiers of the asset at hand begin
	// Of the asset at hand: its region is known, and it holds something to recognise it by.
	placed, telling bool
}

func newIndexer() *indexer {
	b := &indexer{index: index{seed: maphash.MakeSeed()}, sorted: true}
	b.sources, b.types, b.classes, b.accounts, b.regions = ordinals{}, ordinals{}, ordinals{}, ordinals{}, ordinals{}
	b.norm.yield = b.hold
	return b
}

// ordinals numbers the few different sources, types, accounts and classes of names of an estate.
type ordinals map[string]uint32

func (o ordinals) of(s string) uint32 {
	n, ok := o[s]
	if !ok {
		n = uint32(len(o))
		o[s] = n
	}
	return n
}

func (b *indexer) add(id *inventory.Identity) {
	if n := len(b.nodes); n > 0 && b.nodes[n-1].id >= id.ID {
		b.sorted = false
	}
	b.firstHash = len(b.hashes)
	b.placed, b.telling = id.Region != "", false
	b.norm.forms(id)
	b.keys = append(b.keys, keyHash(b.seed, id.Book, id.Key))
	b.nodes = append(b.nodes, node{
		id:      id.ID,
		end:     uint32(len(b.hashes)),
		source:  b.sources.of(string(id.Book) + "\x00" + id.Source),
		typ:     b.types.of(string(id.Type)),
		account: b.accounts.of(id.Account),
		region:  b.regions.of(id.Region),
		book:    bitOf(id.Book),
		retired: id.Lifecycle == inventory.LifecycleRetired || id.Lifecycle == inventory.LifecycleRetiring,
		is:      b.sortOf(id),
	})
	if id.FacetOf != "" && id.Book == inventory.Declared {
		b.facetKeys = append(b.facetKeys, facetKey{id.ID, keyHash(b.seed, id.Book, id.FacetOf)})
	}
}

// sortOf says what else the asset at hand is, whose identifiers were read.
func (b *indexer) sortOf(id *inventory.Identity) nodeSort {
	var s nodeSort
	if b.telling {
		s |= isTelling
	}
	switch {
	case id.Book != inventory.Declared:
		return s
	case id.FacetOf != "":
		s |= isFacet
	case id.Lifecycle != inventory.LifecyclePlanned:
		s |= isClaim
	}
	if id.Layer == inventory.LayerCode || id.Layer == inventory.LayerPlan {
		s |= isWish
	}
	return s
}

// formHash returns what is kept of a form.
func (x *index) formHash(as rank, text []byte) uint64 {
	var h maphash.Hash
	h.SetSeed(x.seed)
	h.WriteByte(byte(as))
	h.Write(text)
	return h.Sum64()
}

// hold keeps a form of the asset at hand as a hash.
func (b *indexer) hold(f form) {
	b.telling = b.telling || f.rank.tells(b.placed)
	sum, class := b.formHash(f.as, f.text), uint32(0)
	switch f.rank {
	case byName:
		class = b.classes.of(string(nameClass(f.text)))
	case byVSphere:
		class = b.classes.of(string(f.text[:2*uuidSize]))
	}
	tag := makeTag(f.rank, class)
	for i := b.firstHash; i < len(b.hashes); i++ {
		if b.hashes[i] == sum && b.tags[i] == tag {
			return
		}
	}
	b.hashes, b.tags = append(b.hashes, sum), append(b.tags, tag)
	b.held[f.rank]++
}

func isAWSAccount(account string) bool {
	const digits = 12
	return len(account) == digits && strings.Trim(account, "0123456789") == ""
}

// isCloudRegion reports whether a name has the shape of a region of AWS (eu-west-1) or Google (europe-west1). What a
// register calls its regions proves nothing by being different.
func isCloudRegion(name string) bool {
	head := strings.TrimRight(name, "0123456789")
	if head == name || strings.Trim(head, "abcdefghijklmnopqrstuvwxyz-") != "" || strings.HasPrefix(head, "-") {
		return false
	}
	dashes := strings.Count(head, "-")
	return dashes == 1 && !strings.HasSuffix(head, "-") || dashes >= 2 && strings.HasSuffix(head, "-")
}

func keyHash(seed maphash.Seed, book inventory.Book, key string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	h.WriteString(string(book))
	h.WriteByte(0)
	h.WriteString(key)
	return h.Sum64()
}

// names returns the names in the order of their ordinals.
func (o ordinals) names() []string {
	list := make([]string, len(o))
	for name, n := range o {
		list[n] = name
	}
	return list
}

// finish puts the nodes into the order of their ids.
func (b *indexer) finish() (*index, error) {
	b.sourceNames, b.typeNames = b.sources.names(), b.types.names()
	for _, name := range b.accounts.names() {
		b.places = append(b.places, place{name, isAWSAccount(name)})
	}
	for _, name := range b.regions.names() {
		b.cloudRegions = append(b.cloudRegions, isCloudRegion(name))
		b.regional = append(b.regional, name != "")
	}
	for _, name := range b.typeNames {
		b.sides = append(b.sides, sideOf(inventory.Type(name)))
		b.machine = append(b.machine, strings.HasPrefix(name, "datacenter/"))
	}
	if !b.sorted {
		b.sort()
	}
	for i := 1; i < len(b.nodes); i++ {
		if b.nodes[i].id == b.nodes[i-1].id {
			return nil, fmt.Errorf("read identities: asset %d comes twice", b.nodes[i].id)
		}
	}
	return &b.index, nil
}

func (b *indexer) sort() {
	order := make([]int32, len(b.nodes))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int { return compareInt64(b.nodes[x].id, b.nodes[y].id) })
	out := index{
		seed:      b.seed,
		nodes:     make([]node, 0, len(b.nodes)),
		hashes:    make([]uint64, 0, len(b.hashes)),
		tags:      make([]uint32, 0, len(b.tags)),
		keys:      make([]uint64, 0, len(b.keys)),
		facetKeys: b.facetKeys, places: b.places, cloudRegions: b.cloudRegions, regional: b.regional, sides: b.sides, machine: b.machine, held: b.held,
		sourceNames: b.sourceNames, typeNames: b.typeNames,
	}
	for _, i := range order {
		from, to := b.span(int(i))
		out.hashes = append(out.hashes, b.hashes[from:to]...)
		out.tags = append(out.tags, b.tags[from:to]...)
		out.keys = append(out.keys, b.keys[i])
		n := b.nodes[i]
		n.end = uint32(len(out.hashes))
		out.nodes = append(out.nodes, n)
	}
	b.index = out
}

func compareInt64(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// span returns the range of node i's identifiers.
func (x *index) span(i int) (from, to uint32) {
	if i > 0 {
		from = x.nodes[i-1].end
	}
	return from, x.nodes[i].end
}
