package driftignore

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

var theCatalog = sync.OnceValues(catalog.Load)

func read(t testing.TB, text string) (*Result, error) {
	t.Helper()
	c, err := theCatalog()
	if err != nil {
		t.Fatal(err)
	}
	return Read(strings.NewReader(text), ".driftignore", c)
}

// policy makes a policy of a file, with what a person fills in.
func policy(t testing.TB, r *Result) (*rules.Policy, error) {
	t.Helper()
	var b strings.Builder
	if _, err := r.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(b.String(), "    owner:   # who answers for it\n", "    owner: ops\n")
	text = strings.ReplaceAll(text, "    expires: # the last day", "    expires: 2027-01-31 # the last day")
	return rules.ParsePolicies([]rules.PolicyFile{{Name: "policy.yaml", Text: []byte(text)}}, rules.PolicyEnv{
		Expr: expr.Env{Now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, Rules: []string{"drift/unmanaged"},
	})
}

func asset(t inventory.Type, key, name string) *rules.Entity {
	e := &inventory.Entry{Asset: inventory.Asset{Book: inventory.Observed, Type: t, Key: key, Name: name}}
	return &rules.Entity{Observed: []*inventory.Entry{e}}
}

// TestMatches holds the policies made against things that a file ignores and others that it does not.
func TestMatches(t *testing.T) {
	const bucket, instance, role = inventory.Type("AWS::S3::Bucket"), inventory.Type("AWS::EC2::Instance"), inventory.Type("AWS::IAM::Role")
	logs := asset(bucket, "arn:aws:s3:::acme-logs", "acme-logs")
	dotted := asset(bucket, "arn:aws:s3:::acme.logs", "acme.logs")
	other := asset(bucket, "arn:aws:s3:::my-acme-logs", "my-acme-logs")
	machine := asset(instance, "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", "web-1")
	app := asset(role, "arn:aws:iam::111122223333:role/team/app", "app")
	disk := asset("compute.googleapis.com/Disk", "//compute.googleapis.com/projects/p/zones/z/disks/data", "data")
	all := map[string]*rules.Entity{"logs": logs, "dotted": dotted, "other": other, "machine": machine, "app": app, "disk": disk}
	tests := []struct {
		file string
		want string
	}{
		{"", ""},
		{"# nothing\n\n", ""},
		{"*", "app disk dotted logs machine other"},
		{"aws_s3_bucket", "dotted logs other"},
		{"aws_s3_bucket.*", "dotted logs other"},
		{"aws_s3_bucket.acme-logs", "logs"},
		{"aws_s3_bucket.acme-logs   ", "logs"},
		{"aws_s3_bucket.acme-*", "logs"},
		{"aws_s3_bucket.*acme-logs", "logs other"},
		{"aws_s3_bucket.acme?logs", "dotted logs"},
		{"aws_s3_bucket.acme[.-]logs", "dotted logs"},
		{`aws_s3_bucket.acme\.logs`, "dotted"},
		{"aws_instance.i-0abc", "machine"},
		{"*.i-0abc", "machine"},
		{"aws_iam_role.app", "app"},
		{"aws_iam_role.team_-_app", "app"},
		{"aws_iam_role.team_-_*", "app"},
		{"google_*", "disk"},
		{"aws_*\n!aws_s3_bucket", "app machine"},
		{"*\n!aws_s3_bucket.acme-*\n", "app disk dotted machine other"},
		{"!aws_s3_bucket\n*", "app disk dotted logs machine other"},
		{"*\n!aws_s3_bucket\naws_s3_bucket.acme-logs", "app disk logs machine"},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			r, err := read(t, tt.file)
			if err != nil || len(r.Left) > 0 {
				t.Fatalf("left %v: %v", r.Left, err)
			}
			p, err := policy(t, r)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, name := range []string{"app", "disk", "dotted", "logs", "machine", "other"} {
				for _, x := range p.Exempt {
					if truth, _, err := x.When.Holds(all[name]); err == nil && truth == expr.Yes {
						got = append(got, name)
						break
					}
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("exempt (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLeft(t *testing.T) {
	tests := []struct {
		file string
		want []Left
	}{
		{"aws_iam_*", []Left{{1, "aws_iam_*", `"aws_iam_*" matches several types: write a line for each`}}},
		{"aws_nothing.x", []Left{{1, "aws_nothing.x", `"aws_nothing" is no Terraform type that is known`}}},
		{".x", []Left{{1, ".x", "no type stands before the dot"}}},
		{"aws_s3_bucket.[a", []Left{{1, "aws_s3_bucket.[a", `a "[" is not closed: write \[ if it is meant`}}},
		{`aws_s3_bucket.a\`, []Left{{1, `aws_s3_bucket.a\`, `the line ends in a "\"`}}},
		{"aws_s3_bucket\n!aws_iam_*", []Left{
			{1, "aws_s3_bucket", "line 2 takes some of it back, and cannot be expressed"}, {2, "!aws_iam_*", `"aws_iam_*" matches several types: write a line for each`},
		}},
		{"aws_instance.i-1.no_such", []Left{{1, "aws_instance.i-1.no_such", `the attribute "no_such" of aws_instance is not compared: nothing has to be ignored`}}},
	}
	for _, tt := range tests {
		r, err := read(t, tt.file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, r.Left); diff != "" {
			t.Errorf("%q: left (-want +got):\n%s", tt.file, diff)
		}
	}
}

func TestFields(t *testing.T) {
	r, err := read(t, "# sized by load\naws_instance.i-0abc.instance_type\naws_instance.*.tags.Name\n\naws_instance.i-1.metadata_options.0.http_tokens\n")
	if err != nil || len(r.Left) > 0 {
		t.Fatalf("left %v: %v", r.Left, err)
	}
	p, err := policy(t, r)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range p.Drift.Ignore {
		got = append(got, strings.Join(i.Attributes, ",")+": "+i.Reason)
	}
	want := []string{"InstanceType: sized by load", "tags.Name: sized by load", "MetadataOptions.HttpTokens: ignored in .driftignore, line 5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ignored (-want +got):\n%s", diff)
	}
}

// TestAsksForOwner: what was made is no policy before somebody answers for it.
func TestAsksForOwner(t *testing.T) {
	r, err := read(t, "aws_s3_bucket.it's")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := r.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	_, err = rules.ParsePolicies([]rules.PolicyFile{{Name: "policy.yaml", Text: []byte(b.String())}}, rules.PolicyEnv{})
	if err == nil || !strings.Contains(err.Error(), "owner") || !strings.Contains(err.Error(), "expires") || strings.Contains(err.Error(), "when") {
		t.Errorf("error %v", err)
	}
}

func TestLimits(t *testing.T) {
	for file, want := range map[string]string{
		strings.Repeat("\n", mostLines+1):                             "more than 5000 lines",
		strings.Repeat("a", mostLength+1):                             "line 1 is longer than",
		"*\n" + strings.Repeat("!aws_s3_bucket.a\n", mostNegations+1): `101 lines begin with "!"`,
	} {
		if _, err := read(t, file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// FuzzRead: whatever the file holds, what comes out is a policy once somebody answers for it, and no line is in it twice.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"*", "aws_s3_bucket.a\\.b", "!aws_iam_role.x", "# c\naws_instance.i-1.tags.a b", "aws_s3_bucket.[!a-z]*", "a.\\", "aws_s3_bucket.'\"\\\\", "*.[^]]", "google_compute_disk.é*",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := read(t, text)
		if err != nil {
			return
		}
		if _, err := policy(t, r); err != nil {
			t.Fatalf("%q becomes no policy: %v", text, err)
		}
		if kept := len(r.Exemptions) + len(r.Ignores) + len(r.Left); kept > strings.Count(text, "\n")+1 {
			t.Fatalf("%q: its lines become %d", text, kept)
		}
	})
}
