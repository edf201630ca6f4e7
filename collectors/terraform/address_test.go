package terraform

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
		b := &block{module: tt.module, typ: "aws_instance", name: "app"}
		if got := address(b, []byte(tt.index)); got != tt.want {
			t.Errorf("address(%q, %s) = %s, want %s", tt.module, tt.index, got, tt.want)
		}
	}
}

func TestParseARN(t *testing.T) {
	tests := []struct {
		text string
		want arn
		ok   bool
	}{
		{"arn:aws:sqs:eu-west-1:111122223333:jobs", arn{"aws", "eu-west-1", "111122223333"}, true},
		{"arn:aws-cn:s3:::acme", arn{"aws-cn", "", ""}, true},
		{"arn:aws:iam::aws:policy/ReadOnlyAccess", arn{"aws", "", ""}, true},
		{"arn:aws:logs:eu-west-1:111122223333:log-group:/app:*", arn{"aws", "eu-west-1", "111122223333"}, true},
		{"arn:aws:sqs:eu-west-1:111122223333:", arn{}, false},
		{"arn:aws:sqs", arn{}, false},
		{"", arn{}, false},
		{"https://sqs.eu-west-1.amazonaws.com/111122223333/jobs", arn{}, false},
	}
	for _, tt := range tests {
		got, ok := parseARN(tt.text)
		if got != tt.want || ok != tt.ok {
			t.Errorf("parseARN(%q) = %+v, %t", tt.text, got, ok)
		}
	}
	if got := canonicalARN("arn:aws:logs:r:1:log-group:/a:*"); got != "arn:aws:logs:r:1:log-group:/a" {
		t.Errorf("log group: %s", got)
	}
	if got := canonicalARN("arn:aws:iam::1:policy/a:*"); got != "arn:aws:iam::1:policy/a:*" {
		t.Errorf("anything else keeps its end: %s", got)
	}
}
