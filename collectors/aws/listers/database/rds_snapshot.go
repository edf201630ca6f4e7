package database

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// byBackup is the type of snapshots that AWS Backup takes. They are listed only if they are asked for.
const byBackup = "awsbackup"

// listDBSnapshots lists what the account took itself, and then what AWS Backup took for it.
func listDBSnapshots(ctx context.Context, t *lister.Target, out lister.Out) error {
	if err := listDBSnapshotsOf(ctx, t, out, nil); err != nil {
		return err
	}
	return listDBSnapshotsOf(ctx, t, out, aws.String(byBackup))
}

func listDBSnapshotsOf(ctx context.Context, t *lister.Target, out lister.Out, kind *string) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeDBSnapshots(ctx, &rds.DescribeDBSnapshotsInput{SnapshotType: kind, Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.DBSnapshots, func(v *types.DBSnapshot) inventory.Asset {
			if (lister.Str(v.SnapshotType) == byBackup) != (kind != nil) {
				return inventory.Asset{} // of the other listing
			}
			return dbSnapshot(t, v)
		})
	})
}

func dbSnapshot(t *lister.Target, v *types.DBSnapshot) inventory.Asset {
	a := named(v.DBSnapshotArn, v.DBSnapshotIdentifier)
	a.Zone, a.Created, a.Tags = lister.Str(v.AvailabilityZone), lister.Time(v.SnapshotCreateTime), rdsTags(v.TagList)
	a.Relations = snapshotOf(t, v.SourceDBSnapshotIdentifier, lister.Str(v.SourceRegion), "db", v.DBInstanceIdentifier)
	var p lister.Attributes
	p.String("DBSnapshotIdentifier", v.DBSnapshotIdentifier)
	p.String("DBInstanceIdentifier", v.DBInstanceIdentifier)
	p.String("SnapshotType", v.SnapshotType)
	p.String("Engine", v.Engine)
	p.String("EngineVersion", v.EngineVersion)
	p.Int("AllocatedStorage", v.AllocatedStorage)
	p.String("StorageType", v.StorageType)
	p.Bool("Encrypted", v.Encrypted)
	p.String("KmsKeyId", v.KmsKeyId)
	p.String("SourceDBSnapshotIdentifier", v.SourceDBSnapshotIdentifier)
	a.Attributes = p.Known()
	return a
}

// snapshotOf points to the database that a snapshot is of. That of a copy is where the snapshot was copied from, which its
// source's ARN tells.
func snapshotOf(t *lister.Target, source *string, region, kind string, id *string) []inventory.Relation {
	if lister.Str(id) == "" {
		return nil
	}
	account := t.Account
	if arn, ok := catalog.ParseARN(lister.Str(source)); ok {
		region, account = arn.Region, arn.Account
	}
	if region == "" {
		region = t.Region
	}
	return []inventory.Relation{lister.To(inventory.SnapshotOf, t.ARNOf("rds", region, account, kind+":"+*id))}
}

func listDBClusterSnapshots(ctx context.Context, t *lister.Target, out lister.Out) error {
	c := rds.NewFromConfig(t.Config)
	return lister.Pages(ctx, func(token *string) (*string, error) {
		page, err := c.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{Marker: token, MaxRecords: aws.Int32(rdsPage)})
		if err != nil {
			return nil, err
		}
		return page.Marker, lister.Put(out, page.DBClusterSnapshots, func(v *types.DBClusterSnapshot) inventory.Asset {
			return dbClusterSnapshot(t, v)
		})
	})
}

func dbClusterSnapshot(t *lister.Target, v *types.DBClusterSnapshot) inventory.Asset {
	a := named(v.DBClusterSnapshotArn, v.DBClusterSnapshotIdentifier)
	a.Created, a.Tags = lister.Time(v.SnapshotCreateTime), rdsTags(v.TagList)
	a.Relations = snapshotOf(t, v.SourceDBClusterSnapshotArn, "", "cluster", v.DBClusterIdentifier)
	var p lister.Attributes
	p.String("DBClusterSnapshotIdentifier", v.DBClusterSnapshotIdentifier)
	p.String("DBClusterIdentifier", v.DBClusterIdentifier)
	p.String("SnapshotType", v.SnapshotType)
	p.String("Engine", v.Engine)
	p.String("EngineVersion", v.EngineVersion)
	p.Int("AllocatedStorage", v.AllocatedStorage)
	p.Bool("StorageEncrypted", v.StorageEncrypted)
	p.String("KmsKeyId", v.KmsKeyId)
	p.String("SourceDBClusterSnapshotArn", v.SourceDBClusterSnapshotArn)
	a.Attributes = p.Known()
	return a
}
