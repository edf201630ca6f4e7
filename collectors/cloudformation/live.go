package cloudformation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/stacks"
	"github.com/muster-audit/muster/collectors/cloudformation/template"
	"github.com/muster-audit/muster/inventory"
)

// atOnce is how many stacks are held in memory at a time.
const atOnce = 16

// liveStack is a stack and what could be read of it.
type liveStack struct {
	stacks.Stack
	path         string // of the stacks that it is nested in
	resources    []stacks.Resource
	resourcesErr error
	body         stacks.Template
	bodyErr      error
}

// collectStacks reads the stacks of an account and region, those that nest others first.
func (c *collector) collectStacks(ctx context.Context, at stacks.Place, out collectors.Sink) error {
	if at.Refused != nil {
		return at.Refused
	}
	r := &region{collector: c, at: at, emitter: &emitter{Sink: out, claimed: collectors.NewKeySet()}, paths: map[string]string{}}
	list, listErr := c.live.List(ctx, at)
	for _, s := range list {
		r.stacks = append(r.stacks, s.ID)
	}
	slices.Sort(r.stacks)
	for len(list) > 0 {
		n := sameDepth(list, atOnce)
		if err := r.collect(ctx, list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	if listErr != nil {
		return stacks.Classify(listErr)
	}
	return r.err()
}

// sameDepth returns how many of the first stacks, at most most, are none of them nested in another.
func sameDepth(list []stacks.Stack, most int) int {
	n := 1
	for n < min(len(list), most) && !slices.ContainsFunc(list[:n], func(s stacks.Stack) bool { return s.ID == list[n].Parent }) {
		n++
	}
	return n
}

// region is the reading of one account and region.
type region struct {
	*collector
	*emitter
	at     stacks.Place
	stacks []string          // ids, sorted
	paths  map[string]string // of nested stacks, by id

	unread   int
	first    error
	unlisted bool
}

// miss counts what could not be read.
func (r *region) miss(err error) {
	if r.unread++; r.first == nil {
		r.first = err
	}
}

// err says why the scope was not read whole; nil if it was.
func (r *region) err() error {
	if r.unread == 0 {
		return nil
	}
	cause := stacks.Classify(r.first)
	e := &collectors.Error{Reason: inventory.ReasonError, Listed: !r.unlisted, Err: fmt.Errorf("%d things could not be read, the first: %w", r.unread, cause)}
	var known *collectors.Error
	if errors.As(cause, &known) {
		e.Reason, e.Retry = known.Reason, known.Retry
	}
	return e
}

// collect reads some stacks at once and hands them over in their order.
func (r *region) collect(ctx context.Context, list []stacks.Stack) error {
	read := stacks.Each(ctx, list, func(ctx context.Context, s stacks.Stack) *liveStack {
		l := &liveStack{Stack: s}
		if l.resources, l.resourcesErr = r.live.Resources(ctx, r.at, s.ID); ctx.Err() == nil {
			l.body, l.bodyErr = r.live.Template(ctx, r.at, s.ID)
		}
		return l
	})
	for _, s := range read {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.path = r.paths[s.ID]
		if err := r.stack(s); err != nil {
			return err
		}
	}
	return nil
}

// stack hands over a stack and its resources.
func (r *region) stack(s *liveStack) error {
	if err := r.put(r.stackAsset(s), ""); err != nil {
		return err
	}
	u := r.unitOf(s)
	if s.resourcesErr != nil {
		r.miss(s.resourcesErr)
		r.unlisted = true
	}
	for _, held := range s.resources {
		if held.Type == stackType && held.PhysicalID != "" {
			r.paths[held.PhysicalID] = s.path + held.LogicalID + "/"
			if _, listed := slices.BinarySearch(r.stacks, held.PhysicalID); listed {
				continue // it is handed over as what it is
			}
		}
		l, there := resourceLifecycle(held)
		if !there || nothing(held.Type) {
			continue
		}
		res, ok := u.resources[held.LogicalID]
		if !ok || res.Type != held.Type {
			res = template.Resource{LogicalID: held.LogicalID, Type: held.Type, Transformed: true}
		}
		if err := r.put(u.asset(res, held, l), u.prefix+"#"+held.LogicalID); err != nil {
			return err
		}
	}
	return nil
}

// unitOf makes the unit of a stack. Without its template, or with one that may be newer than what is there, nothing is known of what its resources are like.
func (r *region) unitOf(s *liveStack) *unit {
	u := &unit{
		collector: r.collector, layer: inventory.LayerState, path: s.path, prefix: "cloudformation/" + s.Name,
		place:     where{account: r.at.ID, region: r.at.Region, partition: r.at.Partition},
		stackName: s.Name, stackID: s.ID, tags: texts(s.Tags), tagged: true, stack: deployed, held: byLogicalID(s.resources),
		hidden: s.bodyErr != nil || !settled(s.Status),
	}
	t := template.None()
	switch {
	case s.bodyErr != nil:
		r.miss(s.bodyErr)
	default:
		parsed, err := template.Parse(strings.NewReader(s.body.Body))
		if err != nil {
			u.hidden = true
			r.miss(fmt.Errorf("the template of stack %s: %w", s.Name, err))
			break
		}
		t = parsed
		u.hidden = u.hidden || !s.body.Processed && t.Rewritten() != ""
	}
	u.load(t, withLive(nil, s.Parameters), true, func(logicalID string, err error) {
		r.miss(fmt.Errorf("the template of stack %s, resource %s: %w", s.Name, logicalID, err))
	})
	return u
}

// stackAsset makes the asset of a stack.
func (r *region) stackAsset(s *liveStack) inventory.Asset {
	a := inventory.Asset{
		Key: s.ID, Book: inventory.Declared, Type: stackType, Name: s.Name, Account: r.at.ID, Region: r.at.Region, Created: s.Created,
		Lifecycle: stackLifecycle(s.Status), Tags: inventory.TagsFromMap(s.Tags),
		Identifiers: []inventory.Identifier{{Kind: inventory.ARN, Value: s.ID}},
		Origin: inventory.Origin{
			Lineage: s.ID, Layer: inventory.LayerState, Call: "cloudformation:DescribeStacks", Module: strings.TrimSuffix(s.path, "/"),
		},
		Attributes: inventory.KnownAttributes(inventory.Attribute{Name: "NotificationARNs", Value: inventory.StringsValue(s.NotificationARNs)}),
	}
	if s.Parent != "" { // the outer stack declares it
		a.Origin.Lineage, a.Origin.Address = s.Parent, strings.TrimSuffix(s.path, "/")
	}
	return a
}

// withLive adds the parameters in force to those that were given.
func withLive(given map[string]template.Parameter, live []stacks.Parameter) map[string]template.Parameter {
	out := make(map[string]template.Parameter, len(given)+len(live))
	for _, p := range live {
		out[p.Key] = template.Parameter{Value: p.Value}
		if p.Resolved != "" {
			out[p.Key] = template.Parameter{Value: p.Resolved, Resolved: true}
		}
	}
	for k, v := range given {
		out[k] = v
	}
	return out
}
