// Package resource turns what Google's APIs tell of a resource into an asset. Whether the compute API, the asset inventory or an
// API of its own told it, a resource has one REST representation, and this package reads it: names, place, labels, attributes,
// relations. Which attributes there are and where a type keeps its labels is in the catalog; what else a type needs is a Kind.
package resource

import (
	"cmp"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Resource is one resource as an API told of it.
type Resource struct {
	Type inventory.Type // "compute.googleapis.com/Instance"
	// Name is the full resource name, in any of its spellings, or the relative name within Type's service.
	Name string
	// Project is the project's id or number; empty if the name tells it.
	Project string
	// Location is a zone, a region, a multi-region or "global", as a name or as a URL; empty if the name or Data tells it.
	Location string
	// Data is the REST representation; nil if the API gave none. Numbers are float64 or json.Number.
	Data Doc
	// Part says that Data is not all of the representation, as some lists give it: what it leaves out is unknown then.
	Part bool
	// Index is what the asset inventory's search tells besides; nil if it was not asked.
	Index *Index
	// Stays says that it outlives what it is attached to, where another resource tells that: a disk that its instance does not delete.
	Stays bool
	Call  string // the call that listed it, "compute.instances.aggregatedList"
}

// Index is what the asset inventory's search keeps of every resource, whatever its type.
type Index struct {
	DisplayName string
	State       string            // in the words of the resource's API
	Labels      map[string]string // nil if the index has none, which does not say that the resource has none
	// Tags are the resource-manager tags that are attached, EffectiveTags those with the inherited ones: "123/env=prod".
	Tags, EffectiveTags []string
	Created             time.Time
	Parent              string // full resource name
}

// Kind is what a type needs besides its row of the catalog.
type Kind struct {
	Type inventory.Type
	// Last names attributes whose references people write as a bare name: the machine type, not its URL.
	Last []string
	// Form brings a representation of another version of the API into the form that the catalog's attributes are named by; it may return d
	// itself and does not change it.
	Form func(d Doc) Doc
	// Named is the name that people and their code have for it, relative to the service, where the inventory names it by a number that its
	// project ("acme-prod") gave it; empty if the representation does not tell.
	Named func(project string, d Doc) string
	// Created is the field with the time of creation, if it is none of the usual ones.
	Created string
	// Gone reports whether the resource only lingers after its deletion. It is left out then.
	Gone func(d Doc) bool
	// Describe adds identifiers, relations and the stage of life. Names of others are made canonical with s.Name.
	Describe func(s *Subject)
}

// Subject is an asset that is being made.
type Subject struct {
	Asset *inventory.Asset
	Data  Doc
	stays bool
	table *Table
}

// Identify adds an identifier, unless its value is empty.
func (s *Subject) Identify(kind inventory.IdentifierKind, value string) {
	if value != "" {
		s.Asset.Identifiers = append(s.Asset.Identifiers, inventory.Identifier{Kind: kind, Value: value})
	}
}

// Relate adds a relation to another resource, named by a self link, a full or a relative name. What is no name is left out.
func (s *Subject) Relate(kind inventory.RelationKind, reference string) {
	if name, ok := s.Name(reference); ok && name != s.Asset.Key {
		s.Asset.Relations = append(s.Asset.Relations, inventory.Relation{Kind: kind, Key: name})
	}
}

// Name returns the canonical full name of a reference, which is a self link, a full name, or a name relative to the service.
func (s *Subject) Name(reference string) (string, bool) {
	service, _, _ := strings.Cut(string(s.Asset.Type), "/")
	return catalog.FullName(service, reference, s.table.Project)
}

// Stage sets the stage of life.
func (s *Subject) Stage(stage inventory.Lifecycle) { s.Asset.Lifecycle = stage }

// Table makes assets of resources. It is safe for concurrent use.
type Table struct {
	// Project returns the id of the project with a number; "" if it is not known.
	Project func(number string) string
	Catalog *catalog.Catalog
	Secret  inventory.SecretHash
	kinds   map[inventory.Type]*Kind
}

// NewTable returns a table with all kinds.
func NewTable(c *catalog.Catalog, secret inventory.SecretHash, project func(number string) string) *Table {
	t := &Table{Project: project, Catalog: c, Secret: secret, kinds: map[inventory.Type]*Kind{}}
	for _, k := range kinds() {
		t.kinds[k.Type] = &k
	}
	return t
}

// hierarchy begins the names of projects, folders and organizations.
const hierarchy = "//cloudresourcemanager.googleapis.com/"

// Asset makes an asset. It reports false for a resource that only lingers after its deletion, and an error for one that
// has no name.
func (t *Table) Asset(r Resource) (inventory.Asset, bool, error) {
	kind := t.kinds[r.Type]
	if kind != nil && kind.Form != nil && r.Data != nil {
		r.Data = kind.Form(r.Data)
	}
	if kind != nil && kind.Gone != nil && r.Data != nil && kind.Gone(r.Data) {
		return inventory.Asset{}, false, nil
	}
	if kind != nil && kind.Named != nil && r.Data != nil {
		r.Name = cmp.Or(kind.Named(t.projectOf(r), r.Data), r.Name)
	}
	key, err := t.key(r)
	if err != nil {
		return inventory.Asset{}, false, err
	}
	row, known := t.Catalog.Type(r.Type)
	a := inventory.Asset{
		Key: key, Book: inventory.Observed, Type: r.Type, Lifecycle: inventory.LifecycleActive,
		Origin: inventory.Origin{Call: r.Call}, Shallow: kind == nil && len(row.Attributes) == 0,
	}
	t.place(&a, r)
	a.Name = displayName(r, key)
	a.Tags = labels(row, known, r)
	a.Attributes = t.attributes(row, kind, r)
	a.Created = created(kind, r)
	s := &Subject{Asset: &a, Data: r.Data, stays: r.Stays, table: t}
	s.Stage(stage(state(r)))
	s.Identify(inventory.SelfLink, key)
	if kind != nil && kind.Describe != nil && r.Data != nil {
		kind.Describe(s)
	}
	if a.Shallow && r.Index != nil && !strings.HasPrefix(r.Index.Parent, hierarchy) {
		s.Relate(inventory.AttachedTo, r.Index.Parent) // nobody knows whether it is ever made for itself, as a service's revision is not
	}
	a.Identifiers = inventory.SortIdentifiers(a.Identifiers)
	a.Relations = inventory.SortRelations(a.Relations)
	return a, true, nil
}
