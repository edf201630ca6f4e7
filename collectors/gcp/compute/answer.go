package compute

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/compute/apiv1/computepb"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/muster-audit/muster/collectors/gcp/resource"
)

// answer is one page of a list.
type answer struct {
	next        string
	groups      []group // in the order of their scopes
	unreachable []string
	warning     warning // on the answer as a whole
}

// group is what a page holds of one zone, of one region, or of what is global.
type group struct {
	scope   string
	items   []item
	warning warning
}

// item makes the REST representation, when it is that item's turn.
type item interface {
	document() (resource.Doc, error)
}

// warning is a warning, and the scopes that it names.
type warning struct {
	code, message string
	scopes        []string
}

// matters reports whether a warning says more than that the page holds nothing.
func (w warning) matters() bool {
	return (w.code != "" || w.message != "") && w.code != "NO_RESULTS_ON_PAGE"
}

// read takes a page apart. All messages of lists are made alike: "items" is a list, or a map from scopes to messages with one list, and
// may come with "warning" on each level, and with "unreachables".
func read(m proto.Message) answer {
	msg := m.ProtoReflect()
	fields := msg.Descriptor().Fields()
	a := answer{warning: warningOf(msg)}
	if f := fields.ByName("unreachables"); f != nil {
		for i := range msg.Get(f).List().Len() {
			a.unreachable = append(a.unreachable, msg.Get(f).List().Get(i).String())
		}
	}
	f := fields.ByName("items")
	if f.IsList() {
		a.groups = []group{{scope: "global", items: itemsOf(msg.Get(f).List())}}
		return a
	}
	msg.Get(f).Map().Range(func(scope protoreflect.MapKey, v protoreflect.Value) bool {
		a.groups = append(a.groups, group{scope.String(), scoped(v.Message()), warningOf(v.Message())})
		return true
	})
	slices.SortFunc(a.groups, func(x, y group) int { return strings.Compare(x.scope, y.scope) })
	return a
}

// scoped returns the items of a scope.
func scoped(m protoreflect.Message) []item {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		if f := fields.Get(i); f.IsList() && f.Message() != nil {
			return itemsOf(m.Get(f).List())
		}
	}
	return nil
}

func itemsOf(list protoreflect.List) []item {
	items := make([]item, list.Len())
	for i := range items {
		items[i] = message{list.Get(i).Message()}
	}
	return items
}

func warningOf(m protoreflect.Message) warning {
	f := m.Descriptor().Fields().ByName("warning")
	if f == nil || !m.Has(f) {
		return warning{}
	}
	w, ok := m.Get(f).Message().Interface().(*computepb.Warning)
	if !ok {
		return warning{}
	}
	out := warning{code: w.GetCode(), message: w.GetMessage()}
	for _, d := range w.GetData() {
		if d.GetKey() == "scope" {
			out.scopes = append(out.scopes, d.GetValue())
		}
	}
	return out
}

// message is a resource as the library has it.
type message struct{ protoreflect.Message }

func (m message) document() (resource.Doc, error) {
	prune(m.Message)
	text, err := protojson.MarshalOptions{AllowPartial: true}.Marshal(m.Interface())
	if err != nil {
		return nil, fmt.Errorf("read a %s: %w", m.Descriptor().Name(), err)
	}
	var d resource.Doc
	if err := json.Unmarshal(text, &d); err != nil {
		return nil, fmt.Errorf("read a %s: %w", m.Descriptor().Name(), err)
	}
	return d, nil
}

// dropped are fields that hold secrets, keys, and firmware variables and certificates of many lines.
func dropped(field protoreflect.Name) bool {
	switch field {
	case "shielded_instance_initial_state", "certificate",
		"private_key", "raw_key", "rsa_encrypted_key", "shared_secret", "shared_secret_hash", "pairing_key", "md5_authentication_keys",
		"oauth2_client_secret", "oauth2_client_secret_sha256", "access_key":
		return true
	}
	return false
}

// keptMetadata are the keys of an instance's metadata whose values Google writes and that tell what the instance belongs to. The others
// are people's own: scripts, keys, environments.
func keptMetadata(key string) bool { return key == "created-by" }

// prune empties what is not to be handed over, on every level.
func prune(m protoreflect.Message) {
	if metadata, ok := m.Interface().(*computepb.Metadata); ok {
		metadata.Items = slices.DeleteFunc(metadata.Items, func(i *computepb.Items) bool { return !keptMetadata(i.GetKey()) })
		return
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case dropped(f.Name()):
			m.Clear(f)
		case f.Message() == nil:
		case f.IsList():
			for i := range v.List().Len() {
				prune(v.List().Get(i).Message())
			}
		case f.IsMap():
			pruneMap(f, v.Map())
		default:
			prune(v.Message())
		}
		return true
	})
}

func pruneMap(f protoreflect.FieldDescriptor, m protoreflect.Map) {
	if f.MapValue().Message() == nil {
		return
	}
	m.Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool {
		prune(v.Message())
		return true
	})
}
