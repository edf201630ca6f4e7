package owner

import (
	"slices"

	"github.com/muster-audit/muster/rules"
)

// Ancestry adds what a policy's chain asks of what assets belong to: the keys of tags, and the ways up. It returns both as they are if the
// chain does not inherit.
func Ancestry(p *rules.Policy, keys []string, vias []rules.Via) ([]string, []rules.Via) {
	if p.Owner == nil || len(p.Owner.Inherit) == 0 {
		return keys, vias
	}
	keys = append(slices.Clone(keys), p.OwnerTags()...)
	vias = slices.Clone(vias)
	for _, v := range p.Owner.Inherit {
		if !slices.Contains(vias, v) {
			vias = append(vias, v)
		}
	}
	return keys, vias
}
