package template

import "maps"

// made are the types that the serverless transform makes of its own, under the same logical id.
func made() map[string]string {
	return map[string]string{
		"AWS::Serverless::Function":     "AWS::Lambda::Function",
		"AWS::Serverless::Api":          "AWS::ApiGateway::RestApi",
		"AWS::Serverless::HttpApi":      "AWS::ApiGatewayV2::Api",
		"AWS::Serverless::SimpleTable":  "AWS::DynamoDB::Table",
		"AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
		"AWS::Serverless::Application":  "AWS::CloudFormation::Stack",
		"AWS::Serverless::GraphQLApi":   "AWS::AppSync::GraphQLApi",
	}
}

// kept are the properties of a serverless resource that the one it becomes has too, with the same meaning.
func kept() map[string][]string {
	return map[string][]string{
		"AWS::Serverless::Function": {
			"FunctionName", "Description", "Handler", "Runtime", "MemorySize", "Timeout", "Role", "Layers", "Architectures", "PackageType",
			"KmsKeyArn", "EphemeralStorage", "FileSystemConfigs", "ReservedConcurrentExecutions",
		},
		"AWS::Serverless::Api":         {"Name", "Description"},
		"AWS::Serverless::HttpApi":     {"Name", "Description"},
		"AWS::Serverless::SimpleTable": {"TableName", "ProvisionedThroughput", "SSESpecification"},
		"AWS::Serverless::StateMachine": {
			"StateMachineName", "Role",
		},
		"AWS::Serverless::Application": {"Parameters", "NotificationARNs", "TimeoutInMinutes"},
	}
}

// serverless returns what a resource becomes offline, as far as that is certain: itself, unless it is one of the serverless transform.
func (e *Evaluator) serverless(r Resource) []Resource {
	plainType, ok := made()[r.Type]
	if !ok || !e.template.Uses(Serverless) {
		return []Resource{r}
	}
	from := r.Type
	out := Resource{
		LogicalID: r.LogicalID, Type: plainType, Line: r.Line, Path: r.Path, AssetPath: r.AssetPath, Transformed: true, condition: r.condition,
		Properties: &Node{Kind: Map, Line: r.Line},
	}
	global := e.template.globals.Get(from[len("AWS::Serverless::"):])
	for _, name := range kept()[from] {
		v := r.Properties.Get(name)
		if v == nil {
			v = global.Get(name)
		}
		if v != nil && (name != "Layers" || global.Get(name) == nil) { // lists of the globals are added up
			out.Properties.Pairs = append(out.Properties.Pairs, Pair{Key: renamed(from, name), Line: v.Line, Value: v})
		}
	}
	out.tagged(from, r.Properties.Get("Tags"), global.Get("Tags"))
	if from == "AWS::Serverless::Application" {
		if location := r.Properties.Get("Location"); location != nil && location.Kind == Text {
			out.Properties.Pairs = append(out.Properties.Pairs, Pair{Key: "TemplateURL", Line: location.Line, Value: location})
		}
	}
	list := []Resource{out}
	if from == "AWS::Serverless::Function" && r.Properties.Get("Role") == nil && global.Get("Role") == nil {
		list = append(list, Resource{
			LogicalID: r.LogicalID + "Role", Type: "AWS::IAM::Role", Line: r.Line, Transformed: true, condition: r.condition,
		})
	}
	return list
}

func renamed(from, name string) string {
	if from == "AWS::Serverless::StateMachine" && name == "Role" {
		return "RoleArn"
	}
	return name
}

// tagged gives the tags of a resource and of the globals, which are added up, to what it becomes.
func (r *Resource) tagged(from string, own, global *Node) {
	all := &Node{Kind: Map, Line: r.Line}
	for _, n := range []*Node{global, own} {
		if n == nil {
			continue
		}
		if _, _, call := n.call(); n.Kind != Map || call { // it may hold any tags
			all = n
			break
		}
		for _, p := range n.Pairs {
			all.set(p)
		}
	}
	r.Properties.Pairs = append(r.Properties.Pairs, Pair{Key: "Tags", Line: all.Line, Value: all})
	if from == "AWS::Serverless::Function" {
		r.extra = map[string]string{"lambda:createdBy": "SAM"}
	}
}

// set puts a member into a map, in the place of the one of its name.
func (n *Node) set(p Pair) {
	for i := range n.Pairs {
		if n.Pairs[i].Key == p.Key {
			n.Pairs[i] = p
			return
		}
	}
	n.Pairs = append(n.Pairs, p)
}

// Extra are tags that a macro adds to those of the properties.
func (r Resource) Extra() map[string]string { return maps.Clone(r.extra) }
