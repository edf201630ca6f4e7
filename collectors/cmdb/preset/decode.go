package preset

import (
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/inventory"
)

// maxDepth bounds nesting, so that an alias that holds itself cannot run for ever.
const maxDepth = 16

// decoder reads YAML strictly into structs, maps and lists of strings, booleans and whole numbers.
type decoder struct {
	file     string
	problems []error
	depth    int
}

// decode reads a preset's YAML. Its errors name file, line and column, and the nearest known key.
func decode(file string, text []byte, into any) error {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return fmt.Errorf("%s: not valid YAML: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if root.Kind == 0 {
		return fmt.Errorf("%s:1:1: the preset is empty: want id, title and columns", file)
	}
	d := &decoder{file: file}
	d.value(root.Content[0], reflect.ValueOf(into).Elem())
	return errors.Join(d.problems...)
}

func (d *decoder) fail(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, fmt.Errorf("%s:%d:%d: %s", d.file, n.Line, n.Column, fmt.Sprintf(format, args...)))
}

func (d *decoder) value(n *yaml.Node, v reflect.Value) {
	d.depth++
	defer func() { d.depth-- }()
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch {
	case d.depth > maxDepth:
		d.fail(n, "nested too deeply")
	case n.Tag == "!!null":
	case v.Kind() == reflect.Struct:
		d.structure(n, v)
	case v.Kind() == reflect.Map:
		d.mapping(n, v)
	case v.Kind() == reflect.Slice:
		d.list(n, v)
	default:
		d.scalar(n, v)
	}
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value) {
	var known []string
	for i := range v.NumField() {
		known = append(known, v.Type().Field(i).Tag.Get("yaml")) // empty for what no file holds
	}
	d.each(n, func(key, value *yaml.Node) {
		if i := slices.Index(known, key.Value); i >= 0 && key.Value != "" {
			d.value(value, v.Field(i))
			return
		}
		d.fail(key, "unknown key %q%s", key.Value, inventory.Suggest(key.Value, slices.Sorted(nonempty(known))))
	})
}

func nonempty(list []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, s := range list {
			if s != "" && !yield(s) {
				return
			}
		}
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value) {
	v.Set(reflect.MakeMap(v.Type()))
	d.each(n, func(key, value *yaml.Node) {
		element := reflect.New(v.Type().Elem()).Elem()
		d.value(value, element)
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), element)
	})
}

// each calls do for the keys of a mapping.
func (d *decoder) each(n *yaml.Node, do func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "want keys and values here")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.fail(key, "want a plain key here")
		case seen[key.Value]:
			d.fail(key, "the key %q is there twice: keep one", key.Value)
		default:
			do(key, n.Content[i+1])
		}
		seen[key.Value] = true
	}
}

func (d *decoder) list(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		d.fail(n, "want a list here, as [%s]", n.Value)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		d.value(item, v.Index(i))
	}
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.fail(n, "want a single value here")
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		if n.Value != "true" && n.Value != "false" {
			d.fail(n, "%q is neither true nor false", n.Value)
		}
		v.SetBool(n.Value == "true")
	case reflect.Int:
		number, err := strconv.Atoi(n.Value)
		if err != nil {
			d.fail(n, "%q is no whole number", n.Value)
		}
		v.SetInt(int64(number))
	default:
		v.SetString(n.Value)
	}
}
