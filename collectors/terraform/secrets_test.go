package terraform

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// TestSecretsInEveryPlace reads a state in which one secret stands wherever a string can stand.
func TestSecretsInEveryPlace(t *testing.T) {
	const secret = "s3cret-value"
	out, err := collect(t, `{"version":4,"lineage":"x","resources":[
		{"mode":"managed","type":"aws_sqs_queue","name":"q","instances":[{"index_key":"`+secret+`","attributes":{
			"arn":"arn:aws:sqs:eu-west-1:111122223333:q","id":"`+secret+`","url":"`+secret+`","name":"`+secret+`",
			"kms_master_key_id":"`+secret+`","redrive_policy":"{\"deadLetterTargetArn\":\"`+secret+`\"}",
			"tags_all":{"`+secret+`":"key","value":"`+secret+`"}}}]},
		{"module":"module.a[0].module.b[\"`+secret+`\"]","mode":"managed","type":"aws_instance","name":"i","instances":[{"attributes":{
			"id":"`+secret+`","private_ip":"`+secret+`","private_dns":"`+secret+`","availability_zone":"`+secret+`","region":"`+secret+`",
			"user_data":"x","root_block_device":[{"volume_id":"`+secret+`","kms_key_id":"`+secret+`","tags":{"a":"`+secret+`"}}]},
			"identity":{"account_id":"`+secret+`","region":"`+secret+`"}}]},
		{"mode":"managed","type":"google_compute_instance","name":"g","instances":[{"attributes":{
			"project":"`+secret+`","zone":"`+secret+`","name":"`+secret+`","instance_id":"`+secret+`"}}]}],
		"outputs":{"o":{"sensitive":true,"type":"string","value":"`+secret+`"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.assets) < 4 {
		t.Fatalf("got %d assets, want the queue, the instance, its volume and the virtual machine", len(out.assets))
	}
	for _, a := range out.assets {
		for _, i := range a.Identifiers {
			if inventory.IsSecretHash(i.Value) {
				t.Errorf("%s: the hash of a secret identifies it as %s", a.Type, i.Kind)
			}
		}
		for _, text := range texts(a) {
			if strings.Contains(text, secret) {
				t.Errorf("%s: the secret comes out in %q", a.Type, text)
			}
		}
	}
}

// texts are all strings of an asset.
func texts(a inventory.Asset) []string {
	list := []string{a.Key, a.Name, a.Account, a.Region, a.Zone, a.Origin.Address, a.Origin.Module, a.Origin.File, a.Origin.Lineage}
	for t := range a.Tags.All() {
		list = append(list, t.Key, t.Value)
	}
	for at := range a.Attributes.All() {
		list = append(list, string(at.Value))
	}
	for _, i := range a.Identifiers {
		list = append(list, i.Value)
	}
	for _, r := range a.Relations {
		list = append(list, r.Key)
	}
	return list
}
