package interchange

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/muster-audit/muster/rules"
)

// maxTagPolicy is how many characters AWS takes: "Quotas for AWS Organizations".
const maxTagPolicy = 10_000

const inTagPolicy = "a tag policy"

// tagPolicy writes a tag policy of AWS Organizations. Rules of one key become one entry.
func (e *exporter) tagPolicy(w io.Writer) error {
	t := &tagExport{exporter: e, cased: map[string]bool{}}
	for i := range e.policy.Tags {
		t.rule(&e.policy.Tags[i])
	}
	t.enforce()
	document := struct {
		Tags map[string]map[string]any `json:"tags"`
	}{map[string]map[string]any{}}
	for _, tag := range t.tags {
		document.Tags[strings.ToLower(tag.Key)] = tag.entry()
		if !t.cased[tag.Key] && caseVariants(tag.Key) != "" {
			e.losses.add("", "", "tag %q: AWS also holds other cases of this key to be wrong, which no rule of the policy does", tag.Key)
		}
	}
	text, err := indented(document)
	if err != nil {
		return err
	}
	if n := len([]rune(string(text))); n > maxTagPolicy {
		e.losses.add("", "", "the tag policy has %d characters, and AWS takes %d: remove white space, or split it", n, maxTagPolicy)
	}
	_, err = w.Write(text)
	return err
}

func indented(v any) ([]byte, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(v)
	return []byte(b.String()), err
}

func (t *PolicyTag) entry() map[string]any {
	assign := func(v any) map[string]any { return map[string]any{opAssign: v} }
	entry := map[string]any{tagKey: assign(t.Key)}
	for name, list := range map[string][]string{tagValue: t.Values, enforcedFor: t.EnforcedFor, requiredFor: t.RequiredFor} {
		if len(list) > 0 {
			entry[name] = assign(list)
		}
	}
	return entry
}

// tagExport collects rules by tag.
type tagExport struct {
	*exporter
	tags   []*PolicyTag
	cased  map[string]bool // keys of which a rule forbids other cases
	scoped []scopedRule    // rules about values and cases of some types only, or of all but these
}

// scopedRule waits for the other half: what is enforced somewhere is told as a rule there and one for the rest.
type scopedRule struct {
	rule   *rules.TagRule
	key    string
	values []string
	scope  scope
}

// tag returns the entry of a key; false, and told, if there is one in another case.
func (t *tagExport) tag(r *rules.TagRule, key string) (*PolicyTag, bool) {
	for _, tag := range t.tags {
		if tag.Key == key {
			return tag, true
		}
		if strings.EqualFold(tag.Key, key) {
			t.lose(r, "its key %q is %q but for case, which another rule asks for: %s has one of them", key, tag.Key, inTagPolicy)
			return nil, false
		}
	}
	tag := &PolicyTag{Key: key}
	t.tags = append(t.tags, tag)
	return tag, true
}

func (t *tagExport) rule(r *rules.TagRule) {
	if key, ok := casesOf(r); ok {
		t.cases(r, key)
		return
	}
	if len(r.Keys) == 0 {
		t.lose(r, "%s cannot express %s: the rule is left out", inTagPolicy, strings.Join(beyond(r), ", "))
		return
	}
	s, ok := t.scopeOf(r, inTagPolicy)
	if !ok {
		return
	}
	tag, ok := t.tag(r, r.Keys[0])
	if !ok {
		return
	}
	if more := beyond(r, "required", "values", "globs"); len(more) > 0 {
		t.lose(r, "%s cannot express %s", inTagPolicy, strings.Join(more, ", "))
	}
	if len(r.Keys) > 1 {
		t.lose(r, "%s has one spelling of a key: it does not know %s", inTagPolicy, quoted(r.Keys[1:]))
	}
	if r.Required {
		t.require(r, tag, s)
	}
	if len(r.Values)+len(r.Globs) > 0 {
		t.values(r, tag, s)
	}
}

// casesOf returns the key of which a rule forbids all other cases.
func casesOf(r *rules.TagRule) (string, bool) {
	if len(r.Prohibited) != 1 || len(beyond(r, "prohibited")) > 0 {
		return "", false
	}
	return keyOfVariants(r.Prohibited[0].Text)
}

func (t *tagExport) cases(r *rules.TagRule, key string) {
	s, ok := t.scopeOf(r, inTagPolicy)
	if !ok {
		return
	}
	if _, ok = t.tag(r, key); !ok {
		return
	}
	t.cased[key] = true
	t.place(r, key, nil, s)
}

func (t *tagExport) require(r *rules.TagRule, tag *PolicyTag, s scope) {
	if s.But || !s.some() {
		t.lose(r, "%s requires a tag of named types only: name them in the rule's condition", inTagPolicy)
		return
	}
	tag.RequiredFor = unique(append(tag.RequiredFor, t.names(r, s)...))
}

// names returns what AWS calls the types of a scope, and tells of those that it has no name for.
func (t *tagExport) names(r *rules.TagRule, s scope) []string {
	known, unknown := names().namesOf(s)
	if len(unknown) > 0 {
		t.lose(r, "no name in %s is known for %s", inTagPolicy, strings.Join(unknown, ", "))
	}
	return known
}

func (t *tagExport) values(r *rules.TagRule, tag *PolicyTag, s scope) {
	values, err := policyValues(r)
	switch {
	case err != nil:
		t.lose(r, "its values cannot be expressed: %v", err)
		return
	case len(tag.Values) > 0 && !slices.Equal(tag.Values, values):
		t.lose(r, "another rule asks for other values of %q: %s has one list", tag.Key, inTagPolicy)
		return
	}
	tag.Values = values
	t.place(r, tag.Key, values, s)
}

func policyValues(r *rules.TagRule) ([]string, error) {
	var list []string
	for _, v := range r.Values {
		if strings.Contains(v, "*") {
			return nil, fmt.Errorf("%q asks for a *, which stands for any characters in AWS", v)
		}
		list = append(list, v)
	}
	for _, g := range r.Globs {
		v, err := toPolicyValue(g)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// place notes where a rule about a value or a case applies. All of AWS is what a tag policy does.
func (t *tagExport) place(r *rules.TagRule, key string, values []string, s scope) {
	if s.some() {
		t.scoped = append(t.scoped, scopedRule{r, key, values, s})
	}
}

// enforce finds the pairs of rules that stand for enforced_for. A half without the other asks less than AWS does.
func (t *tagExport) enforce() {
	for _, half := range t.scoped {
		whole := half.scope
		whole.But = !whole.But
		paired := slices.ContainsFunc(t.scoped, func(o scopedRule) bool {
			return o.key == half.key && slices.Equal(o.values, half.values) && o.scope.equal(whole)
		})
		switch {
		case !paired:
			t.lose(half.rule, "%s looks at all types, and this rule at some", inTagPolicy)
		case !half.scope.But:
			tag, _ := t.tag(half.rule, half.key)
			tag.EnforcedFor = unique(append(tag.EnforcedFor, t.names(half.rule, half.scope)...))
		}
	}
}
