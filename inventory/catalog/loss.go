package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Loss says how bad it is that attributes become something: that a thing is reached by everybody, that it is encrypted no more, or
// that a description differs.
type Loss struct {
	What string `yaml:"what"` // what was lost, for people: "it is open to everybody"; empty if nothing that protects
	// Types and Attributes are patterns, of types and of the names of compared attributes.
	Types      []string `yaml:"types"`
	Attributes []string `yaml:"attributes"`
	// To is what the attribute becomes: the texts of values, and the words of LossWords. The declared value must not be the same
	// already. Empty is any difference.
	To       []string `yaml:"to"`
	Severity string   `yaml:"severity"`
}

// LossWords are the words of Loss.To that stand for more than a text.
//
//   - public: it lets everybody in, and the declared value does not: 0.0.0.0/0, ::/0, allUsers, the principal "*" of a policy
//   - unset: null, false, 0, an empty text, list or object
//   - less: a smaller number
func LossWords() []string { return []string{"public", "unset", "less"} }

// Loss returns what a difference in an attribute lost, by the first entry of the catalog that tells.
func (c *Catalog) Loss(t inventory.Type, attr Attribute, declared, actual inventory.Value) (Loss, bool) {
	for _, l := range c.losses {
		if !patterns(l.Types).match(t) || !patterns(l.Attributes).match(inventory.Type(attr.Name)) {
			continue
		}
		if len(l.To) == 0 || slices.ContainsFunc(l.To, func(to string) bool { return becomes(to, attr, declared, actual) }) {
			return l, true
		}
	}
	return Loss{}, false
}

// check reports what is wrong with an entry.
func (l Loss) check() error {
	if len(l.Types) == 0 || len(l.Attributes) == 0 || l.Severity == "" {
		return fmt.Errorf("loss %q: types, attributes and severity are needed", l.What)
	}
	return nil
}

func checkLosses(list []Loss) error {
	var problems []error
	for _, l := range list {
		problems = append(problems, l.check())
	}
	return errors.Join(problems...)
}

// becomes reports whether the actual value is what a word or text of Loss.To says, and the declared one is not.
func becomes(to string, attr Attribute, declared, actual inventory.Value) bool {
	from, now := meant(attr, declared), meant(attr, actual)
	switch to {
	case "public":
		return public(now) && !public(from)
	case "unset":
		return zero(now) == nil && zero(from) != nil
	case "less":
		return isLess(now, from)
	}
	return says(now, to) && !says(from, to)
}

// says reports whether a scalar, or an item of a list, has a text; case does not matter, and truth values have any spelling.
func says(x any, want string) bool {
	if items, ok := x.([]any); ok {
		return slices.ContainsFunc(items, func(item any) bool { return says(item, want) })
	}
	return x != nil && (strings.EqualFold(text(x), want) || truth(x) == truth(want))
}

func isLess(a, b any) bool {
	x, errA := json.Number(text(a)).Float64()
	y, errB := json.Number(text(b)).Float64()
	return errA == nil && errB == nil && x < y
}

// public reports whether a value lets everybody in.
func public(x any) bool {
	switch x := x.(type) {
	case string:
		if inner, ok := document(x); ok {
			return public(inner)
		}
		return everybody(x)
	case []any:
		return slices.ContainsFunc(x, public)
	case map[string]any:
		return publicObject(x)
	}
	return false
}

// publicObject looks at a statement of a policy, at a document, or at a rule.
func publicObject(x map[string]any) bool {
	if effect, ok := x["Effect"]; ok {
		return effect == "Allow" && x["Condition"] == nil && anyPrincipal(x["Principal"])
	}
	for _, member := range x {
		if public(member) {
			return true
		}
	}
	return false
}

func anyPrincipal(x any) bool {
	switch x := x.(type) {
	case string:
		return x == "*"
	case []any:
		return slices.ContainsFunc(x, anyPrincipal)
	case map[string]any:
		return anyPrincipal(x["AWS"])
	}
	return false
}

// everybody reports whether a text names all addresses or all people.
func everybody(s string) bool {
	switch s {
	case "0.0.0.0/0", "::/0", "allUsers", "allAuthenticatedUsers":
		return true
	}
	return false
}

// document returns the JSON document in a text.
func document(s string) (any, bool) {
	switch x := parsePolicy(s).(type) {
	case map[string]any, []any:
		return x, true
	}
	return nil, false
}

// meant returns what a value stands for: where nothing is set, what the provider then takes.
func meant(attr Attribute, v inventory.Value) any {
	x := v.Decode()
	switch {
	case !empty(x):
	case attr.Default.IsRead():
		return attr.Default.Decode()
	case slices.Contains(split(attr.Comparator), "zero"):
		return false
	}
	return x
}
