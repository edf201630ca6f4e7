package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

const (
	builtinProvider = "terraform.io/builtin/terraform"
	awsProvider     = "hashicorp/aws"
)

// providerConfig is a provider configuration of a scope.
type providerConfig struct {
	Provider
	unsure bool // there is none, or it cannot be told which
}

// ownProviders returns the configurations that stand in the module, by name and alias.
func (s *scope) ownProviders() []*providerConfig {
	var list []*providerConfig
	for _, name := range slices.Sorted(maps.Keys(s.decl.providers)) {
		own := map[string]*providerConfig{}
		for _, d := range s.decl.providers[name] {
			alias, _ := d.literal("alias")
			if !s.proxy(d) {
				own[alias] = s.providerRef(reference(name, alias))
			}
		}
		for _, alias := range slices.Sorted(maps.Keys(own)) {
			list = append(list, own[alias])
		}
	}
	return list
}

// proxy reports whether a provider block of a child module sets nothing: it stands for the configuration that the caller hands in.
func (s *scope) proxy(d *declaration) bool {
	c := d.contents()
	_, version := c.attributes["version"]
	_, alias := c.attributes["alias"]
	n := len(c.attributes) + len(c.blocks)
	return s.by != nil && (n == 0 || n == 1 && (version || alias) || n == 2 && version && alias)
}

func reference(name, alias string) string {
	if alias == "" {
		return name
	}
	return name + "." + alias
}

// providerRef returns the configuration that a reference means in this module: its own, one that the caller hands in, or for one
// without alias that of the nearest module above.
func (s *scope) providerRef(ref string) *providerConfig {
	if p, ok := s.providers[ref]; ok {
		return p
	}
	p := s.findProvider(ref)
	s.providers[ref] = p
	return p
}

func (s *scope) findProvider(ref string) *providerConfig {
	name, alias, _ := strings.Cut(ref, ".")
	for _, d := range s.decl.providers[name] {
		if a, _ := d.literal("alias"); a == alias && !s.proxy(d) {
			return s.configure(name, alias, d)
		}
	}
	if s.by == nil {
		return s.noProvider(name, alias)
	}
	if handed := s.handed(ref); handed != "" {
		return s.parent.providerRef(handed)
	}
	if alias != "" {
		return s.noProvider(name, alias)
	}
	return s.parent.providerRef(s.parent.nameOf(s.source(name), name))
}

// handed returns the caller's reference for one of this module, by the providers argument.
func (s *scope) handed(ref string) string {
	a := s.by.decl.attribute("providers")
	if a == nil {
		return ""
	}
	pairs, _ := hcl.ExprMap(a.Expr)
	for _, pair := range pairs {
		if providerReference(pair.Key) == ref {
			return providerReference(pair.Value)
		}
	}
	return ""
}

// providerReference reads aws, aws.west, or aws.regions[each.key], of which the key is left out.
func providerReference(expr hcl.Expression) string {
	if t, diags := hcl.AbsTraversalForExpr(expr); !diags.HasErrors() {
		alias, ok := attributeStep(t, 1)
		if !ok {
			return t.RootName()
		}
		return reference(t.RootName(), alias)
	}
	if v, diags := expr.Value(nil); !diags.HasErrors() && isText(v) {
		return v.AsString()
	}
	if refs := expr.Variables(); len(refs) > 0 {
		alias, _ := attributeStep(refs[0], 1)
		return reference(refs[0].RootName(), alias)
	}
	return ""
}

// nameOf returns the local name of a provider in this module.
func (s *scope) nameOf(source, fallback string) string {
	for _, name := range slices.Sorted(maps.Keys(s.decl.required)) {
		if s.source(name) == source {
			return name
		}
	}
	return fallback
}

// source returns the source address of a provider by its local name.
func (s *scope) source(name string) string {
	written := ""
	if expr, ok := s.decl.required[name]; ok {
		pairs, _ := hcl.ExprMap(expr)
		for _, pair := range pairs {
			key, _ := pair.Key.Value(nil)
			if v, diags := pair.Value.Value(nil); isText(key) && key.AsString() == "source" && !diags.HasErrors() && isText(v) {
				written = v.AsString()
			}
		}
	}
	if written == "" && name == "terraform" {
		return builtinProvider
	}
	switch parts := strings.Split(strings.ToLower(cmp.Or(written, name)), "/"); len(parts) {
	case 1:
		return s.ev.registry + "/hashicorp/" + parts[0]
	case 2:
		return s.ev.registry + "/" + strings.Join(parts, "/")
	default:
		return strings.Join(parts, "/")
	}
}

// noProvider is a configuration that no block makes: empty, or not known if it should be there.
func (s *scope) noProvider(name, alias string) *providerConfig {
	p := s.named(name, alias)
	p.unsure = s.decl.broken || alias != ""
	p.DefaultTags = s.withEnvironment(p.Source, cty.EmptyObjectVal)
	if p.unsure {
		p.DefaultTags = cty.DynamicVal
		p.IgnoreTags.Unknown = true
	} else {
		s.ignoreEnvironment(p)
	}
	return p
}

func (s *scope) named(name, alias string) *providerConfig {
	p := &providerConfig{Provider: Provider{Source: s.source(name), Local: name, Alias: alias, Module: s.path}}
	p.Address = join(s.path, `provider["`+p.Source+`"]`)
	if alias != "" {
		p.Address += "." + alias
	}
	return p
}

// provider returns the configuration in charge of a resource.
func (r *resource) provider() Provider {
	name, _, _ := strings.Cut(r.id.typ, "_")
	ref := name
	if a := r.decl.contents().attributes["provider"]; a != nil {
		ref = providerReference(a.Expr)
	}
	p := r.scope.providerRef(ref)
	if p.unsure && p.Alias != "" && !r.scope.decl.broken {
		r.scope.ev.problems.add(Unknown, r.decl.at, "no configuration of the provider %s is found: its default tags and region are unknown", ref)
	}
	if r.scope.decl.overrideBroken {
		return Provider{Address: p.Address, Source: p.Source, Local: p.Local, DefaultTags: cty.DynamicVal, IgnoreTags: IgnoreTags{Unknown: true}}
	}
	return p.Provider
}

// configure evaluates the arguments that are kept of a provider block.
func (s *scope) configure(name, alias string, d *declaration) *providerConfig {
	p := s.named(name, alias)
	p.File, p.Line = d.at.Filename, d.at.Start.Line
	p.DefaultTags = cty.DynamicVal
	if c := d.contents(); c.attributes["for_each"] != nil || s.decl.overrideBroken {
		p.IgnoreTags.Unknown = true // one configuration for each key; which one is not followed
		return p
	}
	args := s.block(d.contents(), nil, func(arg string) bool { return !keptOfProvider(arg) })
	p.Region, p.Project = text(args["region"]), text(args["project"])
	p.Accounts, _ = texts(args["allowed_account_ids"])
	for _, role := range elements(args["assume_role"]) {
		if arn := text(member(role, "role_arn")); arn != "" {
			p.AssumeRoles = append(p.AssumeRoles, arn)
		}
	}
	tags := args["default_labels"]
	if list, ok := args["default_tags"]; ok {
		tags = onlyMember(list, "tags")
	}
	p.DefaultTags = s.withEnvironment(p.Source, textMap(tags))
	p.IgnoreTags = ignoreTags(args["ignore_tags"])
	s.ignoreEnvironment(p)
	return p
}

func keptOfProvider(name string) bool {
	switch name {
	case "region", "project", "allowed_account_ids", "assume_role", "default_tags", "default_labels", "ignore_tags":
		return true
	}
	return false
}

// withEnvironment adds the default tags that the AWS provider takes from the environment, which those of the block outrank.
func (s *scope) withEnvironment(source string, tags cty.Value) cty.Value {
	const prefix = "TF_AWS_DEFAULT_TAGS_"
	merged := map[string]cty.Value{}
	for name, value := range s.ev.env {
		if key, ok := strings.CutPrefix(name, prefix); ok && key != "" && strings.HasSuffix(source, "/"+awsProvider) {
			merged[key] = cty.StringVal(value)
		}
	}
	plain, marks := tags.Unmark()
	if len(merged) == 0 || !plain.IsKnown() {
		return tags
	}
	maps.Copy(merged, plain.AsValueMap())
	return cty.ObjectVal(merged).WithMarks(marks)
}

func (s *scope) ignoreEnvironment(p *providerConfig) {
	if !strings.HasSuffix(p.Source, "/"+awsProvider) {
		return
	}
	p.IgnoreTags.Keys = append(p.IgnoreTags.Keys, commas(s.ev.env["TF_AWS_IGNORE_TAGS_KEYS"])...)
	p.IgnoreTags.Prefixes = append(p.IgnoreTags.Prefixes, commas(s.ev.env["TF_AWS_IGNORE_TAGS_KEY_PREFIXES"])...)
}

func commas(list string) []string {
	return strings.FieldsFunc(list, func(r rune) bool { return r == ',' })
}

func ignoreTags(v cty.Value) IgnoreTags {
	if v == cty.NilVal {
		return IgnoreTags{}
	}
	keys, keysKnown := texts(onlyMember(v, "keys"))
	prefixes, prefixesKnown := texts(onlyMember(v, "key_prefixes"))
	return IgnoreTags{Keys: keys, Prefixes: prefixes, Unknown: !keysKnown || !prefixesKnown}
}

// textMap makes a map or object of tags one of strings; NilVal is empty.
func textMap(v cty.Value) cty.Value {
	if v == cty.NilVal {
		return cty.EmptyObjectVal
	}
	plain, marks := v.Unmark()
	t := plain.Type()
	switch {
	case plain.IsNull():
		return cty.EmptyObjectVal
	case !plain.IsKnown() || !t.IsMapType() && !t.IsObjectType():
		return cty.DynamicVal
	}
	object := plain.AsValueMap()
	for key, e := range object {
		s, err := convert.Convert(e, cty.String)
		if err != nil {
			s = cty.UnknownVal(cty.String)
		}
		object[key] = s
	}
	return cty.ObjectVal(object).WithMarks(marks)
}

// text returns a known string, or a number as text; "" for anything else, and for what is sensitive.
func text(v cty.Value) string {
	if v == cty.NilVal || v.IsMarked() || !v.IsKnown() || v.IsNull() {
		return ""
	}
	s, err := convert.Convert(v, cty.String)
	if err != nil {
		return ""
	}
	return s.AsString()
}

// texts returns the known strings of a list, and whether they are all; NilVal has none.
func texts(v cty.Value) ([]string, bool) {
	if v == cty.NilVal {
		return nil, true
	}
	if v, _ = v.Unmark(); !v.IsKnown() || !v.IsNull() && !v.CanIterateElements() {
		return nil, false
	}
	var list []string
	whole := true
	for _, e := range elements(v) {
		t := text(e)
		if t == "" {
			whole = false
			continue
		}
		list = append(list, t)
	}
	return list, whole
}

// elements returns the elements of a known list.
func elements(v cty.Value) []cty.Value {
	if v == cty.NilVal {
		return nil
	}
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
		return nil
	}
	var list []cty.Value
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		list = append(list, e)
	}
	return list
}

// member returns an attribute of an object, NilVal if it has none.
func member(v cty.Value, name string) cty.Value {
	v, _ = v.Unmark()
	if !v.IsKnown() {
		return cty.DynamicVal
	}
	if !v.Type().IsObjectType() || !v.Type().HasAttribute(name) {
		return cty.NilVal
	}
	return v.GetAttr(name)
}

// onlyMember returns an attribute of the only block of a kind.
func onlyMember(blocks cty.Value, name string) cty.Value {
	plain, _ := blocks.Unmark()
	if !plain.IsKnown() {
		return cty.DynamicVal
	}
	list := elements(plain)
	if len(list) == 0 {
		return cty.NilVal
	}
	return member(list[0], name)
}
