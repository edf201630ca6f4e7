package aws

import (
	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// The tags by which CloudFormation marks what it makes. Nobody else can set them. Reference: "Resource tags" of the CloudFormation user guide.
const (
	stackIDTag   = "aws:cloudformation:stack-id"
	stackNameTag = "aws:cloudformation:stack-name"
	logicalIDTag = "aws:cloudformation:logical-id"
)

// marked adds to each asset the names by which CloudFormation knows it: those that a template or a stack declares it under. The type is part of
// them, since what a group launches inherits the group's tags.
func marked(next func(inventory.Asset) error) func(inventory.Asset) error {
	return func(a inventory.Asset) error {
		if _, ok := a.Tags.Get(logicalIDTag); ok {
			mark(&a)
		}
		return next(a)
	}
}

func mark(a *inventory.Asset) {
	logical, _ := a.Tags.Get(logicalIDTag)
	in := "/" + logical.Value + "/" + string(a.Type)
	add := func(stack string) {
		key := "cloudformation:" + stack + in
		a.Identifiers = append(a.Identifiers, lister.ID(inventory.NativeKey, &key))
	}
	if id, ok := a.Tags.Get(stackIDTag); ok && id.Value != "" {
		add(id.Value)
	}
	if name, ok := a.Tags.Get(stackNameTag); ok && name.Value != "" && a.Account != "" && a.Region != "" {
		add(a.Account + "/" + a.Region + "/" + name.Value)
	}
	a.Identifiers = inventory.SortIdentifiers(a.Identifiers)
}
