// Package policytest reads cases that say what a policy must make of an asset, and compares them with what it makes of it. Who runs them
// puts each case's assets together as a scan would.
package policytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/strictyaml"
)

// Suite is a file of cases.
type Suite struct {
	File  string
	Now   time.Time // when the cases are judged; zero is the time of the run
	Cases []Case
}

// Case is an asset with what the policy must make of it.
type Case struct {
	Name  string
	Place string // "cases.yaml:7"
	// Assets are those of a little estate, in their books; the case speaks of the first, and of what is linked to it.
	Assets []inventory.Asset
	// Findings are all that must come out; nil says nothing of them. The others are ids of rules.
	Findings                               []Expected
	AsksFindings                           bool
	Pass, Unknown, NotApplicable, Accepted []string
}

// Expected is a finding that must come out.
type Expected struct {
	Rule    string
	Message string // a part of the message; empty asks for nothing
}

type suiteSpec struct {
	Version int        `yaml:"version"`
	Now     string     `yaml:"now"`
	Cases   []caseSpec `yaml:"cases"`
}

// assetSpec stands for an asset, which is read a second time as JSON.
type assetSpec struct {
	Rest strictyaml.Rest `yaml:",inline"`
}

type caseSpec struct {
	Name          string         `yaml:"name"`
	Asset         assetSpec      `yaml:"asset"`
	Others        []assetSpec    `yaml:"others"`
	Findings      []expectedSpec `yaml:"findings"`
	Pass          []string       `yaml:"pass"`
	Unknown       []string       `yaml:"unknown"`
	NotApplicable []string       `yaml:"not_applicable"`
	Accepted      []string       `yaml:"accepted"`
}

// expectedSpec is the id of a rule, or a rule with a part of its message.
type expectedSpec struct {
	ID   string
	Full struct {
		Rule    string `yaml:"rule"`
		Message string `yaml:"message"`
	}
}

// Into implements strictyaml.Shaped.
func (s *expectedSpec) Into(shape strictyaml.Shape) any {
	if shape == strictyaml.Mapping {
		return &s.Full
	}
	return &s.ID
}

// Parse reads a file of cases. known are the ids of the policy's rules; "tags/" may be left out before them. The error is a
// strictyaml.Problems with everything that is wrong.
func Parse(file string, text []byte, known []string) (*Suite, error) {
	p := &parser{suite: &Suite{File: file}, known: known}
	var spec suiteSpec
	doc, err := strictyaml.Decode(file, text, &spec, strictyaml.Options{})
	p.doc = doc
	if err != nil {
		if !errors.As(err, &p.problems) {
			return nil, fmt.Errorf("read cases %s: %w", file, err)
		}
		return nil, p.problems.Err()
	}
	if spec.Version != 1 {
		p.fail("version", "version %d: write version: 1", spec.Version)
	}
	if len(spec.Cases) == 0 {
		p.fail("cases", "missing: the cases to test")
	}
	p.now(spec.Now)
	var bodies bodies
	if err := yaml.Unmarshal(text, &bodies); err != nil {
		return nil, fmt.Errorf("read cases %s: %w", file, err)
	}
	for i, c := range spec.Cases {
		var b body
		if i < len(bodies.Cases) {
			if err := bodies.Cases[i].Decode(&b); err != nil {
				return nil, fmt.Errorf("read cases %s: %w", file, err)
			}
		}
		p.testCase(fmt.Sprintf("cases[%d]", i), c, b)
	}
	if err := p.problems.Err(); err != nil {
		return nil, err
	}
	return p.suite, nil
}

// bodies are the assets as they stand in the file.
type bodies struct {
	Cases []yaml.Node `yaml:"cases"`
}

type body struct {
	Asset  yaml.Node   `yaml:"asset"`
	Others []yaml.Node `yaml:"others"`
}

type parser struct {
	suite    *Suite
	known    []string
	doc      *strictyaml.Document
	problems strictyaml.Problems
}

func (p *parser) fail(path, format string, args ...any) {
	p.problems = append(p.problems, p.doc.Problem(path, format, args...))
}

func (p *parser) now(text string) {
	if text == "" {
		return
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		if at, err = time.Parse(time.DateOnly, text); err != nil {
			p.fail("now", "%q is no time: write 2026-03-01 or 2026-03-01T12:00:00Z", text)
		}
	}
	p.suite.Now = at.UTC()
}

func (p *parser) testCase(path string, s caseSpec, b body) {
	line, _ := p.doc.Position(path)
	c := Case{Name: s.Name, Place: fmt.Sprintf("%s:%d", p.suite.File, line), AsksFindings: p.doc.Has(path + ".findings")}
	if c.Name == "" {
		p.fail(path+".name", "missing: a name that says what the case is about")
	}
	if b.Asset.Kind == 0 {
		p.fail(path+".asset", "missing: an asset, such as {type: AWS::EC2::Instance, tags: {owner: payments}}")
		return
	}
	p.asset(&c, path+".asset", &b.Asset, "asset")
	for i := range b.Others {
		p.asset(&c, fmt.Sprintf("%s.others[%d]", path, i), &b.Others[i], fmt.Sprintf("other-%d", i+1))
	}
	for i, f := range s.Findings {
		c.Findings = append(c.Findings, p.expected(fmt.Sprintf("%s.findings[%d]", path, i), f))
	}
	c.Pass = p.ids(path+".pass", s.Pass)
	c.Unknown = p.ids(path+".unknown", s.Unknown)
	c.NotApplicable = p.ids(path+".not_applicable", s.NotApplicable)
	c.Accepted = p.ids(path+".accepted", s.Accepted)
	if !c.AsksFindings && len(c.Pass)+len(c.Unknown)+len(c.NotApplicable)+len(c.Accepted) == 0 {
		p.fail(path, "expects nothing: add findings, pass, unknown, not_applicable or accepted; findings: [] expects that there are none")
	}
	p.suite.Cases = append(p.suite.Cases, c)
}

func (p *parser) expected(path string, s expectedSpec) Expected {
	if s.ID != "" {
		return Expected{Rule: p.id(path, s.ID)}
	}
	return Expected{Rule: p.id(path+".rule", s.Full.Rule), Message: s.Full.Message}
}

func (p *parser) ids(path string, list []string) []string {
	var out []string
	for i, id := range list {
		out = append(out, p.id(fmt.Sprintf("%s[%d]", path, i), id))
	}
	return out
}

func (p *parser) id(path, id string) string {
	switch {
	case slices.Contains(p.known, id):
		return id
	case slices.Contains(p.known, "tags/"+id):
		return "tags/" + id
	}
	if near := inventory.Nearest("tags/"+id, p.known); near != "" && !strings.Contains(id, "/") {
		p.fail(path, "no rule has the id %q: did you mean %q?", id, near)
		return id
	}
	p.fail(path, "no rule has the id %q%s", id, inventory.Suggest(id, p.known))
	return id
}

// asset reads an asset as docs/exec.md describes it. A short form may leave out its key, and its type; a single value where a text is
// wanted is taken as it is written.
func (p *parser) asset(c *Case, path string, n *yaml.Node, key string) {
	text, err := assetJSON(n, key)
	if err != nil {
		p.fail(path, "%v", err)
		return
	}
	a, err := inventory.DecodeAsset(text)
	if err != nil {
		p.fail(path, "%v", err)
		return
	}
	if a.Book == "" {
		a.Book = inventory.Observed
	}
	if slices.ContainsFunc(c.Assets, func(o inventory.Asset) bool { return o.Key == a.Key && o.Book == a.Book }) {
		p.fail(path, "the key %q is there twice in the %s book: give each asset a key of its own", a.Key, a.Book)
		return
	}
	c.Assets = append(c.Assets, a)
}

// assetJSON writes a YAML mapping as the JSON of an asset.
func assetJSON(n *yaml.Node, key string) ([]byte, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		return nil, errors.New("an asset is a mapping, such as {type: AWS::EC2::Instance, tags: {owner: payments}}")
	}
	fields := map[string]any{"key": key, "type": "test/asset"}
	for i := 0; i < len(n.Content); i += 2 {
		name, value := n.Content[i].Value, n.Content[i+1]
		v, err := valueOf(name, value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fields[name] = v
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(fields)
	return b.Bytes(), err
}

// valueOf reads the value of a field. Texts need no quotes: an account of digits is a text, and so is a tag that says true.
func valueOf(field string, n *yaml.Node) (any, error) {
	text := []string{"key", "type", "name", "account", "region", "zone", "lifecycle", "book", "source", "created"}
	switch {
	case n.Tag == "!!null":
		return nil, nil
	case slices.Contains(text, field) && n.Kind == yaml.ScalarNode:
		return n.Value, nil
	case field == "tags" && n.Kind == yaml.MappingNode:
		tags := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			value := n.Content[i+1]
			switch {
			case value.Tag == "!!null":
				tags[n.Content[i].Value] = nil
			case value.Kind != yaml.ScalarNode:
				return nil, fmt.Errorf("the value of %q is no text", n.Content[i].Value)
			default:
				tags[n.Content[i].Value] = value.Value
			}
		}
		return tags, nil
	}
	var v any
	err := n.Decode(&v)
	return v, err
}

// Outcome is what a rule made of a case.
type Outcome struct {
	rules.Outcome
	Accepted bool
	Text     string // the message of a finding, the reason of another outcome
}

// String says the outcome and why.
func (o Outcome) String() string {
	name := o.Outcome.String()
	if o.Accepted {
		name = "accepted"
	}
	return strings.TrimSuffix(name+": "+o.Text, ": ")
}

// Compare says where what came out is not what the case expects, a line each; nothing if it is.
func (c *Case) Compare(got map[string]Outcome) []string {
	var lines []string
	seen := func(id string) string {
		if o, ok := got[id]; ok {
			return o.String()
		}
		return "the rule said nothing"
	}
	for _, f := range c.Findings {
		o, ok := got[f.Rule]
		switch {
		case !ok || o.Outcome != rules.Fail || o.Accepted:
			lines = append(lines, fmt.Sprintf("- %s: want a finding, got %s", f.Rule, seen(f.Rule)))
		case !strings.Contains(o.Text, f.Message):
			lines = append(lines, fmt.Sprintf("- %s: want a message with %q, got %q", f.Rule, f.Message, o.Text))
		}
	}
	want := func(ids []string, name string, is func(Outcome) bool) {
		for _, id := range ids {
			if o, ok := got[id]; !ok || !is(o) {
				lines = append(lines, fmt.Sprintf("- %s: want %s, got %s", id, name, seen(id)))
			}
		}
	}
	plain := func(outcome rules.Outcome) func(Outcome) bool {
		return func(o Outcome) bool { return o.Outcome == outcome && !o.Accepted }
	}
	want(c.Pass, "pass", plain(rules.Pass))
	want(c.Unknown, "unknown", plain(rules.Unknown))
	want(c.NotApplicable, "not applicable", plain(rules.NotApplicable))
	want(c.Accepted, "accepted", func(o Outcome) bool { return o.Accepted })
	return append(lines, c.unexpected(got)...)
}

// unexpected tells of findings that the case does not list, if it lists any or says that there are none.
func (c *Case) unexpected(got map[string]Outcome) []string {
	if !c.AsksFindings {
		return nil
	}
	var lines []string
	for id, o := range got {
		listed := slices.ContainsFunc(c.Findings, func(f Expected) bool { return f.Rule == id })
		if o.Outcome == rules.Fail && !o.Accepted && !listed {
			lines = append(lines, fmt.Sprintf("+ %s: not expected: %s", id, o.Text))
		}
	}
	slices.Sort(lines)
	return lines
}
