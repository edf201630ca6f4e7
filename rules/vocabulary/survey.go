package vocabulary

import (
	"cmp"
	"slices"

	"github.com/muster-audit/muster/rules"
)

// Survey is all near misses of an estate, whether the policy asks for them or not.
type Survey struct {
	// NearMisses are those of keys first, then those of values by tag.
	NearMisses []NearMiss
	// LeftOut are the tags whose values were not compared, sorted: nearly every asset has one of its own, there are too many, or the policy
	// lets nobody tell them.
	LeftOut []string
	// Overflow says why nothing was compared; empty if it was.
	Overflow string
}

// SurveyAll makes the census count the values of all keys. It is called before the first entity.
func (c *Census) SurveyAll() { c.Values = func(string) bool { return true } }

// Survey compares everything that was counted. The policy's spellings of one key are one tag.
func (c *Census) Survey(p *rules.Policy) Survey {
	s := Survey{Overflow: c.overflow()}
	if s.Overflow != "" {
		return s
	}
	s.NearMisses = c.NearKeys(KnownKeys(p))
	seen := map[string]bool{}
	for _, key := range sortedTexts(c.keys) {
		spellings := p.SpellingsOf(key)
		if seen[spellings[0]] || c.keys[key].total(true) == 0 {
			continue
		}
		seen[spellings[0]] = true
		list, ok := c.NearValues(spellings, KnownValues(p, spellings))
		if !ok || c.manyValues(spellings) || p.HidesValues(spellings[0]) {
			s.LeftOut = append(s.LeftOut, spellings[0])
			continue
		}
		s.NearMisses = append(s.NearMisses, list...)
	}
	slices.Sort(s.LeftOut)
	slices.SortStableFunc(s.NearMisses, func(a, b NearMiss) int { return cmp.Compare(a.Tag, b.Tag) })
	return s
}
