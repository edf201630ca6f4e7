package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func known(pairs ...string) inventory.Attributes {
	var list []inventory.Attribute
	for i := 0; i < len(pairs); i += 2 {
		v := inventory.StringValue(pairs[i+1])
		if pairs[i+1] == "null" {
			v = inventory.Null
		}
		list = append(list, inventory.Attribute{Name: pairs[i], Value: v})
	}
	return inventory.KnownAttributes(list...)
}

func TestImport(t *testing.T) {
	c := mustLoad(t)
	const at = "eu-west-1:111122223333:"
	for _, tt := range []struct {
		typ        inventory.Type
		key        string
		attributes inventory.Attributes
		want       Import
	}{
		{typ: "AWS::S3::Bucket", key: "arn:aws:s3:::acme-logs", want: Import{"aws_s3_bucket", "acme-logs"}},
		{typ: "AWS::EC2::Instance", key: "arn:aws:ec2:" + at + "instance/i-0abc", want: Import{"aws_instance", "i-0abc"}},
		{typ: "AWS::IAM::Role", key: "arn:aws:iam::111122223333:role/team/ci/deploy", want: Import{"aws_iam_role", "deploy"}},
		{typ: "AWS::IAM::Role", key: "arn:aws:iam::111122223333:role/deploy", want: Import{"aws_iam_role", "deploy"}},
		{typ: "AWS::IAM::ManagedPolicy", key: "arn:aws:iam::111122223333:policy/p", want: Import{"aws_iam_policy", "arn:aws:iam::111122223333:policy/p"}},
		{typ: "AWS::SQS::Queue", key: "arn:aws:sqs:" + at + "jobs", want: Import{"aws_sqs_queue", "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"}},
		{typ: "AWS::SQS::Queue", key: "arn:aws-cn:sqs:cn-north-1:111122223333:jobs"}, // its URL has another domain
		{typ: "AWS::Logs::LogGroup", key: "arn:aws:logs:" + at + "log-group:/aws/lambda/f", want: Import{"aws_cloudwatch_log_group", "/aws/lambda/f"}},
		{typ: "AWS::ECS::Service", key: "arn:aws:ecs:" + at + "service/main/web", want: Import{"aws_ecs_service", "main/web"}},
		{typ: "AWS::ECS::Service", key: "arn:aws:ecs:" + at + "service/web"}, // the old form does not name its cluster
		{typ: "AWS::Events::Rule", key: "arn:aws:events:" + at + "rule/nightly", want: Import{"aws_cloudwatch_event_rule", "default/nightly"}},
		{typ: "AWS::Events::Rule", key: "arn:aws:events:" + at + "rule/aws.partner/x.com/1/r", want: Import{"aws_cloudwatch_event_rule", "aws.partner/x.com/1/r"}},
		{typ: "AWS::WAFv2::WebACL", key: "arn:aws:wafv2:" + at + "regional/webacl/edge/12-34", want: Import{"aws_wafv2_web_acl", "12-34/edge/REGIONAL"}},
		{
			typ: "AWS::RDS::DBInstance", key: "arn:aws:rds:" + at + "db:main", attributes: known("DBClusterIdentifier", "null", "Engine", "postgres"),
			want: Import{"aws_db_instance", "main"},
		},
		{
			typ: "AWS::RDS::DBInstance", key: "arn:aws:rds:" + at + "db:main", attributes: known("DBClusterIdentifier", "c", "Engine", "aurora-mysql"),
			want: Import{"aws_rds_cluster_instance", "main"},
		},
		{typ: "AWS::RDS::DBInstance", key: "arn:aws:rds:" + at + "db:main"}, // nobody knows whether a cluster holds it
		{typ: "AWS::RDS::DBInstance", key: "arn:aws:rds:" + at + "db:main", attributes: known("Engine", "postgres")},
		{typ: "AWS::RDS::DBCluster", key: "arn:aws:rds:" + at + "cluster:g", attributes: known("Engine", "neptune")},
		{typ: "AWS::EC2::KeyPair", key: "arn:aws:ec2:" + at + "key-pair/key-0abc", attributes: known("KeyName", "ops"), want: Import{"aws_key_pair", "ops"}},
		{typ: "AWS::EC2::KeyPair", key: "arn:aws:ec2:" + at + "key-pair/key-0abc"},
		{typ: "AWS::Glue::Database", key: "arn:aws:glue:" + at + "database/lake", want: Import{"aws_glue_catalog_database", "111122223333:lake"}},
		{
			typ: "compute.googleapis.com/InstanceGroupManager", key: "//compute.googleapis.com/projects/p/regions/europe-west1/instanceGroupManagers/g",
			want: Import{"google_compute_region_instance_group_manager", "projects/p/regions/europe-west1/instanceGroupManagers/g"},
		},
		{typ: "storage.googleapis.com/Bucket", key: "//storage.googleapis.com/acme.example.com", want: Import{"google_storage_bucket", "acme.example.com"}},
		{typ: "container.googleapis.com/NodePool", key: "//container.googleapis.com/projects/p/zones/z/clusters/c/nodePools/n", want: Import{"google_container_node_pool", "p/z/c/n"}},
		{typ: "dns.googleapis.com/ManagedZone", key: "//dns.googleapis.com/projects/p/managedZones/123456"}, // by number
		{typ: "secretmanager.googleapis.com/Secret", key: "//secretmanager.googleapis.com/projects/99/secrets/s", want: Import{"google_secret_manager_secret", "projects/111122223333/secrets/s"}},
		{typ: "dataproc.googleapis.com/Cluster", key: "//dataproc.googleapis.com/projects/p/regions/r/clusters/c"},
		{typ: "AWS::Unheard::Of", key: "arn:aws:unheard:" + at + "of/it"},
		{typ: "AWS::S3::Bucket", key: "not an arn:at/all"},
	} {
		e := &inventory.Entry{Asset: inventory.Asset{Key: tt.key, Type: tt.typ, Account: "111122223333", Region: "eu-west-1", Attributes: tt.attributes}}
		got, ok := c.Import(e)
		if ok != (tt.want.ID != "") || got != tt.want {
			t.Errorf("%s %s: %+v, %v, want %+v", tt.typ, tt.key, got, ok, tt.want)
		}
	}
}

// An attribute that the last scan could not confirm says nothing.
func TestImportOfWhatIsUnconfirmed(t *testing.T) {
	e := &inventory.Entry{
		Asset:                 inventory.Asset{Key: "arn:aws:ec2:eu-west-1:111122223333:key-pair/key-0abc", Type: "AWS::EC2::KeyPair", Attributes: known("KeyName", "ops")},
		AttributesUnconfirmed: []string{"KeyName"},
	}
	if got, ok := mustLoad(t).Import(e); ok {
		t.Errorf("Import = %+v of a key whose name is not confirmed", got)
	}
}

// TestImportsFitTheCatalog finds rows that name a type, resource or attribute which the rest of the catalog does not know.
func TestImportsFitTheCatalog(t *testing.T) {
	c := mustLoad(t)
	n := 0
	for typ, rules := range c.importsOf() {
		row, ok := c.Type(typ)
		if !ok {
			t.Errorf("type %s does not exist", typ)
		}
		for _, r := range rules {
			n++
			tf, ok := c.Terraform(r.Resource)
			if !ok || tf.CloudType != typ {
				t.Errorf("%s: %s is a %q", typ, r.Resource, tf.CloudType)
			}
			checkImportNames(t, row, &r)
		}
	}
	if n < 150 {
		t.Errorf("%d imports, want those of the mapped types", n)
	}
}

func checkImportNames(t *testing.T, row Row, r *importRule) {
	t.Helper()
	names := slices.Clone(r.names)
	for name := range r.Where {
		names = append(names, name)
	}
	for _, name := range names {
		_, compared := row.Attribute(name)
		switch {
		case slices.Contains([]string{"key", "partition", "account", "region"}, name), compared, slices.Contains(row.Evidence, name),
			slices.Contains(row.Properties, name):
		case len(r.From) > 0 && strings.Contains(r.From[0], "{"+name):
		default:
			t.Errorf("%s as %s: nobody is told to keep %s", row.Type, r.Resource, name)
		}
	}
}

func TestImportRulesAreChecked(t *testing.T) {
	for _, s := range []importSpec{{ID: "{name}"}, {Resource: "aws_x"}, {Resource: "aws_x", ID: "{a}", From: []string{"{a}/{a.b}"}}} {
		if _, err := newImportRule(s); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
}
