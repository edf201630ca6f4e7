package plan

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Document is what is kept of a document between its walks.
type Document struct {
	// Made is when a plan was made, UTC; zero if it does not say.
	Made time.Time
	// Errored says that making the plan failed half-way. Incomplete says that it leaves out a part of the code, as with -target.
	Errored, Incomplete bool

	catalog   *catalog.Catalog
	providers map[string]provider // by key
	blocks    map[string]block    // by the address of a block
	sensitive map[string]bool     // variables of the root module
	regions   map[string]string   // variables of the root module that hold the name of a region
	secrets   [][]byte            // JSON texts
	drifted   map[string]drift    // by key of an element
	sources   Sources
}

// drift is what the provider found changed of a resource when the plan was made.
type drift struct {
	attributes []string // that differ
	deleted    bool
	// names are the attributes that named the thing that is gone, as JSON texts.
	names map[string][]byte
}

// indexer is the first walk.
type indexer struct {
	*resource.Reader
	d       *Document
	el      element
	raw     []byte
	strings map[string]string
}

// Index reads a document for the first time. sources may be nil.
func Index(ctx context.Context, r io.Reader, c *catalog.Catalog, sources Sources) (*Document, error) {
	d := &Document{
		catalog: c, sources: sources, providers: map[string]provider{}, blocks: map[string]block{},
		sensitive: map[string]bool{}, regions: map[string]string{}, drifted: map[string]drift{},
	}
	x := &indexer{Reader: resource.NewReader(r), d: d, strings: map[string]string{}}
	err := x.Object(func(key string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return x.section(ctx, key)
	})
	if err != nil {
		return d, err
	}
	return d, x.End()
}

func (x *indexer) section(ctx context.Context, key string) error {
	switch key {
	case "timestamp":
		return x.timestamp()
	case "errored":
		return x.Bool(&x.d.Errored)
	case "complete":
		complete := true
		err := x.Bool(&complete)
		x.d.Incomplete = !complete
		return err
	case "variables":
		return x.Object(x.region)
	case "configuration":
		return x.Object(x.configuration)
	case "resource_drift":
		return x.Array(func() error { return x.drift(ctx) })
	}
	return x.SkipValue()
}

func (x *indexer) timestamp() error {
	var s string
	err := x.Text(&s)
	if t, parseErr := time.Parse(time.RFC3339, s); parseErr == nil {
		x.d.Made = t.UTC()
	}
	return err
}

// region keeps the value of a variable that holds the name of a region.
func (x *indexer) region(name string) error {
	return x.Object(func(key string) error {
		if key != "value" || x.PeekKind() != '"' {
			return x.SkipValue()
		}
		if err := x.Raw(&x.raw); err != nil {
			return err
		}
		if s := textOf(x.raw); regionName.MatchString(s) {
			x.d.regions[name] = s
		}
		return nil
	})
}

func textOf(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

func (x *indexer) drift(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	e := &x.el
	if err := e.read(x.Reader); err != nil || e.block.Mode != "managed" {
		return err
	}
	found := drift{deleted: !e.after.Present}
	if found.deleted {
		found.names = map[string][]byte{}
		for _, name := range x.d.naming(e.block.Type) {
			if raw, ok := e.before.Raw(name); ok {
				found.names[name] = slices.Clone(raw)
			}
		}
	}
	for name, was := range e.before.All() {
		if is, ok := e.after.Raw(name); ok && !bytes.Equal(was, is) {
			found.attributes = append(found.attributes, x.once(name))
		}
	}
	x.d.drifted[e.key()] = found
	return nil
}

// naming lists the attributes that name a thing of a type, and say where it is.
func (d *Document) naming(tfType string) []string {
	names := []string{"id", "arn", "self_link", "region", "location", "project"}
	row, ok := d.catalog.Terraform(tfType)
	if !ok {
		return names
	}
	paths := append([]string{row.ID, row.ARN}, catalog.TemplateFields(row.FullName)...)
	for _, m := range row.Identifiers {
		paths = append(paths, m.Path)
	}
	for _, path := range paths {
		top, _, _ := strings.Cut(path, ".")
		if top != "" && !slices.Contains(names, top) {
			names = append(names, top)
		}
	}
	return names
}

// open lists the attributes of a resource that are as the provider found them, since the code does not set them, and were otherwise
// before: they are not declared. What names the thing and its tags are.
func (d *Document) open(e *element) []string {
	was, ok := d.drifted[e.key()]
	if !ok || was.deleted {
		return nil
	}
	b, ok := d.blocks[blockAddress(e.block.Module, e.block.Type, e.block.Name)]
	if !ok {
		return nil
	}
	declared := append(d.naming(e.block.Type), "tags", "tags_all", "labels", "terraform_labels", "effective_labels")
	if row, ok := d.catalog.Terraform(e.block.Type); ok {
		declared = append(declared, row.Tags...)
	}
	return slices.DeleteFunc(slices.Clone(was.attributes), func(name string) bool {
		return slices.Contains(b.written, name) || slices.Contains(declared, name)
	})
}
