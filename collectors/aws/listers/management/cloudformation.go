package management

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func cloudformationListers() []lister.Lister {
	api := lister.API(cloudformation.ServiceID, "cloudformation")
	return []lister.Lister{{
		Type: "AWS::CloudFormation::Stack",
		ARNs: []string{"cloudformation:stack/*"},
		// Where it is not told the name of a stack, the call takes the permission to list stacks too.
		Operations: append(api.Ops("DescribeStacks"), api.As("DescribeStacks", "cloudformation:ListStacks")),
		List:       listStacks,
	}, {
		Type:       "AWS::CloudFormation::StackSet",
		ARNs:       []string{"cloudformation:stackset/*"},
		Operations: api.Ops("ListStackSets", "DescribeStackSet"),
		List:       listStackSets,
	}}
}

func listStacks(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := cloudformation.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{NextToken: token})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Stacks, stack)
	})
}

func stack(s *types.Stack) inventory.Asset {
	if s.StackStatus == types.StackStatusDeleteComplete {
		return inventory.Asset{}
	}
	return inventory.Asset{
		Key: lister.Str(s.StackId), Name: lister.Str(s.StackName), Created: lister.Time(s.CreationTime),
		Lifecycle:  stackLifecycle(s.StackStatus),
		Tags:       stackTags(s.Tags),
		Attributes: stackAttributes(s),
		Relations: []inventory.Relation{
			lister.To(inventory.PartOf, lister.Str(s.ParentId)),
			lister.To(inventory.ManagedBy, lister.Str(s.RootId)),
		},
	}
}

func stackTags(tags []types.Tag) inventory.Tags {
	return lister.TagsOf(tags, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

// stackLifecycle tells stacks that hold nothing yet or are on their way out. One that could not be deleted stays active.
func stackLifecycle(status types.StackStatus) inventory.Lifecycle {
	switch status {
	case types.StackStatusReviewInProgress:
		return inventory.LifecyclePlanned
	case types.StackStatusDeleteInProgress:
		return inventory.LifecycleRetiring
	}
	return inventory.LifecycleActive
}

// stackAttributes leave out outputs and the values of parameters, among which people put passwords.
func stackAttributes(s *types.Stack) inventory.Attributes {
	var p lister.Attributes
	p.Strings("NotificationARNs", s.NotificationARNs)
	p.Int("TimeoutInMinutes", s.TimeoutInMinutes)
	p.Strings("ParameterNames", parameterNames(s.Parameters))
	p.Strings("Capabilities", capabilities(s.Capabilities))
	p.String("Description", s.Description)
	p.Bool("EnableTerminationProtection", s.EnableTerminationProtection)
	p.String("RoleARN", s.RoleARN)
	p.Text("StackStatus", string(s.StackStatus))
	return p.Known()
}

func parameterNames(list []types.Parameter) []string {
	names := make([]string, 0, len(list))
	for _, p := range list {
		names = append(names, lister.Str(p.ParameterKey))
	}
	slices.Sort(names)
	return names
}

func capabilities(list []types.Capability) []string {
	names := make([]string, 0, len(list))
	for _, c := range list {
		names = append(names, string(c))
	}
	slices.Sort(names)
	return names
}

// listStackSets lists the stack sets that the account administers. Their tags take a call each.
func listStackSets(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := cloudformation.NewFromConfig(t.Config)
	d := lister.Description[types.StackSetSummary, *types.StackSet]{
		Ask: func(ctx context.Context, s types.StackSetSummary) (*types.StackSet, error) {
			return stackSetDetails(ctx, c, s.StackSetName)
		},
		Asset: func(s types.StackSetSummary, details *types.StackSet) inventory.Asset { return stackSet(t, s, details) },
		Gone:  []string{"StackSetNotFoundException", "StackSetNotFound"},
	}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListStackSets(ctx, &cloudformation.ListStackSetsInput{
			NextToken: token, MaxResults: aws.Int32(100), Status: types.StackSetStatusActive,
		})
		if err != nil {
			return nil, err
		}
		return page.NextToken, d.Put(ctx, out, page.Summaries)
	})
}

func stackSetDetails(ctx context.Context, c *cloudformation.Client, name *string) (*types.StackSet, error) {
	out, err := c.DescribeStackSet(ctx, &cloudformation.DescribeStackSetInput{StackSetName: name})
	if err != nil {
		return nil, err
	}
	return out.StackSet, nil
}

// stackSet makes the asset of a stack set; details are nil if they could not be read.
func stackSet(t *lister.Target, s types.StackSetSummary, details *types.StackSet) inventory.Asset {
	a := inventory.Asset{
		Key: t.ARN("cloudformation", "stackset/"+lister.Str(s.StackSetId)), Name: lister.Str(s.StackSetName),
		Identifiers: lister.ResourceID(s.StackSetName),
	}
	var p lister.Attributes
	p.String("StackSetName", s.StackSetName)
	p.String("StackSetId", s.StackSetId)
	p.String("Description", s.Description)
	p.Text("PermissionModel", string(s.PermissionModel))
	automatic := lister.OrEmpty(s.AutoDeployment)
	p.Bool("AutoDeployment.Enabled", automatic.Enabled)
	p.Bool("AutoDeployment.RetainStacksOnAccountRemoval", automatic.RetainStacksOnAccountRemoval)
	p.Bool("ManagedExecution.Active", lister.OrEmpty(s.ManagedExecution).Active)
	if details == nil {
		p.Unread("AdministrationRoleARN", "ExecutionRoleName", "Capabilities", "ParameterNames", "OrganizationalUnitIds")
		a.Attributes = p.Known()
		return a
	}
	if arn := lister.Str(details.StackSetARN); arn != "" {
		a.Key = arn
	}
	p.String("AdministrationRoleARN", details.AdministrationRoleARN)
	p.String("ExecutionRoleName", details.ExecutionRoleName)
	p.Strings("Capabilities", capabilities(details.Capabilities))
	p.Strings("ParameterNames", parameterNames(details.Parameters))
	p.Strings("OrganizationalUnitIds", details.OrganizationalUnitIds)
	a.Attributes, a.Tags = p.Known(), stackTags(details.Tags)
	return a
}
