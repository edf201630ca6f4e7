package aws

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// out is what a lister writes to: it completes assets, leaves out those of others, and passes them on.
type out struct {
	ctx    context.Context
	lister *lister.Lister
	target *lister.Target
	wanted func(inventory.Type) bool
	asked  inventory.Type // what wanted was asked last, and its answer
	answer bool
	next   func(inventory.Asset) error // the tagger or the sink

	unread int
	first  error
	reason inventory.RunReason

	last     string          // key of the asset that came last
	open     map[string]bool // keys of what could not be read whole and has not come as an asset yet
	unlisted bool            // something may be missing in the listing itself
}

// mostOpen bounds how many keys are remembered.
const mostOpen = 1000

// Asset completes an asset and passes it on.
func (o *out) Asset(a inventory.Asset) error {
	owned := o.owned(&a)
	o.complete(&a)
	o.last = a.Key
	delete(o.open, a.Key)
	if !owned || !o.wants(a.Type) {
		return nil
	}
	return o.next(a)
}

// wants asks for a type once as long as assets of it follow each other, since matching globs costs more than all else here.
func (o *out) wants(t inventory.Type) bool {
	if o.asked != t {
		o.asked, o.answer = t, o.wanted(t)
	}
	return o.answer
}

func (o *out) complete(a *inventory.Asset) {
	a.Book = inventory.Observed
	if a.Type == "" {
		a.Type = o.lister.Type
	}
	if a.Account == "" {
		a.Account = o.target.Account
	}
	if a.Region == "" && !placeless(a) {
		a.Region = o.target.Region
	}
	if a.Lifecycle == inventory.LifecycleUnknown {
		a.Lifecycle = inventory.LifecycleActive
	}
	if a.Origin.Call == "" && len(o.lister.Operations) > 0 {
		a.Origin.Call = o.lister.Operations[0].Action
	}
	if strings.HasPrefix(a.Key, "arn:") {
		a.Identifiers = append(a.Identifiers, inventory.Identifier{Kind: inventory.ARN, Value: a.Key})
	}
	a.Identifiers = inventory.SortIdentifiers(a.Identifiers)
	a.Relations = inventory.SortRelations(a.Relations)
}

// placeless reports whether an asset that was swept has an ARN without a region: it is a global one.
func placeless(a *inventory.Asset) bool {
	if !a.Shallow {
		return false
	}
	arn, ok := catalog.ParseARN(a.Key)
	return ok && (arn.Region == "" || arn.Region == "global")
}

// owned reports whether an asset belongs to the account that is read: the lister says so, or its ARN, or neither says anything.
func (o *out) owned(a *inventory.Asset) bool {
	owner := a.Account
	if owner == "" {
		arn, _ := catalog.ParseARN(a.Key)
		owner = arn.Account
	}
	return owner == "" || owner == o.target.Account
}

// Unread counts what could not be read, and stops the lister where going on is no use. What never comes as an asset may stand for
// others that nobody listed.
func (o *out) Unread(key string, err error) error {
	switch {
	case err == nil:
		return nil
	case key == "" || len(o.open) == mostOpen:
		o.unlisted = true
	case key != o.last:
		if o.open == nil {
			o.open = map[string]bool{}
		}
		o.open[key] = true
	}
	return o.count(key, err)
}

// count is Unread for the tags of assets that were listed.
func (o *out) count(key string, err error) error {
	if ctxErr := o.ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	reason := session.ReasonOf(err)
	o.unread++
	if o.first == nil {
		o.reason, o.first = reason, session.Plain(err)
		if key != "" {
			o.first = fmt.Errorf("%s: %w", key, o.first)
		}
	}
	switch reason {
	case inventory.ReasonExpired, inventory.ReasonThrottled, inventory.ReasonTimeout:
		return err
	}
	if errors.Is(err, session.ErrRefused) || errors.Is(err, lister.ErrGlance) {
		return err
	}
	return nil
}

// err is why the scope was not read whole; nil if it was.
func (o *out) err() error {
	switch {
	case o.unread == 0:
		return nil
	case o.unread == 1:
		return o.partial(fmt.Errorf("not all could be read: %w", o.first))
	}
	return o.partial(fmt.Errorf("%d things could not be read, the first: %w", o.unread, o.first))
}

func (o *out) partial(err error) error {
	return &collectors.Error{Reason: o.reason, Listed: !o.unlisted && len(o.open) == 0, Err: session.Explain(err)}
}
