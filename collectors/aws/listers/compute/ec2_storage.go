package compute

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func storageListers() []lister.Lister {
	api := lister.API(ec2.ServiceID, "ec2")
	return []lister.Lister{
		{Type: "AWS::EC2::Volume", ARNs: []string{"ec2:volume/*"}, Operations: api.Ops("DescribeVolumes"), List: listVolumes},
		{Type: "AWS::EC2::Snapshot", ARNs: []string{"ec2:snapshot/*"}, Operations: api.Ops("DescribeSnapshots", "DescribeImages"), List: listSnapshots},
		{Type: "AWS::EC2::Image", ARNs: []string{"ec2:image/*"}, Operations: api.Ops("DescribeImages"), List: listImages},
	}
}

func listVolumes(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{
			NextToken: token, MaxResults: aws.Int32(500), IncludeManagedResources: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Volumes, func(v *types.Volume) inventory.Asset { return volume(t, v) })
	})
}

func volume(t *lister.Target, v *types.Volume) inventory.Asset {
	if v.State == types.VolumeStateDeleted {
		return inventory.Asset{}
	}
	tags := ec2Tags(v.Tags)
	a := inventory.Asset{
		Key: t.ARN("ec2", "volume/"+lister.Str(v.VolumeId)), Name: nameIn(tags, v.VolumeId), Tags: tags,
		Zone: lister.Str(v.AvailabilityZone), Created: lister.Time(v.CreateTime), Lifecycle: lister.Retiring(v.State == types.VolumeStateDeleting),
		Attributes: volumeAttributes(v), Identifiers: lister.ResourceID(v.VolumeId),
	}
	if arn := lister.Str(v.VolumeArn); arn != "" {
		a.Key = arn
	}
	for _, at := range v.Attachments {
		if at.InstanceId != nil && at.State != types.VolumeAttachmentStateDetached {
			a.Relations = append(a.Relations, lister.To(inventory.AttachedTo, t.ARN("ec2", "instance/"+*at.InstanceId)))
		}
	}
	return a
}

func volumeAttributes(v *types.Volume) inventory.Attributes {
	var p lister.Attributes
	p.Int("Size", v.Size)
	p.Text("VolumeType", string(v.VolumeType))
	p.Bool("Encrypted", v.Encrypted)
	p.Text("KmsKeyId", lister.Str(v.KmsKeyId))
	p.Int("Iops", v.Iops)
	p.Int("Throughput", v.Throughput)
	p.String("AvailabilityZone", v.AvailabilityZone)
	p.Bool("MultiAttachEnabled", v.MultiAttachEnabled)
	p.Text("SnapshotId", lister.Str(v.SnapshotId))
	p.Text("OutpostArn", lister.Str(v.OutpostArn))
	p.Text("State", string(v.State))
	p.Bool("DeleteOnTermination", endsWithInstance(v.Attachments))
	return p.Known()
}

// endsWithInstance reports whether a volume goes with every instance that it is attached to; nil if there is none.
func endsWithInstance(list []types.VolumeAttachment) *bool {
	var ends *bool
	for _, at := range list {
		if at.DeleteOnTermination != nil && (ends == nil || *ends) {
			ends = at.DeleteOnTermination
		}
	}
	return ends
}

// listSnapshots reads the images too, where there is any snapshot: only an image knows of which snapshots it consists.
func listSnapshots(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := ec2.NewFromConfig(t.Config)
	var images map[string][]string
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{NextToken: token, MaxResults: aws.Int32(1000), OwnerIds: []string{"self"}})
		if err != nil {
			return nil, err
		}
		if len(page.Snapshots) > 0 && images == nil {
			images, err = imagesBySnapshot(ctx, c, t)
			if err := out.Unread(snapshotARN(t, page.Snapshots[0].SnapshotId), err); err != nil {
				return nil, err
			}
		}
		return page.NextToken, lister.Put(out, page.Snapshots, func(s *types.Snapshot) inventory.Asset {
			return snapshot(t, s, images[lister.Str(s.SnapshotId)])
		})
	})
}

// imagesBySnapshot returns the ARNs of the images that consist of a snapshot, as far as they could be read; never nil.
func imagesBySnapshot(ctx context.Context, c *ec2.Client, t *lister.Target) (map[string][]string, error) {
	images := map[string][]string{}
	err := eachImage(ctx, c, func(i *types.Image) error {
		for _, b := range i.BlockDeviceMappings {
			if b.Ebs != nil && b.Ebs.SnapshotId != nil {
				images[*b.Ebs.SnapshotId] = append(images[*b.Ebs.SnapshotId], imageARN(t, i.ImageId))
			}
		}
		return nil
	})
	return images, err
}

// snapshotARN has no account.
func snapshotARN(t *lister.Target, id *string) string {
	return t.ARNOf("ec2", t.Region, "", "snapshot/"+lister.Str(id))
}

// snapshot makes the asset of a snapshot. images are those that consist of it.
func snapshot(t *lister.Target, s *types.Snapshot, images []string) inventory.Asset {
	tags := ec2Tags(s.Tags)
	a := inventory.Asset{
		Key: snapshotARN(t, s.SnapshotId), Account: lister.Str(s.OwnerId),
		Name: nameIn(tags, s.SnapshotId), Tags: tags, Created: lister.Time(s.StartTime), Attributes: snapshotAttributes(s),
		Identifiers: lister.ResourceID(s.SnapshotId),
	}
	if v := lister.Str(s.VolumeId); v != "" && v != "vol-ffffffff" { // what copies have in place of a volume
		a.Relations = append(a.Relations, lister.To(inventory.SnapshotOf, t.ARN("ec2", "volume/"+v)))
	}
	for _, i := range images {
		a.Relations = append(a.Relations, lister.To(inventory.AttachedTo, i))
	}
	return a
}

func snapshotAttributes(s *types.Snapshot) inventory.Attributes {
	var p lister.Attributes
	p.String("VolumeId", s.VolumeId)
	p.Int("VolumeSize", s.VolumeSize)
	p.Bool("Encrypted", s.Encrypted)
	p.Text("KmsKeyId", lister.Str(s.KmsKeyId))
	p.Text("Description", lister.Str(s.Description))
	p.Text("StorageTier", string(s.StorageTier))
	p.Text("State", string(s.State))
	return p.Known()
}

// eachImage calls fn for every image of the account, those too that it has disabled.
func eachImage(ctx context.Context, c *ec2.Client, fn func(*types.Image) error) error {
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeImages(ctx, &ec2.DescribeImagesInput{
			NextToken: token, MaxResults: aws.Int32(1000), Owners: []string{"self"}, IncludeDisabled: aws.Bool(true), IncludeDeprecated: aws.Bool(true),
		})
		if err != nil {
			return nil, err
		}
		for i := range page.Images {
			if err := fn(&page.Images[i]); err != nil {
				return nil, err
			}
		}
		return page.NextToken, nil
	})
}

func listImages(ctx context.Context, t *lister.Target, out lister.Out) error {
	return eachImage(ctx, ec2.NewFromConfig(t.Config), func(i *types.Image) error {
		if i.State == types.ImageStateDeregistered {
			return nil
		}
		return out.Asset(image(t, i))
	})
}

// imageARN has no account, as that of a snapshot.
func imageARN(t *lister.Target, id *string) string {
	return t.ARNOf("ec2", t.Region, "", "image/"+lister.Str(id))
}

func image(t *lister.Target, i *types.Image) inventory.Asset {
	a := inventory.Asset{
		Key: imageARN(t, i.ImageId), Account: lister.Str(i.OwnerId), Name: lister.Str(i.Name), Tags: ec2Tags(i.Tags),
		Attributes: imageAttributes(i), Identifiers: lister.ResourceID(i.ImageId),
	}
	if a.Name == "" {
		a.Name = nameIn(a.Tags, i.ImageId)
	}
	if made, err := time.Parse(time.RFC3339, lister.Str(i.CreationDate)); err == nil {
		a.Created = made.UTC()
	}
	return a
}

func imageAttributes(i *types.Image) inventory.Attributes {
	var p lister.Attributes
	p.String("Name", i.Name)
	p.Text("Description", lister.Str(i.Description))
	p.Text("Architecture", string(i.Architecture))
	p.Text("VirtualizationType", string(i.VirtualizationType))
	p.Bool("EnaSupport", i.EnaSupport)
	p.String("RootDeviceName", i.RootDeviceName)
	p.Text("ImdsSupport", string(i.ImdsSupport))
	p.Bool("Public", i.Public)
	p.Text("State", string(i.State))
	p.String("DeprecationTime", i.DeprecationTime)
	p.String("PlatformDetails", i.PlatformDetails)
	p.Text("SourceInstanceId", lister.Str(i.SourceInstanceId))
	p.Object("BlockDeviceMappings", objects(i.BlockDeviceMappings, func(b *types.BlockDeviceMapping) object {
		o := object{}.string("DeviceName", b.DeviceName).string("VirtualName", b.VirtualName)
		if e := b.Ebs; e != nil {
			object{}.string("SnapshotId", e.SnapshotId).bool("Encrypted", e.Encrypted).int("VolumeSize", e.VolumeSize).
				text("VolumeType", string(e.VolumeType)).in(o, "Ebs")
		}
		return o
	}))
	return p.Known()
}
