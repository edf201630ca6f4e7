package analytics

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const bedrockARN = "arn:aws:bedrock:eu-west-1:111122223333:"

func agentAnswers() listertest.Answers {
	return listertest.Answers{
		"ListAgents": listertest.Bodies(
			`{"agentSummaries":[{"agentId":"A1","agentName":"helper","agentStatus":"PREPARED","updatedAt":"2026-01-02T00:00:00Z",
				"guardrailConfiguration":{"guardrailIdentifier":"g1","guardrailVersion":"1"}}],"nextToken":"more"}`,
			`{"agentSummaries":[{"agentId":"A2","agentName":"ends","agentStatus":"DELETING","updatedAt":"2026-01-02T00:00:00Z"},
				{"agentId":"A3","agentName":"gone","agentStatus":"PREPARED","updatedAt":"2026-01-02T00:00:00Z"}]}`,
		),
		"GetAgent": func(n int, request string) listertest.Response {
			r := listertest.For(map[string]string{
				"A1": `{"agent":{"agentId":"A1","agentName":"helper","agentArn":"` + bedrockARN + `agent/A1","createdAt":"2026-01-01T00:00:00Z","foundationModel":"amazon.titan-text",
					"agentResourceRoleArn":"arn:aws:iam::111122223333:role/a","customerEncryptionKeyArn":"arn:aws:kms:eu-west-1:111122223333:key/k","idleSessionTTLInSeconds":600,
					"agentCollaboration":"DISABLED","orchestrationType":"DEFAULT","instruction":"hunter2"}}`,
				"A2": "refused",
			})(n, request)
			switch {
			case r.Code != "":
				r.Code, r.Status = "ResourceNotFoundException", 404
			case r.Body == "refused":
				r.Code, r.Status = "AccessDeniedException", 403
			}
			return r
		},
		"ListTagsForResource": listertest.For(map[string]string{"agent%2FA1": `{"tags":{"owner":"ml"}}`, "agent%2FA2": `{"tags":{}}`}),
	}
}

func TestAgents(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Bedrock::Agent"), agentAnswers())
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	helper := o.Asset(t, bedrockARN+"agent/A1")
	listertest.Texts(t, helper, map[string]string{
		"AgentName": "helper", "FoundationModel": "amazon.titan-text", "AgentResourceRoleArn": "arn:aws:iam::111122223333:role/a",
		"CustomerEncryptionKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/k", "IdleSessionTTLInSeconds": "600", "AgentCollaboration": "DISABLED",
		"GuardrailConfiguration.GuardrailIdentifier": "g1", "Instruction": "-",
	})
	listertest.Tag(t, helper, "owner", "ml")
	ends := o.Asset(t, "ends")
	listertest.Texts(t, ends, map[string]string{"AgentName": "ends", "GuardrailConfiguration.GuardrailIdentifier": "null", "FoundationModel": "-"})
	listertest.Untagged(t, ends)
	if ends.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("life cycle %q", ends.Lifecycle)
	}
}

func knowledgeAnswers() listertest.Answers {
	return listertest.Answers{
		"ListKnowledgeBases": listertest.Bodies(
			`{"knowledgeBaseSummaries":[{"knowledgeBaseId":"K1","name":"manuals","status":"ACTIVE","updatedAt":"2026-01-02T00:00:00Z"}],"nextToken":"more"}`,
			`{"knowledgeBaseSummaries":[{"knowledgeBaseId":"K2","name":"rows","status":"DELETING","updatedAt":"2026-01-02T00:00:00Z"},
				{"knowledgeBaseId":"K3","name":"late","status":"ACTIVE","updatedAt":"2026-01-02T00:00:00Z"}]}`,
		),
		"GetKnowledgeBase": listertest.For(map[string]string{
			"K1": `{"knowledgeBase":{"knowledgeBaseId":"K1","name":"manuals","createdAt":"2026-01-01T00:00:00Z","roleArn":"arn:aws:iam::111122223333:role/k","status":"ACTIVE",
				"knowledgeBaseConfiguration":{"type":"VECTOR","vectorKnowledgeBaseConfiguration":{"embeddingModelArn":"arn:aws:bedrock:eu-west-1::foundation-model/titan"}},
				"storageConfiguration":{"type":"OPENSEARCH_SERVERLESS","opensearchServerlessConfiguration":{"collectionArn":"arn:aws:aoss:eu-west-1:111122223333:collection/c","vectorIndexName":"i"}}}}`,
			"K2": `{"knowledgeBase":{"knowledgeBaseId":"K2","name":"rows","knowledgeBaseConfiguration":{"type":"VECTOR"},
				"storageConfiguration":{"type":"RDS","rdsConfiguration":{"resourceArn":"arn:aws:rds:eu-west-1:111122223333:cluster:c"}}}}`,
		}),
		"ListTagsForResource": listertest.For(map[string]string{"base%2FK1": `{"tags":{"owner":"ml"}}`, "base%2FK2": `{"tags":{}}`}),
	}
}

func TestKnowledgeBases(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Bedrock::KnowledgeBase"), knowledgeAnswers())
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 2 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	manuals := o.Asset(t, bedrockARN+"knowledge-base/K1")
	listertest.Texts(t, manuals, map[string]string{
		"Name": "manuals", "RoleArn": "arn:aws:iam::111122223333:role/k", "KnowledgeBaseConfiguration.Type": "VECTOR", "StorageConfiguration.Type": "OPENSEARCH_SERVERLESS",
		"StorageConfiguration.OpensearchServerlessConfiguration.CollectionArn": "arn:aws:aoss:eu-west-1:111122223333:collection/c",
	})
	listertest.Tag(t, manuals, "owner", "ml")
	rows := o.Asset(t, "rows")
	listertest.Texts(t, rows, map[string]string{"StorageConfiguration.RdsConfiguration.ResourceArn": "arn:aws:rds:eu-west-1:111122223333:cluster:c"})
	listertest.Untagged(t, rows)
	late := o.Asset(t, "late")
	listertest.Texts(t, late, map[string]string{"Name": "late", "RoleArn": "-"})
	if late.Tags.State() != inventory.Unknown {
		t.Errorf("tags are %s", late.Tags.State())
	}
}

func TestDeletedKnowledgeBase(t *testing.T) {
	answers := knowledgeAnswers()
	answers["GetKnowledgeBase"] = listertest.Refuse("ResourceNotFoundException")
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::Bedrock::KnowledgeBase"), answers)
	if o.Err != nil || len(o.Assets) != 0 || len(o.Unread) != 0 {
		t.Fatalf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
	}
}

func TestBedrockRefused(t *testing.T) {
	for typ, op := range map[inventory.Type]string{"AWS::Bedrock::Agent": "ListAgents", "AWS::Bedrock::KnowledgeBase": "ListKnowledgeBases"} {
		o := listertest.Run(t, listertest.Find(t, Listers(), typ), listertest.Answers{op: listertest.Refuse("AccessDeniedException")})
		if o.Err == nil {
			t.Errorf("%s: a list that was refused passes for an empty one", typ)
		}
	}
}
