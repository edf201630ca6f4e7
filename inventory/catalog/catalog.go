// Package catalog is what is known of each asset type: its class, whether and how it can be tagged, which attributes
// are compared and how, what its provider made by itself, and who manages what. It is the agreement between the
// collectors of the observed and of the declared book: both speak in the rows' attribute names.
//
// What is known is data. A generated table (package gen) holds every CloudFormation type and every Terraform AWS type;
// the YAML files under data, one per service, add by hand what no schema tells. docs/catalog.md says how to add a row.
package catalog

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/muster-audit/muster/inventory"
)

//go:generate go run ./gen/google
//go:generate go run ./gen

//go:embed data
var dataFiles embed.FS

// Catalog answers what is known of types. It is safe for concurrent use; what it returns is shared and must not be changed.
type Catalog struct {
	rows       map[inventory.Type]typeSpec
	terraform  map[string]terraformSpec
	imports    map[inventory.Type][]importSpec
	providers  map[string]providerSpec
	provenance []provenanceSpec
	suppress   suppressions
	losses     []Loss
	marks      marks

	types     func() table                           // CloudFormation types, unpacked on first use
	tfTypes   func() table                           // Terraform types, unpacked on first use
	importsOf func() map[inventory.Type][]importRule // compiled on first use
	typeCache sync.Map                               // inventory.Type -> Row
	tfCache   sync.Map                               // string -> TerraformRow
}

// Load reads the hand-written rows; the generated tables are unpacked when they are first asked. An error means that a
// data file of this build is wrong, and names it.
func Load() (*Catalog, error) { return load(dataFiles) }

func load(files fs.FS) (*Catalog, error) {
	c := &Catalog{
		rows:      map[inventory.Type]typeSpec{},
		terraform: map[string]terraformSpec{},
		providers: map[string]providerSpec{},
		imports:   map[inventory.Type][]importSpec{},
		types:     sync.OnceValue(func() table { return unpack(typesPacked) }),
		tfTypes:   sync.OnceValue(func() table { return unpack(terraformPacked) }),
	}
	c.importsOf = sync.OnceValue(c.importRules)
	err := fs.WalkDir(files, "data", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		return c.addFile(files, path)
	})
	if err != nil {
		return nil, fmt.Errorf("load catalog: %w", err)
	}
	return c, nil
}

// Type returns what is known of a type, and false if the catalog has never heard of it. "terraform/<type>" is known if
// the Terraform type is.
func (c *Catalog) Type(t inventory.Type) (Row, bool) {
	if r, ok := c.typeCache.Load(t); ok {
		return r.(Row), true
	}
	r, ok := c.makeRow(t)
	if ok {
		c.typeCache.Store(t, r)
	}
	return r, ok
}

// TypeNames lists the types of the generated table whose names begin with prefix, sorted.
func (c *Catalog) TypeNames(prefix string) []string {
	var names []string
	for _, n := range c.types().keys() {
		if strings.HasPrefix(n, prefix) {
			names = append(names, n)
		}
	}
	return names
}

// Terraform returns what is known of a Terraform resource type, and false if the catalog has never heard of it.
func (c *Catalog) Terraform(tfType string) (TerraformRow, bool) {
	if r, ok := c.tfCache.Load(tfType); ok {
		return r.(TerraformRow), true
	}
	r, ok := c.makeTerraformRow(tfType)
	if ok {
		c.tfCache.Store(tfType, r)
	}
	return r, ok
}

// Provider returns the short name of the provider that a type belongs to: "aws", "gcp", "datacenter", "terraform", or
// "" if none is known.
func Provider(t inventory.Type) string {
	s := string(t)
	switch {
	case strings.HasPrefix(s, "AWS::"):
		return "aws"
	case strings.HasPrefix(s, terraformPrefix):
		return "terraform"
	case strings.HasPrefix(s, "datacenter/"):
		return "datacenter"
	case strings.Contains(s, ".googleapis.com/"):
		return "gcp"
	}
	return ""
}

// ReservedTag reports whether a provider ("aws", "gcp") keeps tags with this key for itself, so that nobody can declare
// or forget them: "aws:…" in any case, "goog-…".
func (c *Catalog) ReservedTag(provider, key string) bool {
	p := c.providers[provider]
	for _, prefix := range p.ReservedTags.Prefixes {
		if len(key) >= len(prefix) && (key[:len(prefix)] == prefix ||
			p.ReservedTags.AnyCase && strings.EqualFold(key[:len(prefix)], prefix)) {
			return true
		}
	}
	return false
}

// TagLimits is what a provider ("aws", "gcp") accepts as tags, unless a type has limits of its own.
func (c *Catalog) TagLimits(provider string) TagLimits { return c.providers[provider].TagLimits }
