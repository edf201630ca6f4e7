package interchange

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// requiredTags is what AWS Config calls its rule; mostConfigTags is how many tags one can ask for.
const (
	requiredTags   = "REQUIRED_TAGS"
	mostConfigTags = 6
)

// configTypes are the types that the rule looks at. Source: "required-tags" in the developer guide of AWS Config.
func configTypes() []string {
	return []string{
		"AWS::ACM::Certificate", "AWS::AutoScaling::AutoScalingGroup", "AWS::CloudFormation::Stack", "AWS::CodeBuild::Project", "AWS::DynamoDB::Table",
		"AWS::EC2::CustomerGateway", "AWS::EC2::Instance", "AWS::EC2::InternetGateway", "AWS::EC2::NetworkAcl", "AWS::EC2::NetworkInterface",
		"AWS::EC2::RouteTable", "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet", "AWS::EC2::VPC", "AWS::EC2::VPNConnection", "AWS::EC2::VPNGateway",
		"AWS::EC2::Volume", "AWS::ElasticLoadBalancing::LoadBalancer", "AWS::ElasticLoadBalancingV2::LoadBalancer", "AWS::RDS::DBInstance",
		"AWS::RDS::DBSecurityGroup", "AWS::RDS::DBSnapshot", "AWS::RDS::DBSubnetGroup", "AWS::RDS::EventSubscription", "AWS::Redshift::Cluster",
		"AWS::Redshift::ClusterParameterGroup", "AWS::Redshift::ClusterSecurityGroup", "AWS::Redshift::ClusterSnapshot",
		"AWS::Redshift::ClusterSubnetGroup", "AWS::S3::Bucket",
	}
}

const acmOfConfig, acmOfCloudFormation = "AWS::ACM::Certificate", "AWS::CertificateManager::Certificate"

// fromConfigType returns CloudFormation's name of a type, which is Config's but for certificates.
func fromConfigType(t string) string {
	if t == acmOfConfig {
		return acmOfCloudFormation
	}
	return t
}

func toConfigType(t string) string {
	if t == acmOfCloudFormation {
		return acmOfConfig
	}
	return t
}

// ImportConfig makes a policy of rules required-tags of AWS Config: of what "aws configservice describe-config-rules" prints, of one rule as
// "put-config-rule" takes it, of the properties of an AWS::Config::ConfigRule, or of its parameters alone. Other rules are left out, and told.
func ImportConfig(f Source) (*Document, error) {
	root, err := readJSON(f.Text, f.Name)
	if err != nil {
		return nil, err
	}
	if root.kind != '{' {
		return nil, root.problem("it is %s: an object with rules of AWS Config, or with their parameters, is needed", root.describe())
	}
	d := &Document{
		From:  "required-tags of AWS Config: " + f.Name,
		Notes: []string{"AWS Config counts an empty tag as there, muster does not."},
	}
	list := []*node{root}
	if all := root.get("ConfigRules"); all != nil {
		list = all.items
	}
	for _, n := range list {
		if err := d.configRule(n, len(list) > 1); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *Document) configRule(n *node, named bool) error {
	for _, wrapper := range []string{"ConfigRule", "Properties"} {
		if inner := n.get(wrapper); inner != nil {
			n = inner
		}
	}
	name := ""
	if v := n.get("ConfigRuleName"); v != nil && named {
		name = v.text + "-"
	}
	place := fmt.Sprintf("%s:%d", n.file, n.line)
	if source := n.get("Source"); source != nil {
		if id := source.get("SourceIdentifier"); id == nil || id.text != requiredTags {
			d.Left.add(place, "", "the rule %swants something other than required tags", name)
			return nil
		}
	}
	parameters, err := configParameters(n)
	if err != nil {
		return err
	}
	s, err := d.configScope(n, place)
	if err != nil {
		return err
	}
	tags, err := d.configTags(parameters)
	if err != nil {
		return err
	}
	for _, t := range tags {
		d.add(name+t.Key, MadeRule{Keys: []string{t.Key}, Required: true, Values: t.Values, When: s.when(), Severity: rules.Medium})
	}
	return nil
}

// configParameters returns the object with tag1Key and its like. As parameters of a rule it is mostly JSON within a text.
func configParameters(n *node) (*node, error) {
	in := n.get("InputParameters")
	switch {
	case in == nil:
		return n, nil
	case in.kind == '"':
		return parseJSON([]byte(in.text), in.file, in.line)
	case in.kind == '{':
		return in, nil
	}
	return nil, in.problem("InputParameters is %s: JSON in a text, or an object, is needed", in.describe())
}

func (d *Document) configScope(n *node, place string) (scope, error) {
	var s scope
	in := n.get("Scope")
	for _, t := range configTypes() {
		s.Types = append(s.Types, fromConfigType(t))
	}
	if in == nil {
		return s, nil
	}
	if types := in.get("ComplianceResourceTypes"); types != nil {
		list, err := types.strings("ComplianceResourceTypes")
		if err != nil {
			return s, err
		}
		s.Types = nil
		for _, t := range list {
			s.Types = append(s.Types, fromConfigType(t))
		}
	}
	if id := in.get("ComplianceResourceId"); id != nil {
		d.Left.add(place, "", "the rule speaks of the one resource %q: add it to the condition", id.text)
	}
	if key := in.get("TagKey"); key != nil {
		s.TagKey = key.text
		if value := in.get("TagValue"); value != nil {
			s.TagValue, s.HasTagValue = value.text, true
		}
	}
	return s, nil
}

// configTags reads tag1Key, tag1Value and so on, in the order of their numbers.
func (d *Document) configTags(n *node) ([]PolicyTag, error) {
	var known []string
	for i := range mostConfigTags {
		known = append(known, fmt.Sprintf("tag%dKey", i+1), fmt.Sprintf("tag%dValue", i+1))
	}
	rule := []string{"ConfigRuleName", "Scope", "Source", "Description", "InputParameters", "MaximumExecutionFrequency", "ConfigRuleState"}
	for _, m := range n.members {
		if !slices.Contains(known, m.name) && !slices.Contains(rule, m.name) {
			return nil, m.value.problem("%q is no parameter of required-tags%s", m.name, inventory.Suggest(m.name, known))
		}
	}
	var tags []PolicyTag
	for i := 0; i < len(known); i += 2 {
		key, value := n.get(known[i]), n.get(known[i+1])
		switch {
		case key == nil && value != nil:
			return nil, value.problem("%s without %s: nobody can tell of which tag", known[i+1], known[i])
		case key == nil:
			continue
		case key.kind != '"' || strings.TrimSpace(key.text) == "":
			return nil, key.problem("%s is %s: the key of a tag is needed", known[i], key.describe())
		case value != nil && value.kind != '"':
			return nil, value.problem("%s is %s: values with commas between them are needed", known[i+1], value.describe())
		}
		t := PolicyTag{Key: key.text}
		if value != nil {
			t.Values = d.configValues(known[i+1], value.text)
		}
		tags = append(tags, t)
	}
	if len(tags) == 0 {
		return nil, n.problem("no tag1Key: it holds no parameters of required-tags")
	}
	return tags, nil
}

// configValues parts a list at its commas.
func (d *Document) configValues(name, text string) []string {
	var list []string
	for _, v := range strings.Split(text, ",") {
		trimmed := strings.TrimSpace(v)
		if trimmed != v {
			d.Notes = append(d.Notes, fmt.Sprintf("%s: the white space around %q is not part of the value.", name, trimmed))
		}
		if trimmed != "" && !slices.Contains(list, trimmed) {
			list = append(list, trimmed)
		}
	}
	return list
}

type configRule struct {
	Name  string `json:"ConfigRuleName"`
	Scope *struct {
		Types []string `json:"ComplianceResourceTypes"`
	} `json:"Scope,omitempty"`
	Source struct {
		Owner      string `json:"Owner"`
		Identifier string `json:"SourceIdentifier"`
	} `json:"Source"`
	Parameters string `json:"InputParameters"`
}

const inConfig = "AWS Config's required-tags"

// config writes rules of AWS Config: one for each set of types, and for each six tags.
func (e *exporter) config(w io.Writer) error {
	var scopes []scope
	tags := map[string][]PolicyTag{}
	for i := range e.policy.Tags {
		s, tag, ok := e.configTag(&e.policy.Tags[i])
		if !ok {
			continue
		}
		if _, there := tags[s.when()]; !there {
			scopes = append(scopes, s)
		}
		tags[s.when()] = append(tags[s.when()], tag)
	}
	document := struct {
		Rules []configRule `json:"ConfigRules"`
	}{[]configRule{}}
	for _, s := range scopes {
		for chunk := range slices.Chunk(tags[s.when()], mostConfigTags) {
			rule, err := makeConfigRule(fmt.Sprintf("required-tags-%d", len(document.Rules)+1), s, chunk)
			if err != nil {
				return err
			}
			document.Rules = append(document.Rules, rule)
		}
	}
	text, err := indented(document)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func makeConfigRule(name string, s scope, tags []PolicyTag) (configRule, error) {
	parameters := map[string]string{}
	for i, t := range tags {
		parameters[fmt.Sprintf("tag%dKey", i+1)] = t.Key
		if len(t.Values) > 0 {
			parameters[fmt.Sprintf("tag%dValue", i+1)] = strings.Join(t.Values, ",")
		}
	}
	text, err := json.Marshal(parameters)
	if err != nil {
		return configRule{}, fmt.Errorf("encode parameters: %w", err)
	}
	rule := configRule{Name: name, Parameters: string(text)}
	rule.Source.Owner, rule.Source.Identifier = "AWS", requiredTags
	rule.Scope = &struct {
		Types []string `json:"ComplianceResourceTypes"`
	}{s.Types}
	return rule, nil
}

// configTag returns what the rule of AWS Config can take of a rule, with Config's names of the types.
func (e *exporter) configTag(r *rules.TagRule) (scope, PolicyTag, bool) {
	if !r.Required || len(r.Keys) == 0 {
		e.lose(r, "%s asks for required tags only: the rule is left out", inConfig)
		return scope{}, PolicyTag{}, false
	}
	s, ok := e.scopeOf(r, inConfig)
	if !ok {
		return s, PolicyTag{}, false
	}
	types, ok := e.configTypes(r, s)
	if !ok {
		return s, PolicyTag{}, false
	}
	tag := PolicyTag{Key: r.Keys[0], Values: r.Values}
	if more := beyond(r, "required", "values"); len(more) > 0 {
		e.lose(r, "%s cannot express %s", inConfig, strings.Join(more, ", "))
	}
	if len(r.Globs) > 0 {
		tag.Values = nil // values and globs are one list: a part of it would refuse what is allowed
	}
	if i := slices.IndexFunc(r.Values, func(v string) bool { return strings.Contains(v, ",") || strings.TrimSpace(v) != v }); i >= 0 {
		e.lose(r, "its values cannot be expressed: commas part them in AWS Config, and %q has one, or white space around it", r.Values[i])
		tag.Values = nil
	}
	if len(r.Keys) > 1 {
		e.lose(r, "%s has one spelling of a key: it does not know %s", inConfig, quoted(r.Keys[1:]))
	}
	return scope{Types: types}, tag, true
}

func (e *exporter) configTypes(r *rules.TagRule, s scope) ([]string, bool) {
	if s.But || len(s.Prefixes) > 0 {
		e.lose(r, "%s names each type: the condition %q cannot be expressed, and the rule is left out", inConfig, r.When.Source())
		return nil, false
	}
	if len(s.Types) == 0 {
		e.lose(r, "%s looks at %d types only, and this rule at all", inConfig, len(configTypes()))
		return configTypes(), true
	}
	var types, other []string
	for _, t := range s.Types {
		if t = toConfigType(t); slices.Contains(configTypes(), t) {
			types = append(types, t)
		} else {
			other = append(other, t)
		}
	}
	if len(other) > 0 {
		e.lose(r, "%s does not look at %s", inConfig, strings.Join(other, ", "))
	}
	return types, len(types) > 0
}
