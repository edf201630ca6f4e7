package vocabulary

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/nearmiss"
)

// A key tells what it means with a provider if its few values are used many times over.
const (
	fewValues   = 20
	timesEach   = 5
	leastValues = 2
	leastUses   = 20
)

// side is how a key is used with one provider.
type side struct {
	provider string
	keys     []string // its spellings, sorted
	values   map[string]int
	uses     int
	shape    string // that all values have in common; empty if they have none
}

// meanings judges the keys that two providers use, spelled alike but for case and separators, in the order of their names.
func (c *Census) meanings() []rules.Verdict {
	byFold := map[string][]string{}
	for _, text := range sortedTexts(c.keys) {
		fold := nearmiss.Fold(text)
		byFold[fold] = append(byFold[fold], text)
	}
	var list []rules.Verdict
	for _, fold := range slices.Sorted(maps.Keys(byFold)) {
		sure, all := c.sides(byFold[fold], false), c.sides(byFold[fold], true)
		a, b, ok := apart(all)
		if !ok {
			continue
		}
		v := rules.Verdict{Asset: &rules.AssetRef{Key: "tag-key:" + fold, Name: a.keys[0]}}
		if _, _, certain := apart(sure); !certain {
			v.Outcome, v.Reason = rules.Unknown, "the scan does not confirm enough of its values"
		} else {
			v.Outcome = rules.Fail
			v.Message = fmt.Sprintf("tag key %s means something else on %s than on %s: %s, but %s", quoted(union(a.keys, b.keys)), a.provider, b.provider, a, b)
			v.Fix = "give one of the two meanings a key of its own"
		}
		list = append(list, v)
	}
	return list
}

// sides returns how each provider uses keys, those alone of which the values tell a meaning.
func (c *Census) sides(keys []string, unsure bool) []side {
	var list []side
	for n, provider := range c.providers {
		s := side{provider: provider, values: map[string]int{}}
		for _, key := range keys {
			k := c.keys[key]
			if k.given || c.overflow() != "" {
				return nil
			}
			for text, v := range k.values {
				if uses := v.usesOf(uint8(n), unsure); uses > 0 { //nolint:gosec // a handful
					s.values[text] += uses
					s.uses += uses
				}
			}
			if k.usesOf(uint8(n), unsure) > 0 { //nolint:gosec // a handful
				s.keys = append(s.keys, key)
			}
		}
		if s.tells() {
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b side) int { return strings.Compare(a.provider, b.provider) })
	return list
}

// tells reports whether the values are a list to choose from, of one shape.
func (s *side) tells() bool {
	if s.provider == "" || s.provider == "terraform" || len(s.values) < leastValues || len(s.values) > fewValues || s.uses < max(leastUses, timesEach*len(s.values)) {
		return false
	}
	for text := range s.values {
		shape := shapeOf(text)
		if s.shape != "" && s.shape != shape {
			return false
		}
		s.shape = shape
	}
	return true
}

// apart returns the first two sides of which nothing says that they mean the same: another shape, and no value in common.
func apart(sides []side) (a, b side, ok bool) {
	for i, a := range sides {
		for _, b := range sides[i+1:] {
			if a.shape != b.shape && !common(a.values, b.values) {
				return a, b, true
			}
		}
	}
	return side{}, side{}, false
}

func common(a, b map[string]int) bool {
	folds := map[string]bool{}
	for text := range a {
		folds[nearmiss.Fold(text)] = true
	}
	for text := range b {
		if folds[nearmiss.Fold(text)] {
			return true
		}
	}
	return false
}

// shapeOf is the kind of a value: "a number", "yes or no", "a day", "an address", "words", "codes" of letters and digits.
func shapeOf(text string) string {
	text = strings.TrimSpace(text)
	digits := strings.ContainsAny(text, "0123456789")
	letters := strings.ContainsFunc(text, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127 })
	_, notNumber := strconv.ParseFloat(text, 64)
	_, notDay := time.Parse(time.DateOnly, text)
	switch {
	case slices.Contains([]string{"true", "false", "yes", "no", "on", "off"}, strings.ToLower(text)):
		return "yes or no"
	case notNumber == nil:
		return "a number"
	case notDay == nil:
		return "a day"
	case strings.Contains(text, "@"):
		return "an address"
	case letters && digits:
		return "codes"
	case letters:
		return "words"
	}
	return "signs"
}

// String lists the most used values.
func (s side) String() string {
	texts := slices.SortedFunc(maps.Keys(s.values), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.values[b], s.values[a]), strings.Compare(a, b))
	})
	const shown = 4
	more := ""
	if len(texts) > shown {
		texts, more = texts[:shown], " …"
	}
	return quoted(texts) + more
}

func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

func quoted(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return strings.Join(out, ", ")
}
