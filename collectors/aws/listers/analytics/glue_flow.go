package analytics

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// workflowBatch is how many workflows are listed, and described, by one call.
const workflowBatch = 25

func listWorkflows(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := glue.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListWorkflows(ctx, &glue.ListWorkflowsInput{NextToken: token, MaxResults: aws.Int32(workflowBatch)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Chunks(page.Workflows, workflowBatch, func(names []string) error {
			return describeWorkflows(ctx, c, t, names, out)
		})
	})
}

// describeWorkflows hands workflows over. One that the service does not find any more is left out; those that it does not tell of are there
// by their names.
func describeWorkflows(ctx context.Context, c *glue.Client, t *lister.Target, names []string, out lister.Out) error {
	bare := func(name *string) inventory.Asset { return workflow(t, *name) }
	answer, err := c.BatchGetWorkflows(ctx, &glue.BatchGetWorkflowsInput{Names: names, IncludeGraph: aws.Bool(false)})
	if err != nil {
		return lister.PutBare(out, names, err, bare)
	}
	told := answer.MissingWorkflows
	if err := lister.Put(out, answer.Workflows, func(v *types.Workflow) inventory.Asset {
		told = append(told, aws.ToString(v.Name))
		return describedWorkflow(t, v)
	}); err != nil {
		return err
	}
	return lister.PutBare(out, lister.Untold(names, told), lister.ErrNotDescribed, bare)
}

func workflow(t *lister.Target, name string) inventory.Asset {
	return inventory.Asset{Key: t.ARN("glue", "workflow/"+name), Name: name, Identifiers: lister.ResourceID(&name)}
}

func describedWorkflow(t *lister.Target, v *types.Workflow) inventory.Asset {
	a := workflow(t, aws.ToString(v.Name))
	a.Created = lister.Time(v.CreatedOn)
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("Description", v.Description)
	p.Int("MaxConcurrentRuns", v.MaxConcurrentRuns)
	a.Attributes = p.Known()
	return a
}

// listConnections asks for connections without their passwords.
func listConnections(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := glue.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.GetConnections(ctx, &glue.GetConnectionsInput{NextToken: token, MaxResults: aws.Int32(1000), HidePassword: true})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.ConnectionList, func(v *types.Connection) inventory.Asset { return connection(t, v) })
	})
}

// connection leaves the properties alone: addresses with names of users, and secrets.
func connection(t *lister.Target, v *types.Connection) inventory.Asset {
	name := aws.ToString(v.Name)
	var p lister.Attributes
	p.String("ConnectionInput.Name", v.Name)
	p.String("ConnectionInput.Description", v.Description)
	p.Text("ConnectionInput.ConnectionType", string(v.ConnectionType))
	var at types.PhysicalConnectionRequirements
	if v.PhysicalConnectionRequirements != nil {
		at = *v.PhysicalConnectionRequirements
	}
	p.String("ConnectionInput.PhysicalConnectionRequirements.SubnetId", at.SubnetId)
	p.String("ConnectionInput.PhysicalConnectionRequirements.AvailabilityZone", at.AvailabilityZone)
	p.Strings("ConnectionInput.PhysicalConnectionRequirements.SecurityGroupIdList", at.SecurityGroupIdList)
	return inventory.Asset{
		Key: t.ARN("glue", "connection/"+name), Name: name, Zone: aws.ToString(at.AvailabilityZone), Created: lister.Time(v.CreationTime),
		Attributes: p.Known(), Identifiers: lister.ResourceID(aws.String(t.Account + ":" + name)),
	}
}
