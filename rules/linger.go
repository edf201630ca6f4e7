package rules

// Lingering is an EstateRule, all of whose findings are about the estate, that may say that what it found before and does not find now
// cannot be called mended.
type Lingering interface {
	EstateRule
	// Lingers says why; empty if it can. It is asked after CheckEstate.
	Lingers() string
}

func lingering(r EstateRule) Lingering {
	l, _ := r.(Lingering)
	return l
}

// linger keeps open what an estate rule found before and does not speak of now, where the rule says so.
func (e *Engine) linger(s *shard, rule *plannedRule, verdicts []Verdict) error {
	if rule.lingering == nil || rule.lingering.Lingers() == "" {
		return nil
	}
	told := make(map[string]bool, len(verdicts))
	for i := range verdicts {
		told[verdicts[i].Asset.Key] = true
	}
	for id, before := range s.plan.before {
		if id.rule != rule.ID || told[id.key] {
			continue
		}
		if err := e.keep(s, rule, id.key, subjectNamed(before.Asset)); err != nil {
			return err
		}
	}
	return nil
}
