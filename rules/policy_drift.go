package rules

import (
	"fmt"
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// DriftPolicy is what a policy says of drift: "drift".
type DriftPolicy struct {
	Ignore []DriftIgnore
	// Suppress is how much of what nobody declared counts for nothing; empty is SuppressAll.
	Suppress SuppressLevel
	// Environment makes findings worse or milder by the environment of their asset; nil makes no difference.
	Environment *Environment
}

// DriftIgnore is an item of "drift.ignore": differences that do not count.
type DriftIgnore struct {
	When       *Condition // nil: every asset
	Attributes []string   // patterns as for inventory.MatchGlob
	Reason     string
	By         string // "policy.yaml#drift.ignore[0]"
}

// SuppressLevel is how much of what nobody declared counts for nothing.
type SuppressLevel string

// The levels. Provider defaults are what every account or network has; SuppressAll adds what services made for a purpose of their own,
// and what bears the mark of a tool that nobody here can read.
const (
	SuppressOff      SuppressLevel = "off"
	SuppressDefaults SuppressLevel = "defaults"
	SuppressAll      SuppressLevel = "all"
)

// Environment tells which environments matter more than others, and which matter less.
type Environment struct {
	Keys         []string  // tag keys, of which the first that an asset bears decides
	Raise, Lower []Pattern // of the whole value: one step worse, one step milder
}

// Steps returns by how many severities findings about an entity are worse, 1, or milder, -1: by the tags of what is observed, else of
// what is declared, else of what is recorded. It is 0 where they do not tell. A nil Environment never tells.
func (v *Environment) Steps(e *Entity) int {
	if v == nil {
		return 0
	}
	for _, list := range [][]*inventory.Entry{e.Observed, e.Declared, e.Recorded} {
		for _, a := range list {
			if value, ok := v.valueOf(a.CurrentTags()); ok {
				return v.steps(value)
			}
		}
	}
	return 0
}

func (v *Environment) valueOf(tags inventory.Tags) (string, bool) {
	for _, key := range v.Keys {
		if t, ok := tags.Get(key); ok && !t.ValueUnknown && t.Value != "" {
			return t.Value, true
		}
	}
	return "", false
}

func (v *Environment) steps(value string) int {
	matches := func(p Pattern) bool { return p.Matches(value) }
	switch {
	case slices.ContainsFunc(v.Raise, matches):
		return 1
	case slices.ContainsFunc(v.Lower, matches):
		return -1
	}
	return 0
}

type driftSpec struct {
	Ignore      []ignoreSpec    `yaml:"ignore"`
	Suppress    string          `yaml:"suppress"`
	Environment environmentSpec `yaml:"environment"`
}

type ignoreSpec struct {
	When       string   `yaml:"when"`
	Attributes []string `yaml:"attributes"`
	Reason     string   `yaml:"reason"`
}

type environmentSpec struct {
	Tags  []string `yaml:"tags"`
	Raise []string `yaml:"raise"`
	Lower []string `yaml:"lower"`
}

// drift takes what a file says of drift. Over all files the level and the environments may be given once.
func (p *policyParser) drift(s driftSpec) {
	p.ignores(s.Ignore)
	if p.doc.Has("drift.suppress") && p.first("drift.suppress") {
		p.suppress("drift.suppress", SuppressLevel(s.Suppress))
	}
	if p.doc.Has("drift.environment") && p.first("drift.environment") {
		p.environment("drift.environment", s.Environment)
	}
}

func (p *policyParser) ignores(list []ignoreSpec) {
	for i, s := range list {
		path := fmt.Sprintf("drift.ignore[%d]", i)
		p.need(len(s.Attributes) == 0, path+".attributes", `the attributes to ignore, such as [DesiredCapacity], or ["*"]`)
		p.need(s.Reason == "", path+".reason", "why these differences do not count")
		p.unique(path+".attributes", s.Attributes)
		p.policy.Drift.Ignore = append(p.policy.Drift.Ignore, DriftIgnore{
			When: p.condition(path+".when", s.When), Attributes: s.Attributes, Reason: s.Reason, By: p.name + "#" + path,
		})
	}
}

func (p *policyParser) suppress(path string, level SuppressLevel) {
	const want = "write all, defaults or off"
	switch level {
	case SuppressAll, SuppressDefaults, SuppressOff:
		p.policy.Drift.Suppress = level
	case "":
		p.need(true, path, want)
	default:
		p.fail(path, "%q is no level: %s", level, want)
	}
}

func (p *policyParser) environment(path string, s environmentSpec) {
	p.need(len(s.Tags) == 0, path+".tags", "the tag that tells the environment and its spellings, such as [env, Environment]")
	p.need(len(s.Raise)+len(s.Lower) == 0, path, "which environments matter more (raise: [prod]) or less (lower: [sandbox])")
	p.unique(path+".tags", s.Tags)
	p.policy.Drift.Environment = &Environment{
		Keys: s.Tags, Raise: p.patterns(path+".raise", s.Raise), Lower: p.patterns(path+".lower", s.Lower),
	}
}
