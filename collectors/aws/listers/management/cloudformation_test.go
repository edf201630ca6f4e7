package management

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const (
	shopStack  = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/11111111-2222-3333-4444-555555555555"
	innerStack = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop-db-1ABC/66666666-2222-3333-4444-555555555555"
)

func stacksPage(token string, members ...string) string {
	if token != "" {
		token = "<NextToken>" + token + "</NextToken>"
	}
	return `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>` +
		strings.Join(members, "") + `</Stacks>` + token + `</DescribeStacksResult></DescribeStacksResponse>`
}

func stackMember(id, name, status, more string) string {
	return "<member><StackId>" + id + "</StackId><StackName>" + name + "</StackName><StackStatus>" + status + "</StackStatus>" +
		"<CreationTime>2026-01-01T01:00:00.123Z</CreationTime>" + more + "</member>"
}

func TestStacks(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CloudFormation::Stack")
	o := listertest.Run(t, l, listertest.Answers{
		"DescribeStacks": listertest.Bodies(
			stacksPage("more", stackMember(shopStack, "shop", "UPDATE_COMPLETE", `
				<Description>the shop</Description><RoleARN>arn:aws:iam::111122223333:role/deploy</RoleARN>
				<Capabilities><member>CAPABILITY_NAMED_IAM</member><member>CAPABILITY_IAM</member></Capabilities>
				<EnableTerminationProtection>true</EnableTerminationProtection><TimeoutInMinutes>30</TimeoutInMinutes>
				<NotificationARNs><member>arn:aws:sns:eu-west-1:111122223333:stacks</member></NotificationARNs>
				<Parameters><member><ParameterKey>DbPassword</ParameterKey><ParameterValue>hunter2</ParameterValue></member>
				<member><ParameterKey>Ami</ParameterKey><ParameterValue>ami-1</ParameterValue></member></Parameters>
				<Outputs><member><OutputKey>Token</OutputKey><OutputValue>hunter3</OutputValue></member></Outputs>
				<Tags><member><Key>owner</Key><Value>payments</Value></member></Tags>`)),
			stacksPage("", stackMember(innerStack, "shop-db-1ABC", "CREATE_COMPLETE", "<ParentId>"+shopStack+"</ParentId><RootId>"+shopStack+"</RootId>"),
				stackMember(shopStack+"x", "old", "DELETE_COMPLETE", ""), stackMember(shopStack+"y", "going", "DELETE_IN_PROGRESS", "")),
		),
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 0 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, shopStack)
	listertest.Attributes(t, a, map[string]string{
		"ParameterNames": `["Ami","DbPassword"]`, "Capabilities": `["CAPABILITY_IAM","CAPABILITY_NAMED_IAM"]`, "Description": `"the shop"`,
		"EnableTerminationProtection": "true", "TimeoutInMinutes": "30", "StackStatus": `"UPDATE_COMPLETE"`,
		"RoleARN": `"arn:aws:iam::111122223333:role/deploy"`, "NotificationARNs": `["arn:aws:sns:eu-west-1:111122223333:stacks"]`,
	})
	listertest.Nowhere(t, a, "hunter")
	listertest.Tag(t, a, "owner", "payments")
	if want := time.Date(2026, 1, 1, 1, 0, 0, 123e6, time.UTC); !a.Created.Equal(want) {
		t.Errorf("created %s", a.Created)
	}
	inner := o.Asset(t, innerStack)
	if inner.Tags.State() != inventory.Known || inner.Tags.Len() != 0 {
		t.Errorf("tags of a stack without tags: %v", inner.Tags)
	}
	listertest.Relations(t, inner, inventory.Relation{Kind: inventory.ManagedBy, Key: shopStack}, inventory.Relation{Kind: inventory.PartOf, Key: shopStack})
	listertest.Relations(t, a)
	if got := o.Asset(t, "going").Lifecycle; got != inventory.LifecycleRetiring {
		t.Errorf("a stack that is being deleted is %s", got)
	}
}

func TestStacksRefusedOnTheSecondPage(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CloudFormation::Stack")
	o := listertest.Run(t, l, listertest.Answers{"DescribeStacks": func(n int, _ string) listertest.Response {
		if n > 0 {
			return listertest.Response{Code: "AccessDenied"}
		}
		return listertest.Response{Body: stacksPage("more", stackMember(shopStack, "shop", "CREATE_COMPLETE", ""))}
	}})
	if o.Err == nil || len(o.Assets) != 1 {
		t.Errorf("error %v, %d assets", o.Err, len(o.Assets))
	}
}

func stackSetsPage(token string, names ...string) string {
	var b strings.Builder
	for _, n := range names {
		b.WriteString("<member><StackSetName>" + n + "</StackSetName><StackSetId>" + n + ":0123</StackSetId><Status>ACTIVE</Status>" +
			"<PermissionModel>SERVICE_MANAGED</PermissionModel><AutoDeployment><Enabled>true</Enabled>" +
			"<RetainStacksOnAccountRemoval>false</RetainStacksOnAccountRemoval></AutoDeployment><ManagedExecution><Active>true</Active></ManagedExecution></member>")
	}
	if token != "" {
		token = "<NextToken>" + token + "</NextToken>"
	}
	return `<ListStackSetsResponse><ListStackSetsResult><Summaries>` + b.String() + `</Summaries>` + token + `</ListStackSetsResult></ListStackSetsResponse>`
}

func stackSetDetail(name, more string) string {
	return `<DescribeStackSetResponse><DescribeStackSetResult><StackSet><StackSetName>` + name + `</StackSetName><StackSetARN>` + stackSetARN(name) +
		`</StackSetARN>` + more + `</StackSet></DescribeStackSetResult></DescribeStackSetResponse>`
}

func stackSetARN(name string) string {
	return "arn:aws:cloudformation:eu-west-1:111122223333:stackset/" + name + ":0123"
}

func TestStackSets(t *testing.T) {
	l := listertest.Find(t, Listers(), "AWS::CloudFormation::StackSet")
	o := listertest.Run(t, l, listertest.Answers{
		"ListStackSets": listertest.Bodies(stackSetsPage("more", "guard", "refused"), stackSetsPage("", "bare", "gone")),
		"DescribeStackSet": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "gone"):
				return listertest.Response{Code: "StackSetNotFoundException"}
			case strings.Contains(request, "refused"):
				return listertest.Response{Code: "AccessDenied"}
			case strings.Contains(request, "bare"):
				return listertest.Response{Body: stackSetDetail("bare", "")}
			}
			return listertest.Response{Body: stackSetDetail("guard", `<AdministrationRoleARN>arn:aws:iam::111122223333:role/admin</AdministrationRoleARN>
				<ExecutionRoleName>exec</ExecutionRoleName><Capabilities><member>CAPABILITY_IAM</member></Capabilities>
				<OrganizationalUnitIds><member>ou-ab12-11111111</member></OrganizationalUnitIds>
				<Parameters><member><ParameterKey>Key</ParameterKey><ParameterValue>hunter2</ParameterValue></member></Parameters>
				<TemplateBody>hunter3</TemplateBody><Tags><member><Key>owner</Key><Value>security</Value></member></Tags>`)}
		},
	})
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	a := o.Asset(t, stackSetARN("guard"))
	listertest.Attributes(t, a, map[string]string{
		"StackSetName": `"guard"`, "PermissionModel": `"SERVICE_MANAGED"`, "AutoDeployment.Enabled": "true", "ManagedExecution.Active": "true",
		"AutoDeployment.RetainStacksOnAccountRemoval": "false", "AdministrationRoleARN": `"arn:aws:iam::111122223333:role/admin"`,
		"ExecutionRoleName": `"exec"`, "Capabilities": `["CAPABILITY_IAM"]`, "ParameterNames": `["Key"]`, "OrganizationalUnitIds": `["ou-ab12-11111111"]`,
	})
	listertest.Nowhere(t, a, "hunter")
	listertest.Tag(t, a, "owner", "security")
	if tags := o.Asset(t, "bare").Tags; tags.State() != inventory.Known || tags.Len() != 0 {
		t.Errorf("tags of a stack set without tags: %v", tags)
	}
	refused := o.Asset(t, stackSetARN("refused"))
	listertest.Unread(t, refused, "AdministrationRoleARN", "Capabilities", "ParameterNames")
	if refused.Tags.State() != inventory.Unknown {
		t.Errorf("tags that were refused are %s", refused.Tags.State())
	}
}
