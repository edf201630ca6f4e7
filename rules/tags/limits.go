package tags

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// judgeLimits judges by what the provider accepts. The columns of a register have no such limits.
func (r *rule) judgeLimits(headroom int) keysJudge {
	return func(asset *inventory.Entry, found inventory.Tags) verdict {
		limits := r.limits(asset)
		if limits == (catalog.TagLimits{}) || asset.Book == inventory.Recorded {
			return verdict{Verdict: notApplicable("no limits of its tags are known")}
		}
		var f faults
		n := 0
		for tag := range found.All() {
			if !r.free(asset, tag.Key) {
				continue
			}
			n++
			r.limitTag(&f, limits, tag)
		}
		switch {
		case limits.Max == 0:
		case n > limits.Max:
			f.add("(count)", fmt.Sprintf("has %d tags: at most %d are allowed", n, limits.Max))
			f.advice = append(f.advice, "remove tags that nobody uses")
		case n+headroom > limits.Max:
			f.add("(count)", fmt.Sprintf("has %d tags of at most %d: there is room for %d more, and %d should be", n, limits.Max, limits.Max-n, headroom))
			f.advice = append(f.advice, "remove tags that nobody uses")
		}
		return f.verdict()
	}
}

func (r *rule) limitTag(f *faults, limits catalog.TagLimits, tag inventory.Tag) {
	if why := unlawful(limits, tag.Key, true); why != "" {
		f.add(tag.Key, fmt.Sprintf("the key %q %s", clip(tag.Key), why))
		f.advice = append(f.advice, fmt.Sprintf("rename the tag %q", clip(tag.Key)))
	}
	if tag.ValueUnknown {
		f.unknown = tag.Key
		return
	}
	if why := unlawful(limits, tag.Value, false); why != "" {
		f.add(tag.Key, fmt.Sprintf("the value of the tag %q %s", clip(tag.Key), why))
		f.advice = append(f.advice, fmt.Sprintf("write the value of the tag %q anew", clip(tag.Key)))
	}
}

// clip shortens what may be of any length for a message.
func clip(s string) string {
	const most = 64
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// judgePortable judges by what each of the providers in use takes.
func (r *rule) judgePortable(providers []string) keysJudge {
	limits := map[string]catalog.TagLimits{}
	var names []string
	for _, p := range providers {
		if r.catalog == nil || r.catalog.TagLimits(p) == (catalog.TagLimits{}) {
			continue
		}
		limits[p] = r.catalog.TagLimits(p)
		names = append(names, p)
	}
	return func(asset *inventory.Entry, found inventory.Tags) verdict {
		if len(names) < 2 {
			return verdict{Verdict: notApplicable("fewer than two providers with limits are in use")}
		}
		var f faults
		for tag := range found.All() {
			if !r.free(asset, tag.Key) {
				continue
			}
			if tag.ValueUnknown {
				f.unknown = tag.Key
			}
			for _, p := range names {
				r.portable(&f, p, limits[p], tag)
			}
		}
		return f.verdict()
	}
}

func (r *rule) portable(f *faults, provider string, l catalog.TagLimits, tag inventory.Tag) {
	why := unportable(l, tag.Key, true)
	if why == "" && r.catalog.ReservedTag(provider, tag.Key) {
		why = "begins with what it keeps for itself"
	}
	if why != "" {
		near := portableForm(l, tag.Key, true)
		f.add(tag.Key, fmt.Sprintf("the key %q is not legal on %s: it %s%s", clip(tag.Key), provider, why, nearest(near)))
		f.advice = append(f.advice, fmt.Sprintf("rename the tag %q", clip(tag.Key)))
	}
	if tag.ValueUnknown {
		return
	}
	if why := unportable(l, tag.Value, false); why != "" {
		text := fmt.Sprintf("the value of the tag %q is not legal on %s: it %s", clip(tag.Key), provider, why)
		if near := portableForm(l, tag.Value, false); credential(tag.Value) == "" && credential(near) == "" {
			text += nearest(near)
		}
		f.add(tag.Key, text)
		f.advice = append(f.advice, fmt.Sprintf("write the value of the tag %q anew", clip(tag.Key)))
	}
}

// unportable is unlawful, and says also what single services of a provider refuse.
func unportable(l catalog.TagLimits, s string, isKey bool) string {
	if why := unlawful(l, s, isKey); why != "" || l.Signs == "" {
		return why
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsNumber(r) && r != ' ' && !strings.ContainsRune(l.Signs, r) {
			return fmt.Sprintf("holds the character %q, which not all services take", r)
		}
	}
	return ""
}

// portableForm writes a text in small letters and dashes, if that is legal; else it is empty.
func portableForm(l catalog.TagLimits, s string, isKey bool) string {
	near := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r) || r == '_' || r == '-' {
			return unicode.ToLower(r)
		}
		return '-'
	}, s)
	if near == s || unlawful(l, near, isKey) != "" {
		return ""
	}
	return near
}

// ownLabel is what Terraform's provider puts on every label set of Google, which a plan and a state show.
const ownLabel = "goog-terraform-provisioned"

// judgeReserved finds keys that a provider keeps for itself and somebody else writes. Those that are seen on the provider's own assets the
// provider wrote, and a state repeats what is there; so code and plans are judged, and keys of other providers.
func (r *rule) judgeReserved(asset *inventory.Entry, found inventory.Tags) verdict {
	if r.catalog == nil || asset.Book == inventory.Recorded {
		return verdict{Verdict: notApplicable("a register repeats what providers write")}
	}
	own := catalog.Provider(asset.Type)
	if r.catalog.TagLimits(own) == (catalog.TagLimits{}) {
		return verdict{Verdict: notApplicable("its type belongs to no provider that keeps keys for itself")}
	}
	written := asset.Origin.Layer == inventory.LayerCode || asset.Origin.Layer == inventory.LayerPlan
	var f faults
	for tag := range found.All() {
		for _, p := range []string{"aws", "gcp"} {
			if !r.catalog.ReservedTag(p, tag.Key) || tag.Key == ownLabel || p == own && !written {
				continue
			}
			f.add(tag.Key, fmt.Sprintf("the key %q begins with what %s keeps for itself", clip(tag.Key), p))
			f.advice = append(f.advice, fmt.Sprintf("rename the tag %q", clip(tag.Key)))
		}
	}
	return f.verdict()
}
