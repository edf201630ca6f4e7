package compute

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func templateListers() []lister.Lister {
	api := lister.API(ec2.ServiceID, "ec2")
	return []lister.Lister{
		{
			Type: "AWS::EC2::LaunchTemplate", ARNs: []string{"ec2:launch-template/*"}, List: listLaunchTemplates,
			Operations: api.Ops("DescribeLaunchTemplates", "DescribeLaunchTemplateVersions"),
		},
		{Type: "AWS::EC2::KeyPair", ARNs: []string{"ec2:key-pair/*"}, Operations: api.Ops("DescribeKeyPairs"), List: listKeyPairs},
		{Type: "AWS::EC2::PlacementGroup", ARNs: []string{"ec2:placement-group/*"}, Operations: api.Ops("DescribePlacementGroups"), List: listPlacementGroups},
	}
}

// listLaunchTemplates reads the default versions of all templates at the first one, in pages, rather than those of each template. That
// they are refused is told once, of the first template.
func listLaunchTemplates(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	var versions map[string]templateData
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{
			NextToken: token, MaxResults: aws.Int32(200), IncludeManagedResources: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		if len(page.LaunchTemplates) > 0 && versions == nil {
			var failure error
			versions, failure = defaultVersions(ctx, c, t.Secret)
			if err := out.Unread(templateARN(t, &page.LaunchTemplates[0]), failure); err != nil {
				return nil, err
			}
		}
		return page.NextToken, lister.Put(out, page.LaunchTemplates, func(l *types.LaunchTemplate) inventory.Asset {
			return launchTemplate(t, l, versions[lister.Str(l.LaunchTemplateId)])
		})
	})
}

func templateARN(t *lister.Target, l *types.LaunchTemplate) string {
	return t.ARN("ec2", "launch-template/"+lister.Str(l.LaunchTemplateId))
}

// templateData is what is kept of a version. It stands for a template's own data only if its number is the template's default.
type templateData struct {
	number     int64
	attributes []inventory.Attribute
}

// defaultVersions returns what was read before an error, too.
func defaultVersions(ctx context.Context, c *ec2.Client, secret inventory.SecretHash) (map[string]templateData, error) {
	versions := map[string]templateData{}
	err := lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{
			NextToken: token, MaxResults: aws.Int32(200), Versions: []string{"$Default"}, IncludeManagedResources: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		for _, v := range page.LaunchTemplateVersions {
			if v.LaunchTemplateData != nil {
				versions[lister.Str(v.LaunchTemplateId)] = templateData{aws.ToInt64(v.VersionNumber), templateAttributes(v.LaunchTemplateData, secret)}
			}
		}
		return page.NextToken, nil
	})
	return versions, err
}

func launchTemplate(t *lister.Target, l *types.LaunchTemplate, data templateData) inventory.Asset {
	var p lister.Attributes
	p.String("LaunchTemplateName", l.LaunchTemplateName)
	p.Text("DefaultVersionNumber", version(l.DefaultVersionNumber))
	p.Text("LatestVersionNumber", version(l.LatestVersionNumber))
	if data.attributes != nil && data.number == aws.ToInt64(l.DefaultVersionNumber) {
		for _, a := range data.attributes {
			p.Value(a.Name, a.Value)
		}
	} else {
		for _, a := range templateAttributes(&types.ResponseLaunchTemplateData{}, t.Secret) {
			p.Unread(a.Name)
		}
	}
	return inventory.Asset{
		Key: templateARN(t, l), Name: lister.Str(l.LaunchTemplateName),
		Tags: ec2Tags(l.Tags), Created: lister.Time(l.CreateTime), Attributes: p.Known(),
		Identifiers: lister.ResourceID(l.LaunchTemplateId),
	}
}

// version is a number as CloudFormation writes it: a text.
func version(n *int64) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(*n, 10)
}

// templateAttributes sets the same names whatever the data holds. The script that runs at a machine's start is full of secrets, so
// that only its hash is kept.
func templateAttributes(d *types.ResponseLaunchTemplateData, secret inventory.SecretHash) []inventory.Attribute {
	var p lister.Attributes
	p.Text("LaunchTemplateData.ImageId", lister.Str(d.ImageId))
	p.Text("LaunchTemplateData.InstanceType", string(d.InstanceType))
	p.Text("LaunchTemplateData.KeyName", lister.Str(d.KeyName))
	p.Text("LaunchTemplateData.IamInstanceProfile", templateProfile(d.IamInstanceProfile))
	p.Strings("LaunchTemplateData.SecurityGroupIds", d.SecurityGroupIds)
	p.Bool("LaunchTemplateData.EbsOptimized", d.EbsOptimized)
	p.Bool("LaunchTemplateData.DisableApiTermination", d.DisableApiTermination)
	p.Text("LaunchTemplateData.UserData", secret.Hash(lister.Str(d.UserData)))
	m := d.MetadataOptions
	if m == nil {
		m = &types.LaunchTemplateInstanceMetadataOptions{}
	}
	p.Text("LaunchTemplateData.MetadataOptions.HttpTokens", string(m.HttpTokens))
	p.Text("LaunchTemplateData.MetadataOptions.HttpEndpoint", string(m.HttpEndpoint))
	p.Int("LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit", m.HttpPutResponseHopLimit)
	p.Object("LaunchTemplateData.NetworkInterfaces", objects(d.NetworkInterfaces, templateInterface))
	p.Object("LaunchTemplateData.BlockDeviceMappings", objects(d.BlockDeviceMappings, templateDisk))
	var list []inventory.Attribute
	for a := range p.Known().All() {
		list = append(list, a)
	}
	return list
}

// templateProfile is the profile's ARN or name, whichever the template holds.
func templateProfile(p *types.LaunchTemplateIamInstanceProfileSpecification) string {
	switch {
	case p == nil:
		return ""
	case p.Arn != nil:
		return *p.Arn
	}
	return lister.Str(p.Name)
}

func templateInterface(n *types.LaunchTemplateInstanceNetworkInterfaceSpecification) object {
	return object{}.int("DeviceIndex", n.DeviceIndex).bool("AssociatePublicIpAddress", n.AssociatePublicIpAddress).
		string("SubnetId", n.SubnetId).texts("Groups", n.Groups)
}

func templateDisk(b *types.LaunchTemplateBlockDeviceMapping) object {
	o := object{}.string("DeviceName", b.DeviceName).string("VirtualName", b.VirtualName)
	if e := b.Ebs; e != nil {
		object{}.bool("Encrypted", e.Encrypted).string("KmsKeyId", e.KmsKeyId).string("SnapshotId", e.SnapshotId).int("VolumeSize", e.VolumeSize).
			text("VolumeType", string(e.VolumeType)).bool("DeleteOnTermination", e.DeleteOnTermination).in(o, "Ebs")
	}
	return o
}

func listKeyPairs(ctx context.Context, t *lister.Target, out lister.Out) error {
	answer, err := ec2.NewFromConfig(t.Config).DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{})
	if err != nil {
		return err
	}
	return lister.Put(out, answer.KeyPairs, func(k *types.KeyPairInfo) inventory.Asset {
		var p lister.Attributes
		p.String("KeyName", k.KeyName)
		p.String("KeyPairId", k.KeyPairId)
		p.String("KeyFingerprint", k.KeyFingerprint)
		p.Text("KeyType", string(k.KeyType))
		return inventory.Asset{
			Key: t.ARN("ec2", "key-pair/"+lister.Str(k.KeyName)), Name: lister.Str(k.KeyName), Tags: ec2Tags(k.Tags),
			Created: lister.Time(k.CreateTime), Attributes: p.Known(),
			Identifiers: lister.ResourceID(k.KeyName),
		}
	})
}

func listPlacementGroups(ctx context.Context, t *lister.Target, out lister.Out) error {
	answer, err := ec2.NewFromConfig(t.Config).DescribePlacementGroups(ctx, &ec2.DescribePlacementGroupsInput{})
	if err != nil {
		return err
	}
	return lister.Put(out, answer.PlacementGroups, func(g *types.PlacementGroup) inventory.Asset { return placementGroup(t, g) })
}

func placementGroup(t *lister.Target, g *types.PlacementGroup) inventory.Asset {
	if g.State == types.PlacementGroupStateDeleted {
		return inventory.Asset{}
	}
	var p lister.Attributes
	p.String("GroupName", g.GroupName)
	p.Text("Strategy", string(g.Strategy))
	p.Int("PartitionCount", g.PartitionCount)
	p.Text("SpreadLevel", string(g.SpreadLevel))
	a := inventory.Asset{
		Key: t.ARN("ec2", "placement-group/"+lister.Str(g.GroupName)), Name: lister.Str(g.GroupName), Tags: ec2Tags(g.Tags),
		Lifecycle: lister.Retiring(g.State == types.PlacementGroupStateDeleting), Attributes: p.Known(),
		Identifiers: lister.ResourceID(g.GroupName),
	}
	if arn := lister.Str(g.GroupArn); arn != "" {
		a.Key = arn
	}
	return a
}
