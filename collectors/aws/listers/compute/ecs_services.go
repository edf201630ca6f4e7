package compute

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// mostServices is how many services one call describes.
const mostServices = 10

func listECSServices(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ecs.NewFromConfig(t.Config)
	return eachECSCluster(ctx, c, func(clusters []string) error {
		for _, cluster := range clusters {
			if err := servicesOf(ctx, c, cluster, out); err != nil {
				return err
			}
		}
		return nil
	})
}

// servicesOf lists the services of a cluster. That one cluster refuses does not keep the others from being read.
func servicesOf(ctx context.Context, c *ecs.Client, cluster string, out lister.Out) error {
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListServices(ctx, &ecs.ListServicesInput{Cluster: &cluster, NextToken: token, MaxResults: aws.Int32(100)})
		switch {
		case lister.Gone(err, "ClusterNotFoundException"):
			return nil, nil
		case err != nil:
			return nil, lister.Unlisted(out, cluster, err)
		}
		return page.NextToken, describeECSServices(ctx, c, cluster, page.ServiceArns, out)
	})
}

func describeECSServices(ctx context.Context, c *ecs.Client, cluster string, arns []string, out lister.Out) error {
	var batches [][]string
	_ = lister.Chunks(arns, mostServices, func(batch []string) error { // no error of its own
		batches = append(batches, batch)
		return nil
	})
	results := lister.Each(ctx, batches, func(ctx context.Context, batch []string) (described, error) {
		return ecsServices(ctx, c, cluster, batch), nil
	})
	for i, r := range results {
		d := r.Value
		if r.Err != nil {
			d.err = r.Err
		}
		err := d.put(out, batches[i], func(arn string) inventory.Asset {
			a := ecsBare(arn)
			a.Relations = []inventory.Relation{lister.To(inventory.MemberOf, cluster)}
			return a
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func ecsServices(ctx context.Context, c *ecs.Client, cluster string, arns []string) described {
	answer, err := c.DescribeServices(ctx, &ecs.DescribeServicesInput{
		Cluster: &cluster, Services: arns, Include: []types.ServiceField{types.ServiceFieldTags},
	})
	if err != nil {
		return described{err: err}
	}
	d := described{assets: map[string]inventory.Asset{}, failures: answer.Failures}
	for i := range answer.Services {
		d.assets[lister.Str(answer.Services[i].ServiceArn)] = ecsService(&answer.Services[i])
	}
	return d
}

func ecsService(v *types.Service) inventory.Asset {
	if lister.Str(v.Status) == "INACTIVE" {
		return inventory.Asset{}
	}
	a := ecsBare(lister.Str(v.ServiceArn))
	a.Name, a.Tags, a.Created = lister.Str(v.ServiceName), ecsTags(v.Tags), lister.Time(v.CreatedAt)
	a.Lifecycle, a.Attributes = lister.Retiring(lister.Str(v.Status) == "DRAINING"), serviceAttributes(v)
	a.Relations = []inventory.Relation{lister.To(inventory.MemberOf, lister.Str(v.ClusterArn))}
	return a
}

func serviceAttributes(v *types.Service) inventory.Attributes {
	var p lister.Attributes
	p.String("ServiceName", v.ServiceName)
	p.String("Cluster", v.ClusterArn)
	p.Int("DesiredCount", &v.DesiredCount)
	p.Text("LaunchType", string(v.LaunchType))
	p.Object("CapacityProviderStrategy", objects(v.CapacityProviderStrategy, strategy))
	p.String("TaskDefinition", v.TaskDefinition)
	p.Text("PlatformVersion", lister.Str(v.PlatformVersion))
	p.Bool("EnableExecuteCommand", &v.EnableExecuteCommand)
	p.Bool("EnableECSManagedTags", &v.EnableECSManagedTags)
	p.Text("PropagateTags", string(v.PropagateTags))
	p.Text("SchedulingStrategy", string(v.SchedulingStrategy))
	p.String("Role", v.RoleArn)
	p.Object("LoadBalancers", objects(v.LoadBalancers, func(l *types.LoadBalancer) object {
		return object{}.string("TargetGroupArn", l.TargetGroupArn).string("LoadBalancerName", l.LoadBalancerName).
			string("ContainerName", l.ContainerName).int("ContainerPort", l.ContainerPort)
	}))
	serviceNetwork(&p, v.NetworkConfiguration)
	if d := v.DeploymentConfiguration; d != nil && d.DeploymentCircuitBreaker != nil {
		p.Bool("DeploymentConfiguration.DeploymentCircuitBreaker.Enable", &d.DeploymentCircuitBreaker.Enable)
		p.Bool("DeploymentConfiguration.DeploymentCircuitBreaker.Rollback", &d.DeploymentCircuitBreaker.Rollback)
	}
	if v.DeploymentController != nil {
		p.Text("DeploymentController.Type", string(v.DeploymentController.Type))
	}
	return p.Known()
}

// serviceNetwork sets the subnets and groups, of which a service has none whose tasks use the network of their host.
func serviceNetwork(p *lister.Attributes, n *types.NetworkConfiguration) {
	if n == nil || n.AwsvpcConfiguration == nil {
		n = &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{}}
	}
	const in = "NetworkConfiguration.AwsvpcConfiguration."
	p.Strings(in+"Subnets", n.AwsvpcConfiguration.Subnets)
	p.Strings(in+"SecurityGroups", n.AwsvpcConfiguration.SecurityGroups)
	p.Text(in+"AssignPublicIp", string(n.AwsvpcConfiguration.AssignPublicIp))
}

// listTaskDefinitions lists the latest active revision of each family. The call about a family finds it and tells its tags, so that
// it costs no more than to ask for the revision's name: an account may hold a hundred revisions for every one in use.
func listTaskDefinitions(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ecs.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListTaskDefinitionFamilies(ctx, &ecs.ListTaskDefinitionFamiliesInput{
			NextToken: token, MaxResults: aws.Int32(100), Status: types.TaskDefinitionFamilyStatusActive,
		})
		if err != nil {
			return nil, err
		}
		for i, r := range lister.Each(ctx, page.Families, func(ctx context.Context, family string) (revision, error) {
			return latestRevision(ctx, c, family)
		}) {
			if err := r.Value.put(out, page.Families[i], r.Err); err != nil {
				return nil, err
			}
		}
		return page.NextToken, nil
	})
}

// revision is the latest of a family. Its asset has no key if the family has no active one any more, or if nothing was told.
type revision struct {
	asset   inventory.Asset
	refused error // why only its ARN is known
}

func (r revision) put(out lister.Out, family string, err error) error {
	if err != nil {
		return out.Unread(family, err)
	}
	if r.asset.Key == "" {
		return nil
	}
	if err := out.Unread(r.asset.Key, r.refused); err != nil {
		return err
	}
	return out.Asset(r.asset)
}

// latestRevision asks for the name alone where it is refused the description.
func latestRevision(ctx context.Context, c *ecs.Client, family string) (revision, error) {
	answer, err := c.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: &family, Include: []types.TaskDefinitionField{types.TaskDefinitionFieldTags},
	})
	if err == nil && answer.TaskDefinition != nil {
		return revision{asset: taskDefinition(answer.TaskDefinition, answer.Tags)}, nil
	}
	names, listErr := c.ListTaskDefinitions(ctx, &ecs.ListTaskDefinitionsInput{
		FamilyPrefix: &family, Status: types.TaskDefinitionStatusActive, Sort: types.SortOrderDesc, MaxResults: aws.Int32(1),
	})
	switch {
	case listErr != nil && err != nil:
		return revision{}, err
	case listErr != nil:
		return revision{}, listErr
	case len(names.TaskDefinitionArns) == 0:
		return revision{}, nil
	case err == nil:
		err = lister.ErrNotDescribed
	}
	arn := names.TaskDefinitionArns[0]
	return revision{asset: inventory.Asset{Key: arn, Name: family, Identifiers: lister.ResourceID(&arn)}, refused: err}, nil
}

func taskDefinition(d *types.TaskDefinition, tags []types.Tag) inventory.Asset {
	return inventory.Asset{
		Key: lister.Str(d.TaskDefinitionArn), Name: lister.Str(d.Family), Tags: ecsTags(tags), Created: lister.Time(d.RegisteredAt),
		Attributes: taskAttributes(d), Identifiers: lister.ResourceID(d.TaskDefinitionArn),
	}
}

func taskAttributes(d *types.TaskDefinition) inventory.Attributes {
	var p lister.Attributes
	p.String("Family", d.Family)
	p.Text("Cpu", lister.Str(d.Cpu))
	p.Text("Memory", lister.Str(d.Memory))
	p.Text("NetworkMode", string(d.NetworkMode))
	p.Text("PidMode", string(d.PidMode))
	p.Text("IpcMode", string(d.IpcMode))
	p.String("ExecutionRoleArn", d.ExecutionRoleArn)
	p.String("TaskRoleArn", d.TaskRoleArn)
	p.Strings("RequiresCompatibilities", lister.Texts(d.RequiresCompatibilities))
	p.Object("ContainerDefinitions", objects(d.ContainerDefinitions, container))
	if r := d.RuntimePlatform; r != nil {
		p.Text("RuntimePlatform.CpuArchitecture", string(r.CpuArchitecture))
		p.Text("RuntimePlatform.OperatingSystemFamily", string(r.OperatingSystemFamily))
	}
	return p.Known()
}

// container keeps what an auditor asks for. Of the environment it keeps the names: a changed value is another revision.
func container(c *types.ContainerDefinition) object {
	o := object{}.string("Name", c.Name).string("Image", c.Image).string("User", c.User).bool("Privileged", c.Privileged).
		bool("ReadonlyRootFilesystem", c.ReadonlyRootFilesystem).
		list("Environment", objects(c.Environment, func(e *types.KeyValuePair) object { return object{}.string("Name", e.Name) })).
		list("Secrets", objects(c.Secrets, func(s *types.Secret) object {
			return object{}.string("Name", s.Name).string("ValueFrom", s.ValueFrom)
		})).
		list("PortMappings", objects(c.PortMappings, func(m *types.PortMapping) object {
			return object{}.int("ContainerPort", m.ContainerPort).int("HostPort", m.HostPort).text("Protocol", string(m.Protocol))
		}))
	if c.LogConfiguration != nil {
		object{}.text("LogDriver", string(c.LogConfiguration.LogDriver)).in(o, "LogConfiguration")
	}
	return o
}
