package pulumi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

func TestConformance(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:    Spec(),
		Fixture: "testdata/stacks",
		Options: func() any { return &Options{Paths: []string{"*.json", "backend"}} },
		Inputs:  []string{"*.json"},
		Shuffle: shuffleKeys,
		Detectable: func(_ string, content []byte, n int) bool {
			return n <= bytes.LastIndexByte(content, '}')
		},
		Generate: generate,
		Secrets:  []string{"s3cret"},
	})
}

// shuffleKeys returns the same document with the keys of every object in another order: Go walks maps in none.
func shuffleKeys(_ string, content []byte, _ *rand.Rand) []byte {
	var x any
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	if d.Decode(&x) != nil {
		return content
	}
	var b bytes.Buffer
	unordered(&b, x)
	return b.Bytes()
}

func unordered(b *bytes.Buffer, x any) {
	switch x := x.(type) {
	case map[string]any:
		sep := "{"
		for k, v := range x {
			fmt.Fprintf(b, "%s%q:", sep, k)
			unordered(b, v)
			sep = ","
		}
		if sep == "{" {
			b.WriteString("{")
		}
		b.WriteString("}")
	case []any:
		b.WriteString("[")
		for i, v := range x {
			if i > 0 {
				b.WriteString(",")
			}
			unordered(b, v)
		}
		b.WriteString("]")
	default:
		text, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		b.Write(text)
	}
}

func generate(dir string, n int) error {
	f, err := os.Create(filepath.Join(dir, "big.json"))
	if err != nil {
		return err
	}
	defer f.Close()
	fmt.Fprint(f, `{"version":3,"deployment":{"resources":[`)
	for i := range n {
		if i > 0 {
			fmt.Fprint(f, ",\n")
		}
		fmt.Fprint(f, queue(fmt.Sprintf("q%d", i), `"outputs":{"arn":"arn:aws:sqs:eu-west-1:111122223333:q`+fmt.Sprint(i)+`","policy":"`+strings.Repeat("x", 1000)+`"}`))
	}
	_, err = fmt.Fprint(f, "]}}")
	return err
}

// queue is an entry of a stack.
func queue(name, fields string) string {
	return entryOf("aws:sqs/queue:Queue", name, fields)
}

func entryOf(typ, name, fields string) string {
	return `{"urn":"urn:pulumi:prod::shop::` + typ + `::` + name + `","custom":true,"type":"` + typ + `",` + fields + `}`
}

type sink struct {
	assets   []inventory.Asset
	problems []inventory.Problem
}

func (s *sink) Asset(a inventory.Asset) error { s.assets = append(s.assets, a); return nil }
func (s *sink) Skip(p inventory.Problem)      { s.problems = append(s.problems, p) }
func (s *sink) Note(collectors.Facts)         {}

func newCollector(t testing.TB, dir string) collectors.Collector {
	t.Helper()
	env := collectors.Env{Dir: dir, Now: time.Now, Log: slog.New(slog.DiscardHandler), Secret: inventory.NewSecretHash([]byte("0123456789abcdef"))}
	c, err := Spec().New(env, inventory.Source{}, &Options{Paths: []string{"a.json"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// collect reads one file with the content.
func collect(t testing.TB, content string) (*sink, error) {
	t.Helper()
	dir := t.TempDir()
	return collectWith(t, newCollector(t, dir), dir, content)
}

func collectWith(t testing.TB, c collectors.Collector, dir, content string) (*sink, error) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	out := &sink{}
	return out, c.Collect(t.Context(), inventory.Scope{ID: "a.json"}, out)
}

func stackOf(entries ...string) string {
	return `{"version":3,"deployment":{"resources":[` + strings.Join(entries, ",") + `]}}`
}

const (
	cipher = `{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","ciphertext":"v1:x"}`
	plainA = `{"4dabf18193072939515e22adb298388d":"1b47061264138c4ac30d75fd1eb44270","plaintext":"\"s3cret-a\""}`
)

// TestTagsNeverGuess: what is encrypted or not known is unknown, and not untagged.
func TestTagsNeverGuess(t *testing.T) {
	unknown := inventory.UnknownTags()
	tags := func(list ...string) inventory.Tags {
		var out []inventory.Tag
		for i := 0; i < len(list); i += 2 {
			out = append(out, inventory.Tag{Key: list[i], Value: list[i+1]})
		}
		return inventory.KnownTags(out...)
	}
	configuration := func(inputs string) string {
		return `{"urn":"urn:pulumi:prod::shop::pulumi:providers:aws::p","custom":true,"id":"1","type":"pulumi:providers:aws","inputs":` + inputs + `}`
	}
	const by = `"provider":"urn:pulumi:prod::shop::pulumi:providers:aws::p::1",`
	tests := []struct {
		name, provider, outputs string
		want                    inventory.Tags
	}{
		{"all are there", "", `{"tags":{"a":"1"},"tagsAll":{"a":"1","b":"2"}}`, tags("a", "1", "b", "2")},
		{"keys are not spelled anew", "", `{"tagsAll":{"costCenter":"1"}}`, tags("costCenter", "1")},
		{"all encrypted, provider not in the stack", "", `{"tags":{"a":"1"},"tagsAll":` + cipher + `}`, unknown},
		{"all encrypted, provider adds none", configuration(`{}`), `{"tags":{"a":"1"},"tagsAll":` + cipher + `}`, tags("a", "1")},
		{"all encrypted, provider adds one", configuration(`{"defaultTags":"{\"tags\":{\"t\":\"x\",\"a\":\"0\"}}"}`), `{"tags":{"a":"1"},"tagsAll":` + cipher + `}`, tags("a", "1", "t", "x")},
		{"all encrypted, what the provider adds too", configuration(`{"defaultTags":` + cipher + `}`), `{"tags":{"a":"1"},"tagsAll":` + cipher + `}`, unknown},
		{"own encrypted", configuration(`{}`), `{"tags":` + cipher + `,"tagsAll":` + cipher + `}`, unknown},
		{"one encrypted", "", `{"tagsAll":{"a":` + cipher + `,"b":"2"}}`, inventory.KnownTags(inventory.Tag{Key: "a", ValueUnknown: true}, inventory.Tag{Key: "b", Value: "2"})},
		{"one not known yet", "", `{"tagsAll":{"a":"04da6b54-80e4-46f7-96ec-b56ff0331ba9"}}`, inventory.KnownTags(inventory.Tag{Key: "a", ValueUnknown: true})},
		{"all not known yet", "", `{"tagsAll":"04da6b54-80e4-46f7-96ec-b56ff0331ba9"}`, unknown},
		{"nothing said", "", `{"name":"q"}`, unknown},
		{"none", "", `{"tags":{},"tagsAll":{}}`, tags()},
		{"not made yet", configuration(`{"defaultTags":"{\"tags\":{\"t\":\"x\"}}"}`), `null,"inputs":{"tags":{"a":"1"}}`, tags("a", "1", "t", "x")},
		{"not made yet, provider not in the stack", "", `null,"inputs":{"tags":{"a":"1"}}`, unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list := []string{queue("q", by+`"outputs":`+tt.outputs)}
			if tt.provider != "" {
				list = append(list, tt.provider) // it may follow what it made
			}
			out, err := collect(t, stackOf(list...))
			if err != nil || len(out.assets) != 1 {
				t.Fatal(err, len(out.assets))
			}
			if a := out.assets[0]; !a.Tags.Equal(tt.want) {
				t.Errorf("tags %v, want %v", a.Tags, tt.want)
			}
		})
	}
}

// TestSecretsInEveryPlace: a secret in plain text is hashed where it stands, and wherever else it is.
func TestSecretsInEveryPlace(t *testing.T) {
	out, err := collect(t, stackOf(
		queue("q", `"outputs":{"name":`+plainA+`,"tagsAll":{"k":`+plainA+`,"c":"s3cret-b"},"policy":"s3cret-a"}`),
		queue("r", `"outputs":{"name":"s3cret-a","tagsAll":{"s3cret-a":"x","y":"s3cret-a"}}`),
		entryOf("aws-native:sqs:Queue", "n", `"outputs":{"queueName":`+plainA+`,"tags":[{"key":"a","value":`+plainA+`}]}`),
		entryOf("other:index:Thing", "t", `"outputs":{"tags":{"a":"s3cret-a"},"password":"s3cret-c"}`),
		`{"urn":"urn:pulumi:prod::shop::pulumi:pulumi:Stack::s","custom":false,"type":"pulumi:pulumi:Stack","outputs":{"o":{"in":[`+strings.Replace(plainA, "s3cret-a", "s3cret-b", 1)+`]}}}`,
	))
	if err != nil || len(out.assets) != 4 {
		t.Fatal(err, len(out.assets))
	}
	for _, a := range out.assets {
		if text := string(inventory.EncodeAsset(&a)); strings.Contains(text, "s3cret") {
			t.Errorf("a secret comes out: %s", text)
		}
	}
}

// TestWhatIsManaged: components, providers, what is only read and views are no things of the stack.
func TestWhatIsManaged(t *testing.T) {
	tests := []struct {
		name, fields string
		want         string // lifecycle, "-" if there is no asset
	}{
		{"made", `"outputs":{}`, "active"},
		{"protected", `"outputs":{},"protect":true`, "active"},
		{"to be deleted", `"outputs":{},"delete":true`, "retiring"},
		{"deleted to be replaced", `"outputs":{},"pendingReplacement":true`, ""},
		{"only read", `"outputs":{},"external":true`, "-"},
		{"a view", `"outputs":{},"viewOf":"urn:x"`, "-"},
		{"a component", `"outputs":{},"custom":false`, "-"},
	}
	for _, tt := range tests {
		out, err := collect(t, stackOf(queue("q", tt.fields)))
		have := "-"
		if len(out.assets) == 1 {
			have = string(out.assets[0].Lifecycle)
		}
		if err != nil || have != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.name, have, err, tt.want)
		}
	}
	out, err := collect(t, `{"version":4,"features":["views"],"deployment":{"resources":[`+queue("q", `"outputs":{}`)+`,7],"pending_operations":[{"type":"creating","resource":{"urn":"urn:pulumi:x"}}]}}`)
	if err != nil || len(out.assets) != 1 || len(out.problems) != 2 || !strings.Contains(out.problems[1].Message, "interrupted") {
		t.Errorf("a malformed resource and an interrupted operation: %v, %+v", err, out)
	}
}

func TestUnreadableFiles(t *testing.T) {
	tests := []struct {
		name, content, want string
		reason              inventory.RunReason
	}{
		{"empty", "", "is empty", inventory.ReasonError},
		{"a list", "[]", "no stack of Pulumi", inventory.ReasonError},
		{"other JSON", `{"version":3}`, "no stack of Pulumi", inventory.ReasonError},
		{"a state", `{"version":4,"lineage":"l","resources":[]}`, "no stack of Pulumi", inventory.ReasonError},
		{"version 2", `{"version":2,"deployment":{}}`, "has version 2", inventory.ReasonError},
		{"version 5", `{"version":5,"deployment":{}}`, "use a newer muster", inventory.ReasonError},
		{"truncated", `{"version":3,"deployment":{"resources":[` + queue("q", `"outputs":{`), "ends in the middle", inventory.ReasonUntrusted},
		{"damaged", `{"version":3,"deployment":{"resources":[nonsense]}}`, "is damaged (byte", inventory.ReasonUntrusted},
		{"two", stackOf() + stackOf(), "goes on after its end", inventory.ReasonUntrusted},
	}
	for _, tt := range tests {
		_, err := collect(t, tt.content)
		var c *collectors.Error
		if !errors.As(err, &c) || !strings.Contains(err.Error(), tt.want) || c.Reason != tt.reason {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	if out, err := collect(t, stackOf()); err != nil || len(out.assets) != 0 {
		t.Errorf("an empty stack: %v", err)
	}
}

func TestTerraformTypes(t *testing.T) {
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for typ, want := range map[string]string{
		"aws:ec2/instance:Instance": "aws_instance", "aws:ec2/vpc:Vpc": "aws_vpc", "aws:ec2/securityGroup:SecurityGroup": "aws_security_group",
		"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "aws_vpc_security_group_ingress_rule",
		"aws:ec2/vpcEndpoint:VpcEndpoint":                           "aws_vpc_endpoint", "aws:ec2/natGateway:NatGateway": "aws_nat_gateway",
		"aws:ec2/fleet:Fleet": "aws_ec2_fleet", "aws:ec2/eip:Eip": "aws_eip", "aws:ec2/vpcDhcpOptions:VpcDhcpOptions": "aws_vpc_dhcp_options",
		"aws:ec2transitgateway/transitGateway:TransitGateway": "aws_ec2_transit_gateway",
		"aws:ec2transitgateway/vpcAttachment:VpcAttachment":   "aws_ec2_transit_gateway_vpc_attachment",
		"aws:ebs/volume:Volume":                               "aws_ebs_volume", "aws:s3/bucket:Bucket": "aws_s3_bucket", "aws:s3/bucketV2:BucketV2": "aws_s3_bucket",
		"aws:s3/bucketVersioningV2:BucketVersioningV2": "aws_s3_bucket_versioning", "aws:rds/instance:Instance": "aws_db_instance",
		"aws:rds/cluster:Cluster": "aws_rds_cluster", "aws:rds/subnetGroup:SubnetGroup": "aws_db_subnet_group", "aws:iam/role:Role": "aws_iam_role",
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment": "aws_iam_role_policy_attachment", "aws:lambda/function:Function": "aws_lambda_function",
		"aws:sqs/queue:Queue": "aws_sqs_queue", "aws:sns/topic:Topic": "aws_sns_topic", "aws:kms/key:Key": "aws_kms_key", "aws:dynamodb/table:Table": "aws_dynamodb_table",
		"aws:cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group", "aws:cloudwatch/eventRule:EventRule": "aws_cloudwatch_event_rule",
		"aws:lb/loadBalancer:LoadBalancer": "aws_lb", "aws:lb/targetGroup:TargetGroup": "aws_lb_target_group", "aws:alb/listener:Listener": "aws_lb_listener",
		"aws:elb/loadBalancer:LoadBalancer": "aws_elb", "aws:apigateway/restApi:RestApi": "aws_api_gateway_rest_api", "aws:apigatewayv2/api:Api": "aws_apigatewayv2_api",
		"aws:cloudtrail/trail:Trail": "aws_cloudtrail", "aws:cfg/rule:Rule": "aws_config_config_rule", "aws:directconnect/connection:Connection": "aws_dx_connection",
		"aws:wafv2/webAcl:WebAcl": "aws_wafv2_web_acl", "aws:eks/cluster:Cluster": "aws_eks_cluster", "aws:autoscaling/group:Group": "aws_autoscaling_group",
		"aws:elasticbeanstalk/application:Application": "aws_elastic_beanstalk_application", "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": "aws_kinesis_firehose_delivery_stream",
		"aws:efs/fileSystem:FileSystem": "aws_efs_file_system", "aws:ec2/launchTemplate:LaunchTemplate": "aws_launch_template",
		"gcp:compute/instance:Instance": "google_compute_instance", "gcp:compute/uRLMap:URLMap": "google_compute_url_map", "gcp:storage/bucket:Bucket": "google_storage_bucket",
		"gcp:sql/databaseInstance:DatabaseInstance": "google_sql_database_instance", "gcp:serviceaccount/account:Account": "google_service_account",
		"gcp:serviceaccount/key:Key": "google_service_account_key", "gcp:organizations/project:Project": "google_project", "gcp:kms/cryptoKey:CryptoKey": "google_kms_crypto_key",
		"gcp:secretmanager/secret:Secret": "google_secret_manager_secret", "gcp:compute/sSLCertificate:SSLCertificate": "google_compute_ssl_certificate",

		"random:index/randomPassword:RandomPassword": "random_password", "tls:index/privateKey:PrivateKey": "tls_private_key",
		"aws:lightsail/instance:Instance": "aws_lightsail_instance", "aws:nowhere/instance:Instance": "", "aws:rds/volume:Volume": "", "azure:compute/vm:VM": "",
		"kubernetes:core/v1:Pod": "", "aws": "", "": "",
	} {
		token, _ := tokenOf(typ)
		if have, _ := terraformType(c, token); have != want {
			t.Errorf("%s: got %q, want %q", typ, have, want)
		}
	}
}

// TestSnake: turning a name of Terraform into Pulumi's and back changes nothing.
func TestSnake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z][a-z0-9]*(_[a-z]+[0-9]*){0,4}`).Draw(t, "name")
		var camel strings.Builder
		for i, part := range strings.Split(name, "_") {
			if i > 0 {
				part = strings.ToUpper(part[:1]) + part[1:]
			}
			camel.WriteString(part)
		}
		if have := snake(camel.String()); have != name && !oneLetter(name) {
			t.Fatalf("%s became %s", camel.String(), have)
		}
	})
	for from, want := range map[string]string{"IAMMember": "iam_member", "ipv6CidrBlock": "ipv6_cidr_block", "tags": "tags", "httpPutResponseHopLimit": "http_put_response_hop_limit", "": ""} {
		if have := snake(from); have != want {
			t.Errorf("%s: got %s", from, have)
		}
	}
}

// oneLetter reports whether a word of a name has one letter: two such words in a row cannot be told from an acronym.
func oneLetter(name string) bool {
	for part := range strings.SplitSeq(name, "_") {
		if len(part) == 1 {
			return true
		}
	}
	return false
}

func TestIgnoredPaths(t *testing.T) {
	for from, want := range map[string]string{
		"instanceType": "instance_type", "tags": "tags", "tags.costCenter": `tags["costCenter"]`, `tags["a.b"]`: `tags["a.b"]`,
		"metadataOptions.httpTokens": "metadata_options.httpTokens", "*": "*",
	} {
		if have := ignored(from); have != want {
			t.Errorf("%s: got %s, want %s", from, have, want)
		}
	}
}

// FuzzCollect reads any bytes as a stack.
func FuzzCollect(f *testing.F) {
	content, err := os.ReadFile("testdata/stacks/prod.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(content))
	f.Add(stackOf(queue("q", `"outputs":{"tags":`+cipher+`,"name":`+plainA+`}`)))
	f.Add(`{"checkpoint":{"latest":{"resources":[{"urn":"u","type":"aws:ec2/instance:Instance","custom":true,"outputs":{"rootBlockDevice":{"volumeId":"v"},"ebsBlockDevices":[3,{}]}}]}}}`)
	dir := f.TempDir()
	c := newCollector(f, dir)
	f.Fuzz(func(t *testing.T, content string) {
		first, err := collectWith(t, c, dir, content)
		second, again := collectWith(t, c, dir, content)
		if (err == nil) != (again == nil) || len(first.assets) != len(second.assets) {
			t.Fatalf("read twice: %v and %v", err, again)
		}
		seen := map[string]bool{}
		for _, a := range first.assets {
			if a.Key == "" || a.Type == "" || seen[a.Key] || a.Book != inventory.Declared || !a.Lifecycle.Valid() {
				t.Fatalf("asset %+v", a)
			}
			seen[a.Key] = true
		}
	})
}
