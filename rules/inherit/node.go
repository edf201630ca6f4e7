package inherit

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// node is what is kept of a parent.
type node struct {
	typ                 uint32 // of texts
	name, tags, edges   uint32 // where they begin in names, tags and edges
	why                 uint32 // of texts: why its tags are unknown
	nameLen             uint16
	tagCount, edgeCount uint16
	book                uint8 // in inventory.Books
	state               nodeState
	crowded             bool // it belongs to more than maxEdges things
}

type nodeState uint8

const (
	notAdded nodeState = iota
	tagsUnknown
	tagsKnown
	untaggable
)

type nodeTag struct {
	key   uint16 // in Keys
	open  bool   // its value is not known
	value uint32 // of texts
}

type nodeEdge struct {
	via     uint8 // in rules.Vias
	unknown bool  // text is why
	text    uint32
}

// maxEdges is how many things one may belong to before nobody looks at all of them.
const maxEdges = 64

// texts numbers strings, each once.
type texts struct {
	list  []string
	index map[string]uint32
}

func (t *texts) number(s string) uint32 {
	n, ok := t.index[s]
	if !ok {
		s = strings.Clone(s)
		n = uint32(len(t.list)) //nolint:gosec // fewer than there are assets
		t.index[s], t.list = n, append(t.list, s)
	}
	return n
}

// Add keeps what counts of an entity that others belong to; another one is passed over. It is called after Watch, and not beside Find.
func (x *Index) Add(e *rules.Entity) {
	subject := e.Subject()
	if subject == nil {
		return
	}
	n := x.nodeOf(subject.ID)
	if n == nil {
		return
	}
	n.typ = x.texts.number(string(subject.Type))
	n.book = bookNumber(subject.Book)
	n.name, n.nameLen = uint32(len(x.names)), uint16(min(len(subject.Name), math.MaxUint8)) //nolint:gosec // bounded
	x.names = append(x.names, subject.Name[:n.nameLen]...)
	x.addTags(n, subject)
	x.addEdges(n, subject)
}

// nodeOf returns the node of an asset's entity; nil if nothing belongs to it.
func (x *Index) nodeOf(assetID int64) *node {
	entity, ok := x.Links.EntityOf(assetID)
	if !ok {
		return nil
	}
	return x.node(entity)
}

func (x *Index) addTags(n *node, subject *inventory.Entry) {
	n.tags = uint32(len(x.tags)) //nolint:gosec // fewer than there are tags
	tags := subject.CurrentTags()
	why := ""
	switch {
	case tags.State() == inventory.NotApplicable:
		n.state = untaggable
		return
	case tags.State() == inventory.Unknown:
		why = "its tags could not be read"
	case x.Reach != nil:
		why = x.Reach.Unconfirmed(subject)
	}
	if why != "" {
		n.state, n.why = tagsUnknown, x.texts.number(why)
		return
	}
	n.state = tagsKnown
	for i, key := range x.Keys {
		if t, ok := tags.Get(key); ok && says(t) {
			x.tags = append(x.tags, nodeTag{uint16(i), t.ValueUnknown, x.texts.number(t.Value)}) //nolint:gosec // a policy names few keys
			n.tagCount++
		}
	}
}

// says reports whether a tag is there and not blank.
func says(t inventory.Tag) bool { return t.ValueUnknown || strings.TrimSpace(t.Value) != "" }

func (x *Index) addEdges(n *node, subject *inventory.Entry) {
	n.edges = uint32(len(x.edges)) //nolint:gosec // fewer than there are relations
	list, crowded := bounded(x.edgesOf(subject))
	n.crowded = crowded
	for _, e := range list {
		x.edges = append(x.edges, nodeEdge{viaNumber(e.via), e.unknown != "", x.texts.number(cmp.Or(e.text, e.unknown))})
	}
	n.edgeCount = uint16(len(list)) //nolint:gosec // bounded
}

func bounded(list []edge) ([]edge, bool) {
	if len(list) > maxEdges {
		return list[:maxEdges], true
	}
	return list, false
}

func viaNumber(v rules.Via) uint8 {
	for i, w := range rules.Vias() {
		if v == w {
			return uint8(i) //nolint:gosec // few
		}
	}
	return math.MaxUint8 // cannot happen: edges are made of these
}

func bookNumber(b inventory.Book) uint8 {
	for i, c := range inventory.Books() {
		if b == c {
			return uint8(i) //nolint:gosec // few
		}
	}
	return 0 // cannot happen: every asset is of a book
}

// edgesOfNode lists what a parent belongs to itself.
func (x *Index) edgesOfNode(n *node) []edge {
	list := make([]edge, 0, n.edgeCount)
	vias := rules.Vias()
	for _, e := range x.edges[n.edges : n.edges+uint32(n.edgeCount)] {
		out := edge{via: vias[e.via]}
		if text := x.texts.list[e.text]; e.unknown {
			out.unknown = text
		} else {
			out.text = text
		}
		list = append(list, out)
	}
	return list
}

// tagOf returns the first of the keys that the parent has with a value, else the first whose value is not known.
func (x *Index) tagOf(n *node, keys []string) (best inventory.Tag, ok bool) {
	tags := x.tags[n.tags : n.tags+uint32(n.tagCount)]
	for _, key := range keys {
		for _, t := range tags {
			if x.Keys[t.key] != key {
				continue
			}
			tag := inventory.Tag{Key: key, Value: x.texts.list[t.value], ValueUnknown: t.open}
			if !tag.ValueUnknown {
				return tag, true
			}
			if !ok {
				best, ok = tag, true
			}
		}
	}
	return best, ok
}

func (x *Index) nameOf(n *node) string { return string(x.names[n.name : n.name+uint32(n.nameLen)]) }

func (x *Index) typeOf(n *node) inventory.Type { return inventory.Type(x.texts.list[n.typ]) }

// Size describes how much the index holds, for measurements.
func (x *Index) Size() string {
	return fmt.Sprintf("%d parents, %d tags, %d relations, %d texts", len(x.nodes), len(x.tags), len(x.edges), len(x.texts.list))
}
