package reporttest

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// Big is Small with n findings and n assets instead, spread over 40 accounts, 12 regions, 25 teams and the rules of Small.
// Every tenth finding has a diff.
func Big(n int) *report.Report {
	r := Small()
	infos := r.Rules
	r.Findings = make([]rules.Finding, n)
	for i := range r.Findings {
		r.Findings[i] = bigFinding(i, rules.Severities()[i*5/n], infos[i%len(infos)].ID)
	}
	sortFindings(r.Findings)
	r.Summary.Findings, r.Summary.New, r.Summary.Resolved = report.SeverityCounts{}, 0, 0
	for i := range r.Findings {
		count(&r.Summary, &r.Findings[i])
	}
	r.Summary.Assets, r.Summary.Entities = report.BookCounts{Observed: n}, n
	r.Assets = func() iter.Seq2[report.Asset, error] { return bigAssets(n) }
	r.Group()
	return r
}

func sortFindings(list []rules.Finding) { slices.SortFunc(list, order) }

// order is that of a report's findings: severity, worst first, then rule and key.
func order(a, b rules.Finding) int {
	return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Asset.Key, b.Asset.Key))
}

func bigFinding(i int, severity rules.Severity, rule string) rules.Finding {
	ref := bigRef(i)
	f := finding(rule, severity, ref, fmt.Sprintf("%s does not pass: the owner of %s is not known", ref.Name, ref.Type))
	f.Owner = fmt.Sprintf("team-%02d", i%25)
	f.FirstSeen = Night().AddDate(0, 0, -(i % 60))
	f.State = []inventory.FindingState{inventory.FindingOpen, inventory.FindingOpen, inventory.FindingNew, inventory.FindingOpen, inventory.FindingResolved}[i%5]
	f.Fix = fmt.Sprintf("aws ec2 create-tags --resources %s --tags Key=owner,Value=TEAM", ref.Key)
	f.Evidence = []rules.Evidence{rules.Note("compared: state states/prod.tfstate (2 hours old) with aws-prod (live)")}
	f.Origin = inventory.Origin{File: fmt.Sprintf("infra/stack-%03d/main.tf", i%400), Line: i%900 + 1, Address: fmt.Sprintf("module.m%d.aws_instance.node[%d]", i%400, i)}
	if i%10 == 0 {
		f.Diff = []rules.Difference{{Attribute: "InstanceType", Declared: "t3.micro", Actual: "t3.large"}, {Attribute: "PrivateIpAddress", Declared: fmt.Sprintf("10.%d.%d.4", i>>8&255, i&255), ActualAbsent: true}}
	}
	return f
}

func bigRef(i int) rules.AssetRef {
	account, region := fmt.Sprintf("1111%08d", i%40), fmt.Sprintf("eu-west-%d", i%12+1)
	return rules.AssetRef{
		Key:  fmt.Sprintf("arn:aws:ec2:%s:%s:instance/i-%017x", region, account, uint64(i)*2654435761),
		Book: inventory.Observed, Type: "AWS::EC2::Instance", Name: fmt.Sprintf("node-%d", i), Account: account, Region: region, Source: "aws-prod",
	}
}

func bigAssets(n int) iter.Seq2[report.Asset, error] {
	return func(yield func(report.Asset, error) bool) {
		for i := range n {
			tags := inventory.KnownTags(inventory.Tag{Key: "owner", Value: fmt.Sprintf("team-%02d", i%25)})
			if !yield(asset(int64(i+1), bigRef(i), tags, 1), nil) {
				return
			}
		}
	}
}
