package drift

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// pairTrap is an attribute that two sides write in two ways, or that differs: want is what a comparison must say.
type pairTrap struct {
	trap             string
	typ              inventory.Type
	declared, actual []string // name, JSON, name, JSON …
	want             []string // the attributes that changed
}

// pairTraps has a row for each way in which what was declared comes back otherwise and means the same, and beside it one for the difference
// that must still be seen.
func pairTraps() []pairTrap {
	attr := func(pairs ...string) []string { return pairs }
	return []pairTrap{
		{"a list without order", ec2, attr("SecurityGroupIds", `["a","b"]`), attr("SecurityGroupIds", `["b","a"]`), nil},
		{"a list without order that lost a member", ec2, attr("SecurityGroupIds", `["a","b"]`), attr("SecurityGroupIds", `["b"]`), attr("SecurityGroupIds")},
		{"a list whose order matters", "AWS::EC2::DHCPOptions", attr("DomainNameServers", `["a","b"]`), attr("DomainNameServers", `["b","a"]`), attr("DomainNameServers")},
		{"a known default that nobody wrote", ec2, attr("Tenancy", "null"), attr("Tenancy", `"default"`), nil},
		{"a default that somebody changed", ec2, attr("Tenancy", "null"), attr("Tenancy", `"dedicated"`), attr("Tenancy")},
		{"left to the provider", ec2, attr("InstanceType", "null"), attr("InstanceType", `"t3.micro"`), nil},
		{"absent and empty", "AWS::IAM::Role", attr("Description", `""`), attr("Description", "null"), nil},
		{"false and absent", "AWS::EC2::Volume", attr("Encrypted", "false"), attr("Encrypted", "null"), nil},
		{"false and true", "AWS::EC2::Volume", attr("Encrypted", "false"), attr("Encrypted", "true"), attr("Encrypted")},
		{"a truth value in words", ec2, attr("EbsOptimized", `"true"`), attr("EbsOptimized", "true"), nil},
		{"a numeric string", "AWS::SQS::Queue", attr("VisibilityTimeout", `"30"`), attr("VisibilityTimeout", "30"), nil},
		{"a number with its fraction", "AWS::SQS::Queue", attr("VisibilityTimeout", "30.0"), attr("VisibilityTimeout", `"30"`), nil},
		{"another number", "AWS::SQS::Queue", attr("VisibilityTimeout", "30"), attr("VisibilityTimeout", "300"), attr("VisibilityTimeout")},
		{"JSON in a text", "AWS::SQS::Queue", attr("RedrivePolicy", `"{\"maxReceiveCount\":\"4\"}"`), attr("RedrivePolicy", `{"maxReceiveCount":4}`), nil},
		{"JSON in a text that differs", "AWS::SQS::Queue", attr("RedrivePolicy", `"{\"maxReceiveCount\":\"4\"}"`), attr("RedrivePolicy", `{"maxReceiveCount":5}`), attr("RedrivePolicy")},
		{
			"a policy of scalars and of lists", "AWS::IAM::Role",
			attr("AssumeRolePolicyDocument", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}}}`),
			attr("AssumeRolePolicyDocument", `{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow","Action":["sts:assumerole"],"Principal":{"AWS":["arn:aws:iam::111122223333:root"]}}]}`),
			nil,
		},
		{
			"a policy with another principal", "AWS::IAM::Role",
			attr("AssumeRolePolicyDocument", `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"111122223333"}}}`),
			attr("AssumeRolePolicyDocument", `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"444455556666"}}}`),
			attr("AssumeRolePolicyDocument"),
		},
		{"an ARN and its name", ec2, attr("IamInstanceProfile", `"web"`), attr("IamInstanceProfile", `"arn:aws:iam::111122223333:instance-profile/web"`), nil},
		{"an ARN of a longer name", ec2, attr("IamInstanceProfile", `"web"`), attr("IamInstanceProfile", `"arn:aws:iam::111122223333:instance-profile/my-web"`), attr("IamInstanceProfile")},
		{"a version and its release", "AWS::RDS::DBInstance", attr("EngineVersion", `"8.0"`), attr("EngineVersion", `"8.0.45"`), nil},
		{"a version that only looks like it", "AWS::RDS::DBInstance", attr("EngineVersion", `"8.0"`), attr("EngineVersion", `"8.05"`), attr("EngineVersion")},
		{"CIDR blocks", "compute.googleapis.com/Firewall", attr("sourceRanges", `["10.0.0.1/8"]`), attr("sourceRanges", `["10.0.0.0/8"]`), nil},
		{"one more CIDR block", "compute.googleapis.com/Firewall", attr("sourceRanges", `["10.0.0.0/8"]`), attr("sourceRanges", `["10.0.0.0/8","0.0.0.0/0"]`), attr("sourceRanges")},
		{"a self link and a name", "compute.googleapis.com/Autoscaler", attr("target", `"https://www.googleapis.com/compute/v1/projects/p/zones/z/instanceGroupManagers/web"`), attr("target", `"https://www.googleapis.com/compute/beta/projects/p/zones/z/instanceGroupManagers/web"`), nil},
		{"names in two projects", "compute.googleapis.com/Autoscaler", attr("target", `"projects/p/zones/z/instanceGroupManagers/web"`), attr("target", `"projects/q/zones/z/instanceGroupManagers/web"`), attr("target")},
		{"a version of a key", "spanner.googleapis.com/Database", attr("encryptionConfig.kmsKeyName", `"projects/p/locations/l/keyRings/r/cryptoKeys/k"`), attr("encryptionConfig.kmsKeyName", `"projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/3"`), nil},
		{"case of a name", "AWS::CloudFront::Distribution", attr("DistributionConfig.HttpVersion", `"HTTP2"`), attr("DistributionConfig.HttpVersion", `"http2"`), nil},
		{"a trailing dot", "dns.googleapis.com/ManagedZone", attr("dnsName", `"example.com."`), attr("dnsName", `"example.com"`), nil},
		{"moved by deployments", "AWS::ECS::Service", attr("TaskDefinition", `"web:1"`), attr("TaskDefinition", `"web:2"`), nil},
		{"moved by an autoscaler", "AWS::ECS::Service", attr("DesiredCount", "1"), attr("DesiredCount", "7"), nil},
		{"moved by a scaling policy", group, attr("DesiredCapacity", "1", "MinSize", "1", "MaxSize", "9"), attr("DesiredCapacity", "7", "MinSize", "1", "MaxSize", "9"), nil},
		{"what only the provider moves", ec2, attr("State", `"running"`), attr("State", `"stopped"`), nil},
		{"a secret's hash against no hash", ec2, attr("KeyName", `"hmac:00112233445566778899aabbccddeeff"`), attr("KeyName", `"ops"`), nil},
	}
}

func TestPairTraps(t *testing.T) {
	c := loadCatalog(t)
	for _, tt := range pairTraps() {
		t.Run(tt.trap, func(t *testing.T) {
			row, _ := c.Type(tt.typ)
			for i := 0; i < len(tt.declared) && tt.typ != ec2; i += 2 {
				if _, ok := row.Attribute(tt.declared[i]); !ok {
					t.Fatalf("%s compares no %s: the row tests nothing", tt.typ, tt.declared[i])
				}
			}
			d, o := declared(arnA, typed(tt.typ), has(tt.declared...)), seen(arnA, typed(tt.typ), has(tt.actual...))
			j := &judge{Inputs: Inputs{Catalog: c}}
			if diff := cmp.Diff(tt.want, slices.Clip(append([]string(nil), parts(j.compare(nil, side{d}, o).changed)...))); diff != "" {
				t.Errorf("changed (-want +got):\n%s", diff)
			}
		})
	}
}

// estateTrap is a small estate and what the drift rules must say of it.
type estateTrap struct {
	trap string
	in   []*inventory.Entry
	want []string
}

func thing(t inventory.Type, key, name string, edits ...edit) *inventory.Entry {
	return seen(key, append([]edit{typed(t), func(e *inventory.Entry) { e.Name = name }}, edits...)...)
}

// madeByProvider has what every account or network has, and what services make for themselves.
func madeByProvider() []estateTrap {
	one := func(trap, by string, e *inventory.Entry) estateTrap {
		return estateTrap{trap, []*inventory.Entry{e}, []string{"unmanaged suppressed by " + by}}
	}
	unmanaged := func(trap string, e *inventory.Entry) estateTrap {
		return estateTrap{trap, []*inventory.Entry{e}, []string{"unmanaged: not declared in any code"}}
	}
	const ec2ARN, iamARN = "arn:aws:ec2:eu-west-1:111122223333:", "arn:aws:iam::111122223333:"
	return []estateTrap{
		one("a default VPC", "aws/default-vpc", thing("AWS::EC2::VPC", ec2ARN+"vpc/vpc-1", "", has("IsDefault", "true"))),
		unmanaged("a VPC of one's own", thing("AWS::EC2::VPC", ec2ARN+"vpc/vpc-2", "", has("IsDefault", "false"))),
		one("a default subnet", "aws/default-subnet", thing("AWS::EC2::Subnet", ec2ARN+"subnet/subnet-1", "", has("DefaultForAz", "true"))),
		one("a default security group", "aws/default-security-group", thing("AWS::EC2::SecurityGroup", ec2ARN+"security-group/sg-1", "default", has("GroupName", "default"))),
		one("a default network ACL", "aws/default-network-acl", thing("AWS::EC2::NetworkAcl", ec2ARN+"network-acl/acl-1", "", has("IsDefault", "true"))),
		one("a main route table", "aws/main-route-table", thing("AWS::EC2::RouteTable", ec2ARN+"route-table/rtb-1", "", has("Main", "true"))),
		one("a service-linked role", "aws/service-linked-role", thing("AWS::IAM::Role", iamARN+"role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport", "AWSServiceRoleForSupport")),
		unmanaged("a role whose name only looks like it", thing("AWS::IAM::Role", iamARN+"role/AWSServiceRoleForSupport2", "AWSServiceRoleForSupport2")),
		one("a role of Identity Center", "aws/identity-center-role", thing("AWS::IAM::Role", iamARN+"role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef", "AWSReservedSSO_Admin_0123456789abcdef")),
		{"an alias, which neither carries tags nor costs anything", []*inventory.Entry{thing("AWS::KMS::Alias", "arn:aws:kms:eu-west-1:111122223333:alias/aws/ebs", "alias/aws/ebs")}, nil},
		one("a default parameter group", "aws/default-parameter-group", thing("AWS::RDS::DBParameterGroup", "arn:aws:rds:eu-west-1:111122223333:pg:default.mysql8.0", "default.mysql8.0")),
		one("the primary workgroup of Athena", "aws/primary-workgroup", thing("AWS::Athena::WorkGroup", "arn:aws:athena:eu-west-1:111122223333:workgroup/primary", "primary")),
		one("capacity of Fargate", "aws/fargate-capacity-provider", thing("AWS::ECS::CapacityProvider", "arn:aws:ecs:eu-west-1:111122223333:capacity-provider/FARGATE_SPOT", "FARGATE_SPOT")),
		one("a node of a group of EKS", "provenance/eks", thing(ec2, arnA, "", tagged("eks:nodegroup-name", "g", "aws:autoscaling:groupName", "x"))),
		one("an instance of a group", "provenance/autoscaling", thing(ec2, arnA, "", tagged("aws:autoscaling:groupName", "web"))),
		one("a stack of a tool without a source", "provenance/cloudformation", thing(ec2, arnA, "", tagged("aws:cloudformation:stack-name", "web"))),
		one("a volume of a claim", "provenance/kubernetes", thing(volume, arnVol, "", tagged("kubernetes.io/created-for/pvc/name", "data"))),
	}
}

// declaredTraps has what declarations do to each other.
func declaredTraps() []estateTrap {
	other := func(edits ...edit) *inventory.Entry {
		return declared(arnA, append([]edit{origin(inventory.Origin{File: "other.tfstate", Address: "aws_instance.mine", Lineage: "L2"})}, edits...)...)
	}
	deposed := func(key string) *inventory.Entry { return declared(key, stage(inventory.LifecycleRetiring)) }
	return []estateTrap{
		{"two states claim one id", []*inventory.Entry{declared(arnA), other(), seen(arnA)}, []string{
			"declared-twice: declared 2 times: in prod.tfstate (aws_instance.web) and in other.tfstate (aws_instance.mine)",
		}},
		{"a deposed object that still is there", []*inventory.Entry{declared(arnA), deposed(arnB), seen(arnA), seen(arnB)}, nil},
		{"a deposed object that is gone", []*inventory.Entry{declared(arnA), deposed(arnB), seen(arnA)}, nil},
		{"tags null and tags empty", []*inventory.Entry{declared(arnA, tagged()), seen(arnA, tagged())}, nil},
		{"tags that no state tells of", []*inventory.Entry{declared(arnA, func(e *inventory.Entry) { e.Tags = inventory.UnknownTags() }), seen(arnA, tagged("a", "1"))}, []string{
			"changed unknown: nothing of it is known on both sides",
		}},
		{"tags of AWS alone", []*inventory.Entry{declared(arnA, tagged()), seen(arnA, tagged("aws:autoscaling:groupName", "x", "aws:cloudformation:stack-id", "y"))}, nil},
		{"labels of Google alone", []*inventory.Entry{
			declared("//compute.googleapis.com/projects/p/zones/z/instances/a", typed("compute.googleapis.com/Instance"), tagged("goog-terraform-provisioned", "true")),
			seen("//compute.googleapis.com/projects/p/zones/z/instances/a", typed("compute.googleapis.com/Instance"), tagged("goog-ops-agent-policy", "v2")),
		}, nil},
		{"keys differ in case", []*inventory.Entry{declared(arnA, tagged("Owner", "x")), seen(arnA, tagged("owner", "x"))}, []string{
			"changed: 2 differences from what is declared: tags.Owner, tags.owner",
		}},
		{"a volume that goes with its instance", []*inventory.Entry{
			declared(arnA), declared(arnVol, typed(volume), relates(inventory.AttachedTo, arnA)),
		}, []string{"missing: aws_instance.web is declared and applied, and is not there"}},
		{"a rule by hand in a declared group", []*inventory.Entry{
			declared("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1", typed("AWS::EC2::SecurityGroup")),
			seen("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1", typed("AWS::EC2::SecurityGroup")),
			seen("arn:aws:ec2:eu-west-1:111122223333:security-group-rule/sgr-1", typed("AWS::EC2::SecurityGroupIngress"),
				relates(inventory.PartOf, "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1")),
		}, []string{"unmanaged: not declared in any code"}},
		{"a rule of a group that nobody declares", []*inventory.Entry{
			seen("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1", typed("AWS::EC2::SecurityGroup"), has("GroupName", "web")),
			seen("arn:aws:ec2:eu-west-1:111122223333:security-group-rule/sgr-1", typed("AWS::EC2::SecurityGroupIngress"),
				relates(inventory.PartOf, "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1")),
		}, []string{"unmanaged: not declared in any code"}},
	}
}

func TestEstateTraps(t *testing.T) {
	for _, tt := range slices.Concat(madeByProvider(), declaredTraps()) {
		t.Run(tt.trap, func(t *testing.T) {
			var got []string
			for _, line := range said(t, estate{entries: tt.in, scopes: append(bothRead(), google())}) {
				got = append(got, strings.TrimSpace(line))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
		})
	}
}

func google() inventory.ScopeState {
	return scope(inventory.Observed, "gcp", "gcp", "g", inventory.RunOK, "*.googleapis.com/*")
}

// TestDeniedIsNotMissing: of an account that could not be read nothing is missing, whatever was declared.
func TestDeniedIsNotMissing(t *testing.T) {
	w := estate{entries: []*inventory.Entry{declared(arnA), bucketIn(), inCode(size("a")), inState(size("a"))}, scopes: observedIs(inventory.RunFailed, "AWS::*")}
	for _, v := range verdicts(t, w) {
		if v.Outcome == rules.Fail {
			t.Errorf("%s fails: %s", v.rule, v.Message)
		}
	}
}
