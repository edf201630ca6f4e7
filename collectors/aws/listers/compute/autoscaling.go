package compute

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func autoscalingListers() []lister.Lister {
	api := lister.API(autoscaling.ServiceID, "autoscaling")
	return []lister.Lister{
		{
			Type: "AWS::AutoScaling::AutoScalingGroup", ARNs: []string{"autoscaling:autoScalingGroup:*"},
			Operations: api.Ops("DescribeAutoScalingGroups"), List: listGroups,
		},
		{
			Type: "AWS::AutoScaling::LaunchConfiguration", ARNs: []string{"autoscaling:launchConfiguration:*"},
			Operations: api.Ops("DescribeLaunchConfigurations"), List: listLaunchConfigurations,
		},
	}
}

func listGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := autoscaling.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{NextToken: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.AutoScalingGroups, func(g *types.AutoScalingGroup) inventory.Asset { return group(t, g) })
	})
}

func group(t *lister.Target, g *types.AutoScalingGroup) inventory.Asset {
	tags := lister.TagsOf(g.Tags, func(t types.TagDescription) (*string, *string) { return t.Key, t.Value })
	a := inventory.Asset{
		Key: lister.Str(g.AutoScalingGroupARN), Name: lister.Str(g.AutoScalingGroupName), Tags: tags, Created: lister.Time(g.CreatedTime),
		Lifecycle: lister.Retiring(lister.Str(g.Status) != ""), Attributes: groupAttributes(g), // the status is that of a deletion
		Identifiers: lister.ResourceID(g.AutoScalingGroupName),
	}
	// A node group makes its own group, whose tags tell the cluster. The ARN of the node group has a part that they do not tell.
	if _, made := tags.Get("eks:nodegroup-name"); made {
		if cluster, ok := tags.Get("eks:cluster-name"); ok && cluster.Value != "" {
			a.Relations = append(a.Relations, lister.To(inventory.ManagedBy, t.ARN("eks", "cluster/"+cluster.Value)))
		}
	}
	return a
}

func groupAttributes(g *types.AutoScalingGroup) inventory.Attributes {
	var p lister.Attributes
	p.String("AutoScalingGroupName", g.AutoScalingGroupName)
	p.Int("MinSize", g.MinSize)
	p.Int("MaxSize", g.MaxSize)
	p.Int("DesiredCapacity", g.DesiredCapacity)
	p.Strings("VPCZoneIdentifier", slices.DeleteFunc(strings.Split(lister.Str(g.VPCZoneIdentifier), ","), func(s string) bool { return s == "" }))
	p.Strings("AvailabilityZones", g.AvailabilityZones)
	p.Text("LaunchConfigurationName", lister.Str(g.LaunchConfigurationName))
	p.String("HealthCheckType", g.HealthCheckType)
	p.Int("HealthCheckGracePeriod", g.HealthCheckGracePeriod)
	p.Int("Cooldown", g.DefaultCooldown)
	p.Strings("TargetGroupARNs", g.TargetGroupARNs)
	p.Strings("LoadBalancerNames", g.LoadBalancerNames)
	p.Strings("TerminationPolicies", g.TerminationPolicies)
	p.String("ServiceLinkedRoleARN", g.ServiceLinkedRoleARN)
	p.Int("MaxInstanceLifetime", g.MaxInstanceLifetime)
	p.Bool("CapacityRebalance", g.CapacityRebalance)
	p.Bool("NewInstancesProtectedFromScaleIn", g.NewInstancesProtectedFromScaleIn)
	p.Text("DeletionProtection", string(g.DeletionProtection))
	p.Strings("PropagateAtLaunch", propagated(g.Tags))
	p.Strings("SuspendedProcesses", suspended(g.SuspendedProcesses))
	groupTemplate(&p, g)
	return p.Known()
}

// groupTemplate sets what the group launches from: a template, or a policy of several kinds of instances.
func groupTemplate(p *lister.Attributes, g *types.AutoScalingGroup) {
	l := g.LaunchTemplate
	if l == nil {
		l = &types.LaunchTemplateSpecification{}
	}
	p.String("LaunchTemplate.LaunchTemplateId", l.LaunchTemplateId)
	p.String("LaunchTemplate.LaunchTemplateName", l.LaunchTemplateName)
	p.String("LaunchTemplate.Version", l.Version)
	if g.MixedInstancesPolicy == nil {
		p.Value("MixedInstancesPolicy", inventory.Null)
		return
	}
	p.Object("MixedInstancesPolicy", map[string]any(mixed(g.MixedInstancesPolicy)))
}

func mixed(m *types.MixedInstancesPolicy) object {
	o := object{}
	if d := m.InstancesDistribution; d != nil {
		object{}.int("OnDemandBaseCapacity", d.OnDemandBaseCapacity).int("OnDemandPercentageAboveBaseCapacity", d.OnDemandPercentageAboveBaseCapacity).
			string("SpotAllocationStrategy", d.SpotAllocationStrategy).in(o, "InstancesDistribution")
	}
	if l := m.LaunchTemplate; l != nil {
		template := object{}.list("Overrides", objects(l.Overrides, func(v *types.LaunchTemplateOverrides) object {
			return object{}.string("InstanceType", v.InstanceType).string("WeightedCapacity", v.WeightedCapacity)
		}))
		if s := l.LaunchTemplateSpecification; s != nil {
			object{}.string("LaunchTemplateId", s.LaunchTemplateId).string("Version", s.Version).in(template, "LaunchTemplateSpecification")
		}
		template.in(o, "LaunchTemplate")
	}
	return o
}

// propagated lists the keys of the tags that the group's instances inherit.
func propagated(tags []types.TagDescription) []string {
	var keys []string
	for _, t := range tags {
		if aws.ToBool(t.PropagateAtLaunch) {
			keys = append(keys, lister.Str(t.Key))
		}
	}
	slices.Sort(keys)
	return keys
}

func suspended(list []types.SuspendedProcess) []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = lister.Str(s.ProcessName)
	}
	slices.Sort(names)
	return names
}

func listLaunchConfigurations(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := autoscaling.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeLaunchConfigurations(ctx, &autoscaling.DescribeLaunchConfigurationsInput{NextToken: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.LaunchConfigurations, func(l *types.LaunchConfiguration) inventory.Asset {
			return inventory.Asset{
				Key: lister.Str(l.LaunchConfigurationARN), Name: lister.Str(l.LaunchConfigurationName), Tags: inventory.NotTaggable(),
				Created: lister.Time(l.CreatedTime), Attributes: configurationAttributes(l, t.Secret),
				Identifiers: lister.ResourceID(l.LaunchConfigurationName),
			}
		})
	})
}

// configurationAttributes keeps of the script that runs at a machine's start only its hash.
func configurationAttributes(l *types.LaunchConfiguration, secret inventory.SecretHash) inventory.Attributes {
	var p lister.Attributes
	p.String("LaunchConfigurationName", l.LaunchConfigurationName)
	p.Text("ImageId", lister.Str(l.ImageId))
	p.Text("InstanceType", lister.Str(l.InstanceType))
	p.Text("KeyName", lister.Str(l.KeyName))
	p.Strings("SecurityGroups", l.SecurityGroups)
	p.Text("IamInstanceProfile", lister.Str(l.IamInstanceProfile))
	p.Bool("AssociatePublicIpAddress", l.AssociatePublicIpAddress)
	p.Bool("EbsOptimized", l.EbsOptimized)
	p.Text("PlacementTenancy", lister.Str(l.PlacementTenancy))
	p.Text("SpotPrice", lister.Str(l.SpotPrice))
	p.Text("UserData", secret.Hash(lister.Str(l.UserData)))
	if l.InstanceMonitoring != nil {
		p.Bool("InstanceMonitoring", l.InstanceMonitoring.Enabled)
	}
	m := l.MetadataOptions
	if m == nil {
		m = &types.InstanceMetadataOptions{}
	}
	p.Text("MetadataOptions.HttpTokens", string(m.HttpTokens))
	p.Text("MetadataOptions.HttpEndpoint", string(m.HttpEndpoint))
	p.Int("MetadataOptions.HttpPutResponseHopLimit", m.HttpPutResponseHopLimit)
	p.Object("BlockDeviceMappings", objects(l.BlockDeviceMappings, configurationDisk))
	return p.Known()
}

func configurationDisk(b *types.BlockDeviceMapping) object {
	o := object{}.string("DeviceName", b.DeviceName).string("VirtualName", b.VirtualName)
	if e := b.Ebs; e != nil {
		object{}.bool("Encrypted", e.Encrypted).string("SnapshotId", e.SnapshotId).int("VolumeSize", e.VolumeSize).
			string("VolumeType", e.VolumeType).bool("DeleteOnTermination", e.DeleteOnTermination).in(o, "Ebs")
	}
	return o
}
