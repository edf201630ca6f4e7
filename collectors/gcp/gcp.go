// Package gcp reads projects of Google Cloud into the observed book: what the asset inventory knows of a project, a folder or an
// organization, and what Compute Engine tells of each project; and where the inventory is not enabled, the services' own APIs.
//
// A scope is a root's inventory, or one API of a project. Package cai asks the inventory, compute and direct ask the services, session
// signs in and sees to it that nothing but reads is ever sent, resource makes assets of what they tell, and this package plans the scopes
// and says why what could not be read could not be read.
package gcp

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/cai"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Spec describes the collector.
func Spec() collectors.Spec {
	return collectors.Spec{
		Name:    "gcp",
		Summary: "Google Cloud: projects, folders and organizations, with labels",
		Books:   []inventory.Book{inventory.Observed},
		Reads: "Reads with application default credentials: a file, gcloud's login, workload identity, the machine's service account.\n" +
			"Tokens are asked for with a scope that may only read, and anything but a read is refused before it is sent.\n" +
			"\"muster collectors --iam gcp\" prints the least custom role.",
		Permissions: Permissions,
		Records:     true,
		NewOptions:  func() any { return &Options{Inventory: inventorySearch, Compute: computeAPI} },
		New: func(env collectors.Env, src inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector gcp: options are %T", options)
			}
			return newCollector(env, src, *o)
		},
	}
}

type collector struct {
	env      collectors.Env
	source   inventory.Source
	options  Options
	catalog  *catalog.Catalog
	session  *session.Session
	table    *resource.Table
	projects *registry
	apis     []api // that the source wants anything of, compute first
	// own are the types that are not for the inventory to tell, sorted.
	own    []inventory.Type
	proven func() []string // what the scopes of the inventory cover, sorted
}

func newCollector(env collectors.Env, src inventory.Source, o Options) (*collector, error) {
	known, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	c := &collector{env: env, source: src, options: o, catalog: known, projects: newRegistry()}
	so := session.Options{
		Endpoint: o.Endpoint, QuotaProject: o.QuotaProject, CallTimeout: o.CallTimeout, Record: env.Record, Now: env.Now, Log: env.Log,
	}
	if o.Replay != "" {
		if so.Play, c.env, err = env.Replay(o.Replay, "gcp"); err != nil {
			return nil, err
		}
		so.Now = c.env.Now
	}
	c.session = session.New(so)
	c.table = resource.NewTable(known, c.env.Secret, c.projects.id)
	c.proven = sync.OnceValue(c.provenTypes)
	for _, a := range allAPIs() {
		if c.always(a.name) {
			c.own = append(c.own, a.types...)
		}
		if slices.ContainsFunc(a.types, c.wants) {
			c.apis = append(c.apis, a)
		}
	}
	slices.Sort(c.own)
	return c, nil
}

// always reports whether an API is a scope of each project even where the inventory answers.
func (c *collector) always(name string) bool {
	return beside(name) || name == computeName && c.options.Compute == computeAPI
}

// wants reports whether the source asks for a type. What is in a cluster of Kubernetes is read only if it is asked for by name.
func (c *collector) wants(t inventory.Type) bool {
	if len(c.options.Types) == 0 {
		return strings.Contains(string(t), googleTypeMark)
	}
	return slices.ContainsFunc(c.options.Types, func(p string) bool { return inventory.MatchGlob(p, string(t)) })
}

// Collect reads the inventory of a root, or one API of a project.
func (c *collector) Collect(ctx context.Context, s inventory.Scope, sink collectors.Sink) error {
	p := paramsOf(s)
	if p.refused != nil {
		return p.refused
	}
	for _, known := range p.projects {
		c.projects.add(known)
	}
	var calls session.Counter
	ctx = session.Count(ctx, &calls)
	o := &out{collector: c, ctx: ctx, sink: sink, seen: collectors.NewKeySet(), verdicts: map[inventory.Type]bool{}}
	if p.api == "" {
		o.expect(s.Covers.Accounts)
	}
	err := c.read(ctx, p, o)
	if err == nil {
		err = o.err()
	}
	sink.Note(collectors.Facts{Calls: calls.Calls(), Caller: c.session.Caller(ctx)})
	return err
}

func (c *collector) read(ctx context.Context, p params, o *out) error {
	if p.api == "" {
		o.wanted = c.wantsOfInventory
		opts, err := c.session.ClientOptions(ctx, cai.Service, p.root)
		if err != nil {
			return session.Classify(err)
		}
		return c.index()(ctx, opts, p.root, c.expressions(), o.put)
	}
	i := slices.IndexFunc(c.apis, func(a api) bool { return a.name == p.api })
	if i < 0 {
		return fmt.Errorf("scope of %s: there is no API %q that has a wanted type", p.root, p.api)
	}
	o.wanted = c.wants
	project := projectOfRoot(p.root)
	return c.absent(ctx, project, c.apis[i].list(ctx, c.session, project, c.wants, o.put))
}

// absent marks the error of an API that is not enabled in the project that it was asked about, where there is nothing to be read then. If
// it is another project where it is not enabled, that of the quota, nobody knows what there is.
func (c *collector) absent(ctx context.Context, project string, err error) error {
	if session.ReasonOf(err) != inventory.ReasonNotEnabled {
		return err
	}
	charged := session.Consumer(err)
	if isNumber(charged) && c.projects.learn(ctx, c.session, charged) == nil {
		charged = c.projects.id(charged)
	}
	if charged != project {
		return err
	}
	return &collectors.Error{Reason: inventory.ReasonNotEnabled, Skip: true, Err: err}
}
