package catalog

import (
	"strings"
	"testing"
)

func TestParseARN(t *testing.T) {
	for text, want := range map[string]ARN{
		"arn:aws:sqs:eu-west-1:111122223333:jobs":               {"aws", "sqs", "eu-west-1", "111122223333", "jobs"},
		"arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-1":   {"aws-cn", "ec2", "cn-north-1", "111122223333", "instance/i-1"},
		"arn:aws-us-gov:rds:us-gov-west-1:111122223333:db:main": {"aws-us-gov", "rds", "us-gov-west-1", "111122223333", "db:main"},
		"arn:aws:s3:::acme":                                         {"aws", "s3", "", "", "acme"},
		"arn:aws:s3:::acme/a/b:c":                                   {"aws", "s3", "", "", "acme/a/b:c"},
		"arn:aws:iam::111122223333:role/path/app":                   {"aws", "iam", "", "111122223333", "role/path/app"},
		"arn:aws:iam::aws:policy/ReadOnlyAccess":                    {"aws", "iam", "", "aws", "policy/ReadOnlyAccess"},
		"arn:aws:apigateway:eu-west-1::/restapis/a/stages/b":        {"aws", "apigateway", "eu-west-1", "", "/restapis/a/stages/b"},
		"arn:aws:health:global::event/EC2/x":                        {"aws", "health", "global", "", "event/EC2/x"},
		"arn:aws:logs:eu-west-1:111122223333:log-group:/app:*":      {"aws", "logs", "eu-west-1", "111122223333", "log-group:/app:*"},
		"arn:aws:rds:eu-west-1:111122223333:snapshot:rds:main-2026": {"aws", "rds", "eu-west-1", "111122223333", "snapshot:rds:main-2026"},
		"arn:aws:x:eu-west-1:111122223333::":                        {"aws", "x", "eu-west-1", "111122223333", ":"},
	} {
		got, ok := ParseARN(text)
		if !ok || got != want {
			t.Errorf("%s: got %+v, %t", text, got, ok)
		}
		if got.String() != text {
			t.Errorf("%s: put together it is %s", text, got)
		}
	}
}

func TestNoARN(t *testing.T) {
	for _, text := range []string{
		"", "arn", ":::::", "arn:aws:sqs", "arn:aws:sqs:eu-west-1:111122223333", "arn:aws:sqs:eu-west-1:111122223333:", "arn::sqs:::jobs",
		"arn:aws::eu-west-1:111122223333:jobs", "urn:aws:sqs:::jobs", "ARN:aws:sqs:::jobs", " arn:aws:sqs:::jobs",
		"rds:main-2026-01-01", "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs",
	} {
		if got, ok := ParseARN(text); ok || got != (ARN{}) {
			t.Errorf("%q is taken for an ARN: %+v", text, got)
		}
	}
}

// FuzzParseARN holds that nothing of an ARN is lost or moved, and that only what lacks something is none.
func FuzzParseARN(f *testing.F) {
	for _, seed := range []string{
		"", ":::::", "arn:aws:s3:::b", "arn:aws-cn:sqs:cn-north-1:111122223333:q", "arn:aws:rds:eu-west-1:111122223333:db:main",
		"arn:aws:sqs:eu-west-1:111122223333:", "arn::::::", "arn:aws:x:::\xff/\x00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, ok := ParseARN(text)
		if !ok {
			if p := strings.Split(text, ":"); a != (ARN{}) || p[0] == "arn" && len(p) > 5 && p[1] != "" && p[2] != "" && strings.Join(p[5:], "") != "" {
				t.Errorf("%q is taken for no ARN: %+v", text, a)
			}
			return
		}
		if a.String() != text || a.Partition == "" || a.Service == "" || a.Resource == "" {
			t.Errorf("%q became %+v", text, a)
		}
		if parts := a.Partition + a.Service + a.Region + a.Account; strings.Contains(parts, ":") {
			t.Errorf("%q: a colon is in a part before the resource: %+v", text, a)
		}
	})
}
