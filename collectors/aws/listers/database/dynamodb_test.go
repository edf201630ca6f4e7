package database

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const tablePrefix = "arn:aws:dynamodb:eu-west-1:111122223333:table/"

func tableAnswer(name, more string) string {
	return `{"Table":{"TableName":"` + name + `","TableArn":"` + tablePrefix + name + `","TableStatus":"ACTIVE","CreationDateTime":1767225600` + more + `}}`
}

const fullTable = `,"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"ProvisionedThroughput":{"ReadCapacityUnits":0,"WriteCapacityUnits":0},
	"TableClassSummary":{"TableClass":"STANDARD_INFREQUENT_ACCESS"},"DeletionProtectionEnabled":true,
	"KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],
	"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"at","AttributeType":"N"}],
	"GlobalSecondaryIndexes":[{"IndexName":"by-at","KeySchema":[{"AttributeName":"at","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}],
	"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},
	"SSEDescription":{"Status":"ENABLED","SSEType":"KMS","KMSMasterKeyArn":"arn:aws:kms:eu-west-1:111122223333:key/k1"}`

func TestTables(t *testing.T) {
	o := run(t, "AWS::DynamoDB::Table", listertest.Answers{
		"ListTables":    listertest.Bodies(`{"TableNames":["carts"],"LastEvaluatedTableName":"carts"}`, `{"TableNames":["plain","gone","going"]}`),
		"DescribeTable": describeTable(map[string]string{"carts": tableAnswer("carts", fullTable), "plain": tableAnswer("plain", "")}),
		"DescribeContinuousBackups": describeTable(map[string]string{
			"carts": `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"ENABLED"}}}`,
			"plain": `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}`,
		}),
		"DescribeTimeToLive": describeTable(map[string]string{
			"carts": `{"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"expires"}}`,
			"plain": `{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}`,
		}),
		"ListTagsOfResource": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "plain"):
				return listertest.Response{Body: `{"Tags":[]}`}
			case strings.Contains(request, "second"):
				return listertest.Response{Body: `{"Tags":[{"Key":"env","Value":"prod"}]}`}
			}
			return listertest.Response{Body: `{"Tags":[{"Key":"owner","Value":"shop"}],"NextToken":"second"}`}
		},
	})
	listertest.Counts(t, o, 2, 0)
	listertest.Want{
		Created: "2026-01-01T00:00:00Z", Tags: map[string]string{"owner": "shop", "env": "prod"},
		Attributes: map[string]string{
			"BillingMode": `"PAY_PER_REQUEST"`, "ProvisionedThroughput.ReadCapacityUnits": "0", "TableClass": `"STANDARD_INFREQUENT_ACCESS"`,
			"DeletionProtectionEnabled": "true", "KeySchema": `[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}]`,
			"AttributeDefinitions":               `[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"at","AttributeType":"N"}]`,
			"GlobalSecondaryIndexes":             `[{"IndexName":"by-at","KeySchema":[{"AttributeName":"at","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}]`,
			"StreamSpecification.StreamViewType": `"NEW_IMAGE"`, "SSESpecification.SSEEnabled": "true",
			"SSESpecification.KMSMasterKeyId":                             `"arn:aws:kms:eu-west-1:111122223333:key/k1"`,
			"PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": "true",
			"TimeToLiveSpecification.Enabled":                             "true", "TimeToLiveSpecification.AttributeName": `"expires"`,
		},
		Identifiers: []inventory.Identifier{listertest.ID(inventory.ResourceID, "carts")},
	}.Check(t, o.Asset(t, tablePrefix+"carts"))
	listertest.Want{Tags: map[string]string{}, Attributes: map[string]string{
		"SSESpecification.SSEEnabled": "false", "SSESpecification.KMSMasterKeyId": "null", "BillingMode": "null",
		"PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": "false", "TimeToLiveSpecification.Enabled": "false",
	}}.Check(t, o.Asset(t, "plain"))
}

// describeTable answers for some tables; "gone" is not there any more, and "going" only as far as its description goes.
func describeTable(bodies map[string]string) listertest.Answer {
	return func(_ int, request string) listertest.Response {
		for name, body := range bodies {
			if strings.Contains(request, `"`+name+`"`) {
				return listertest.Response{Body: body}
			}
		}
		if strings.Contains(request, `"going"`) && strings.Contains(bodies["plain"], `"Table"`) {
			return listertest.Response{Body: tableAnswer("going", "")}
		}
		if strings.Contains(request, `"going"`) {
			return listertest.Response{Code: "TableNotFoundException"}
		}
		return listertest.Response{Code: "ResourceNotFoundException"}
	}
}

func TestRefusedTables(t *testing.T) {
	facets := []string{
		"PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled", "TimeToLiveSpecification.Enabled", "TimeToLiveSpecification.AttributeName",
	}
	o := run(t, "AWS::DynamoDB::Table", listertest.Answers{
		"ListTables":                listertest.Bodies(`{"TableNames":["carts"]}`),
		"DescribeTable":             listertest.Bodies(tableAnswer("carts", fullTable)),
		"DescribeContinuousBackups": listertest.Refuse("AccessDeniedException"),
		"DescribeTimeToLive":        listertest.Refuse("AccessDeniedException"),
		"ListTagsOfResource":        listertest.Refuse("AccessDeniedException"),
	})
	listertest.Counts(t, o, 1, 3)
	listertest.Want{Unread: facets, Attributes: map[string]string{"DeletionProtectionEnabled": "true"}}.Check(t, o.Assets[0])
	listertest.UnknownTags(t, o.Assets[0])

	o = run(t, "AWS::DynamoDB::Table", listertest.Answers{
		"ListTables":                listertest.Bodies(`{"TableNames":["carts"]}`),
		"DescribeTable":             listertest.Refuse("AccessDeniedException"),
		"DescribeContinuousBackups": listertest.Refuse("AccessDeniedException"),
		"DescribeTimeToLive":        listertest.Refuse("AccessDeniedException"),
		"ListTagsOfResource":        listertest.Bodies(`{"Tags":[]}`),
	})
	listertest.Counts(t, o, 1, 3)
	listertest.Want{Unread: append(facets, "BillingMode", "SSESpecification.SSEEnabled", "DeletionProtectionEnabled"), Tags: map[string]string{}}.Check(t, o.Asset(t, tablePrefix+"carts"))
}
