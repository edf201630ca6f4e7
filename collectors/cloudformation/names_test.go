package cloudformation

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/accounts"
	"github.com/muster-audit/muster/collectors/aws/listers"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

func account(id string) accounts.Account { return accounts.Account{ID: id} }

// Each ARN of the table is one that the reader of the type in the observed book finds its own.
func TestNamesAreThoseOfListers(t *testing.T) {
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	claims := map[inventory.Type]func(service, resource string) bool{}
	all := listers.All()
	for i := range all {
		for _, typ := range all[i].Types() {
			claims[typ] = all[i].Claims
		}
	}
	table := readNames()
	if len(table) < 100 {
		t.Fatalf("%d rows", len(table))
	}
	for typ, n := range table {
		row, ok := known.Type(typ)
		if !ok || n.property != "" && !row.HasProperty(n.property) {
			t.Errorf("%s: the catalog knows no such type, or no property %s of it", typ, n.property)
		}
		id := "name"
		if typ == "AWS::KMS::Alias" {
			id = "alias/name"
		}
		text := n.arnOf(id, where{"111122223333", "eu-west-1", "aws"}, "/")
		a, isARN := catalog.ParseARN(text)
		if n.arn == "" {
			continue
		}
		if claim := claims[typ]; !isARN || strings.ContainsAny(text, "{}") || claim != nil && !claim(a.Service, a.Resource) {
			t.Errorf("%s: %s is not what its lister yields", typ, text)
		}
	}
}

func TestARN(t *testing.T) {
	table := readNames()
	here := where{"111122223333", "eu-west-1", "aws"}
	for _, c := range []struct {
		typ      inventory.Type
		id, path string
		at       where
		want     string
	}{
		{"AWS::SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/111122223333/q", "/", here, "arn:aws:sqs:eu-west-1:111122223333:q"},
		{"AWS::SNS::Topic", "arn:aws:sns:eu-west-1:111122223333:t", "/", where{}, "arn:aws:sns:eu-west-1:111122223333:t"},
		{"AWS::IAM::Role", "r", "/app/", here, "arn:aws:iam::111122223333:role/app/r"},
		{"AWS::IAM::Role", "r", "", here, ""},
		{"AWS::SSM::Parameter", "/a/b", "/", here, "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b"},
		{"AWS::SSM::Parameter", "a", "/", here, "arn:aws:ssm:eu-west-1:111122223333:parameter/a"},
		{"AWS::Events::Rule", "bus|rule", "/", here, "arn:aws:events:eu-west-1:111122223333:rule/bus/rule"},
		{"AWS::RDS::DBInstance", "Shop", "/", here, "arn:aws:rds:eu-west-1:111122223333:db:shop"},
		{"AWS::S3::Bucket", "b", "/", where{partition: "aws-cn"}, "arn:aws-cn:s3:::b"},
		{"AWS::S3::Bucket", "b", "/", where{}, ""},
		{"AWS::EC2::VPC", "vpc-1", "/", where{partition: "aws", region: "eu-west-1"}, ""},
		{"AWS::EC2::EIP", "198.51.100.7", "/", here, ""},
		{"AWS::WAFv2::WebACL", "name|id|REGIONAL", "/", here, ""},
		{"AWS::Logs::LogGroup", "arn:aws:logs:eu-west-1:111122223333:log-group:/a:*", "/", here, "arn:aws:logs:eu-west-1:111122223333:log-group:/a"},
	} {
		if got := table[c.typ].arnOf(c.id, c.at, c.path); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.typ, c.id, got, c.want)
		}
	}
}

func TestPartition(t *testing.T) {
	for region, want := range map[string]string{
		"eu-west-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "eusc-de-east-1": "aws-eusc", "us-iso-east-1": "", "": "",
	} {
		if got := partitionOf(region); got != want {
			t.Errorf("%s: %q", region, got)
		}
	}
}
