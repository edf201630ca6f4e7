package direct

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strings"

	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
)

// item hands over one item of a list, and what it holds.
func (r *run) item(ctx context.Context, l *List, a at, d resource.Doc, g *gaps) error {
	if l.Keep != nil && !l.Keep(d) {
		return nil
	}
	id := l.id(a, d)
	if len(r.api.children(l)) > 0 && id != "" {
		r.found[l.Call] = append(r.found[l.Call], holder{id, l.location(d)})
	}
	if l.Type == "" {
		return nil
	}
	if err := r.inner(l, a, d); err != nil {
		return err
	}
	if !r.wanted(l.Type) {
		return nil
	}
	part := l.Part
	if l.Detail != "" {
		whole, err := r.detail(ctx, l, a, id)
		switch {
		case err == nil:
			d = whole
		case session.NotFound(err): // it was deleted since it was listed
			return nil
		case ctx.Err() != nil || r.hopeless(l, err):
			return err
		default:
			g.refused = append(g.refused, refusal{id, session.Classify(err)})
			part = true
		}
	}
	return r.hand(resource.Resource{
		Type: l.Type, Name: l.name(a, d), Project: r.project, Location: or(l.location(d), a.parent.location), Data: l.labelled(d, part), Part: part,
		Call: l.Call,
	})
}

// detail reads all of one resource.
func (r *run) detail(ctx context.Context, l *List, a at, id string) (resource.Doc, error) {
	path := a.fill(strings.ReplaceAll(l.Detail, "{id}", url.PathEscape(id)))
	d, err := r.session.Get(ctx, "projects/"+r.project, r.service(l, a), path, nil)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", strings.TrimSuffix(l.Call, ".list")+".get", id, err)
	}
	return d, nil
}

// labelled writes down that there are no labels, where a list that tells only a part would have told them.
func (l *List) labelled(d resource.Doc, part bool) resource.Doc {
	if _, ok := d.At("labels"); ok || !part || !l.Labels {
		return d
	}
	d = maps.Clone(d)
	d["labels"] = map[string]any{}
	return d
}

// inner hands over what an item holds. It is where the item is.
func (r *run) inner(l *List, a at, d resource.Doc) error {
	for _, in := range l.Inner {
		if !r.wanted(in.Type) {
			continue
		}
		for _, part := range d.Objects(in.Field) {
			name := l.name(a, d) + "/" + in.Field + "/" + part.Text("name")
			err := r.hand(resource.Resource{
				Type: in.Type, Name: name, Project: r.project, Location: d.Text("location"), Data: part, Call: l.Call,
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *run) hand(res resource.Resource) error {
	if err := r.emit(res); err != nil {
		return stop{err}
	}
	return nil
}

// errNothingToAsk says that a list cannot be asked, since what it goes by holds nothing.
var errNothingToAsk = errors.New("there is no place to ask about")

// probe asks for one thing by the first list that is of the service itself.
func (r *run) probe(ctx context.Context) error {
	for i := range r.api.Lists {
		l := &r.api.Lists[i]
		if l.Service != "" {
			continue
		}
		a, err := r.somewhere(ctx, l)
		if err == nil {
			_, err = r.get(ctx, l, a, "", 1)
		}
		return session.Classify(err)
	}
	return nil
}

// somewhere is a place that a list may be asked about: the first one.
func (r *run) somewhere(ctx context.Context, l *List) (at, error) {
	parent := r.api.parent(l)
	if parent == nil {
		return at{project: r.project}, nil
	}
	page, err := r.get(ctx, parent, at{project: r.project}, "", 1)
	if err != nil {
		return at{}, r.classified(parent, err)
	}
	items, err := parent.items(page)
	if err != nil {
		return at{}, err
	}
	for _, d := range items {
		if id := parent.id(at{project: r.project}, d); id != "" {
			return at{r.project, holder{id: id}}, nil
		}
	}
	return at{}, fmt.Errorf("%s: %w", l.Call, errNothingToAsk)
}
