package rules

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/strictyaml"
)

// TagKinds are what a tag rule may ask beside required, values, pattern and prohibited. A rule speaks of one tag (Keys), of several (AnyOf,
// AllOf), or of all keys of an asset (Prohibited, Closed, Naming).
type TagKinds struct {
	AnyOf []string // one of these tags must be there
	AllOf []string // all of these tags must be there
	// Of the value. What is empty asks nothing.
	Placeholders []string // forbidden values, in lower case and without white space around them
	Globs        []string // as for inventory.MatchGlob; beside Values, one list of what is allowed
	Type         ValueType
	Case         Style
	Length       *LengthRange
	Min, Max     *Typed // of Type, both included
	NotPast      bool   // a day or time that is over is wrong
	Equals       *TagText
	Check        *TagCheck
	Secrets      bool // what looks like a credential is wrong; a rule that asks this alone, and has no keys, speaks of all tags
	Canonical    bool // any other accepted spelling of Keys is wrong
	// Of the keys.
	Closed      bool // no key but AllowedKeys and those that rules of the policy name
	AllowedKeys []Pattern
	Naming      *Naming
}

// ChecksValue reports whether the kinds ask anything of a value.
func (k *TagKinds) ChecksValue() bool {
	return len(k.Placeholders) > 0 || len(k.Globs) > 0 || k.Type != "" || k.Case != "" || k.Length != nil || k.NotPast ||
		k.Equals != nil || k.Check != nil || k.Secrets
}

// LengthRange bounds the characters of a value, both included. A Max of 0 is no bound.
type LengthRange struct {
	Min int `yaml:"min"`
	Max int `yaml:"max"`
}

// Naming is how keys are written: one of the two is set.
type Naming struct {
	Style   Style
	Pattern *Pattern // of the whole key
}

// Placeholders lists the values that "placeholders: true" forbids: what people write who do not know the value.
func Placeholders() []string {
	return []string{
		"-", "--", "?", "??", "???", "...", "<value>", "changeme", "change-me", "change_me", "dummy", "fixme", "foo",
		"n/a", "na", "n-a", "n_a", "nil", "none", "not set", "not-set", "notset", "null", "placeholder", "tba", "tbc", "tbd", "todo", "undefined",
		"unknown", "unset", "x", "xx", "xxx",
	}
}

// kindsSpec is the part of a tag rule in the file that TagKinds is made of.
type kindsSpec struct {
	AnyOf        []string         `yaml:"any_of"`
	AllOf        []string         `yaml:"all_of"`
	Placeholders placeholdersSpec `yaml:"placeholders"`
	ValuesFrom   *valuesFromSpec  `yaml:"values_from"`
	Globs        []string         `yaml:"globs"`
	Type         ValueType        `yaml:"type"`
	Case         Style            `yaml:"case"`
	Length       *LengthRange     `yaml:"length"`
	Min          string           `yaml:"min"`
	Max          string           `yaml:"max"`
	NotPast      bool             `yaml:"not_past"`
	Equals       string           `yaml:"equals"`
	Check        string           `yaml:"check"`
	Secrets      bool             `yaml:"secrets"`
	Spelling     string           `yaml:"spelling"`
	Closed       bool             `yaml:"closed"`
	AllowedKeys  []string         `yaml:"allowed_keys"`
	Naming       string           `yaml:"naming"`
}

// placeholdersSpec is true, or a list.
type placeholdersSpec struct {
	On   bool
	List []string
}

// Into implements strictyaml.Shaped.
func (s *placeholdersSpec) Into(shape strictyaml.Shape) any {
	if shape == strictyaml.Scalar {
		return &s.On
	}
	return &s.List
}

// valueKeys are the keys of a rule that ask something of a value.
func valueKeys() []string {
	return []string{
		"required", "values", "pattern", "placeholders", "values_from", "globs", "type", "case", "length", "min", "max", "not_past", "equals",
		"check", "secrets", "spelling", "agree_with", "unique",
	}
}

// checksValue reports whether the file asks anything of a value, right or wrong.
func (p *policyParser) checksValue(path string) bool {
	return slices.ContainsFunc(valueKeys(), func(key string) bool { return p.doc.Has(path + "." + key) })
}

// secretsAlone reports whether a rule asks nothing but that no value is a credential: then it may speak of all tags.
func (p *policyParser) secretsAlone(path string, s *tagSpec) bool {
	return s.Secrets && !p.doc.Has(path+".keys") &&
		!slices.ContainsFunc(valueKeys(), func(key string) bool { return key != "secrets" && p.doc.Has(path+"."+key) })
}

// asksNothing reports whether a rule is whole and yet asks nothing: required: false, values: [].
func (p *policyParser) asksNothing(path string, s *tagSpec) bool {
	if p.reportedWithin(path) || p.doc.Has(path+".equals") || p.doc.Has(path+".check") {
		return false
	}
	return !s.Required && len(s.Values) == 0 && s.Pattern == "" && !s.Placeholders.On && len(s.Placeholders.List) == 0 && s.ValuesFrom == nil &&
		len(s.Globs) == 0 && s.Type == "" && s.Case == "" && s.Length == nil && s.Min == "" && s.Max == "" && !s.NotPast &&
		!s.Secrets && s.Spelling == "" && !s.Unique && len(s.AgreeWith) == 0
}

// reportedWithin says whether there already is a problem with something inside of the value at a path.
func (p *policyParser) reportedWithin(path string) bool {
	return slices.ContainsFunc(p.problems, func(q strictyaml.Problem) bool { return q.File == p.name && strings.HasPrefix(q.Path, path+".") })
}

// kinds checks the part of a rule that is not in the first version of tag rules.
func (p *policyParser) kinds(path string, s *tagSpec) TagKinds {
	k := TagKinds{
		AnyOf: s.AnyOf, AllOf: s.AllOf, Placeholders: p.placeholders(path+".placeholders", s.Placeholders), Globs: p.globs(path+".globs", s.Globs),
		Type: s.Type, Case: s.Case, Length: p.length(path+".length", s.Length), NotPast: s.NotPast, Secrets: s.Secrets,
		Equals: p.equals(path+".equals", s.Equals), Check: p.valueCheck(path+".check", s.Check),
		Canonical: p.spelling(path, s), Closed: s.Closed, AllowedKeys: p.patterns(path+".allowed_keys", s.AllowedKeys),
		Naming: p.naming(path+".naming", s.Naming),
	}
	p.unique(path+".any_of", s.AnyOf)
	p.unique(path+".all_of", s.AllOf)
	p.bounds(path, s, &k)
	return k
}

func (p *policyParser) placeholders(path string, s placeholdersSpec) []string {
	if s.On {
		return Placeholders()
	}
	p.unique(path, s.List)
	var list []string
	for _, v := range s.List {
		list = append(list, strings.ToLower(strings.TrimSpace(v)))
	}
	return list
}

func (p *policyParser) globs(at string, list []string) []string {
	p.unique(at, list)
	for i, g := range list {
		if _, err := path.Match(g, ""); err != nil {
			p.fail(fmt.Sprintf("%s[%d]", at, i), `%q is no pattern: a "[" needs its "]", and "\" something behind it`, g)
		}
	}
	return list
}

func (p *policyParser) length(path string, l *LengthRange) *LengthRange {
	switch {
	case l == nil:
	case l.Min < 0 || l.Max < 0:
		p.fail(path, "a length is never below 0")
	case l.Min == 0 && l.Max == 0:
		p.need(!p.reportedWithin(path), path, "how many characters, such as {min: 2, max: 40}")
	case l.Max > 0 && l.Min > l.Max:
		p.fail(path, "min %d is above max %d: swap them", l.Min, l.Max)
	}
	return l
}

// bounds reads min, max and not_past, which need a type with an order.
func (p *policyParser) bounds(path string, s *tagSpec, k *TagKinds) {
	ordered := s.Type.IsNumber() || s.Type.IsTime()
	bound := func(key, text string) *Typed {
		if !p.doc.Has(path+"."+key) || p.reported(path+".type") {
			return nil
		}
		v, ok := s.Type.Parse(text)
		switch {
		case !ordered:
			p.fail(path+"."+key, "needs a type with an order: add type: integer, number, date or datetime")
			return nil
		case !ok:
			p.fail(path+"."+key, "%q is not of the type %s: write %s", text, s.Type, s.Type.Form())
			return nil
		}
		return &v
	}
	k.Min, k.Max = bound("min", s.Min), bound("max", s.Max)
	if k.Min != nil && k.Max != nil && k.Min.Compare(*k.Max) > 0 {
		p.fail(path+".min", "min %s is above max %s: swap them", s.Min, s.Max)
	}
	if s.NotPast && !s.Type.IsTime() && !p.reported(path+".type") {
		p.fail(path+".not_past", "needs a day or a time: add type: date or datetime")
	}
}

func (p *policyParser) spelling(path string, s *tagSpec) bool {
	const at = ".spelling"
	switch {
	case !p.doc.Has(path + at):
	case s.Spelling != "canonical":
		p.fail(path+at, "%q is not known: write canonical, or leave it out", s.Spelling)
	case len(s.Keys) == 1:
		p.fail(path+at, "there is no other spelling: add the ones to be found to keys, such as [owner, Owner]")
	}
	return s.Spelling == "canonical"
}

// naming is a style, or a pattern. A single word is meant to be a style.
func (p *policyParser) naming(path, text string) *Naming {
	var style Style
	err := style.UnmarshalText([]byte(text))
	switch {
	case text == "":
		if p.doc.Has(path) {
			p.need(true, path, "a style such as kebab, or a pattern for whole keys")
		}
		return nil
	case err == nil:
		return &Naming{Style: style}
	case !strings.ContainsFunc(text, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') }):
		names := make([]string, len(Styles()))
		for i, s := range Styles() {
			names[i] = string(s)
		}
		p.fail(path, "%q is neither a style nor a pattern%s", text, inventory.Suggest(text, names))
		return nil
	}
	if pattern := p.pattern(path, text); pattern != nil {
		return &Naming{Pattern: pattern}
	}
	return nil
}

// ruleSubjects are the keys that say of what a rule speaks: a rule has one of them.
func ruleSubjects() []string {
	return []string{"keys", "any_of", "all_of", "prohibited", "closed", "naming"}
}

// subject refuses rules of two minds, and value checks where there is no value; it is false if it complained. The first version of tag rules
// is checked by tagShape.
func (p *policyParser) subject(path string, s *tagSpec) (subject string, ok bool) {
	var found []string
	for _, key := range ruleSubjects() {
		if p.doc.Has(path + "." + key) {
			found = append(found, key)
		}
	}
	old := func(key string) bool { return key == "keys" || key == "prohibited" }
	switch {
	case len(found) > 1 && !(old(found[0]) && old(found[1])):
		p.fail(path+"."+found[1], "a rule speaks of %s or of %s: make two rules of it", found[0], found[1])
		return "", false
	case len(found) != 1 || old(found[0]):
		if at := path + ".allowed_keys"; p.doc.Has(at) {
			p.fail(at, "means nothing without closed or naming")
			return "", false
		}
		return "", true
	}
	return found[0], p.subjectFits(path, found[0]) && p.subjectThere(path, found[0], s)
}

// subjectThere refuses a subject that is written and empty, such as closed: false.
func (p *policyParser) subjectThere(path, subject string, s *tagSpec) bool {
	path += "." + subject
	switch {
	case p.reported(path):
		return false
	case (subject == "any_of" || subject == "all_of") && len(s.AnyOf)+len(s.AllOf) == 0:
		p.need(true, path, "the keys of the tags, such as [owner, team]")
		return false
	case subject == "closed" && !s.Closed:
		p.fail(path, "false asks nothing: write true, or leave the rule out")
		return false
	}
	return true
}

func (p *policyParser) subjectFits(path, subject string) bool {
	tags := subject == "any_of" || subject == "all_of"
	for _, key := range valueKeys() {
		at := path + "." + key
		switch {
		case !p.doc.Has(at):
		case tags && key == "required":
			p.fail(at, "%s says already that the tags must be there: leave it out", subject)
			return false
		case !tags || key == "spelling":
			p.fail(at, "a rule with %s cannot ask this: make it a rule of its own", subject)
			return false
		}
	}
	if at := path + ".allowed_keys"; p.doc.Has(at) && tags {
		p.fail(at, "means nothing without closed or naming")
		return false
	}
	return true
}
