package rules

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/strictyaml"
)

// The file as it is written. What a key means is in docs/policy.md.
type policySpec struct {
	Version  int                 `yaml:"version"`
	Tags     []tagSpec           `yaml:"tags"`
	Drift    driftSpec           `yaml:"drift"`
	Records  recordsSpec         `yaml:"records"`
	Severity map[string]Severity `yaml:"severity"`
	Exempt   []exemptSpec        `yaml:"exempt"`
	Builtin  builtinSpec         `yaml:"builtin"`
	Near     nearMissSpec        `yaml:"near_misses"`
	Coverage []floorSpec         `yaml:"coverage"`
	Owner    ownerSpec           `yaml:"owner"`
}

type tagSpec struct {
	ID               string        `yaml:"id"`
	Keys             []string      `yaml:"keys"`
	Required         bool          `yaml:"required"`
	Values           []string      `yaml:"values"`
	Pattern          string        `yaml:"pattern"`
	Prohibited       []string      `yaml:"prohibited"`
	Severity         Severity      `yaml:"severity"`
	When             string        `yaml:"when"`
	Grace            time.Duration `yaml:"grace"`
	ProviderDefaults bool          `yaml:"provider_defaults"`
	Unique           bool          `yaml:"unique"`
	kindsSpec        `yaml:",inline"`
	familySpec       `yaml:",inline"`
}

type exemptSpec struct {
	When    string   `yaml:"when"`
	Rules   []string `yaml:"rules"`
	Reason  string   `yaml:"reason"`
	Owner   string   `yaml:"owner"`
	Expires Date     `yaml:"expires"`
}

// ParsePolicy reads one policy file. The error is a strictyaml.Problems with everything that is wrong.
func ParsePolicy(file string, text []byte, env PolicyEnv) (*Policy, error) {
	return ParsePolicies([]PolicyFile{{Name: file, Text: text}}, env)
}

// ParsePolicies reads the policy files of an audit into one policy. Ids of tag rules are unique over all files. The error
// is a strictyaml.Problems with everything that is wrong in any of them.
func ParsePolicies(files []PolicyFile, env PolicyEnv) (*Policy, error) {
	p := &policyParser{
		policy: &Policy{Files: files, Records: RecordsPolicy{StaleAfter: DefaultStaleAfter}}, env: env,
		tagIDs: map[string]string{}, overrides: map[string]string{},
	}
	for _, f := range files {
		p.file(f)
	}
	p.imply()
	p.checkRuleNames()
	slices.SortFunc(p.policy.Builtin, func(a, b Builtin) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(p.policy.Severity, func(a, b SeverityOverride) int { return strings.Compare(a.Rule, b.Rule) })
	slices.SortFunc(p.policy.Records.Authorities, func(a, b Authority) int { return strings.Compare(a.Attribute, b.Attribute) })
	if err := p.problems.Err(); err != nil {
		return nil, err
	}
	return p.policy, nil
}

type policyParser struct {
	policy   *Policy
	env      PolicyEnv
	problems strictyaml.Problems
	// tagIDs and overrides say where an id or a severity was first given.
	tagIDs, overrides map[string]string
	named             []namedRule
	implied           []Builtin // turned on outside of "builtin"

	// Of the file at hand.
	doc  *strictyaml.Document
	name string
	text []byte
}

// namedRule is a place that names a rule, checked when the rules of all files are known.
type namedRule struct {
	doc        *strictyaml.Document
	path, rule string
}

func (p *policyParser) fail(path, format string, args ...any) {
	p.problems = append(p.problems, p.doc.Problem(path, format, args...))
}

func (p *policyParser) file(f PolicyFile) {
	var spec policySpec
	doc, err := strictyaml.Decode(f.Name, f.Text, &spec, strictyaml.Options{})
	p.doc, p.name, p.text = doc, f.Name, f.Text
	if err != nil {
		var problems strictyaml.Problems
		if !errors.As(err, &problems) {
			problems = strictyaml.Problems{{File: f.Name, Message: err.Error()}}
		}
		p.problems = append(p.problems, problems...)
		if !doc.Has("") { // not YAML at all: nothing to say of what it holds
			return
		}
	}
	if spec.Version != 1 && (spec.Version != 0 || !p.reported("version")) {
		p.fail("version", "version %d: write version: 1", spec.Version)
	}
	p.tags(spec.Tags)
	p.builtins(spec.Builtin)
	p.owner(spec.Owner)
	p.estate(spec.Near, spec.Coverage)
	p.drift(spec.Drift)
	p.records(spec.Records)
	p.severities(spec.Severity)
	p.exemptions(spec.Exempt)
}

// reported says whether decoding already complained of the value at a path, so that its emptiness is no second problem.
func (p *policyParser) reported(path string) bool {
	return slices.ContainsFunc(p.problems, func(q strictyaml.Problem) bool {
		return q.File == p.name && (q.Path == path || strings.HasPrefix(q.Path, path+"["))
	})
}

// need complains of an empty value, with what to write.
func (p *policyParser) need(empty bool, path, what string) {
	if empty && !p.reported(path) {
		p.fail(path, "missing: %s", what)
	}
}

var tagRuleID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

func (p *policyParser) tags(list []tagSpec) {
	for i, s := range list {
		path := fmt.Sprintf("tags[%d]", i)
		p.tagID(path+".id", s.ID)
		p.tagShape(path, &s)
		p.uniqueShape(path, &s)
		p.unique(path+".keys", s.Keys)
		p.unique(path+".values", s.Values)
		kinds := p.kinds(path, &s)
		s.Values = append(s.Values, p.valuesFrom(path+".values_from", s.ValuesFrom)...)
		p.policy.Tags = append(p.policy.Tags, TagRule{
			ID: s.ID, Keys: s.Keys, Required: s.Required, Values: s.Values,
			Pattern: p.pattern(path+".pattern", s.Pattern), Prohibited: p.patterns(path+".prohibited", s.Prohibited),
			Severity: cmp.Or(s.Severity, Medium), When: p.condition(path+".when", s.When), Grace: s.Grace, ProviderDefaults: s.ProviderDefaults, Unique: s.Unique,
			By: p.name + "#" + path, TagKinds: kinds, TagFamily: p.family(path, &s),
		})
	}
}

func (p *policyParser) tagID(path, id string) {
	if id == "" {
		p.need(true, path, "a name for the rule, such as owner")
		return
	}
	if !tagRuleID.MatchString(id) {
		p.fail(path, "%q: use letters, digits, dots, dashes and underscores", id)
		return
	}
	if _, ok := optionalRule("tags/" + id); ok {
		p.fail(path, "tags/%s is the id of a built-in rule: use another", id)
		return
	}
	line, _ := p.doc.Position(path)
	if first, ok := p.tagIDs[id]; ok {
		p.fail(path, "%q is also the id at %s: ids are unique over all policy files", id, first)
		return
	}
	p.tagIDs[id] = fmt.Sprintf("%s:%d", p.name, line)
}

// tagShape refuses rules that check nothing, or two things at once.
func (p *policyParser) tagShape(path string, s *tagSpec) {
	if subject, ok := p.subject(path, s); subject != "" || !ok {
		return
	}
	judgesValue := p.checksValue(path)
	switch {
	case len(s.Prohibited) > 0 && (len(s.Keys) > 0 || judgesValue):
		p.fail(path+".prohibited", "a rule that prohibits keys cannot also judge a tag: make it a rule of its own")
	case len(s.Prohibited) > 0:
	case len(s.Keys) == 0 && p.secretsAlone(path, s):
	case len(s.Keys) == 0:
		p.need(!p.reported(path), path+".keys", "the tag's key and its accepted spellings, such as [owner, Owner]; or prohibited")
	case p.asksNothing(path, s):
		p.fail(path, "checks nothing: add required: true, values, pattern or another check")
	}
}

func (p *policyParser) unique(path string, list []string) {
	seen := map[string]bool{}
	for i, s := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case strings.TrimSpace(s) == "":
			p.need(true, at, "it is empty: remove it or fill it in")
		case seen[s]:
			p.fail(at, "%q is there twice: keep one", s)
		}
		seen[s] = true
	}
}

func (p *policyParser) pattern(path, text string) *Pattern {
	if text == "" {
		if p.doc.Has(path) {
			p.need(true, path, "the pattern is empty: remove it, or write one")
		}
		return nil
	}
	pattern, err := NewPattern(text)
	if err != nil {
		p.fail(path, "%v: use RE2 syntax, see https://github.com/google/re2/wiki/Syntax", err)
		return nil
	}
	return &pattern
}

func (p *policyParser) patterns(path string, list []string) []Pattern {
	p.unique(path, list)
	var out []Pattern
	for i, text := range list {
		if pattern := p.pattern(fmt.Sprintf("%s[%d]", path, i), text); pattern != nil {
			out = append(out, *pattern)
		}
	}
	return out
}

func (p *policyParser) severities(overrides map[string]Severity) {
	for _, rule := range sortedKeys(overrides) {
		path := "severity." + rule
		p.need(overrides[rule] == 0, path, "one of critical, high, medium, low, info")
		line, _ := p.doc.Position(path)
		if first, ok := p.overrides[rule]; ok {
			p.fail(path, "the severity of %q is also given at %s: keep one", rule, first)
			continue
		}
		p.overrides[rule] = fmt.Sprintf("%s:%d", p.name, line)
		p.named = append(p.named, namedRule{p.doc, path, rule})
		p.policy.Severity = append(p.policy.Severity, SeverityOverride{Rule: rule, Severity: overrides[rule]})
	}
}

func (p *policyParser) exemptions(list []exemptSpec) {
	for i, s := range list {
		path := fmt.Sprintf("exempt[%d]", i)
		p.need(strings.TrimSpace(s.When) == "", path+".when", `a condition, such as asset.account == "444455556666"`)
		p.need(s.Reason == "", path+".reason", "why these findings do not count")
		p.need(s.Owner == "", path+".owner", "who answers for it")
		p.need(s.Expires == "", path+".expires", "the last day on which it holds, such as 2027-01-31")
		p.unique(path+".rules", s.Rules)
		for j, rule := range s.Rules {
			p.named = append(p.named, namedRule{p.doc, fmt.Sprintf("%s.rules[%d]", path, j), rule})
		}
		line, _ := p.doc.Position(path)
		p.policy.Exempt = append(p.policy.Exempt, Exemption{
			By: p.name + "#" + path, When: p.condition(path+".when", s.When), Rules: s.Rules,
			Reason: s.Reason, Owner: s.Owner, Expires: s.Expires,
			Origin: inventory.Origin{File: p.name, Line: line},
		})
	}
}

// checkRuleNames refuses names of rules that do not exist, which would silently have no effect.
func (p *policyParser) checkRuleNames() {
	if p.env.Rules == nil {
		return
	}
	known := append(slices.Clone(p.env.Rules), p.builtinIDs()...)
	for id := range p.tagIDs {
		known = append(known, "tags/"+id)
	}
	slices.Sort(known)
	for _, n := range p.named {
		if n.rule == "" || slices.ContainsFunc(known, func(id string) bool { return id == n.rule || inventory.MatchGlob(n.rule, id) }) {
			continue
		}
		message := "no rule has this id"
		if near := inventory.Nearest(n.rule, known); near != "" && !isGlob(n.rule) {
			message += fmt.Sprintf(": did you mean %q?", near)
		} else {
			message += ": known are " + strings.Join(known, ", ")
		}
		p.problems = append(p.problems, n.doc.Problem(n.path, "%q: %s", n.rule, message))
	}
}

// condition compiles a "when"; empty is nil, which always holds.
func (p *policyParser) condition(path, source string) *Condition {
	if strings.TrimSpace(source) == "" {
		return nil
	}
	var c *Condition
	p.compile(path, source, func(place string) (err error) {
		c, err = NewCondition(source, place, p.env.Expr)
		return err
	})
	return c
}

// inScalar turns a place inside a scalar's text into a place in the file. It is exact for plain, quoted and literal
// scalars without escapes or folding, and near otherwise.
func inScalar(text []byte, line, column, innerLine, innerColumn int) (fileLine, fileColumn int) {
	lines := strings.Split(string(text), "\n")
	if line < 1 || line > len(lines) || column < 1 || column > len(lines[line-1]) {
		return line, column
	}
	switch lines[line-1][column-1] {
	case '|', '>':
		at := line + innerLine
		if at > len(lines) {
			return line, column
		}
		first := lines[line] // its indent is that of the whole block
		return at, len(first) - len(strings.TrimLeft(first, " ")) + innerColumn
	case '\'', '"':
		column++
	}
	if innerLine > 1 {
		return line + innerLine - 1, innerColumn
	}
	return line, column + innerColumn - 1
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
