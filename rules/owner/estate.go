package owner

import (
	"context"
	"fmt"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// keyPrefix begins the key of a finding about an owner, which is about no asset.
const keyPrefix = "owner:"

// CheckEstate implements rules.EstateRule: a verdict for each owner at fault.
func (r *rule) CheckEstate(ctx context.Context) ([]rules.Verdict, error) {
	names := r.tally.names()
	list := make([]rules.Verdict, 0, len(names))
	suggestions := r.suggestions()
	for i, name := range names {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		h := r.tally.owners[name]
		v := rules.Verdict{Outcome: rules.Fail, Asset: &rules.AssetRef{Key: keyPrefix + name}}
		if h.count == 0 {
			v.Outcome, v.Reason = rules.Unknown, "what is theirs could not be read again"
			list = append(list, v)
			continue
		}
		r.tell(&v, name, h, i < suggestions)
		list = append(list, v)
	}
	return list, nil
}

// Lingers implements rules.Lingering: what belongs to something unread may still be an owner's of whom nothing else tells.
func (r *rule) Lingers() string { return r.tally.lost }

const (
	// suggestionWork bounds how many names are compared in an evaluation to find those that are near.
	suggestionWork = 4_000_000
	fewSuggestions = 20
)

// suggestions is for how many owners a near name is looked for.
func (r *rule) suggestions() int {
	return max(fewSuggestions, suggestionWork/max(1, r.directory.Len()))
}

func (r *rule) tell(v *rules.Verdict, name string, h *holdings, suggest bool) {
	d := r.directory
	v.Origin = inventory.Origin{File: d.Name}
	if r.meta.ID == LeftID {
		v.Message = fmt.Sprintf("owner %q has left, as %s says in %s: %s", name, d.Name, d.Status, owns(h.count))
		v.Fix = "hand what is theirs over to somebody who is there, and name them where this owner is named"
	} else {
		v.Message = fmt.Sprintf("owner %q is not in %s (column %s): %s", name, d.Name, d.Column, owns(h.count))
		v.Fix = fmt.Sprintf("name somebody who is there, or add %q to %s", name, d.Name)
		if near := r.nearest(name, suggest); near != "" {
			v.Message += fmt.Sprintf("; did you mean %q?", near)
			v.Fix = fmt.Sprintf("write %q where it is named, or add %q to %s", near, name, d.Name)
		}
	}
	for _, l := range []Link{ByTag, ByInherited, ByStack, ByAccount, ByCodeowners, ByRegister} {
		if n := h.links[l]; n > 0 {
			v.Evidence = append(v.Evidence, rules.Note("%s: %s", named(l), owns(n)))
		}
	}
	v.Evidence = append(v.Evidence, rules.Note("such as %s", strings.Join(h.examples, ", ")))
	if h.earlier > 0 {
		v.Evidence = append(v.Evidence, rules.Note("and %s that could not be read again", assets(h.earlier)))
	}
}

func (r *rule) nearest(name string, suggest bool) string {
	if !suggest {
		return ""
	}
	return r.directory.Nearest(name)
}

func owns(n int) string { return "owner of " + assets(n) }

func assets(n int) string {
	if n == 1 {
		return "1 asset"
	}
	return fmt.Sprintf("%d assets", n)
}

// named says where owners are named by a link.
func named(l Link) string {
	switch l {
	case ByTag:
		return "named by a tag"
	case ByInherited:
		return "named by a tag of what it belongs to"
	case ByStack:
		return "named by owner.stacks"
	case ByAccount:
		return "named by owner.accounts"
	case ByCodeowners:
		return "named by CODEOWNERS"
	}
	return "named by a register"
}
