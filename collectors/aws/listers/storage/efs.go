package storage

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func efsListers() []lister.Lister {
	api := lister.API(efs.ServiceID, "elasticfilesystem")
	return []lister.Lister{{
		Type:       "AWS::EFS::FileSystem",
		ARNs:       []string{"elasticfilesystem:file-system/*"},
		Operations: api.Ops("DescribeFileSystems"),
		List:       listFileSystems,
	}, {
		Type:       "AWS::EFS::AccessPoint",
		ARNs:       []string{"elasticfilesystem:access-point/*"},
		Operations: api.Ops("DescribeAccessPoints"),
		List:       listAccessPoints,
	}}
}

func efsTags(list []types.Tag) inventory.Tags {
	return lister.TagsOf(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

// efsARN is the ARN of a resource, which belongs to whom the service says.
func efsARN(t *lister.Target, arn, owner *string, resource string) *string {
	if lister.Str(arn) != "" {
		return arn
	}
	account := t.Account
	if lister.Str(owner) != "" {
		account = *owner
	}
	return aws.String(t.ARNOf("elasticfilesystem", t.Region, account, resource))
}

func efsStage(s types.LifeCycleState) inventory.Lifecycle {
	if s == types.LifeCycleStateDeleting {
		return inventory.LifecycleRetiring
	}
	return inventory.LifecycleUnknown
}

func listFileSystems(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := efs.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeFileSystems(ctx, &efs.DescribeFileSystemsInput{Marker: token, MaxItems: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextMarker, lister.Put(out, page.FileSystems, func(v *types.FileSystemDescription) inventory.Asset { return fileSystem(t, v) })
	})
}

func fileSystem(t *lister.Target, v *types.FileSystemDescription) inventory.Asset {
	a := known(efsARN(t, v.FileSystemArn, v.OwnerId, "file-system/"+lister.Str(v.FileSystemId)), v.FileSystemId)
	a.Zone, a.Lifecycle, a.Created = lister.Str(v.AvailabilityZoneName), efsStage(v.LifeCycleState), lister.Time(v.CreationTime)
	a.Tags = efsTags(v.Tags)
	nameBy(&a, v.Name)
	var p lister.Attributes
	p.Bool("Encrypted", v.Encrypted)
	p.String("KmsKeyId", v.KmsKeyId)
	p.Text("PerformanceMode", string(v.PerformanceMode))
	p.Text("ThroughputMode", string(v.ThroughputMode))
	p.Float("ProvisionedThroughputInMibps", v.ProvisionedThroughputInMibps)
	p.String("AvailabilityZoneName", v.AvailabilityZoneName)
	if v.FileSystemProtection != nil {
		p.Text("FileSystemProtection.ReplicationOverwriteProtection", string(v.FileSystemProtection.ReplicationOverwriteProtection))
	}
	a.Attributes = p.Known()
	return a
}

func listAccessPoints(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := efs.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeAccessPoints(ctx, &efs.DescribeAccessPointsInput{NextToken: token, MaxResults: aws.Int32(100)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.AccessPoints, func(v *types.AccessPointDescription) inventory.Asset { return accessPoint(t, v) })
	})
}

func accessPoint(t *lister.Target, v *types.AccessPointDescription) inventory.Asset {
	a := known(efsARN(t, v.AccessPointArn, v.OwnerId, "access-point/"+lister.Str(v.AccessPointId)), v.AccessPointId)
	a.Lifecycle, a.Tags = efsStage(v.LifeCycleState), efsTags(v.Tags)
	nameBy(&a, v.Name)
	a.Relations = []inventory.Relation{lister.To(inventory.AttachedTo, t.ARN("elasticfilesystem", "file-system/"+lister.Str(v.FileSystemId)))}
	var p lister.Attributes
	p.String("FileSystemId", v.FileSystemId)
	if u := v.PosixUser; u != nil {
		p.String("PosixUser.Uid", number(u.Uid))
		p.String("PosixUser.Gid", number(u.Gid))
	}
	if d := v.RootDirectory; d != nil {
		p.String("RootDirectory.Path", d.Path)
	}
	a.Attributes = p.Known()
	return a
}

// number is a whole number as a text, which is how it is declared.
func number(n *int64) *string {
	if n == nil {
		return nil
	}
	return aws.String(strconv.FormatInt(*n, 10))
}
