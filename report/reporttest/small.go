// Package reporttest holds made-up reports that every encoder is tested with: Small is what a real audit looks like,
// Hostile is what somebody would write who wants to do harm through the names of their assets, and Big is any size.
// Each call builds the report anew, so a test may change what it gets.
package reporttest

import (
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// Accounts of the made-up company.
const (
	prod    = "111122223333"
	sandbox = "444455556666"
	gcpProd = "acme-prod"
)

const smallPolicy = "sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9"

// Night is the start of the fixtures' scan.
func Night() time.Time { return time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC) }

// Small is the report of a company of about 150 assets: findings of every severity and state, one that could not be
// confirmed, accepted ones, verdicts and scopes that are unknown, and a trend of a week.
func Small() *report.Report {
	r := &report.Report{
		Schema:  report.Schema,
		Tool:    report.Tool{Name: "muster", Version: "0.4.0"},
		Sources: smallSources(),
		Digests: report.Digests{
			Config: "sha256:5f2b7c0e5a1d4f3e8b9a6c7d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f",
			Policy: smallPolicy,
		},
		Findings: smallFindings(),
		Accepted: smallAccepted(),
		Unknown:  smallUnknown(),
		Coverage: smallCoverage(),
		Scopes:   smallScopes(),
		Rules:    smallRules(),
		Trend:    smallTrend(),
		Changes:  &report.Changes{Scan: 40, Started: Night().AddDate(0, 0, -2), New: 4, Resolved: 2}, // the night between was not whole
		Assets:   smallAssets,
	}
	r.Scan = report.Scan{ID: 42, Started: Night(), Finished: Night().Add(4*time.Minute + 12*time.Second), Scopes: countScopes(r.Scopes)}
	r.Group()
	r.Summary = smallSummary(r)
	r.Gate = report.Gate{ExitCode: 1, Reasons: []string{
		"6 findings at or above high (fail_on: high)",
		"tag coverage is between 77.5 % and 85.7 %, its floor is 95 %",
		"2 scopes failed and 1 is partial, so that absence there proves nothing (incomplete: fail)",
	}}
	return r
}

// Clean is a report in which everything was read, and all of it passes.
func Clean() *report.Report {
	r := Small()
	r.Findings, r.Groups, r.Accepted, r.Unknown, r.Scopes = nil, nil, nil, nil, r.Scopes[:2]
	r.Scan.Complete = true
	r.Scan.Scopes = countScopes(r.Scopes)
	all := ratio(1, 0)
	s := &r.Summary
	s.Findings, s.New, s.Resolved, s.Unknown, s.Accepted = report.SeverityCounts{}, 0, 0, 0, 0
	s.TagCoverage, s.TagMin, s.TagMax, s.IaCCoverage, s.IaCMin, s.IaCMax = all, all, all, all, all, all
	for i := range r.Coverage {
		r.Coverage[i].Fail, r.Coverage[i].Unknown, r.Coverage[i].Ratio = 0, 0, all
	}
	for i := range r.Rules {
		r.Rules[i].Fail, r.Rules[i].Unknown = 0, 0
	}
	last := &r.Trend[len(r.Trend)-1]
	last.Findings, last.TagCoverage, last.IaCCoverage, last.Complete = 0, all, all, true
	r.Changes.New, r.Changes.Resolved = 0, 16
	r.Gate = report.Gate{Passed: true, Reasons: []string{"no finding at or above high (fail_on: high)"}}
	return r
}

// Empty is the zero report: every list nil, every ratio null.
func Empty() *report.Report { return &report.Report{Schema: report.Schema} }

func smallSources() []report.Source {
	return []report.Source{
		{Name: "aws-prod", Collector: "aws", Book: inventory.Observed, Caller: "arn:aws:sts::111122223333:assumed-role/MusterReadOnly/nightly", Assets: 61},
		{Name: "dc", Collector: "cmdb", Book: inventory.Recorded, Assets: 47},
		{Name: "gcp-prod", Collector: "gcp", Book: inventory.Observed, Caller: "muster@acme-prod.iam.example.com", Assets: 12},
		{Name: "infra", Collector: "terraform", Book: inventory.Declared, Assets: 58},
	}
}

func smallScopes() []report.Scope {
	week := Night().AddDate(0, 0, -3)
	now := Night()
	return []report.Scope{
		{Source: "aws-prod", Scope: prod + "/eu-west-1/AWS::EC2::Instance", State: inventory.RunOK, Assets: 38, LastOK: &now},
		{Source: "aws-prod", Scope: prod + "/eu-west-1/AWS::S3::Bucket", State: inventory.RunOK, Assets: 23, LastOK: &now},
		{
			Source: "aws-prod", Scope: prod + "/us-east-1/AWS::EC2::Instance", State: inventory.RunFailed, Reason: inventory.ReasonDenied,
			Error: "UnauthorizedOperation: ec2:DescribeInstances is denied by a service control policy", LastOK: &week,
		},
		{Source: "aws-prod", Scope: sandbox + "/*", State: inventory.RunSkipped, Reason: inventory.ReasonNotSelected, Error: "left out by --source"},
		{
			Source: "dc", Scope: "cmdb/servers.csv", State: inventory.RunPartial, Reason: inventory.ReasonSkippedRows,
			Error: "2 rows have no key: lines 17 and 203", Assets: 47, Skipped: 2, LastOK: &week,
		},
		{Source: "gcp-prod", Scope: "projects/acme-prod/compute.googleapis.com/Instance", State: inventory.RunOK, Assets: 12, LastOK: &now},
		{
			Source: "infra", Scope: "states/network.tfstate", State: inventory.RunFailed, Reason: inventory.ReasonError,
			Error: "parse state \"states/network.tfstate\": line 880: unexpected end of file: run terraform state pull again",
		},
		{Source: "infra", Scope: "states/prod.tfstate", State: inventory.RunOK, Assets: 58, LastOK: &now},
	}
}

func countScopes(scopes []report.Scope) report.ScopeCounts {
	var n report.ScopeCounts
	for _, s := range scopes {
		switch s.State {
		case inventory.RunOK:
			n.OK++
		case inventory.RunPartial:
			n.Partial++
		case inventory.RunFailed:
			n.Failed++
		case inventory.RunSkipped:
			n.Skipped++
		}
	}
	return n
}

func smallSummary(r *report.Report) report.Summary {
	s := report.Summary{
		Assets:   report.BookCounts{Observed: 73, Recorded: 47, Declared: 58},
		Entities: 98,
		Overlap: []report.Overlap{
			{Books: []inventory.Book{inventory.Observed}, Entities: 19},
			{Books: []inventory.Book{inventory.Recorded}, Entities: 11},
			{Books: []inventory.Book{inventory.Declared}, Entities: 7},
			{Books: []inventory.Book{inventory.Observed, inventory.Recorded}, Entities: 10},
			{Books: []inventory.Book{inventory.Observed, inventory.Declared}, Entities: 25},
			{Books: []inventory.Book{inventory.Recorded, inventory.Declared}, Entities: 7},
			{Books: []inventory.Book{inventory.Observed, inventory.Recorded, inventory.Declared}, Entities: 19},
		},
		TagCoverage: ratio(62, 12), TagMin: ratio(62, 18), TagMax: ratio(72, 12),
		IaCCoverage: ratio(51, 10), IaCMin: ratio(51, 14), IaCMax: ratio(55, 10),
		Unknown: 11, Accepted: len(r.Accepted),
	}
	for i := range r.Findings {
		count(&s, &r.Findings[i])
	}
	return s
}

func count(s *report.Summary, f *rules.Finding) {
	switch f.State {
	case inventory.FindingNew:
		s.New++
	case inventory.FindingResolved:
		s.Resolved++
		return
	}
	switch f.Severity {
	case rules.Critical:
		s.Findings.Critical++
	case rules.High:
		s.Findings.High++
	case rules.Medium:
		s.Findings.Medium++
	case rules.Low:
		s.Findings.Low++
	case rules.Info:
		s.Findings.Info++
	}
}

func ratio(pass, fail int) *float64 {
	f := float64(pass) / float64(pass+fail)
	return &f
}

func smallTrend() []report.TrendPoint {
	tags := []float64{0.71, 0.72, 0.76, 0.75, 0.79, 0.81}
	code := []float64{0.77, 0.77, 0.78, 0.80, 0.80, 0.83}
	var out []report.TrendPoint
	for i := range tags {
		out = append(out, report.TrendPoint{
			Scan: inventory.ScanID(36 + i), Started: Night().AddDate(0, 0, i-6), Assets: 170 + i,
			TagCoverage: &tags[i], IaCCoverage: &code[i], Findings: 24 - 2*i, Complete: i != 5, Policy: smallPolicy,
		})
	}
	out[2].IaCCoverage, out[2].Complete = nil, false // that night no declared source could be read
	out[0].Policy = "sha256:e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f900a1b2c3d"
	return append(out, report.TrendPoint{
		Scan: 42, Started: Night(), Assets: 178, TagCoverage: ratio(62, 12), IaCCoverage: ratio(51, 10), Findings: 11,
		Policy: smallPolicy,
	})
}

func smallCoverage() []report.Coverage {
	return []report.Coverage{
		{Measure: "iac", Group: "all", Pass: 51, Fail: 10, Unknown: 4, Ratio: ratio(51, 10)},
		{Measure: "iac", Group: "account", Value: prod, Pass: 42, Fail: 6, Unknown: 3, Ratio: ratio(42, 6)},
		{Measure: "iac", Group: "account", Value: gcpProd, Pass: 9, Fail: 4, Unknown: 1, Ratio: ratio(9, 4)},
		{Measure: "iac", Group: "type", Value: "AWS::EC2::Instance", Pass: 30, Fail: 5, Unknown: 3, Ratio: ratio(30, 5)},
		{Measure: "iac", Group: "type", Value: "AWS::S3::Bucket", Pass: 12, Fail: 1, Ratio: ratio(12, 1)},
		{Measure: "tag", Group: "all", Pass: 62, Fail: 12, Unknown: 6, Ratio: ratio(62, 12)},
		{Measure: "tag", Group: "account", Value: prod, Pass: 55, Fail: 6, Unknown: 2, Ratio: ratio(55, 6)},
		{Measure: "tag", Group: "account", Value: gcpProd, Pass: 7, Fail: 6, Unknown: 0, Ratio: ratio(7, 6)},
		{Measure: "tag", Group: "account", Value: sandbox, Unknown: 4},
		{Measure: "tag", Name: "cost-center", Group: "all", Pass: 60, Fail: 14, Unknown: 6, Ratio: ratio(60, 14)},
		{Measure: "tag", Name: "env", Group: "all", Pass: 71, Fail: 3, Unknown: 6, Ratio: ratio(71, 3)},
		{Measure: "tag", Name: "owner", Group: "all", Pass: 66, Fail: 8, Unknown: 6, Ratio: ratio(66, 8)},
		{Measure: "tag", Name: "owner", Group: "account", Value: prod, Pass: 58, Fail: 3, Unknown: 2, Ratio: ratio(58, 3)},
		{Measure: "tag", Name: "owner", Group: "account", Value: gcpProd, Pass: 8, Fail: 5, Ratio: ratio(8, 5)},
	}
}

func smallUnknown() []report.UnknownCount {
	return []report.UnknownCount{
		{
			Rule: "drift/missing", Reason: "scope not read: aws-prod 111122223333/us-east-1/AWS::EC2::Instance", Entities: 4,
			Examples: []string{"states/prod.tfstate#aws_instance.batch[0]", "states/prod.tfstate#aws_instance.batch[1]"},
		},
		{
			Rule: "records/ghost", Reason: "scope not read: aws-prod 111122223333/us-east-1/AWS::EC2::Instance", Entities: 1,
			Examples: []string{"SRV-0091"},
		},
		{
			Rule: "tags/owner", Reason: "tags could not be read", Entities: 6,
			Examples: []string{"arn:aws:s3:::acme-logs", "arn:aws:s3:::acme-media"},
		},
	}
}

func smallRules() []report.RuleInfo {
	return []report.RuleInfo{
		{
			ID: "drift/changed", Title: "What is declared and what is there agree", Severity: rules.High, Pass: 44, Fail: 2, Unknown: 4,
			Help: "Somebody changed it behind the code's back. Change the code to what is wanted, or apply the code again.",
		},
		{
			ID: "drift/missing", Title: "What is declared exists", Severity: rules.High, Pass: 50, Fail: 1, Unknown: 4,
			Help: "The code says that it was made, and nobody finds it. Apply the code again, or remove it from the code.",
		},
		{
			ID: "drift/unmanaged", Title: "What exists is declared", Severity: rules.Medium, Pass: 51, Fail: 3, Unknown: 4,
			Help: "Import it into code, or delete it if nobody needs it.",
		},
		{
			ID: "records/ghost", Title: "What the register holds exists", Severity: rules.Medium, Pass: 36, Fail: 1, Unknown: 1,
			Help: "The register says that it is in use. Retire the row, or find the machine.",
		},
		{
			ID: "records/mismatch", Title: "The register agrees with reality", Severity: rules.Low, Pass: 30, Fail: 1,
			Help: "Correct the row in the register.",
		},
		{
			ID: "tags/cost-center", Title: "Everything that is billed names its cost centre", Severity: rules.Low, Pass: 60, Fail: 2, Unknown: 6,
			Help: "Finance books by this tag: cc- and four digits.",
		},
		{
			ID: "tags/no-secrets", Title: "No tag holds a secret", Severity: rules.Critical, Pass: 80, Fail: 1,
			Help: "Everybody who may list can read tags. Change the secret, then remove the tag.",
		},
		{
			ID: "tags/owner", Title: "Everything has an owner", Severity: rules.High, Pass: 66, Fail: 2, Unknown: 6,
			Help: "Without an owner nobody is called when it breaks. Use a team's name.",
		},
	}
}
