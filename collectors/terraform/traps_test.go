package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// TestTagsOfStates reads the ways in which states of different ages and providers hold tags.
func TestTagsOfStates(t *testing.T) {
	owner := inventory.KnownTags(inventory.Tag{Key: "owner", Value: "payments"})
	tests := []struct {
		name, attributes string
		want             inventory.Tags
	}{
		{"both", `"tags":{"owner":"x"},"tags_all":{"owner":"payments"}`, owner},
		{"all empty, after a default tag went", `"tags":{"owner":"x"},"tags_all":{}`, inventory.KnownTags()},
		{"provider without tags_all", `"tags":{"owner":"payments"}`, owner},
		{"upgraded and not refreshed", `"tags":{"owner":"payments"},"tags_all":null`, owner},
		{"upgraded, without tags", `"tags":{},"tags_all":null`, inventory.KnownTags()},
		{"both null", `"tags":null,"tags_all":null`, inventory.KnownTags()},
		{"null and absent", `"tags_all":null`, inventory.KnownTags()},
		{"absent", `"url":"u"`, inventory.UnknownTags()},
		{"of another kind", `"tags":"owner"`, inventory.UnknownTags()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := collect(t, `{"version":4,"resources":[{"mode":"managed","type":"aws_sqs_queue","name":"a","instances":[
				{"attributes":{"arn":"arn:aws:sqs:eu-west-1:111122223333:a",`+tt.attributes+`}}]}]}`)
			if err != nil {
				t.Fatal(err)
			}
			if got := out.assets[0].Tags; !got.Equal(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestVolumeTags: a provider that is told the tags of all volumes of an instance does not read those of each.
func TestVolumeTags(t *testing.T) {
	owner := inventory.KnownTags(inventory.Tag{Key: "owner", Value: "payments"})
	tests := []struct {
		name, volumeTags, blockTags string
		want                        inventory.Tags
	}{
		{"of all volumes", `{"owner":"payments"}`, `"tags":null,"tags_all":null`, owner},
		{"of all volumes, with a provider that knows no others", `{"owner":"payments"}`, `"encrypted":true`, owner},
		{"of the block", `null`, `"tags":{"owner":"payments"},"tags_all":{"owner":"payments"}`, owner},
		{"none", `{}`, `"tags":{},"tags_all":null`, inventory.KnownTags()},
		{"nobody says", `null`, `"encrypted":true`, inventory.UnknownTags()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := collect(t, `{"version":4,"resources":[{"mode":"managed","type":"aws_instance","name":"a","instances":[{"attributes":{
				"arn":"arn:aws:ec2:eu-west-1:111122223333:instance/i-00000000000000001","id":"i-00000000000000001",
				"volume_tags":`+tt.volumeTags+`,"root_block_device":[{"volume_id":"vol-1",`+tt.blockTags+`}]}}]}]}`)
			if err != nil {
				t.Fatal(err)
			}
			if got := out.assets[1].Tags; !got.Equal(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestPartitionOfRegion: an ARN that no attribute holds is made in the partition of its region.
func TestPartitionOfRegion(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "arn:aws:", "cn-north-1": "arn:aws-cn:", "us-gov-west-1": "arn:aws-us-gov:", "us-iso-east-1": "arn:aws-iso:",
		"us-isob-east-1": "arn:aws-iso-b:",
	} {
		out, err := collect(t, `{"version":4,"resources":[{"mode":"managed","type":"aws_nat_gateway","name":"a","instances":[
			{"attributes":{"id":"nat-1","region":"`+region+`"},"identity":{"account_id":"111122223333"}}]}]}`)
		if err != nil {
			t.Fatal(err)
		}
		want += "ec2:" + region + ":111122223333:natgateway/nat-1"
		if d := cmp.Diff([]string{want}, out.keys()); d != "" {
			t.Errorf("keys (-want +got):\n%s", d)
		}
	}
}

// TestRegionOfProvider: states before version 6 of the AWS provider tell the region of a resource without an ARN only by
// what else its provider configuration made.
func TestRegionOfProvider(t *testing.T) {
	block := func(provider, typ, name, attributes string) string {
		return `{"mode":"managed","type":"` + typ + `","name":"` + name + `","provider":"` + provider + `","instances":[{"attributes":{` + attributes + `}}]}`
	}
	queue := func(provider, region string) string {
		return block(provider, "aws_sqs_queue", region, `"arn":"arn:aws:sqs:`+region+`:111122223333:q"`)
	}
	out, err := collect(t, `{"version":4,"resources":[`+
		block("a", "aws_nat_gateway", "known", `"id":"nat-1"`)+","+queue("a", "eu-west-1")+","+
		block("a", "aws_iam_role", "global", `"arn":"arn:aws:iam::111122223333:role/r"`)+","+
		block("a", "aws_iam_account_alias", "also_global", `"id":"acme"`)+","+
		block("b", "aws_nat_gateway", "doubtful", `"id":"nat-2"`)+","+queue("b", "eu-west-2")+","+queue("b", "eu-west-3")+","+
		block("c", "aws_nat_gateway", "unknown", `"id":"nat-3"`)+`]}`)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range out.assets {
		got[a.Key] = a.Account + "/" + a.Region
	}
	want := map[string]string{
		"arn:aws:ec2:eu-west-1:111122223333:natgateway/nat-1": "111122223333/eu-west-1",
		"arn:aws:sqs:eu-west-1:111122223333:q":                "111122223333/eu-west-1",
		"arn:aws:iam::111122223333:role/r":                    "111122223333/",
		"a.tfstate#aws_iam_account_alias.also_global":         "111122223333/",
		"a.tfstate#aws_nat_gateway.doubtful":                  "111122223333/",
		"arn:aws:sqs:eu-west-2:111122223333:q":                "111122223333/eu-west-2",
		"arn:aws:sqs:eu-west-3:111122223333:q":                "111122223333/eu-west-3",
		"a.tfstate#aws_nat_gateway.unknown":                   "/",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("places (-want +got):\n%s", d)
	}
}
