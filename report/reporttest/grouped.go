package reporttest

import (
	"fmt"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// Grouped is Small with findings of few causes besides: 40 instances whose type somebody changed, 12 buckets of one maker, 3
// declarations of one state that are gone, and one alone whose differences have structure and secrets.
func Grouped() *report.Report {
	r := Small()
	for i := range 40 {
		r.Findings = append(r.Findings, grownInstance(i))
	}
	for i := range 12 {
		f := finding("drift/unmanaged", rules.Medium, bucket(fmt.Sprintf("acme-scratch-%d", i+1)), "not declared in any code")
		f.Created = Night().AddDate(0, 0, -5)
		f.Fix = fmt.Sprintf("import it\n\nimport {\n  to = aws_s3_bucket.acme-scratch-%d\n  id = \"acme-scratch-%d\"\n}", i+1, i+1)
		r.Findings = append(r.Findings, f)
	}
	for i := range 3 {
		r.Findings = append(r.Findings, lostQueue(i))
	}
	r.Findings = append(r.Findings, changedPolicy())
	for i := range r.Findings[len(r.Findings)-56:] {
		count(&r.Summary, &r.Findings[len(r.Findings)-56+i])
	}
	sortFindings(r.Findings)
	r.Group()
	return r
}

func grownInstance(i int) rules.Finding {
	f := finding("drift/changed", rules.High, instance(fmt.Sprintf("web-%02d", i+1), fmt.Sprintf("i-0feed%012x", i+1)), "InstanceType is t3.large, declared t3.micro")
	f.Diff = []rules.Difference{{Attribute: "InstanceType", Declared: "t3.micro", Actual: "t3.large"}}
	f.Parts = []rules.Part{{Name: "InstanceType", FirstSeen: f.FirstSeen}}
	f.Origin = inventory.Origin{File: "infra/web/main.tf", Line: 12, Address: fmt.Sprintf("module.web.aws_instance.web[%d]", i), Module: "module.web"}
	if i%4 == 0 {
		f.State, f.FirstSeen = inventory.FindingNew, Night()
	}
	return f
}

func lostQueue(i int) rules.Finding {
	address := fmt.Sprintf("aws_sqs_queue.jobs[%d]", i)
	f := finding("drift/missing", rules.High, rules.AssetRef{
		Key: "states/jobs.tfstate#" + address, Book: inventory.Declared, Type: "AWS::SQS::Queue", Name: fmt.Sprintf("jobs-%d", i), Account: prod,
		Region: "eu-west-1", Source: "infra",
	}, address+" is declared and applied, and is not there")
	f.Origin = inventory.Origin{File: "states/jobs.tfstate", Address: address}
	return f
}

func changedPolicy() rules.Finding {
	hash := inventory.NewSecretHash([]byte("0123456789abcdef"))
	f := finding("drift/changed", rules.Critical, bucket("acme-vault"), "Password is "+hash.Hash("new")+", declared "+hash.Hash("old"))
	f.Diff = []rules.Difference{
		{
			Attribute: "BucketPolicy", Declared: `{"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Principal":"111122223333"}],"Version":"2012-10-17"}`,
			Actual: `{"Statement":[{"Action":"s3:*","Effect":"Allow","Principal":"*"}],"Version":"2012-10-17"}`,
		},
		{Attribute: "Cidrs", Declared: `["10.0.0.0/8","10.1.0.0/16","10.2.0.0/16","10.3.0.0/16","10.4.0.0/16"]`, Actual: `["0.0.0.0/0","::/0"]`},
		{Attribute: "Order", Declared: `["a","b"]`, Actual: `["b","a"]`},
		{Attribute: "Password", Declared: hash.Hash("old"), Actual: hash.Hash("new")},
		{Attribute: "Url", Declared: "https://u:" + hash.Hash("old") + "@db.example.com", ActualAbsent: true},
	}
	f.Origin = inventory.Origin{File: "infra/vault/main.tf", Line: 3, Address: "aws_s3_bucket.vault"}
	return f
}
