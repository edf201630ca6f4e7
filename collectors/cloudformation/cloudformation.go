// Package cloudformation reads what CloudFormation declares into the declared book: templates as people wrote them, assemblies of CDK, and the
// stacks that are deployed.
//
// A template is code, and a deployed stack a state: what a resource of it is in both goes by the id of the stack and the logical id. What cannot be
// worked out of a template without AWS is unknown. Names of attributes are CloudFormation's own already; of a resource only those are kept that the
// catalog compares.
package cloudformation

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/stacks"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Spec describes the collector.
func Spec() collectors.Spec {
	return collectors.Spec{
		Name:    "cloudformation",
		Summary: "CloudFormation templates, CDK assemblies, and deployed stacks",
		Books:   []inventory.Book{inventory.Declared},
		Reads: "Reads template files, which takes the right to read them, and with live: true the stacks of AWS accounts with the\n" +
			"default credential chain. It deploys nothing: an operation that is not among the reads it knows is refused before\n" +
			"it is signed. \"muster collectors --iam cloudformation\" prints the least policy.",
		Permissions: stacks.Permissions,
		NewOptions:  func() any { return &Options{} },
		New: func(env collectors.Env, _ inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector cloudformation: options are %T", options)
			}
			return newCollector(env, *o)
		},
	}
}

type collector struct {
	env     collectors.Env
	options Options
	catalog *catalog.Catalog
	names   map[inventory.Type]naming
	live    *stacks.Reader // nil without live

	mu     sync.Mutex
	places []stacks.Place // that can be read; valid if placed
	placed bool
	whole  bool // every place can be read
}

func newCollector(env collectors.Env, o Options) (*collector, error) {
	known, err := catalog.Load()
	if err != nil {
		return nil, fmt.Errorf("make collector cloudformation: %w", err)
	}
	c := &collector{env: env, options: o, catalog: known, names: readNames()}
	if o.Live {
		c.live = stacks.New(stacks.Options{Profile: o.Profile, CallTimeout: o.CallTimeout, Where: o.where(), Log: env.Log})
	}
	return c, nil
}

// paramLive marks the scope of an account and region.
const paramLive = "live"

// Scopes is one scope per file or assembly, and one per account and region.
func (c *collector) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	list, err := c.fileScopes(ctx)
	if err != nil || c.live == nil {
		return list, err
	}
	live, err := c.live.Scopes(ctx)
	if err != nil {
		return nil, err
	}
	for i := range live {
		live[i].Params[paramLive] = "true"
	}
	return append(list, live...), nil
}

// Collect reads a template, an assembly, or the stacks of an account and region.
func (c *collector) Collect(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	if c.live == nil {
		return c.collectFile(ctx, s, out)
	}
	var calls stacks.Counter
	ctx = stacks.Count(ctx, &calls)
	defer func() { out.Note(collectors.Facts{Calls: calls.Calls()}) }()
	if s.Params[paramLive] != "" {
		return c.collectStacks(ctx, stacks.PlaceOf(s), out)
	}
	return c.collectFile(ctx, s, out)
}

func (c *collector) checkAge(file string, written time.Time) error {
	age := c.env.Now().Sub(written)
	if c.options.MaxAge == 0 || age <= c.options.MaxAge {
		return nil
	}
	return &collectors.Error{
		Reason: inventory.ReasonStale,
		Err: fmt.Errorf("%q was written %s ago, max_age is %s: check whether the job that fetches it ran",
			file, age.Round(time.Minute), c.options.MaxAge),
	}
}

func failure(format string, args ...any) *collectors.Error {
	return &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf(format, args...)}
}
