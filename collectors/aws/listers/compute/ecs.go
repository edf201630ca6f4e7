package compute

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func ecsListers() []lister.Lister {
	api := lister.API(ecs.ServiceID, "ecs")
	return []lister.Lister{
		{
			Type: "AWS::ECS::Cluster", ARNs: []string{"ecs:cluster/*"},
			Operations: api.Ops("ListClusters", "DescribeClusters"), List: listECSClusters,
		},
		{
			Type: "AWS::ECS::Service", ARNs: []string{"ecs:service/*"},
			Operations: api.Ops("ListServices", "ListClusters", "DescribeServices"), List: listECSServices,
		},
		{
			Type: "AWS::ECS::TaskDefinition", ARNs: []string{"ecs:task-definition/*"}, Newest: true,
			Operations: api.Ops("ListTaskDefinitionFamilies", "DescribeTaskDefinition", "ListTaskDefinitions"), List: listTaskDefinitions,
		},
		{
			Type: "AWS::ECS::CapacityProvider", ARNs: []string{"ecs:capacity-provider/*"},
			Operations: api.Ops("DescribeCapacityProviders", "ListClusters"), List: listCapacityProviders,
		},
	}
}

// eachECSCluster calls fn with the ARNs of clusters, as many as one call about them takes.
func eachECSCluster(ctx context.Context, c *ecs.Client, fn func(arns []string) error) error {
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.ListClusters(ctx, &ecs.ListClustersInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		if len(page.ClusterArns) == 0 {
			return page.NextToken, nil
		}
		return page.NextToken, fn(page.ClusterArns)
	})
}

// described is what a call about several things answered.
type described struct {
	assets   map[string]inventory.Asset // by ARN; without a key if the thing is gone
	failures []types.Failure
	err      error
}

// put hands over what was described, and what was not by its ARN alone, save for what is missing by now.
func (d described) put(out lister.Out, arns []string, bare func(arn string) inventory.Asset) error {
	for _, arn := range arns {
		a, ok := d.assets[arn]
		if !ok {
			why := d.why(arn)
			if why == nil {
				continue
			}
			if err := out.Unread(arn, why); err != nil {
				return err
			}
			a = bare(arn)
		}
		if a.Key == "" {
			continue
		}
		if err := out.Asset(a); err != nil {
			return err
		}
	}
	return nil
}

// why says why a thing was not described; nil if it is gone.
func (d described) why(arn string) error {
	if d.err != nil {
		return d.err
	}
	i := slices.IndexFunc(d.failures, func(f types.Failure) bool { return lister.Str(f.Arn) == arn })
	switch {
	case i < 0:
		return lister.ErrNotDescribed
	case lister.Str(d.failures[i].Reason) == "MISSING":
		return nil
	}
	return fmt.Errorf("%w: %s", lister.ErrNotDescribed, lister.Str(d.failures[i].Reason))
}

func listECSClusters(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ecs.NewFromConfig(t.Config)
	return eachECSCluster(ctx, c, func(arns []string) error {
		return describeECSClusters(ctx, c, arns).put(out, arns, ecsBare)
	})
}

func describeECSClusters(ctx context.Context, c *ecs.Client, arns []string) described {
	answer, err := c.DescribeClusters(ctx, &ecs.DescribeClustersInput{
		Clusters: arns, Include: []types.ClusterField{types.ClusterFieldTags, types.ClusterFieldSettings, types.ClusterFieldConfigurations},
	})
	if err != nil {
		return described{err: err}
	}
	d := described{assets: map[string]inventory.Asset{}, failures: answer.Failures}
	for i := range answer.Clusters {
		d.assets[lister.Str(answer.Clusters[i].ClusterArn)] = ecsCluster(&answer.Clusters[i])
	}
	return d
}

// ecsBare is all that the ARN of a cluster or service tells. Terraform takes the ARN for the id.
func ecsBare(arn string) inventory.Asset {
	return inventory.Asset{
		Key: arn, Name: arn[strings.LastIndexByte(arn, '/')+1:],
		Identifiers: lister.ResourceID(&arn),
	}
}

func ecsCluster(v *types.Cluster) inventory.Asset {
	if lister.Str(v.Status) == "INACTIVE" {
		return inventory.Asset{}
	}
	var p lister.Attributes
	p.String("ClusterName", v.ClusterName)
	p.Object("ClusterSettings", objects(v.Settings, func(s *types.ClusterSetting) object {
		return object{}.text("Name", string(s.Name)).string("Value", s.Value)
	}))
	p.Strings("CapacityProviders", v.CapacityProviders)
	p.Object("DefaultCapacityProviderStrategy", objects(v.DefaultCapacityProviderStrategy, strategy))
	p.Value("Configuration.ExecuteCommandConfiguration.Logging", inventory.Null)
	p.Value("Configuration.ExecuteCommandConfiguration.KmsKeyId", inventory.Null)
	if v.Configuration != nil && v.Configuration.ExecuteCommandConfiguration != nil {
		e := v.Configuration.ExecuteCommandConfiguration
		p.Text("Configuration.ExecuteCommandConfiguration.Logging", string(e.Logging))
		p.String("Configuration.ExecuteCommandConfiguration.KmsKeyId", e.KmsKeyId)
	}
	a := ecsBare(lister.Str(v.ClusterArn))
	a.Tags, a.Attributes, a.Lifecycle = ecsTags(v.Tags), p.Known(), lister.Retiring(lister.Str(v.Status) == "DEPROVISIONING")
	return a
}

func strategy(s *types.CapacityProviderStrategyItem) object {
	return object{}.string("CapacityProvider", s.CapacityProvider).int("Base", &s.Base).int("Weight", &s.Weight)
}

func ecsTags(list []types.Tag) inventory.Tags {
	return lister.TagsOf(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

// listCapacityProviders asks for those of the account, and of each cluster, since those of managed instances belong to one.
func listCapacityProviders(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ecs.NewFromConfig(t.Config)
	seen := map[string]bool{}
	convert := func(v *types.CapacityProvider) inventory.Asset {
		if arn := lister.Str(v.CapacityProviderArn); !seen[arn] {
			seen[arn] = true
			return capacityProvider(v)
		}
		return inventory.Asset{}
	}
	own, err := capacityProviders(ctx, c, nil)
	if stop := lister.Put(out, own, convert); stop != nil || err != nil {
		return cmp.Or(stop, err)
	}
	inside := lister.Parts[string, types.CapacityProvider]{
		List: func(ctx context.Context, cluster string) ([]types.CapacityProvider, error) {
			return capacityProviders(ctx, c, &cluster)
		},
		Asset: func(_ string, v *types.CapacityProvider) inventory.Asset { return convert(v) },
		Name:  func(cluster string) string { return cluster },
		Gone:  []string{"ClusterNotFoundException"},
	}
	return eachECSCluster(ctx, c, func(arns []string) error { return inside.Put(ctx, out, arns) })
}

func capacityProviders(ctx context.Context, c *ecs.Client, cluster *string) ([]types.CapacityProvider, error) {
	return lister.All(ctx, func(token *string) ([]types.CapacityProvider, *string, error) {
		page, err := c.DescribeCapacityProviders(ctx, &ecs.DescribeCapacityProvidersInput{
			NextToken: token, MaxResults: aws.Int32(10), Cluster: cluster, Include: []types.CapacityProviderField{types.CapacityProviderFieldTags},
		})
		if err != nil {
			return nil, nil, err
		}
		return page.CapacityProviders, page.NextToken, nil
	})
}

func capacityProvider(v *types.CapacityProvider) inventory.Asset {
	if v.Status == types.CapacityProviderStatusInactive {
		return inventory.Asset{}
	}
	var p lister.Attributes
	p.String("Name", v.Name)
	p.String("ClusterName", v.Cluster)
	if g := v.AutoScalingGroupProvider; g != nil {
		p.String("AutoScalingGroupProvider.AutoScalingGroupArn", g.AutoScalingGroupArn)
		p.Text("AutoScalingGroupProvider.ManagedTerminationProtection", string(g.ManagedTerminationProtection))
		p.Text("AutoScalingGroupProvider.ManagedDraining", string(g.ManagedDraining))
		if g.ManagedScaling != nil {
			p.Text("AutoScalingGroupProvider.ManagedScaling.Status", string(g.ManagedScaling.Status))
			p.Int("AutoScalingGroupProvider.ManagedScaling.TargetCapacity", g.ManagedScaling.TargetCapacity)
		}
	}
	if m := v.ManagedInstancesProvider; m != nil {
		p.String("ManagedInstancesProvider.InfrastructureRoleArn", m.InfrastructureRoleArn)
	}
	a := ecsBare(lister.Str(v.CapacityProviderArn))
	a.Name, a.Tags, a.Attributes = lister.Str(v.Name), ecsTags(v.Tags), p.Known()
	a.Lifecycle = lister.Retiring(v.Status == types.CapacityProviderStatusDeprovisioning)
	return a
}
