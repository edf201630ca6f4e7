package reporttest

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

func instance(name, id string) rules.AssetRef {
	return rules.AssetRef{
		Key: "arn:aws:ec2:eu-west-1:" + prod + ":instance/" + id, Book: inventory.Observed, Type: "AWS::EC2::Instance",
		Name: name, Account: prod, Region: "eu-west-1", Source: "aws-prod",
	}
}

func bucket(name string) rules.AssetRef {
	return rules.AssetRef{
		Key: "arn:aws:s3:::" + name, Book: inventory.Observed, Type: "AWS::S3::Bucket", Name: name, Account: prod,
		Region: "eu-west-1", Source: "aws-prod",
	}
}

func machine(name string) rules.AssetRef {
	return rules.AssetRef{
		Key:  "//compute.googleapis.com/projects/" + gcpProd + "/zones/europe-west1-b/instances/" + name,
		Book: inventory.Observed, Type: "compute.googleapis.com/Instance", Name: name, Account: gcpProd,
		Region: "europe-west1", Source: "gcp-prod",
	}
}

func server(key, name string) rules.AssetRef {
	return rules.AssetRef{Key: key, Book: inventory.Recorded, Type: "datacenter/server", Name: name, Account: "dc-dublin", Source: "dc"}
}

// finding fills in what every fixture shares: an open finding that this scan confirmed, three nights old.
func finding(rule string, severity rules.Severity, asset rules.AssetRef, message string) rules.Finding {
	sum := sha256.Sum256([]byte(rule + "\x00" + asset.Key))
	return rules.Finding{
		Fingerprint: hex.EncodeToString(sum[:16]), Rule: rule, Severity: severity, State: inventory.FindingOpen, Asset: asset,
		Message: message, FirstSeen: Night().AddDate(0, 0, -3), LastSeen: Night(), Confirmed: true,
	}
}

func smallFindings() []rules.Finding {
	return append(severeFindings(), mildFindings()...)
}

func severeFindings() []rules.Finding {
	secret := finding("tags/no-secrets", rules.Critical, instance("payments-db-tunnel", "i-0a51c7e90d2b4f681"), "tag db_password looks like a secret")
	secret.State, secret.FirstSeen = inventory.FindingNew, Night()
	secret.Owner, secret.Parts = "payments", []rules.Part{{Name: "db_password", FirstSeen: Night()}}
	secret.Fix = "aws ec2 delete-tags --resources i-0a51c7e90d2b4f681 --tags Key=db_password"

	lost := finding("drift/missing", rules.High, rules.AssetRef{
		Key: "states/prod.tfstate#module.search.aws_sqs_queue.reindex", Book: inventory.Declared, Type: "AWS::SQS::Queue",
		Name: "reindex", Account: prod, Region: "eu-west-1", Source: "infra",
	}, "declared and applied, but no longer there")
	lost.Owner = "search"
	lost.Origin = inventory.Origin{File: "states/prod.tfstate", Address: "module.search.aws_sqs_queue.reindex", Module: "module.search"}
	lost.Evidence = []rules.Evidence{aged("declared: aws_sqs_queue.jobs in states/prod.tfstate (state)", "terraform", "states/prod.tfstate"), rules.Note("scope 111122223333/eu-west-1/AWS::SQS::Queue was read whole")}
	lost.Fix = "terraform apply -target=module.search.aws_sqs_queue.reindex"

	orphan := finding("tags/owner", rules.High, machine("search-indexer-7"), "tag owner is missing")
	orphan.State, orphan.FirstSeen = inventory.FindingNew, Night()
	orphan.Parts = []rules.Part{{Name: "owner", FirstSeen: Night()}}
	orphan.Fix = "gcloud compute instances add-labels search-indexer-7 --zone=europe-west1-b --labels=owner=TEAM"

	stale := finding("tags/owner", rules.High, bucket("acme-exports"), "tag owner is \"nobody\", which is not one of payments, search, platform")
	stale.Confirmed, stale.LastSeen = false, Night().AddDate(0, 0, -1)
	stale.Evidence = []rules.Evidence{rules.Note("tags could not be read in this scan; the value is that of scan 41")}
	return append([]rules.Finding{secret}, changedMachine(), changedInstance(), lost, orphan, stale)
}

func changedInstance() rules.Finding {
	f := finding("drift/changed", rules.High, instance("payments-api-1", "i-0c9d8e7f6a5b4c3d2"), "3 attributes differ from the code")
	f.Owner = "payments"
	f.Diff = []rules.Difference{
		{Attribute: "InstanceType", Declared: "t3.micro", Actual: "t3.large"},
		{Attribute: "SecurityGroupIds", Declared: `["sg-0aa1","sg-0bb2"]`, Actual: `["sg-0aa1","sg-0bb2","sg-0ff9"]`},
		{Attribute: "tags.env", Declared: "prod", ActualAbsent: true},
	}
	f.Parts = []rules.Part{
		{Name: "InstanceType", FirstSeen: Night().AddDate(0, 0, -3)},
		{Name: "SecurityGroupIds", FirstSeen: Night().AddDate(0, 0, -1)},
		{Name: "tags.env", FirstSeen: Night()},
	}
	f.Origin = inventory.Origin{File: "infra/payments/main.tf", Line: 48, Address: `module.payments.aws_instance.api["a"]`, Module: "module.payments"}
	f.Evidence = []rules.Evidence{rules.Note("compared: code infra/payments/main.tf:48 with aws-prod (live)"), rules.Note("last changed by: nobody in the code's history")}
	f.Fix = "terraform apply -target='module.payments.aws_instance.api[\"a\"]'"
	return f
}

func changedMachine() rules.Finding {
	f := finding("drift/changed", rules.High, machine("ledger-2"), "1 attribute differs from the code")
	f.State, f.FirstSeen, f.Owner = inventory.FindingNew, Night(), "payments"
	f.Diff = []rules.Difference{{Attribute: "deletionProtection", DeclaredAbsent: true, Actual: "false"}}
	f.Parts = []rules.Part{{Name: "deletionProtection", FirstSeen: Night()}}
	f.Origin = inventory.Origin{File: "states/prod.tfstate", Address: "google_compute_instance.ledger[2]"}
	return f
}

func mildFindings() []rules.Finding {
	ghost := finding("records/ghost", rules.Medium, server("SRV-0044", "dub-batch-03"), "in the register as in use, in no fully read reality")
	ghost.Owner, ghost.Origin = "platform", inventory.Origin{File: "cmdb/servers.csv", Line: 44}
	ghost.Fix = "set the status of SRV-0044 to retired"

	gone := finding("drift/unmanaged", rules.Medium, bucket("acme-tmp-2024"), "nothing declares it")
	gone.State, gone.LastSeen = inventory.FindingResolved, Night().AddDate(0, 0, -1)

	mismatch := finding("records/mismatch", rules.Low, server("SRV-0012", "dub-ledger-01"), "2 attributes differ from reality")
	mismatch.Owner, mismatch.Origin = "payments", inventory.Origin{File: "cmdb/servers.csv", Line: 12}
	mismatch.Diff = []rules.Difference{
		{Attribute: "memory", Declared: "64 GiB", Actual: "128 GiB"},
		{Attribute: "hostname", Declared: "dub-ledger-01", Actual: "dub-ledger-1"},
	}

	cost := finding("tags/cost-center", rules.Low, bucket("acme-media"), "tag cost-center is \"1042\", which does not match ^cc-[0-9]{4}$")
	cost.Owner = "search"
	cost.Parts = []rules.Part{{Name: "cost-center", FirstSeen: Night().AddDate(0, 0, -3)}}
	cost.Fix = "aws s3api put-bucket-tagging --bucket acme-media --tagging 'TagSet=[{Key=cost-center,Value=cc-1042}]'"

	plan := finding("drift/unapplied", rules.Info, rules.AssetRef{
		Key: "plan.json#aws_dynamodb_table.sessions", Book: inventory.Declared, Type: "AWS::DynamoDB::Table", Name: "sessions",
		Account: prod, Region: "eu-west-1", Source: "infra",
	}, "planned, not applied")
	plan.Origin = inventory.Origin{File: "plan.json", Address: "aws_dynamodb_table.sessions"}
	plan.Owner = "payments"
	return []rules.Finding{unmanaged("batch-scratch", "i-01f2e3d4c5b6a7980"), gone, ghost, mismatch, cost, plan}
}

func unmanaged(name, id string) rules.Finding {
	f := finding("drift/unmanaged", rules.Medium, instance(name, id), "nothing declares it, and nothing that is declared manages it")
	f.FirstSeen = Night().Add(-26 * 24 * time.Hour)
	f.Evidence = []rules.Evidence{rules.Note("every declared scope was read at least once"), rules.Note("launched by hand: no mark of a tool")}
	f.Fix = "terraform import aws_instance.batch_scratch " + id
	return f
}

func smallAccepted() []rules.Accepted {
	f := finding("drift/unmanaged", rules.Medium, instance("bastion", "i-0bbbbbbbbbbbbbbb1"), "nothing declares it")
	f.State = inventory.FindingAccepted
	g := finding("tags/owner", rules.High, rules.AssetRef{
		Key: "arn:aws:s3:::acme-sandbox-7", Book: inventory.Observed, Type: "AWS::S3::Bucket", Name: "acme-sandbox-7",
		Account: sandbox, Region: "eu-west-1", Source: "aws-prod",
	}, "tag owner is missing")
	g.State = inventory.FindingAccepted
	return []rules.Accepted{
		{By: "baseline", Reason: "made by hand in 2019, goes with the move of the office", Owner: "platform", Expires: "2027-01-31", Finding: f},
		{By: "policy.yaml#exempt[1]", Reason: "sandbox", Owner: "platform", Finding: g},
	}
}

// aged is evidence that was read two hours before the scan.
func aged(text, source, scope string) rules.Evidence {
	t := Night().Add(-2 * time.Hour)
	return rules.Evidence{Text: text, Source: source, Scope: scope, AsOf: &t}
}
