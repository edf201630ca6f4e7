package analytics

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const athenaARN = "arn:aws:athena:eu-west-1:111122223333:"

func TestWorkGroups(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Athena::WorkGroup"), listertest.Answers{
		"ListWorkGroups": listertest.Bodies(
			`{"WorkGroups":[{"Name":"team","State":"ENABLED","Description":"of the team","CreationTime":1767225600}],"NextToken":"more"}`,
			`{"WorkGroups":[{"Name":"primary","State":"ENABLED","Description":""},{"Name":"closed","State":"DISABLED"}]}`,
		),
		"GetWorkGroup": listertest.For(map[string]string{
			`"team"`: `{"WorkGroup":{"Name":"team","Configuration":{"EnforceWorkGroupConfiguration":true,"PublishCloudWatchMetricsEnabled":true,"RequesterPaysEnabled":false,
				"BytesScannedCutoffPerQuery":10000000,"EngineVersion":{"SelectedEngineVersion":"AUTO","EffectiveEngineVersion":"Athena engine version 3"},
				"ResultConfiguration":{"OutputLocation":"s3://results/","EncryptionConfiguration":{"EncryptionOption":"SSE_KMS","KmsKey":"alias/results"}}}}}`,
			`"primary"`: `{"WorkGroup":{"Name":"primary","Configuration":{"EnforceWorkGroupConfiguration":false,"ResultConfiguration":{}}}}`,
		}),
		"ListTagsForResource": listertest.For(map[string]string{
			"group/team": `{"Tags":[{"Key":"owner","Value":"data"}],"NextToken":"rest"}`, `"NextToken":"rest"`: `{"Tags":[{"Key":"env","Value":"prod"}]}`,
			"group/primary": `{"Tags":[]}`,
		}),
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 2 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	const at = "WorkGroupConfiguration."
	team := o.Asset(t, athenaARN+"workgroup/team")
	listertest.Texts(t, team, map[string]string{
		"Name": "team", "State": "ENABLED", "Description": "of the team", at + "EnforceWorkGroupConfiguration": "true",
		at + "BytesScannedCutoffPerQuery": "10000000", at + "EngineVersion.SelectedEngineVersion": "AUTO",
		at + "ResultConfiguration.OutputLocation": "s3://results/", at + "ResultConfiguration.EncryptionConfiguration.EncryptionOption": "SSE_KMS",
		at + "ResultConfiguration.EncryptionConfiguration.KmsKey": "alias/results",
	})
	listertest.Tag(t, team, "owner", "data")
	listertest.Tag(t, team, "env", "prod")
	primary := o.Asset(t, "primary")
	listertest.Texts(t, primary, map[string]string{at + "EnforceWorkGroupConfiguration": "false", at + "ResultConfiguration.OutputLocation": "null"})
	listertest.Untagged(t, primary)
	closed := o.Asset(t, "closed")
	listertest.Texts(t, closed, map[string]string{"State": "DISABLED", at + "EnforceWorkGroupConfiguration": "-"})
	if closed.Tags.State() != inventory.Unknown {
		t.Errorf("tags are %s", closed.Tags.State())
	}
}

func TestDataCatalogs(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Athena::DataCatalog"), listertest.Answers{
		"ListDataCatalogs": listertest.Bodies(
			`{"DataCatalogsSummary":[{"CatalogName":"AwsDataCatalog","Type":"GLUE"}],"NextToken":"more"}`,
			`{"DataCatalogsSummary":[{"CatalogName":"orders","Type":"FEDERATED","ConnectionType":"MYSQL","Status":"CREATE_COMPLETE"},{"CatalogName":"late","Type":"LAMBDA"}]}`,
		),
		"ListTagsForResource": listertest.For(map[string]string{"datacatalog/orders": `{"Tags":[{"Key":"owner","Value":"data"}]}`}),
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	orders := o.Asset(t, athenaARN+"datacatalog/orders")
	listertest.Texts(t, orders, map[string]string{"Name": "orders", "Type": "FEDERATED", "ConnectionType": "MYSQL"})
	listertest.Tag(t, orders, "owner", "data")
	if got := o.Asset(t, glueCatalog).Tags.State(); got != inventory.NotApplicable {
		t.Errorf("tags of the catalog that stands for Glue's are %s", got)
	}
	if got := o.Asset(t, "late").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags that were refused are %s", got)
	}
}

func TestAthenaRefused(t *testing.T) {
	for typ, op := range map[inventory.Type]string{"AWS::Athena::WorkGroup": "ListWorkGroups", "AWS::Athena::DataCatalog": "ListDataCatalogs"} {
		o := listertest.Run(t, listertest.Find(t, Listers(), typ), listertest.Answers{op: listertest.Refuse("AccessDeniedException")})
		if o.Err == nil {
			t.Errorf("%s: a list that was refused passes for an empty one", typ)
		}
	}
}
