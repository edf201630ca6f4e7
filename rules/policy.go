package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/expr"
)

// Policy is what the policy files of an audit say, checked and compiled. docs/policy.md is the guide.
type Policy struct {
	Files    []PolicyFile // in the order given
	Tags     []TagRule
	Drift    DriftPolicy
	Records  RecordsPolicy
	Severity []SeverityOverride // sorted by rule pattern
	Exempt   []Exemption
	Builtin  []Builtin     // sorted by id
	Inputs   []PolicyInput // in the order of the rules that name them
	Owner    *OwnerPolicy  // nil leaves it to tags who answers for an asset
	EstatePolicy
}

// PolicyFile is a policy as it was read.
type PolicyFile struct {
	Name string // path relative to the config file
	Text []byte
}

// PolicyEnv is what policies are checked against.
type PolicyEnv struct {
	Expr expr.Env
	// Rules are the ids of the built-in rules, so that a severity or an exemption that names none is a problem; nil turns
	// this check off.
	Rules []string
	// Open opens a file that a policy names, relative to the config file. Nil opens none.
	Open func(name string) (io.ReadCloser, error)
}

// TagRule is an item of "tags". It either speaks of the tag with one of Keys, or prohibits keys.
type TagRule struct {
	ID         string   // "owner"; the rule is "tags/owner"
	Keys       []string // the first is canonical, the rest are accepted spellings
	Required   bool
	Values     []string // allowed; empty allows all
	Pattern    *Pattern // of the whole value; nil allows all
	Prohibited []Pattern
	Severity   Severity
	When       *Condition
	Grace      time.Duration
	Unique     bool // no two assets bear one value
	// ProviderDefaults judges also what the provider made by itself, as a default VPC.
	ProviderDefaults bool
	By               string // "policy.yaml#tags[0]"
	TagKinds
	TagFamily
}

// Pattern is a regular expression (RE2) that always matches the whole of a text.
type Pattern struct {
	Text string
	re   *regexp.Regexp
	seen *verdicts
}

// verdicts remembers what a pattern said of strings. An estate holds few distinct tag keys and values, many times over.
type verdicts struct {
	known sync.Map // string -> bool
	size  atomic.Int32
}

// maxVerdicts bounds what a pattern remembers.
const maxVerdicts = 4096

// NewPattern compiles a pattern.
func NewPattern(text string) (Pattern, error) {
	// Compiled alone first: "a)|(b" must not become valid by the parentheses put around it.
	if _, err := regexp.Compile(text); err != nil {
		return Pattern{}, err
	}
	re, err := regexp.Compile(`\A(?:` + text + `)\z`)
	return Pattern{Text: text, re: re, seen: &verdicts{}}, err
}

// Matches reports whether the pattern matches the whole of s.
func (p Pattern) Matches(s string) bool {
	if known, ok := p.seen.known.Load(s); ok {
		return known.(bool)
	}
	matches := p.re.MatchString(s)
	if p.seen.size.Load() < maxVerdicts {
		p.seen.size.Add(1)
		p.seen.known.Store(strings.Clone(s), matches)
	}
	return matches
}

// SeverityOverride is an item of "severity".
type SeverityOverride struct {
	Rule     string // id, or a pattern as for inventory.MatchGlob
	Severity Severity
}

// Exemption is an item of "exempt": findings that count for nothing until a day.
type Exemption struct {
	By            string // "policy.yaml#exempt[1]"
	When          *Condition
	Rules         []string // ids or patterns; empty means every rule
	Reason, Owner string
	Expires       Date // the last day on which it holds, in UTC
	Origin        inventory.Origin
}

// Covers reports whether the exemption speaks of a rule.
func (x *Exemption) Covers(rule string) bool {
	if len(x.Rules) == 0 {
		return true
	}
	for _, pattern := range x.Rules {
		if inventory.MatchGlob(pattern, rule) {
			return true
		}
	}
	return false
}

func (x *Exemption) acceptance() Acceptance {
	return Acceptance{By: x.By, Reason: x.Reason, Owner: x.Owner, Expires: string(x.Expires)}
}

// SeverityOf is the severity that the policy gives a rule, or its own. An exact id goes before a pattern, and the longest
// pattern before the others. A nil policy overrides nothing.
func (p *Policy) SeverityOf(rule string, own Severity) Severity {
	if p == nil {
		return own
	}
	longest, severity := -1, own
	for _, o := range p.Severity {
		if o.Rule == rule {
			return o.Severity
		}
		if len(o.Rule) > longest && inventory.MatchGlob(o.Rule, rule) {
			longest, severity = len(o.Rule), o.Severity
		}
	}
	return severity
}

// Digest is "sha256:" and the hash of the files' names and texts in their order, and of the files that they name.
func (p *Policy) Digest() string {
	h := sha256.New()
	for _, f := range p.Files {
		fmt.Fprintf(h, "%d %s %d\n", len(f.Name), f.Name, len(f.Text))
		h.Write(f.Text)
	}
	for _, f := range p.Inputs {
		fmt.Fprintf(h, "%d %s %s\n", len(f.Name), f.Name, f.Digest)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// isGlob reports whether an id is a pattern.
func isGlob(id string) bool { return strings.ContainsAny(id, "*?[") }
