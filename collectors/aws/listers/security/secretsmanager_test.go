package security

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func TestSecrets(t *testing.T) {
	o := run(t, "AWS::SecretsManager::Secret", listertest.Answers{
		"ListSecrets": listertest.Bodies(
			`{"SecretList":[{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3","Name":"db","Description":"login","KmsKeyId":"alias/app","CreatedDate":1767225600,
				"RotationEnabled":true,"RotationLambdaARN":"arn:aws:lambda:eu-west-1:111122223333:function:rotate","RotationRules":{"AutomaticallyAfterDays":30},
				"LastAccessedDate":1767225600,"SecretVersionsToStages":{"v":["AWSCURRENT"]},"Tags":[{"Key":"owner","Value":"payments"}]}],"NextToken":"more"}`,
			`{"SecretList":[{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:rds!db-1-a1b2c3","Name":"rds!db-1","OwningService":"rds","CreatedDate":1767225600},
				{"ARN":"arn:aws:secretsmanager:eu-west-1:111122223333:secret:dead-a1b2c3","Name":"dead","DeletedDate":1767225600}]}`,
		),
	})
	wantCounts(t, o, 2, 0)
	a := o.Asset(t, "db")
	wantTag(t, a, "owner", "payments")
	wantAttributes(t, a, map[string]string{
		"Name": `"db"`, "Description": `"login"`, "KmsKeyId": `"alias/app"`, "RotationEnabled": "true", "RotationAfterDays": "30", "OwningService": "null",
	})
	owned := o.Asset(t, "rds!db-1")
	wantTags(t, owned, inventory.Known)
	wantAttributes(t, owned, map[string]string{"OwningService": `"rds"`, "RotationEnabled": "null"})
}

func TestSecretsRefused(t *testing.T) {
	o := run(t, "AWS::SecretsManager::Secret", listertest.Answers{"ListSecrets": listertest.Refuse("AccessDeniedException")})
	if o.Err == nil {
		t.Error("a refused listing looks like none")
	}
}
