package messaging

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

const statesARN = "arn:aws:states:eu-west-1:111122223333:"

func machineItem(name, typ string) string {
	return `{"stateMachineArn":"` + statesARN + `stateMachine:` + name + `","name":"` + name + `","type":"` + typ + `","creationDate":1767225600.5}`
}

func machineAnswers(t *testing.T) listertest.Answers {
	return listertest.Answers{
		"ListStateMachines": listertest.Bodies(
			`{"stateMachines":[`+machineItem("ship", "STANDARD")+`],"nextToken":"more"}`,
			`{"stateMachines":[`+machineItem("plain", "EXPRESS")+`,`+machineItem("refused", "STANDARD")+`]}`,
		),
		"DescribeStateMachine": func(n int, request string) listertest.Response {
			if !strings.Contains(request, `"includedData":"METADATA_ONLY"`) {
				t.Errorf("the definition is asked for: %s", request)
			}
			return listertest.For(map[string]string{
				"Machine:ship": `{"name":"ship","status":"ACTIVE","roleArn":"arn:aws:iam::111122223333:role/ship","loggingConfiguration":{"level":"ALL","includeExecutionData":true,"destinations":[]},
					"tracingConfiguration":{"enabled":true},"encryptionConfiguration":{"type":"CUSTOMER_MANAGED_KMS_KEY","kmsKeyId":"alias/ship"}}`,
				"Machine:plain": `{"name":"plain","status":"DELETING","roleArn":"arn:aws:iam::111122223333:role/plain"}`,
			})(n, request)
		},
		"ListTagsForResource": listertest.For(map[string]string{
			"Machine:ship": `{"tags":[{"key":"owner","value":"shop"}]}`, "Machine:plain": `{"tags":[]}`,
		}),
	}
}

func TestStateMachines(t *testing.T) {
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::StepFunctions::StateMachine"), machineAnswers(t))
	if o.Err != nil || len(o.Assets) != 3 || len(o.Unread) != 2 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	ship := o.Asset(t, statesARN+"stateMachine:ship")
	listertest.Texts(t, ship, map[string]string{
		"StateMachineName": "ship", "StateMachineType": "STANDARD", "RoleArn": "arn:aws:iam::111122223333:role/ship",
		"LoggingConfiguration.Level": "ALL", "LoggingConfiguration.IncludeExecutionData": "true", "TracingConfiguration.Enabled": "true",
		"EncryptionConfiguration.Type": "CUSTOMER_MANAGED_KMS_KEY", "EncryptionConfiguration.KmsKeyId": "alias/ship",
	})
	listertest.Tag(t, ship, "owner", "shop")
	plain := o.Asset(t, "plain")
	listertest.Texts(t, plain, map[string]string{"LoggingConfiguration.Level": "OFF", "TracingConfiguration.Enabled": "false", "EncryptionConfiguration.Type": "null"})
	listertest.Untagged(t, plain)
	if plain.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("life cycle %q", plain.Lifecycle)
	}
	refused := o.Asset(t, "refused")
	listertest.Texts(t, refused, map[string]string{"StateMachineType": "STANDARD", "RoleArn": "-", "LoggingConfiguration.Level": "-"})
	if refused.Tags.State() != inventory.Unknown {
		t.Errorf("tags are %s", refused.Tags.State())
	}
}

func TestDeletedStateMachine(t *testing.T) {
	answers := machineAnswers(t)
	answers["DescribeStateMachine"] = listertest.Refuse("StateMachineDoesNotExist")
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::StepFunctions::StateMachine"), answers)
	if o.Err != nil || len(o.Assets) != 0 || len(o.Unread) != 0 {
		t.Fatalf("error %v, assets %v, unread %v", o.Err, o.Assets, o.Unread)
	}
}

func TestActivities(t *testing.T) {
	item := func(name string) string {
		return `{"activityArn":"` + statesARN + `activity:` + name + `","name":"` + name + `","creationDate":1767225600}`
	}
	o := listertest.Run(t, listertest.Find(t, Listers(), "AWS::StepFunctions::Activity"), listertest.Answers{
		"ListActivities":      listertest.Bodies(`{"activities":[`+item("pack")+`],"nextToken":"more"}`, `{"activities":[`+item("sign")+`]}`),
		"ListTagsForResource": listertest.For(map[string]string{"activity:pack": `{"tags":[{"key":"owner","value":"shop"}]}`}),
	})
	if o.Err != nil || len(o.Assets) != 2 || len(o.Unread) != 1 {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
	listertest.Tag(t, o.Asset(t, statesARN+"activity:pack"), "owner", "shop")
	if got := o.Asset(t, "sign").Tags.State(); got != inventory.Unknown {
		t.Errorf("tags are %s", got)
	}
}
