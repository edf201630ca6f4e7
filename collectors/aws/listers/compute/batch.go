package compute

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/batch"
	"github.com/aws/aws-sdk-go-v2/service/batch/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func batchListers() []lister.Lister {
	api := lister.API(batch.ServiceID, "batch")
	return []lister.Lister{
		{
			Type: "AWS::Batch::ComputeEnvironment", ARNs: []string{"batch:compute-environment/*"},
			Operations: api.Ops("DescribeComputeEnvironments"), List: listComputeEnvironments,
		},
		{Type: "AWS::Batch::JobQueue", ARNs: []string{"batch:job-queue/*"}, Operations: api.Ops("DescribeJobQueues"), List: listJobQueues},
		{Type: "AWS::Batch::JobDefinition", ARNs: []string{"batch:job-definition/*"}, Operations: api.Ops("DescribeJobDefinitions"), List: listJobDefinitions},
	}
}

func listComputeEnvironments(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := batch.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeComputeEnvironments(ctx, &batch.DescribeComputeEnvironmentsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.ComputeEnvironments, computeEnvironment)
	})
}

func computeEnvironment(e *types.ComputeEnvironmentDetail) inventory.Asset {
	if e.Status == types.CEStatusDeleted {
		return inventory.Asset{}
	}
	var p lister.Attributes
	p.String("ComputeEnvironmentName", e.ComputeEnvironmentName)
	p.Text("Type", string(e.Type))
	p.Text("State", string(e.State))
	p.String("ServiceRole", e.ServiceRole)
	if e.EksConfiguration != nil {
		p.String("EksConfiguration.EksClusterArn", e.EksConfiguration.EksClusterArn)
	}
	if r := e.ComputeResources; r != nil {
		computeResources(&p, r)
	}
	return inventory.Asset{
		Key: lister.Str(e.ComputeEnvironmentArn), Name: lister.Str(e.ComputeEnvironmentName), Tags: inventory.TagsFromMap(e.Tags),
		Lifecycle: lister.Retiring(e.Status == types.CEStatusDeleting), Attributes: p.Known(),
		Identifiers: lister.ResourceID(e.ComputeEnvironmentName),
	}
}

// computeResources leaves out the desired capacity, which the service moves all the time.
func computeResources(p *lister.Attributes, r *types.ComputeResource) {
	const in = "ComputeResources."
	p.Text(in+"Type", string(r.Type))
	p.Int(in+"MinvCpus", r.MinvCpus)
	p.Int(in+"MaxvCpus", r.MaxvCpus)
	p.Strings(in+"InstanceTypes", r.InstanceTypes)
	p.Strings(in+"Subnets", r.Subnets)
	p.Strings(in+"SecurityGroupIds", r.SecurityGroupIds)
	p.Text(in+"AllocationStrategy", string(r.AllocationStrategy))
	p.String(in+"InstanceRole", r.InstanceRole)
	p.String(in+"SpotIamFleetRole", r.SpotIamFleetRole)
	p.String(in+"Ec2KeyPair", r.Ec2KeyPair)
}

func listJobQueues(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := batch.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeJobQueues(ctx, &batch.DescribeJobQueuesInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.JobQueues, jobQueue)
	})
}

func jobQueue(q *types.JobQueueDetail) inventory.Asset {
	if q.Status == types.JQStatusDeleted {
		return inventory.Asset{}
	}
	var p lister.Attributes
	p.String("JobQueueName", q.JobQueueName)
	p.Text("JobQueueType", string(q.JobQueueType))
	p.Text("State", string(q.State))
	p.Int("Priority", q.Priority)
	p.String("SchedulingPolicyArn", q.SchedulingPolicyArn)
	p.Object("ComputeEnvironmentOrder", objects(q.ComputeEnvironmentOrder, func(o *types.ComputeEnvironmentOrder) object {
		return object{}.string("ComputeEnvironment", o.ComputeEnvironment).int("Order", o.Order)
	}))
	return inventory.Asset{
		Key: lister.Str(q.JobQueueArn), Name: lister.Str(q.JobQueueName), Tags: inventory.TagsFromMap(q.Tags),
		Lifecycle: lister.Retiring(q.Status == types.JQStatusDeleting), Attributes: p.Known(),
		Identifiers: lister.ResourceID(q.JobQueueArn),
	}
}

// listJobDefinitions lists every active revision: the call tells all of each, and jobs may name any of them.
func listJobDefinitions(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := batch.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeJobDefinitions(ctx, &batch.DescribeJobDefinitionsInput{
			NextToken: token, MaxResults: aws.Int32(100), Status: aws.String("ACTIVE"),
		})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.JobDefinitions, jobDefinition)
	})
}

func jobDefinition(d *types.JobDefinition) inventory.Asset {
	if strings.EqualFold(lister.Str(d.Status), "INACTIVE") {
		return inventory.Asset{}
	}
	var p lister.Attributes
	p.String("JobDefinitionName", d.JobDefinitionName)
	p.String("Type", d.Type)
	p.Strings("PlatformCapabilities", lister.Texts(d.PlatformCapabilities))
	p.Bool("PropagateTags", d.PropagateTags)
	p.Int("SchedulingPriority", d.SchedulingPriority)
	p.Value("RetryStrategy.Attempts", inventory.Null)
	if d.RetryStrategy != nil {
		p.Int("RetryStrategy.Attempts", d.RetryStrategy.Attempts)
	}
	p.Value("Timeout.AttemptDurationSeconds", inventory.Null)
	if d.Timeout != nil {
		p.Int("Timeout.AttemptDurationSeconds", d.Timeout.AttemptDurationSeconds)
	}
	if c := d.ContainerProperties; c != nil {
		jobContainer(&p, c)
	}
	return inventory.Asset{
		Key: lister.Str(d.JobDefinitionArn), Name: lister.Str(d.JobDefinitionName), Tags: inventory.TagsFromMap(d.Tags), Attributes: p.Known(),
		Identifiers: lister.ResourceID(d.JobDefinitionArn),
	}
}

// jobContainer keeps of the environment the names: a changed value is another revision.
func jobContainer(p *lister.Attributes, c *types.ContainerProperties) {
	const in = "ContainerProperties."
	p.String(in+"Image", c.Image)
	p.String(in+"JobRoleArn", c.JobRoleArn)
	p.String(in+"ExecutionRoleArn", c.ExecutionRoleArn)
	p.Bool(in+"Privileged", c.Privileged)
	p.Bool(in+"ReadonlyRootFilesystem", c.ReadonlyRootFilesystem)
	p.String(in+"User", c.User)
	p.Object(in+"Environment", objects(c.Environment, func(e *types.KeyValuePair) object { return object{}.string("Name", e.Name) }))
	p.Object(in+"Secrets", objects(c.Secrets, func(s *types.Secret) object {
		return object{}.string("Name", s.Name).string("ValueFrom", s.ValueFrom)
	}))
	p.Object(in+"ResourceRequirements", objects(c.ResourceRequirements, func(r *types.ResourceRequirement) object {
		return object{}.text("Type", string(r.Type)).string("Value", r.Value)
	}))
}
