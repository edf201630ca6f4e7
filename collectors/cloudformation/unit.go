package cloudformation

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/aws/stacks"
	"github.com/muster-audit/muster/collectors/cloudformation/template"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// knowledge says what is known of the stack that is deployed.
type knowledge uint8

const (
	notRead  knowledge = iota // whether there is one
	noStack                   // that there is none, or that it holds nothing yet
	deployed                  // what is in it
)

// unit is one template as one stack deploys it, or as nobody knows which.
type unit struct {
	*collector
	layer  inventory.Layer
	file   string // of the template; empty for that of a deployed stack
	path   string // of the stacks that it is nested in: "Network/"
	prefix string // of keys that are no ARN: the file, or the stack

	place     where
	stackName string
	stackID   string
	// tags are those of the stack; tagged says that they are known.
	tags   map[string]any
	tagged bool
	// hidden says that properties and tags are not as the template has them, or may not be.
	hidden bool

	stack knowledge
	held  map[string]stacks.Resource // by logical id, if the stack is deployed

	template  *template.Template
	values    *template.Evaluator
	resources map[string]template.Resource
	list      []template.Resource
	present   map[string]template.Truth
	secrets   []string
	concealer *catalog.Concealer
	naming    map[string]bool // resources whose names are being worked out
}

// load works out which resources the template has. parameters are the values that were given, defaults says that others have theirs.
func (u *unit) load(t *template.Template, parameters map[string]template.Parameter, defaults bool, wrong func(logicalID string, err error)) {
	u.template, u.naming = t, map[string]bool{}
	u.concealer = catalog.NewConcealer(u.env.Secret)
	u.values = template.NewEvaluator(t, template.Deployment{
		Account: u.place.account, Region: u.place.region, Partition: u.place.partition, StackName: u.stackName, StackID: u.stackID,
		Parameters: parameters, Defaults: defaults, Masked: u.layer == inventory.LayerState,
		Reference: u.reference, Attribute: u.attribute,
	})
	u.secrets = u.values.Secrets()
	u.resources = map[string]template.Resource{}
	u.list, u.present = u.values.Resources(wrong)
	for _, r := range u.list {
		u.resources[r.LogicalID] = r
	}
}

// reference returns what Ref gives of a resource: its physical id, be it that it has not got it yet.
func (u *unit) reference(id string) string {
	if held, ok := u.held[id]; ok && held.PhysicalID != "" {
		return held.PhysicalID
	}
	r, ok := u.resources[id]
	row, _ := u.catalog.Type(inventory.Type(r.Type))
	name := u.names[inventory.Type(r.Type)].property
	if !ok || name == "" || !slices.Equal(row.PrimaryIdentifier, []string{name}) {
		return ""
	}
	return u.names[inventory.Type(r.Type)].stored(u.givenName(r))
}

// attribute returns what Fn::GetAtt gives of a resource, where that is its ARN or the id by which it is known.
func (u *unit) attribute(id, name string) string {
	r, ok := u.resources[id]
	if !ok {
		return ""
	}
	row, _ := u.catalog.Type(inventory.Type(r.Type))
	switch {
	case name == "Arn":
		return u.arn(r, u.held[id].PhysicalID)
	case r.Type == "AWS::EC2::SecurityGroup" && name == "GroupId":
		return u.held[id].PhysicalID
	case slices.Equal(row.PrimaryIdentifier, []string{name}):
		return u.reference(id)
	}
	return ""
}

// givenName works out the name that the template gives to a resource; empty if it gives none.
func (u *unit) givenName(r template.Resource) string {
	if u.naming[r.LogicalID] || u.unsure(r) {
		return ""
	}
	u.naming[r.LogicalID] = true
	defer delete(u.naming, r.LogicalID)
	name, _ := template.ScalarText(u.values.Value(r.Properties.Get(u.names[inventory.Type(r.Type)].property)))
	return name
}

// arn returns the ARN of a resource; empty if it is not certain.
func (u *unit) arn(r template.Resource, physical string) string {
	n := u.names[inventory.Type(r.Type)]
	if physical == "" && n.property != "" {
		physical = u.givenName(r)
	}
	return n.arnOf(physical, u.place, u.iamPath(r))
}

// iamPath is the property Path, which is a slash if it is not set; empty if it is not known.
func (u *unit) iamPath(r template.Resource) string {
	if _, known := u.resources[r.LogicalID]; !known || u.hidden || r.Transformed && r.Properties == nil {
		return ""
	}
	if r.Properties.Get("Path") == nil {
		return "/"
	}
	path, _ := template.ScalarText(u.values.Value(r.Properties.Get("Path")))
	if !strings.HasPrefix(path, "/") || !strings.HasSuffix(path, "/") {
		return ""
	}
	return path
}

// nothing are the types that a template can name and no provider has: nobody could ever see one.
func nothing(typ string) bool {
	return strings.HasPrefix(typ, "Custom::") || slices.Contains([]string{
		"AWS::CloudFormation::CustomResource", "AWS::CloudFormation::WaitCondition", "AWS::CloudFormation::WaitConditionHandle",
		"AWS::CDK::Metadata",
	}, typ)
}

// textual are the comparators of attributes whose values are texts, be it that a template writes them as numbers.
var textual = []string{"ver", "arnname", "ci", "dot", "cidr"}

// attributes are those that the catalog compares, by the properties of a resource. What it does not set is left open.
func (u *unit) attributes(row catalog.Row, r template.Resource) inventory.Attributes {
	if u.unsure(r) {
		return inventory.Attributes{}
	}
	var list []inventory.Attribute
	for _, a := range row.Attributes {
		if v, ok := u.property(r.Properties, a); ok {
			list = append(list, inventory.Attribute{Name: a.Name, Value: v})
		}
	}
	return u.concealer.Attributes(inventory.KnownAttributes(list...))
}

// unsure reports whether nobody can tell from the template what a resource is like.
func (u *unit) unsure(r template.Resource) bool {
	return u.hidden || r.Transformed && r.Properties == nil || computed(r.Properties)
}

// property works out one attribute; false if the template does not set it.
func (u *unit) property(properties *template.Node, a catalog.Attribute) (inventory.Value, bool) {
	x, ok := u.at(properties, strings.Split(a.Name, "."))
	if !ok || a.WriteOnly {
		return "", false
	}
	if !template.Known(x) {
		return inventory.Unread, true
	}
	if n, isNumber := x.(json.Number); isNumber && slices.ContainsFunc(textual, func(c string) bool { return hasComparator(a, c) }) {
		x = n.String()
	}
	v, err := inventory.ValueOf(u.scrub(x))
	if err != nil { // cannot happen: it is known
		v = inventory.Unread
	}
	return v, true
}

func hasComparator(a catalog.Attribute, name string) bool {
	return slices.ContainsFunc(strings.Split(a.Comparator, ","), func(s string) bool { return strings.TrimSpace(s) == name })
}

// computed reports whether functions decide what is in a map.
func computed(n *template.Node) bool {
	return n != nil && slices.ContainsFunc(n.Pairs, func(p template.Pair) bool { return strings.HasPrefix(p.Key, "Fn::") || p.Key == "Ref" })
}

// at works out what stands at a path below properties. It is false if nothing does.
func (u *unit) at(n *template.Node, path []string) (any, bool) {
	if inner := n.Get(path[0]); len(path) > 1 && inner != nil && inner.Kind == template.Map && !computed(inner) {
		return u.at(inner, path[1:])
	}
	x := u.values.Value(n.Get(path[0]))
	for _, step := range path[1:] {
		switch block := x.(type) {
		case map[string]any:
			member, ok := block[step]
			if !ok {
				return nil, false
			}
			x = member
		case template.Unknown, template.Either:
			return template.Unknown{}, true
		default:
			return nil, false
		}
	}
	if _, absent := x.(template.Absent); absent {
		return nil, false
	}
	return x, true
}

// shortestSecret is the least length of a secret that is looked for in other texts.
const shortestSecret = 4

// scrub hashes every text that holds the value of a secret parameter. It changes x.
func (u *unit) scrub(x any) any {
	switch x := x.(type) {
	case string:
		return u.scrubText(x)
	case []any:
		for i := range x {
			x[i] = u.scrub(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = u.scrub(x[k])
		}
	}
	return x
}

func (u *unit) scrubText(s string) string {
	for _, secret := range u.secrets {
		if len(secret) >= shortestSecret && strings.Contains(s, secret) {
			return u.env.Secret.Hash(s)
		}
	}
	return s
}
