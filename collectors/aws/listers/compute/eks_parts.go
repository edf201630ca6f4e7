package compute

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func nodegroupNames(ctx context.Context, c *eks.Client, cluster string, token *string) ([]string, *string, error) {
	page, err := c.ListNodegroups(ctx, &eks.ListNodegroupsInput{ClusterName: &cluster, NextToken: token, MaxResults: aws.Int32(100)})
	if err != nil {
		return nil, nil, err
	}
	return page.Nodegroups, page.NextToken, nil
}

func describeNodegroup(ctx context.Context, c *eks.Client, cluster, name string) (inventory.Asset, error) {
	answer, err := c.DescribeNodegroup(ctx, &eks.DescribeNodegroupInput{ClusterName: &cluster, NodegroupName: &name})
	if err != nil || answer.Nodegroup == nil {
		return inventory.Asset{}, orNotDescribed(err)
	}
	n := answer.Nodegroup
	return inventory.Asset{
		Key: lister.Str(n.NodegroupArn), Tags: inventory.TagsFromMap(n.Tags), Created: lister.Time(n.CreatedAt),
		Lifecycle: lister.Retiring(n.Status == types.NodegroupStatusDeleting), Attributes: nodegroupAttributes(n),
	}, nil
}

// orNotDescribed makes an error of an answer without what was asked for.
func orNotDescribed(err error) error {
	if err == nil {
		return lister.ErrNotDescribed
	}
	return err
}

func nodegroupAttributes(n *types.Nodegroup) inventory.Attributes {
	var p lister.Attributes
	p.String("NodegroupName", n.NodegroupName)
	p.String("ClusterName", n.ClusterName)
	p.Strings("InstanceTypes", n.InstanceTypes)
	p.Text("AmiType", string(n.AmiType))
	p.Text("CapacityType", string(n.CapacityType))
	p.Int("DiskSize", n.DiskSize)
	p.Strings("Subnets", n.Subnets)
	p.String("Version", n.Version)
	p.String("ReleaseVersion", n.ReleaseVersion)
	p.String("NodeRole", n.NodeRole)
	p.Object("Labels", anyMap(n.Labels))
	p.Object("Taints", objects(n.Taints, func(t *types.Taint) object {
		return object{}.string("Key", t.Key).string("Value", t.Value).text("Effect", string(t.Effect))
	}))
	if s := n.ScalingConfig; s != nil {
		p.Int("ScalingConfig.MinSize", s.MinSize)
		p.Int("ScalingConfig.MaxSize", s.MaxSize)
		p.Int("ScalingConfig.DesiredSize", s.DesiredSize)
	}
	p.Value("LaunchTemplate.Id", inventory.Null)
	if l := n.LaunchTemplate; l != nil {
		p.String("LaunchTemplate.Id", l.Id)
		p.String("LaunchTemplate.Version", l.Version)
	}
	p.Value("RemoteAccess.Ec2SshKey", inventory.Null)
	if n.RemoteAccess != nil {
		p.String("RemoteAccess.Ec2SshKey", n.RemoteAccess.Ec2SshKey)
	}
	return p.Known()
}

// anyMap makes a nested value of a map, an empty one of none.
func anyMap(m map[string]string) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

func profileNames(ctx context.Context, c *eks.Client, cluster string, token *string) ([]string, *string, error) {
	page, err := c.ListFargateProfiles(ctx, &eks.ListFargateProfilesInput{ClusterName: &cluster, NextToken: token, MaxResults: aws.Int32(100)})
	if err != nil {
		return nil, nil, err
	}
	return page.FargateProfileNames, page.NextToken, nil
}

func describeProfile(ctx context.Context, c *eks.Client, cluster, name string) (inventory.Asset, error) {
	answer, err := c.DescribeFargateProfile(ctx, &eks.DescribeFargateProfileInput{ClusterName: &cluster, FargateProfileName: &name})
	if err != nil || answer.FargateProfile == nil {
		return inventory.Asset{}, orNotDescribed(err)
	}
	f := answer.FargateProfile
	var p lister.Attributes
	p.String("FargateProfileName", f.FargateProfileName)
	p.String("ClusterName", f.ClusterName)
	p.String("PodExecutionRoleArn", f.PodExecutionRoleArn)
	p.Strings("Subnets", f.Subnets)
	p.Object("Selectors", objects(f.Selectors, func(s *types.FargateProfileSelector) object {
		return object{}.string("Namespace", s.Namespace)
	}))
	return inventory.Asset{
		Key: lister.Str(f.FargateProfileArn), Tags: inventory.TagsFromMap(f.Tags), Created: lister.Time(f.CreatedAt),
		Lifecycle: lister.Retiring(f.Status == types.FargateProfileStatusDeleting), Attributes: p.Known(),
	}, nil
}

func addonNames(ctx context.Context, c *eks.Client, cluster string, token *string) ([]string, *string, error) {
	page, err := c.ListAddons(ctx, &eks.ListAddonsInput{ClusterName: &cluster, NextToken: token, MaxResults: aws.Int32(100)})
	if err != nil {
		return nil, nil, err
	}
	return page.Addons, page.NextToken, nil
}

func describeAddon(ctx context.Context, c *eks.Client, cluster, name string) (inventory.Asset, error) {
	answer, err := c.DescribeAddon(ctx, &eks.DescribeAddonInput{ClusterName: &cluster, AddonName: &name})
	if err != nil || answer.Addon == nil {
		return inventory.Asset{}, orNotDescribed(err)
	}
	v := answer.Addon
	var p lister.Attributes
	p.String("AddonName", v.AddonName)
	p.String("ClusterName", v.ClusterName)
	p.String("AddonVersion", v.AddonVersion)
	p.String("ServiceAccountRoleArn", v.ServiceAccountRoleArn)
	return inventory.Asset{
		Key: lister.Str(v.AddonArn), Tags: inventory.TagsFromMap(v.Tags), Created: lister.Time(v.CreatedAt),
		Lifecycle: lister.Retiring(v.Status == types.AddonStatusDeleting), Attributes: p.Known(),
	}, nil
}
