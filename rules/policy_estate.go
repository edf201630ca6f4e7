package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// EstatePolicy is what a policy asks of the estate as a whole: "near_misses" and "coverage".
type EstatePolicy struct {
	// NearMissValues are the keys of the tags whose values tags/near-miss-value compares; none means all tags that rules name.
	NearMissValues []string
	Floors         []CoverageFloor
}

// CoverageFloor is an item of "coverage": how much must be covered in each group of assets.
type CoverageFloor struct {
	By      string   // "account", "region", "type", "owner", "tag.team"
	Measure string   // "tag" or "iac", as for Meta.Coverage
	Min     float64  // percent
	Only    []string // patterns of the groups that it holds for; none means all
	Place   string   // "policy.yaml#coverage[0]"
}

// Holds reports whether the floor holds for a group.
func (f *CoverageFloor) Holds(value string) bool {
	return len(f.Only) == 0 || slices.ContainsFunc(f.Only, func(p string) bool { return inventory.MatchGlob(p, value) })
}

// The rules that "near_misses" turns on, and others about the estate.
const (
	nearMissKey   = "tags/near-miss-key"
	nearMissValue = "tags/near-miss-value"
	tagMeaning    = "tags/meaning"
	tagVanished   = "tags/vanished"
	tagFlapping   = "tags/flapping"
)

// DefaultFlappingScans is over how many scans tags/flapping looks.
const DefaultFlappingScans = 10

// estateRules lists the optional rules that look further than at one asset as it stands.
func estateRules() []OptionalRule {
	return []OptionalRule{{tagFlapping, Medium}, {tagMeaning, Low}, {nearMissKey, Medium}, {nearMissValue, Low}, {tagVanished, High}}
}

type nearMissSpec struct {
	Keys   bool     `yaml:"keys"`
	Values []string `yaml:"values"`
}

type floorSpec struct {
	By      string   `yaml:"by"`
	Measure string   `yaml:"measure"`
	Min     *float64 `yaml:"min"`
	Only    []string `yaml:"only"`
}

// estate takes what a file asks of the estate as a whole.
func (p *policyParser) estate(near nearMissSpec, floors []floorSpec) {
	p.nearMisses(near)
	for i, s := range floors {
		p.floor(fmt.Sprintf("coverage[%d]", i), s)
	}
}

func (p *policyParser) nearMisses(s nearMissSpec) {
	const path = "near_misses"
	if !p.doc.Has(path) {
		return
	}
	p.need(!s.Keys && len(s.Values) == 0 && !p.doc.Has(path+".keys"), path, "keys: true, or values: the keys of the tags whose values are compared, such as [environment]")
	p.unique(path+".values", s.Values)
	if s.Keys {
		p.turnOn(path+".keys", nearMissKey)
	}
	if len(s.Values) > 0 {
		p.turnOn(path+".values", nearMissValue)
	}
	for _, key := range s.Values {
		if !slices.Contains(p.policy.NearMissValues, key) {
			p.policy.NearMissValues = append(p.policy.NearMissValues, key)
		}
	}
}

// turnOn turns a built-in rule on unless it is; options of it stand under "builtin".
func (p *policyParser) turnOn(path, id string) {
	own, _ := optionalRule(id)
	line, _ := p.doc.Position(path)
	p.implied = append(p.implied, Builtin{ID: id, Severity: own.Severity, By: fmt.Sprintf("%s:%d", p.name, line)})
}

// imply adds the rules that were turned on outside of "builtin", when all files are read.
func (p *policyParser) imply() {
	for _, b := range p.implied {
		if !slices.ContainsFunc(p.policy.Builtin, func(o Builtin) bool { return o.ID == b.ID }) {
			p.policy.Builtin = append(p.policy.Builtin, b)
		}
	}
}

// estateOptions checks the options of a built-in rule that others do not have.
func (p *policyParser) estateOptions(path, id string, o builtinOptions) {
	switch at := path + ".scans"; {
	case !p.doc.Has(at):
	case id != tagFlapping:
		p.fail(at, "means nothing for %s: only %s has it", id, tagFlapping)
	case (o.Scans < 4 || o.Scans > 100) && !p.reported(at):
		p.fail(at, "%d: write over how many scans a tag must be steady, from 4 to 100", o.Scans)
	}
	if at := path + ".when"; p.doc.Has(at) && slices.Contains([]string{nearMissKey, nearMissValue, tagMeaning}, id) {
		p.fail(at, "means nothing for %s, which looks at the estate as a whole", id)
	}
}

func (p *policyParser) floor(path string, s floorSpec) {
	p.need(s.By == "", path+".by", "account, region, type, owner or tag.KEY, such as tag.team")
	if s.By != "" && !isGroup(s.By) {
		p.fail(path+".by", "%q is no group%s, or tag.KEY", s.By, inventory.Suggest(s.By, CoverageGroups()))
	}
	p.need(s.Min == nil, path+".min", "how much must be covered, in percent, such as 95")
	switch {
	case s.Min == nil || p.reported(path+".min"):
	case *s.Min > 0 && *s.Min < 1:
		p.fail(path+".min", "%v is a percentage, not a fraction: write %v", *s.Min, *s.Min*100)
	case !(*s.Min > 0 && *s.Min <= 100):
		p.fail(path+".min", "%v: write a percentage above 0 and up to 100", *s.Min)
	}
	if s.Measure != "" && s.Measure != measureTags && s.Measure != "iac" {
		p.fail(path+".measure", "%q is not measured%s", s.Measure, inventory.Suggest(s.Measure, []string{measureTags, "iac"}))
	}
	p.unique(path+".only", s.Only)
	f := CoverageFloor{By: s.By, Measure: cmp.Or(s.Measure, measureTags), Only: s.Only, Place: p.name + "#" + path}
	if s.Min != nil {
		f.Min = *s.Min
	}
	p.policy.Floors = append(p.policy.Floors, f)
}

// CoverageGroups lists what coverage can be told by, beside "tag.KEY".
func CoverageGroups() []string { return []string{"account", "owner", "region", "type"} }

func isGroup(by string) bool {
	key, tag := strings.CutPrefix(by, "tag.")
	return tag && strings.TrimSpace(key) != "" || slices.Contains(CoverageGroups(), by)
}

// uniqueShape refuses what unique cannot be asked of.
func (p *policyParser) uniqueShape(path string, s *tagSpec) {
	switch at := path + ".unique"; {
	case !s.Unique || p.reported(at):
	case len(s.Keys) == 0:
		p.fail(at, "needs keys: the tag whose values must be unique")
	case s.Secrets:
		p.fail(at, "would tell the values of a tag that may hold credentials: leave secrets or unique out")
	}
}

// HidesValues reports whether a rule of the policy looks for credentials in a tag, so that no finding may tell its value.
func (p *Policy) HidesValues(key string) bool {
	return slices.ContainsFunc(p.Tags, func(t TagRule) bool { return t.Secrets && slices.Contains(t.Keys, key) })
}
