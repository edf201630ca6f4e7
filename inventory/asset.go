package inventory

import (
	"slices"
	"strings"
	"time"
)

// Book is one of the three books that an audit compares.
type Book string

// The three books.
const (
	Observed Book = "observed" // what a cloud API or an agent says is there now
	Recorded Book = "recorded" // what the company's own register says
	Declared Book = "declared" // what infrastructure as code says should be there
)

// Books lists the three books in the order in which reports show them.
func Books() []Book { return []Book{Observed, Recorded, Declared} }

// Valid reports whether b is one of the three books.
func (b Book) Valid() bool { return b == Observed || b == Recorded || b == Declared }

// Type is a provider's own name of a kind of thing: CloudFormation's for AWS ("AWS::EC2::Instance"), Cloud Asset
// Inventory's for Google ("compute.googleapis.com/Instance"), "datacenter/server" and its like for register rows, and
// "terraform/<type>" for a declared resource that the catalog cannot map.
type Type string

// Lifecycle is where an asset stands between plan and scrap heap. The zero value is unknown.
type Lifecycle string

// The life cycle of an asset. A declared asset that was never applied is planned; a deposed Terraform object, which
// still exists and is marked for destruction, is retiring.
const (
	LifecycleUnknown     Lifecycle = ""
	LifecyclePlanned     Lifecycle = "planned"
	LifecycleActive      Lifecycle = "active"
	LifecycleMaintenance Lifecycle = "maintenance"
	LifecycleRetiring    Lifecycle = "retiring"
	LifecycleRetired     Lifecycle = "retired"
)

// Valid reports whether l is unknown or one of the named stages.
func (l Lifecycle) Valid() bool {
	switch l {
	case LifecycleUnknown, LifecyclePlanned, LifecycleActive, LifecycleMaintenance, LifecycleRetiring, LifecycleRetired:
		return true
	}
	return false
}

// Asset is one thing in one book: a virtual machine, a bucket, a register row, a Terraform resource instance.
//
// An Asset handed to an emit function or a store belongs to the receiver from then on; the giver must not change its
// slices.
type Asset struct {
	// Key is the provider's own global name: an ARN as the API spells it, a Google full resource name, and for declared
	// things without either "file#address". It is unique in its scope.
	Key  string
	Book Book
	Type Type
	// Name is what a person calls it; may be empty.
	Name string
	// Account is an AWS account id, a Google project id, or whatever a register calls the owner's realm; may be empty.
	Account string
	Region  string
	Zone    string
	// Lifecycle is what the book says of the stage of the asset's life.
	Lifecycle Lifecycle
	// Shallow marks an asset known by name and tags only, for want of a native lister of its type.
	Shallow bool

	Tags        Tags
	Attributes  Attributes
	Identifiers []Identifier // sorted, no duplicates, as by SortIdentifiers
	Relations   []Relation   // sorted, no duplicates, as by SortRelations
	Origin      Origin
	// Created is when the thing came to be, in UTC; zero is unknown.
	Created time.Time
}

// Origin is where a person can look an asset up.
type Origin struct {
	File    string `json:"file,omitempty"`    // path relative to the config file, or a URL
	Line    int    `json:"line,omitempty"`    // 1-based; 0 is unknown
	Address string `json:"address,omitempty"` // module.web["eu"].aws_instance.app[0]
	Module  string `json:"module,omitempty"`  // module path of Address; empty in the root module
	Lineage string `json:"lineage,omitempty"` // what ties state, plan and source of one declaration together
	Call    string `json:"call,omitempty"`    // API operation that listed it, "ec2:DescribeInstances"
	Layer   Layer  `json:"layer,omitempty"`   // of a declaration
	// Ignores names what the code leaves to others, as Terraform's ignore_changes: attributes by their canonical names and
	// "tags.<key>", sorted, a line each; a name that ends in "*" stands for all that begin so.
	Ignores string `json:"ignores,omitempty"`
}

// Layer tells what somebody wants from what was done about it. One declared thing may stand in all three: where they differ, the
// code counts before the plan, and the plan before the state.
type Layer string

// The layers of a declaration, that which counts most first.
const (
	LayerCode  Layer = "code"  // written by people: HCL, a template. What it leaves open is not declared
	LayerPlan  Layer = "plan"  // what the tool would make of the code
	LayerState Layer = "state" // what the tool knows of what it made: a state, a stack that is deployed
)

// Layers lists the layers, that which counts most first.
func Layers() []Layer { return []Layer{LayerCode, LayerPlan, LayerState} }

// Ignoring makes the text of Ignores.
func Ignoring(names ...string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(names))), "\n")
}

// IgnoresAttribute reports whether the code leaves an attribute, or "tags.<key>", to others: it is named itself, or something that it
// is a part of.
func (o Origin) IgnoresAttribute(name string) bool {
	if o.Ignores == "" {
		return false
	}
	for part := range strings.SplitSeq(o.Ignores, "\n") {
		start, open := strings.CutSuffix(part, "*")
		if name == part || strings.HasPrefix(name, part+".") || open && strings.HasPrefix(name, start) {
			return true
		}
	}
	return false
}

// Entry is an asset as a store holds it: with the place it was read from and the scans that saw it.
type Entry struct {
	Asset
	// ID is the store's number of the asset, stable as long as the store exists.
	ID     int64
	Source string
	Scope  string
	// TagsUnconfirmed says that Tags are those of an earlier scan, since the last one could not read them.
	TagsUnconfirmed bool
	// TagValuesUnconfirmed names single tags whose value is that of an earlier scan, since the last one could not determine it.
	TagValuesUnconfirmed []string
	// AttributesUnconfirmed names attributes whose value is that of an earlier scan; ["*"] means all.
	AttributesUnconfirmed []string
	FirstSeen             time.Time // start of the scan that first held it, UTC
	// LastSeen is the start of the last scan in which an ok or partial run of its scope held it, UTC.
	LastSeen time.Time
}

// CurrentTags is what rules may rely on: the tags, with those unknown that the last scan could not confirm.
func (e *Entry) CurrentTags() Tags {
	if e.TagsUnconfirmed {
		return UnknownTags()
	}
	if !e.Tags.hashed && len(e.TagValuesUnconfirmed) == 0 {
		return e.Tags
	}
	list := slices.Clone(e.Tags.list)
	for i, t := range list {
		if e.unsure(t) {
			list[i] = Tag{Key: t.Key, ValueUnknown: true}
		}
	}
	return KnownTags(list...)
}

// unsure reports whether nobody can tell a tag's value from another: it was not confirmed, or is a secret's hash.
func (e *Entry) unsure(t Tag) bool {
	return IsSecretHash(t.Value) || slices.Contains(e.TagValuesUnconfirmed, t.Key)
}

// CurrentAttribute is the value of an attribute that the last scan confirmed, and whether there is one.
func (e *Entry) CurrentAttribute(name string) (Value, bool) {
	for _, n := range e.AttributesUnconfirmed {
		if n == "*" || n == name {
			return "", false
		}
	}
	return e.Attributes.Get(name)
}
