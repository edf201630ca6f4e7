package cloudformation

import (
	"context"

	"github.com/muster-audit/muster/collectors/aws/stacks"
)

// find looks for the deployed stack of a template, if the source reads those and it is told which one it is. It fills in what is known of it. A stack
// without a place is the one of its name, if there is only one.
func (w *walk) find(ctx context.Context, u *unit) (*liveStack, error) {
	if w.live == nil || u.stackName == "" {
		return nil, nil
	}
	places, whole, err := w.readable(ctx)
	if err != nil {
		return nil, err
	}
	var found []*liveStack
	asked, failed := 0, 0
	var at stacks.Place
	for _, p := range places {
		if u.place.account != "" && u.place.account != p.ID || u.place.region != "" && u.place.region != p.Region {
			continue
		}
		asked++
		s, ok, err := w.live.Find(ctx, p, u.stackName)
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil: // the scope of the place says so
			failed++
		case ok:
			found, at = append(found, &liveStack{Stack: s}), p
		}
	}
	exact := u.place.account != "" && u.place.region != "" && asked == 1
	switch {
	case len(found) == 1 && (exact || whole && failed == 0):
		return found[0], w.hold(ctx, u, found[0], at)
	case len(found) == 0 && exact && failed == 0:
		u.stack = noStack
	}
	return nil, nil
}

// hold fills in what is in a stack that was found.
func (w *walk) hold(ctx context.Context, u *unit, s *liveStack, at stacks.Place) error {
	u.stackID = s.ID
	u.place = where{account: at.ID, region: at.Region, partition: at.Partition}
	if s.Status == "REVIEW_IN_PROGRESS" {
		u.stack = noStack
		return nil
	}
	list, err := w.live.Resources(ctx, at, s.ID)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		u.stack, u.held = deployed, byLogicalID(list)
	}
	return nil
}

// readable lists the places that can be read, and whether they are all.
func (c *collector) readable(ctx context.Context) ([]stacks.Place, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.placed {
		return c.places, c.whole, nil
	}
	list, err := c.live.Scopes(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		return nil, false, nil // the listing of the scopes says so
	}
	c.placed, c.whole = true, true
	for _, s := range list {
		p := stacks.PlaceOf(s)
		if p.Refused != nil {
			c.whole = false
			continue
		}
		c.places = append(c.places, p)
	}
	return c.places, c.whole, nil
}

// livePlace returns the place of a unit whose stack was found.
func (u *unit) livePlace(c *collector) stacks.Place {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.places {
		if p.ID == u.place.account && p.Region == u.place.region {
			return p
		}
	}
	return stacks.Place{}
}
