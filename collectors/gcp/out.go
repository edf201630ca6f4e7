package gcp

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

// out makes assets of the resources of one scope and passes them on, each once.
type out struct {
	*collector
	ctx      context.Context // of the scope
	sink     collectors.Sink
	wanted   func(inventory.Type) bool
	verdicts map[inventory.Type]bool // what wanted said, since matching globs costs more than all else here
	seen     *collectors.KeySet

	// expected are the ids of projects that the inventory must tell of, if it is whole; they are taken out as they come.
	expected map[string]bool
	nameless int   // resources of projects whose id nobody could tell
	why      error // the first of them
}

func (o *out) put(r resource.Resource) error {
	if r.Type == projectType && len(o.expected) > 0 {
		p := projectOf(r)
		delete(o.expected, p.id)
		delete(o.expected, o.projects.id(p.number))
	}
	if !o.wants(r.Type) {
		return nil
	}
	if number := strings.TrimPrefix(r.Project, "projects/"); isNumber(number) {
		if err := o.projects.learn(o.ctx, o.session, number); err != nil {
			return o.unnamed(err)
		}
	}
	a, there, err := o.table.Asset(r)
	switch {
	case err != nil:
		o.sink.Skip(inventory.Problem{Message: err.Error(), Remedy: "report it: a resource has a name"})
		return nil
	case !there, o.options.excludes(a.Account), !o.seen.Add(a.Key):
		return nil
	}
	return o.sink.Asset(a)
}

// expect says which projects the inventory must tell of.
func (o *out) expect(projects []string) {
	o.expected = make(map[string]bool, len(projects))
	for _, id := range projects {
		o.expected[id] = true
	}
}

func (o *out) wants(t inventory.Type) bool {
	v, ok := o.verdicts[t]
	if !ok {
		v = o.wanted(t)
		o.verdicts[t] = v
	}
	return v
}

// unnamed leaves out a resource of a project whose id could not be found out: by its number it would be another asset.
func (o *out) unnamed(err error) error {
	if ctxErr := o.ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	if o.nameless++; o.why == nil {
		o.why = err
	}
	return nil
}

// err is why the scope was not read whole; nil if it was.
func (o *out) err() error {
	if len(o.expected) > 0 {
		return o.incomplete()
	}
	if o.nameless == 0 {
		return nil
	}
	return &collectors.Error{
		Reason: session.ReasonOf(o.why),
		Err:    fmt.Errorf("%d resources are of projects whose id is not known: %w", o.nameless, o.why),
	}
}

// mostProjects bounds how many projects an error names.
const mostProjects = 10

// incomplete says that the inventory does not tell of projects that are there, so that nobody knows what else it does not tell. It is empty
// for a while after it is enabled, and behind for a project that is new.
func (o *out) incomplete() error {
	names := slices.Sorted(maps.Keys(o.expected))
	if n := len(names); n > mostProjects {
		names = append(names[:mostProjects], fmt.Sprintf("%d more", n-mostProjects))
	}
	return &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf("the asset inventory does not tell of %s, though it is there: "+
		"an inventory is not complete for a while after it was enabled: scan again later, or set inventory: off", strings.Join(names, ", "))}
}

// wantsOfInventory reports whether a type belongs to the scopes of the inventory: what an API of its own lists in each project is there,
// and only there.
func (c *collector) wantsOfInventory(t inventory.Type) bool {
	_, own := slices.BinarySearch(c.own, t)
	return !own && c.wants(t)
}
