package strictyaml

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/inventory"
)

// Rest is the type of a struct field, tagged `yaml:",inline"`, that takes the keys which the struct does not know, to be
// decoded later by Document.DecodeRest.
type Rest struct{ nodes []*yaml.Node } // key, value, key, value …

// Keys lists the keys that the rest holds, in the order of the file.
func (r Rest) Keys() []string {
	var keys []string
	for i := 0; i < len(r.nodes); i += 2 {
		keys = append(keys, r.nodes[i].Value)
	}
	return keys
}

// Options changes how a file is decoded.
type Options struct {
	// Expand replaces parts of a string, such as "${env:NAME}". Nil leaves strings alone.
	Expand func(string) (string, error)
}

// Document is a decoded file that knows where each of its values stands.
type Document struct {
	file      string
	options   Options
	positions map[string]position
}

type position struct{ line, column int }

// Decode reads YAML into the struct that into points to. Its fields need yaml tags. On problems it returns the document
// all the same, with what could be decoded, and a Problems error. An empty file leaves into as it is.
func Decode(file string, text []byte, into any, o Options) (*Document, error) {
	d := &Document{file: file, options: o, positions: map[string]position{}}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return d, Problems{syntaxProblem(file, err)}
	}
	if root.Kind == 0 || root.Content[0].Tag == "!!null" {
		return d, nil
	}
	w := walker{doc: d}
	w.value("", root.Content[0], reflect.ValueOf(into).Elem())
	return d, w.problems.Err()
}

// DecodeRest decodes what a Rest holds into the struct that into points to; path is that of the struct with the Rest.
func (d *Document) DecodeRest(r Rest, path string, into any) error {
	w := walker{doc: d}
	line, column := d.Position(path)
	node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: r.nodes, Line: line, Column: column}
	w.value(path, node, reflect.ValueOf(into).Elem())
	return w.problems.Err()
}

// Position returns where a value stands, or where the nearest value around it does; 0, 0 for an unknown path.
func (d *Document) Position(path string) (line, column int) {
	for {
		if p, ok := d.positions[path]; ok {
			return p.line, p.column
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			p := d.positions[""]
			return p.line, p.column
		}
		path = path[:cut]
	}
}

// Has reports whether the file holds a value at the path.
func (d *Document) Has(path string) bool {
	_, ok := d.positions[path]
	return ok
}

// Problem returns a problem with the value at a path.
func (d *Document) Problem(path, format string, args ...any) Problem {
	line, column := d.Position(path)
	return Problem{File: d.file, Line: line, Column: column, Path: path, Message: fmt.Sprintf(format, args...)}
}

func syntaxProblem(file string, err error) Problem {
	p := Problem{File: file, Message: strings.TrimPrefix(err.Error(), "yaml: ")}
	if rest, ok := strings.CutPrefix(p.Message, "line "); ok {
		if number, message, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(number); err == nil {
				p.Line, p.Message = n, message
			}
		}
	}
	p.Message = "not valid YAML: " + p.Message
	return p
}

type walker struct {
	doc      *Document
	problems Problems
	depth    int
}

// maxDepth bounds nesting, so that an alias that holds itself cannot run for ever.
const maxDepth = 64

func (w *walker) fail(n *yaml.Node, path, format string, args ...any) {
	w.problems = append(w.problems, Problem{
		File: w.doc.file, Line: n.Line, Column: n.Column, Path: path, Message: fmt.Sprintf(format, args...),
	})
}

var (
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
	durationType = reflect.TypeFor[time.Duration]()
	restType     = reflect.TypeFor[Rest]()
)

func (w *walker) value(path string, n *yaml.Node, v reflect.Value) {
	w.depth++
	defer func() { w.depth-- }()
	if w.depth > maxDepth {
		w.fail(n, path, "nested too deeply")
		return
	}
	if _, ok := w.doc.positions[path]; !ok {
		w.doc.positions[path] = position{n.Line, n.Column}
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Tag == "!!null" {
		return
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		w.value(path, n, v.Elem())
		return
	}
	if v.CanAddr() && v.Addr().Type().Implements(textType) || v.Type() == durationType {
		w.scalar(path, n, v)
		return
	}
	if w.shaped(path, n, v) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		w.structure(path, n, v)
	case reflect.Map:
		w.mapping(path, n, v)
	case reflect.Slice:
		w.sequence(path, n, v)
	default:
		w.scalar(path, n, v)
	}
}

func (w *walker) structure(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		w.fail(n, path, "%s where keys are expected: %s", describe(n), strings.Join(Keys(v.Type()), ", "))
		return
	}
	fields, rest := fieldsOf(v)
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !w.once(path, key, seen) {
			continue
		}
		field, ok := fields[key.Value]
		switch {
		case ok:
			w.value(join(path, key.Value), value, field)
		case rest != nil:
			rest.nodes = append(rest.nodes, key, value)
		default:
			w.unknown(path, key, Keys(v.Type()))
		}
	}
}

// once reports whether a key is there for the first time, and complains of the second.
func (w *walker) once(path string, key *yaml.Node, seen map[string]bool) bool {
	if seen[key.Value] {
		w.fail(key, join(path, key.Value), "the key is there twice: keep one")
		return false
	}
	seen[key.Value] = true
	return true
}

func (w *walker) unknown(path string, key *yaml.Node, known []string) {
	if near := inventory.Nearest(key.Value, known); near != "" {
		w.fail(key, join(path, key.Value), "unknown key: did you mean %q?", near)
		return
	}
	w.fail(key, join(path, key.Value), "unknown key: known are %s", strings.Join(known, ", "))
}

func (w *walker) mapping(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.MappingNode {
		w.fail(n, path, "%s where a mapping of keys to values is expected", describe(n))
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeMapWithSize(v.Type(), len(n.Content)/2))
	}
	seen := map[string]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if !w.once(path, key, seen) {
			continue
		}
		element := reflect.New(v.Type().Elem()).Elem()
		w.value(join(path, key.Value), value, element)
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), element)
	}
}

func (w *walker) sequence(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		w.fail(n, path, "%s where a list is expected: write [%s]", describe(n), n.Value)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		w.value(fmt.Sprintf("%s[%d]", path, i), item, v.Index(i))
	}
}

func (w *walker) scalar(path string, n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		w.fail(n, path, "%s where a single value is expected", describe(n))
		return
	}
	text := n.Value
	if w.doc.options.Expand != nil {
		expanded, err := w.doc.options.Expand(text)
		if err != nil {
			w.fail(n, path, "%v", err)
			return
		}
		text = expanded
	}
	if err := set(v, text); err != nil {
		w.fail(n, path, "%v", err)
	}
}

func set(v reflect.Value, text string) error {
	if v.Type() == durationType {
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return fmt.Errorf("%q is no duration: write 90s, 30m or 24h", text)
		}
		v.SetInt(int64(d))
		return nil
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		return setBool(v, text)
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no whole number", text)
		}
		v.SetInt(n)
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%q is no number", text)
		}
		v.SetFloat(f)
	default:
		return fmt.Errorf("decode into %s: kind not supported", v.Type())
	}
	return nil
}

func setBool(v reflect.Value, text string) error {
	switch text {
	case "true", "false":
		v.SetBool(text == "true")
		return nil
	}
	return fmt.Errorf("%q is neither true nor false", text)
}

// Keys lists the keys of a struct type, sorted, with those of the structs that it embeds inline.
func Keys(t reflect.Type) []string {
	var keys []string
	for i := range t.NumField() {
		if isInline(t.Field(i)) {
			keys = append(keys, Keys(t.Field(i).Type)...)
		}
		if name, ok := keyOf(t.Field(i)); ok {
			keys = append(keys, name)
		}
	}
	slices.Sort(keys)
	return keys
}

func keyOf(f reflect.StructField) (string, bool) {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	return name, name != "" && name != "-" && f.IsExported()
}

// isInline reports whether the keys of an embedded struct count as those of the struct around it: `yaml:",inline"`.
func isInline(f reflect.StructField) bool {
	return f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag.Get("yaml") == ",inline"
}

func fieldsOf(v reflect.Value) (map[string]reflect.Value, *Rest) {
	fields := make(map[string]reflect.Value, v.NumField())
	var rest *Rest
	for i := range v.NumField() {
		if v.Type().Field(i).Type == restType {
			rest = v.Field(i).Addr().Interface().(*Rest)
			continue
		}
		if isInline(v.Type().Field(i)) {
			embedded, _ := fieldsOf(v.Field(i))
			maps.Copy(fields, embedded)
		}
		if name, ok := keyOf(v.Type().Field(i)); ok {
			fields[name] = v.Field(i)
		}
	}
	return fields, rest
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return fmt.Sprintf("%q", n.Value)
	}
}
