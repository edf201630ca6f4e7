package expr

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/muster-audit/muster/inventory"
)

// The values of the variables are views of the activation: a pointer conversion each, no allocation.
type (
	assetValue   activation
	entityValue  activation
	tagMap       activation
	attributeMap activation
)

var (
	assetKind     = types.NewObjectType(assetType)
	entityKind    = types.NewObjectType(entityType)
	tagKind       = types.NewMapType(types.StringType, types.StringType)
	attributeKind = types.NewMapType(types.StringType, types.DynType)
)

// The views are only asked for their fields; check refuses expressions that convert or compare them whole.

func (v *assetValue) Type() ref.Type                            { return assetKind }
func (v *assetValue) Value() any                                { return (*activation)(v) }
func (v *assetValue) Equal(ref.Val) ref.Val                     { return notAsWhole("asset") }
func (v *assetValue) ConvertToType(ref.Type) ref.Val            { return notAsWhole("asset") }
func (v *assetValue) ConvertToNative(reflect.Type) (any, error) { return nil, errNotAsWhole("asset") }

func (v *entityValue) Type() ref.Type                            { return entityKind }
func (v *entityValue) Value() any                                { return (*activation)(v) }
func (v *entityValue) Equal(ref.Val) ref.Val                     { return notAsWhole("entity") }
func (v *entityValue) ConvertToType(ref.Type) ref.Val            { return notAsWhole("entity") }
func (v *entityValue) ConvertToNative(reflect.Type) (any, error) { return nil, errNotAsWhole("entity") }

func (v *tagMap) Type() ref.Type                            { return tagKind }
func (v *tagMap) Value() any                                { return (*activation)(v) }
func (v *tagMap) Equal(ref.Val) ref.Val                     { return notAsWhole("asset.tags") }
func (v *tagMap) ConvertToType(ref.Type) ref.Val            { return notAsWhole("asset.tags") }
func (v *tagMap) ConvertToNative(reflect.Type) (any, error) { return nil, errNotAsWhole("asset.tags") }

func (v *attributeMap) Type() ref.Type                 { return attributeKind }
func (v *attributeMap) Value() any                     { return (*activation)(v) }
func (v *attributeMap) Equal(ref.Val) ref.Val          { return notAsWhole("asset.attributes") }
func (v *attributeMap) ConvertToType(ref.Type) ref.Val { return notAsWhole("asset.attributes") }
func (v *attributeMap) ConvertToNative(reflect.Type) (any, error) {
	return nil, errNotAsWhole("asset.attributes")
}

func errNotAsWhole(what string) error { return fmt.Errorf("%s cannot be used as a whole", what) }

func notAsWhole(what string) ref.Val { return types.WrapErr(errNotAsWhole(what)) }

// FindStringKey is the interpreter's short way to the value of a key that is there. A tag whose value is not known is
// there all the same.
func (v *tagMap) FindStringKey(key string) (any, bool) {
	tag, ok := v.tags.Get(key)
	if !ok {
		return nil, false
	}
	return tagText(tag), true
}

// Get implements traits.Indexer: a missing tag is empty.
func (v *tagMap) Get(index ref.Val) ref.Val {
	key, ok := index.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(index)
	}
	tag, _ := v.tags.Get(string(key))
	return tagText(tag)
}

// IsSet implements traits.FieldTester, for has().
func (v *tagMap) IsSet(key ref.Val) ref.Val { return v.Contains(key) }

// Contains implements traits.Container, for "key" in asset.tags.
func (v *tagMap) Contains(value ref.Val) ref.Val {
	key, ok := value.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(value)
	}
	_, found := v.tags.Get(string(key))
	return types.Bool(found)
}

// Size implements traits.Sizer.
func (v *tagMap) Size() ref.Val { return types.Int(v.tags.Len()) }

// Iterator implements traits.Iterable: it yields the keys.
func (v *tagMap) Iterator() traits.Iterator {
	keys := make([]string, 0, v.tags.Len())
	for t := range v.tags.All() {
		keys = append(keys, t.Key)
	}
	return types.NewStringList(types.DefaultTypeAdapter, keys).Iterator()
}

func tagText(t inventory.Tag) ref.Val {
	if t.ValueUnknown {
		return unknown("asset", "tags", t.Key)
	}
	return types.String(t.Value)
}

// FindStringKey yields the value of an attribute that was read; null is one.
func (v *attributeMap) FindStringKey(name string) (any, bool) {
	value, ok := v.asset.CurrentAttribute(name)
	if !ok {
		return nil, false
	}
	return attributeValue(value), true
}

// Find implements traits.Mapper. An attribute that was not read is unknown, never absent.
func (v *attributeMap) Find(index ref.Val) (ref.Val, bool) {
	name, ok := index.(types.String)
	if !ok {
		return types.MaybeNoSuchOverloadErr(index), false
	}
	if value, ok := v.asset.CurrentAttribute(string(name)); ok {
		return attributeValue(value), true
	}
	return unknown("asset", "attributes", string(name)), true
}

// Get implements traits.Indexer.
func (v *attributeMap) Get(index ref.Val) ref.Val {
	value, _ := v.Find(index)
	return value
}

// Contains implements traits.Container, for "Name" in asset.attributes.
func (v *attributeMap) Contains(index ref.Val) ref.Val {
	value, found := v.Find(index)
	if types.IsUnknownOrError(value) {
		return value
	}
	return types.Bool(found)
}

// Size implements traits.Sizer: nobody knows how many attributes there are.
func (v *attributeMap) Size() ref.Val { return unknown("asset", "attributes") }

// Iterator implements traits.Iterable; check refuses expressions that need it.
func (v *attributeMap) Iterator() traits.Iterator {
	return types.NewStringList(types.DefaultTypeAdapter, nil).Iterator()
}

// attributeValue decodes an attribute; numbers become int or double.
func attributeValue(v inventory.Value) ref.Val {
	switch v {
	case inventory.Null:
		return types.NullValue
	case inventory.True:
		return types.True
	case inventory.False:
		return types.False
	}
	switch v[0] {
	case '"':
		if body := string(v[1 : len(v)-1]); !strings.ContainsRune(body, '\\') {
			return types.String(body)
		}
		return types.String(v.String())
	case '[', '{':
		return types.DefaultTypeAdapter.NativeToValue(withNumbers(v.Decode()))
	}
	return types.DefaultTypeAdapter.NativeToValue(number(string(v)))
}

// withNumbers replaces json.Number, which CEL does not know, throughout.
func withNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(v.String())
	case []any:
		for i := range v {
			v[i] = withNumbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = withNumbers(v[k])
		}
	}
	return v
}

func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return f
}
