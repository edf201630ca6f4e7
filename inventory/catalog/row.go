package catalog

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Class groups types for policies: 'asset.class in ["compute", "database"]'.
type Class string

// The classes.
const (
	Compute     Class = "compute"
	Database    Class = "database"
	Storage     Class = "storage"
	Network     Class = "network"
	Security    Class = "security"
	Identity    Class = "identity"
	Messaging   Class = "messaging"
	Analytics   Class = "analytics"
	Management  Class = "management"
	Application Class = "application"
	Other       Class = "other"
)

// Classes lists all classes in the order in which reports show them.
func Classes() []Class {
	return []Class{Compute, Database, Storage, Network, Security, Identity, Messaging, Analytics, Management, Application, Other}
}

// TaggingAPI says how far a provider's API for the tags of all services knows a type: on AWS, the Resource Groups Tagging API.
type TaggingAPI string

// How far the tagging API knows a type.
const (
	// TaggingPartial is for types that it may know in part or not at all: what it does not return has to be asked itself.
	TaggingPartial TaggingAPI = ""
	// TaggingComplete is for types whose every asset that bears or once bore tags it returns: what it does not return has none.
	TaggingComplete TaggingAPI = "complete"
	// TaggingNone is for types that it never returns: asking it is a call wasted.
	TaggingNone TaggingAPI = "none"
)

// Row is what is known of one type.
type Row struct {
	Type     inventory.Type
	Provider string // see Provider
	Class    Class
	// Taggable is Known if assets of the type can carry tags, NotApplicable if they cannot, Unknown if nobody knows.
	Taggable inventory.Knowledge
	// TagProperty is the property that holds the tags, or its path: "Tags", "settings.userLabels". Empty if there is none.
	TagProperty string
	TagLimits   TagLimits
	Billable    bool // costs money by being there
	Global      bool // has no region; its provider may still report one
	TaggingAPI  TaggingAPI
	// Virtual marks what code declares and no provider will ever report as an asset: a random id, a local file, or one side
	// of another asset that Terraform takes for a resource, as the versioning of a bucket.
	Virtual bool
	// PartOf lists the types whose parts assets of this type are: a rule is part of a security group.
	PartOf []inventory.Type
	// PrimaryIdentifier, ReadOnly, WriteOnly and Properties are names of the provider's model, sorted except the first.
	// Nested ones are paths with "/". A write-only property cannot be read back: it is never drift.
	PrimaryIdentifier, ReadOnly, WriteOnly, Properties []string
	// Attributes is the allow-list of what is compared, sorted by name.
	Attributes []Attribute
	// Evidence names attributes outside of the provider's declarable model that a collector should keep all the same,
	// since they prove something: IsDefault of a VPC. On Google they are fields that are never compared: the users of a disk.
	// Those that stand under Attributes too are compared: the policy of a queue, which CloudFormation takes for a thing of its own.
	Evidence []string
	// Facets are the operations that a collector makes once for every asset, since no list call tells: "sqs:GetQueueAttributes".
	Facets []string
}

// TagLimits is what a provider accepts. Zero means that no limit is known.
type TagLimits struct {
	Max         int `yaml:"max"`          // tags an asset, reserved ones not counted
	KeyLength   int `yaml:"key_length"`   // characters
	ValueLength int `yaml:"value_length"` // characters
	// Lower says that keys and values hold no letters in upper case, and that only digits, "_" and "-" may stand beside letters. A
	// key begins with a letter.
	Lower bool `yaml:"lower"`
	// Bytes is how long a key, and a value, may be in UTF-8.
	Bytes int `yaml:"bytes"`
	// Signs are what may stand beside letters, digits and spaces wherever the provider takes tags: single services may take more. Empty
	// if Lower says it, or nobody knows.
	Signs string `yaml:"signs"`
}

// Attribute is one compared attribute.
type Attribute struct {
	// Name is the property's name; a nested one is a dotted path: "MetadataOptions.HttpTokens". Lists are compared
	// whole, never by index.
	Name string
	// Comparator says how two values are compared: names joined by ", " as in Comparators; empty is exact.
	Comparator string
	// Default is what the provider takes if nothing is set; Unread if there is no such value.
	Default inventory.Value
	// Ignore says why the attribute is not compared unless a policy asks for it; empty if it is compared.
	Ignore string
	// Severity is that of a difference in this attribute if it should not be the rule's: "critical", "low".
	Severity string
	// Members says how a list comes together of which resources of their own declare parts.
	Members Members
	// Within names the attributes of the same asset that hold the least and the greatest value within which something else moves this
	// one: no value between them is a difference. Empty if nothing moves it.
	Within []string
	// ReadOnly and WriteOnly are as the provider's schema marks the property.
	ReadOnly, WriteOnly bool
}

// Attribute returns the compared attribute with a name.
func (r Row) Attribute(name string) (Attribute, bool) {
	i, ok := slices.BinarySearchFunc(r.Attributes, name, func(a Attribute, n string) int { return strings.Compare(a.Name, n) })
	if !ok {
		return Attribute{}, false
	}
	return r.Attributes[i], true
}

// HasProperty reports whether a name, or the first part of a dotted path, is a property of the type. It is true for
// every name if the type's properties are not known.
func (r Row) HasProperty(name string) bool {
	top, _, _ := strings.Cut(name, ".")
	return len(r.Properties) == 0 || slices.Contains(r.Properties, top)
}

// makeRow merges the generated and the hand-written row of a type.
func (c *Catalog) makeRow(t inventory.Type) (Row, bool) {
	r := Row{Type: t, Provider: Provider(t), Class: Other}
	if r.Provider == "terraform" {
		return c.terraformTypeRow(r)
	}
	fields, generated := c.types().find(string(t))
	if generated {
		r.fillGenerated(fields)
	}
	spec, written := c.rows[t]
	if !generated && !written {
		return Row{}, false
	}
	c.fillWritten(&r, spec)
	return r, true
}

// fillGenerated takes the columns of a line of the generated table of types.
func (r *Row) fillGenerated(f []string) {
	r.Taggable = knowledge(f[1])
	r.TagProperty = f[2]
	r.PrimaryIdentifier = list(f[3])
	r.ReadOnly, r.WriteOnly, r.Properties = list(f[4]), list(f[5]), list(f[6])
}

func (c *Catalog) fillWritten(r *Row, spec typeSpec) {
	r.Class = c.marks.class(r.Type)
	r.Global, r.Billable, r.Virtual = c.marks.global.match(r.Type), c.marks.billable.match(r.Type), c.marks.virtual.match(r.Type)
	r.PartOf, r.Evidence, r.Facets = spec.PartOf, spec.Evidence, spec.Facets
	r.TaggingAPI = c.marks.taggingAPI(r.Type)
	if spec.Taggable != nil {
		r.Taggable = knowledge(map[bool]string{true: "1", false: "0"}[*spec.Taggable])
	}
	r.TagLimits = c.providers[r.Provider].TagLimits
	if spec.TagLimits != nil {
		r.TagLimits = *spec.TagLimits
	}
	for name, a := range spec.Attributes {
		r.Attributes = append(r.Attributes, r.attribute(name, a))
	}
	slices.SortFunc(r.Attributes, func(a, b Attribute) int { return strings.Compare(a.Name, b.Name) })
}

func (r *Row) attribute(name string, a attributeSpec) Attribute {
	path := strings.ReplaceAll(name, ".", "/")
	return Attribute{
		Name: name, Comparator: a.Compare, Default: a.Default.value, Ignore: a.Ignore, Severity: a.Severity, Within: a.Within, Members: a.Members,
		ReadOnly: slices.Contains(r.ReadOnly, path), WriteOnly: slices.Contains(r.WriteOnly, path),
	}
}

// knowledge reads a column of a generated table: "1" can be tagged, "0" cannot, anything else is not known.
func knowledge(column string) inventory.Knowledge {
	switch column {
	case "1":
		return inventory.Known
	case "0":
		return inventory.NotApplicable
	}
	return inventory.Unknown
}

// list splits a column of a generated table.
func list(column string) []string {
	if column == "" {
		return nil
	}
	return strings.Split(column, ",")
}
