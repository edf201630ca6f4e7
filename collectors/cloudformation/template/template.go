// Package template reads CloudFormation templates, and works out what can be known of their values without asking anybody.
//
// A template, YAML or JSON, becomes a tree of nodes with their lines in which short tags are long functions, so that there is one way on. An Evaluator works
// functions out with what is told of the deployment: parameters, account, region, and names of what was deployed. Whatever it cannot work out is Unknown, or
// one of two things where it is a condition that nobody can decide. Nothing is guessed.
package template

import (
	"io"
	"slices"
	"strings"
)

// Template is a template as it is written.
type Template struct {
	parameters, mappings, conditions, globals *Node
	resources                                 *Node
	// Transforms are the macros that CloudFormation runs on the template before it deploys it.
	Transforms []string
	// noEcho are the parameters whose values are secret.
	noEcho map[string]bool
}

// The transforms that are AWS's own.
const (
	Serverless         = "AWS::Serverless-2016-10-31"
	LanguageExtensions = "AWS::LanguageExtensions"
)

// Resource is a resource of a template.
type Resource struct {
	LogicalID string
	Type      string
	Line      int
	// Properties may be nil. They are evaluated by an Evaluator.
	Properties *Node
	// Path is the construct of a CDK program that made it, as "App/Network/Vpc"; AssetPath is a file of a CDK assembly that belongs to it.
	Path, AssetPath string
	// Transformed says that a macro makes something else of it, or that it was made by working a macro out, so that its properties are known in part.
	Transformed bool

	condition string
	// extra are tags that a macro adds.
	extra map[string]string
}

// Parse reads a template. The error is a *SyntaxError, or what r returned.
func Parse(r io.Reader) (*Template, error) {
	root, err := ParseNode(r)
	if err != nil {
		return nil, err
	}
	return New(root)
}

// New makes a template of a document.
func New(root *Node) (*Template, error) {
	if root.Kind != Map {
		return nil, wrong(root.Line, "it is %s, and a template is a map with the section Resources", describe(root))
	}
	t := &Template{
		parameters: root.Get("Parameters"), mappings: root.Get("Mappings"), conditions: root.Get("Conditions"),
		globals: root.Get("Globals"), resources: root.Get("Resources"), noEcho: map[string]bool{},
	}
	if t.resources == nil || t.resources.Kind != Map {
		return nil, wrong(root.Line, "its section Resources is %s: every template has one, and it is a map", describe(t.resources))
	}
	t.Transforms = transforms(root.Get("Transform"))
	for _, p := range t.parameters.pairs() {
		if strings.EqualFold(p.Value.Get("NoEcho").text(), "true") {
			t.noEcho[p.Key] = true
		}
	}
	return t, nil
}

// transforms are the names of macros; one may be a map with a name and parameters.
func transforms(n *Node) []string {
	var list []string
	switch {
	case n == nil:
	case n.Kind == List:
		for _, item := range n.Items {
			list = append(list, transforms(item)...)
		}
	case n.Kind == Map:
		list = append(list, n.Get("Name").text())
	default:
		list = append(list, n.text())
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// Rewritten names a macro that may make anything of the template, since nobody here knows what it does; "" if there is none.
func (t *Template) Rewritten() string {
	for _, name := range t.Transforms {
		if !strings.HasPrefix(name, "AWS::") {
			return name
		}
	}
	return ""
}

// Uses reports whether a transform is declared.
func (t *Template) Uses(name string) bool { return slices.Contains(t.Transforms, name) }

// Parameters lists the names of the parameters, in the order of the template.
func (t *Template) Parameters() []string {
	var names []string
	for _, p := range t.parameters.pairs() {
		names = append(names, p.Key)
	}
	return names
}

// resource reads one member of the section Resources.
func resource(p Pair) (Resource, error) {
	n := p.Value
	if n == nil || n.Kind != Map {
		return Resource{}, wrong(p.Line, "a resource is %s: it is a map with a Type", describe(n))
	}
	r := Resource{
		LogicalID: p.Key, Type: n.Get("Type").text(), Line: p.Line, Properties: n.Get("Properties"), condition: n.Get("Condition").text(),
	}
	if r.Type == "" {
		return r, wrong(p.Line, "a resource has no Type")
	}
	about := n.Get("Metadata")
	r.Path, r.AssetPath = about.Get("aws:cdk:path").text(), about.Get("aws:asset:path").text()
	return r, nil
}

// None is a template without resources, which stands for one that could not be read.
func None() *Template { return &Template{noEcho: map[string]bool{}} }
