package hosts

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Mapping makes tags and attributes of what stands at configured paths. It belongs to one goroutine.
type Mapping struct {
	tags, attributes []binding
	secrets          *catalog.Concealer
	hash             inventory.SecretHash
}

// binding ties a tag's key or an attribute's name to a path.
type binding struct{ name, path string }

// NewMapping returns the mapping of the options tags and attributes, from names to paths.
func NewMapping(tags, attributes map[string]string, hash inventory.SecretHash) *Mapping {
	return &Mapping{tags: bindings(tags), attributes: bindings(attributes), secrets: catalog.NewConcealer(hash), hash: hash}
}

func bindings(m map[string]string) []binding {
	var list []binding
	for _, name := range sortedKeys(m) {
		list = append(list, binding{name, m[name]})
	}
	return list
}

// Paths lists every path that is looked at.
func (m *Mapping) Paths() []string {
	var list []string
	for _, b := range append(slices.Clone(m.tags), m.attributes...) {
		list = append(list, b.path)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Lookup finds what stands at a path. ok is false if nothing does. A value of type Unread is there and cannot be read.
type Lookup func(path string) (value any, ok bool)

// Unread stands for a value that is there and nobody can read: encrypted, or computed elsewhere.
type Unread struct{}

// Tags returns the tags that are configured: unknown if none is, or if one is not found and whole does not say that
// everything there is was looked at. A value that is null, empty, or no scalar is a tag that is not there.
func (m *Mapping) Tags(get Lookup, whole bool) inventory.Tags {
	if len(m.tags) == 0 {
		return inventory.UnknownTags()
	}
	var list []inventory.Tag
	for _, b := range m.tags {
		x, ok := get(b.path)
		if !ok && !whole {
			return inventory.UnknownTags()
		}
		if _, unread := x.(Unread); unread {
			list = append(list, inventory.Tag{Key: b.name, ValueUnknown: true})
			continue
		}
		if text := Text(x); text != "" {
			list = append(list, inventory.Tag{Key: b.name, Value: m.hide(b.path, text)})
		}
	}
	return inventory.KnownTags(list...)
}

// hide hashes the text at a path that by its name holds a secret.
func (m *Mapping) hide(path, text string) string {
	for name := range strings.SplitSeq(path, ".") {
		if m.secrets.Secrecy(name) == catalog.Secret {
			return m.hash.Hash(text)
		}
	}
	return text
}

// Attributes returns the attributes that are configured, secrets hashed. One that is not found is null if whole says that
// everything there is was looked at, and left out otherwise.
func (m *Mapping) Attributes(get Lookup, whole bool) []inventory.Attribute {
	var list []inventory.Attribute
	for _, b := range m.attributes {
		x, ok := get(b.path)
		if ok || whole {
			list = append(list, inventory.Attribute{Name: b.name, Value: m.value(b, x)})
		}
	}
	return list
}

func (m *Mapping) value(b binding, x any) inventory.Value {
	if _, unread := x.(Unread); unread {
		return inventory.Unread
	}
	v, err := inventory.ValueOf(x)
	if err != nil {
		return inventory.Unread
	}
	for _, name := range append(strings.Split(b.path, "."), b.name) {
		hidden := m.secrets.Attributes(inventory.KnownAttributes(inventory.Attribute{Name: name, Value: v}))
		v, _ = hidden.Get(name)
	}
	return v
}

// Text returns a scalar as text, "" for everything else.
func Text(x any) string {
	switch x := x.(type) {
	case string:
		return strings.TrimSpace(x)
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}

// At returns what stands at a path of names with dots between them, in objects as encoding/json makes them. A name that holds
// dots itself is found too, and a number counts in a list, from 0.
func At(x any, path string) (any, bool) {
	switch x := x.(type) {
	case map[string]any:
		if v, ok := x[path]; ok {
			return v, true
		}
		for i := strings.LastIndexByte(path, '.'); i > 0; i = strings.LastIndexByte(path[:i], '.') {
			if v, ok := x[path[:i]]; ok {
				return At(v, path[i+1:])
			}
		}
	case []any:
		head, rest, more := strings.Cut(path, ".")
		i, err := strconv.Atoi(head)
		if err != nil || i < 0 || i >= len(x) {
			return nil, false
		}
		if !more {
			return x[i], true
		}
		return At(x[i], rest)
	}
	return nil, false
}

// CheckMapping returns the problems of the options tags and attributes. reserved are names of attributes that the collector
// sets itself.
func CheckMapping(tags, attributes map[string]string, reserved ...string) []collectors.OptionError {
	list := append(checkPaths("tags", tags), checkPaths("attributes", attributes)...)
	for _, name := range reserved {
		if _, ok := attributes[name]; ok {
			list = append(list, collectors.OptionError{
				Option: "attributes." + name, Message: "is what the collector says itself: give the attribute another name",
			})
		}
	}
	return list
}

func checkPaths(option string, m map[string]string) []collectors.OptionError {
	var list []collectors.OptionError
	for _, k := range sortedKeys(m) {
		switch {
		case strings.TrimSpace(k) == "":
			list = append(list, collectors.OptionError{Option: option, Message: "a name is empty"})
		case strings.TrimSpace(m[k]) == "":
			list = append(list, collectors.OptionError{
				Option: fmt.Sprintf("%s.%s", option, k), Message: "is empty: name the variable or the path of the fact that holds it",
			})
		}
	}
	return list
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
