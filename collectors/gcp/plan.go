package gcp

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/api/option"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/cai"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

const (
	inventoryService = cai.Service
	projectType      = "cloudresourcemanager.googleapis.com/Project"
	// resources is in a scope's id what is read of the asset inventory.
	resources = "resources"
)

// The parameters of a scope.
const (
	paramRoot    = "root" // "projects/acme-prod"
	paramAPI     = "api"  // empty: the inventory
	paramReason  = "reason"
	paramRefused = "refused"
	paramSkip    = "skip"
	// paramProjects are the numbers and ids of the projects of the root, as "101=acme-prod 102=acme-dev": names hold either.
	paramProjects = "projects"
)

// params are a scope's parameters read back.
type params struct {
	root, api string
	projects  []project
	refused   error // why the scope cannot be read, known from its planning
}

func paramsOf(s inventory.Scope) params {
	p := params{root: s.Params[paramRoot], api: s.Params[paramAPI]}
	for _, pair := range strings.Fields(s.Params[paramProjects]) {
		number, id, _ := strings.Cut(pair, "=")
		p.projects = append(p.projects, project{id: id, number: number})
	}
	if why, ok := s.Params[paramRefused]; ok {
		p.refused = &collectors.Error{Reason: inventory.RunReason(s.Params[paramReason]), Skip: s.Params[paramSkip] != "", Err: errors.New(why)}
	}
	return p
}

// numbers writes paramProjects.
func numbers(projects []project) string {
	var pairs []string
	for _, p := range projects {
		if p.id != "" && p.number != "" {
			pairs = append(pairs, p.number+"="+p.id)
		}
	}
	return strings.Join(pairs, " ")
}

func projectOfRoot(root string) string { return strings.TrimPrefix(root, "projects/") }

// standing is how the asset inventory stands.
type standing struct {
	off bool  // by the config
	err error // of the first call; nil if it answers
}

func (c *collector) standing(err error) standing {
	if c.options.Inventory == inventoryOff {
		return standing{off: true}
	}
	return standing{err: err}
}

// absent reports whether the inventory is none that could be read: it is not enabled, or takes no tokens that may only read.
func (s standing) absent() bool {
	return session.ReasonOf(s.err) == inventory.ReasonNotEnabled || errors.Is(s.err, session.ErrScope)
}

// direct reports whether each service is read by its own API instead.
func (s standing) direct() bool { return s.off || s.absent() }

// Scopes plans the inventory of each root, and compute's API of each project. Where the inventory is not enabled, it is skipped, and every
// API of each project is a scope. A project that cannot be entered is one scope that fails and stands for all that it held.
func (c *collector) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	if _, err := c.session.ClientOptions(ctx, inventoryService, ""); err != nil { // no credentials
		return nil, session.Classify(err)
	}
	scopes, err := c.plan(ctx)
	return scopes, session.Classify(err)
}

func (c *collector) plan(ctx context.Context) ([]inventory.Scope, error) {
	root := c.options.tree()
	if root == "" {
		return c.planProjects(ctx)
	}
	projects, stand, err := c.treeProjects(ctx, root)
	if err != nil {
		return nil, err
	}
	var list []inventory.Scope
	if s, ok := c.resourcesScope(root, projects, stand); ok {
		list = append(list, s)
	}
	for _, p := range projects {
		list = append(list, c.projectScopes(p, stand)...)
	}
	return list, nil
}

// planProjects plans single projects, each of which has an inventory of its own. The first tells whether it is enabled, which is so for
// the project of the quota, and for all that are read or none.
func (c *collector) planProjects(ctx context.Context) ([]inventory.Scope, error) {
	projects, err := c.namedProjects(ctx)
	if err != nil {
		return nil, err
	}
	stand := c.standing(nil)
	if i := slices.IndexFunc(projects, project.reads); i >= 0 && !stand.off && c.wantsInventory() {
		if err := c.probe(ctx, "projects/"+projects[i].id); (standing{err: err}).absent() {
			stand.err = err // what else went wrong, each project's own scope tells
		}
	}
	var list []inventory.Scope
	for _, p := range projects {
		if s, ok := c.resourcesScope("projects/"+p.id, []project{p}, stand); ok && p.reads() {
			list = append(list, s)
		}
		list = append(list, c.projectScopes(p, stand)...)
	}
	return list, ctx.Err()
}

// index is how the inventory is read.
func (c *collector) index() func(context.Context, []option.ClientOption, string, []string, func(resource.Resource) error) error {
	if c.options.Inventory == inventoryList {
		return cai.List
	}
	return cai.Search
}

// probe asks the inventory for one resource.
func (c *collector) probe(ctx context.Context, root string) error {
	opts, err := c.session.ClientOptions(ctx, inventoryService, root)
	if err != nil {
		return session.Classify(err)
	}
	if c.options.Inventory == inventoryList {
		return cai.ProbeList(ctx, opts, root)
	}
	return cai.ProbeSearch(ctx, opts, root)
}

// projectScopes are the scopes of a project besides those of the inventory.
func (c *collector) projectScopes(p project, stand standing) []inventory.Scope {
	if !p.reads() {
		return []inventory.Scope{standIn(p)}
	}
	var list []inventory.Scope
	for _, a := range c.apis {
		if stand.direct() || c.always(a.name) {
			list = append(list, c.apiScope(p, a))
		}
	}
	return list
}

// standIn is one scope for all those of a project that is not read.
func standIn(p project) inventory.Scope {
	why := p.refused
	if why == nil {
		why = &collectors.Error{Reason: inventory.ReasonSuspended, Err: fmt.Errorf("project %s is not active but %s", p.id, p.state)}
	}
	id := "projects/" + p.id + "/*"
	s := inventory.Scope{
		ID: id, Covers: inventory.Coverage{Accounts: []string{p.id}}, StandsFor: []string{id},
		Params: map[string]string{paramRoot: "projects/" + p.id},
	}
	refuse(&s, why, false)
	return s
}

func refuse(s *inventory.Scope, why error, skip bool) {
	s.Params[paramReason], s.Params[paramRefused] = string(session.ReasonOf(why)), why.Error()
	if skip {
		s.Params[paramSkip] = "true"
	}
}

// apiScope is one API of a project.
func (c *collector) apiScope(p project, a api) inventory.Scope {
	s := inventory.Scope{
		ID:     "projects/" + p.id + "/" + a.name,
		Covers: inventory.Coverage{Accounts: []string{p.id}},
		Params: map[string]string{paramRoot: "projects/" + p.id, paramAPI: a.name, paramProjects: numbers([]project{p})},
	}
	for _, t := range a.types {
		if c.wants(t) && !slices.Contains(a.unproven, t) {
			s.Covers.Types = append(s.Covers.Types, string(t))
		}
	}
	settleCoverage(&s.Covers)
	return s
}

// settleCoverage sorts what a scope covers. One that covers nothing for certain proves presence alone: empty lists would cover all.
func settleCoverage(c *inventory.Coverage) {
	slices.Sort(c.Types)
	c.PresenceOnly = len(c.Types) == 0 || len(c.Accounts) == 0
}

// resourcesScope is the inventory of a root. It covers the types that the catalog knows in detail, and no others, since the inventory may
// not have them all. It is false if the inventory is off, or none of its types is wanted.
func (c *collector) resourcesScope(root string, projects []project, stand standing) (inventory.Scope, bool) {
	if stand.off || !c.wantsInventory() {
		return inventory.Scope{}, false
	}
	s := inventory.Scope{ID: root + "/" + resources, Params: map[string]string{paramRoot: root, paramProjects: numbers(projects)}}
	for _, p := range projects {
		if p.reads() {
			s.Covers.Accounts = append(s.Covers.Accounts, p.id)
		}
	}
	s.Covers.Types = slices.Clone(c.proven())
	settleCoverage(&s.Covers)
	switch {
	case stand.absent(): // what the services' own scopes prove must not wait for it
		s.Covers.PresenceOnly = true
		refuse(&s, fmt.Errorf("each service is read by its own API: %w", stand.err), true)
	case stand.err != nil:
		refuse(&s, stand.err, false)
		for _, a := range c.apis { // where it was absent before, what these held stands
			if !c.always(a.name) {
				s.StandsFor = append(s.StandsFor, "projects/*/"+a.name)
			}
		}
	}
	return s, true
}

// provenTypes are the types of which the inventory is known to have every resource.
func (c *collector) provenTypes() []string {
	return slices.DeleteFunc(googleTypes(c.catalog), func(n string) bool {
		t := inventory.Type(n)
		if unproven(t) || !c.wantsOfInventory(t) {
			return true
		}
		row, _ := c.catalog.Type(t) // which takes a while for all of them
		return len(row.Attributes) == 0
	})
}

// unproven reports whether a resource of a type can be there without being in the inventory: it forgets jobs that ended, and does not have
// databases of instances. Source: "Asset types" of Cloud Asset Inventory.
func unproven(t inventory.Type) bool {
	switch t {
	case snapshotType, "dataflow.googleapis.com/Job", "sqladmin.googleapis.com/Database", "sqladmin.googleapis.com/BackupRun":
		return true
	}
	return false
}

// wantsInventory reports whether the source asks for anything that the inventory's scopes hold, which may be a type that only it knows.
func (c *collector) wantsInventory() bool {
	known := googleTypes(c.catalog)
	return len(c.options.Types) == 0 ||
		slices.ContainsFunc(known, func(n string) bool { return c.wantsOfInventory(inventory.Type(n)) }) ||
		slices.ContainsFunc(c.options.Types, func(glob string) bool { return !matchesOne(glob, known) })
}

// expressions are the types that the source asks for, as the inventory takes them, and that of projects, which tell whether the inventory
// is whole; nil for all.
func (c *collector) expressions() []string {
	if len(c.options.Types) == 0 {
		return []string{`.*\.googleapis\.com/.*`}
	}
	list := []string{projectType}
	for _, glob := range c.options.Types {
		if strings.ContainsAny(glob, `[]\`) {
			return nil // what is not wanted is left out as it comes
		}
		e := regexp.QuoteMeta(glob)
		if isGlob(glob) {
			e = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(e)
		} else {
			e = glob
		}
		list = append(list, e)
	}
	return list
}
