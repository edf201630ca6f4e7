package storage

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const fsxPrefix = "arn:aws:fsx:eu-west-1:111122223333:"

func TestFSxFileSystems(t *testing.T) {
	system := func(id, kind, more string) string {
		return `{"FileSystemId":"` + id + `","ResourceARN":"` + fsxPrefix + `file-system/` + id + `","OwnerId":"111122223333","FileSystemType":"` + kind + `",
			"CreationTime":1767225600,"Lifecycle":"AVAILABLE"` + more + `}`
	}
	o := run(t, "AWS::FSx::FileSystem", listertest.Answers{"DescribeFileSystems": listertest.Bodies(
		`{"FileSystems":[`+system("fs-w", "WINDOWS", `,"StorageCapacity":300,"StorageType":"SSD","SubnetIds":["subnet-1"],"KmsKeyId":"k1","DNSName":"amznfs.corp.example.com",
			"WindowsConfiguration":{"DeploymentType":"MULTI_AZ_1","ThroughputCapacity":32,"AutomaticBackupRetentionDays":7,"CopyTagsToBackups":true,
			"SelfManagedActiveDirectoryConfiguration":{"UserName":"hidden"}},"Tags":[{"Key":"Name","Value":"office"},{"Key":"owner","Value":"it"}]`)+`],"NextToken":"more"}`,
		`{"FileSystems":[`+strings.Join([]string{
			system("fs-l", "LUSTRE", `,"FileSystemTypeVersion":"2.15","LustreConfiguration":{"DeploymentType":"PERSISTENT_2","DataCompressionType":"LZ4","PerUnitStorageThroughput":250}`),
			system("fs-o", "ONTAP", `,"OntapConfiguration":{"DeploymentType":"SINGLE_AZ_1","ThroughputCapacity":128,"HAPairs":1,"FsxAdminPassword":"hidden"}`),
			system("fs-z", "OPENZFS", `,"OpenZFSConfiguration":{"DeploymentType":"SINGLE_AZ_2","ThroughputCapacity":160,"CopyTagsToVolumes":true}`),
		}, ",")+`]}`,
	)})
	listertest.Counts(t, o, 4, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"Name": "office", "owner": "it"},
		Attributes: map[string]string{
			"FileSystemType": `"WINDOWS"`, "StorageCapacity": "300", "StorageType": `"SSD"`, "SubnetIds": `["subnet-1"]`, "KmsKeyId": `"k1"`,
			"WindowsConfiguration.DeploymentType": `"MULTI_AZ_1"`, "WindowsConfiguration.ThroughputCapacity": "32", "WindowsConfiguration.AutomaticBackupRetentionDays": "7",
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "fs-w"), listertest.ID(inventory.FQDN, "amznfs.corp.example.com")},
	}.Check(t, o.Asset(t, "office"))
	listertest.Want{Tags: map[string]string{}, Attributes: map[string]string{
		"FileSystemTypeVersion": `"2.15"`, "LustreConfiguration.DataCompressionType": `"LZ4"`, "LustreConfiguration.PerUnitStorageThroughput": "250",
	}}.Check(t, o.Asset(t, fsxPrefix+"file-system/fs-l"))
	listertest.Want{Attributes: map[string]string{"OntapConfiguration.ThroughputCapacity": "128", "OntapConfiguration.HAPairs": "1"}}.Check(t, o.Asset(t, "fs-o"))
	listertest.Want{Attributes: map[string]string{"OpenZFSConfiguration.CopyTagsToVolumes": "true"}}.Check(t, o.Asset(t, "fs-z"))
	for _, a := range o.Assets {
		for attr := range a.Attributes.All() {
			if strings.Contains(string(attr.Value), "hidden") {
				t.Errorf("%s holds a secret", attr.Name)
			}
		}
	}
}

func TestFSxVolumes(t *testing.T) {
	o := run(t, "AWS::FSx::Volume", listertest.Answers{"DescribeVolumes": listertest.Bodies(
		`{"Volumes":[{"VolumeId":"fsvol-1","ResourceARN":"`+fsxPrefix+`volume/fs-o/fsvol-1","FileSystemId":"fs-o","Name":"data","VolumeType":"ONTAP","Lifecycle":"CREATED","CreationTime":1767225600,
			"OntapConfiguration":{"StorageVirtualMachineId":"svm-1","StorageVirtualMachineRoot":false,"JunctionPath":"/data","SecurityStyle":"UNIX","SizeInMegabytes":1024,"StorageEfficiencyEnabled":true},
			"Tags":[{"Key":"owner","Value":"it"}]}],"NextToken":"more"}`,
		`{"Volumes":[{"VolumeId":"fsvol-2","ResourceARN":"`+fsxPrefix+`volume/fs-z/fsvol-2","FileSystemId":"fs-z","Name":"home","VolumeType":"OPENZFS","Lifecycle":"DELETING",
			"OpenZFSConfiguration":{"ParentVolumeId":"fsvol-0","DataCompressionType":"ZSTD","ReadOnly":false,"StorageCapacityQuotaGiB":100}}]}`,
	)})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "it"}, Relations: []inventory.Relation{lister.To(inventory.PartOf, fsxPrefix+"file-system/fs-o")},
		Attributes: map[string]string{
			"Name": `"data"`, "VolumeType": `"ONTAP"`, "OntapConfiguration.StorageVirtualMachineId": `"svm-1"`, "OntapConfiguration.StorageVirtualMachineRoot": "false",
			"OntapConfiguration.JunctionPath": `"/data"`, "OntapConfiguration.StorageEfficiencyEnabled": "true",
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "fsvol-1")},
	}.Check(t, o.Asset(t, "data"))
	listertest.Want{Lifecycle: inventory.LifecycleRetiring, Tags: map[string]string{}, Attributes: map[string]string{
		"OpenZFSConfiguration.ParentVolumeId": `"fsvol-0"`, "OpenZFSConfiguration.StorageCapacityQuotaGiB": "100",
		"OntapConfiguration.StorageVirtualMachineRoot": "false",
	}}.Check(t, o.Asset(t, "home"))
}
