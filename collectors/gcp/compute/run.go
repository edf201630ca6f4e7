package compute

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/api/option"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// run is one call of List.
type run struct {
	opts    []option.ClientOption
	project string
	wanted  func(inventory.Type) bool
	emit    func(resource.Resource) error

	kept map[string]bool // full names of disks that their instances do not delete with them

	refused  []error  // one a list at most
	partial  []string // one a list at most
	stopped  bool
	uncalled []string // lists that were not tried any more
}

// stop is an error that ends everything: of the sink, or of the context.
type stop struct{ error }

func (s stop) Unwrap() error { return s.error }

// list reads one list. It returns an error that ends all.
func (r *run) list(ctx context.Context, l listing) error {
	var gaps gaps
	err := r.pages(ctx, l, &gaps)
	if text := gaps.text(); text != "" {
		r.partial = append(r.partial, l.call()+": "+text)
	}
	var end stop
	switch {
	case err == nil:
		return nil
	case errors.As(err, &end):
		return end.error
	case ctx.Err() != nil:
		return fmt.Errorf("%s: %w", l.call(), ctx.Err())
	}
	classified := session.Classify(fmt.Errorf("%s: %w", l.call(), err))
	r.stopped = hopeless(classified)
	r.refused = append(r.refused, classified)
	return nil
}

// hopeless reports whether the other lists would fare no better.
func hopeless(err error) bool {
	switch session.ReasonOf(err) {
	case inventory.ReasonNotEnabled, inventory.ReasonExpired, inventory.ReasonThrottled:
		return true
	}
	return session.NotFound(err)
}

// errRepeatedPage says that the API handed out a page token twice, which would go on for ever.
var errRepeatedPage = errors.New("the API gave the same page token twice")

// pages goes through the pages of one list and keeps none of them.
func (r *run) pages(ctx context.Context, l listing, gaps *gaps) error {
	next, closes, err := l.open(ctx, r.opts, r.project)
	if err != nil {
		return err
	}
	defer closes()
	token, mark := "", "" // mark is the token of the last page whose number is a power of two: a circle of any length comes by it again
	for n := 1; ; n++ {
		a, err := next(token)
		if err != nil {
			return err
		}
		gaps.add(r, &l, a)
		for _, g := range a.groups {
			if err := r.hand(&l, g); err != nil {
				return err
			}
		}
		switch {
		case a.next == "":
			return nil
		case a.next == token || a.next == mark:
			return fmt.Errorf("page %d: %w", n, errRepeatedPage)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		if n&(n-1) == 0 {
			mark = a.next
		}
		token = a.next
	}
}

// hand hands over what a page holds of a scope, whatever scope that is.
func (r *run) hand(l *listing, g group) error {
	t, _ := l.typeAt(g.scope)
	if !r.wanted(t) {
		return nil
	}
	for _, i := range g.items {
		d, err := i.document()
		if err != nil {
			return err
		}
		r.keep(d)
		if err := r.emit(r.resource(l, t, g.scope, d)); err != nil {
			return stop{err}
		}
	}
	return nil
}

// keep notes the disks of an instance that stay when it goes. Instances are listed before disks. A disk whose instance was not listed
// counts as going with it, as those do that are made with an instance.
func (r *run) keep(d resource.Doc) {
	for _, disk := range d.Objects("disks") {
		name, ok := catalog.FullName(service, disk.Text("source"), nil)
		if !ok || disk.True("autoDelete") {
			continue
		}
		if r.kept == nil {
			r.kept = map[string]bool{}
		}
		r.kept[name] = true
	}
}

// stays reports whether a disk is among those.
func (r *run) stays(name string) bool {
	if len(r.kept) == 0 {
		return false
	}
	name, ok := catalog.FullName(service, name, nil)
	return ok && r.kept[name]
}

func (r *run) resource(l *listing, t inventory.Type, scope string, d resource.Doc) resource.Resource {
	name := d.Text("selfLink")
	if name == "" && d.Text("name") != "" {
		name = "projects/" + r.project + "/" + scope + "/" + l.collection + "/" + d.Text("name")
	}
	return resource.Resource{
		Type: t, Name: name, Project: r.project, Location: scope[strings.LastIndexByte(scope, '/')+1:], Data: d, Stays: r.stays(name), Call: l.call(),
	}
}

// err tells what could not be listed; nil if that is nothing.
func (r *run) err() error {
	var texts []string
	for _, err := range r.refused {
		texts = append(texts, err.Error())
	}
	texts = append(texts, r.partial...)
	if len(r.uncalled) > 0 {
		texts = append(texts, "not tried any more: "+strings.Join(r.uncalled, ", "))
	}
	switch {
	case len(texts) == 0:
		return nil
	case len(r.refused) == 0:
		return &collectors.Error{Reason: inventory.ReasonError, Err: errors.New(strings.Join(texts, "; "))}
	case len(r.refused) == 1 && len(r.partial) == 0 && (len(r.uncalled) == 0 || session.ReasonOf(r.refused[0]) == inventory.ReasonNotEnabled):
		return r.refused[0] // where the API is not enabled, there is nothing to tell of single lists
	}
	return &collectors.Error{
		Reason: session.ReasonOf(r.refused[0]), Err: &several{strings.Join(texts, "; "), r.refused},
	}
}

// several is one error in the place of several.
type several struct {
	text   string
	causes []error
}

func (s *several) Error() string   { return s.text }
func (s *several) Unwrap() []error { return s.causes }
