package template

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestScalars(t *testing.T) {
	n := node(t, "{a: 2026-01-01, b: 0777, c: yes, d: true, e: 10, f: 1.10, g: 1_000, h: ~, i: '10', j: on, k: -5, l: !!str 12, m: 1e3, n: n, o: 012345678901}")
	want := []struct {
		kind Kind
		text string
	}{
		{Text, "2026-01-01"},
		{Text, "0777"},
		{Text, "yes"},
		{Bool, "true"},
		{Number, "10"},
		{Number, "1.10"},
		{Text, "1_000"},
		{Null, ""},
		{Text, "10"},
		{Text, "on"},
		{Number, "-5"},
		{Text, "12"},
		{Text, "1e3"},
		{Text, "n"},
		{Text, "012345678901"},
	}
	for i, w := range want {
		if v := n.Pairs[i].Value; v.Kind != w.kind || v.Text != w.text {
			t.Errorf("%s: kind %d text %q, want %d %q", n.Pairs[i].Key, v.Kind, v.Text, w.kind, w.text)
		}
	}
}

// Short tags, long functions and JSON come to the same.
func TestForms(t *testing.T) {
	short := node(t, "A: !GetAtt B.C.D\nB: !Sub 'x${Y}'\nC: !If [P, !Ref Q, !Ref 'AWS::NoValue']\nD: !Condition Z\n")
	long := node(t, "A: {Fn::GetAtt: [B, C.D]}\nB: {Fn::Sub: 'x${Y}'}\nC: {Fn::If: [P, {Ref: Q}, {Ref: 'AWS::NoValue'}]}\nD: {Condition: Z}\n")
	json := node(t, "{\"A\": {\"Fn::GetAtt\": [\"B\", \"C.D\"]},\n\"B\": {\"Fn::Sub\": \"x${Y}\"},\n\"C\": {\"Fn::If\": [\"P\", {\"Ref\": \"Q\"}, {\"Ref\": \"AWS::NoValue\"}]},\n\"D\": {\"Condition\": \"Z\"}}")
	if !reflect.DeepEqual(short, long) {
		t.Error("short tags differ from long functions")
	}
	if !reflect.DeepEqual(long, json) {
		t.Error("JSON differs from YAML")
	}
	if short.Pairs[2].Line != 3 {
		t.Errorf("line %d, want 3", short.Pairs[2].Line)
	}
}

func TestAliases(t *testing.T) {
	n := node(t, "a: &x [1, 2]\nb: *x\n")
	if got := n.Get("b"); got.Kind != List || len(got.Items) != 2 {
		t.Errorf("%+v", got)
	}
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for _, p := range []string{"01", "12", "23", "34", "45", "56", "67"} {
		bomb += "a" + p[1:] + ": &a" + p[1:] + " [" + strings.TrimSuffix(strings.Repeat("*a"+p[:1]+",", 10), ",") + "]\n"
	}
	if _, err := ParseNode(strings.NewReader(bomb)); err == nil || !strings.Contains(err.Error(), "too many values") {
		t.Errorf("a bomb of aliases: %v", err)
	}
}

func TestUnreadable(t *testing.T) {
	for _, c := range []struct {
		name, text, want string
		line             int
	}{
		{"empty", "", "is empty", 0},
		{"text", "hello", "it is a text, and a template is a map", 1},
		{"no resources", "A: 1\n", "Resources is not there", 1},
		{"resources are a list", "Resources: []\n", "Resources is a list", 1},
		{"cut JSON", "{\"Resources\": {\n\"A\": ", "no valid JSON", 2},
		{"JSON twice", "{\"Resources\": {},\n\"Resources\": {}}", "twice", 2},
		{"JSON with more", "{\"Resources\": {}} {}", "follows", 1},
		{"two documents", "Resources: {}\n---\nResources: {}\n", "second document", 0},
		{"YAML twice", "Resources: {}\nResources: {}\n", "twice", 2},
		{"YAML indentation", "Resources:\n  A: 1\n B: 2\n", "no valid YAML", 0},
		{"merge", "Resources:\n  <<: {A: 1}\n", "merge", 2},
		{"list as key", "Resources:\n  ? [a]\n  : 1\n", "a key is a list", 2},
		{"deep", "{\"Resources\":" + strings.Repeat("[", 400) + strings.Repeat("]", 400) + "}", "too deeply", 1},
		{"alias in itself", "Resources: &a\n  x: *a\n", "alias", 0},
	} {
		_, err := Parse(strings.NewReader(c.text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), c.want) || c.line > 0 && syntax.Line != c.line {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// No error quotes what it could not read: templates hold secrets.
func TestErrorsQuoteNothing(t *testing.T) {
	for _, text := range []string{
		"Resources:\n  A: hunter2\n   b: c", "{\"Resources\": hunter2", "hunter2: &hunter2 *hunter3", "Resources:\n  \"hunter2: [", "{\"hunter2\": 1, \"hunter2\": 2}",
	} {
		if _, err := Parse(strings.NewReader(text)); err == nil || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTooLong(t *testing.T) {
	long := strings.NewReader("Resources: {}\n#" + strings.Repeat("x", MostYAML))
	if _, err := Parse(long); err == nil || !strings.Contains(err.Error(), "MiB") {
		t.Errorf("long YAML: %v", err)
	}
	endless := &endless{}
	if _, err := Parse(endless); err == nil || !strings.Contains(err.Error(), "MiB") {
		t.Errorf("endless: %v", err)
	}
	if endless.read > MostJSON+(1<<20) {
		t.Errorf("%d bytes were read", endless.read)
	}
}

// endless is a reader without end.
type endless struct{ read int }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	e.read += len(b)
	return len(b), nil
}

// Whatever is parsed can be evaluated to an end, the same twice, and is known only if nothing of it is unknown.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		shell, `{"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${AWS::Region}-x"}}}}}`,
		"Transform: AWS::Serverless-2016-10-31\nResources: {F: {Type: AWS::Serverless::Function, Properties: {Tags: {a: b}}}}",
		"Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::T:\n  - N\n  - [a, b]\n  - T${N}: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref N}}",
		"Resources: {A: {Type: x, Properties: {a: &x [1], b: *x, c: !Cidr [10.0.0.0/8, 256, 8]}}}",
		"Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\nResources: {X: {Type: y, Condition: A}}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tpl, err := Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		all := func() (out []any) {
			e := NewEvaluator(tpl, deployment())
			list, present := e.Resources(func(string, error) {})
			for _, r := range list {
				if r.Type == "" || present[r.LogicalID] == No {
					t.Fatalf("resource %+v", r)
				}
				out = append(out, r.LogicalID, e.Value(r.Properties))
			}
			return out
		}
		if !reflect.DeepEqual(all(), all()) {
			t.Fatal("evaluated twice, it differs")
		}
	})
}
