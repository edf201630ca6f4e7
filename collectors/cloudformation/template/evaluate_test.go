package template

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// made with what a template may hold: every section that the tests need.
const shell = `
Parameters:
  Env: {Type: String, Default: prod}
  Zones: {Type: CommaDelimitedList, Default: "a, b"}
  Size: {Type: Number, Default: 20}
  Free: {Type: String}
  Password: {Type: String, NoEcho: true, Default: hunter2}
  Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/ami}
Mappings:
  ByEnv: {prod: {Class: large, List: [x, y]}, dev: {Class: small}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsDev: !Not [!Condition IsProd]
  NoOne: !Equals [!Ref Free, x]
  Both: !And [!Condition IsProd, !Condition NoOne]
  Neither: !And [!Condition IsDev, !Condition NoOne]
  OneOf: !Or [!Condition IsProd, !Condition NoOne]
  Ring: !Not [!Condition Ring]
Resources:
  Bucket: {Type: "AWS::S3::Bucket"}
`

func deployment() Deployment {
	return Deployment{
		Account: "111122223333", Region: "eu-west-1", Partition: "aws", StackName: "shop", Defaults: true,
		Reference: func(id string) string {
			if id == "Bucket" {
				return "shop-bucket"
			}
			return ""
		},
		Attribute: func(id, name string) string {
			if id == "Bucket" && name == "Arn" {
				return "arn:aws:s3:::shop-bucket"
			}
			return ""
		},
	}
}

func evaluator(t *testing.T, d Deployment) *Evaluator {
	t.Helper()
	tpl, err := Parse(strings.NewReader(shell))
	if err != nil {
		t.Fatal(err)
	}
	return NewEvaluator(tpl, d)
}

func node(t *testing.T, text string) *Node {
	t.Helper()
	n, err := ParseNode(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFunctions(t *testing.T) {
	unknown := Unknown{}
	for _, c := range []struct {
		text string
		want any
	}{
		// what cannot be known stays unknown
		{`!Ref Free`, unknown},
		{`!Ref Password`, unknown},
		{`!Ref Image`, unknown},
		{`!Ref Nothing`, unknown},
		{`!Ref AWS::StackId`, unknown},
		{`!Ref AWS::NotificationARNs`, unknown},
		{`!GetAtt Bucket.DomainName`, unknown},
		{`!ImportValue other-vpc`, unknown},
		{`!GetAZs ""`, unknown},
		{`!Sub "a-${Free}"`, unknown},
		{`!Sub "a-${Zones}"`, unknown},
		{`!Sub "a-${unclosed"`, unknown},
		{`!Join ["-", [a, !Ref Free]]`, unknown},
		{`!Join [!Ref Free, [a]]`, unknown},
		{`!Select [5, [a]]`, unknown},
		{`!Select [x, [a]]`, unknown},
		{`!Split ["", "a"]`, unknown},
		{`!FindInMap [ByEnv, !Ref Free, Class]`, unknown},
		{`!FindInMap [ByEnv, none, Class]`, unknown},
		{`!Base64 {Ref: Free}`, unknown},
		{`!Length [!If [NoOne, a, !Ref AWS::NoValue]]`, unknown},
		{`!Select [0, [!If [NoOne, a, !Ref AWS::NoValue], b]]`, unknown},
		{`!Foo bar`, unknown},
		{`{Fn::Transform: {Name: AWS::Include}}`, unknown},
		{`{a: b, Fn::Transform: {Name: AWS::Include}}`, unknown},
		{`"{{resolve:ssm:name}}"`, unknown},
		{`!Sub "x{{resolve:secretsmanager:s:SecretString:${Env}}}"`, unknown},
		{`!Join ["", ["{{resol", "ve:ssm:a}}"]]`, unknown},
		{`!If [Nowhere, a, b]`, Either{"a", "b"}},
		{`!If [NoOne, a, b]`, Either{"a", "b"}},
		{`!If [NoOne, a, a]`, "a"},
		{`!If [NoOne, a]`, unknown},
		{`!Cidr ["10.0.0.0/24", 2, 16]`, unknown},
		{`!Cidr [x, 2, 8]`, unknown},

		{`!Ref Env`, "prod"},
		{`!Ref Zones`, []any{"a", "b"}},
		{`!Ref Size`, json.Number("20")},
		{`!Ref Bucket`, "shop-bucket"},
		{`!Ref AWS::AccountId`, "111122223333"},
		{`!Ref AWS::URLSuffix`, "amazonaws.com"},
		{`!Ref AWS::NoValue`, Absent{}},
		{`[a, !Ref AWS::NoValue]`, []any{"a"}},
		{`{a: !Ref AWS::NoValue, b: 1}`, map[string]any{"b": json.Number("1")}},
		{`!GetAtt Bucket.Arn`, "arn:aws:s3:::shop-bucket"},
		{`!GetAtt [Bucket, Arn]`, "arn:aws:s3:::shop-bucket"},
		{`{"Fn::GetAtt": "Bucket.Arn"}`, "arn:aws:s3:::shop-bucket"},
		{`!Sub "${Env}-${AWS::Region}-${Bucket.Arn}-${!Literal}-${Size}"`, "prod-eu-west-1-arn:aws:s3:::shop-bucket-${Literal}-20"},
		{`!Sub ["x ${Y} ${Env}", {Y: !Ref Env}]`, "x prod prod"},
		{`!Sub ["x ${Env}", {Env: !Ref Free}]`, unknown},
		{`!Join ["-", [a, !Ref AWS::Region]]`, "a-eu-west-1"},
		{`!Join [",", !Ref Zones]`, "a,b"},
		{`!Select [1, !Split [".", a.b.c]]`, "b"},
		{`!Select ["0", [!If [IsProd, x, y], !Ref Free]]`, "x"},
		{`!FindInMap [ByEnv, !Ref Env, Class]`, "large"},
		{`!FindInMap [ByEnv, prod, List]`, []any{"x", "y"}},
		{`!FindInMap [ByEnv, none, Class, {DefaultValue: tiny}]`, "tiny"},
		{`!If [IsProd, a, b]`, "a"},
		{`!If [IsDev, a, b]`, "b"},
		{`!If [OneOf, a, b]`, "a"},
		{`!If [Neither, a, b]`, "b"},
		{`!Base64 "ab"`, "YWI="},
		{`!Length [a, !Ref Free]`, json.Number("2")},
		{`{Fn::ToJsonString: {b: 1, a: [x]}}`, `{"a":["x"],"b":1}`},
		{`!Cidr ["10.0.0.0/16", 3, 8]`, []any{"10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"}},
		{`!Cidr ["10.0.0.128/25", "2", "6"]`, []any{"10.0.0.128/26", "10.0.0.192/26"}},
		{`!Cidr ["2001:db8::/56", 2, 64]`, []any{"2001:db8::/64", "2001:db8:0:1::/64"}},
		{`{Statement: {Condition: {Bool: {x: "true"}}}}`, map[string]any{"Statement": map[string]any{"Condition": map[string]any{"Bool": map[string]any{"x": "true"}}}}},
		{`{Fn::ForEach::T: [N, [a, b], {"${N}x": !Ref N, "&{N}y": !Sub "v-${N}"}]}`, map[string]any{"ax": "a", "bx": "b", "ay": "v-a", "by": "v-b"}},
		{`{Fn::ForEach::T: [N, [!Ref Free], {"${N}x": 1}]}`, unknown},
	} {
		if got := evaluator(t, deployment()).Value(node(t, c.text)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %#v, want %#v", c.text, got, c.want)
		}
	}
}

func TestConditions(t *testing.T) {
	e := evaluator(t, deployment())
	for name, want := range map[string]Truth{
		"IsProd": Yes, "IsDev": No, "NoOne": Undecided, "Both": Undecided, "Neither": No, "OneOf": Yes, "Ring": Undecided, "None": Undecided,
	} {
		if got := e.Condition(name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

// What nobody tells is not known: not the account, and not whether the defaults of parameters are those of the stack.
func TestNothingTold(t *testing.T) {
	e := evaluator(t, Deployment{})
	for _, text := range []string{
		"!Ref Env", "!Ref AWS::AccountId", "!Ref AWS::Partition", "!Ref AWS::URLSuffix", "!Ref Bucket", "!GetAtt Bucket.Arn", `!Sub "${Bucket.Arn}"`,
	} {
		if got := e.Value(node(t, text)); Known(got) {
			t.Errorf("%s: %#v", text, got)
		}
	}
	if got := e.Condition("IsProd"); got != Undecided {
		t.Errorf("a condition of a parameter that nobody told: %d", got)
	}
}

func TestGivenParameters(t *testing.T) {
	d := deployment()
	d.Parameters = map[string]Parameter{
		"Env": {Value: "dev"}, "Free": {Value: "****"}, "Image": {Value: "ami-1", Resolved: true}, "Password": {Value: "s3cret!"}, "Zones": {Value: ""},
	}
	e := evaluator(t, d)
	for text, want := range map[string]any{
		"!Ref Env": "dev", "!Ref Free": Unknown{}, "!Ref Image": "ami-1", "!Ref Password": Unknown{}, "!Ref Zones": []any{},
	} {
		if got := e.Value(node(t, text)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, want %#v", text, got, want)
		}
	}
	if got := e.Secrets(); !reflect.DeepEqual(got, []string{"hunter2", "s3cret!"}) {
		t.Errorf("secrets %v", got)
	}
}

// CloudFormation gives templates back with question marks for letters outside of ASCII.
func TestMasked(t *testing.T) {
	d := deployment()
	d.Masked = true
	for _, text := range []string{`"Z?rich"`, `!Sub "Z?rich ${Env}"`, `!Join ["", ["?"]]`} {
		if got := evaluator(t, d).Value(node(t, text)); Known(got) {
			t.Errorf("%s: %#v", text, got)
		}
	}
}

// A template that doubles what it makes with every step comes to an end.
func TestEndless(t *testing.T) {
	var b strings.Builder
	b.WriteString("Mappings: {M: {K: {L0: [" + strings.Repeat("x,", 999) + "x]")
	for range 3 {
		b.WriteString("}}}\nResources: {}\n")
		break
	}
	tpl, err := Parse(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	text := `!FindInMap [M, K, L0]`
	for range 12 {
		text = "[" + text + "," + text + "]"
	}
	e := NewEvaluator(tpl, Deployment{})
	e.work = mostWork - 1000
	if got := e.Value(node(t, text)); Known(got) {
		t.Error("the work is not bounded")
	}
}
