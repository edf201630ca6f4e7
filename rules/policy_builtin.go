package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/strictyaml"
)

// Builtin is an item of "builtin": a rule about tags that muster brings along, turned on.
type Builtin struct {
	ID       string   // "tags/limits"
	Severity Severity // the rule's own unless the policy gives another
	When     *Condition
	Headroom int    // tags/limits: how many more tags an asset must have room for
	Scans    int    // tags/flapping: over how many scans it looks
	By       string // where it is turned on: "policy.yaml:7"
}

// OptionalRule is a rule that is off unless the policy names it.
type OptionalRule struct {
	ID       string
	Severity Severity // its own
}

// OptionalRules lists the rules that "builtin" may name, by id.
func OptionalRules() []OptionalRule {
	list := []OptionalRule{
		{"tags/duplicate-case", Medium},
		{"tags/limits", Medium},
		{"tags/look-alike", High},
		{"tags/portable", Low},
		{"tags/propagation", Low},
		{"tags/reserved-prefix", Medium},
		{"tags/whitespace", Low},
	}
	list = append(list, estateRules()...)
	slices.SortFunc(list, func(a, b OptionalRule) int { return strings.Compare(a.ID, b.ID) })
	return list
}

func optionalRule(id string) (OptionalRule, bool) {
	list := OptionalRules()
	i := slices.IndexFunc(list, func(r OptionalRule) bool { return r.ID == id })
	if i < 0 {
		return OptionalRule{}, false
	}
	return list[i], true
}

// builtinSpec is a list of ids, or ids with options.
type builtinSpec struct {
	IDs     []string
	Options map[string]builtinOptions
}

type builtinOptions struct {
	Severity Severity `yaml:"severity"`
	When     string   `yaml:"when"`
	Headroom int      `yaml:"headroom"`
	Scans    int      `yaml:"scans"`
}

// Into implements strictyaml.Shaped.
func (s *builtinSpec) Into(shape strictyaml.Shape) any {
	if shape == strictyaml.Mapping {
		return &s.Options
	}
	return &s.IDs
}

func (p *policyParser) builtins(s builtinSpec) {
	for i, id := range s.IDs {
		p.builtin(fmt.Sprintf("builtin[%d]", i), id, builtinOptions{})
	}
	for _, id := range sortedKeys(s.Options) {
		p.builtin("builtin."+id, id, s.Options[id])
	}
}

func (p *policyParser) builtin(path, id string, o builtinOptions) {
	own, ok := optionalRule(id)
	if !ok {
		p.unknownBuiltin(path, id)
		return
	}
	line, _ := p.doc.Position(path)
	if i := slices.IndexFunc(p.policy.Builtin, func(b Builtin) bool { return b.ID == id }); i >= 0 {
		p.fail(path, "%q is also turned on at %s: keep one", id, p.policy.Builtin[i].By)
		return
	}
	switch at := path + ".headroom"; {
	case !p.doc.Has(at):
	case id != "tags/limits":
		p.fail(at, "means nothing for %s: only tags/limits has it", id)
	case o.Headroom < 0:
		p.fail(at, "%d: write how many more tags an asset must have room for, such as 5", o.Headroom)
	}
	p.estateOptions(path, id, o)
	p.policy.Builtin = append(p.policy.Builtin, Builtin{
		ID: id, Severity: cmp.Or(o.Severity, own.Severity), When: p.condition(path+".when", o.When), Headroom: o.Headroom, Scans: cmp.Or(o.Scans, DefaultFlappingScans),
		By: fmt.Sprintf("%s:%d", p.name, line),
	})
}

func (p *policyParser) unknownBuiltin(path, id string) {
	var known []string
	for _, r := range OptionalRules() {
		known = append(known, r.ID)
	}
	if strings.TrimSpace(id) == "" {
		p.need(true, path, "one of "+strings.Join(known, ", "))
		return
	}
	p.fail(path, "%q is no built-in rule%s", id, inventory.Suggest(id, known))
}

// builtinIDs lists the rules that are turned on.
func (p *policyParser) builtinIDs() []string {
	var ids []string
	for _, b := range p.policy.Builtin {
		ids = append(ids, b.ID)
	}
	return ids
}
