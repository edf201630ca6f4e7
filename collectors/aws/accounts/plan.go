package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/inventory"
)

// The parameters of a scope that say where it is read and how its account is entered.
const (
	ParamAccount   = "account"
	ParamPartition = "partition"
	ParamRegion    = "region"
	ParamRole      = "role"
	ParamExternal  = "external_id"
	// ParamReason and ParamRefused say why a scope cannot be read, known from its planning.
	ParamReason  = "reason"
	ParamRefused = "refused"
)

// Entry is an account to read and how it is entered.
type Entry struct {
	ID        string
	Partition string
	Role      session.Role
	Manages   bool  // the organisation
	Refused   error // why it is not to be read
}

// Region is a region to read, or why it is not.
type Region struct {
	Name    string
	Refused error
}

// Plan finds the accounts and regions of a source.
type Plan struct {
	Session *session.Session
	Options Options
}

// Accounts finds out who calls, and which accounts there are to read.
func (p Plan) Accounts(ctx context.Context) (session.Caller, []Entry, error) {
	caller, err := p.Session.Caller(ctx)
	if err != nil {
		return caller, nil, err
	}
	switch {
	case p.Options.Organization != nil:
		list, err := p.members(ctx, caller)
		return caller, list, err
	case len(p.Options.Accounts) > 0:
		return caller, p.configured(caller), nil
	}
	return caller, []Entry{{ID: caller.Account, Partition: caller.Partition}}, nil
}

// Each plans the scopes of every account, several at a time, and returns them in the order of the accounts.
func Each(ctx context.Context, entries []Entry, plan func(context.Context, Entry) []inventory.Scope) ([]inventory.Scope, error) {
	planned := make([][]inventory.Scope, len(entries))
	var g errgroup.Group
	g.SetLimit(16)
	for i, e := range entries {
		g.Go(func() error {
			planned[i] = plan(ctx, e)
			return nil
		})
	}
	_ = g.Wait() // what went wrong is in the scopes
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return slices.Concat(planned...), nil
}

func (p Plan) configured(caller session.Caller) []Entry {
	list := make([]Entry, 0, len(p.Options.Accounts))
	for _, a := range p.Options.Accounts {
		e := Entry{ID: a.ID, Partition: caller.Partition, Role: session.Role{ARN: a.Role, ExternalID: a.ExternalID}}
		if a.Role == "" && a.ID != caller.Account {
			e.Refused = &collectors.Error{Reason: inventory.ReasonDenied, Err: fmt.Errorf(
				"the credentials are those of account %s: give accounts[].role for account %s", caller.Account, a.ID)}
		}
		list = append(list, e)
	}
	return list
}

// members are the accounts of the organisation. The caller's own is entered with the credentials as they are.
func (p Plan) members(ctx context.Context, caller session.Caller) ([]Entry, error) {
	members, err := p.Session.Members(ctx)
	if err != nil {
		return nil, err
	}
	o := p.Options.Organization
	var list []Entry
	for _, m := range members {
		if slices.Contains(o.Exclude, m.ID) {
			continue
		}
		e := Entry{ID: m.ID, Partition: caller.Partition, Manages: m.ID == caller.Account}
		if m.ID != caller.Account {
			e.Role = session.Role{ARN: "arn:" + caller.Partition + ":iam::" + m.ID + ":role/" + strings.TrimPrefix(o.RoleName, "/"), ExternalID: o.ExternalID}
		}
		if !m.Active {
			e.Refused = &collectors.Error{Reason: inventory.ReasonSuspended, Err: fmt.Errorf("account %s is %s", m.ID, strings.ToLower(m.Status))}
		}
		list = append(list, e)
	}
	return list, nil
}

// Enter lists the regions of an account, or says why it cannot be entered. A recording keeps that, since a role that was refused
// leaves no answer.
func (p Plan) Enter(ctx context.Context, e Entry) (regions []Region, err error) {
	asked := false
	why := p.Session.Remember("account-"+e.ID, func() string {
		asked = true
		if regions, err = p.regions(ctx, e); err != nil {
			err = inAccount(e, err)
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
	regions, err = p.regions(ctx, e)
	return regions, inAccount(e, err)
}

// inAccount says what to do about an account that could not be entered.
func inAccount(e Entry, err error) error {
	if err == nil {
		return nil
	}
	if e.Role.ARN != "" {
		err = fmt.Errorf("enter account %s by role %s: %w", e.ID, e.Role.ARN, err)
	}
	return session.Classify(err)
}

// StandIn is one scope for all those of an account, or of a region of it, which cannot be read; the region "*" stands for all.
func (e Entry) StandIn(region string, why error) inventory.Scope {
	id := e.ID + "/" + region
	covers := inventory.Coverage{Accounts: []string{e.ID}}
	standsFor := e.ID + "/*"
	if region != "*" {
		id, covers.Regions, standsFor = id+"/*", []string{region}, id+"/*"
	}
	return inventory.Scope{
		ID: id, Covers: covers, StandsFor: []string{standsFor},
		Params: map[string]string{
			ParamAccount: e.ID, ParamRegion: region, ParamReason: string(session.ReasonOf(why)), ParamRefused: why.Error(),
		},
	}
}

// Params are the parameters of a scope of the account: how it is entered.
func (e Entry) Params() map[string]string {
	params := map[string]string{ParamAccount: e.ID, ParamPartition: e.Partition}
	if e.Role.ARN != "" {
		params[ParamRole] = e.Role.ARN
	}
	if e.Role.ExternalID != "" {
		params[ParamExternal] = e.Role.ExternalID
	}
	return params
}

// EntryOf reads the parameters of a scope back.
func EntryOf(s inventory.Scope) Entry {
	e := Entry{
		ID: s.Params[ParamAccount], Partition: s.Params[ParamPartition],
		Role: session.Role{ARN: s.Params[ParamRole], ExternalID: s.Params[ParamExternal]},
	}
	if why, ok := s.Params[ParamRefused]; ok {
		e.Refused = &collectors.Error{Reason: inventory.RunReason(s.Params[ParamReason]), Err: errors.New(why)}
	}
	return e
}

// regions are those of the config, or all that the account has enabled.
func (p Plan) regions(ctx context.Context, e Entry) ([]Region, error) {
	cfg, err := p.Session.Config(ctx, e.ID, e.Role, "")
	if err != nil {
		return nil, err
	}
	known, err := session.Regions(ctx, cfg)
	if err != nil && len(p.Options.Regions) > 0 && session.ReasonOf(err) == inventory.ReasonDenied && !roleRefused(err) {
		return unchecked(p.Options.Regions), nil
	}
	if err != nil {
		return nil, err
	}
	var list []Region
	if len(p.Options.Regions) == 0 {
		for _, r := range known {
			if r.Enabled {
				list = append(list, Region{Name: r.Name})
			}
		}
		return list, nil
	}
	for _, name := range p.Options.Regions {
		list = append(list, check(name, known))
	}
	return list, nil
}

// unchecked takes the regions of the config as they are.
func unchecked(names []string) []Region {
	list := make([]Region, len(names))
	for i, n := range names {
		list[i] = Region{Name: n}
	}
	return list
}

// check looks a region of the config up among those that there are.
func check(name string, known []session.Region) Region {
	i := slices.IndexFunc(known, func(r session.Region) bool { return r.Name == name })
	switch {
	case i < 0:
		names := make([]string, len(known))
		for k, r := range known {
			names[k] = r.Name
		}
		return Region{name, &collectors.Error{
			Reason: inventory.ReasonError, Err: fmt.Errorf("there is no region %q%s", name, inventory.Suggest(name, names)),
		}}
	case !known[i].Enabled:
		return Region{name, &collectors.Error{
			Reason: inventory.ReasonNotEnabled, Err: fmt.Errorf("region %s is not enabled for the account: enable it, or take it out of regions", name),
		}}
	}
	return Region{Name: name}
}

// roleRefused reports whether it was the role that was refused, and not the call that needed it.
func roleRefused(err error) bool {
	return session.Sends(err, "AssumeRole") || session.Sends(err, "AssumeRoleWithWebIdentity")
}
