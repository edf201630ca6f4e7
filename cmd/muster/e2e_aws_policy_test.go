//go:build e2e

package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws"
	"github.com/muster-audit/muster/collectors/aws/listers"
	"github.com/muster-audit/muster/collectors/aws/sweep"
	"github.com/muster-audit/muster/inventory/catalog"
)

// notByPolicy is the one operation that no policy of the reader gives: the trust policy of the role does.
const notByPolicy = "STS:AssumeRole"

// testPolicy holds the policy that muster prints against what a scan of everything sent: each operation has its action there, each
// action is there for an operation, and which operations a moto server gives no cause for is known.
func testPolicy(t *testing.T, url, out string) {
	s := newSite(t, url, "sources:\n  - {name: aws, collector: aws, regions: [us-east-1], sweep: false, iam_details: false, types: [\"AWS::IAM::*\"]}\n")
	sent := operationsIn(out)
	maps.Copy(sent, operationsIn(s.run([]int{3}, "scan", "--verbose")))
	table, actions := operationTable(t), printedActions(s)
	for op := range sent {
		if table[op] == nil {
			t.Errorf("%s was sent and is not in the table", op)
		}
	}
	needed := map[string]bool{}
	for op, takes := range table {
		for _, action := range takes {
			if needed[action] = true; !actions[action] && op != notByPolicy {
				t.Errorf("%s takes %s, which the policy does not give", op, action)
			}
		}
	}
	for action := range actions {
		if !needed[action] {
			t.Errorf("the policy gives %s, which no operation takes", action)
		}
	}
	checkUnsent(t, table, sent)
}

// checkUnsent holds the operations that were not sent against those that are explained.
func checkUnsent(t *testing.T, table map[string][]string, sent map[string]bool) {
	explained := map[string]bool{}
	for _, g := range unsent() {
		for op := range strings.FieldsSeq(g.operations) {
			op = strings.ReplaceAll(op, "_", " ")
			if explained[op] || table[op] == nil || sent[op] {
				t.Errorf("%s is explained (%s): it is twice there, unknown, or was sent", op, g.why)
			}
			explained[op] = true
		}
	}
	for _, op := range slices.Sorted(maps.Keys(table)) {
		if !sent[op] && !explained[op] {
			t.Errorf("%s may be sent, never was, and nothing explains it", op)
		}
	}
}

var sentLine = regexp.MustCompile(`(?m)^ +[0-9]+ ([A-Za-z0-9 ]+:[A-Za-z0-9]+)$`)

// operationsIn returns the operations that "muster scan --verbose" says it sent: "SQS:ListQueues".
func operationsIn(out string) map[string]bool {
	sent := map[string]bool{}
	for _, m := range sentLine.FindAllStringSubmatch(out, -1) {
		sent[m[1]] = true
	}
	return sent
}

// operationTable returns the actions of every operation that may be sent.
func operationTable(t *testing.T) map[string][]string {
	t.Helper()
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	all := listers.All()
	table := map[string][]string{}
	for _, op := range aws.Operations(append(all, sweep.Lister(all, known))) {
		name := op.Service + ":" + op.Name
		table[name] = append(table[name], op.Action)
	}
	return table
}

// printedActions returns the actions of the policy that muster prints.
func printedActions(s *site) map[string]bool {
	s.t.Helper()
	var policy struct {
		Statement []struct{ Action []string }
	}
	out, _ := s.streams([]int{0}, "collectors", "--iam", "aws")
	if err := json.Unmarshal([]byte(out), &policy); err != nil {
		s.t.Fatal(err)
	}
	actions := map[string]bool{}
	for _, st := range policy.Statement {
		for _, a := range st.Action {
			actions[a] = true
		}
	}
	return actions
}

// unsentGroup are operations, with "_" for a space, that a scan of a moto server gives no cause for.
type unsentGroup struct{ why, operations string }

// unsent explains every operation that may be sent and that no scan of this test sends.
func unsent() []unsentGroup {
	return []unsentGroup{
		{"the plan of a scan sends them, and what is counted are the calls of its scopes", `
			EC2:DescribeRegions STS:GetCallerIdentity`},
		{"for other accounts than the caller's own", `
			STS:AssumeRole Organizations:ListAccounts Organizations:DescribeOrganization Organizations:ListRoots
			Organizations:ListOrganizationalUnitsForParent Organizations:ListTagsForResource`},
		{"moto lacks the listing, so that there is nothing to go on with", `
			Amplify:ListBranches AppRunner:DescribeService AppRunner:ListTagsForResource CloudWatch:ListTagsForResource EKS:DescribeAddon
			Global_Accelerator:ListTagsForResource Redshift_Serverless:ListTagsForResource
			Resource_Explorer_2:GetDefaultView Resource_Explorer_2:ListResources`},
		{"the seed has none, since moto makes them slowly or in part", `
			Backup:GetBackupPlan Backup:ListTags Bedrock_Agent:GetAgent Bedrock_Agent:GetKnowledgeBase Bedrock_Agent:ListTagsForResource
			CloudFormation:DescribeStackSet CodePipeline:ListTagsForResource Cognito_Identity:DescribeIdentityPool
			Database_Migration_Service:ListTagsForResource EKS:DescribeFargateProfile EMR:DescribeCluster
			Elastic_Beanstalk:ListTagsForResource Glue:BatchGetWorkflows IAM:GetOpenIDConnectProvider IAM:ListMFADeviceTags
			IAM:ListSAMLProviderTags IAM:ListServerCertificateTags MemoryDB:ListTags SageMaker:DescribeDomain SageMaker:DescribeEndpoint
			SageMaker:DescribeEndpointConfig SageMaker:DescribeModel SageMaker:DescribeNotebookInstance SageMaker:ListTags
			Transfer:DescribeServer WAFV2:GetWebACL WAFV2:ListTagsForResource mq:DescribeBroker mq:ListTags`},
		{"the tagging API, or what describes the thing, told the tags before", `
			Glue:GetTags KMS:ListResourceTags Lambda:ListTags SNS:ListTagsForResource SQS:ListQueueTags SSM:ListTagsForResource
			IAM:ListRoleTags IAM:ListUserTags`},
		{"only a bucket with versions can lock its objects", `S3:GetObjectLockConfiguration`},
		{"only where the newest task definition of a family is not the active one", `ECS:ListTaskDefinitions`},
	}
}
