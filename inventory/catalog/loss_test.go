package catalog

import (
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func TestLoss(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	open := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`
	tests := []struct {
		name             string
		typ              inventory.Type
		attr             Attribute
		declared, actual inventory.Value
		want             string
	}{
		{"a database becomes public", "AWS::RDS::DBInstance", Attribute{Name: "PubliclyAccessible", Comparator: "bool"}, "false", "true", "critical"},
		{"and private again", "AWS::RDS::DBInstance", Attribute{Name: "PubliclyAccessible", Comparator: "bool"}, "true", "false", "medium"},
		{"a truth value in words", "AWS::RDS::DBInstance", Attribute{Name: "PubliclyAccessible", Comparator: "bool"}, `"no"`, `"Yes"`, "critical"},
		{"nothing blocks public access", "AWS::S3::Bucket", Attribute{Name: "PublicAccessBlockConfiguration.BlockPublicPolicy", Comparator: "bool"}, "true", "false", "critical"},
		{"encryption off, as an API that leaves false out", "AWS::EFS::FileSystem", Attribute{Name: "Encrypted", Comparator: "bool, zero"}, "true", "null", "critical"},
		{"encryption on", "AWS::EFS::FileSystem", Attribute{Name: "Encrypted", Comparator: "bool, zero"}, "null", "true", "medium"},
		{"a key of one's own goes", "AWS::SQS::Queue", Attribute{Name: "KmsMasterKeyId", Comparator: "zero, arnname"}, `"alias/a"`, "null", "high"},
		{"another key", "AWS::SQS::Queue", Attribute{Name: "KmsMasterKeyId", Comparator: "zero, arnname"}, `"alias/a"`, `"alias/b"`, ""},
		{"deletion protection off", "AWS::DynamoDB::Table", Attribute{Name: "DeletionProtectionEnabled", Comparator: "bool, zero"}, "true", "false", "high"},
		{"deletion protection by its name", "AWS::Cognito::UserPool", Attribute{Name: "DeletionProtection", Default: `"INACTIVE"`}, `"ACTIVE"`, "null", "high"},
		{"fewer backups", "AWS::RDS::DBInstance", Attribute{Name: "BackupRetentionPeriod", Comparator: "num"}, "7", "1", "high"},
		{"more backups", "AWS::RDS::DBInstance", Attribute{Name: "BackupRetentionPeriod", Comparator: "num"}, "1", "7", ""},
		{"logs for ever", "AWS::Logs::LogGroup", Attribute{Name: "RetentionInDays", Comparator: "num"}, "30", "null", ""},
		{"a trail stops", "AWS::CloudTrail::Trail", Attribute{Name: "IsLogging", Comparator: "bool"}, "true", "false", "critical"},
		{"a firewall opens", "compute.googleapis.com/Firewall", Attribute{Name: "sourceRanges", Comparator: "set, cidr"}, `["10.0.0.0/8"]`, `["10.0.0.0/8","0.0.0.0/0"]`, "critical"},
		{"a firewall was open already", "compute.googleapis.com/Firewall", Attribute{Name: "sourceRanges", Comparator: "set, cidr"}, `["0.0.0.0/0"]`, `["::/0"]`, ""},
		{"a cluster opens", "AWS::EKS::Cluster", Attribute{Name: "ResourcesVpcConfig.PublicAccessCidrs", Comparator: "cidr, set, zero"}, `["192.0.2.0/24"]`, `["::/0"]`, "critical"},
		{"a policy for everybody, in a text", "AWS::S3::BucketPolicy", Attribute{Name: "PolicyDocument", Comparator: "policy"}, `{"Statement":[]}`, inventory.StringValue(open), "critical"},
		{
			"a policy for everybody under a condition", "AWS::S3::BucketPolicy",
			Attribute{Name: "PolicyDocument", Comparator: "policy"},
			`{"Statement":[]}`, `{"Statement":{"Effect":"Allow","Principal":{"AWS":["*"]},"Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}}}`, "",
		},
		{
			"a policy that denies everybody", "AWS::S3::BucketPolicy",
			Attribute{Name: "PolicyDocument", Comparator: "policy"},
			`{"Statement":[]}`, `{"Statement":{"Effect":"Deny","Principal":"*"}}`, "",
		},
		{"a description", "AWS::IAM::Role", Attribute{Name: "Description", Comparator: "zero"}, `"a"`, `"b"`, "low"},
		{"what nothing is said of", "AWS::EC2::Instance", Attribute{Name: "InstanceType"}, `"a"`, `"b"`, ""},
	}
	for _, tt := range tests {
		l, ok := c.Loss(tt.typ, tt.attr, tt.declared, tt.actual)
		if l.Severity != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: %q, want %q", tt.name, l.Severity, tt.want)
		}
	}
}

// TestLossesAreSound: severities and words are those that there are, and each pattern of attributes without a wildcard names a compared one.
func TestLossesAreSound(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.losses) == 0 {
		t.Fatal("no losses are loaded")
	}
	for _, l := range c.losses {
		if !slices.Contains([]string{"low", "medium", "high", "critical"}, l.Severity) {
			t.Errorf("%v: severity %q", l.Attributes, l.Severity)
		}
		if l.Severity != "medium" && l.Severity != "low" && l.What == "" {
			t.Errorf("%v: it does not say what was lost", l.Attributes)
		}
		if len(l.To) == 0 && l.What != "" {
			t.Errorf("%v: any difference loses %q", l.Attributes, l.What)
		}
	}
}

// TestSuppressionsHaveSources: whoever doubts one can look it up.
func TestSuppressionsHaveSources(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Clone(c.suppress.others)
	for _, list := range c.suppress.byType {
		all = append(all, list...)
	}
	services := 0
	for _, s := range all {
		if s.ID == "" || s.Reason == "" || !strings.HasPrefix(s.Source, "https://") {
			t.Errorf("suppression %q: reason %q, source %q", s.ID, s.Reason, s.Source)
		}
		if s.Service {
			services++
		}
	}
	if services == 0 || services == len(all) {
		t.Errorf("%d of %d suppressions are of services", services, len(all))
	}
	for _, p := range c.provenance {
		if p.Tool == "" || p.Tag == "" || !strings.HasPrefix(p.Source, "https://") {
			t.Errorf("provenance %q by %q: source %q", p.Tool, p.Tag, p.Source)
		}
	}
}

// TestWithinNamesBounds: the bounds of an attribute are attributes of its own type.
func TestWithinNamesBounds(t *testing.T) {
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for name := range c.rows {
		row, _ := c.Type(name)
		for _, a := range row.Attributes {
			if len(a.Within) == 0 {
				continue
			}
			found++
			for _, bound := range a.Within {
				if _, ok := row.Attribute(bound); !ok || len(a.Within) != 2 || a.Ignore != "" {
					t.Errorf("%s %s: within %v", name, a.Name, a.Within)
				}
			}
		}
	}
	if found == 0 {
		t.Error("no attribute has bounds")
	}
}
