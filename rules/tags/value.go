package tags

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// problem is what is wrong with a value.
type problem struct {
	text   string // goes on after `tag "env" `
	near   string // what to set instead; empty if nobody can tell
	secret bool   // it is a credential: the tag is to be removed
}

// valueJudge judges the value of a tag alone, without the asset that bears it.
type valueJudge struct {
	rule    *rules.TagRule
	allowed map[string]bool   // Values, if there are many
	folded  map[string]string // of Values, by the same without white space and case
	now     time.Time
	seen    *memo[*problem] // nil if looking it up costs more than judging
}

// few is the number of values up to which a list is as fast as a map.
const few = 16

func newValueJudge(t *rules.TagRule, now time.Time) *valueJudge {
	j := &valueJudge{rule: t, now: now}
	if len(t.Values) > few {
		j.allowed, j.folded = make(map[string]bool, len(t.Values)), make(map[string]string, len(t.Values))
		for _, v := range t.Values {
			j.allowed[v] = true
			if f := fold(v); j.folded[f] == "" {
				j.folded[f] = v
			}
		}
	}
	if j.allowed != nil || t.ChecksValue() {
		j.seen = &memo[*problem]{}
	}
	return j
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// memo remembers what was found out about strings: an estate holds few distinct values, many times over. It is used by several
// goroutines.
type memo[T any] struct {
	known sync.Map // string -> T
	size  atomic.Int32
}

// maxRemembered bounds how many strings a memo remembers.
const maxRemembered = 4096

func (m *memo[T]) of(s string, find func(string) T) T {
	if known, ok := m.known.Load(s); ok {
		return known.(T)
	}
	found := find(s)
	if m.size.Load() < maxRemembered {
		m.size.Add(1)
		m.known.Store(strings.Clone(s), found)
	}
	return found
}

// problem returns what is wrong with a value, or nil.
func (j *valueJudge) problem(value string) *problem {
	if j.seen == nil {
		return j.find(value)
	}
	return j.seen.of(value, j.find)
}

func (j *valueJudge) find(value string) *problem {
	if j.rule.Secrets {
		if kind := credential(value); kind != "" {
			return &problem{secret: true, text: fmt.Sprintf("holds what looks like %s: make it invalid, and keep its successor in a store for secrets", kind)}
		}
	}
	for _, check := range []func(string) *problem{j.placeholder, j.listed, j.pattern, j.typed, j.long, j.styled} {
		if p := check(value); p != nil {
			return p
		}
	}
	return nil
}

func (j *valueJudge) placeholder(value string) *problem {
	if len(j.rule.Placeholders) == 0 || !slices.Contains(j.rule.Placeholders, fold(value)) {
		return nil
	}
	text := fmt.Sprintf("has %s, which stands for a value that somebody was to fill in", shown(value))
	if list := j.vocabulary(); len(list) > 0 {
		text += ": allowed " + allowed(list)
	}
	return &problem{text: text}
}

// vocabulary is what a message lists as allowed.
func (j *valueJudge) vocabulary() []string {
	if len(j.rule.Globs) == 0 {
		return j.rule.Values
	}
	return slices.Concat(j.rule.Values, j.rule.Globs)
}

func (j *valueJudge) listed(value string) *problem {
	switch {
	case len(j.rule.Values) == 0 && len(j.rule.Globs) == 0, j.allowed[value], j.allowed == nil && slices.Contains(j.rule.Values, value):
		return nil
	case slices.ContainsFunc(j.rule.Globs, func(g string) bool { return inventory.MatchGlob(g, value) }):
		return nil
	}
	return with(value, j.nearest(value), "allowed %s", allowed(j.vocabulary()))
}

// maxCompared bounds the allowed values that a wrong one is compared with letter by letter.
const maxCompared = 2000

// nearest returns the allowed value that a wrong one most likely means, or "".
func (j *valueJudge) nearest(value string) string {
	if near := j.folded[fold(value)]; near != "" {
		return near
	}
	if len(j.rule.Values) > maxCompared {
		return ""
	}
	return inventory.Nearest(value, j.rule.Values)
}

func (j *valueJudge) pattern(value string) *problem {
	if j.rule.Pattern == nil || j.rule.Pattern.Matches(value) {
		return nil
	}
	return with(value, "", "the whole of it must match %s", j.rule.Pattern.Text)
}

func (j *valueJudge) typed(value string) *problem {
	t := j.rule.Type
	if t == "" {
		return nil
	}
	v, ok := t.Parse(value)
	switch {
	case !ok:
		return with(value, t.Nearest(value), "it must be %s", t.Form())
	case j.rule.Min != nil && v.Compare(*j.rule.Min) < 0:
		return with(value, "", "it must be at least %s", j.rule.Min.Text)
	case j.rule.Max != nil && v.Compare(*j.rule.Max) > 0:
		return with(value, "", "it must be at most %s", j.rule.Max.Text)
	case j.rule.NotPast && v.Time().Before(j.present()):
		return &problem{text: fmt.Sprintf("has %s, which is over: renew it, or remove what has run its time", shown(value))}
	}
	return nil
}

// present is the first moment that is not past: a day is past when it is over, in UTC.
func (j *valueJudge) present() time.Time {
	if j.rule.Type == rules.TypeDatetime {
		return j.now
	}
	return j.now.UTC().Truncate(24 * time.Hour)
}

func (j *valueJudge) long(value string) *problem {
	l := j.rule.Length
	if l == nil {
		return nil
	}
	n := utf8.RuneCountInString(value)
	if n >= l.Min && (l.Max == 0 || n <= l.Max) {
		return nil
	}
	return &problem{text: fmt.Sprintf("has %s of %s: it must have %s", shown(value), characters(n), bounds(l))}
}

func (j *valueJudge) styled(value string) *problem {
	s := j.rule.Case
	if s == "" || s.Matches(value) {
		return nil
	}
	return with(value, s.Apply(value), "it must be written in %s", style(s))
}

// with makes a problem of a value, what is asked of it, and a good value, if one is known. What is made of a credential is one as well, and is
// not told.
func with(value, near, format string, args ...any) *problem {
	p := &problem{text: fmt.Sprintf("has %s: %s", shown(value), fmt.Sprintf(format, args...))}
	if near != "" && credential(value) == "" && credential(near) == "" {
		p.near, p.text = near, p.text+fmt.Sprintf("; nearest is %q", near)
	}
	return p
}

// shown quotes a value for a message, unless it looks like a credential: whatever a rule has against it, no report may tell it.
func shown(value string) string {
	if kind := credential(value); kind != "" {
		return fmt.Sprintf("a value that is not shown, since it looks like %s", kind)
	}
	return fmt.Sprintf("the value %q", inventory.HideSecrets(value))
}

func bounds(l *rules.LengthRange) string {
	switch {
	case l.Max == 0:
		return "at least " + characters(l.Min)
	case l.Min == 0:
		return "at most " + characters(l.Max)
	case l.Min == l.Max:
		return characters(l.Min)
	}
	return fmt.Sprintf("%d to %s", l.Min, characters(l.Max))
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}

func style(s rules.Style) string {
	switch s {
	case rules.StyleLower:
		return "small letters"
	case rules.StyleUpper:
		return "capital letters"
	case rules.StyleTitle:
		return "words that begin with capital letters, such as " + s.Apply("cost center")
	}
	return fmt.Sprintf("%s case, such as %s", s, s.Apply("cost center"))
}

// asksValue reports whether the rule asks anything of the value of a tag that is there.
func (r *rule) asksValue() bool {
	return r.Required || len(r.Values) > 0 || r.Pattern != nil || r.ChecksValue()
}

// judgeValue judges a value that is known.
func (r *rule) judgeValue(e *rules.Entity, asset *inventory.Entry, tag inventory.Tag) (verdict, error) {
	if p := r.values.problem(tag.Value); p != nil {
		return r.wrong(tag.Key, p), nil
	}
	if r.Equals == nil && r.TagKinds.Check == nil {
		return pass(), nil
	}
	equal, err := r.judgeEquals(e, asset, tag)
	if err != nil || equal.Outcome == rules.Fail || r.TagKinds.Check == nil {
		return equal, err
	}
	truth, why, err := r.TagKinds.Check.Holds(tag.Value, e, asset)
	switch {
	case err != nil:
		return verdict{}, err
	case truth == expr.No:
		return r.wrong(tag.Key, with(tag.Value, "", "it must satisfy %s", r.TagKinds.Check.Source())), nil
	case truth == expr.Unknown:
		return verdict{Verdict: unknown("the rule's check cannot be told: " + why)}, nil
	}
	if r.Equals != nil && equal.Outcome == rules.NotApplicable {
		return pass(), nil // the check was there to be passed
	}
	return equal, nil
}

// judgeEquals compares with what the value must be. What is empty gives nothing to compare with: the account of a thing that has none, the
// tag that another rule misses.
func (r *rule) judgeEquals(e *rules.Entity, asset *inventory.Entry, tag inventory.Tag) (verdict, error) {
	if r.Equals == nil {
		return pass(), nil
	}
	want, known, why, err := r.Equals.Of(tag.Value, e, asset)
	switch {
	case err != nil:
		return verdict{}, err
	case !known:
		return verdict{Verdict: unknown("what the value must be cannot be told: " + why)}, nil
	case inventory.HoldsSecret(want):
		return verdict{Verdict: unknown("what the value must be is a secret, of which muster knows but the hash")}, nil
	case want == "":
		return verdict{Verdict: notApplicable("what the value must be is empty")}, nil
	case tag.Value == want:
		return pass(), nil
	}
	p := with(tag.Value, "", "it must be what %s is", r.Equals.Source())
	if credential(tag.Value) == "" && credential(want) == "" {
		p = with(tag.Value, "", "it must be %q, which is %s", want, r.Equals.Source())
		p.near = want
	}
	return r.wrong(tag.Key, p), nil
}

// passes reports whether known tags certainly satisfy a rule that looks at nothing else: it is what most verdicts are, and spares them the
// weighing of what could be wrong.
func (r *rule) passes(found inventory.Tags) bool {
	if len(r.Prohibited) > 0 {
		for tag := range found.All() {
			if matchesAny(r.Prohibited, tag.Key) {
				return false
			}
		}
		return true
	}
	if len(r.Keys) == 0 || len(r.Inherit)+len(r.AgreeWith) > 0 || r.Canonical || r.Equals != nil || r.TagKinds.Check != nil {
		return false
	}
	tag, ok := r.choose(found)
	return ok && weight(tag) == 2 && r.values.problem(tag.Value) == nil
}

// judgeAll judges the values of all tags, by a rule that asks only that none is a credential.
func (r *rule) judgeAll(found inventory.Tags) verdict {
	var keys, texts []string
	notKnown := ""
	for tag := range found.All() {
		if tag.ValueUnknown {
			notKnown = tag.Key
		} else if p := r.values.problem(tag.Value); p != nil {
			keys, texts = append(keys, tag.Key), append(texts, fmt.Sprintf("tag %q %s", tag.Key, p.text))
		}
	}
	switch {
	case len(keys) > 0:
		return verdict{remove: keys, Verdict: rules.Verdict{Outcome: rules.Fail, Parts: keys, Message: strings.Join(texts, "; ")}}
	case notKnown != "":
		return verdict{Verdict: unknown(fmt.Sprintf("the value of its tag %q is not known", notKnown))}
	}
	return pass()
}

// wrong says what is wrong with the tag under a key.
func (r *rule) wrong(key string, p *problem) verdict {
	message := fmt.Sprintf("tag %q %s", key, p.text)
	if p.secret {
		return verdict{remove: []string{key}, Verdict: rules.Verdict{Outcome: rules.Fail, Parts: []string{r.part(key)}, Message: message}}
	}
	return r.fail(key, message, p.near)
}

func pass() verdict { return verdict{Verdict: rules.Verdict{Outcome: rules.Pass}} }
