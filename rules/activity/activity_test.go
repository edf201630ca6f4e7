package activity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/rules"
)

// All events are made for these tests, after the shapes that the providers document.

const (
	account = "111122223333"
	region  = "eu-west-1"
	jane    = "arn:aws:sts::111122223333:assumed-role/Admin/jane"
)

// trail is an event of CloudTrail, with some members replaced.
func trail(name, source string, with map[string]any) map[string]any {
	e := map[string]any{
		"eventVersion": "1.11", "eventID": name + source + fmt.Sprint(with["eventTime"], with["requestParameters"]), "eventTime": "2026-11-22T10:03:04Z",
		"eventSource": source + ".amazonaws.com", "eventName": name, "awsRegion": region, "readOnly": false, "managementEvent": true,
		"recipientAccountId": account, "eventType": "AwsApiCall",
		"userAgent":    "aws-cli/2.31.0 md/awscrt",
		"userIdentity": map[string]any{"type": "AssumedRole", "arn": jane, "accountId": account, "principalId": "AROAEXAMPLE:jane"},
	}
	for k, v := range with {
		e[k] = v
	}
	return e
}

func request(v any) map[string]any { return map[string]any{"requestParameters": v} }

// object is shorter than map[string]any.
type m = map[string]any

func records(events ...map[string]any) string { return text(m{"Records": events}) }

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func instance(deed Deed, parts ...string) Target {
	return Target{
		Deed: deed, Type: "AWS::EC2::Instance", Names: []string{"arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"},
		IDs: []string{"i-0abc", "web"}, Account: account, Region: region, Parts: parts,
	}
}

func find(t *testing.T, target Target, logs ...string) (rules.Who, bool) {
	t.Helper()
	s := NewSearch([]Target{target})
	for _, l := range logs {
		if err := s.Read(context.Background(), strings.NewReader(l)); err != nil {
			t.Fatal(err)
		}
	}
	return s.Found(0)
}

func TestWhatFits(t *testing.T) {
	modify := trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0abc", "instanceType": m{"value": "t3.large"}}))
	with := func(k string, v any) map[string]any {
		e := trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0abc"}))
		e[k] = v
		return e
	}
	group := Target{Deed: Changed, Type: "AWS::EC2::SecurityGroup", IDs: []string{"sg-1"}, Account: account, Region: region}
	bucket := Target{Deed: Changed, Type: "AWS::S3::Bucket", Names: []string{"arn:aws:s3:::acme-logs"}, IDs: []string{"acme-logs"}, Account: account, Region: region}
	ingress := m{"ipPermissions": m{"items": []any{m{"groups": m{"items": []any{m{"groupId": "sg-1"}}}}}}}
	for _, c := range []struct {
		name   string
		target Target
		event  map[string]any
		want   string // the action; empty if nothing is to be told
	}{
		{"a change", instance(Changed, "InstanceType"), modify, "ec2:ModifyInstanceAttribute"},
		{"an id that begins alike", instance(Changed), trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0abcd"})), ""},
		{"an id that ends sooner", instance(Changed), trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0ab"})), ""},
		{"another account", instance(Changed), with("recipientAccountId", "999988887777"), ""},
		{"another region", instance(Changed), with("awsRegion", "eu-west-2"), ""},
		{"no account at all", instance(Changed), func() map[string]any {
			e := with("recipientAccountId", "")
			e["userIdentity"] = m{"type": "IAMUser", "arn": jane}
			return e
		}(), ""},
		{"a call that failed", instance(Changed), with("errorCode", "Client.UnauthorizedOperation"), ""},
		{"a read", instance(Changed), with("readOnly", true), ""},
		{"an event about data", instance(Changed), with("managementEvent", false), ""},
		{"without readOnly, as old logs are", instance(Changed), with("readOnly", nil), "ec2:ModifyInstanceAttribute"},
		{"a name in a description", instance(Changed), trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-1", "description": "i-0abc"})), ""},
		{"stopped", instance(Changed), trail("StopInstances", "ec2", request(m{"instancesSet": m{"items": []any{m{"instanceId": "i-0abc"}}}})), ""},
		{"another service", instance(Changed), trail("RegisterInstances", "elasticloadbalancing", request(m{"instanceId": "i-0abc"})), ""},
		{"a tag, while another thing differs", instance(Changed, "InstanceType"), trail("CreateTags", "ec2", request(m{"resourcesSet": m{"items": []any{m{"resourceId": "i-0abc"}}}})), ""},
		{"a tag", instance(Changed, "tags.env"), trail("CreateTags", "ec2", request(m{"resourcesSet": m{"items": []any{m{"resourceId": "i-0abc"}}}, "tagSet": m{"items": []any{m{"key": "env", "value": "x"}}}})), "ec2:CreateTags"},
		{"a tag by the tagging API", instance(Changed, "tags.env"), trail("TagResources", "tagging", request(m{"resourceARNList": []any{"arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"}, "tags": m{"env": "x"}})), "tagging:TagResources"},
		{"a change, while tags differ", instance(Changed, "tags.env"), modify, ""},
		{"deleted", instance(Deleted), trail("TerminateInstances", "ec2", request(m{"instancesSet": m{"items": []any{m{"instanceId": "i-0abc"}}}})), "ec2:TerminateInstances"},
		{"a change is no deletion", instance(Deleted), modify, ""},
		{"made", instance(Made), trail("RunInstances", "ec2", m{"responseElements": m{"instancesSet": m{"items": []any{m{"instanceId": "i-0abc"}}}}}), "ec2:RunInstances"},
		{"a change is no making", instance(Made), modify, ""},
		{"a subnet in which something is made", Target{Deed: Changed, Type: "AWS::EC2::Subnet", IDs: []string{"subnet-1"}, Account: account, Region: region}, trail("RunInstances", "ec2", request(m{"subnetId": "subnet-1"})), ""},
		{"a VPC in which something is made", Target{Deed: Changed, Type: "AWS::EC2::VPC", IDs: []string{"vpc-1"}, Account: account, Region: region}, trail("CreateVpcEndpoint", "ec2", request(m{"CreateVpcEndpointRequest": m{"VpcId": "vpc-1"}})), ""},
		{"a rule of a group", group, trail("AuthorizeSecurityGroupIngress", "ec2", request(m{"groupId": "sg-1"})), "ec2:AuthorizeSecurityGroupIngress"},
		{"the other side of a rule", group, trail("AuthorizeSecurityGroupIngress", "ec2", request(m{"groupId": "sg-2", "ipPermissions": ingress["ipPermissions"]})), ""},
		{"a group given to a machine", group, trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-1", "groupSet": m{"items": []any{m{"groupId": "sg-1"}}}})), ""},
		{"a side of a bucket", bucket, trail("PutBucketVersioning", "s3", request(m{"bucketName": "acme-logs"})), "s3:PutBucketVersioning"},
		{"a side of a bucket that is deleted", bucket, trail("DeleteBucketPolicy", "s3", request(m{"bucketName": "acme-logs"})), "s3:DeleteBucketPolicy"},
		{"what CloudTrail says it is about", bucket, func() map[string]any {
			e := trail("PutBucketAcl", "s3", nil)
			e["resources"] = []any{m{"ARN": "arn:aws:s3:::acme-logs", "type": "AWS::S3::Bucket"}}
			return e
		}(), "s3:PutBucketAcl"},
		{"a bucket's name for another thing", bucket, trail("PutBucketLogging", "s3", request(m{"bucketName": "other", "BucketLoggingStatus": m{"LoggingEnabled": m{"TargetBucket": "acme-logs"}}})), ""},
		{
			"another kind of group with the same name",
			Target{Deed: Changed, Type: "AWS::RDS::DBInstance", IDs: []string{"prod"}, Account: account, Region: region},
			trail("ModifyDBInstance", "rds", request(m{"dBInstanceIdentifier": "other", "dBParameterGroupName": "prod"})), "",
		},
		{"a tag with the name of another", Target{Deed: Made, Type: "AWS::Lambda::Function", IDs: []string{"prod"}, Account: account, Region: region}, trail("CreateFunction20150331", "lambda", request(m{"functionName": "other", "tags": m{"Name": "prod"}})), ""},
		{"a version of an API", Target{Deed: Made, Type: "AWS::Lambda::Function", IDs: []string{"prod"}, Account: account, Region: region}, trail("CreateFunction20150331", "lambda", request(m{"functionName": "prod"})), "lambda:CreateFunction20150331"},
		{"a side with the version of an API", Target{Deed: Changed, Type: "AWS::Lambda::Function", IDs: []string{"prod"}, Account: account, Region: region}, trail("UpdateFunctionConfiguration20150331v2", "lambda", request(m{"functionName": "prod"})), "lambda:UpdateFunctionConfiguration20150331v2"},
		{"a queue by its address", Target{Deed: Changed, Type: "AWS::SQS::Queue", IDs: []string{"jobs"}, Account: account, Region: region}, trail("SetQueueAttributes", "sqs", request(m{"queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"})), "sqs:SetQueueAttributes"},
		{"a key that will be deleted", Target{Deed: Deleted, Type: "AWS::KMS::Key", IDs: []string{"1234"}, Account: account, Region: region}, trail("ScheduleKeyDeletion", "kms", request(m{"keyId": "1234"})), "kms:ScheduleKeyDeletion"},
		{"a role's policy", Target{Deed: Changed, Type: "AWS::IAM::Role", IDs: []string{"ci"}, Account: account}, trail("AttachRolePolicy", "iam", request(m{"roleName": "ci", "policyArn": "arn:aws:iam::111122223333:policy/p"})), "iam:AttachRolePolicy"},
		{"a policy given to a role", Target{Deed: Changed, Type: "AWS::IAM::ManagedPolicy", Names: []string{"arn:aws:iam::111122223333:policy/p"}, Account: account}, trail("AttachRolePolicy", "iam", request(m{"roleName": "ci", "policyArn": "arn:aws:iam::111122223333:policy/p"})), ""},
		{"before the state", withTimes(instance(Changed), "2026-11-22T10:03:05Z", ""), modify, ""},
		{"at the time of the state", withTimes(instance(Changed), "2026-11-22T10:03:04Z", ""), modify, "ec2:ModifyInstanceAttribute"},
		{"after it was seen", withTimes(instance(Changed), "", "2026-11-22T10:03:03Z"), modify, ""},
		{"not known in which account", func() Target { t := instance(Changed); t.Account, t.Names = "", nil; return t }(), modify, ""},
		{"an operation that is none", instance(Changed), with("eventName", "Modify Instance\nAttribute"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			who, ok := find(t, c.target, records(c.event))
			if ok != (c.want != "") || who.Action != c.want {
				t.Errorf("told %+v, want %q", who, c.want)
			}
		})
	}
}

func withTimes(t Target, after, before string) Target {
	t.After, _ = time.Parse(time.RFC3339, after)
	t.Before, _ = time.Parse(time.RFC3339, before)
	return t
}

func TestFormats(t *testing.T) {
	e := trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0abc"}))
	athena := m{}
	for k, v := range e {
		if k == "requestParameters" {
			v = text(v)
		}
		athena[strings.ToLower(k)] = v
	}
	athena["readonly"] = "false"
	lookup := m{"Events": []any{m{"EventId": "1", "EventName": "ModifyInstanceAttribute", "ReadOnly": "false", "Username": "jane", "CloudTrailEvent": text(e)}}}
	for name, log := range map[string]string{
		"file":                 records(e),
		"file with a mark":     "\ufeff" + records(e),
		"two files in one":     records() + "\n" + records(e),
		"a line an event":      text(trail("DescribeInstances", "ec2", m{"readOnly": true})) + "\n" + text(e) + "\n",
		"a list":               text([]any{e}),
		"lookup-events":        text(lookup),
		"lookup-events, paged": `{"NextToken":"x",` + text(lookup)[1:],
		"Athena":               text(athena),
	} {
		t.Run(name, func(t *testing.T) {
			want := rules.Who{Actor: jane, At: time.Date(2026, 11, 22, 10, 3, 4, 0, time.UTC), Action: "ec2:ModifyInstanceAttribute", Via: "CLI"}
			if who, ok := find(t, instance(Changed), log); !ok || who != want {
				t.Errorf("told %+v, want %+v", who, want)
			}
		})
	}
}

func entry(method, resource string, with map[string]any) map[string]any {
	e := m{
		"insertId": method + resource, "logName": "projects/acme/logs/cloudaudit.googleapis.com%2Factivity", "timestamp": "2026-11-22T10:03:04.123456Z",
		"protoPayload": m{
			"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "serviceName": "compute.googleapis.com", "methodName": method, "resourceName": resource,
			"authenticationInfo": m{"principalEmail": "jane@example.com"}, "requestMetadata": m{"callerSuppliedUserAgent": "Mozilla/5.0"},
		},
	}
	for k, v := range with {
		if k == "status" || k == "request" || k == "serviceName" {
			e["protoPayload"].(m)[k] = v
			continue
		}
		e[k] = v
	}
	return e
}

func TestGoogle(t *testing.T) {
	const web = "projects/acme/zones/europe-west1-b/instances/web"
	machine := func(d Deed, parts ...string) Target {
		return Target{Deed: d, Type: "compute.googleapis.com/Instance", Names: []string{"//compute.googleapis.com/" + web}, IDs: []string{"web", "42"}, Account: "acme", Parts: parts}
	}
	bucket := Target{Deed: Changed, Type: "storage.googleapis.com/Bucket", Names: []string{"//storage.googleapis.com/acme-logs"}, Parts: []string{"tags.env"}}
	project := Target{Deed: Made, Type: "cloudresourcemanager.googleapis.com/Project", Names: []string{"//pubsub.googleapis.com/projects/acme"}}
	for _, c := range []struct {
		name   string
		target Target
		event  map[string]any
		want   bool
	}{
		{"a change", machine(Changed, "machineType"), entry("v1.compute.instances.setMachineType", web, nil), true},
		{"a name that begins alike", machine(Changed), entry("v1.compute.instances.setMachineType", web+"2", nil), false},
		{"another project", machine(Changed), entry("v1.compute.instances.setMachineType", strings.Replace(web, "acme", "acme2", 1), nil), false},
		{"one that failed", machine(Changed), entry("v1.compute.instances.setMachineType", web, m{"status": m{"code": 7}}), false},
		{"one that goes on", machine(Changed), entry("v1.compute.instances.setMachineType", web, m{"operation": m{"id": "op", "first": true}}), false},
		{"one that ended", machine(Changed), entry("v1.compute.instances.setMachineType", web, m{"operation": m{"id": "op", "last": true}}), true},
		{"a read", machine(Changed), entry("v1.compute.instances.get", web, m{"logName": "projects/acme/logs/cloudaudit.googleapis.com%2Fdata_access"}), false},
		{"labels, while another thing differs", machine(Changed, "machineType"), entry("v1.compute.instances.setLabels", web, nil), false},
		{"labels", machine(Changed, "tags.env"), entry("v1.compute.instances.setLabels", web, nil), true},
		{"labels by a general update", bucket, entry("storage.buckets.update", "projects/_/buckets/acme-logs", m{"serviceName": "storage.googleapis.com"}), true},
		{"an object of a bucket", bucket, entry("storage.objects.update", "projects/_/buckets/acme-logs/objects/a", m{"serviceName": "storage.googleapis.com"}), false},
		{"made", machine(Made), entry("beta.compute.instances.insert", web, nil), true},
		{"deleted", machine(Deleted), entry("v1.compute.instances.delete", web, nil), true},
		{"a side that is deleted", machine(Deleted), entry("v1.compute.instances.deleteAccessConfig", web, nil), false},
		{"stopped", machine(Changed), entry("v1.compute.instances.stop", web, nil), false},
		{"something made in a project", project, entry("google.pubsub.v1.Publisher.CreateTopic", "projects/acme", m{"serviceName": "pubsub.googleapis.com"}), false},
		{"permissions", machine(Changed), entry("v1.compute.instances.setIamPolicy", web, nil), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, log := range []string{text([]any{c.event}), text(c.event) + "\n"} {
				who, ok := find(t, c.target, log)
				if ok != c.want || ok && (who.Actor != "jane@example.com" || who.Via != "console" || who.At.Year() != 2026) {
					t.Errorf("told %+v, want one: %v", who, c.want)
				}
			}
		})
	}
}

func TestVia(t *testing.T) {
	for _, c := range []struct {
		agent    string
		identity m
		console  string
		via      string
	}{
		{"APN/1.0 HashiCorp/1.0 Terraform/1.13.4 terraform-provider-aws/6.20.0 aws-sdk-go-v2/1.39", nil, "", "Terraform"},
		{"APN/1.0 OpenTofu/1.10 Terraform/1.0", nil, "", "OpenTofu"},
		{"aws-sdk-go-v2/1.39 Pulumi/3.0", nil, "true", "Pulumi"},
		{"aws-cli/2.31.0", nil, "", "CLI"},
		{"aws-cli/2.31.0", nil, "true", "console"}, // the console's shell
		{"Mozilla/5.0 (X11)", nil, "", "console"},
		{"cloudformation.amazonaws.com", m{"invokedBy": "cloudformation.amazonaws.com"}, "", "CloudFormation"},
		{"autoscaling.amazonaws.com", m{"type": "AWSService", "arn": nil, "invokedBy": "autoscaling.amazonaws.com"}, "", "service"},
		{"Boto3/1.40", nil, "", "SDK"},
		{"something", nil, "", ""},
	} {
		e := trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0abc"}))
		e["userAgent"], e["sessionCredentialFromConsole"] = c.agent, c.console
		for k, v := range c.identity {
			e["userIdentity"].(m)[k] = v
		}
		if who, ok := find(t, instance(Changed), records(e)); !ok || who.Via != c.via {
			t.Errorf("%s: %+v, want %q", c.agent, who, c.via)
		}
	}
}

func at(e map[string]any, hour int) map[string]any {
	e["eventTime"] = fmt.Sprintf("2026-11-22T%02d:00:00Z", hour)
	e["eventID"] = fmt.Sprint(e["eventID"], hour)
	return e
}

func TestTheLastOneIsTold(t *testing.T) {
	modify := func(hour int, with m) map[string]any {
		r := m{"instanceId": "i-0abc"}
		for k, v := range with {
			r[k] = v
		}
		return at(trail("ModifyInstanceAttribute", "ec2", request(r)), hour)
	}
	kind, stop := m{"instanceType": m{"value": "t3.large"}}, m{"disableApiTermination": m{"value": false}}
	who, ok := find(t, instance(Changed, "InstanceType"), records(modify(7, kind), modify(9, kind), modify(8, kind)), records(modify(9, kind)))
	if !ok || who.At.Hour() != 9 || who.Others != 2 {
		t.Errorf("of three, one of them twice: %+v", who)
	}
	who, _ = find(t, instance(Changed, "InstanceType"), records(modify(7, kind), modify(9, stop)))
	if who.At.Hour() != 7 || who.Others != 0 {
		t.Errorf("the one that names the attribute: %+v", who)
	}
	var many []map[string]any
	for hour := range 24 {
		many = append(many, modify(hour, kind))
	}
	if who, _ = find(t, instance(Changed), records(many...)); who.Others != rules.MostOthers {
		t.Errorf("of many: %+v", who)
	}
}

func TestMadeAgainIsNotGone(t *testing.T) {
	bucket := Target{Deed: Deleted, Type: "AWS::S3::Bucket", IDs: []string{"acme-logs"}, Account: account, Region: region}
	gone := at(trail("DeleteBucket", "s3", request(m{"bucketName": "acme-logs"})), 8)
	made := at(trail("CreateBucket", "s3", request(m{"bucketName": "acme-logs"})), 9)
	if who, ok := find(t, bucket, records(gone, made)); ok {
		t.Errorf("told %+v", who)
	}
	if _, ok := find(t, bucket, records(made, at(gone, 10))); !ok {
		t.Error("its second deletion is not told")
	}
}

func TestBadLogs(t *testing.T) {
	good := records(trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0abc"})))
	for _, c := range []struct{ name, log, want string }{
		{"cut", good[:len(good)-1], "ends in the middle"},
		{"damaged", strings.Replace(good, `"Records":[{`, `"Records":[{]`, 1), "not JSON"},
		{"a state", `{"version":4,"resources":[]}`, "no event"},
		{"text", "Records", "not JSON"},
		{"a number", "1", "no event"},
		{"UTF-16", "\xff\xfe{\x00", "UTF-16"},
		{"a list of something else", `[{"a":1}]`, "no event"},
		{"too long", `{"Records":[{"a":"` + strings.Repeat("x", maxRecord+10) + `"}]}`, "longer than"},
		{"too many members", "{" + strings.Repeat(`"a":"`+strings.Repeat("x", 1<<20)+`",`, 6) + `"b":1}`, "longer than"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := NewSearch(nil).Read(context.Background(), strings.NewReader(c.log))
			var p *Problem
			if !errors.As(err, &p) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "byte ") {
				t.Errorf("error %v, want a place and %q", err, c.want)
			}
		})
	}
	for name, log := range map[string]string{"no events": `{"Records":[]}`, "an empty list": "[]", "a digest": `{"awsAccountId":"1","digestS3Bucket":"b"}`} {
		if err := NewSearch(nil).Read(context.Background(), strings.NewReader(log)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatCameBeforeADamageCounts(t *testing.T) {
	s := NewSearch([]Target{instance(Changed)})
	err := s.Read(context.Background(), strings.NewReader(text(trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0abc"})))+"\n{\"eventID\":\n"))
	if _, ok := s.Found(0); err == nil || !ok || s.Logs().Events != 1 {
		t.Errorf("error %v, found %v, %+v", err, ok, s.Logs())
	}
}

func TestReadEndsWhenItIsTold(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := NewSearch(nil).Read(ctx, strings.NewReader(records(trail("A", "ec2", nil)))); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestNoSecretLeaves(t *testing.T) {
	const secret = "hunter2-very-secret"
	e := trail("ModifyInstanceAttribute", "ec2", m{"requestParameters": m{"instanceId": "i-0abc", "userData": secret, secret: secret}, "responseElements": m{"key": secret}})
	e["userAgent"], e["errorMessage"], e["additionalEventData"] = "aws-cli/2 "+secret, secret, secret
	e["userIdentity"].(m)["accessKeyId"] = secret
	s := NewSearch([]Target{instance(Changed)})
	if err := s.Read(context.Background(), strings.NewReader(records(e)+secret)); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("error %v", err)
	}
	who, ok := s.Found(0)
	if !ok || strings.Contains(fmt.Sprintf("%+v %+v", who, s), secret) {
		t.Errorf("%+v", who)
	}
}

func TestNamesAreMadeHarmless(t *testing.T) {
	e := trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0abc"}))
	e["userIdentity"].(m)["arn"] = "jane\x1b[31m\n\u202e" + strings.Repeat("é", 600)
	who, ok := find(t, instance(Changed), records(e))
	if !ok || strings.ContainsAny(who.Actor, "\x1b\n\u202e") || len(who.Actor) > maxText {
		t.Errorf("%q", who.Actor)
	}
}

// TestOrderDoesNotMatter: whatever stands in which log in whatever order, the same is told.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []map[string]any
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			name := rapid.SampledFrom([]string{"ModifyInstanceAttribute", "TerminateInstances", "RunInstances", "CreateTags"}).Draw(t, "name")
			e := trail(name, "ec2", request(m{"instanceId": rapid.SampledFrom([]string{"i-0abc", "i-0abcd", "i-1"}).Draw(t, "id")}))
			e["userIdentity"] = m{"arn": rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "who"), "accountId": account}
			if rapid.Bool().Draw(t, "twice") {
				delete(e, "eventID")
			}
			events = append(events, at(e, rapid.IntRange(0, 5).Draw(t, "hour")))
		}
		tell := func(list []map[string]any, cut int) string {
			s := NewSearch([]Target{instance(Changed), instance(Made), instance(Deleted)})
			for _, l := range []string{records(list[cut:]...), records(list[:cut]...)} {
				if err := s.Read(context.Background(), strings.NewReader(l)); err != nil {
					t.Fatal(err)
				}
			}
			out := fmt.Sprint(s.Logs().Events, s.Logs().First, s.Logs().Last)
			for i := range s.targets {
				who, ok := s.Found(i)
				out += fmt.Sprint(who, ok)
			}
			return out
		}
		want := tell(events, 0)
		mixed := rapid.Permutation(events).Draw(t, "order")
		if got := tell(mixed, rapid.IntRange(0, len(mixed)).Draw(t, "cut")); got != want {
			t.Fatalf("%s\n%s", got, want)
		}
	})
}

// endless is a log of n events that nobody holds as a whole.
type endless struct {
	rest  int
	event []byte
	buf   bytes.Buffer
	read  int64
}

func (e *endless) Read(p []byte) (int, error) {
	for e.buf.Len() < len(p) && e.rest > 0 {
		e.rest--
		e.buf.Write(e.event)
	}
	n, err := e.buf.Read(p)
	e.read += int64(n)
	return n, err
}

func BenchmarkRead(b *testing.B) {
	line := []byte(text(trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0abc", "instanceType": m{"value": "t3.large"}}))) + "\n")
	var targets []Target
	for i := range 10000 {
		t := instance(Changed)
		t.Names, t.IDs = nil, []string{fmt.Sprintf("i-%08x", i)}
		targets = append(targets, t)
	}
	b.ReportAllocs()
	for b.Loop() {
		log := &endless{rest: 20000, event: line}
		if err := NewSearch(targets).Read(context.Background(), log); err != nil && !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
		b.SetBytes(log.read)
	}
}

func BenchmarkNewSearch(b *testing.B) {
	var targets []Target
	for i := range 100000 {
		t := instance(Changed)
		t.Names, t.IDs = []string{fmt.Sprintf("arn:aws:ec2:eu-west-1:111122223333:instance/i-%08x", i)}, []string{fmt.Sprintf("i-%08x", i), fmt.Sprint("web-", i)}
		targets = append(targets, t)
	}
	b.ReportAllocs()
	for b.Loop() {
		NewSearch(targets)
	}
}
