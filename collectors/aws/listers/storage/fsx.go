package storage

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/fsx"
	"github.com/aws/aws-sdk-go-v2/service/fsx/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

func fsxListers() []lister.Lister {
	api := lister.API(fsx.ServiceID, "fsx")
	return []lister.Lister{{
		Type:       "AWS::FSx::FileSystem",
		ARNs:       []string{"fsx:file-system/*"},
		Operations: api.Ops("DescribeFileSystems"),
		List:       listFSxFileSystems,
	}, {
		Type:       "AWS::FSx::Volume",
		ARNs:       []string{"fsx:volume/*"},
		Operations: api.Ops("DescribeVolumes"),
		List:       listFSxVolumes,
	}}
}

func fsxTags(list []types.Tag) inventory.Tags {
	return lister.TagsOf(list, func(t types.Tag) (*string, *string) { return t.Key, t.Value })
}

func listFSxFileSystems(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := fsx.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeFileSystems(ctx, &fsx.DescribeFileSystemsInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.FileSystems, fsxFileSystem)
	})
}

func fsxFileSystem(v *types.FileSystem) inventory.Asset {
	a := known(v.ResourceARN, v.FileSystemId)
	a.Created, a.Tags = lister.Time(v.CreationTime), fsxTags(v.Tags)
	if v.Lifecycle == types.FileSystemLifecycleDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	nameBy(&a, nil)
	a.Identifiers = append(a.Identifiers, lister.ID(inventory.FQDN, v.DNSName))
	var p lister.Attributes
	p.Text("FileSystemType", string(v.FileSystemType))
	p.String("FileSystemTypeVersion", v.FileSystemTypeVersion)
	p.Int("StorageCapacity", v.StorageCapacity)
	p.Text("StorageType", string(v.StorageType))
	p.Strings("SubnetIds", v.SubnetIds)
	p.String("KmsKeyId", v.KmsKeyId)
	p.Text("NetworkType", string(v.NetworkType))
	fsxKind(&p, v)
	a.Attributes = p.Known()
	return a
}

// fsxKind sets what each of the four kinds of file system has in a configuration of its own.
func fsxKind(p *lister.Attributes, v *types.FileSystem) {
	if c := v.WindowsConfiguration; c != nil {
		fsxSettings(p, "WindowsConfiguration.", string(c.DeploymentType), c.ThroughputCapacity, c.AutomaticBackupRetentionDays)
		p.Bool("WindowsConfiguration.CopyTagsToBackups", c.CopyTagsToBackups)
	}
	if c := v.LustreConfiguration; c != nil {
		fsxSettings(p, "LustreConfiguration.", string(c.DeploymentType), c.ThroughputCapacity, c.AutomaticBackupRetentionDays)
		p.Bool("LustreConfiguration.CopyTagsToBackups", c.CopyTagsToBackups)
		p.Text("LustreConfiguration.DataCompressionType", string(c.DataCompressionType))
		p.Int("LustreConfiguration.PerUnitStorageThroughput", c.PerUnitStorageThroughput)
	}
	if c := v.OntapConfiguration; c != nil {
		fsxSettings(p, "OntapConfiguration.", string(c.DeploymentType), c.ThroughputCapacity, c.AutomaticBackupRetentionDays)
		p.Int("OntapConfiguration.HAPairs", c.HAPairs)
	}
	if c := v.OpenZFSConfiguration; c != nil {
		fsxSettings(p, "OpenZFSConfiguration.", string(c.DeploymentType), c.ThroughputCapacity, c.AutomaticBackupRetentionDays)
		p.Bool("OpenZFSConfiguration.CopyTagsToBackups", c.CopyTagsToBackups)
		p.Bool("OpenZFSConfiguration.CopyTagsToVolumes", c.CopyTagsToVolumes)
	}
}

// fsxSettings sets what all kinds have, each under its own prefix.
func fsxSettings(p *lister.Attributes, prefix, deployment string, throughput, retention *int32) {
	p.Text(prefix+"DeploymentType", deployment)
	p.Int(prefix+"ThroughputCapacity", throughput)
	p.Int(prefix+"AutomaticBackupRetentionDays", retention)
}

func listFSxVolumes(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := fsx.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeVolumes(ctx, &fsx.DescribeVolumesInput{NextToken: token, MaxResults: aws.Int32(1000)})
		if err != nil {
			return nil, err
		}
		return page.NextToken, lister.Put(out, page.Volumes, func(v *types.Volume) inventory.Asset { return fsxVolume(t, v) })
	})
}

func fsxVolume(t *lister.Target, v *types.Volume) inventory.Asset {
	a := known(v.ResourceARN, v.VolumeId)
	a.Created, a.Tags = lister.Time(v.CreationTime), fsxTags(v.Tags)
	if v.Lifecycle == types.VolumeLifecycleDeleting {
		a.Lifecycle = inventory.LifecycleRetiring
	}
	nameBy(&a, v.Name)
	a.Relations = []inventory.Relation{lister.To(inventory.PartOf, t.ARN("fsx", "file-system/"+lister.Str(v.FileSystemId)))}
	var p lister.Attributes
	p.String("Name", v.Name)
	p.Text("VolumeType", string(v.VolumeType))
	root := v.OntapConfiguration != nil && aws.ToBool(v.OntapConfiguration.StorageVirtualMachineRoot)
	p.Bool("OntapConfiguration.StorageVirtualMachineRoot", &root) // of the other kind too, which has no such volume
	if c := v.OntapConfiguration; c != nil {
		ontapVolume(&p, c)
	}
	if c := v.OpenZFSConfiguration; c != nil {
		zfsVolume(&p, c)
	}
	a.Attributes = p.Known()
	return a
}

func ontapVolume(p *lister.Attributes, c *types.OntapVolumeConfiguration) {
	p.String("OntapConfiguration.StorageVirtualMachineId", c.StorageVirtualMachineId)
	p.String("OntapConfiguration.JunctionPath", c.JunctionPath)
	p.Text("OntapConfiguration.SecurityStyle", string(c.SecurityStyle))
	p.Int("OntapConfiguration.SizeInMegabytes", c.SizeInMegabytes)
	p.Bool("OntapConfiguration.StorageEfficiencyEnabled", c.StorageEfficiencyEnabled)
	p.Bool("OntapConfiguration.CopyTagsToBackups", c.CopyTagsToBackups)
}

func zfsVolume(p *lister.Attributes, c *types.OpenZFSVolumeConfiguration) {
	p.String("OpenZFSConfiguration.ParentVolumeId", c.ParentVolumeId)
	p.Text("OpenZFSConfiguration.DataCompressionType", string(c.DataCompressionType))
	p.Bool("OpenZFSConfiguration.ReadOnly", c.ReadOnly)
	p.Int("OpenZFSConfiguration.StorageCapacityQuotaGiB", c.StorageCapacityQuotaGiB)
	p.Int("OpenZFSConfiguration.StorageCapacityReservationGiB", c.StorageCapacityReservationGiB)
	p.Bool("OpenZFSConfiguration.CopyTagsToSnapshots", c.CopyTagsToSnapshots)
}
