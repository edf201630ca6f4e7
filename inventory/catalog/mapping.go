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
	// Fields renames the keys of each object of a list: Terraform's name to the canonical one. Both may be dotted paths. Others are
	// dropped, and so is what is not set, which a state writes as null or as an empty text or list.
	Fields map[string]string
	// Words translates a scalar as it is written to what the provider calls it: "true" to "internal".
	Words map[string]string
	via   transform // of As, so that it is looked up once
}

// Lookup returns a resource's top-level attribute as encoding/json decodes it, with numbers as json.Number, and false if
// the resource has none of that name, which is not the same as null. Nobody changes what it returns.
type Lookup func(attribute string) (any, bool)

// Unknown stands in what a Lookup returns for what nobody knows, as a value that is computed only when a plan is applied. A
// canonical value that it would be a part of is not read.
type Unknown struct{}

// Value makes the canonical value. It is false if the resource does not say; see At.
func (m Mapping) Value(get Lookup) (inventory.Value, bool) {
	if m.As != m.via.name {
		m.via, _ = transformOf(m.As)
	}
	if m.via.whole != nil {
		return m.via.whole(m, get)
	}
	x, ok := At(get, m.From[0])
	if !ok {
		return inventory.Unread, false
	}
	if m.via.value != nil {
		return m.via.value(x)
	}
	if items, isList := x.([]any); isList && len(m.Fields) > 0 {
		x = m.rename(items)
	}
	if word, ok := m.Words[scalarText(x)]; ok {
		x = word
	}
	return valueOf(x)
}

// scalarText is text for what may be no scalar, without spaces taken off.
func scalarText(x any) string {
	if s, ok := x.(string); ok {
		return s
	}
	return text(x)
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
	get := func(name string) (any, bool) { x, ok := object[name]; return x, ok }
	for from, to := range m.Fields {
		if v, ok := At(get, from); ok && !empty(v) {
			put(out, to, v)
		}
	}
	return out
}

// put sets what stands at a dotted path.
func put(object map[string]any, path string, v any) {
	top, rest, nested := strings.Cut(path, ".")
	if !nested {
		object[top] = v
		return
	}
	inner, _ := object[top].(map[string]any)
	if inner == nil {
		inner = map[string]any{}
		object[top] = inner
	}
	put(inner, rest, v)
}

// mappingSpec is a path, or an object {from, as, fields}.
type mappingSpec struct {
	From   []string
	As     string
	Fields map[string]string
	Words  map[string]string
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
		Words  map[string]string `yaml:"words"`
	}
	if err := n.Decode(&full); err != nil {
		return err
	}
	m.As, m.Fields, m.Words = full.As, full.Fields, full.Words
	if full.From.Kind == yaml.ScalarNode {
		m.From = []string{full.From.Value}
	} else if err := full.From.Decode(&m.From); err != nil {
		return err
	}
	return m.check(n.Line)
}

func (m *mappingSpec) check(line int) error {
	t, ok := transformOf(m.As)
	if !ok && m.As != "" {
		return fmt.Errorf("line %d: unknown transform %q: use one of %s", line, m.As, strings.Join(Transforms(), ", "))
	}
	want := max(t.paths, 1)
	if t.paths != anyPaths && len(m.From) != want || len(m.From) == 0 {
		return fmt.Errorf("line %d: %q takes %d paths, not %d", line, m.As, want, len(m.From))
	}
	return nil
}

func mappings(specs map[string]mappingSpec) []Mapping {
	out := make([]Mapping, 0, len(specs))
	for name, s := range specs {
		via, _ := transformOf(s.As)
		out = append(out, Mapping{Name: name, From: s.From, As: s.As, Fields: s.Fields, Words: s.Words, via: via})
	}
	slices.SortFunc(out, func(a, b Mapping) int { return strings.Compare(a.Name, b.Name) })
	return out
}
