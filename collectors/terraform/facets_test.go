package terraform

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// facetCase is a resource that sets one side of another, and the asset that comes of it.
type facetCase struct {
	name, typ, attributes string
	assetType             inventory.Type
	host                  string // key of the relation
	ids                   []inventory.Identifier
	values                string // attributes, as JSON, sorted by name
}

const (
	facetAccount = "111122223333"
	groupARN     = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1"
)

func byARN(arn, id string) []inventory.Identifier {
	list := []inventory.Identifier{{Kind: inventory.ARN, Value: arn}}
	if id != "" {
		list = append(list, inventory.Identifier{Kind: inventory.ResourceID, Value: id})
	}
	return list
}

func facetCases() []facetCase {
	const bucket, queue = "arn:aws:s3:::logs", "https://sqs.eu-west-1.amazonaws.com/111122223333/orders"
	const tableARN = "arn:aws:ec2:eu-west-1:111122223333:route-table/rtb-1"
	role := []inventory.Identifier{{Kind: inventory.ResourceID, Value: "app"}}
	return []facetCase{
		{
			"versioning", "aws_s3_bucket_versioning", `"bucket":"logs","versioning_configuration":[{"status":"Enabled","mfa_delete":""}]`,
			"AWS::S3::Bucket", bucket, byARN(bucket, "logs"), `{"VersioningConfiguration.MfaDelete":"","VersioningConfiguration.Status":"Enabled"}`,
		},
		{
			"encryption", "aws_s3_bucket_server_side_encryption_configuration", `"bucket":"logs","rule":[{"bucket_key_enabled":true,
				"apply_server_side_encryption_by_default":[{"sse_algorithm":"aws:kms","kms_master_key_id":"k"}]}]`,
			"AWS::S3::Bucket", bucket, byARN(bucket, "logs"),
			`{"BucketEncryption.ServerSideEncryptionConfiguration":[{"BucketKeyEnabled":true,"ServerSideEncryptionByDefault":{"KMSMasterKeyID":"k","SSEAlgorithm":"aws:kms"}}]}`,
		},
		{
			"policy of a bucket", "aws_s3_bucket_policy", `"bucket":"logs","policy":"{\"Statement\":[]}"`,
			"AWS::S3::Bucket", bucket, byARN(bucket, "logs"), `{"BucketPolicy":{"Statement":[]}}`,
		},
		{
			"policy of a queue", "aws_sqs_queue_policy", `"queue_url":"` + queue + `","policy":"{\"Statement\":[]}"`,
			"AWS::SQS::Queue", "arn:aws:sqs:eu-west-1:111122223333:orders", byARN("arn:aws:sqs:eu-west-1:111122223333:orders", queue), `{"Policy":{"Statement":[]}}`,
		},
		{
			"policy of a topic, known by its ARN", "aws_sns_topic_policy", `"arn":"arn:aws:sns:eu-west-2:444455556666:t","policy":"{}"`,
			"AWS::SNS::Topic", "arn:aws:sns:eu-west-2:444455556666:t", byARN("arn:aws:sns:eu-west-2:444455556666:t", ""), `{"Policy":{}}`,
		},
		{
			"attached policy, of a role whose path nobody tells", "aws_iam_role_policy_attachment", `"role":"app","policy_arn":"arn:aws:iam::aws:policy/p"`,
			"AWS::IAM::Role", "app", role, `{"ManagedPolicyArns":["arn:aws:iam::aws:policy/p"]}`,
		},
		{
			"inline policy", "aws_iam_role_policy", `"role":"app","name":"read","policy":"{\"Statement\":[]}"`,
			"AWS::IAM::Role", "app", role, `{"Policies":[{"PolicyDocument":{"Statement":[]},"PolicyName":"read"}]}`,
		},
		{
			"rule with several peers", "aws_security_group_rule", `"security_group_id":"sg-1","type":"ingress","protocol":"tcp","from_port":443,"to_port":443,
				"cidr_blocks":["10.0.0.0/8","192.168.0.0/16"],"ipv6_cidr_blocks":["::/0"],"prefix_list_ids":null,"source_security_group_id":null,"self":false,"description":""`,
			"AWS::EC2::SecurityGroup", groupARN, byARN(groupARN, "sg-1"), `{"SecurityGroupIngress":[{"CidrIp":"10.0.0.0/8","FromPort":443,"IpProtocol":"tcp","ToPort":443},` +
				`{"CidrIp":"192.168.0.0/16","FromPort":443,"IpProtocol":"tcp","ToPort":443},{"CidrIpv6":"::/0","FromPort":443,"IpProtocol":"tcp","ToPort":443}]}`,
		},
		{
			"rule for the group itself", "aws_security_group_rule", `"security_group_id":"sg-1","type":"egress","protocol":"-1","from_port":0,"to_port":0,
				"cidr_blocks":null,"self":true,"source_security_group_id":"sg-1"`,
			"AWS::EC2::SecurityGroup", groupARN, byARN(groupARN, "sg-1"), `{"SecurityGroupEgress":[{"DestinationSecurityGroupId":"sg-1","FromPort":0,"IpProtocol":"-1","ToPort":0}]}`,
		},
		{
			"rule with one peer", "aws_vpc_security_group_ingress_rule", `"arn":"arn:aws:ec2:eu-west-1:111122223333:security-group-rule/sgr-1","security_group_id":"sg-1",
				"ip_protocol":"tcp","from_port":5432,"to_port":5432,"cidr_ipv4":null,"referenced_security_group_id":"sg-2","tags_all":{"owner":"data"}`,
			"AWS::EC2::SecurityGroup", groupARN, byARN(groupARN, "sg-1"), `{"SecurityGroupIngress":[{"FromPort":5432,"IpProtocol":"tcp","SourceSecurityGroupId":"sg-2","ToPort":5432}]}`,
		},
		{
			"route", "aws_route", `"route_table_id":"rtb-1","destination_cidr_block":"0.0.0.0/0","gateway_id":"igw-1","nat_gateway_id":"","origin":"CreateRoute","state":"active"`,
			"AWS::EC2::RouteTable", tableARN, byARN(tableARN, "rtb-1"), `{"Routes":[{"DestinationCidrBlock":"0.0.0.0/0","GatewayId":"igw-1"}]}`,
		},
		{
			"rule of a network ACL", "aws_network_acl_rule", `"network_acl_id":"acl-1","rule_number":100,"egress":false,"protocol":"6","rule_action":"allow","cidr_block":"10.0.0.0/8",
				"ipv6_cidr_block":"","from_port":22,"to_port":22,"icmp_type":null,"icmp_code":null`,
			"AWS::EC2::NetworkAcl", "arn:aws:ec2:eu-west-1:111122223333:network-acl/acl-1", byARN("arn:aws:ec2:eu-west-1:111122223333:network-acl/acl-1", "acl-1"),
			`{"Entries":[{"CidrBlock":"10.0.0.0/8","Egress":false,"PortRange":{"From":22,"To":22},"Protocol":"6","RuleAction":"allow","RuleNumber":100}]}`,
		},
		{
			"security group of an interface", "aws_network_interface_sg_attachment", `"network_interface_id":"eni-1","security_group_id":"sg-1"`,
			"AWS::EC2::NetworkInterface", "arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-1",
			byARN("arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-1", "eni-1"), `{"GroupSet":["sg-1"]}`,
		},
		{
			"address translation of a router", "google_compute_router_nat", `"project":"acme-prod","region":"europe-west1","router":"r","name":"n","nat_ip_allocate_option":"AUTO_ONLY",
				"nat_ips":[],"source_subnetwork_ip_ranges_to_nat":"ALL_SUBNETWORKS_ALL_IP_RANGES"`,
			"compute.googleapis.com/Router", "//compute.googleapis.com/projects/acme-prod/regions/europe-west1/routers/r",
			[]inventory.Identifier{{Kind: inventory.SelfLink, Value: "//compute.googleapis.com/projects/acme-prod/regions/europe-west1/routers/r"}},
			`{"nats.name":["n"],"nats.natIpAllocateOption":["AUTO_ONLY"],"nats.natIps":[],"nats.sourceSubnetworkIpRangesToNat":["ALL_SUBNETWORKS_ALL_IP_RANGES"]}`,
		},
	}
}

// facetState is a state of one resource, beside a queue that tells the account and the region.
func facetState(typ, attributes string) string {
	return `{"version":4,"resources":[{"mode":"managed","type":"aws_sqs_queue","name":"home","provider":"p","instances":[
		{"attributes":{"arn":"arn:aws:sqs:eu-west-1:` + facetAccount + `:home","tags_all":{}}}]},
		{"mode":"managed","type":"` + typ + `","name":"side","provider":"p","instances":[{"attributes":{` + attributes + `}}]}]}`
}

// collectFacet returns the asset of the second resource of facetState.
func collectFacet(t *testing.T, typ, attributes string) []inventory.Asset {
	t.Helper()
	out, err := collect(t, facetState(typ, attributes))
	if err != nil {
		t.Fatal(err)
	}
	var list []inventory.Asset
	for _, a := range out.assets {
		if strings.Contains(a.Origin.Address, "side") {
			list = append(list, a)
		}
	}
	return list
}

func TestFacets(t *testing.T) {
	for _, tt := range facetCases() {
		t.Run(tt.name, func(t *testing.T) {
			list := collectFacet(t, tt.typ, tt.attributes)
			if len(list) != 1 {
				t.Fatalf("%d assets", len(list))
			}
			a := list[0]
			got := []any{a.Type, a.Key, a.FacetOf(), a.Identifiers, a.Tags.State(), a.Lifecycle, jsonOf(t, a.Attributes)}
			want := []any{tt.assetType, "a.tfstate#" + tt.typ + ".side", tt.host, tt.ids, inventory.NotApplicable, inventory.LifecycleActive, tt.values}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if a.Account == "" || a.Region == "" && tt.assetType != "AWS::IAM::Role" {
				t.Errorf("place %q %q", a.Account, a.Region)
			}
		})
	}
}

func jsonOf(t *testing.T, a inventory.Attributes) string {
	t.Helper()
	all := map[string]any{}
	for at := range a.All() {
		all[at.Name] = at.Value.Decode()
	}
	v, err := inventory.ValueOf(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(v)
}

// TestFacetOfSeveral: one resource may set a side of several hosts. Each is told apart, and a host named twice counts once.
func TestFacetOfSeveral(t *testing.T) {
	list := collectFacet(t, "aws_iam_policy_attachment", `"name":"n","policy_arn":"arn:aws:iam::aws:policy/p","roles":["b","a","b"],"users":[],"groups":null`)
	var got []string
	for _, a := range list {
		got = append(got, a.FacetOf()+" "+a.Origin.Address)
	}
	want := []string{`b aws_iam_policy_attachment.side#roles["b"]`, `a aws_iam_policy_attachment.side#roles["a"]`}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestFacetWithoutHost: what does not tell of what it is a side stays a resource that no cloud reports.
func TestFacetWithoutHost(t *testing.T) {
	for _, attributes := range []string{`"bucket":null`, `"bucket":""`, `"id":"logs"`, `"bucket":"\u0000unknown"`} {
		list := collectFacet(t, "aws_s3_bucket_versioning", attributes+`,"versioning_configuration":[{"status":"Enabled"}]`)
		if len(list) != 1 || list[0].Type != "terraform/aws_s3_bucket_versioning" || list[0].FacetOf() != "" {
			t.Errorf("%s: %+v", attributes, list)
		}
	}
}

// TestFacetWithUnknownMembers: where a member is not known, nobody knows the whole list; it must not pass for a list without it.
func TestFacetWithUnknownMembers(t *testing.T) {
	list := collectFacet(t, "aws_security_group_rule", `"security_group_id":"sg-1","type":"ingress","protocol":"tcp","from_port":1,"to_port":1,"cidr_blocks":"\u0000unknown"`)
	var told, unread []string
	for at := range list[0].Attributes.All() {
		told = append(told, at.Name)
		if !at.Value.IsRead() {
			unread = append(unread, at.Name)
		}
	}
	if d := cmp.Diff([][]string{{"SecurityGroupIngress"}, {"SecurityGroupIngress"}}, [][]string{told, unread}); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
