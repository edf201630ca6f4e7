package aws

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/collectors/aws/sweep"
	"github.com/muster-audit/muster/inventory"
)

// The parameters of a scope.
const (
	paramAccount   = "account"
	paramPartition = "partition"
	paramRegion    = "region"
	paramType      = "type"
	paramRole      = "role"
	paramExternal  = "external_id"
	paramReason    = "reason"
	paramRefused   = "refused"
)

// globalRegion stands in a scope's id where a global type has no region.
const globalRegion = "global"

// params are a scope's parameters read back.
type params struct {
	account, partition, region string
	typ                        inventory.Type
	role                       session.Role
	refused                    error // why the scope cannot be read, known from its planning
}

func paramsOf(s inventory.Scope) params {
	p := params{
		account: s.Params[paramAccount], partition: s.Params[paramPartition], region: s.Params[paramRegion],
		typ:  inventory.Type(s.Params[paramType]),
		role: session.Role{ARN: s.Params[paramRole], ExternalID: s.Params[paramExternal]},
	}
	if why, ok := s.Params[paramRefused]; ok {
		p.refused = &collectors.Error{Reason: inventory.RunReason(s.Params[paramReason]), Err: errors.New(why)}
	}
	return p
}

// entry is an account to read and how it is entered.
type entry struct {
	id        string
	partition string
	role      session.Role
	manages   bool  // the organisation
	refused   error // why it is not to be read
}

// Scopes plans every account, region and type. An account that cannot be entered is one scope that fails and stands for all that it held.
func (c *collector) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	entries, err := c.accounts(ctx)
	if err != nil {
		return nil, session.Classify(err)
	}
	planned := make([][]inventory.Scope, len(entries))
	var g errgroup.Group
	g.SetLimit(16)
	for i, e := range entries {
		g.Go(func() error {
			planned[i] = c.planAccount(ctx, e)
			return nil
		})
	}
	_ = g.Wait() // what went wrong is in the scopes
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return slices.Concat(planned...), nil
}

// accounts finds out which accounts there are to read.
func (c *collector) accounts(ctx context.Context) ([]entry, error) {
	caller, err := c.session.Caller(ctx)
	if err != nil {
		return nil, err
	}
	c.callers.Store(caller.Account, caller.ARN)
	switch {
	case c.options.Organization != nil:
		return c.members(ctx, caller)
	case len(c.options.Accounts) > 0:
		return c.configured(caller), nil
	}
	return []entry{{id: caller.Account, partition: caller.Partition}}, nil
}

func (c *collector) configured(caller session.Caller) []entry {
	list := make([]entry, 0, len(c.options.Accounts))
	for _, a := range c.options.Accounts {
		e := entry{id: a.ID, partition: caller.Partition, role: session.Role{ARN: a.Role, ExternalID: a.ExternalID}}
		if a.Role == "" && a.ID != caller.Account {
			e.refused = &collectors.Error{Reason: inventory.ReasonDenied, Err: fmt.Errorf(
				"the credentials are those of account %s: give accounts[].role for account %s", caller.Account, a.ID)}
		}
		list = append(list, e)
	}
	return list
}

// members are the accounts of the organisation. The caller's own is entered with the credentials as they are.
func (c *collector) members(ctx context.Context, caller session.Caller) ([]entry, error) {
	members, err := c.session.Members(ctx)
	if err != nil {
		return nil, err
	}
	o := c.options.Organization
	var list []entry
	for _, m := range members {
		if slices.Contains(o.Exclude, m.ID) {
			continue
		}
		e := entry{id: m.ID, partition: caller.Partition, manages: m.ID == caller.Account}
		if m.ID != caller.Account {
			e.role = session.Role{ARN: "arn:" + caller.Partition + ":iam::" + m.ID + ":role/" + strings.TrimPrefix(o.RoleName, "/"), ExternalID: o.ExternalID}
		}
		if !m.Active {
			e.refused = &collectors.Error{Reason: inventory.ReasonSuspended, Err: fmt.Errorf("account %s is %s", m.ID, strings.ToLower(m.Status))}
		}
		list = append(list, e)
	}
	return list, nil
}

// planAccount plans the scopes of an account.
func (c *collector) planAccount(ctx context.Context, e entry) []inventory.Scope {
	if e.refused != nil {
		return []inventory.Scope{e.standIn("*", e.refused)}
	}
	regions, err := c.enter(ctx, e)
	if err != nil {
		return []inventory.Scope{e.standIn("*", err)}
	}
	var list []inventory.Scope
	for _, r := range regions {
		if r.refused != nil {
			list = append(list, e.standIn(r.name, r.refused))
			continue
		}
		for _, t := range c.order {
			if c.listers[t].Place == lister.Regional {
				list = append(list, c.scope(e, r.name, t))
			}
		}
	}
	for _, t := range c.order {
		if l := c.listers[t]; l.Place != lister.Regional && (e.manages || !l.Organization) {
			list = append(list, c.scope(e, "", t))
		}
	}
	return list
}

// enter lists the regions of an account, or says why it cannot be entered. A recording keeps that, since a role that was refused
// leaves no answer.
func (c *collector) enter(ctx context.Context, e entry) (regions []plannedRegion, err error) {
	asked := false
	why := c.session.Remember("account-"+e.id, func() string {
		asked = true
		if regions, err = c.regions(ctx, e); err != nil {
			err = c.inAccount(e, err)
			return string(session.ReasonOf(err)) + " " + err.Error()
		}
		return ""
	})
	switch {
	case asked:
		return regions, err
	case why != "":
		reason, text, _ := strings.Cut(why, " ")
		return nil, &collectors.Error{Reason: inventory.RunReason(reason), Err: errors.New(text)}
	}
	regions, err = c.regions(ctx, e)
	return regions, c.inAccount(e, err)
}

// inAccount says what to do about an account that could not be entered.
func (c *collector) inAccount(e entry, err error) error {
	if err == nil {
		return nil
	}
	if e.role.ARN != "" {
		err = fmt.Errorf("enter account %s by role %s: %w", e.id, e.role.ARN, err)
	}
	return session.Classify(err)
}

// standIn is one scope for all those of an account, or of a region of it, which cannot be read.
func (e entry) standIn(region string, why error) inventory.Scope {
	id := e.id + "/" + region
	covers := inventory.Coverage{Accounts: []string{e.id}}
	standsFor := e.id + "/*"
	if region != "*" {
		id, covers.Regions, standsFor = id+"/*", []string{region}, id+"/*"
	}
	return inventory.Scope{
		ID: id, Covers: covers, StandsFor: []string{standsFor},
		Params: map[string]string{
			paramAccount: e.id, paramRegion: region, paramReason: string(session.ReasonOf(why)), paramRefused: why.Error(),
		},
	}
}

func (c *collector) scope(e entry, region string, t inventory.Type) inventory.Scope {
	l := c.listers[t]
	s := inventory.Scope{
		ID:     e.id + "/" + region + "/" + string(t),
		Covers: inventory.Coverage{Accounts: []string{e.id}},
		Params: map[string]string{paramAccount: e.id, paramPartition: e.partition, paramType: string(t)},
	}
	s.Covers.PresenceOnly = t == sweep.Type || l.Newest // they do not list everything
	for _, typ := range l.Types() {
		if c.wants(typ) {
			s.Covers.Types = append(s.Covers.Types, string(typ))
		}
	}
	if region == "" {
		s.ID = e.id + "/" + globalRegion + "/" + string(t)
		if row, _ := c.catalog.Type(t); !row.Global {
			s.Covers.Regions = c.options.Regions
		}
	} else {
		s.Covers.Regions = []string{region}
		s.Params[paramRegion] = region
	}
	s.Covers.OtherRegions = len(s.Covers.Regions) > 0 && len(c.options.Regions) > 0
	if l.Place == lister.GlobalWest && e.partition != "aws" {
		s.Params[paramReason], s.Params[paramRefused] = string(inventory.ReasonNotOffered), fmt.Sprintf("%s is not offered in the partition %s", t, e.partition)
	} else if why := c.rests(s.ID); why != "" {
		s.Params[paramReason], s.Params[paramRefused] = string(inventory.ReasonEmptyBefore), why
	}
	if e.role.ARN != "" {
		s.Params[paramRole] = e.role.ARN
	}
	if e.role.ExternalID != "" {
		s.Params[paramExternal] = e.role.ExternalID
	}
	return s
}

// rests says why a scope that was empty is not read again yet; "" if it is. Each scope has a time of its own between half of recheck_empty
// and all of it, so that they do not all come back in one night.
func (c *collector) rests(scope string) string {
	most := c.options.RecheckEmpty
	if most <= 0 || c.env.Earlier == nil {
		return ""
	}
	last, ok := c.env.Earlier(scope)
	if !ok || last.Assets > 0 {
		return ""
	}
	h := fnv.New32a()
	h.Write([]byte(scope))
	due := last.At.Add(most/2 + time.Duration(float64(most/2)*float64(h.Sum32())/math.MaxUint32))
	if !c.env.Now().Before(due) {
		return ""
	}
	return fmt.Sprintf("it held nothing on %s and is read again after %s", last.At.Format(time.DateOnly), due.Format(time.DateOnly))
}

// plannedRegion is a region to read, or why it is not.
type plannedRegion struct {
	name    string
	refused error
}

// regions are those of the config, or all that the account has enabled.
func (c *collector) regions(ctx context.Context, e entry) ([]plannedRegion, error) {
	cfg, err := c.session.Config(ctx, e.id, e.role, "")
	if err != nil {
		return nil, err
	}
	known, err := session.Regions(ctx, cfg)
	if err != nil && len(c.options.Regions) > 0 && session.ReasonOf(err) == inventory.ReasonDenied && !roleRefused(err) {
		return unchecked(c.options.Regions), nil
	}
	if err != nil {
		return nil, err
	}
	var list []plannedRegion
	if len(c.options.Regions) == 0 {
		for _, r := range known {
			if r.Enabled {
				list = append(list, plannedRegion{name: r.Name})
			}
		}
		return list, nil
	}
	for _, name := range c.options.Regions {
		list = append(list, check(name, known))
	}
	return list, nil
}

// unchecked takes the regions of the config as they are.
func unchecked(names []string) []plannedRegion {
	list := make([]plannedRegion, len(names))
	for i, n := range names {
		list[i] = plannedRegion{name: n}
	}
	return list
}

// check looks a region of the config up among those that there are.
func check(name string, known []session.Region) plannedRegion {
	i := slices.IndexFunc(known, func(r session.Region) bool { return r.Name == name })
	switch {
	case i < 0:
		names := make([]string, len(known))
		for k, r := range known {
			names[k] = r.Name
		}
		return plannedRegion{name, &collectors.Error{
			Reason: inventory.ReasonError, Err: fmt.Errorf("there is no region %q%s", name, inventory.Suggest(name, names)),
		}}
	case !known[i].Enabled:
		return plannedRegion{name, &collectors.Error{
			Reason: inventory.ReasonNotEnabled, Err: fmt.Errorf("region %s is not enabled for the account: enable it, or take it out of regions", name),
		}}
	}
	return plannedRegion{name: name}
}

// roleRefused reports whether it was the role that was refused, and not the call that needed it.
func roleRefused(err error) bool {
	return session.Sends(err, "AssumeRole") || session.Sends(err, "AssumeRoleWithWebIdentity")
}
