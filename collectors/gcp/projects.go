package gcp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

const resourceManager = "cloudresourcemanager.googleapis.com"

// project is a project to read, or why it is not.
type project struct {
	id, number string
	state      string // "ACTIVE"
	refused    error
}

// reads reports whether a project is there to be read. One whose state nobody tells is tried.
func (p project) reads() bool { return p.refused == nil && (p.state == "" || p.state == "ACTIVE") }

// projectFrom reads a project as the resource manager or the inventory has it.
func projectFrom(d resource.Doc) project {
	p := project{id: d.Text("projectId"), number: d.Text("projectNumber"), state: d.Text("state")}
	if p.state == "" {
		p.state = d.Text("lifecycleState")
	}
	if number := strings.TrimPrefix(d.Text("name"), "projects/"); p.number == "" && isNumber(number) {
		p.number = number
	}
	return p
}

// projectOf reads a project as the inventory lists it.
func projectOf(r resource.Resource) project {
	p := projectFrom(r.Data)
	if r.Index != nil && r.Index.State != "" {
		p.state = r.Index.State
	}
	if p.number == "" && isNumber(r.Project) {
		p.number = r.Project
	}
	switch last := lastSegment(r.Name); {
	case isNumber(last) && p.number == "":
		p.number = last
	case !isNumber(last) && p.id == "":
		p.id = last
	}
	return p
}

func lastSegment(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// registry knows the ids of projects by their numbers. It is safe for concurrent use.
type registry struct {
	mu  sync.Mutex
	ids map[string]string
}

func newRegistry() *registry { return &registry{ids: map[string]string{}} }

// id returns the id of the project with a number; empty if it is not known.
func (r *registry) id(number string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids[number]
}

func (r *registry) add(p project) {
	if p.id == "" || p.number == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ids[p.number] = p.id
}

// learn asks for the id of a project unless it is known.
func (r *registry) learn(ctx context.Context, s *session.Session, number string) error {
	if r.id(number) != "" {
		return nil
	}
	p, err := getProject(ctx, s, number)
	if err != nil {
		return err
	}
	p.number = number
	r.add(p)
	return nil
}

// getProject asks the resource manager for a project by its id or number.
func getProject(ctx context.Context, s *session.Session, name string) (project, error) {
	doc, err := s.Get(ctx, "projects/"+name, resourceManager, "/v3/projects/"+url.PathEscape(name), nil)
	if err != nil {
		return project{}, fmt.Errorf("look up project %s: %w", name, err)
	}
	p := projectFrom(doc)
	if p.id == "" {
		return project{}, fmt.Errorf("look up project %s: the answer has no projectId", name)
	}
	return p, nil
}

// namedProjects finds the projects of the config.
func (c *collector) namedProjects(ctx context.Context) ([]project, error) {
	names := c.options.Projects
	if len(names) == 0 {
		id := c.session.Project(ctx)
		if id == "" {
			return nil, errors.New("the credentials name no project: give projects, folder or organization, or set GOOGLE_CLOUD_PROJECT")
		}
		names = []string{id}
	}
	literal := slices.DeleteFunc(slices.Clone(names), isGlob)
	list := make([]project, len(literal))
	var g errgroup.Group
	g.SetLimit(16)
	for i, id := range literal {
		g.Go(func() error {
			p, err := getProject(ctx, c.session, id)
			p.id, p.refused = id, err
			list[i] = p
			return nil
		})
	}
	_ = g.Wait() // what went wrong is in the projects
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if globs := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !isGlob(n) }); len(globs) > 0 {
		found, err := c.matching(ctx, globs)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	return c.settle(list), nil
}

// matching finds the projects whose id matches a glob, among all that the caller may see. A glob without any is a project that cannot be
// read, since it may be that it can only not be seen.
func (c *collector) matching(ctx context.Context, globs []string) ([]project, error) {
	var list []project
	matched := map[string]bool{}
	err := c.pages(ctx, "projects/-", "/v3/projects:search", url.Values{"pageSize": {"500"}}, "projects", func(d resource.Doc) {
		p := projectFrom(d)
		for _, glob := range globs {
			if inventory.MatchGlob(glob, p.id) {
				matched[glob] = true
				list = append(list, p)
				return
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("search for projects: %w", err)
	}
	for _, glob := range globs {
		if !matched[glob] && !slices.ContainsFunc(list, func(p project) bool { return inventory.MatchGlob(glob, p.id) }) {
			list = append(list, project{id: glob, refused: errors.New("no project that these credentials may see has such an id")})
		}
	}
	return list, nil
}

// treeProjects finds the projects below a folder or organization: by the inventory, whose answer says how it stands, or else by the
// resource manager. An inventory without any project is not believed: it is empty for a while after it is enabled.
func (c *collector) treeProjects(ctx context.Context, root string) (list []project, stand standing, err error) {
	stand = c.standing(nil)
	if !stand.off {
		list, err = c.indexedProjects(ctx, root)
		stand = c.standing(err)
		if err == nil && len(list) > 0 {
			return c.settle(list), stand, nil
		}
		if err != nil && !stand.absent() && session.ReasonOf(err) != inventory.ReasonDenied {
			return nil, stand, err
		}
	}
	empty := !stand.off && stand.err == nil
	if list, err = c.descend(ctx, root); err != nil {
		if empty {
			err = fmt.Errorf("the asset inventory tells of no project below %s, which is so for a while after it is enabled: %w", root, err)
		}
		return nil, stand, errors.Join(err, stand.err)
	}
	return c.settle(list), stand, nil
}

// indexedProjects finds them by the inventory.
func (c *collector) indexedProjects(ctx context.Context, root string) ([]project, error) {
	opts, err := c.session.ClientOptions(ctx, inventoryService, root)
	if err != nil {
		return nil, err
	}
	var list []project
	err = c.index()(ctx, opts, root, []string{projectType}, func(r resource.Resource) error {
		if r.Type != projectType {
			return nil
		}
		p := projectOf(r)
		if p.id == "" {
			found, err := getProject(ctx, c.session, p.number)
			if err != nil {
				return err
			}
			p.id = found.id
		}
		list = append(list, p)
		return nil
	})
	return list, err
}

// descend finds them by the resource manager, level by level. A folder that cannot be listed is an error: nobody knows what is in it.
func (c *collector) descend(ctx context.Context, root string) ([]project, error) {
	var mu sync.Mutex
	var list []project
	for level := []string{root}; len(level) > 0; {
		var below []string
		g, gctx := errgroup.WithContext(ctx)
		g.SetLimit(8)
		for _, parent := range level {
			g.Go(func() error {
				projects, folders, err := c.children(gctx, parent)
				mu.Lock()
				defer mu.Unlock()
				list, below = append(list, projects...), append(below, folders...)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return nil, err
		}
		slices.Sort(below)
		level = below
	}
	return list, nil
}

func (c *collector) children(ctx context.Context, parent string) (projects []project, folders []string, err error) {
	query := url.Values{"parent": {parent}, "pageSize": {"300"}, "showDeleted": {"true"}}
	err = c.pages(ctx, parent, "/v3/projects", query, "projects", func(d resource.Doc) { projects = append(projects, projectFrom(d)) })
	if err != nil {
		return nil, nil, fmt.Errorf("list the projects of %s: %w", parent, err)
	}
	query = url.Values{"parent": {parent}, "pageSize": {"300"}}
	err = c.pages(ctx, parent, "/v3/folders", query, "folders", func(d resource.Doc) { folders = append(folders, d.Text("name")) })
	if err != nil {
		return nil, nil, fmt.Errorf("list the folders of %s: %w", parent, err)
	}
	return projects, folders, nil
}

// errRepeatedPage says that an API handed out a page token twice, which would go on for ever.
var errRepeatedPage = errors.New("the API gave the same page token twice")

// pages goes through the pages of a list of the resource manager.
func (c *collector) pages(ctx context.Context, root, path string, query url.Values, items string, each func(resource.Doc)) error {
	return c.pagesOf(ctx, resourceManager, root, path, query, items, each)
}

// pagesOf goes through the pages of a list of a service.
func (c *collector) pagesOf(ctx context.Context, service, root, path string, query url.Values, items string, each func(resource.Doc)) error {
	seen := map[string]bool{}
	for {
		doc, err := c.session.Get(ctx, root, service, path, query)
		if err != nil {
			return err
		}
		for _, d := range resource.Doc(doc).Objects(items) {
			each(d)
		}
		token := resource.Doc(doc).Text("nextPageToken")
		switch {
		case token == "":
			return nil
		case seen[token]:
			return errRepeatedPage
		}
		seen[token] = true
		query.Set("pageToken", token)
	}
}

// settle remembers projects, and returns those that are not excluded, each once, in the order of their ids.
func (c *collector) settle(list []project) []project {
	slices.SortStableFunc(list, func(a, b project) int { return strings.Compare(a.id, b.id) })
	list = slices.CompactFunc(list, func(a, b project) bool { return a.id == b.id })
	for _, p := range list {
		c.projects.add(p)
	}
	return slices.DeleteFunc(list, func(p project) bool { return p.id == "" || c.options.excludes(p.id) })
}
