package terraform

import (
	"context"
	"errors"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/collectors/terraform/plan"
	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
)

// A plan is two scopes: the file itself, and the state that the plan was made from.
const (
	priorSuffix = "#prior"
	paramFile   = "file" // holds the id of the plan's file, in the scope of its prior state
)

// fileOf returns the scope of the file that a scope is read from.
func fileOf(s inventory.Scope) inventory.Scope {
	if file, ok := s.Params[paramFile]; ok {
		s.ID, s.Params = file, nil
	}
	return s
}

// withPriors adds the scopes of the states that plans were made from. A file of which nobody can tell whether it is a plan stands for
// the one that it may have had.
func (c *collector) withPriors(ctx context.Context, found map[string]inventory.Scope) error {
	for _, s := range slices.Collect(maps.Values(found)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, isCode := s.Params[paramRoot]; isCode || s.Params[paramRefused] != "" {
			continue
		}
		if remote.Is(s) { // what is kept by a backend is a state
			continue
		}
		o, err := c.sniff(s)
		prior := s
		prior.ID = s.ID + priorSuffix
		if err != nil {
			s.StandsFor = append(slices.Clone(s.StandsFor), literal(prior.ID))
			found[s.ID] = s
		}
		if _, isFile := found[prior.ID]; o.Prior && !o.RefreshOnly() && !isFile && err == nil {
			prior.Params = map[string]string{paramFile: s.ID}
			found[prior.ID] = prior
		}
	}
	return nil
}

// literal makes a pattern of inventory.MatchGlob that matches an id alone.
func literal(id string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(id)
}

// sniff tells what a scope's file is.
func (c *collector) sniff(s inventory.Scope) (plan.Outline, error) {
	r, err := files.Open(c.env.Dir, s)
	if err != nil {
		return plan.Outline{}, err
	}
	defer r.Close()
	return plan.Sniff(r)
}

// collectShown reads what input.sniff found; sniffErr is its error.
func (c *collector) collectShown(
	ctx context.Context, f *stateFile, first *reader, o plan.Outline, sniffErr error, out collectors.Sink,
) error {
	id := fileOf(f.scope).ID
	f.what, f.remedy = "plan", "write it again with terraform show -json"
	switch {
	case errors.Is(sniffErr, errZipped):
		return failure("%q is a plan as terraform plan -out writes it (or another archive): write it as JSON with "+
			"terraform show -json FILE > plan.json, and name that file", id)
	case o.Stream:
		return failure("%q is what terraform plan -json prints while it runs, which holds no values: "+
			"plan with -out=FILE, write terraform show -json FILE > plan.json, and name that file", id)
	case o.Empty:
		return failure("%q shows an empty state: terraform show was run where there is none, or everything was destroyed; "+
			"run it where the state is, or take the file out of the paths", id)
	case o.State:
		f.what = "state"
	}
	if sniffErr != nil {
		return f.damage(sniffErr)
	}
	return (&shown{c, f, first, o}).collect(ctx, out)
}

// shown is a document of terraform show -json that is read.
type shown struct {
	*collector
	file    *stateFile
	first   *reader
	outline plan.Outline
}

func (s *shown) collect(ctx context.Context, out collectors.Sink) error {
	id := fileOf(s.file.scope).ID
	folder := filepath.Dir(absolute(s.env.Dir, id))
	part, place := s.part(id, folder)
	var sources plan.Sources
	if part == plan.Planned {
		sources = plan.FindSources(folder, func(p string) string { return relative(s.env.Dir, p) })
	}
	doc, err := plan.Index(ctx, s.first, s.catalog, sources)
	if err != nil {
		return s.failed(ctx, err)
	}
	made := s.first.ModTime
	if !doc.Made.IsZero() && doc.Made.Before(made) {
		made = doc.Made
	}
	out.Note(collectors.Facts{DataTime: made, Detail: s.detail(part)})
	sv := s.newSurvey()
	doc.Homes(sv)
	learn := func(r *reader) error { return doc.Learn(ctx, r, part, sv) }
	if err := s.again(ctx, learn); err != nil {
		return s.failed(ctx, err)
	}
	refused := false
	e := sv.Emitter(place, watched{Sink: out, refused: &refused}, s.file.line)
	if err := s.again(ctx, func(r *reader) error { return doc.Emit(ctx, r, part, emission{e}) }); err != nil {
		if refused {
			return err
		}
		return s.failed(ctx, err)
	}
	if err := s.whole(doc, part); err != nil {
		return err
	}
	return s.checkAge(fileOf(s.file.scope), made)
}

// part returns what of the document the scope is, and where its assets are declared.
func (s *shown) part(id, folder string) (plan.Part, resource.Place) {
	place := resource.Place{File: id, Layer: inventory.LayerState}
	_, prior := s.file.scope.Params[paramFile]
	switch {
	case s.outline.State:
		return plan.Shown, place
	case prior, s.outline.RefreshOnly():
		place.Lineage = plan.Lineage(folder)
		return plan.Prior, place
	}
	place.Lineage, place.Layer = plan.Lineage(folder), inventory.LayerPlan
	return plan.Planned, place
}

func (s *shown) detail(part plan.Part) string {
	switch {
	case part == plan.Shown:
		return "state in JSON"
	case s.outline.RefreshOnly():
		return "plan of a refresh: the state as it was before"
	case part == plan.Prior:
		return "the state that the plan was made from, as it was before the refresh"
	}
	return "plan in JSON"
}

// again opens the file once more for a walk.
func (s *shown) again(ctx context.Context, walk func(*reader) error) error {
	r, err := s.file.open(ctx)
	if err != nil {
		return err
	}
	defer r.Close()
	return walk(r)
}

// failed explains why a walk ended.
func (s *shown) failed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, resource.ErrTooManySecrets):
		return failure("read %s %q: %w: it cannot be made sure that none of them is stored", s.file.name(), s.file.scope.ID, err)
	}
	return s.file.damage(err)
}

// whole returns why a plan does not tell all that the code wants, nil if it does.
func (s *shown) whole(doc *plan.Document, part plan.Part) error {
	id := s.file.scope.ID
	switch {
	case part != plan.Planned:
		return nil
	case doc.Errored:
		return failure("plan %q ended with an error and holds what came before it: mend the code, and plan again", id)
	case doc.Incomplete:
		return failure("plan %q leaves out a part of the code, as with -target or with what is deferred: plan without -target, or after what it waits for is applied", id)
	}
	return nil
}

func absolute(dir, id string) string {
	if filepath.IsAbs(id) {
		return id
	}
	return filepath.Join(dir, filepath.FromSlash(id))
}

// relative returns a path as the ids of scopes are written.
func relative(dir, p string) string {
	if rel, err := filepath.Rel(dir, p); err == nil {
		p = rel
	}
	return path.Clean(filepath.ToSlash(p))
}
