package storage

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const efsPrefix = "arn:aws:elasticfilesystem:eu-west-1:111122223333:"

func TestFileSystems(t *testing.T) {
	o := run(t, "AWS::EFS::FileSystem", listertest.Answers{"DescribeFileSystems": listertest.Bodies(
		`{"FileSystems":[{"FileSystemId":"fs-1","FileSystemArn":"`+efsPrefix+`file-system/fs-1","OwnerId":"111122223333","CreationToken":"c","CreationTime":1767225600,"LifeCycleState":"available",
			"Name":"shared","NumberOfMountTargets":2,"SizeInBytes":{"Value":6144},"PerformanceMode":"generalPurpose","ThroughputMode":"provisioned","ProvisionedThroughputInMibps":64.0,
			"Encrypted":true,"KmsKeyId":"arn:aws:kms:eu-west-1:111122223333:key/k1","AvailabilityZoneName":"eu-west-1a","FileSystemProtection":{"ReplicationOverwriteProtection":"ENABLED"},
			"Tags":[{"Key":"Name","Value":"shared"},{"Key":"owner","Value":"platform"}]}],"NextMarker":"more"}`,
		`{"FileSystems":[{"FileSystemId":"fs-2","OwnerId":"444455556666","LifeCycleState":"deleting","CreationToken":"c","CreationTime":1767225600,"NumberOfMountTargets":0,"PerformanceMode":"maxIO","Tags":[]}]}`,
	)})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Zone: "eu-west-1a", Tags: map[string]string{"Name": "shared", "owner": "platform"},
		Attributes: map[string]string{
			"Encrypted": "true", "KmsKeyId": `"arn:aws:kms:eu-west-1:111122223333:key/k1"`, "PerformanceMode": `"generalPurpose"`, "ThroughputMode": `"provisioned"`,
			"ProvisionedThroughputInMibps": "64", "AvailabilityZoneName": `"eu-west-1a"`, "FileSystemProtection.ReplicationOverwriteProtection": `"ENABLED"`,
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "fs-1")},
	}.Check(t, o.Asset(t, "shared"))
	listertest.Want{Lifecycle: inventory.LifecycleRetiring, Tags: map[string]string{}}.Check(t, o.Asset(t, "arn:aws:elasticfilesystem:eu-west-1:444455556666:file-system/fs-2"))
}

func TestAccessPoints(t *testing.T) {
	o := run(t, "AWS::EFS::AccessPoint", listertest.Answers{"DescribeAccessPoints": listertest.Bodies(
		`{"AccessPoints":[{"AccessPointId":"fsap-1","AccessPointArn":"`+efsPrefix+`access-point/fsap-1","FileSystemId":"fs-1","OwnerId":"111122223333","LifeCycleState":"available",
			"PosixUser":{"Uid":1000,"Gid":1001},"RootDirectory":{"Path":"/app"},"Tags":[{"Key":"owner","Value":"platform"}]}],"NextToken":"more"}`,
		`{"AccessPoints":[{"AccessPointId":"fsap-2","FileSystemId":"fs-1","Tags":[]}]}`,
	)})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Tags: map[string]string{"owner": "platform"}, Relations: []inventory.Relation{lister.To(inventory.AttachedTo, efsPrefix+"file-system/fs-1")},
		Attributes: map[string]string{"FileSystemId": `"fs-1"`, "PosixUser.Uid": `"1000"`, "PosixUser.Gid": `"1001"`, "RootDirectory.Path": `"/app"`},
	}.Check(t, o.Asset(t, "fsap-1"))
	listertest.Want{Tags: map[string]string{}}.Check(t, o.Asset(t, efsPrefix+"access-point/fsap-2"))
}
