package lister

import (
	"context"
	"fmt"

	"github.com/muster-audit/muster/inventory"
)

// Put hands over what asset makes of each item, in their order. The zero asset leaves an item out, as one that was deleted and is listed
// for a while longer.
func Put[T any](out Out, items []T, asset func(*T) inventory.Asset) error {
	for i := range items {
		if a := asset(&items[i]); !leftOut(a) {
			if err := out.Asset(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// leftOut tells the zero asset from one whose key the service did not give, which is an error that shall show.
func leftOut(a inventory.Asset) bool { return a.Key == "" && a.Name == "" && len(a.Identifiers) == 0 }

// PutBare is Put for items about which a call was refused, so that there is no more of them than what the listing told.
func PutBare[T any](out Out, items []T, why error, asset func(*T) inventory.Asset) error {
	for i := range items {
		if err := putPart(out, asset(&items[i]), why); err != nil {
			return err
		}
	}
	return nil
}

// putPart hands over an asset, and then tells what could not be read of it. Several errors, as errors.Join makes one of, are told apart.
func putPart(out Out, a inventory.Asset, why error) error {
	if leftOut(a) {
		return nil
	}
	if err := out.Asset(a); err != nil {
		return err
	}
	errs := joined(why)
	if errs == nil {
		errs = []error{why}
	}
	for _, e := range errs {
		if err := out.Unread(a.Key, e); err != nil {
			return err
		}
	}
	return nil
}

// joined returns what errors.Join made an error of; nil of any other one.
func joined(err error) []error {
	if list, ok := err.(interface{ Unwrap() []error }); ok { // the outermost alone: what is inside was joined by nobody here
		return list.Unwrap()
	}
	return nil
}

// Description says how things that were listed are asked, one by one, what they are like.
type Description[T, V any] struct {
	// Ask asks about one. What it returns with an error is what could be read all the same. Errors about parts of it, joined, do not say
	// that it is gone.
	Ask func(context.Context, T) (V, error)
	// Asset makes the asset of what was listed and what was told about it, the zero value of which says that nothing was. The zero asset
	// leaves the thing out, whatever was refused about it.
	Asset func(T, V) inventory.Asset
	Gone  []string // codes of the errors that say that the thing is not there any more
}

// Put hands over what was listed, in the order of the list. What is gone by now is left out. What may not be asked is handed over with
// what the list told.
func (d Description[T, V]) Put(ctx context.Context, out Out, items []T) error {
	for i, r := range Each(ctx, items, d.Ask) {
		if len(joined(r.Err)) == 0 && Gone(r.Err, d.Gone...) {
			continue
		}
		if err := putPart(out, d.Asset(items[i], r.Value), r.Err); err != nil {
			return err
		}
	}
	return nil
}

// Parts says how things of the type P are asked for what is in them, where no call lists the parts of all.
type Parts[P, T any] struct {
	// List lists the parts of one thing, as many as could be read.
	List  func(context.Context, P) ([]T, error)
	Asset func(P, *T) inventory.Asset
	Name  func(P) string // by which an error calls the thing
	Gone  []string       // codes of the errors that say that the thing is not there any more
}

// Put hands over the parts, in the order of the things. Where a thing may not be asked, or answers in part, others of its parts may be there.
func (p Parts[P, T]) Put(ctx context.Context, out Out, things []P) error {
	for i, r := range Each(ctx, things, p.List) {
		if Gone(r.Err, p.Gone...) {
			continue
		}
		if err := Put(out, r.Value, func(part *T) inventory.Asset { return p.Asset(things[i], part) }); err != nil {
			return err
		}
		if err := Unlisted(out, p.Name(things[i]), r.Err); err != nil {
			return err
		}
	}
	return nil
}

// Unlisted tells that not all could be listed that is in a thing. It is told of nothing in particular, for what is not listed is not known.
func Unlisted(out Out, thing string, err error) error {
	if err == nil {
		return nil
	}
	return out.Unread("", fmt.Errorf("list what is in %s: %w", thing, err))
}
