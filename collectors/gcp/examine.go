package gcp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/gcp/cai"
	"github.com/muster-audit/muster/collectors/gcp/resource"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

const serviceUsage = "serviceusage.googleapis.com"

// Examine says whose credentials there are, which projects a scan would read, whether the inventory and the APIs answer, which APIs are
// enabled, and which permissions are missing. It makes at most three calls and one for each API of a project.
func (c *collector) Examine(ctx context.Context, report func(collectors.Check) error) error {
	scopes, err := c.Scopes(ctx)
	if err != nil {
		return err
	}
	who := c.session.Caller(ctx)
	if c.options.QuotaProject != "" {
		who += ", quota of project " + c.options.QuotaProject
	}
	if err := report(collectors.Check{Subject: "credentials", State: inventory.RunOK, Detail: who}); err != nil {
		return err
	}
	parts := partsOf(scopes)
	answers := make([][]collectors.Check, len(parts))
	var g errgroup.Group
	g.SetLimit(16)
	for i, p := range parts {
		g.Go(func() error {
			answers[i] = c.examine(ctx, p)
			return nil
		})
	}
	_ = g.Wait() // what went wrong is in the checks
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, check := range slices.Concat(answers...) {
		if err := report(check); err != nil {
			return err
		}
	}
	return nil
}

// part is what is to be examined of one root: a project, folder or organization.
type part struct {
	root   string
	scopes []inventory.Scope
}

// partsOf puts the scopes of each root together, in their order.
func partsOf(scopes []inventory.Scope) []part {
	var list []part
	at := map[string]int{}
	for _, s := range scopes {
		root := s.Params[paramRoot]
		i, ok := at[root]
		if !ok {
			i = len(list)
			at[root] = i
			list = append(list, part{root: root})
		}
		list[i].scopes = append(list[i].scopes, s)
	}
	return list
}

func (c *collector) examine(ctx context.Context, p part) []collectors.Check {
	var checks []collectors.Check
	var needed []string
	tried := false
	for _, s := range p.scopes {
		read := paramsOf(s)
		if read.refused != nil {
			checks = append(checks, checkOf(s.ID, read.refused))
			continue
		}
		tried = true
		checks = append(checks, checkOf(s.ID, c.try(ctx, read)))
		needed = append(needed, c.neededBy(read)...)
	}
	if !tried {
		return checks
	}
	checks = append(checks, c.held(ctx, p.root, needed))
	if strings.HasPrefix(p.root, "projects/") {
		checks = append([]collectors.Check{c.enabled(ctx, p)}, checks...)
	}
	return checks
}

// try makes one call of a scope.
func (c *collector) try(ctx context.Context, p params) error {
	if p.api == "" {
		return c.probe(ctx, p.root)
	}
	for _, a := range c.apis {
		if a.name == p.api {
			project := projectOfRoot(p.root)
			return c.absent(ctx, project, a.probe(ctx, c.session, project))
		}
	}
	return nil
}

// neededBy are the permissions that a scope takes on its root.
func (c *collector) neededBy(p params) []string {
	if p.api == "" && c.options.Inventory == inventoryList {
		return []string{cai.ListPermission}
	}
	if p.api == "" {
		return []string{cai.SearchPermission}
	}
	i := slices.IndexFunc(c.apis, func(a api) bool { return a.name == p.api })
	return c.apis[i].permissions
}

// held asks which of the permissions the caller has.
func (c *collector) held(ctx context.Context, root string, needed []string) collectors.Check {
	check := collectors.Check{Subject: root + " permissions", State: inventory.RunOK}
	slices.Sort(needed)
	needed = slices.Compact(needed)
	held, err := c.session.TestPermissions(ctx, root, needed)
	if errors.Is(err, session.ErrScope) { // it says nothing about the permissions
		check.State, check.Reason, check.Detail = inventory.RunSkipped, inventory.ReasonDenied, "cannot be asked for: "+err.Error()
		return check
	}
	if err != nil {
		return checkOf(check.Subject, err)
	}
	missing := slices.DeleteFunc(needed, func(p string) bool { return slices.Contains(held, p) })
	if len(missing) > 0 {
		check.State, check.Reason = inventory.RunFailed, inventory.ReasonDenied
		check.Detail = fmt.Sprintf(`missing: %s: grant what "muster collectors --iam gcp" prints`, strings.Join(missing, ", "))
		return check
	}
	check.Detail = fmt.Sprintf("all %d are held", len(held))
	return check
}

// enabled counts the APIs that are enabled in a project, and names those that a scan would ask and that are not.
func (c *collector) enabled(ctx context.Context, p part) collectors.Check {
	root, on := p.root, map[string]bool{}
	query := url.Values{"filter": {"state:ENABLED"}, "pageSize": {"200"}}
	err := c.pagesOf(ctx, serviceUsage, root, "/v1/"+root+"/services", query, "services", func(d resource.Doc) {
		on[lastSegment(d.Text("name"))] = true
	})
	if err != nil { // it is not needed for a scan
		check := checkOf(root+" services", err)
		check.State = inventory.RunSkipped
		return check
	}
	var off []string
	for _, a := range c.apis {
		asked := slices.ContainsFunc(p.scopes, func(s inventory.Scope) bool { return s.Params[paramAPI] == a.name })
		if asked && !on[a.service] {
			off = append(off, a.service)
		}
	}
	text := fmt.Sprintf("%d APIs are enabled", len(on))
	if len(off) > 0 {
		slices.Sort(off)
		text += ", and of those that a scan asks, these are not: " + strings.Join(slices.Compact(off), ", ")
	}
	return collectors.Check{Subject: root + " services", State: inventory.RunOK, Detail: text}
}

func checkOf(subject string, err error) collectors.Check {
	check := collectors.Check{Subject: subject, State: inventory.RunOK}
	if err == nil {
		return check
	}
	check.State, check.Reason, check.Detail = inventory.RunFailed, session.ReasonOf(err), err.Error()
	var e *collectors.Error
	if check.Reason.Skips() || errors.As(err, &e) && e.Skip {
		check.State = inventory.RunSkipped
	}
	return check
}
