package aws

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"time"

	"github.com/muster-audit/muster/collectors/aws/accounts"
	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/collectors/aws/sweep"
	"github.com/muster-audit/muster/inventory"
)

// The parameters of a scope.
const (
	paramAccount = accounts.ParamAccount
	paramRegion  = accounts.ParamRegion
	paramRole    = accounts.ParamRole
	paramType    = "type"
	paramReason  = accounts.ParamReason
	paramRefused = accounts.ParamRefused
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
	e := accounts.EntryOf(s)
	return params{
		account: e.ID, partition: e.Partition, region: s.Params[paramRegion],
		typ: inventory.Type(s.Params[paramType]), role: e.Role, refused: e.Refused,
	}
}

// Scopes plans every account, region and type. An account that cannot be entered is one scope that fails and stands for all that it held.
func (c *collector) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	caller, entries, err := c.plan().Accounts(ctx)
	if err != nil {
		return nil, session.Classify(err)
	}
	c.callers.Store(caller.Account, caller.ARN)
	return accounts.Each(ctx, entries, c.planAccount)
}

func (c *collector) plan() accounts.Plan {
	return accounts.Plan{Session: c.session, Options: c.options.where()}
}

// planAccount plans the scopes of an account.
func (c *collector) planAccount(ctx context.Context, e accounts.Entry) []inventory.Scope {
	if e.Refused != nil {
		return []inventory.Scope{e.StandIn("*", e.Refused)}
	}
	regions, err := c.plan().Enter(ctx, e)
	if err != nil {
		return []inventory.Scope{e.StandIn("*", err)}
	}
	var list []inventory.Scope
	for _, r := range regions {
		if r.Refused != nil {
			list = append(list, e.StandIn(r.Name, r.Refused))
			continue
		}
		for _, t := range c.order {
			if c.listers[t].Place == lister.Regional {
				list = append(list, c.scope(e, r.Name, t))
			}
		}
	}
	for _, t := range c.order {
		if l := c.listers[t]; l.Place != lister.Regional && (e.Manages || !l.Organization) {
			list = append(list, c.scope(e, "", t))
		}
	}
	return list
}

func (c *collector) scope(e accounts.Entry, region string, t inventory.Type) inventory.Scope {
	l := c.listers[t]
	s := inventory.Scope{
		ID:     e.ID + "/" + region + "/" + string(t),
		Covers: inventory.Coverage{Accounts: []string{e.ID}},
		Params: e.Params(),
	}
	s.Params[paramType] = string(t)
	s.Covers.PresenceOnly = t == sweep.Type || l.Newest // they do not list everything
	for _, typ := range l.Types() {
		if c.wants(typ) {
			s.Covers.Types = append(s.Covers.Types, string(typ))
		}
	}
	if region == "" {
		s.ID = e.ID + "/" + globalRegion + "/" + string(t)
		if row, _ := c.catalog.Type(t); !row.Global {
			s.Covers.Regions = c.options.Regions
		}
	} else {
		s.Covers.Regions = []string{region}
		s.Params[paramRegion] = region
	}
	s.Covers.OtherRegions = len(s.Covers.Regions) > 0 && len(c.options.Regions) > 0
	if l.Place == lister.GlobalWest && e.Partition != "aws" {
		s.Params[paramReason], s.Params[paramRefused] = string(inventory.ReasonNotOffered), fmt.Sprintf("%s is not offered in the partition %s", t, e.Partition)
	} else if why := c.rests(s.ID); why != "" {
		s.Params[paramReason], s.Params[paramRefused] = string(inventory.ReasonEmptyBefore), why
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
