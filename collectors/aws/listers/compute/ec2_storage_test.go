package compute

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestVolumes(t *testing.T) {
	o := run(t, "AWS::EC2::Volume", listertest.Answers{"DescribeVolumes": listertest.Bodies(
		`<DescribeVolumesResponse><volumeSet><item><volumeId>vol-1</volumeId><size>20</size><snapshotId/><availabilityZone>eu-west-1a</availabilityZone>
		<status>in-use</status><createTime>2026-01-01T00:00:00.000Z</createTime><volumeType>gp3</volumeType><iops>3000</iops><throughput>125</throughput>
		<encrypted>true</encrypted><kmsKeyId>arn:aws:kms:eu-west-1:111122223333:key/k</kmsKeyId><multiAttachEnabled>false</multiAttachEnabled>
		<attachmentSet><item><volumeId>vol-1</volumeId><instanceId>i-1</instanceId><status>attached</status><deleteOnTermination>true</deleteOnTermination></item></attachmentSet>
		<tagSet><item><key>Name</key><value>data</value></item></tagSet></item></volumeSet><nextToken>more</nextToken></DescribeVolumesResponse>`,
		`<DescribeVolumesResponse><volumeSet><item><volumeId>vol-2</volumeId><size>8</size><status>available</status><volumeType>standard</volumeType><encrypted>false</encrypted></item>
		<item><volumeId>vol-3</volumeId><status>deleting</status></item><item><volumeId>vol-4</volumeId><status>deleted</status></item></volumeSet></DescribeVolumesResponse>`,
	)})
	want(t, o, 3, 0)
	a := o.Asset(t, "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1")
	attributes(t, a, map[string]string{
		"Size": "20", "VolumeType": `"gp3"`, "Encrypted": "true", "KmsKeyId": `"arn:aws:kms:eu-west-1:111122223333:key/k"`, "Iops": "3000",
		"Throughput": "125", "MultiAttachEnabled": "false", "SnapshotId": "null", "State": `"in-use"`, "DeleteOnTermination": "true",
	})
	related(t, a, inventory.Relation{Kind: inventory.AttachedTo, Key: "arn:aws:ec2:eu-west-1:111122223333:instance/i-1"})
	if a.Name != "data" || !a.Created.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("name %s, created %s", a.Name, a.Created)
	}
	free := o.Asset(t, "vol-2")
	tags(t, free, inventory.Known, 0)
	attributes(t, free, map[string]string{"DeleteOnTermination": "null", "KmsKeyId": "null", "State": `"available"`})
	if going := o.Asset(t, "vol-3"); going.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("lifecycle %s", going.Lifecycle)
	}
}

const snapshots = `<DescribeSnapshotsResponse><snapshotSet>
 <item><snapshotId>snap-1</snapshotId><volumeId>vol-1</volumeId><status>completed</status><startTime>2026-01-01T00:00:00.000Z</startTime><ownerId>111122223333</ownerId>
  <volumeSize>20</volumeSize><description>nightly</description><encrypted>true</encrypted><storageTier>standard</storageTier>
  <tagSet><item><key>owner</key><value>payments</value></item></tagSet></item>
 <item><snapshotId>snap-2</snapshotId><volumeId>vol-ffffffff</volumeId><ownerId>111122223333</ownerId></item>
 </snapshotSet></DescribeSnapshotsResponse>`

const images = `<DescribeImagesResponse><imagesSet><item><imageId>ami-1</imageId><name>base</name><imageOwnerId>111122223333</imageOwnerId><imageState>available</imageState>
 <isPublic>true</isPublic><architecture>arm64</architecture><virtualizationType>hvm</virtualizationType><enaSupport>true</enaSupport><rootDeviceName>/dev/xvda</rootDeviceName>
 <imdsSupport>v2.0</imdsSupport><creationDate>2026-01-01T00:00:00.000Z</creationDate><blockDeviceMapping><item><deviceName>/dev/xvda</deviceName>
 <ebs><snapshotId>snap-2</snapshotId><encrypted>false</encrypted><volumeSize>8</volumeSize><volumeType>gp3</volumeType></ebs></item>
 <item><deviceName>/dev/sdb</deviceName><virtualName>ephemeral0</virtualName></item></blockDeviceMapping>
 <tagSet><item><key>owner</key><value>platform</value></item></tagSet></item></imagesSet><nextToken>more</nextToken></DescribeImagesResponse>`

const moreImages = `<DescribeImagesResponse><imagesSet><item><imageId>ami-2</imageId><imageOwnerId>111122223333</imageOwnerId></item>
 <item><imageId>ami-3</imageId><imageState>deregistered</imageState></item></imagesSet></DescribeImagesResponse>`

func TestSnapshots(t *testing.T) {
	o := run(t, "AWS::EC2::Snapshot", listertest.Answers{
		"DescribeSnapshots": listertest.Bodies(snapshots), "DescribeImages": listertest.Bodies(images, moreImages),
	})
	want(t, o, 2, 0)
	a := o.Asset(t, "arn:aws:ec2:eu-west-1::snapshot/snap-1")
	attributes(t, a, map[string]string{
		"VolumeId": `"vol-1"`, "Encrypted": "true", "KmsKeyId": "null", "Description": `"nightly"`, "StorageTier": `"standard"`, "VolumeSize": "20",
	})
	tagged(t, a, "owner", "payments")
	related(t, a, inventory.Relation{Kind: inventory.SnapshotOf, Key: "arn:aws:ec2:eu-west-1:111122223333:volume/vol-1"})
	if a.Account != listertest.Account {
		t.Errorf("account %s", a.Account)
	}
	related(t, o.Asset(t, "snap-2"), inventory.Relation{Kind: inventory.AttachedTo, Key: "arn:aws:ec2:eu-west-1::image/ami-1"})
}

func TestSnapshotsWithoutImages(t *testing.T) {
	o := run(t, "AWS::EC2::Snapshot", listertest.Answers{
		"DescribeSnapshots": listertest.Bodies(snapshots), "DescribeImages": listertest.Refuse("UnauthorizedOperation"),
	})
	want(t, o, 2, 1)
	related(t, o.Asset(t, "snap-2"))
}

func TestImages(t *testing.T) {
	o := run(t, "AWS::EC2::Image", listertest.Answers{"DescribeImages": listertest.Bodies(images, moreImages)})
	want(t, o, 2, 0)
	a := o.Asset(t, "arn:aws:ec2:eu-west-1::image/ami-1")
	attributes(t, a, map[string]string{
		"Name": `"base"`, "Architecture": `"arm64"`, "VirtualizationType": `"hvm"`, "EnaSupport": "true", "RootDeviceName": `"/dev/xvda"`,
		"ImdsSupport": `"v2.0"`, "Public": "true", "DeprecationTime": "null",
		"BlockDeviceMappings": `[{"DeviceName":"/dev/xvda","Ebs":{"Encrypted":false,"SnapshotId":"snap-2","VolumeSize":8,"VolumeType":"gp3"}},` +
			`{"DeviceName":"/dev/sdb","VirtualName":"ephemeral0"}]`,
	})
	tagged(t, a, "owner", "platform")
	tags(t, o.Asset(t, "ami-2"), inventory.Known, 0)
	if a.Account != listertest.Account || a.Created.IsZero() {
		t.Errorf("account %s, created %s", a.Account, a.Created)
	}
}
