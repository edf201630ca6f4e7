package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/inventory"
)

// Mapping says how a canonical attribute is made from a Terraform resource's attributes.
type Mapping struct {
	Name string   // canonical
	From []string // paths; one, but for transforms that take several
	// As names the transform: "" takes the value as it is, see Transforms.
	As string
	// Fields renames the keys of each object of a list: Terraform's name to the canonical one. Others are dropped, and so is what
	// is not set, which a state writes as null or as an empty text or list.
	Fields map[string]string
}

// Transforms lists the names that Mapping.As knows.
//
//   - json: a JSON text in a string becomes its value, an empty string null
//   - key-schema: a hash key and a range key become DynamoDB's KeySchema
//   - present: a block that is there becomes true, one that is not false
func Transforms() []string { return []string{"json", "key-schema", "present"} }

// Lookup returns a resource's top-level attribute as encoding/json decodes it, with numbers as json.Number, and false if
// the resource has none of that name, which is not the same as null. Nobody changes what it returns.
type Lookup func(attribute string) (any, bool)

// Unknown stands in what a Lookup returns for what nobody knows, as a value that is computed only when a plan is applied. A
// canonical value that it would be a part of is not read.
type Unknown struct{}

// Value makes the canonical value. It is false if the resource does not say; see At.
func (m Mapping) Value(get Lookup) (inventory.Value, bool) {
	if m.As == "key-schema" {
		return keySchema(get, m.From)
	}
	x, ok := At(get, m.From[0])
	if !ok {
		return inventory.Unread, false
	}
	switch m.As {
	case "json":
		return embedded(x)
	case "present":
		if _, unknown := x.(Unknown); unknown {
			return inventory.Unread, false
		}
		return inventory.BoolValue(!empty(x)), true
	}
	if items, isList := x.([]any); isList && len(m.Fields) > 0 {
		x = m.rename(items)
	}
	return valueOf(x)
}

func valueOf(x any) (inventory.Value, bool) {
	v, err := inventory.ValueOf(x)
	return v, err == nil
}

// TemplateFields returns the names in braces of a template.
func TemplateFields(template string) []string {
	var out []string
	for {
		_, rest, ok := strings.Cut(template, "{")
		if !ok {
			return out
		}
		name, rest, ok := strings.Cut(rest, "}")
		if !ok {
			return out
		}
		out, template = append(out, name), rest
	}
}

// At returns what stands at a path. It is false if nobody says: the attribute, or the member of a block that is there, does
// not exist, as with a provider of another version. An element that a list does not have is null: a block that is not set.
// The step "*" stands for every member of a list: what is set below each makes one list.
func At(get Lookup, path string) (any, bool) {
	top, rest, nested := strings.Cut(path, ".")
	x, ok := get(top)
	if !ok || !nested {
		return x, ok
	}
	return below(x, rest)
}

// below is At for what stands below a value.
func below(x any, path string) (any, bool) {
	step, rest, more := strings.Cut(path, ".")
	if items, isList := x.([]any); step == "*" && more && (isList || x == nil) {
		return each(items, rest)
	}
	x, ok := child(x, step)
	if !ok || !more {
		return x, ok
	}
	return below(x, rest)
}

// each returns what stands at a path below each item, in one list.
func each(items []any, path string) (any, bool) {
	out := []any{}
	for _, item := range items {
		x, ok := below(item, path)
		if !ok {
			return nil, false
		}
		if inner, isList := x.([]any); isList {
			out = append(out, inner...)
		} else if x != nil && x != "" {
			out = append(out, x)
		}
	}
	return out, true
}

func child(x any, step string) (any, bool) {
	switch x := x.(type) {
	case nil:
		return nil, true
	case map[string]any:
		v, ok := x[step]
		return v, ok
	case []any:
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 {
			return nil, false
		}
		if i < len(x) {
			return x[i], true
		}
		return nil, true
	}
	return nil, false
}

// embedded returns the value that a string holds as JSON text, null for an empty one, and anything else as it is.
func embedded(x any) (inventory.Value, bool) {
	s, ok := x.(string)
	if !ok {
		return valueOf(x)
	}
	if strings.TrimSpace(s) == "" {
		return inventory.Null, true
	}
	if inner, err := inventory.ParseValue([]byte(s)); err == nil {
		return inner, true
	}
	return inventory.StringValue(s), true
}

func (m Mapping) rename(items []any) []any {
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = item
		if object, ok := item.(map[string]any); ok {
			out[i] = m.renameObject(object)
		}
	}
	return out
}

func (m Mapping) renameObject(object map[string]any) map[string]any {
	out := make(map[string]any, len(m.Fields))
	for from, to := range m.Fields {
		if v, ok := object[from]; ok && !empty(v) {
			out[to] = v
		}
	}
	return out
}

// keySchema makes DynamoDB's KeySchema of the attributes that name the hash key and the range key.
func keySchema(get Lookup, from []string) (inventory.Value, bool) {
	var list []any
	for i, role := range []string{"HASH", "RANGE"} {
		x, ok := At(get, from[i])
		if _, unknown := x.(Unknown); unknown || !ok {
			return inventory.Unread, false
		}
		if name, ok := x.(string); ok && name != "" {
			list = append(list, map[string]any{"AttributeName": name, "KeyType": role})
		}
	}
	return valueOf(list)
}

// mappingSpec is a path, or an object {from, as, fields}.
type mappingSpec struct {
	From   []string
	As     string
	Fields map[string]string
}

// UnmarshalYAML accepts both forms, and one path or several.
func (m *mappingSpec) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		m.From = []string{n.Value}
		return nil
	}
	var full struct {
		From   yaml.Node         `yaml:"from"`
		As     string            `yaml:"as"`
		Fields map[string]string `yaml:"fields"`
	}
	if err := n.Decode(&full); err != nil {
		return err
	}
	m.As, m.Fields = full.As, full.Fields
	if full.From.Kind == yaml.ScalarNode {
		m.From = []string{full.From.Value}
	} else if err := full.From.Decode(&m.From); err != nil {
		return err
	}
	return m.check(n.Line)
}

func (m *mappingSpec) check(line int) error {
	want := 1
	if m.As == "key-schema" {
		want = 2
	}
	if len(m.From) != want {
		return fmt.Errorf("line %d: %q takes %d paths, not %d", line, m.As, want, len(m.From))
	}
	if m.As != "" && !slices.Contains(Transforms(), m.As) {
		return fmt.Errorf("line %d: unknown transform %q: use one of %s", line, m.As, strings.Join(Transforms(), ", "))
	}
	return nil
}

func mappings(specs map[string]mappingSpec) []Mapping {
	out := make([]Mapping, 0, len(specs))
	for name, s := range specs {
		out = append(out, Mapping{Name: name, From: s.From, As: s.As, Fields: s.Fields})
	}
	slices.SortFunc(out, func(a, b Mapping) int { return strings.Compare(a.Name, b.Name) })
	return out
}
