// Package aws reads accounts of Amazon Web Services into the observed book: every type that has a native lister with its tags and
// canonical attributes, and everything else that ever bore a tag by its name.
//
// A scope is one account, region and type. Package lister is the contract of a type's reader, the packages under listers hold one
// file a service, session opens accounts and sees to it that nothing but reads is ever sent, and this package plans the scopes, joins
// the tags, and says why what could not be read could not be read.
package aws

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listers"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/collectors/aws/sweep"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Spec describes the collector.
func Spec() collectors.Spec {
	return collectors.Spec{
		Name:    "aws",
		Summary: "Amazon Web Services: every account, region and type, with tags",
		Books:   []inventory.Book{inventory.Observed},
		Reads: "Reads with the default credential chain: environment, profiles, SSO, OIDC, instance role. It only reads: an operation\n" +
			"that is not among the reads it knows is refused before it is signed. \"muster collectors --iam aws\" prints the\n" +
			"least policy.",
		Permissions: Permissions,
		Records:     true,
		NewOptions:  func() any { return &Options{Sweep: true, IAMDetails: true} },
		New: func(env collectors.Env, src inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector aws: options are %T", options)
			}
			return newCollector(env, src, *o)
		},
	}
}

type collector struct {
	env     collectors.Env
	source  inventory.Source
	options Options
	catalog *catalog.Catalog
	session *session.Session
	listers map[inventory.Type]*lister.Lister // those that the source wants, by their own type
	order   []inventory.Type
	allowed []lister.Operation

	callers sync.Map // account -> identity used
}

func newCollector(env collectors.Env, src inventory.Source, o Options) (*collector, error) {
	known, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	c := &collector{env: env, source: src, options: o, catalog: known, listers: map[inventory.Type]*lister.Lister{}}
	all := listers.All()
	swept := sweep.Lister(all, known)
	c.choose(all, &swept)
	c.allowed = Operations(append(all, swept))
	so := session.Options{Profile: o.Profile, Allowed: c.allowed, CallTimeout: o.CallTimeout, Record: env.Record, Log: env.Log}
	if len(o.Regions) > 0 {
		so.Region = o.Regions[0]
	}
	if o.Replay != "" {
		if so.Play, c.env, err = env.Replay(o.Replay, "aws"); err != nil {
			return nil, err
		}
	}
	c.session = session.New(so)
	return c, nil
}

// choose keeps the listers of which the source wants a type, and the sweep if it wants one that no lister yields.
func (c *collector) choose(all []lister.Lister, swept *lister.Lister) {
	native := map[inventory.Type]bool{}
	for i := range all {
		l := &all[i]
		for _, t := range l.Types() {
			native[t] = true
		}
		if l.Organization && c.options.Organization == nil || !slices.ContainsFunc(l.Types(), c.wants) {
			continue
		}
		c.listers[l.Type] = l
		c.order = append(c.order, l.Type)
	}
	slices.Sort(c.order)
	if c.options.Sweep && c.wantsMore(native) {
		c.listers[swept.Type] = swept
		c.order = append(c.order, swept.Type)
	}
}

// wantsMore reports whether the source asks for a type without a native lister that can bear tags, by which it would be found.
func (c *collector) wantsMore(native map[inventory.Type]bool) bool {
	if len(c.options.Types) == 0 {
		return true
	}
	return slices.ContainsFunc(c.catalog.TypeNames("AWS::"), func(n string) bool {
		row, _ := c.catalog.Type(inventory.Type(n))
		return !native[row.Type] && row.Taggable != inventory.NotApplicable && c.wants(row.Type)
	})
}

// wants reports whether the source asks for a type.
func (c *collector) wants(t inventory.Type) bool {
	return len(c.options.Types) == 0 || slices.ContainsFunc(c.options.Types, func(p string) bool { return inventory.MatchGlob(p, string(t)) })
}

// Operations lists everything that the collector may send, without duplicates, sorted by permission.
func Operations(all []lister.Lister) []lister.Operation {
	list := slices.Concat(session.Operations(), session.MemberOperations(), joinOperations())
	for i := range all {
		list = append(list, all[i].Operations...)
	}
	slices.SortFunc(list, func(a, b lister.Operation) int {
		return strings.Compare(a.Action+" "+a.Service+" "+a.Name, b.Action+" "+b.Service+" "+b.Name)
	})
	return slices.Compact(list)
}

// Collect reads one account, region and type.
func (c *collector) Collect(ctx context.Context, s inventory.Scope, sink collectors.Sink) error {
	p := paramsOf(s)
	if p.refused != nil {
		return p.refused
	}
	l, ok := c.listers[p.typ]
	if !ok {
		return fmt.Errorf("scope %s: there is no lister of %s", s.ID, p.typ)
	}
	target, err := c.target(ctx, p, l)
	if err != nil {
		return session.Classify(err)
	}
	var calls session.Counter
	ctx = session.Count(ctx, &calls)
	err = c.list(ctx, l, target, p, sink)
	sink.Note(collectors.Facts{Calls: calls.Calls(), Caller: c.identity(ctx, p)})
	return c.explain(ctx, p, err)
}

func (c *collector) target(ctx context.Context, p params, l *lister.Lister) (*lister.Target, error) {
	region := p.region
	switch l.Place {
	case lister.Global:
		region = session.Home(p.partition)
	case lister.GlobalWest:
		region = "us-west-2"
	}
	cfg, err := c.session.Config(ctx, p.account, p.role, region)
	if err != nil {
		return nil, err
	}
	return &lister.Target{
		Config: cfg, Partition: p.partition, Account: p.account, Region: p.region, Regions: c.options.Regions,
		Secret: c.env.Secret, Now: c.env.Now, Log: c.env.Log,
		Options: lister.Options{AuthorizationDetails: c.options.IAMDetails},
	}, nil
}

// list runs a lister, and passes on what it handed over also where it failed.
func (c *collector) list(ctx context.Context, l *lister.Lister, target *lister.Target, p params, sink collectors.Sink) error {
	o := &out{ctx: ctx, lister: l, target: target, wanted: c.wants, next: marked(sink.Asset)}
	flush := func() error { return nil }
	if l.ReadTags != nil || l.BatchTags != nil {
		row, _ := c.catalog.Type(l.Type)
		t := &tagger{out: o, coverage: row.TaggingAPI, next: marked(sink.Asset), region: func(name string) awssdk.Config {
			cfg := target.Config.Copy()
			if name != "" {
				cfg.Region = name
			}
			return cfg
		}}
		o.next, flush = t.add, t.flush
	}
	err := l.List(ctx, target, o)
	if flushErr := flush(); err == nil {
		err = flushErr
	}
	if err == nil {
		err = o.err()
	}
	return err
}

// explain says why a scope could not be read, and that it was not to be where the region does not have the service.
func (c *collector) explain(ctx context.Context, p params, err error) error {
	if err == nil {
		return nil
	}
	err = session.Classify(err)
	if p.region == "" { // a global type is called at the partition's home
		p.region = session.Home(p.partition)
	}
	if session.ReasonOf(err) == inventory.ReasonUnreachable && c.reachable(ctx, p) {
		return &collectors.Error{Reason: inventory.ReasonNotOffered, Err: fmt.Errorf("%s is not offered in %s", p.typ, p.region)}
	}
	return err
}

// reachable reports whether the region of a scope has any service at all.
func (c *collector) reachable(ctx context.Context, p params) bool {
	return c.session.Remember("reachable-"+p.region, func() string {
		return strconv.FormatBool(session.Reachable(ctx, p.partition, p.region))
	}) == "true"
}

// identity names whose credentials an account was read with.
func (c *collector) identity(_ context.Context, p params) string {
	if p.role.ARN != "" {
		return p.role.ARN
	}
	if arn, ok := c.callers.Load(p.account); ok {
		return arn.(string)
	}
	return ""
}
