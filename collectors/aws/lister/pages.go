package lister

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"github.com/muster-audit/muster/inventory"
)

// ErrRepeatedPage says that a service handed out the same page token twice, which would go on for ever.
var ErrRepeatedPage = errors.New("the service gave the same page token twice")

// Pages calls fetch with the token of one page after the other, the first being nil, until there is none or it is empty.
func Pages(ctx context.Context, fetch func(token *string) (next *string, err error)) error {
	var token *string
	var mark string // the token of the last page whose number is a power of two: a circle of any length comes by it again
	for n := 1; ; n++ {
		next, err := fetch(token)
		if err != nil {
			return err
		}
		if next == nil || *next == "" {
			return nil
		}
		if token != nil && (*next == *token || *next == mark) {
			return fmt.Errorf("page %d: %w", n, ErrRepeatedPage)
		}
		if n&(n-1) == 0 {
			mark = *next
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		token = next
	}
}

// All collects what the pages of a list call hold, as much as could be read.
func All[T any](ctx context.Context, fetch func(token *string) (items []T, next *string, err error)) ([]T, error) {
	var all []T
	err := Pages(ctx, func(token *string) (*string, error) {
		items, next, err := fetch(token)
		all = append(all, items...)
		return next, err
	})
	return all, err
}

// AllTags is All for a call about one asset's tags, which are known only if all pages were read.
func AllTags[T any](ctx context.Context, pair func(T) (key, value *string), fetch func(token *string) ([]T, *string, error)) (inventory.Tags, error) {
	list, err := All(ctx, fetch)
	if err != nil {
		return inventory.Tags{}, err
	}
	return TagsOf(list, pair), nil
}

// parallel is how many calls about single assets a lister makes at a time. The rate is limited elsewhere.
const parallel = 8

// Result is what a call about one item gave.
type Result[T any] struct {
	Value T
	Err   error
}

// ErrGlance says that an item was left out, since a glance at the first was all that was wanted.
var ErrGlance = errors.New("only the first one was looked at")

type glanceKey struct{}

// Glance returns a context in which Each calls only for the first item.
func Glance(ctx context.Context) context.Context { return context.WithValue(ctx, glanceKey{}, true) }

// Each calls fn for every item, several at a time, and returns the results in the order of the items.
func Each[T, R any](ctx context.Context, items []T, fn func(context.Context, T) (R, error)) []Result[R] {
	results := make([]Result[R], len(items))
	if ctx.Value(glanceKey{}) != nil && len(items) > 1 {
		for i := range results {
			results[i].Err = ErrGlance
		}
		items = items[:1]
	}
	var g errgroup.Group
	g.SetLimit(parallel)
	for i, item := range items {
		g.Go(func() error {
			v, err := fn(ctx, item)
			results[i] = Result[R]{v, err}
			return nil
		})
	}
	_ = g.Wait() // the errors are in the results
	return results
}

// Chunks cuts items into pieces of at most n, as calls of a limited batch take them.
func Chunks[T any](items []T, n int, fn func([]T) error) error {
	for len(items) > 0 {
		k := min(n, len(items))
		if err := fn(items[:k]); err != nil {
			return err
		}
		items = items[k:]
	}
	return nil
}

// Gone reports whether an error says by one of these codes that a thing is not there any more: it was deleted between the
// listing and the call about it, and is no asset.
func Gone(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}
