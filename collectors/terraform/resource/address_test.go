package resource

import "testing"

func TestAddress(t *testing.T) {
	tests := []struct {
		module, index, want string
	}{
		{"", "", "aws_instance.app"},
		{"", "null", "aws_instance.app"},
		{"", "0", "aws_instance.app[0]"},
		{"", "10", "aws_instance.app[10]"},
		{"", `"10"`, `aws_instance.app["10"]`},
		{"module.a.module.b[\"k\"]", `"x"`, `module.a.module.b["k"].aws_instance.app["x"]`},
		{"", `"a.b/c d"`, `aws_instance.app["a.b/c d"]`},
		{"", `"q\"\\"`, `aws_instance.app["q\"\\"]`},
		{"", `"\n\t\r\u0001"`, `aws_instance.app["\n\t\r\u0001"]`},
		{"", `"${a} %{b} $c"`, `aws_instance.app["$${a} %%{b} $c"]`},
		{"", `"zürich"`, `aws_instance.app["zürich"]`},
		{"", `"\udb40\udc01"`, `aws_instance.app["\U000e0001"]`},
	}
	for _, tt := range tests {
		b := &Block{Module: tt.module, Type: "aws_instance", Name: "app"}
		if got := Address(b, []byte(tt.index)); got != tt.want {
			t.Errorf("Address(%q, %s) = %s, want %s", tt.module, tt.index, got, tt.want)
		}
	}
}

func TestPlaceOf(t *testing.T) {
	tests := []struct {
		text string
		want place
	}{
		{"arn:aws:sqs:eu-west-1:111122223333:jobs", place{partition: "aws", account: "111122223333", region: "eu-west-1"}},
		{"arn:aws-cn:s3:::acme", place{partition: "aws-cn"}},
		{"arn:aws:iam::aws:policy/ReadOnlyAccess", place{partition: "aws"}},
		{"arn:aws:logs:eu-west-1:111122223333:log-group:/app:*", place{partition: "aws", account: "111122223333", region: "eu-west-1"}},
		{"arn:aws:sqs:eu-west-1:111122223333:", place{}},
		{"arn:aws:sqs", place{}},
		{"", place{}},
		{"https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", place{}},
	}
	for _, tt := range tests {
		if got := placeOf(tt.text); got != tt.want {
			t.Errorf("placeOf(%q) = %+v, want %+v", tt.text, got, tt.want)
		}
	}
	if got := canonicalARN("arn:aws:logs:r:1:log-group:/a:*"); got != "arn:aws:logs:r:1:log-group:/a" {
		t.Errorf("log group: %s", got)
	}
	if got := canonicalARN("arn:aws:iam::1:policy/a:*"); got != "arn:aws:iam::1:policy/a:*" {
		t.Errorf("anything else keeps its end: %s", got)
	}
}
