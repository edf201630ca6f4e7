package cloudformation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cloudformation/template"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// mostNested bounds how deep stacks and assemblies may be nested.
const mostNested = 8

// collectFile reads the template or assembly of a scope.
func (c *collector) collectFile(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	f, err := files.Open(c.env.Dir, s)
	if err != nil {
		return err
	}
	defer f.Close()
	out.Note(collectors.Facts{DataTime: f.ModTime})
	w := &walk{collector: c, emitter: &emitter{Sink: out, claimed: collectors.NewKeySet()}}
	if path.Base(s.ID) == manifestName && c.isAssembly(path.Dir(s.ID)) {
		err = w.assembly(ctx, s.ID, f, 0)
	} else {
		err = w.template(ctx, s.ID, f)
	}
	switch {
	case err != nil:
		return err
	case w.missed != nil:
		return w.missed
	}
	return c.checkAge(s.ID, f.ModTime)
}

// walk reads one scope of files.
type walk struct {
	*collector
	*emitter
	missed error // of a template that is part of the scope, and could not be read
}

// miss notes what could not be read; the rest goes on.
func (w *walk) miss(err error) {
	if w.missed == nil {
		w.missed = failure("%w", err)
	}
}

// deployment is a template and what was told of its stack.
type deployment struct {
	file      string // of the template
	place     where
	stackName string
	tags      map[string]any
	tagged    bool
	given     map[string]template.Parameter
	defaults  bool
}

// template reads a template that stands for itself.
func (w *walk) template(ctx context.Context, id string, r io.Reader) error {
	t, err := template.Parse(r)
	if err != nil {
		return unreadable(id, err)
	}
	d := deployment{file: id, given: map[string]template.Parameter{}}
	d.told(w.options)
	return w.stack(ctx, d, t)
}

// unreadable says what is wrong with a template.
func unreadable(file string, err error) error {
	var syntax *template.SyntaxError
	if errors.As(err, &syntax) {
		return failure("template %q cannot be read: %w; check it with: aws cloudformation validate-template", file, err)
	}
	return failure("read %q: %w", file, err)
}

// told adds what the config says of the stack of a template.
func (d *deployment) told(o Options) {
	s, ok := o.stackOf(d.file)
	if ok {
		d.defaults = true
		if s.StackName != "" {
			d.stackName = s.StackName
		}
		if s.Account != "" {
			d.place.account = s.Account
		}
		if s.Region != "" {
			d.place.region, d.place.partition = s.Region, partitionOf(s.Region)
		}
		if s.Tags != nil {
			d.tags, d.tagged = texts(s.Tags), true
		}
	}
	more, given := o.parametersOf(d.file, d.stackName)
	d.defaults = d.defaults || given
	for _, m := range []map[string]string{more, s.Parameters} {
		for k, v := range m {
			d.given[k] = template.Parameter{Value: v}
		}
	}
}

// assembly reads a CDK assembly: its stacks, and the assemblies that are nested in it.
func (w *walk) assembly(ctx context.Context, id string, r io.Reader, depth int) error {
	list, err := readManifest(r)
	if err != nil {
		return failure("%q: %w", id, err)
	}
	for _, a := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		dir := path.Dir(id)
		if a.Type == assemblyArtifact {
			err = w.nestedAssembly(ctx, path.Join(dir, a.Properties.DirectoryName, manifestName), depth+1)
		} else {
			err = w.artifact(ctx, dir, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) nestedAssembly(ctx context.Context, id string, depth int) error {
	if depth > mostNested {
		w.miss(fmt.Errorf("%q: assemblies are nested more than %d deep", id, mostNested))
		return nil
	}
	f, err := files.Open(w.env.Dir, inventory.Scope{ID: id})
	if err != nil {
		w.miss(err)
		return nil
	}
	defer f.Close()
	return w.assembly(ctx, id, f, depth)
}

// artifact reads a stack of an assembly. An assembly says all that a deployment of it gives, tags among it.
func (w *walk) artifact(ctx context.Context, dir string, a artifact) error {
	file := path.Join(dir, a.Properties.TemplateFile)
	if a.Properties.TemplateFile == "" || !inside(dir, file) {
		w.miss(fmt.Errorf("stack %s of the assembly in %q names no template in it: run cdk synth again", a.id, dir))
		return nil
	}
	t, err := w.open(file)
	if err != nil {
		w.miss(err)
		return nil
	}
	d := deployment{
		file: file, place: a.place(), stackName: a.stackName(), tags: texts(a.Properties.Tags), tagged: true,
		given: map[string]template.Parameter{}, defaults: true,
	}
	for k, v := range a.Properties.Parameters {
		d.given[k] = template.Parameter{Value: v}
	}
	d.told(w.options)
	return w.stack(ctx, d, t)
}

// inside reports whether a file lies in a folder.
func inside(dir, file string) bool {
	return dir == "." && !strings.HasPrefix(file, "../") && !path.IsAbs(file) || strings.HasPrefix(file, strings.TrimSuffix(dir, "/")+"/")
}

func (w *walk) open(file string) (*template.Template, error) {
	f, err := files.Open(w.env.Dir, inventory.Scope{ID: file})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := template.Parse(f)
	if err != nil {
		return nil, unreadable(file, err)
	}
	return t, nil
}

// stack hands over a stack that a template declares, and what is in it.
func (w *walk) stack(ctx context.Context, d deployment, t *template.Template) error {
	u := &unit{
		collector: w.collector, layer: inventory.LayerCode, file: d.file, prefix: d.file, place: d.place, stackName: d.stackName,
		tags: d.tags, tagged: d.tagged,
	}
	found, err := w.find(ctx, u)
	if err != nil {
		return err
	}
	given := d.given
	if found != nil {
		given = withLive(given, found.Parameters)
		if !d.tagged {
			u.tags, u.tagged = texts(found.Tags), true
		}
	}
	w.load(u, t, given, d.defaults || found != nil)
	if u.stackName != "" {
		if err := w.put(u.self(found), d.file+"#"+u.stackName); err != nil {
			return err
		}
	}
	return w.unit(ctx, u, []string{d.file})
}

// load works out the template of a unit, and tells what of it cannot be read.
func (w *walk) load(u *unit, t *template.Template, given map[string]template.Parameter, defaults bool) {
	if macro := t.Rewritten(); macro != "" {
		u.hidden = true
		w.Note(collectors.Facts{Detail: "what the macro " + macro + " makes of it is not known"})
	}
	u.load(t, given, defaults, func(logicalID string, err error) {
		p := inventory.Problem{File: u.file, Key: u.prefix + "#" + u.path + logicalID, Message: err.Error(), Remedy: "check it with: aws cloudformation validate-template"}
		var syntax *template.SyntaxError
		if errors.As(err, &syntax) {
			p.Line, p.Message = syntax.Line, syntax.Problem
		}
		w.Skip(p)
	})
}

// self is the stack itself. One that was found is known by its ARN, and another by its name, which the tags of its resources hold.
func (u *unit) self(found *liveStack) inventory.Asset {
	a := inventory.Asset{
		Book: inventory.Declared, Type: stackType, Key: u.stackName, Name: u.stackName, Account: u.place.account, Region: u.place.region,
		Origin: inventory.Origin{File: u.file, Line: 1, Layer: u.layer, Lineage: u.stackID},
	}
	if u.tagged {
		a.Tags = u.tagList(u.tags)
	}
	a.Attributes = inventory.KnownAttributes()
	switch {
	case found != nil:
		a.Key, a.Lifecycle = u.stackID, stackLifecycle(found.Status)
		a.Identifiers = []inventory.Identifier{{Kind: inventory.ARN, Value: u.stackID}}
	case u.stack == noStack: // what bears the mark of a stack of this name is what an earlier one left
		a.Key, a.Lifecycle = "", inventory.LifecyclePlanned
	}
	return a
}

// unit hands over the resources of a template, those of nested stacks after them. files are the templates that it is nested in.
func (w *walk) unit(ctx context.Context, u *unit, from []string) error {
	for _, r := range u.list {
		if err := ctx.Err(); err != nil {
			return err
		}
		if nothing(r.Type) {
			continue
		}
		l, held := u.lifecycle(r)
		a := u.asset(r, held, l)
		if err := w.put(a, u.prefix+"#"+u.path+r.LogicalID); err != nil {
			return err
		}
	}
	for _, r := range u.list {
		if r.Type != stackType {
			continue
		}
		if err := w.nested(ctx, u, r, from); err != nil {
			return err
		}
	}
	return nil
}
