package retag

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"pgregory.net/rapid"
)

func TestEditTerraform(t *testing.T) {
	for _, tt := range []struct{ name, in, want, err string }{
		{"no tags yet", "resource \"aws_sqs_queue\" \"q\" {\n  name = \"q\"\n}\n", "resource \"aws_sqs_queue\" \"q\" {\n  name = \"q\"\n  tags = { owner = \"web\" }\n}\n", ""},
		{"empty block", "resource \"aws_sqs_queue\" \"q\" {}\n", "resource \"aws_sqs_queue\" \"q\" {\n  tags = { owner = \"web\" }\n}\n", ""},
		{"block on one line", "resource \"aws_sqs_queue\" \"q\" { name = \"q\" }\n", "resource \"aws_sqs_queue\" \"q\" {\n  name = \"q\"\n  tags = { owner = \"web\" }\n}\n", ""},
		{"tags on one line", "resource \"aws_sqs_queue\" \"q\" {\n  tags = { env = \"prod\" }\n}\n", "resource \"aws_sqs_queue\" \"q\" {\n  tags = { env = \"prod\", owner = \"web\" }\n}\n", ""},
		{"no tags between braces", "resource \"aws_sqs_queue\" \"q\" {\n  tags = {}\n}\n", "resource \"aws_sqs_queue\" \"q\" {\n  tags = { owner = \"web\" }\n}\n", ""},
		{"a tag a line, with a comment", "resource \"aws_sqs_queue\" \"q\" {\n  tags = {\n    env = \"prod\" # where\n  }\n}\n", "resource \"aws_sqs_queue\" \"q\" {\n  tags = {\n    env = \"prod\" # where\n    owner = \"web\"\n  }\n}\n", ""},
		{"with commas", "resource \"aws_sqs_queue\" \"q\" {\n  tags = {\n    env = \"prod\",\n  }\n}\n", "resource \"aws_sqs_queue\" \"q\" {\n  tags = {\n    env = \"prod\",\n    owner = \"web\",\n  }\n}\n", ""},
		{"another value", "resource \"aws_sqs_queue\" \"q\" {\n  tags = { \"owner\" = \"old\" }\n}\n", "resource \"aws_sqs_queue\" \"q\" {\n  tags = { \"owner\" = \"web\" }\n}\n", ""},
		{"beside values that are expressions", "resource \"aws_sqs_queue\" \"q\" {\n  tags = { env = var.env }\n}\n", "resource \"aws_sqs_queue\" \"q\" {\n  tags = { env = var.env, owner = \"web\" }\n}\n", ""},
		{"CRLF", "resource \"aws_sqs_queue\" \"q\" {\r\n  name = \"q\"\r\n}\r\n", "resource \"aws_sqs_queue\" \"q\" {\r\n  name = \"q\"\r\n  tags = { owner = \"web\" }\r\n}\r\n", ""},
		{"the right one of several", "resource \"aws_sqs_queue\" \"p\" {}\nresource \"aws_sqs_queue\" \"q\" {}\n", "resource \"aws_sqs_queue\" \"p\" {}\nresource \"aws_sqs_queue\" \"q\" {\n  tags = { owner = \"web\" }\n}\n", ""},
		{"a value that is an expression", "resource \"aws_sqs_queue\" \"q\" {\n  tags = { owner = var.owner }\n}\n", "", "the value of owner is an expression"},
		{"a merge", "resource \"aws_sqs_queue\" \"q\" {\n  tags = merge(local.tags, { a = \"b\" })\n}\n", "", "its tags are an expression"},
		{"a key that is an expression", "resource \"aws_sqs_queue\" \"q\" {\n  tags = { (var.key) = \"b\" }\n}\n", "", "its tags have keys that are expressions"},
		{"several", "resource \"aws_sqs_queue\" \"q\" {\n  for_each = var.all\n}\n", "", "one block declares several"},
		{"gone", "resource \"aws_sqs_queue\" \"other\" {}\n", "", "the file holds no such block now"},
		{"broken", "resource {", "", "the file does not parse"},
	} {
		got, err := EditTerraform([]byte(tt.in), "aws_sqs_queue.q", "tags", tags("owner", "web"))
		if text := ""; err != nil {
			if text = err.Error(); text != tt.err {
				t.Errorf("%s: error %q, want %q", tt.name, text, tt.err)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if _, err := EditTerraform([]byte("resource \"a\" \"b\" {}"), "a.b[0]", "tags", tags("x", "y")); err == nil {
		t.Error("one of several is edited")
	}
}

// TestEditedTagsAreRead: whatever a value or key holds, the code says it and nothing else afterwards.
func TestEditedTagsAreRead(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune(`ab-_:/ "\${}%~#=,'é`)))
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.OneOf(rapid.SampledFrom([]string{"owner", "for", "if", "null", "true", "a.b", "0"}), text.Filter(func(s string) bool { return s != "" })).Draw(t, "key")
		value := text.Draw(t, "value")
		src := rapid.SampledFrom([]string{
			"resource \"a_b\" \"c\" {}\n", "resource \"a_b\" \"c\" {\n  tags = {\n    env = \"x\"\n  }\n}\n", "resource \"a_b\" \"c\" {\n  tags = { env = \"x\" }\n}",
		}).Draw(t, "code")
		out, err := EditTerraform([]byte(src), "a_b.c", "tags", tags(key, value))
		if err != nil {
			t.Fatal(err)
		}
		file, diagnostics := hclsyntax.ParseConfig(out, "", hcl.InitialPos)
		if diagnostics.HasErrors() {
			t.Fatalf("%s\n%v", out, diagnostics)
		}
		v, diagnostics := file.Body.(*hclsyntax.Body).Blocks[0].Body.Attributes["tags"].Expr.Value(nil)
		if diagnostics.HasErrors() || v.AsValueMap()[key].AsString() != value {
			t.Fatalf("%s\n%v", out, v)
		}
		if n := v.LengthInt(); strings.Contains(src, "env") && key != "env" && n != 2 {
			t.Fatalf("%d tags in\n%s", n, out)
		}
	})
}
