package analytics

import (
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const glueARN = "arn:aws:glue:eu-west-1:111122223333:"

// glueTagAnswers knows the tags of what is called "one", and that "two" has none.
func glueTagAnswers() listertest.Answer {
	return listertest.For(map[string]string{`/one"`: `{"Tags":{"owner":"data"}}`, `/two"`: `{"Tags":{}}`})
}

// checkThree makes sure of the tags of three things: those of "one", none of "two", and of "three" nobody knows.
func checkThree(t *testing.T, o *listertest.Outcome) {
	t.Helper()
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	listertest.Tag(t, o.Asset(t, "one"), "owner", "data")
	listertest.Untagged(t, o.Asset(t, "two"))
	if got := o.Asset(t, "three").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags that were refused are %s", got)
	}
}

func TestJobs(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Glue::Job"), listertest.Answers{
		"GetJobs": listertest.Bodies(
			`{"Jobs":[{"Name":"one","Role":"arn:aws:iam::111122223333:role/etl","CreatedOn":1767225600.5,"GlueVersion":"4.0","WorkerType":"G.1X","NumberOfWorkers":10,
				"MaxRetries":1,"Timeout":60,"ExecutionClass":"FLEX","SecurityConfiguration":"sealed","Description":"loads",
				"Command":{"Name":"glueetl","ScriptLocation":"s3://scripts/one.py","PythonVersion":"3"},"Connections":{"Connections":["db"]},
				"DefaultArguments":{"--password":"hunter2","--enable-metrics":"true"},"NonOverridableArguments":{"--token":"hunter3"}}],"NextToken":"more"}`,
			`{"Jobs":[{"Name":"two","Role":"etl","MaxRetries":0},{"Name":"three","Role":"etl","MaxRetries":0}]}`,
		),
		"GetTags": glueTagAnswers(),
	})
	checkThree(t, o)
	one := o.Asset(t, glueARN+"job/one")
	listertest.Texts(t, one, map[string]string{
		"Role": "arn:aws:iam::111122223333:role/etl", "GlueVersion": "4.0", "WorkerType": "G.1X", "NumberOfWorkers": "10", "MaxRetries": "1", "Timeout": "60",
		"ExecutionClass": "FLEX", "SecurityConfiguration": "sealed", "Command.ScriptLocation": "s3://scripts/one.py", "Connections.Connections": `["db"]`,
		"DefaultArgumentNames": `["--enable-metrics","--password"]`,
	})
	for a := range one.Attributes.All() {
		if strings.Contains(string(a.Value), "hunter") {
			t.Errorf("%s holds a secret", a.Name)
		}
	}
	if want := time.Date(2026, 1, 1, 0, 0, 0, 5e8, time.UTC); !one.Created.Equal(want) {
		t.Errorf("created %s", one.Created)
	}
	listertest.Texts(t, o.Asset(t, "two"), map[string]string{"NumberOfWorkers": "null", "MaxRetries": "0", "Connections.Connections": "[]"})
}

func TestDatabases(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Glue::Database"), listertest.Answers{
		"GetDatabases": listertest.Bodies(
			`{"DatabaseList":[{"Name":"one","CatalogId":"111122223333","CreateTime":1767225600,"LocationUri":"s3://lake/one","Description":"lake"}],"NextToken":"more"}`,
			`{"DatabaseList":[{"Name":"two","CatalogId":"111122223333","TargetDatabase":{"CatalogId":"444455556666","DatabaseName":"theirs"}},{"Name":"three"}]}`,
		),
		"GetTags": glueTagAnswers(),
	})
	checkThree(t, o)
	one := o.Asset(t, glueARN+"database/one")
	listertest.Texts(t, one, map[string]string{"CatalogId": "111122223333", "DatabaseInput.Name": "one", "DatabaseInput.LocationUri": "s3://lake/one"})
	if got := lister.IdentifierOf(&one, inventory.ResourceID); got != "111122223333:one" {
		t.Errorf("id %q", got)
	}
	listertest.Texts(t, o.Asset(t, "two"), map[string]string{"DatabaseInput.TargetDatabase.DatabaseName": "theirs", "DatabaseInput.LocationUri": "null"})
}

func TestDatabaseOfAnotherAccount(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Glue::Database"), listertest.Answers{
		"GetDatabases": listertest.Bodies(`{"DatabaseList":[{"Name":"one","CatalogId":"444455556666"}]}`),
		"GetTags":      glueTagAnswers(),
	})
	o.Asset(t, "arn:aws:glue:eu-west-1:444455556666:database/one") // which the collector leaves out
}

func TestCrawlers(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Glue::Crawler"), listertest.Answers{
		"GetCrawlers": listertest.Bodies(
			`{"Crawlers":[{"Name":"one","Role":"crawl","DatabaseName":"lake","TablePrefix":"raw_","CreationTime":1767225600,
				"Schedule":{"ScheduleExpression":"cron(0 1 * * ? *)","State":"SCHEDULED"},"SchemaChangePolicy":{"UpdateBehavior":"LOG","DeleteBehavior":"LOG"},
				"RecrawlPolicy":{"RecrawlBehavior":"CRAWL_EVERYTHING"},"CrawlerSecurityConfiguration":"sealed"}],"NextToken":"more"}`,
			`{"Crawlers":[{"Name":"two","Role":"crawl"},{"Name":"three","Role":"crawl"}]}`,
		),
		"GetTags": glueTagAnswers(),
	})
	checkThree(t, o)
	listertest.Texts(t, o.Asset(t, glueARN+"crawler/one"), map[string]string{
		"Role": "crawl", "DatabaseName": "lake", "TablePrefix": "raw_", "Schedule.ScheduleExpression": "cron(0 1 * * ? *)",
		"SchemaChangePolicy.UpdateBehavior": "LOG", "RecrawlPolicy.RecrawlBehavior": "CRAWL_EVERYTHING", "CrawlerSecurityConfiguration": "sealed",
	})
	listertest.Texts(t, o.Asset(t, "two"), map[string]string{"Schedule.ScheduleExpression": "null", "SchemaChangePolicy.UpdateBehavior": "-"})
}

func TestTriggers(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Glue::Trigger"), listertest.Answers{
		"GetTriggers": listertest.Bodies(
			`{"Triggers":[{"Name":"one","Type":"SCHEDULED","Schedule":"cron(0 1 * * ? *)","State":"ACTIVATED","WorkflowName":"flow",
				"Actions":[{"JobName":"load","Arguments":{"--password":"hunter2"}}]}],"NextToken":"more"}`,
			`{"Triggers":[{"Name":"two","Type":"ON_DEMAND","State":"DELETING"},{"Name":"three","Type":"ON_DEMAND","State":"CREATED"}]}`,
		),
		"GetTags": glueTagAnswers(),
	})
	checkThree(t, o)
	one := o.Asset(t, glueARN+"trigger/one")
	listertest.Texts(t, one, map[string]string{"Type": "SCHEDULED", "Schedule": "cron(0 1 * * ? *)", "WorkflowName": "flow", "Actions": "-"})
	if len(one.Relations) != 1 || one.Relations[0] != (inventory.Relation{Kind: inventory.PartOf, Key: glueARN + "workflow/flow"}) {
		t.Errorf("relations %v", one.Relations)
	}
	if two := o.Asset(t, "two"); two.Lifecycle != inventory.LifecycleRetiring || len(two.Relations) != 0 {
		t.Errorf("life cycle %q, relations %v", two.Lifecycle, two.Relations)
	}
}

func workflowAnswers() listertest.Answers {
	return listertest.Answers{
		"ListWorkflows": listertest.Bodies(`{"Workflows":["one","gone"],"NextToken":"more"}`, `{"Workflows":["two","three"]}`),
		"BatchGetWorkflows": listertest.For(map[string]string{
			"one": `{"Workflows":[{"Name":"one","Description":"nightly","MaxConcurrentRuns":1,"CreatedOn":1767225600,"DefaultRunProperties":{"password":"hunter2"}}],"MissingWorkflows":["gone"]}`,
			"two": `{"Workflows":[{"Name":"two"},{"Name":"three"}],"MissingWorkflows":[]}`,
		}),
		"GetTags": glueTagAnswers(),
	}
}

func TestWorkflows(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Glue::Workflow"), workflowAnswers())
	checkThree(t, o)
	listertest.Texts(t, o.Asset(t, glueARN+"workflow/one"), map[string]string{"Name": "one", "Description": "nightly", "MaxConcurrentRuns": "1", "DefaultRunProperties": "-"})
}

func TestWorkflowsNotDescribed(t *testing.T) {
	answers := workflowAnswers()
	answers["BatchGetWorkflows"] = listertest.Refuse("AccessDeniedException")
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Glue::Workflow"), answers)
	if o.Err != nil || len(o.Assets) != 4 || len(o.Unread) != 6 { // all of them, and the tags of two
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	one := o.Asset(t, glueARN+"workflow/one")
	if one.Attributes.IsKnown() {
		t.Error("attributes that were refused are known")
	}
	listertest.Tag(t, one, "owner", "data")
}

func TestConnections(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Glue::Connection"), listertest.Answers{
		"GetConnections": func(n int, request string) listertest.Response {
			if !strings.Contains(request, `"HidePassword":true`) {
				t.Errorf("the password is asked for: %s", request)
			}
			return listertest.Bodies(
				`{"ConnectionList":[{"Name":"one","ConnectionType":"JDBC","CreationTime":1767225600,"ConnectionProperties":{"USERNAME":"hunter2"},
					"PhysicalConnectionRequirements":{"SubnetId":"subnet-1","SecurityGroupIdList":["sg-1"],"AvailabilityZone":"eu-west-1a"}}],"NextToken":"more"}`,
				`{"ConnectionList":[{"Name":"two","ConnectionType":"NETWORK"},{"Name":"three","ConnectionType":"KAFKA"}]}`,
			)(n, request)
		},
		"GetTags": glueTagAnswers(),
	})
	checkThree(t, o)
	one := o.Asset(t, glueARN+"connection/one")
	const at = "ConnectionInput.PhysicalConnectionRequirements."
	listertest.Texts(t, one, map[string]string{
		"ConnectionInput.ConnectionType": "JDBC", at + "SubnetId": "subnet-1", at + "SecurityGroupIdList": `["sg-1"]`, "ConnectionInput.ConnectionProperties": "-",
	})
	if one.Zone != "eu-west-1a" || lister.IdentifierOf(&one, inventory.ResourceID) != "111122223333:one" {
		t.Errorf("zone %q, id %q", one.Zone, lister.IdentifierOf(&one, inventory.ResourceID))
	}
}

func TestGlueRefused(t *testing.T) {
	for typ, op := range map[inventory.Type]string{
		"AWS::Glue::Job": "GetJobs", "AWS::Glue::Database": "GetDatabases", "AWS::Glue::Crawler": "GetCrawlers", "AWS::Glue::Trigger": "GetTriggers",
		"AWS::Glue::Workflow": "ListWorkflows", "AWS::Glue::Connection": "GetConnections",
	} {
		o := listertest.Run(t, listertest.Find(t, Listers(), typ), listertest.Answers{op: listertest.Refuse("AccessDeniedException")})
		if o.Err == nil {
			t.Errorf("%s: a list that was refused passes for an empty one", typ)
		}
	}
}
