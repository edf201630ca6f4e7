package expr

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/muster-audit/muster/inventory"
)

// field is one field of a variable. docs/expressions.md lists them; a test compares.
type field struct {
	name string
	kind *types.Type
	get  func(*activation) ref.Val
	// set answers has(); nil means that the field is always there.
	set func(*activation) bool
}

const (
	assetType  = "muster.asset"
	entityType = "muster.entity"
)

// text is a field that holds a string, and is there if it is not empty.
func text(name string, get func(*activation) string) field {
	return field{
		name: name, kind: types.StringType,
		get: func(a *activation) ref.Val { return types.String(get(a)) },
		set: func(a *activation) bool { return get(a) != "" },
	}
}

func assetFields() []field {
	return []field{
		text("key", func(a *activation) string { return a.asset.Key }),
		text("book", func(a *activation) string { return string(a.asset.Book) }),
		text("type", func(a *activation) string { return string(a.asset.Type) }),
		text("class", (*activation).class),
		text("name", func(a *activation) string { return a.asset.Name }),
		text("account", func(a *activation) string { return a.asset.Account }),
		text("region", func(a *activation) string { return a.asset.Region }),
		text("zone", func(a *activation) string { return a.asset.Zone }),
		text("source", func(a *activation) string { return a.asset.Source }),
		text("scope", func(a *activation) string { return a.asset.Scope }),
		text("lifecycle", func(a *activation) string { return string(a.asset.Lifecycle) }),
		text("provider", func(a *activation) string { return provider(a.asset.Type) }),
		{name: "created", kind: types.TimestampType, get: (*activation).created, set: (*activation).hasCreated},
		{name: "age", kind: types.DurationType, get: (*activation).age, set: (*activation).hasCreated},
		{name: "tags", kind: types.NewMapType(types.StringType, types.StringType), get: (*activation).tagMap},
		{name: "attributes", kind: types.NewMapType(types.StringType, types.DynType), get: (*activation).attributeMap},
	}
}

func entityFields() []field {
	in := func(name string, list func(*Facets) []*inventory.Entry) field {
		return field{name: name, kind: types.BoolType, get: func(a *activation) ref.Val {
			if a.noEntity() {
				return unknown("entity", name)
			}
			return types.Bool(len(list(&a.entity)) > 0)
		}}
	}
	return []field{
		in("observed", func(f *Facets) []*inventory.Entry { return f.Observed }),
		in("declared", func(f *Facets) []*inventory.Entry { return f.Declared }),
		in("recorded", func(f *Facets) []*inventory.Entry { return f.Recorded }),
		{name: "books", kind: types.NewListType(types.StringType), get: (*activation).books},
		{name: "sources", kind: types.NewListType(types.StringType), get: (*activation).sources},
	}
}

// fieldNames lists the fields of a variable.
func fieldNames(variable string) []string {
	var list []field
	switch variable {
	case "asset":
		list = assetFields()
	case "entity":
		list = entityFields()
	}
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.name
	}
	return names
}

// provider is who a type belongs to, by the form of its name.
func provider(t inventory.Type) string {
	name := string(t)
	switch {
	case strings.HasPrefix(name, "AWS::"):
		return "aws"
	case strings.Contains(name, ".googleapis.com/"):
		return "gcp"
	}
	before, _, found := strings.Cut(name, "/")
	if !found {
		return ""
	}
	return before
}

// activation gives an expression its variables. It is reused, so no value that refers to it may outlive the evaluation.
type activation struct {
	env    *Env
	asset  *inventory.Entry
	entity Facets
	tags   inventory.Tags
	value  string // of the tag that is judged
}

// ResolveName implements interpreter.Activation.
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "asset":
		return (*assetValue)(a), true
	case "entity":
		return (*entityValue)(a), true
	case "now":
		return types.Timestamp{Time: a.env.Now.UTC()}, true
	case valueName:
		return types.String(a.value), true
	}
	return nil, false
}

func (a *activation) class() string {
	if a.env.Class == nil {
		return ""
	}
	return a.env.Class(a.asset.Type)
}

func (a *activation) hasCreated() bool { return !a.asset.Created.IsZero() }

func (a *activation) created() ref.Val {
	if !a.hasCreated() {
		return unknown("asset", "created")
	}
	return types.Timestamp{Time: a.asset.Created.UTC()}
}

func (a *activation) age() ref.Val {
	if !a.hasCreated() {
		return unknown("asset", "created")
	}
	return types.Duration{Duration: a.env.Now.Sub(a.asset.Created)}
}

func (a *activation) tagMap() ref.Val {
	if a.tags.State() == inventory.Unknown {
		return unknown("asset", "tags")
	}
	return (*tagMap)(a)
}

func (a *activation) attributeMap() ref.Val { return (*attributeMap)(a) }

func (a *activation) noEntity() bool {
	return len(a.entity.Observed) == 0 && len(a.entity.Declared) == 0 && len(a.entity.Recorded) == 0
}

func (a *activation) books() ref.Val {
	if a.noEntity() {
		return unknown("entity", "books")
	}
	var list []string
	for _, b := range []struct {
		book    inventory.Book
		entries []*inventory.Entry
	}{{inventory.Observed, a.entity.Observed}, {inventory.Declared, a.entity.Declared}, {inventory.Recorded, a.entity.Recorded}} {
		if len(b.entries) > 0 {
			list = append(list, string(b.book))
		}
	}
	return types.NewStringList(types.DefaultTypeAdapter, list)
}

func (a *activation) sources() ref.Val {
	if a.noEntity() {
		return unknown("entity", "sources")
	}
	var list []string
	for _, entries := range [][]*inventory.Entry{a.entity.Observed, a.entity.Declared, a.entity.Recorded} {
		for _, e := range entries {
			list = append(list, e.Source)
		}
	}
	slices.Sort(list)
	return types.NewStringList(types.DefaultTypeAdapter, slices.Compact(list))
}

// Parent implements interpreter.Activation.
func (a *activation) Parent() interpreter.Activation { return nil }

// unknown is the value of what could not be read.
func unknown(variable string, path ...string) ref.Val {
	trail := types.NewAttributeTrail(variable)
	for _, p := range path {
		trail = types.QualifyAttribute(trail, p)
	}
	return types.NewUnknown(0, trail)
}
