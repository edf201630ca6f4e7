// Package terraform reads what Terraform and OpenTofu last wrote into their state files, version 4, and emits every
// managed resource instance as a declared asset.
//
// A state is walked twice, each time with the memory of one resource instance: first to learn what is secret in it, in
// which account each provider configuration works and which names are there twice, then to emit. Only tags, identifiers
// and the attributes that the catalog compares leave this package, with every secret hashed.
package terraform

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Options are the keys of a source of this collector.
type Options struct {
	Paths  []string      `yaml:"paths" jsonschema_description:"State files and globs, relative to the config file."`
	MaxAge time.Duration `yaml:"max_age" jsonschema_description:"How long ago a state may have been written and still be believed; 0 is for ever."`
}

// Validate returns what is wrong with the options.
func (o *Options) Validate() []collectors.OptionError {
	list := files.Check("paths", o.Paths)
	if len(o.Paths) == 0 {
		list = append(list, collectors.OptionError{Option: "paths", Message: "is missing: name state files, as states/**/*.tfstate"})
	}
	if o.MaxAge < 0 {
		list = append(list, collectors.OptionError{Option: "max_age", Message: fmt.Sprintf("%s: want 0 or more, as 36h", o.MaxAge)})
	}
	return list
}

// Spec describes the collector.
func Spec() collectors.Spec {
	return collectors.Spec{
		Name:    "terraform",
		Summary: "state files of Terraform and OpenTofu",
		Books:   []inventory.Book{inventory.Declared},
		Reads: "Reads local state files (version 4). It runs neither Terraform nor a provider and calls no cloud.\n" +
			"The user who runs muster needs the right to read the files. Secrets in them are hashed before they are stored.",
		NewOptions: func() any { return &Options{} },
		New: func(env collectors.Env, _ inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector terraform: options are %T", options)
			}
			c, err := catalog.Load()
			if err != nil {
				return nil, fmt.Errorf("make collector terraform: %w", err)
			}
			return &collector{env: env, options: *o, catalog: c}, nil
		},
	}
}

type collector struct {
	env     collectors.Env
	options Options
	catalog *catalog.Catalog
}

// Collect reads one state file.
func (c *collector) Collect(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	if err := refused(s); err != nil {
		return err
	}
	first, err := files.Open(c.env.Dir, s)
	if err != nil {
		return err
	}
	defer first.Close()
	out.Note(collectors.Facts{DataTime: first.ModTime})

	f := &stateFile{dir: c.env.Dir, scope: s}
	sv, doc, readErr := c.survey(ctx, f, first)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := f.judge(doc, readErr); err != nil {
		return err
	}
	if err := c.emit(ctx, f, first, sv, doc, out); err != nil && (readErr == nil || !errors.Is(err, errOfFile)) {
		return err
	}
	if readErr != nil {
		return f.damage(readErr)
	}
	return c.checkAge(s, first.ModTime)
}

// survey walks the state once; twice if it holds blocks whose fields come after their instances.
func (c *collector) survey(ctx context.Context, f *stateFile, r *files.Reader) (*resource.Survey, surveyed, error) {
	sv := c.newSurvey()
	w := newWalker(r, nil)
	err := w.walk(ctx, sv)
	late := w.found
	if len(late) > 0 {
		again, openErr := f.reopen(r)
		if openErr != nil {
			return sv, surveyed{}, openErr
		}
		defer again.Close()
		sv = c.newSurvey()
		w = newWalker(again, late)
		err = w.walk(ctx, sv)
	}
	return sv, surveyed{document: w.doc, late: late}, err
}

// surveyed is what the first walk learned of the document itself.
type surveyed struct {
	document
	late map[int]block
}

func (c *collector) newSurvey() *resource.Survey { return resource.NewSurvey(c.catalog, c.env.Secret) }

// errOfFile marks an error of the second walk that the file is to blame for, and not the sink or the context.
var errOfFile = errors.New("file")

// emit walks the state again and hands its assets over.
func (c *collector) emit(
	ctx context.Context, f *stateFile, first *files.Reader, sv *resource.Survey, doc surveyed, out collectors.Sink,
) error {
	r, err := f.reopen(first)
	if err != nil {
		return err
	}
	defer r.Close()
	refused := false
	place := resource.Place{File: f.scope.ID, Lineage: doc.lineage, Layer: inventory.LayerState}
	e := sv.Emitter(place, watched{Sink: out, refused: &refused}, f.line)
	err = newWalker(r, doc.late).walk(ctx, emission{e})
	if err == nil || refused || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", errOfFile, f.damage(err))
}

// emission is the second walk: it hands the assets over.
type emission struct{ *resource.Emitter }

func (e emission) Instance(in *resource.Instance) error { return e.Emit(in) }

func (emission) Secret([]byte) error { return nil }

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
		Err: fmt.Errorf("%q was written %s ago, max_age is %s: check whether the job that fetches it ran",
			s.ID, age.Round(time.Minute), c.options.MaxAge),
	}
}
