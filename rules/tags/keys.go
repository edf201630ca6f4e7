package tags

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// keysJudge judges the known tags of an asset as a whole.
type keysJudge func(asset *inventory.Entry, found inventory.Tags) verdict

// namedKeys are the keys that the tag rules of a policy speak of.
func namedKeys(p *rules.Policy) map[string]bool {
	named := map[string]bool{}
	for _, t := range p.Tags {
		for _, key := range slices.Concat(t.Keys, t.AnyOf, t.AllOf) {
			named[key] = true
		}
	}
	return named
}

// part is the name of what is wrong with the tag under a key: a rule's spellings are one tag.
func (r *rule) part(key string) string {
	if len(r.Keys) > 0 {
		return r.Keys[0]
	}
	return key
}

// free reports whether people choose a key: their provider keeps some for itself, and of a hash nobody knows what it stands for.
func (r *rule) free(asset *inventory.Entry, key string) bool {
	if inventory.IsSecretHash(key) {
		return false
	}
	return r.catalog == nil || !r.catalog.ReservedTag(catalog.Provider(asset.Type), key)
}

// limits is what the provider of an asset accepts as its tags.
func (r *rule) limits(asset *inventory.Entry) catalog.TagLimits {
	if r.catalog == nil {
		return catalog.TagLimits{}
	}
	row, ok := r.catalog.Type(asset.Type)
	if !ok {
		return r.catalog.TagLimits(catalog.Provider(asset.Type))
	}
	return row.TagLimits
}

func (r *rule) judgeClosed(asset *inventory.Entry, found inventory.Tags) verdict {
	var keys []string
	for tag := range found.All() {
		if !r.named[tag.Key] && !matchesAny(r.AllowedKeys, tag.Key) && r.free(asset, tag.Key) {
			keys = append(keys, tag.Key)
		}
	}
	if len(keys) == 0 {
		return pass()
	}
	known := sortedNames(r.named)
	message := fmt.Sprintf("tag %s %s not allowed%s", quoteAll(keys), isOrAre(keys), r.vocabulary(known))
	v := verdict{remove: keys, Verdict: rules.Verdict{Outcome: rules.Fail, Parts: keys}}
	var near []string
	for _, key := range keys {
		if n := misspelt(key, known); n != "" {
			near = append(near, fmt.Sprintf("%q for %q", n, key))
		}
	}
	if len(near) > 0 {
		message += "; nearest is " + strings.Join(near, ", ")
	}
	if len(near) == len(keys) {
		v.remove, v.advice = nil, "rename the tag: "+strings.Join(near, ", ")
	}
	v.Message = message
	return v
}

// vocabulary says which keys are allowed.
func (r *rule) vocabulary(named []string) string {
	list := named
	for _, p := range r.AllowedKeys {
		list = append(list[:len(list):len(list)], p.Text)
	}
	if len(list) == 0 {
		return ""
	}
	return ": allowed " + allowed(list)
}

func matchesAny(list []rules.Pattern, s string) bool {
	return slices.ContainsFunc(list, func(p rules.Pattern) bool { return p.Matches(s) })
}

func sortedNames(set map[string]bool) []string {
	var list []string
	for name := range set {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// ownName is the key under which the consoles of AWS show what a thing is called: nobody may spell it in another way.
const ownName = "Name"

func (r *rule) judgeNaming(asset *inventory.Entry, found inventory.Tags) verdict {
	var keys, near []string
	for tag := range found.All() {
		if r.named[tag.Key] || tag.Key == ownName && catalog.Provider(asset.Type) == "aws" || r.follows(tag.Key) || !r.free(asset, tag.Key) {
			continue
		}
		keys = append(keys, tag.Key)
		if n := r.Naming.Style.Apply(tag.Key); n != "" {
			near = append(near, fmt.Sprintf("%q for %q", n, tag.Key))
		}
	}
	if len(keys) == 0 {
		return pass()
	}
	v := verdict{advice: "rename the tag " + quoteAll(keys), Verdict: rules.Verdict{Outcome: rules.Fail, Parts: keys}}
	v.Message = fmt.Sprintf("tag %s: a key must %s", quoteAll(keys), r.form())
	if len(near) > 0 {
		v.Message += "; nearest is " + strings.Join(near, ", ")
		v.advice = "rename the tag: " + strings.Join(near, ", ")
	}
	return v
}

// follows reports whether a key is named as the rule wants, or is an exception.
func (r *rule) follows(key string) bool {
	if r.Naming.Pattern != nil && r.Naming.Pattern.Matches(key) || r.Naming.Style != "" && r.Naming.Style.Matches(key) {
		return true
	}
	return matchesAny(r.AllowedKeys, key)
}

func (r *rule) form() string {
	if r.Naming.Pattern != nil {
		return "match " + r.Naming.Pattern.Text
	}
	return "be written in " + style(r.Naming.Style)
}

// canonical finds spellings of the rule's tag other than the canonical one; nil if there are none. Canonical for an asset is the first
// that its provider takes: no label of Google has a capital letter.
func (r *rule) canonical(asset *inventory.Entry, found inventory.Tags) *verdict {
	limits := r.limits(asset)
	i := slices.IndexFunc(r.Keys, func(key string) bool { return unlawful(limits, key, true) == "" })
	if i < 0 {
		return nil
	}
	canonical, others := r.Keys[i], []string(nil)
	for _, key := range r.Keys {
		if _, there := found.Get(key); there && key != canonical {
			others = append(others, key)
		}
	}
	if len(others) == 0 {
		return nil
	}
	v := &verdict{remove: others, Verdict: rules.Verdict{Outcome: rules.Fail, Parts: []string{r.Keys[0]}}}
	if kept, both := found.Get(canonical); both {
		v.Message = fmt.Sprintf("tag %q is there as %s too: write it once, as %q", canonical, quoteAll(others), canonical)
		if slices.ContainsFunc(others, func(key string) bool { other, _ := found.Get(key); return !sameValue(kept, other) }) {
			v.remove, v.advice = nil, fmt.Sprintf("choose the value of the tag %q, and remove %s", canonical, quoteAll(others))
		}
		return v
	}
	v.Message = fmt.Sprintf("tag %q is spelled %s: write %q", canonical, quoteAll(others), canonical)
	if tag, _ := r.choose(found); !tag.ValueUnknown && credential(tag.Value) == "" {
		v.set = inventory.Tag{Key: canonical, Value: tag.Value}
	} else {
		v.remove, v.advice = nil, fmt.Sprintf("rename the tag %s to %q", quoteAll(others), canonical)
	}
	return v
}

// unlawful says why a provider does not take a key or value, or is empty.
func unlawful(l catalog.TagLimits, s string, isKey bool) string {
	most := l.ValueLength
	if isKey {
		most = l.KeyLength
	}
	switch n := utf8.RuneCountInString(s); {
	case isKey && s == "":
		return "is empty"
	case most > 0 && n > most:
		return fmt.Sprintf("has %d characters of at most %d", n, most)
	case l.Bytes > 0 && len(s) > l.Bytes:
		return fmt.Sprintf("has %d bytes of at most %d", len(s), l.Bytes)
	case l.Lower:
		return unlawfulLabel(s, isKey)
	}
	return ""
}

// unlawfulLabel follows "Requirements for labels" of Google Cloud's Resource Manager.
func unlawfulLabel(s string, isKey bool) string {
	for i, r := range s {
		switch {
		case unicode.IsUpper(r) || unicode.IsTitle(r):
			return fmt.Sprintf("holds the capital letter %q", r)
		case isKey && i == 0 && !unicode.IsLetter(r):
			return "does not begin with a letter"
		case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || r == '_' || r == '-':
		default:
			return fmt.Sprintf("holds the character %q: only letters, digits, \"_\" and \"-\" may stand there", r)
		}
	}
	return ""
}

func sameValue(a, b inventory.Tag) bool {
	return !a.ValueUnknown && !b.ValueUnknown && a.Value == b.Value
}
