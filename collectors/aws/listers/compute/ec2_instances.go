package compute

import (
	"context"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// groupTag is the tag by which Auto Scaling marks the instances of a group.
const groupTag = "aws:autoscaling:groupName"

func instanceListers() []lister.Lister {
	return []lister.Lister{{
		Type: "AWS::EC2::Instance",
		ARNs: []string{"ec2:instance/*"},
		Operations: append(lister.API(ec2.ServiceID, "ec2").Ops("DescribeInstances"),
			lister.API(autoscaling.ServiceID, "autoscaling").Ops("DescribeAutoScalingGroups")...),
		List: listInstances,
	}}
}

// listInstances asks for managed instances too, which an account may have set to be hidden otherwise.
func listInstances(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	members := memberships{target: t, out: out}
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeInstances(ctx, &ec2.DescribeInstancesInput{
			NextToken: token, MaxResults: aws.Int32(1000), IncludeManagedResources: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		for _, r := range page.Reservations {
			for i := range r.Instances {
				if err := members.put(ctx, instance(t, lister.Str(r.OwnerId), &r.Instances[i])); err != nil {
					return nil, err
				}
			}
		}
		return page.NextToken, nil
	})
}

// memberships relates instances to what launched them. The tag of a group's member holds only the group's name, and the group's ARN
// a random part too: so the groups are listed, once and only if an instance has the tag.
type memberships struct {
	target *lister.Target
	out    lister.Out
	groups map[string]string // ARN by name; nil until they were asked for
}

func (m *memberships) put(ctx context.Context, a inventory.Asset) error {
	if a.Key == "" {
		return nil
	}
	if group, ok := a.Tags.Get(groupTag); ok {
		if err := m.read(ctx, a.Key); err != nil {
			return err
		}
		a.Relations = append(a.Relations, lister.To(inventory.MemberOf, m.groups[group.Value]))
	} else {
		a.Relations = append(a.Relations, launcher(m.target, a.Tags))
	}
	return m.out.Asset(a)
}

// read lists the groups. A refusal leaves memberships out, and is told once, of the first instance that it concerns.
func (m *memberships) read(ctx context.Context, instance string) error {
	if m.groups != nil {
		return nil
	}
	m.groups = map[string]string{}
	c := autoscaling.NewFromConfig(m.target.Config)
	return m.out.Unread(instance, lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{NextToken: token, MaxRecords: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		for _, g := range page.AutoScalingGroups {
			m.groups[lister.Str(g.AutoScalingGroupName)] = lister.Str(g.AutoScalingGroupARN)
		}
		return page.NextToken, nil
	}))
}

// launcher is what made an instance and sees to it, by the tags that only AWS can set. Instances of an EC2 fleet are left out: most
// of these fleets launch once, are never listed again and manage nothing.
func launcher(t *lister.Target, tags inventory.Tags) inventory.Relation {
	for _, l := range []struct{ tag, service, resource string }{
		{"aws:eks:cluster-name", "eks", "cluster/"},
		{"aws:elasticmapreduce:job-flow-id", "elasticmapreduce", "cluster/"},
		{"aws:ec2spot:fleet-request-id", "ec2", "spot-fleet-request/"},
	} {
		if tag, ok := tags.Get(l.tag); ok && tag.Value != "" {
			return lister.To(inventory.ManagedBy, t.ARN(l.service, l.resource+tag.Value))
		}
	}
	return inventory.Relation{}
}

// instance makes the asset of an instance, or one without a key if it is terminated: such ones linger for an hour.
func instance(t *lister.Target, owner string, i *types.Instance) inventory.Asset {
	if i.State != nil && (i.State.Name == types.InstanceStateNameTerminated || i.State.Name == types.InstanceStateNameShuttingDown) {
		return inventory.Asset{}
	}
	tags := ec2Tags(i.Tags)
	a := inventory.Asset{
		Key:  t.ARNOf("ec2", t.Region, owner, "instance/"+lister.Str(i.InstanceId)),
		Name: nameIn(tags, i.InstanceId), Tags: tags, Created: launched(i),
		Attributes: instanceAttributes(i), Identifiers: instanceIdentifiers(i),
	}
	if i.Placement != nil {
		a.Zone = lister.Str(i.Placement.AvailabilityZone)
	}
	return a
}

// launched is when the primary network interface was attached, which never changes. The launch time is that of the last start.
func launched(i *types.Instance) time.Time {
	for _, n := range i.NetworkInterfaces {
		if n.Attachment != nil && aws.ToInt32(n.Attachment.DeviceIndex) == 0 && aws.ToInt32(n.Attachment.NetworkCardIndex) == 0 {
			return lister.Time(n.Attachment.AttachTime)
		}
	}
	return time.Time{}
}

func instanceAttributes(i *types.Instance) inventory.Attributes {
	var p lister.Attributes
	p.String("ImageId", i.ImageId)
	p.Text("InstanceType", string(i.InstanceType))
	p.String("SubnetId", i.SubnetId)
	p.String("VpcId", i.VpcId)
	p.Strings("SecurityGroupIds", groupIDs(i.SecurityGroups))
	p.Text("KeyName", lister.Str(i.KeyName))
	p.Value("IamInstanceProfile", inventory.Null)
	if i.IamInstanceProfile != nil {
		p.String("IamInstanceProfile", i.IamInstanceProfile.Arn)
	}
	p.Bool("EbsOptimized", i.EbsOptimized)
	p.Bool("SourceDestCheck", i.SourceDestCheck)
	p.String("PrivateIpAddress", i.PrivateIpAddress)
	p.Text("PublicIp", lister.Str(i.PublicIpAddress))
	p.Text("InstanceLifecycle", string(i.InstanceLifecycle))
	p.String("PlatformDetails", i.PlatformDetails)
	p.Value("Operator.Principal", inventory.Null)
	if i.Operator != nil {
		p.String("Operator.Principal", i.Operator.Principal)
	}
	instanceOptions(&p, i)
	return p.Known()
}

// instanceOptions sets what stands in blocks. A block that is not there was not told.
func instanceOptions(p *lister.Attributes, i *types.Instance) {
	if i.State != nil {
		p.Text("State.Name", string(i.State.Name))
	}
	if i.Monitoring != nil {
		on := i.Monitoring.State == types.MonitoringStateEnabled || i.Monitoring.State == types.MonitoringStatePending
		p.Bool("Monitoring", &on)
	}
	if i.Placement != nil {
		p.String("AvailabilityZone", i.Placement.AvailabilityZone)
		p.Text("Tenancy", string(i.Placement.Tenancy))
		p.Text("HostId", lister.Str(i.Placement.HostId))
		p.Text("PlacementGroupName", lister.Str(i.Placement.GroupName))
	}
	if m := i.MetadataOptions; m != nil {
		p.Text("MetadataOptions.HttpTokens", string(m.HttpTokens))
		p.Text("MetadataOptions.HttpEndpoint", string(m.HttpEndpoint))
		p.Int("MetadataOptions.HttpPutResponseHopLimit", m.HttpPutResponseHopLimit)
		p.Text("MetadataOptions.InstanceMetadataTags", string(m.InstanceMetadataTags))
	}
	if i.HibernationOptions != nil {
		p.Bool("HibernationOptions.Configured", i.HibernationOptions.Configured)
	}
}

func instanceIdentifiers(i *types.Instance) []inventory.Identifier {
	ids := []inventory.Identifier{
		lister.ID(inventory.InstanceID, i.InstanceId), lister.ID(inventory.ResourceID, i.InstanceId),
		lister.ID(inventory.PrivateIP, i.PrivateIpAddress), lister.ID(inventory.PublicIP, i.PublicIpAddress),
		lister.ID(inventory.FQDN, i.PrivateDnsName),
	}
	for _, n := range i.NetworkInterfaces {
		ids = append(ids, lister.ID(inventory.MAC, n.MacAddress))
		for _, ip := range n.PrivateIpAddresses {
			ids = append(ids, lister.ID(inventory.PrivateIP, ip.PrivateIpAddress))
			if ip.Association != nil {
				ids = append(ids, lister.ID(inventory.PublicIP, ip.Association.PublicIp))
			}
		}
		for _, ip := range n.Ipv6Addresses {
			ids = append(ids, ipv6(lister.Str(ip.Ipv6Address)))
		}
	}
	return ids
}

// ipv6 is the identifier of an address: those of most networks are public ones.
func ipv6(address string) inventory.Identifier {
	if ip, err := netip.ParseAddr(address); err == nil && ip.IsPrivate() {
		return inventory.Identifier{Kind: inventory.PrivateIP, Value: address}
	}
	return inventory.Identifier{Kind: inventory.PublicIP, Value: address}
}

func groupIDs(groups []types.GroupIdentifier) []string {
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = lister.Str(g.GroupId)
	}
	return ids
}

// ec2Tags returns the tags that come with every thing of EC2: the empty list, which the API leaves out, is no tags.
func ec2Tags(list []types.Tag) inventory.Tags {
	return lister.TagsOf(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}
