package template

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// summary lists the resources of a template as "id type".
func summary(t *testing.T, text string, d Deployment) (list []string, e *Evaluator, resources []Resource, failed []string) {
	t.Helper()
	tpl, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	e = NewEvaluator(tpl, d)
	resources, present := e.Resources(func(id string, err error) { failed = append(failed, id+": "+err.Error()) })
	for _, r := range resources {
		text := r.LogicalID + " " + r.Type
		if present[r.LogicalID] == Undecided {
			text += "?"
		}
		list = append(list, text)
	}
	return list, e, resources, failed
}

func TestResources(t *testing.T) {
	got, _, _, failed := summary(t, `
Parameters: {Free: {Type: String}}
Conditions: {Yes: !Equals [a, a], No: !Equals [a, b], Maybe: !Equals [!Ref Free, b]}
Resources:
  A: {Type: AWS::SNS::Topic, Condition: Yes}
  B: {Type: AWS::SNS::Topic, Condition: No}
  C: {Type: AWS::SNS::Topic, Condition: Maybe}
  D: {Properties: {}}
  E: text
  F: {Type: AWS::SNS::Topic, Condition: Nowhere}
`, deployment())
	if want := []string{"A AWS::SNS::Topic", "C AWS::SNS::Topic?", "F AWS::SNS::Topic?"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if want := []string{"D: line 8: a resource has no Type", "E: line 9: a resource is a text: it is a map with a Type"}; !slices.Equal(failed, want) {
		t.Errorf("%v, want %v", failed, want)
	}
}

func TestLoops(t *testing.T) {
	got, e, list, failed := summary(t, `
Transform: AWS::LanguageExtensions
Parameters: {Names: {Type: CommaDelimitedList, Default: "a.1,b"}, Free: {Type: CommaDelimitedList}}
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - Topic&{Name}: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "t-${Name}-${AWS::Region}", DisplayName: !Ref Name}}
  Fn::ForEach::Unknown:
    - Name
    - !Ref Free
    - X${Name}: {Type: AWS::SNS::Topic}
`, deployment())
	if want := []string{"Topica1 AWS::SNS::Topic", "Topicb AWS::SNS::Topic"}; !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	want := map[string]any{"TopicName": "t-a.1-eu-west-1", "DisplayName": "a.1"}
	if v := e.Value(list[0].Properties); !reflect.DeepEqual(v, want) {
		t.Errorf("%v, want %v", v, want)
	}
	if len(failed) != 1 || !strings.Contains(failed[0], "line 9: nobody can tell what the loop runs over") {
		t.Errorf("%v", failed)
	}
}

func TestServerless(t *testing.T) {
	got, e, list, _ := summary(t, `
Transform: AWS::Serverless-2016-10-31
Globals: {Function: {Runtime: python3.12, Tags: {team: core, env: dev}, Timeout: 5}}
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {FunctionName: f, Timeout: 9, Tags: {env: prod}, CodeUri: ./src, Events: {E: {Type: Api}}}}
  Own: {Type: AWS::Serverless::Function, Properties: {Role: arn:aws:iam::111122223333:role/r, Tags: !If [X, {a: b}, {}]}}
  Table: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: t}}
  App: {Type: AWS::Serverless::Application, Properties: {Location: ./inner.yaml, Parameters: {A: b}}}
  Layer: {Type: AWS::Serverless::LayerVersion}
`, deployment())
	want := []string{
		"Fn AWS::Lambda::Function", "FnRole AWS::IAM::Role", "Own AWS::Lambda::Function", "Table AWS::DynamoDB::Table", "App AWS::CloudFormation::Stack",
		"Layer AWS::Serverless::LayerVersion",
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%v, want %v", got, want)
	}
	function := e.Value(list[0].Properties).(map[string]any)
	if function["Runtime"] != "python3.12" || ScalarString(function["Timeout"]) != "9" || function["CodeUri"] != nil || !list[0].Transformed {
		t.Errorf("%v", function)
	}
	if !reflect.DeepEqual(function["Tags"], map[string]any{"team": "core", "env": "prod"}) || list[0].Extra()["lambda:createdBy"] != "SAM" {
		t.Errorf("tags %v %v", function["Tags"], list[0].Extra())
	}
	if tags := e.Value(list[2].Properties).(map[string]any)["Tags"]; Known(tags) {
		t.Errorf("tags by a condition that nobody knows: %v", tags)
	}
	if app := e.Value(list[4].Properties).(map[string]any); app["TemplateURL"] != "./inner.yaml" {
		t.Errorf("%v", app)
	}
}

// ScalarString is ScalarText for comparisons.
func ScalarString(x any) string { s, _ := ScalarText(x); return s }

func TestMacros(t *testing.T) {
	for text, want := range map[string]string{
		"Transform: AWS::Serverless-2016-10-31\nResources: {}":           "",
		"Transform: [AWS::LanguageExtensions, Mine]\nResources: {}":      "Mine",
		"Transform: {Name: AWS::Include, Parameters: {}}\nResources: {}": "",
		"Transform: [{Name: 111122223333::Mine}]\nResources: {}":         "111122223333::Mine",
		"Resources: {}": "",
	} {
		tpl, err := Parse(strings.NewReader(text))
		if err != nil || tpl.Rewritten() != want {
			t.Errorf("%q: %v %q", text, err, tpl.Rewritten())
		}
	}
}
