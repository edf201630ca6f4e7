package owner

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// Tags by which AWS says which stack made a thing.
const stackNameTag = "aws:cloudformation:stack-name"

// byStack asks the map of stacks. A stack is named by CloudFormation's name of it; a Terraform state, a template or a stack of Pulumi by
// the file that declares the entity.
func (c *Chain) byStack(e *rules.Entity) answer {
	names, entry := stackNames(e)
	if item, name, ok := rules.MostExact(c.policy.Stacks, names...); ok {
		return answer{state: expr.Yes, name: item.Owner, confidence: rules.MediumConfidence, item: item, about: name, entry: entry}
	}
	if len(names) > 0 {
		return nobody()
	}
	if why := c.notRead(inventory.Declared, e); why != "" {
		return unknown(why)
	}
	if stackHidden(e.Observed) {
		return unknown(stackUnread)
	}
	return nobody()
}

// stackNames lists what an entity's stacks and states are called, and the first asset that tells.
func stackNames(e *rules.Entity) (names []string, entry *inventory.Entry) {
	add := func(name string, by *inventory.Entry) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
			if entry == nil {
				entry = by
			}
		}
	}
	for _, o := range e.Observed {
		t, _ := o.CurrentTags().Get(stackNameTag)
		add(t.Value, o)
	}
	for _, d := range e.Declared {
		add(stackOfID(d.Origin.Lineage), d)
		add(d.Origin.File, d)
	}
	return names, entry
}

// stackOfID is the name in the id of a stack of CloudFormation, "arn:aws:cloudformation:eu-west-1:111122223333:stack/web/51af…".
func stackOfID(id string) string {
	if !strings.HasPrefix(id, "arn:") || !strings.Contains(id, ":cloudformation:") {
		return ""
	}
	_, rest, _ := strings.Cut(id, ":stack/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// stackHidden reports whether the tags that would tell the stack of CloudFormation could not be read.
func stackHidden(observed []*inventory.Entry) bool {
	return slices.ContainsFunc(observed, func(o *inventory.Entry) bool {
		if catalog.Provider(o.Type) != "aws" {
			return false
		}
		now := o.CurrentTags()
		t, _ := now.Get(stackNameTag)
		return now.State() == inventory.Unknown || t.ValueUnknown
	})
}

// byAccount asks the map of accounts.
func (c *Chain) byAccount(e *rules.Entity) answer {
	for _, list := range [][]*inventory.Entry{e.Observed, e.Declared, e.Recorded} {
		for _, entry := range list {
			if entry.Account == "" {
				continue
			}
			item, name, ok := rules.MostExact(c.policy.Accounts, entry.Account)
			if !ok {
				return nobody()
			}
			return answer{state: expr.Yes, name: item.Owner, confidence: rules.LowConfidence, item: item, about: name, entry: entry}
		}
	}
	if inAccount(e.Subject()) {
		return unknown(accountUnread)
	}
	return nobody()
}

// inAccount reports whether an asset must be in some account: all that AWS has is, and what Google keeps in a project.
func inAccount(e *inventory.Entry) bool {
	switch catalog.Provider(e.Type) {
	case "aws":
		return true
	case "gcp":
		return e.Book == inventory.Declared || strings.Contains(e.Key, "/projects/")
	}
	return false
}
