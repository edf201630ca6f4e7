package cloudformation

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/awstest"
	"github.com/muster-audit/muster/inventory"
)

const (
	shopID  = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/11111111-2222-3333-4444-555555555555"
	innerID = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-Inner-1A/66666666-2222-3333-4444-555555555555"
)

// made stands for the answers of CloudFormation about one stack with another one nested in it.
type made struct {
	status    string // of the outer stack
	template  string
	resources string // further rows of the outer stack
	denied    string // operation that is refused for the outer stack
	gone      bool   // there is no stack
}

const shopTemplate = `
Parameters: {Env: {Type: String, Default: dev}, Password: {Type: String, NoEcho: true}, Ami: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"}}
Resources:
  Web: {Type: AWS::EC2::Instance, Properties: {ImageId: !Ref Ami, InstanceType: t3.micro, KeyName: !Ref Password, SecurityGroupIds: [!GetAtt Sg.GroupId], Tags: [{Key: env, Value: !Ref Env}, {Key: place, Value: "Z?rich"}]}}
  Sg: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: web}}
  Kept: {Type: AWS::SQS::Queue, Properties: {QueueName: kept}}
  Failed: {Type: AWS::SQS::Queue}
  Role: {Type: AWS::IAM::Role, Properties: {Path: /app/}}
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}}
`

const innerTemplate = `{"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t", "KmsMasterKeyId": {"Fn::ImportValue": "key"}}}}}`

func serve(t *testing.T, m made) *collector {
	t.Helper()
	s := awstest.New(t)
	s.Use(t)
	t.Setenv("AWS_REGION", "eu-west-1")
	if m.status == "" {
		m.status = "UPDATE_COMPLETE"
	}
	if m.template == "" {
		m.template = shopTemplate
	}
	s.On("cloudformation:DescribeStacks", m.describe)
	s.On("cloudformation:ListStackResources", func(c awstest.Call) awstest.Answer { return m.list(c) })
	s.On("cloudformation:GetTemplate", func(c awstest.Call) awstest.Answer { return m.get(c) })
	return collectorOf(t, &Options{Live: true, Regions: []string{"eu-west-1"}}, t.TempDir())
}

func collectorOf(t *testing.T, o *Options, dir string) *collector {
	t.Helper()
	env := collectors.Env{
		Dir: dir, Log: slog.New(slog.DiscardHandler), Secret: inventory.NewSecretHash([]byte("0123456789abcdef")),
		Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
	}
	c, err := newCollector(env, *o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func stackXML(id, name, status, more string) string {
	return "<member><StackId>" + id + "</StackId><StackName>" + name + "</StackName><StackStatus>" + status + "</StackStatus>" +
		"<CreationTime>2026-01-01T01:00:00Z</CreationTime>" + more + "</member>"
}

func (m made) describe(c awstest.Call) awstest.Answer {
	body := func(members string) awstest.Answer {
		return awstest.Answer{Body: "<DescribeStacksResponse><DescribeStacksResult><Stacks>" + members + "</Stacks></DescribeStacksResult></DescribeStacksResponse>"}
	}
	shop := stackXML(shopID, "shop", m.status, `<Tags><member><Key>team</Key><Value>core</Value></member></Tags><Parameters>
		<member><ParameterKey>Env</ParameterKey><ParameterValue>prod</ParameterValue></member>
		<member><ParameterKey>Password</ParameterKey><ParameterValue>****</ParameterValue></member>
		<member><ParameterKey>Ami</ParameterKey><ParameterValue>/aws/ami</ParameterValue><ResolvedValue>ami-1</ResolvedValue></member></Parameters>`)
	query, _ := url.ParseQuery(c.Body)
	switch {
	case query.Get("StackName") != "" && (m.gone || query.Get("StackName") != "shop"):
		return awstest.Answer{Status: 400, Body: `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ` +
			query.Get("StackName") + ` does not exist</Message></Error></ErrorResponse>`}
	case query.Get("StackName") != "":
		return body(shop)
	case m.gone:
		return body("")
	}
	// nested ones first, as the service lists the newest first
	return body(stackXML(innerID, "shop-Inner-1A", "CREATE_COMPLETE", "<ParentId>"+shopID+"</ParentId><RootId>"+shopID+"</RootId>") + shop)
}

func row(logical, physical, typ, status string) string {
	return "<member><LogicalResourceId>" + logical + "</LogicalResourceId><PhysicalResourceId>" + physical + "</PhysicalResourceId><ResourceType>" +
		typ + "</ResourceType><ResourceStatus>" + status + "</ResourceStatus><LastUpdatedTimestamp>2026-01-01T01:00:00Z</LastUpdatedTimestamp></member>"
}

func (m made) list(c awstest.Call) awstest.Answer {
	page := func(members, token string) awstest.Answer {
		if token != "" {
			token = "<NextToken>" + token + "</NextToken>"
		}
		return awstest.Answer{Body: "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>" + members + "</StackResourceSummaries>" +
			token + "</ListStackResourcesResult></ListStackResourcesResponse>"}
	}
	if strings.Contains(c.Body, url.QueryEscape(innerID)) {
		return page(row("Topic", "arn:aws:sns:eu-west-1:111122223333:t", "AWS::SNS::Topic", "CREATE_COMPLETE"), "")
	}
	if m.denied == "ListStackResources" {
		return awstest.Answer{Status: 403, Code: "AccessDenied"}
	}
	if strings.Contains(c.Body, "page-two") {
		return page(row("Role", "shop-Role-1", "AWS::IAM::Role", "CREATE_COMPLETE")+row("Inner", innerID, "AWS::CloudFormation::Stack", "CREATE_COMPLETE")+m.resources, "")
	}
	return page(row("Web", "i-0abcdef0123456789", "AWS::EC2::Instance", "UPDATE_COMPLETE")+row("Sg", "sg-1", "AWS::EC2::SecurityGroup", "CREATE_COMPLETE")+
		row("Kept", "https://sqs.eu-west-1.amazonaws.com/111122223333/kept", "AWS::SQS::Queue", "DELETE_SKIPPED")+
		row("Failed", "", "AWS::SQS::Queue", "CREATE_FAILED"), "page-two")
}

func (m made) get(c awstest.Call) awstest.Answer {
	text := m.template
	if strings.Contains(c.Body, url.QueryEscape(innerID)) {
		text = innerTemplate
	} else if m.denied == "GetTemplate" {
		return awstest.Answer{Status: 403, Code: "AccessDenied"}
	}
	text = strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(text)
	return awstest.Answer{Body: "<GetTemplateResponse><GetTemplateResult><TemplateBody>" + text + "</TemplateBody></GetTemplateResult></GetTemplateResponse>"}
}

// heap is a sink that keeps what it is given.
type heap struct {
	assets   map[string]inventory.Asset
	order    []string
	problems []inventory.Problem
	calls    map[string]int
}

func (h *heap) Asset(a inventory.Asset) error {
	if _, twice := h.assets[a.Key]; twice {
		return fmt.Errorf("%s came twice", a.Key)
	}
	h.assets[a.Key] = a
	h.order = append(h.order, a.Key)
	return nil
}
func (h *heap) Skip(p inventory.Problem) { h.problems = append(h.problems, p) }
func (h *heap) Note(f collectors.Facts) {
	if f.Calls != nil {
		h.calls = f.Calls
	}
}

func read(t *testing.T, c *collector, scope string) (*heap, error) {
	t.Helper()
	list, err := c.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(s inventory.Scope) bool { return s.ID == scope })
	if i < 0 {
		t.Fatalf("no scope %s in %v", scope, list)
	}
	h := &heap{assets: map[string]inventory.Asset{}}
	return h, c.Collect(t.Context(), list[i], h)
}

const liveScope = "111122223333/eu-west-1"

func (h *heap) get(t *testing.T, key string) inventory.Asset {
	t.Helper()
	a, ok := h.assets[key]
	if !ok {
		t.Fatalf("no %s in %v", key, h.order)
	}
	return a
}

func TestLive(t *testing.T) {
	h, err := read(t, serve(t, made{}), liveScope)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		shopID, "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abcdef0123456789", "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1",
		"cloudformation/shop#Failed", "arn:aws:iam::111122223333:role/app/shop-Role-1", innerID, "arn:aws:sns:eu-west-1:111122223333:t",
	}
	if !slices.Equal(h.order, want) {
		t.Fatalf("%q, want %q", h.order, want)
	}
	web := h.get(t, want[1])
	if o := web.Origin; o.Lineage != shopID || o.Address != "Web" || o.Layer != inventory.LayerState || web.Lifecycle != inventory.LifecycleActive {
		t.Errorf("origin %+v lifecycle %q", o, web.Lifecycle)
	}
	for name, want := range map[string]inventory.Value{"ImageId": `"ami-1"`, "SecurityGroupIds": `["sg-1"]`, "InstanceType": `"t3.micro"`} {
		if v, _ := web.Attributes.Get(name); v != want {
			t.Errorf("%s is %s, want %s", name, v, want)
		}
	}
	if v, ok := web.Attributes.Get("KeyName"); ok && v.IsRead() {
		t.Errorf("a secret parameter is %s", v)
	}
	checkTags(t, web, map[string]string{"env": "prod", "team": "core", "place": "?"})
	if got := h.get(t, "cloudformation/shop#Failed").Lifecycle; got != inventory.LifecyclePlanned {
		t.Errorf("what could not be made is %q", got)
	}
	topic := h.get(t, "arn:aws:sns:eu-west-1:111122223333:t")
	if topic.Origin.Lineage != innerID || topic.Origin.Address != "Inner/Topic" {
		t.Errorf("nested: %+v", topic.Origin)
	}
	if inner := h.get(t, innerID); inner.Origin.Lineage != shopID || inner.Origin.Address != "Inner" {
		t.Errorf("the nested stack itself: %+v", inner.Origin)
	}
	if h.calls["CloudFormation:ListStackResources"] != 3 {
		t.Errorf("calls %v", h.calls)
	}
}

// checkTags compares tags; a value "?" is one that is not known.
func checkTags(t *testing.T, a inventory.Asset, want map[string]string) {
	t.Helper()
	if a.Tags.State() != inventory.Known || a.Tags.Len() != len(want) {
		t.Errorf("%s: tags %v, want %v", a.Key, a.Tags, want)
	}
	for k, v := range want {
		if tag, ok := a.Tags.Get(k); !ok || tag.ValueUnknown != (v == "?") || v != "?" && tag.Value != v {
			t.Errorf("%s: tag %s is %+v, want %s", a.Key, k, tag, v)
		}
	}
}

// What may not be read, and what is of a template that may not have been reached yet, is unknown; never empty, and never gone.
func TestLiveUnknown(t *testing.T) {
	const web = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abcdef0123456789"
	for name, m := range map[string]made{
		"template denied":  {denied: "GetTemplate"},
		"template damaged": {template: "Resources: ["},
		"half updated":     {status: "UPDATE_FAILED"},
		"rollback failed":  {status: "UPDATE_ROLLBACK_FAILED"},
		"in progress":      {status: "UPDATE_IN_PROGRESS"},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := read(t, serve(t, m), liveScope)
			a := h.get(t, web)
			if a.Tags.State() != inventory.Unknown || a.Attributes.IsKnown() || a.Lifecycle != inventory.LifecycleActive {
				t.Errorf("tags %v, attributes %v, lifecycle %q", a.Tags, a.Attributes, a.Lifecycle)
			}
			var e *collectors.Error
			if partial := m.status == ""; partial != errors.As(err, &e) || partial && !e.Listed {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestLiveResourcesDenied(t *testing.T) {
	h, err := read(t, serve(t, made{denied: "ListStackResources"}), liveScope)
	var e *collectors.Error
	if !errors.As(err, &e) || e.Listed || e.Reason != inventory.ReasonDenied {
		t.Errorf("error %v", err)
	}
	if h.get(t, shopID); len(h.order) != 3 {
		t.Errorf("%v", h.order)
	}
}

// A template that belongs to a deployed stack of the same source tells what was applied, and joins the stack's resources.
func TestTemplateOfLiveStack(t *testing.T) {
	dir := t.TempDir()
	text := strings.Replace(shopTemplate, "Resources:", "Resources:\n  New: {Type: AWS::SQS::Queue, Properties: {QueueName: new}}", 1)
	if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "inner.yaml"), []byte(innerTemplate), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		made     made
		web, new inventory.Lifecycle
		lineage  string
	}{
		{"deployed", made{}, inventory.LifecycleActive, inventory.LifecyclePlanned, shopID},
		{"no stack", made{gone: true}, inventory.LifecyclePlanned, inventory.LifecyclePlanned, ""},
		{"resources denied", made{denied: "ListStackResources"}, inventory.LifecycleUnknown, inventory.LifecycleUnknown, shopID},
	} {
		t.Run(c.name, func(t *testing.T) {
			serve(t, c.made)
			h, err := read(t, collectorOf(t, &Options{
				Live: true, Regions: []string{"eu-west-1"}, Paths: []string{"shop.yaml"},
				Stacks: map[string]Stack{"shop.yaml": {StackName: "shop", Account: "111122223333", Region: "eu-west-1"}},
			}, dir), "shop.yaml")
			if err != nil {
				t.Fatal(err)
			}
			byAddress := map[string]inventory.Asset{}
			for _, a := range h.assets {
				byAddress[a.Origin.Address] = a
			}
			web, added, topic := byAddress["Web"], byAddress["New"], byAddress["Inner/Topic"]
			if web.Lifecycle != c.web || added.Lifecycle != c.new || web.Origin.Lineage != c.lineage || web.Origin.Layer != inventory.LayerCode {
				t.Errorf("web %q new %q origin %+v", web.Lifecycle, added.Lifecycle, web.Origin)
			}
			if c.web == inventory.LifecycleActive && (web.Key != "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abcdef0123456789" ||
				topic.Origin.Lineage != innerID || topic.Lifecycle != inventory.LifecycleActive) {
				t.Errorf("key %s, nested %+v %q", web.Key, topic.Origin, topic.Lifecycle)
			}
		})
	}
}

// An account that cannot be entered is a scope that fails, and stands for what it held.
func TestLiveAccountRefused(t *testing.T) {
	s := awstest.New(t)
	s.Use(t)
	o := &Options{Live: true, Regions: []string{"eu-west-1"}}
	o.Accounts = append(o.Accounts, account("444444444444"))
	c := collectorOf(t, o, t.TempDir())
	list, err := c.Scopes(t.Context())
	if err != nil || len(list) != 1 || !slices.Equal(list[0].StandsFor, []string{"444444444444/*"}) {
		t.Fatalf("%v %+v", err, list)
	}
	var e *collectors.Error
	if err := c.Collect(t.Context(), list[0], &heap{}); !errors.As(err, &e) || e.Reason != inventory.ReasonDenied {
		t.Errorf("%v", err)
	}
}
