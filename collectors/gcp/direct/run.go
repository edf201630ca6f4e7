package direct

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"

	"google.golang.org/api/googleapi"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

// run is one call of API.List.
type run struct {
	api     API
	session *session.Session
	project string
	wanted  func(inventory.Type) bool
	emit    func(resource.Resource) error

	found    map[string][]holder // what was listed, by the list's Call, where another list goes by it
	failed   map[string]bool     // lists of parents that were not read whole, by Call
	gaps     []*gaps             // one a list at most
	stopped  bool
	uncalled []string // lists that were not tried any more, or had nothing to go by
}

// stop is an error that ends everything: of the sink, or of the context.
type stop struct{ error }

func (s stop) Unwrap() error { return s.error }

func (r *run) all(ctx context.Context) error {
	r.found, r.failed = map[string][]holder{}, map[string]bool{}
	for i := range r.api.Lists {
		l := &r.api.Lists[i]
		if !r.needed(l) {
			continue
		}
		if r.stopped || r.failed[l.In] && len(r.found[l.In]) == 0 {
			r.uncalled = append(r.uncalled, l.Call)
			r.failed[l.Call] = true
			continue
		}
		g := &gaps{list: l}
		if err := r.list(ctx, l, g); err != nil {
			return err
		}
		if !g.none() {
			r.failed[l.Call] = true
			r.gaps = append(r.gaps, g)
		}
	}
	return r.err()
}

// needed reports whether a list is to be called: for what it lists, or for what another one lists that goes by it.
func (r *run) needed(l *List) bool {
	return slices.ContainsFunc(l.types(), r.wanted) || slices.ContainsFunc(r.api.children(l), func(c *List) bool { return r.needed(c) })
}

// children are the lists that go by a list.
func (a *API) children(l *List) []*List {
	var list []*List
	for i := range a.Lists {
		if a.Lists[i].In == l.Call {
			list = append(list, &a.Lists[i])
		}
	}
	return list
}

// parent is the list that a list goes by; nil if there is none.
func (a *API) parent(l *List) *List {
	for i := range a.Lists {
		if l.In != "" && a.Lists[i].Call == l.In {
			return &a.Lists[i]
		}
	}
	return nil
}

// list reads one list, of all its parents. It returns an error that ends all.
func (r *run) list(ctx context.Context, l *List, g *gaps) error {
	parents := r.parents(l)
	foreign := r.placesOfOthers(l)
	var unoffered []refusal
	answered := 0
	for i, parent := range parents {
		err := r.pages(ctx, l, at{r.project, parent}, g)
		var end stop
		switch {
		case err == nil:
			answered++
			continue
		case errors.As(err, &end):
			return end.error
		case ctx.Err() != nil:
			return fmt.Errorf("%s: %w", l.Call, ctx.Err())
		case foreign && notOffered(err) || l.noHost(err):
			unoffered = append(unoffered, refusal{parent.id, err})
			continue
		case r.gone(l, err):
			continue
		}
		g.refused = append(g.refused, refusal{parent.id, r.classified(l, err)})
		if r.hopeless(l, err) {
			r.stopped = true
			g.untried = len(parents) - i - 1
			break
		}
	}
	if answered == 0 { // what no place answers to is not for want of a place
		g.refused = append(g.refused, unoffered...)
	}
	return nil
}

// parents are those of a list: one that is empty for a list of the project.
func (r *run) parents(l *List) []holder {
	if l.In == "" {
		return []holder{{}}
	}
	list := slices.Clone(r.found[l.In])
	for _, id := range l.Also {
		list = append(list, holder{id: id})
	}
	return list
}

// placesOfOthers reports whether a list goes by places that another service named, which it need not be offered in.
func (r *run) placesOfOthers(l *List) bool {
	parent := r.api.parent(l)
	return parent != nil && parent.Service != ""
}

// notOffered reports whether a call was refused for the place that it asked about: only that differs from the calls that were answered.
func notOffered(err error) bool {
	var e *googleapi.Error
	return session.NotFound(err) || errors.As(err, &e) && e.Code == http.StatusBadRequest && strings.Contains(e.Body, "INVALID_ARGUMENT")
}

// noHost reports whether a service that has a host for each place has none for this one.
func (l *List) noHost(err error) bool {
	return l.hosted() && session.ReasonOf(err) == inventory.ReasonUnreachable
}

// hosted reports whether each place has a host of its own.
func (l *List) hosted() bool { return strings.Contains(l.Service, "{place}") }

// gone reports whether the parent, a resource, was deleted since it was listed.
func (r *run) gone(l *List, err error) bool {
	parent := r.api.parent(l)
	return parent != nil && parent.Type != "" && session.NotFound(err)
}

// hopeless reports whether the other lists would fare no better.
func (r *run) hopeless(l *List, err error) bool {
	switch session.ReasonOf(err) {
	case inventory.ReasonNotEnabled, inventory.ReasonExpired, inventory.ReasonThrottled:
		return true
	}
	return l.In == "" && session.NotFound(err)
}

// classified says of an error why its list could not be read. That another service is not enabled does not say it of this one.
func (r *run) classified(l *List, err error) error {
	if l.Service != "" && !l.hosted() && session.ReasonOf(err) == inventory.ReasonNotEnabled {
		return &collectors.Error{Reason: inventory.ReasonError, Err: err}
	}
	return session.Classify(err)
}

// service is the host that answers.
func (r *run) service(l *List, a at) string {
	if l.Service != "" {
		return a.fill(l.Service)
	}
	return r.api.Service
}

// get reads one page.
func (r *run) get(ctx context.Context, l *List, a at, token string, size int) (resource.Doc, error) {
	page, err := r.session.Get(ctx, "projects/"+r.project, r.service(l, a), a.fill(l.Path), l.query(a, token, size))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Call, err)
	}
	return resource.Doc(page), nil
}

// errRepeatedPage says that the API handed out a page token twice, which would go on for ever.
var errRepeatedPage = errors.New("the API gave the same page token twice")

// pages goes through the pages of a list of one parent and keeps none of them.
func (r *run) pages(ctx context.Context, l *List, a at, g *gaps) error {
	token, mark := "", "" // mark is the token of the last page whose number is a power of two: a circle of any length comes by it again
	for n := 1; ; n++ {
		page, err := r.get(ctx, l, a, token, math.MaxInt)
		if err != nil {
			return err
		}
		g.add(page)
		items, err := l.items(page)
		if err != nil {
			return err
		}
		for _, d := range items {
			if err := r.item(ctx, l, a, d, g); err != nil {
				return err
			}
		}
		next := page.Text(or(l.Next, "nextPageToken"))
		switch {
		case next == "":
			return nil
		case next == token || next == mark:
			return fmt.Errorf("%s, page %d: %w", l.Call, n, errRepeatedPage)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		if n&(n-1) == 0 {
			mark = next
		}
		token = next
	}
}

// items takes a page apart. A page without the field holds nothing; one with something else in its place is none.
func (l *List) items(page resource.Doc) ([]resource.Doc, error) {
	if l.Items == "" {
		return []resource.Doc{page}, nil
	}
	v, ok := page.At(l.Items)
	if !ok || v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	items := page.Objects(l.Items)
	if !ok || len(items) != len(list) {
		return nil, fmt.Errorf("%s: the answer's %q is no list of objects", l.Call, l.Items)
	}
	return items, nil
}
