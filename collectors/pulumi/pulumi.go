// Package pulumi reads the stacks of Pulumi, as "pulumi stack export" prints them or as a backend that is a folder or a bucket keeps
// them, and emits every resource of a cloud as a declared asset.
//
// Most providers of Pulumi are made of Terraform's, so that a resource is turned back into Terraform's words and from there on is read as
// Terraform's are. A stack is walked twice, with the memory of one resource. What is encrypted in it stays so and is unknown here; what
// stands there in plain text as a secret is hashed.
package pulumi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Options are the keys of a source of this collector.
type Options struct {
	Paths  []string      `yaml:"paths" jsonschema_description:"Exported stacks and the files of a backend, folders of them, and globs, relative to the config file."`
	MaxAge time.Duration `yaml:"max_age" jsonschema_description:"How long ago a stack may have been written and still be believed; 0 is for ever."`
}

// Validate returns what is wrong with the options.
func (o *Options) Validate() []collectors.OptionError {
	list := files.Check("paths", o.Paths)
	if len(o.Paths) == 0 {
		list = append(list, collectors.OptionError{Option: "paths", Message: "is missing: name exported stacks, as stacks/*.json"})
	}
	if o.MaxAge < 0 {
		list = append(list, collectors.OptionError{Option: "max_age", Message: fmt.Sprintf("%s: want 0 or more, as 36h", o.MaxAge)})
	}
	return list
}

// Spec describes the collector.
func Spec() collectors.Spec {
	return collectors.Spec{
		Name:    "pulumi",
		Summary: "exported stacks of Pulumi",
		Books:   []inventory.Book{inventory.Declared},
		Reads: "Reads what \"pulumi stack export\" wrote, and the files of a backend that is a folder. It runs no Pulumi and calls no cloud.\n" +
			"The user who runs muster needs the right to read the files. Secrets stay encrypted, or are hashed before they are stored.",
		NewOptions: func() any { return &Options{} },
		New: func(env collectors.Env, _ inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector pulumi: options are %T", options)
			}
			c, err := catalog.Load()
			if err != nil {
				return nil, fmt.Errorf("make collector pulumi: %w", err)
			}
			set := files.Set{Dir: env.Dir, Patterns: o.Paths, Inside: []string{".json"}}
			return &collector{env: env, options: *o, catalog: c, set: set}, nil
		},
	}
}

type collector struct {
	env     collectors.Env
	options Options
	catalog *catalog.Catalog
	set     files.Set
}

// Scopes is one scope per file.
func (c *collector) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	return c.set.Scopes(ctx, inventory.Scope{Covers: inventory.Coverage{Derived: true}})
}

// unpacked bounds what a packed stack may unpack to.
func unpacked() files.Limits { return files.Limits{Bytes: 4 << 30, Ratio: 200} }

// Collect reads one stack.
func (c *collector) Collect(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	raw, err := c.set.OpenRaw(s, unpacked())
	if err != nil {
		return err
	}
	defer raw.Close()
	out.Note(collectors.Facts{DataTime: raw.ModTime})

	k := &stack{catalog: c.catalog, survey: resource.NewSurvey(c.catalog, c.env.Secret), id: s.ID}
	readErr := k.walk(ctx, raw, k.learn)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := k.judge(readErr); err != nil {
		return err
	}
	made := raw.ModTime
	if !k.made.IsZero() && k.made.Before(made) {
		made = k.made
	}
	out.Note(collectors.Facts{DataTime: made, Detail: k.detail()})
	if err := raw.Rewind(); err != nil {
		return err
	}
	refused := false
	if err := k.emit(ctx, raw, watched{Sink: out, refused: &refused}); err != nil && (refused || ctx.Err() != nil) {
		return err
	}
	if readErr != nil {
		return damage(s.ID, readErr)
	}
	if err := raw.Unchanged(); err != nil {
		return err
	}
	return c.checkAge(s, made)
}

// watched notes that the sink refused an asset, which is no damage of the file.
type watched struct {
	collectors.Sink
	refused *bool
}

// Asset hands an asset over.
func (w watched) Asset(a inventory.Asset) error {
	err := w.Sink.Asset(a)
	*w.refused = err != nil
	return err
}

func (c *collector) checkAge(s inventory.Scope, written time.Time) error {
	age := c.env.Now().Sub(written)
	if c.options.MaxAge == 0 || age <= c.options.MaxAge {
		return nil
	}
	return &collectors.Error{
		Reason: inventory.ReasonStale,
		Err: fmt.Errorf("%q was written %s ago, max_age is %s: check whether the job that exports it ran",
			s.ID, age.Round(time.Minute), c.options.MaxAge),
	}
}

// judge returns why a document is no stack that can be read, nil if it is one. readErr is what ended the first walk.
func (k *stack) judge(readErr error) error {
	var c *collectors.Error
	switch {
	case errors.As(readErr, &c):
		return readErr
	case errors.Is(readErr, resource.ErrTooManySecrets):
		return failure("read stack %q: %w: it cannot be made sure that none of them is stored", k.id, readErr)
	case !k.deployed && readErr != nil:
		return damage(k.id, readErr)
	case !k.deployed:
		return failure("%q is no stack of Pulumi: write one with pulumi stack export --file FILE, and name that file", k.id)
	case k.version != 0 && k.version < oldestVersion:
		return failure("stack %q has version %d: export it again with a newer Pulumi, which writes version %d", k.id, k.version, oldestVersion)
	case k.version > newestVersion:
		return failure("stack %q has version %d, this muster knows up to version %d: use a newer muster", k.id, k.version, newestVersion)
	}
	return nil
}

func failure(format string, args ...any) error {
	return &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf(format, args...)}
}

// damage says where and how a file is broken. It tells no more of the text there than that: it may be a secret.
func damage(id string, err error) error {
	var c *collectors.Error
	if errors.As(err, &c) {
		return err
	}
	what := "is damaged"
	var syntax *jsontext.SyntacticError
	isSyntax := errors.As(err, &syntax)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		what = "ends in the middle"
	case errors.Is(err, resource.ErrTrailing):
		what = "goes on after its end"
	case !isSyntax:
		return failure("read stack %q: %w", id, err)
	}
	if isSyntax {
		what += fmt.Sprintf(" (byte %d)", syntax.ByteOffset)
	}
	return &collectors.Error{
		Reason: inventory.ReasonUntrusted,
		Err:    fmt.Errorf("stack %q %s: fetch it again, as with pulumi stack export", id, what),
	}
}
