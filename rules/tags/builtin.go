package tags

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/rules"
)

// BuiltinRules returns those of the rules that muster brings along, and that the policy turns on, which judge the tags of one asset: known and
// now as for Rules. providers are those in use in the estate ("aws", "gcp"), for tags/portable.
func BuiltinRules(p *rules.Policy, known *catalog.Catalog, now time.Time, keeps Keeps, providers []string) []rules.Rule {
	var list []rules.Rule
	for _, b := range p.Builtin {
		r := &rule{
			TagRule: rules.TagRule{ID: strings.TrimPrefix(b.ID, "tags/"), Severity: b.Severity, When: b.When, By: b.By},
			catalog: known, now: now, keeps: keeps,
		}
		r.values = newValueJudge(&r.TagRule, now)
		title, help := "", ""
		switch b.ID {
		case "tags/duplicate-case":
			r.builtin = r.judgeDuplicates
			title, help = "No two keys of an asset differ only in case", "Keep one of the keys: people and reports take them for the same tag."
		case "tags/limits":
			r.builtin = r.judgeLimits(b.Headroom)
			title, help = limitsText(b.Headroom)
		case "tags/look-alike":
			r.builtin = (&characterRule{rule: r, find: lookAlike}).judge
			title = "No key or value holds characters that make it look like another"
			help = "Write the key or value anew: letters of other alphabets among Latin ones, characters that are not seen and those that turn the direction of writing make equal what is not."
		case "tags/portable":
			r.builtin = r.judgePortable(providers)
			title = "Keys and values are legal on every provider in use"
			help = "Write keys and values that every provider in use takes, so that one vocabulary serves all."
		case propagationID:
			r.builtin = r.propagation(namedKeys(p))
			title = "Tags are handed on to what is made of an asset"
			help = "Turn on the setting by which the provider copies the tags to snapshots, backups, tasks and instances: what they cost and whose they are is told by nothing else."
		case "tags/reserved-prefix":
			r.builtin = r.judgeReserved
			title, help = "No key begins with what a provider keeps for itself", "Rename the tag: the provider refuses it, or others take it for the provider's own."
		case "tags/whitespace":
			r.builtin = (&characterRule{rule: r, find: blanks}).judge
			title, help = "No key or value holds white space that is not seen", "Write the key or value without white space around it, several spaces in a row, tabs and line ends."
		default:
			continue
		}
		if b.When != nil {
			help += fmt.Sprintf(" Applies where %s.", b.When.Source())
		}
		r.meta = rules.Meta{ID: b.ID, Severity: b.Severity, Title: title, Help: help, Current: true}
		list = append(list, r)
	}
	return list
}

func limitsText(headroom int) (title, help string) {
	title, help = "Tags are within the limits of the provider", "Remove tags that nobody uses, and shorten keys and values."
	if headroom > 0 {
		title = fmt.Sprintf("Tags are within the limits of the provider, with room for %d more", headroom)
	}
	return title, help
}

// Providers lists the providers that the scopes of a scan tell of, sorted: those of their collectors, of the types that they cover, and of
// what they held.
func Providers(scopes []inventory.ScopeState) []string {
	seen := map[string]bool{}
	for _, s := range scopes {
		seen[ofCollector(s.Source.Collector)] = true
		for _, pattern := range s.Scope.Covers.Types {
			seen[catalog.Provider(inventory.Type(pattern))] = true
		}
		for _, held := range s.Held {
			seen[catalog.Provider(held.Type)] = true
		}
	}
	delete(seen, "")
	return sortedNames(seen)
}

func ofCollector(name string) string {
	switch name {
	case "aws", "cloudformation", "ssm":
		return "aws"
	case "gcp":
		return "gcp"
	}
	return ""
}

// faults gathers what is wrong with the tags of an asset.
type faults struct {
	texts, parts []string
	fixes        []verdict
	advice       []string
	unknown      string // key of a value that is not known
}

func (f *faults) add(part, text string) {
	f.texts = append(f.texts, text)
	f.parts = append(f.parts, part)
}

// key notes what is odd about a key. Where the right key is free, the tag is to be renamed.
func (f *faults) key(tag inventory.Tag, o *odd, found inventory.Tags) {
	f.add(tag.Key, fmt.Sprintf("the key %q %s%s", tag.Key, o.text, nearest(o.near)))
	_, taken := found.Get(o.near)
	switch {
	case o.near == "" || taken:
		f.advice = append(f.advice, fmt.Sprintf("rename or remove the tag %q", tag.Key))
	case tag.ValueUnknown || credential(tag.Value) != "":
		f.advice = append(f.advice, fmt.Sprintf("rename the tag %q to %q", tag.Key, o.near))
	default:
		f.fixes = append(f.fixes, verdict{remove: []string{tag.Key}, set: inventory.Tag{Key: o.near, Value: tag.Value}})
	}
}

// value notes what is odd about a value. A credential is not told.
func (f *faults) value(tag inventory.Tag, o *odd) {
	if credential(tag.Value) != "" || credential(o.near) != "" {
		o = &odd{text: o.text}
	}
	f.add(tag.Key, fmt.Sprintf("tag %q has %s, which %s%s", tag.Key, shown(tag.Value), o.text, nearest(o.near)))
	if o.near == "" {
		f.advice = append(f.advice, fmt.Sprintf("write the value of the tag %q anew", tag.Key))
		return
	}
	f.fixes = append(f.fixes, verdict{set: inventory.Tag{Key: tag.Key, Value: o.near}})
}

func nearest(near string) string {
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; nearest is %q", near)
}

// verdict is unknown if nothing is wrong with what is known, and a value is not known. A fix is a command only if one is enough.
func (f *faults) verdict() verdict {
	switch {
	case len(f.texts) == 0 && f.unknown != "":
		return verdict{Verdict: unknown(fmt.Sprintf("the value of its tag %q is not known", f.unknown))}
	case len(f.texts) == 0:
		return pass()
	}
	v := verdict{}
	if len(f.fixes) == 1 && len(f.advice) == 0 {
		v = f.fixes[0]
	} else {
		v.advice = strings.Join(append(f.words(), f.advice...), "; ")
	}
	slices.Sort(f.parts)
	v.Verdict = rules.Verdict{Outcome: rules.Fail, Parts: slices.Compact(f.parts), Message: strings.Join(f.texts, "; ")}
	return v
}

func (f *faults) words() []string {
	var list []string
	for _, v := range f.fixes {
		if len(v.remove) > 0 {
			list = append(list, fmt.Sprintf("rename the tag %s to %q", quoteAll(v.remove), v.set.Key))
			continue
		}
		list = append(list, settings(&v))
	}
	return list
}

func (r *rule) judgeDuplicates(_ *inventory.Entry, found inventory.Tags) verdict {
	var f faults
	for tag := range found.All() {
		same, first := likeKeys(found, tag.Key)
		if len(same) == 0 || !first {
			continue
		}
		keys := append([]string{tag.Key}, same...)
		text := fmt.Sprintf("tags %s differ only in case", quoteAll(keys))
		differ := func(key string) bool {
			other, _ := found.Get(key)
			return !tag.ValueUnknown && !other.ValueUnknown && tag.Value != other.Value
		}
		if slices.ContainsFunc(same, differ) {
			text += ", and have different values"
		}
		f.add(tag.Key, text)
		f.parts = append(f.parts, same...)
		f.advice = append(f.advice, "keep one of the tags "+quoteAll(keys))
	}
	return f.verdict()
}

// likeKeys returns the other keys that differ from one only in case, and whether that one is the first of them.
func likeKeys(found inventory.Tags, key string) (same []string, first bool) {
	first = true
	for other := range found.All() {
		if other.Key != key && strings.EqualFold(other.Key, key) {
			same = append(same, other.Key)
			first = first && key < other.Key
		}
	}
	return same, first
}
