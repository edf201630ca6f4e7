// Package interchange translates between a policy and what other tools ask of tags: tag policies of AWS Organizations, the rule
// required-tags of AWS Config, TFLint, and a JSON Schema for editors.
//
// Nothing is dropped in silence. What an import cannot express is a Loss with its place, and so is what a format cannot take of a
// policy: the reader is told which rule, and what of it. What both sides say means the same on both: a policy that was exported and
// imported again is equal in all that the format can express.
package interchange

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Loss is something that the other side cannot express.
type Loss struct {
	Place string // "root.json:7", "policy.yaml#tags[2]"
	Rule  string // "tags/owner"; empty if it belongs to no rule
	Why   string
}

// String is "place: rule: why", without what is empty.
func (l Loss) String() string {
	text := ""
	for _, part := range []string{l.Place, l.Rule} {
		if part != "" {
			text += part + ": "
		}
	}
	return text + l.Why
}

// Losses is a list of losses that grows.
type Losses []Loss

func (l *Losses) add(place, rule, format string, args ...any) {
	*l = append(*l, Loss{Place: place, Rule: rule, Why: fmt.Sprintf(format, args...)})
}

// sorted returns a set's words in order.
func sorted(words map[string]bool) []string {
	list := make([]string, 0, len(words))
	for w := range words {
		list = append(list, w)
	}
	slices.Sort(list)
	return list
}

// unique sorts a list and keeps each word once.
func unique(list []string) []string {
	list = slices.Clone(list)
	slices.SortFunc(list, cmp.Compare[string])
	return slices.Compact(list)
}

func quoted(list []string) string {
	texts := make([]string, len(list))
	for i, s := range list {
		texts[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(texts, ", ")
}
