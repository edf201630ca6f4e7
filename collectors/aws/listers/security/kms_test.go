package security

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

func keyEntry(id string) string {
	return `{"KeyId":"` + id + `","KeyArn":"arn:aws:kms:eu-west-1:111122223333:key/` + id + `"}`
}

func keyMetadata(id, more string) string {
	return `{"KeyMetadata":{"KeyId":"` + id + `","Arn":"arn:aws:kms:eu-west-1:111122223333:key/` + id + `","CreationDate":1767225600,"Enabled":true,"Description":"","KeyUsage":"ENCRYPT_DECRYPT","Origin":"AWS_KMS",` + more + `}}`
}

func TestKeys(t *testing.T) {
	o := run(t, "AWS::KMS::Key", listertest.Answers{
		"ListKeys": listertest.Bodies(
			`{"Keys":[`+keyEntry("own-1")+`,`+keyEntry("theirs")+`],"Truncated":true,"NextMarker":"more"}`,
			`{"Keys":[`+keyEntry("dying")+`,`+keyEntry("copy")+`],"Truncated":false}`,
		),
		"DescribeKey": listertest.For(map[string]string{
			"own-1":  keyMetadata("own-1", `"KeyManager":"CUSTOMER","KeyState":"Enabled","KeySpec":"SYMMETRIC_DEFAULT","MultiRegion":false`),
			"theirs": keyMetadata("theirs", `"KeyManager":"AWS","KeyState":"Enabled","KeySpec":"SYMMETRIC_DEFAULT"`),
			"dying":  keyMetadata("dying", `"KeyManager":"CUSTOMER","KeyState":"PendingDeletion","KeySpec":"RSA_2048"`),
			"copy":   keyMetadata("copy", `"KeyManager":"CUSTOMER","KeyState":"Enabled","KeySpec":"SYMMETRIC_DEFAULT","MultiRegion":true,"MultiRegionConfiguration":{"MultiRegionKeyType":"REPLICA","PrimaryKey":{"Arn":"arn:aws:kms:us-east-1:111122223333:key/copy","Region":"us-east-1"}}`),
		}),
		"GetKeyPolicy":         listertest.Bodies(`{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[]}","PolicyName":"default"}`),
		"GetKeyRotationStatus": listertest.Bodies(`{"KeyRotationEnabled":true}`),
	}, inline)
	wantCounts(t, o, 4, 0)
	own := o.Asset(t, "own-1")
	wantAttributes(t, own, map[string]string{
		"Enabled": "true", "KeyManager": `"CUSTOMER"`, "KeySpec": `"SYMMETRIC_DEFAULT"`, "KeyUsage": `"ENCRYPT_DECRYPT"`, "Origin": `"AWS_KMS"`,
		"MultiRegion": "false", "EnableKeyRotation": "true", "KeyPolicy": `{"Statement":[],"Version":"2012-10-17"}`,
	})
	wantTags(t, own, inventory.Unknown)
	theirs := o.Asset(t, "theirs")
	wantTags(t, theirs, inventory.NotApplicable)
	wantUnread(t, theirs, "KeyPolicy", "EnableKeyRotation")
	if a := o.Asset(t, "dying"); a.Lifecycle != inventory.LifecycleRetiring {
		t.Errorf("a key that awaits its deletion is %q", a.Lifecycle)
	}
	wantAttributes(t, o.Asset(t, "dying"), map[string]string{"EnableKeyRotation": "false"})
	if a := o.Asset(t, "copy"); a.Type != "AWS::KMS::ReplicaKey" {
		t.Errorf("a replica is of type %q", a.Type)
	}
	wantAttributes(t, o.Asset(t, "copy"), map[string]string{"PrimaryKeyArn": `"arn:aws:kms:us-east-1:111122223333:key/copy"`})
}

func TestKeysRefused(t *testing.T) {
	o := run(t, "AWS::KMS::Key", listertest.Answers{
		"ListKeys": listertest.Bodies(`{"Keys":[` + keyEntry("shut") + `,` + keyEntry("gone") + `,` + keyEntry("half") + `]}`),
		"DescribeKey": func(_ int, request string) listertest.Response {
			switch {
			case strings.Contains(request, "shut"):
				return listertest.Response{Code: "AccessDeniedException"}
			case strings.Contains(request, "gone"):
				return listertest.Response{Code: "NotFoundException"}
			}
			return listertest.Response{Body: keyMetadata("half", `"KeyManager":"CUSTOMER","KeyState":"Enabled","KeySpec":"SYMMETRIC_DEFAULT"`)}
		},
		"GetKeyPolicy":         listertest.Refuse("AccessDeniedException"),
		"GetKeyRotationStatus": listertest.Refuse("AccessDeniedException"),
		"ListResourceTags": func(_ int, request string) listertest.Response {
			if strings.Contains(request, "shut") {
				return listertest.Response{Code: "AccessDeniedException"}
			}
			return listertest.Response{Body: `{"Tags":[{"TagKey":"owner","TagValue":"payments"}],"Truncated":false}`}
		},
	})
	wantCounts(t, o, 2, 4) // the description and the tags of the one, two facets of the other
	shut := o.Asset(t, "shut")
	if shut.Attributes.IsKnown() {
		t.Error("attributes that were refused are known")
	}
	wantTags(t, shut, inventory.Unknown)
	wantUnread(t, o.Asset(t, "half"), "KeyPolicy", "EnableKeyRotation")
	wantAttributes(t, o.Asset(t, "half"), map[string]string{"KeyManager": `"CUSTOMER"`})
	wantTag(t, o.Asset(t, "half"), "owner", "payments")
}

func TestRotationOfAKeyStore(t *testing.T) {
	o := run(t, "AWS::KMS::Key", listertest.Answers{
		"ListKeys":             listertest.Bodies(`{"Keys":[` + keyEntry("hsm") + `]}`),
		"DescribeKey":          listertest.Bodies(keyMetadata("hsm", `"KeyManager":"CUSTOMER","KeyState":"Enabled","KeySpec":"SYMMETRIC_DEFAULT","CustomKeyStoreId":"cks-1"`)),
		"GetKeyPolicy":         listertest.Bodies(`{"Policy":"{}"}`),
		"GetKeyRotationStatus": listertest.Refuse("UnsupportedOperationException"),
	}, inline)
	wantCounts(t, o, 1, 0)
	wantAttributes(t, o.Assets[0], map[string]string{"EnableKeyRotation": "false"})
}

func TestAliases(t *testing.T) {
	o := run(t, "AWS::KMS::Alias", listertest.Answers{
		"ListAliases": listertest.Bodies(
			`{"Aliases":[{"AliasName":"alias/app","AliasArn":"arn:aws:kms:eu-west-1:111122223333:alias/app","TargetKeyId":"own-1","CreationDate":1767225600}],"Truncated":true,"NextMarker":"more"}`,
			`{"Aliases":[{"AliasName":"alias/aws/ebs","AliasArn":"arn:aws:kms:eu-west-1:111122223333:alias/aws/ebs"}],"Truncated":false}`,
		),
	})
	wantCounts(t, o, 2, 0)
	a := o.Asset(t, "alias/app")
	wantIdentifier(t, a, inventory.ResourceID, "alias/app")
	if len(a.Relations) != 1 || a.Relations[0] != (inventory.Relation{Kind: inventory.AttachedTo, Key: "arn:aws:kms:eu-west-1:111122223333:key/own-1"}) {
		t.Errorf("relations %v", a.Relations)
	}
	wantAttributes(t, o.Asset(t, "alias/aws/ebs"), map[string]string{"TargetKeyId": "null"})
}
