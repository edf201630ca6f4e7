package template

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Deployment is what is told of the stack that a template is deployed as. What is empty is not known.
type Deployment struct {
	Account, Region, Partition string
	StackName, StackID         string
	NotificationARNs           []string // nil is not known
	// Parameters are the values that were given. Those of a list type are written with commas.
	Parameters map[string]Parameter
	// Defaults says that parameters without a value have their defaults: without, nobody knows what they are.
	Defaults bool
	// Masked says that letters outside of ASCII may be question marks, as CloudFormation gives templates back.
	Masked bool
	// Reference returns what Ref gives of a resource, and Attribute what Fn::GetAtt does; "" if that is not known. They may be nil.
	Reference func(logicalID string) string
	Attribute func(logicalID, attribute string) string
}

// Parameter is the value of a parameter.
type Parameter struct {
	Value any // a text, or what an evaluation gave
	// Resolved says that a parameter that names one of Systems Manager holds what that gave, and not the name.
	Resolved bool
}

// mostWork bounds the values that an evaluation makes and the bytes of its texts, so that no template can make it endless.
const mostWork = 4 << 20

// Evaluator works out the values of one template in one deployment. It belongs to one goroutine.
type Evaluator struct {
	template   *Template
	deployment Deployment
	conditions map[string]Truth
	parameters map[string]any
	open       map[string]bool // conditions that are being worked out
	loops      map[string]any  // variables of Fn::ForEach
	work       int
}

// NewEvaluator returns an evaluator of t as d deploys it.
func NewEvaluator(t *Template, d Deployment) *Evaluator {
	return &Evaluator{
		template: t, deployment: d, conditions: map[string]Truth{}, parameters: map[string]any{}, open: map[string]bool{}, loops: map[string]any{},
	}
}

// Value works out a node. A nil node is Absent.
func (e *Evaluator) Value(n *Node) any { return e.value(n, 0) }

func (e *Evaluator) value(n *Node, depth int) any {
	if e.work++; e.work > mostWork || depth > 2*mostDepth {
		return Unknown{}
	}
	if n == nil {
		return Absent{}
	}
	switch n.Kind {
	case Text:
		return e.literal(n.Text)
	case Number:
		return json.Number(n.Text)
	case Bool:
		return n.Text == "true"
	case List:
		return e.list(n, depth)
	case Map:
		if name, argument, ok := n.call(); ok && !strings.HasPrefix(name, forEach) && !e.template.plainMap(name) {
			return e.function(name, argument, depth)
		}
		return e.members(n, depth)
	}
	return nil
}

// plainMap reports whether a name is that of a property and of no function here: Condition is both, as in policies.
func (t *Template) plainMap(name string) bool { return name == "Condition" }

func (e *Evaluator) literal(s string) any {
	if len(e.loops) > 0 {
		s = e.loopText(s)
	}
	if e.deployment.Masked && strings.Contains(s, "?") {
		return Unknown{}
	}
	return settled(s)
}

func (e *Evaluator) list(n *Node, depth int) any {
	out := make([]any, 0, len(n.Items))
	for _, item := range n.Items {
		if v := e.value(item, depth+1); !isAbsent(v) {
			out = append(out, v)
		}
	}
	return out
}

func (e *Evaluator) members(n *Node, depth int) any {
	out := make(map[string]any, len(n.Pairs))
	for _, p := range n.Pairs {
		if strings.HasPrefix(p.Key, forEach) {
			more, ok := e.expand(p, func(inner *Node) any { return e.value(inner, depth+1) })
			made, isMap := more.(map[string]any)
			if !ok || !isMap {
				return Unknown{}
			}
			maps.Copy(out, made)
			continue
		}
		if p.Key == "Fn::Transform" { // it may put anything beside
			return Unknown{}
		}
		if v := e.value(p.Value, depth+1); !isAbsent(v) {
			out[e.loopText(p.Key)] = v
		}
	}
	return out
}

func isAbsent(x any) bool {
	_, absent := x.(Absent)
	return absent
}

// reference works out Ref.
func (e *Evaluator) reference(name string) any {
	name = e.loopText(name)
	if v, ok := e.loops[name]; ok {
		return v
	}
	if strings.HasPrefix(name, "AWS::") {
		return e.pseudo(name)
	}
	if p := e.template.parameters.Get(name); p != nil {
		return e.parameter(name, p)
	}
	if e.deployment.Reference == nil {
		return Unknown{}
	}
	return orUnknown(e.deployment.Reference(name))
}

func orUnknown(s string) any {
	if s == "" {
		return Unknown{}
	}
	return s
}

// pseudo works out the parameters that every template has.
func (e *Evaluator) pseudo(name string) any {
	d := e.deployment
	switch name {
	case "AWS::NoValue":
		return Absent{}
	case "AWS::AccountId":
		return orUnknown(d.Account)
	case "AWS::Region":
		return orUnknown(d.Region)
	case "AWS::Partition":
		return orUnknown(d.Partition)
	case "AWS::StackName":
		return orUnknown(d.StackName)
	case "AWS::StackId":
		return orUnknown(d.StackID)
	case "AWS::URLSuffix":
		return orUnknown(map[string]string{
			"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu",
		}[d.Partition])
	case "AWS::NotificationARNs":
		if d.NotificationARNs != nil {
			return listOf(d.NotificationARNs)
		}
	}
	return Unknown{}
}

func listOf(texts []string) []any {
	out := make([]any, len(texts))
	for i, s := range texts {
		out[i] = s
	}
	return out
}

// parameter works out the value of a parameter. That of a secret one is Unknown.
func (e *Evaluator) parameter(name string, p *Node) any {
	if v, ok := e.parameters[name]; ok {
		return v
	}
	v := e.parameterValue(name, p)
	e.parameters[name] = v
	return v
}

func (e *Evaluator) parameterValue(name string, p *Node) any {
	if e.template.noEcho[name] {
		return Unknown{}
	}
	kind := p.Get("Type").text()
	given, ok := e.deployment.Parameters[name]
	if !ok {
		standard := p.Get("Default")
		if !e.deployment.Defaults || standard == nil {
			return Unknown{}
		}
		given = Parameter{Value: standard.text()}
	}
	if strings.HasPrefix(kind, "AWS::SSM::Parameter::Value<") && !given.Resolved {
		return Unknown{}
	}
	text, isText := given.Value.(string)
	switch {
	case !isText:
		return given.Value
	case text == masked:
		return Unknown{}
	case kind == "CommaDelimitedList" || strings.Contains(kind, "List<") || strings.Contains(kind, "CommaDelimitedList"):
		return splitList(text)
	case kind == "Number" && decimal.MatchString(text):
		return json.Number(text)
	}
	return settled(text)
}

// masked is what CloudFormation tells of the value of a secret parameter.
const masked = "****"

func splitList(text string) any {
	if strings.Contains(text, dynamic) {
		return Unknown{}
	}
	out := []any{}
	if text == "" {
		return out
	}
	for part := range strings.SplitSeq(text, ",") {
		out = append(out, strings.TrimSpace(part))
	}
	return out
}

// Secrets lists the values of secret parameters that are known, so that they can be kept out wherever they stand.
func (e *Evaluator) Secrets() []string {
	var list []string
	for _, p := range e.template.parameters.pairs() {
		if !e.template.noEcho[p.Key] {
			continue
		}
		if s := p.Value.Get("Default").text(); s != "" {
			list = append(list, s)
		}
		if s, ok := e.deployment.Parameters[p.Key].Value.(string); ok && s != "" && s != masked {
			list = append(list, s)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// Resources returns the resources in the order of the template, those left out of which a condition says that they are not made. present is Undecided
// where nobody can tell. wrong is told what cannot be read, with its logical id.
func (e *Evaluator) Resources(wrong func(logicalID string, err error)) (list []Resource, present map[string]Truth) {
	present = map[string]Truth{}
	for _, p := range e.resourcePairs(e.template.resources, wrong) {
		r, err := resource(p)
		if err != nil {
			wrong(p.Key, err)
			continue
		}
		for _, r := range e.serverless(r) {
			is := Yes
			if r.condition != "" {
				is = e.Condition(r.condition)
			}
			if is == No {
				continue
			}
			list, present[r.LogicalID] = append(list, r), is
		}
	}
	return list, present
}
