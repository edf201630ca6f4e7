package drift

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

type cleanApply struct{ name, resource, state, observed string }

// cleanApplies are resources as Terraform's provider writes them into a state just after an apply, and what the API then says.
func cleanApplies() []cleanApply {
	return []cleanApply{
		{
			"a subnet of IPv6 alone has no other block", "aws_subnet",
			`{"vpc_id":"vpc-1","cidr_block":"","availability_zone":"eu-west-1a","ipv6_native":true}`,
			`{"VpcId":"vpc-1","CidrBlock":null,"AvailabilityZone":"eu-west-1a","Ipv6Native":true}`,
		},
		{
			"a target group of a network load balancer", "aws_lb_target_group",
			`{"name":"n","port":443,"protocol":"TCP","protocol_version":"","health_check":[{"path":"","matcher":"","port":"traffic-port","timeout":10}]}`,
			`{"Name":"n","Port":443,"Protocol":"TCP","ProtocolVersion":null,"HealthCheckPath":null,"HealthCheckPort":"traffic-port","HealthCheckTimeoutSeconds":10}`,
		},
		{
			"a target group of a function has no port", "aws_lb_target_group",
			`{"name":"f","port":0,"protocol":"","target_type":"lambda","vpc_id":""}`,
			`{"Name":"f","Port":null,"Protocol":null,"TargetType":"lambda","VpcId":null}`,
		},
		{
			"a taint without a value", "aws_eks_node_group",
			`{"node_group_name":"n","taint":[{"key":"gpu","value":"","effect":"NO_SCHEDULE"}],"labels":{}}`,
			`{"NodegroupName":"n","Taints":[{"Key":"gpu","Effect":"NO_SCHEDULE"}],"Labels":{}}`,
		},
		{
			"a cache declared as any 6", "aws_elasticache_cluster",
			`{"cluster_id":"c","engine":"redis","engine_version":"6.x"}`,
			`{"ClusterName":"c","Engine":"redis","EngineVersion":"6.2.6"}`,
		},
		{
			"a queue whose redrive policies are resources of their own", "aws_sqs_queue",
			`{"name":"q","redrive_policy":"","redrive_allow_policy":null}`,
			`{"QueueName":"q","RedrivePolicy":{"maxReceiveCount":4},"RedriveAllowPolicy":{"redrivePermission":"byQueue"}}`,
		},
		{
			"a queue with its own redrive policy", "aws_sqs_queue",
			`{"name":"q","redrive_policy":"{\"maxReceiveCount\":4,\"deadLetterTargetArn\":\"d\"}"}`,
			`{"QueueName":"q","RedrivePolicy":{"deadLetterTargetArn":"d","maxReceiveCount":"4"}}`,
		},
		{
			"a group whose target groups are attached one by one", "aws_autoscaling_group",
			`{"name":"g","min_size":1,"max_size":2,"target_group_arns":[]}`,
			`{"AutoScalingGroupName":"g","MinSize":1,"MaxSize":2,"TargetGroupARNs":["arn:t"]}`,
		},
		{
			"an endpoint that is associated one by one", "aws_vpc_endpoint",
			`{"vpc_id":"vpc-1","route_table_ids":[],"subnet_ids":[],"vpc_endpoint_type":"Gateway"}`,
			`{"VpcId":"vpc-1","RouteTableIds":["rtb-1"],"SubnetIds":["subnet-1"],"VpcEndpointType":"Gateway"}`,
		},
		{
			"an API whose policy is a resource of its own", "aws_api_gateway_rest_api",
			`{"name":"a","policy":"","minimum_compression_size":""}`,
			`{"Name":"a","Policy":{"Version":"2012-10-17","Statement":[]},"MinimumCompressionSize":null}`,
		},
		{
			"a domain that Elasticsearch's API made", "aws_elasticsearch_domain",
			`{"domain_name":"d","cluster_config":[{"instance_type":"m5.large.elasticsearch","instance_count":1}]}`,
			`{"DomainName":"d","ClusterConfig.InstanceType":"m5.large.search","ClusterConfig.InstanceCount":1}`,
		},
		{
			"a certificate whose key is written two ways", "aws_acm_certificate",
			`{"domain_name":"example.com","key_algorithm":"RSA-2048"}`,
			`{"DomainName":"example.com","KeyAlgorithm":"RSA_2048"}`,
		},
		{
			"an alias declared by its key's ARN", "aws_kms_alias",
			`{"name":"alias/a","target_key_id":"arn:aws:kms:eu-west-1:111122223333:key/k"}`,
			`{"AliasName":"alias/a","TargetKeyId":"k"}`,
		},
		{
			"a key named by its alias", "aws_sqs_queue",
			`{"name":"q","kms_master_key_id":"alias/a"}`,
			`{"QueueName":"q","KmsMasterKeyId":"arn:aws:kms:eu-west-1:111122223333:alias/a"}`,
		},
	}
}

func TestCleanAppliesAreNoDrift(t *testing.T) {
	for _, tt := range cleanApplies() {
		if diff := compareState(t, tt.resource, tt.state, tt.observed); len(diff) > 0 {
			t.Errorf("%s: %s differs in %v", tt.name, tt.resource, diff)
		}
	}
}

// TestDriftIsStillSeen: what is passed over above must not hide what somebody changed.
func TestDriftIsStillSeen(t *testing.T) {
	for _, tt := range []struct{ resource, state, observed, want string }{
		{"aws_sqs_queue", `{"redrive_policy":"{\"maxReceiveCount\":4}"}`, `{"RedrivePolicy":null}`, "RedrivePolicy"},
		{"aws_sqs_queue", `{"visibility_timeout_seconds":0}`, `{"VisibilityTimeout":null}`, "VisibilityTimeout"},
		{"aws_vpc_endpoint", `{"security_group_ids":[]}`, `{"SecurityGroupIds":["sg-1"]}`, "SecurityGroupIds"},
		{"aws_db_instance", `{"backup_retention_period":0}`, `{"BackupRetentionPeriod":7}`, "BackupRetentionPeriod"},
		{"aws_db_instance", `{"publicly_accessible":false}`, `{"PubliclyAccessible":true}`, "PubliclyAccessible"},
		{"aws_elasticache_cluster", `{"engine_version":"6.x"}`, `{"EngineVersion":"7.0.4"}`, "EngineVersion"},
		{"aws_eks_node_group", `{"taint":[{"key":"gpu","value":"yes","effect":"NO_SCHEDULE"}]}`, `{"Taints":[{"Key":"gpu","Effect":"NO_SCHEDULE"}]}`, "Taints"},
	} {
		if diff := compareState(t, tt.resource, tt.state, tt.observed); !slices.Equal(diff, []string{tt.want}) {
			t.Errorf("%s %s, observed %s: differs in %v, want %s", tt.resource, tt.state, tt.observed, diff, tt.want)
		}
	}
}

// compareState returns the names of the attributes in which a resource of a state and an observed asset differ.
func compareState(t *testing.T, resource, state, observed string) []string {
	t.Helper()
	known := loadCatalog(t)
	row, ok := known.Terraform(resource)
	if !ok {
		t.Fatalf("unknown resource %s", resource)
	}
	var attributes, facts map[string]any
	decode(t, state, &attributes)
	decode(t, observed, &facts)
	var want, have []inventory.Attribute
	for _, m := range row.Attributes {
		if v, ok := m.Value(func(name string) (any, bool) { x, ok := attributes[name]; return x, ok }); ok {
			want = append(want, inventory.Attribute{Name: m.Name, Value: v})
		}
	}
	for name, x := range facts {
		v, err := inventory.ValueOf(x)
		if err != nil {
			t.Fatal(err)
		}
		have = append(have, inventory.Attribute{Name: name, Value: v})
	}
	d, o := declared(arnA, typed(row.CloudType)), seen(arnA, typed(row.CloudType))
	d.Attributes, o.Attributes = inventory.KnownAttributes(want...), inventory.KnownAttributes(have...)
	j := &judge{Inputs: Inputs{Catalog: known}}
	return parts(j.compare(nil, side{d}, o).changed)
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatal(err)
	}
}
