package strictyaml

import (
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Shape is how a value is written.
type Shape uint8

// The shapes.
const (
	Scalar  Shape = iota // a single value
	List                 // a sequence
	Mapping              // keys and values
)

// Shaped is implemented, on a pointer, by types that may be written in more than one shape, such as true or a list.
type Shaped interface {
	// Into returns a pointer to what takes a value of the shape. For a shape that is not meant it returns the one that is asked
	// for instead, so that the problem names it.
	Into(Shape) any
}

// shaped decodes into what a Shaped type chooses; it is false for other types.
func (w *walker) shaped(path string, n *yaml.Node, v reflect.Value) bool {
	if !v.CanAddr() {
		return false
	}
	s, ok := v.Addr().Interface().(Shaped)
	if !ok {
		return false
	}
	shape := Scalar
	switch n.Kind {
	case yaml.SequenceNode:
		shape = List
	case yaml.MappingNode:
		shape = Mapping
	}
	w.value(path, n, reflect.ValueOf(s.Into(shape)).Elem())
	return true
}
