package rules

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Fingerprint identifies a finding over scans and machines: the first 16 bytes of SHA-256 over rule and asset key, in hex.
func Fingerprint(rule, assetKey string) string {
	sum := sha256.Sum256([]byte(rule + "\x00" + assetKey))
	return hex.EncodeToString(sum[:16])
}

// result is a finding as a worker leaves it.
type result struct {
	Finding
	accepted *Acceptance // nil if it counts
	kept     bool        // from the last evaluation, since it could not be judged again
}

// judge books a verdict and returns the outcome that counts towards coverage: an accepted failure counts for nothing.
func (e *Engine) judge(s *shard, rule *plannedRule, v *Verdict, who subject) (Outcome, error) {
	tally := &s.tallies[rule.index]
	switch v.Outcome {
	case Pass:
		tally.Pass++
	case Unknown:
		tally.Unknown++
		s.unknown[rule.index].note(v.Reason, keyOf(v, who))
		return Unknown, e.keep(s, rule, keyOf(v, who), who)
	case NotApplicable:
		if v.SuppressedBy != "" {
			tally.Accepted++
			s.results = append(s.results, result{
				Finding:  e.finding(s.plan, rule, v, who),
				accepted: &Acceptance{By: v.SuppressedBy, Reason: v.Reason, suppressed: true},
			})
		}
	case Fail:
		f := e.finding(s.plan, rule, v, who)
		accepted, err := e.accept(&f, who, "")
		if err != nil {
			return 0, err
		}
		s.results = append(s.results, result{Finding: f, accepted: accepted})
		if accepted != nil {
			tally.Accepted++
			return NotApplicable, nil
		}
		tally.Fail++
	}
	return v.Outcome, nil
}

func keyOf(v *Verdict, who subject) string {
	if v.Asset != nil {
		return v.Asset.Key
	}
	return who.asset.Key
}

// keepOthers carries over what stood before of an entity's other assets, if the verdict is unknown or the scan does not prove that the asset
// still is as it stands: a rule speaks of the asset that it finds wrong, and of another where it finds none or cannot tell.
func (e *Engine) keepOthers(s *shard, rule *plannedRule, v *Verdict, who subject) error {
	told := keyOf(v, who)
	for _, a := range who.before {
		if a.Key == told || v.Outcome != Unknown && e.unconfirmed(a) == "" {
			continue
		}
		if err := e.keep(s, rule, a.Key, who); err != nil {
			return err
		}
	}
	return nil
}

// keep carries over what stood before of something that cannot be judged now: it stays open and unconfirmed.
func (e *Engine) keep(s *shard, rule *plannedRule, key string, who subject) error {
	before, ok := s.plan.before[findingID{rule.ID, key}]
	if !ok {
		return nil
	}
	f, earlier := before.Finding, ""
	f.Confirmed = false
	if a := before.Accepted; a != nil {
		if a.suppressed { // it never was a failure, so ignorance does not make it one
			s.results = append(s.results, result{Finding: f, accepted: a, kept: true})
			return nil
		}
		earlier = a.By
	}
	if rule.override {
		f.Severity = rule.Severity
	}
	accepted, err := e.accept(&f, who, earlier)
	if err != nil {
		return err
	}
	s.results = append(s.results, result{Finding: f, accepted: accepted, kept: true})
	return nil
}

func (e *Engine) finding(plan *evaluationPlan, rule *plannedRule, v *Verdict, who subject) Finding {
	f := Finding{
		Rule: rule.ID, Severity: rule.Severity, Message: v.Message, Fix: v.Fix, Diff: v.Diff, Origin: v.Origin,
		Evidence: v.Evidence, Created: v.Created, FirstSeen: e.ScanStart, LastSeen: e.ScanStart, Confirmed: true,
	}
	if v.Severity != 0 && !rule.override {
		f.Severity = v.Severity
	}
	if f.Asset = RefTo(who.asset); v.Asset != nil {
		f.Asset = *v.Asset
	}
	if f.Origin == (inventory.Origin{}) {
		f.Origin = who.asset.Origin
	}
	if e.Owner != nil && who.entity != nil {
		f.own(e.Owner(who.entity))
	}
	f.Fingerprint = Fingerprint(f.Rule, f.Asset.Key)
	before := plan.before[findingID{f.Rule, f.Asset.Key}]
	if before == nil {
		f.Parts = partsSince(v.Parts, nil, e.ScanStart)
		return f
	}
	f.FirstSeen = before.FirstSeen
	f.Parts = partsSince(append(slices.Clone(v.Parts), f.keepUnread(v.Unread, before)...), before, e.ScanStart)
	return f
}

// keepUnread takes over what stood before of parts that could not be judged now, and returns their names.
func (f *Finding) keepUnread(unread []string, before *Stored) []string {
	if len(unread) == 0 {
		return nil
	}
	var kept []string
	for _, p := range before.Parts {
		if covers(unread, p.Name) {
			kept = append(kept, p.Name)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	f.Diff = slices.Clone(f.Diff)
	for _, d := range before.Diff {
		if slices.Contains(kept, d.Attribute) {
			f.Diff = append(f.Diff, d)
		}
	}
	slices.SortFunc(f.Diff, func(a, b Difference) int { return strings.Compare(a.Attribute, b.Attribute) })
	f.Evidence = append(slices.Clone(f.Evidence), Note("could not be read now, and stands as before: %s", strings.Join(kept, ", ")))
	return kept
}

// covers reports whether names as in Verdict.Unread stand for a part.
func covers(unread []string, part string) bool {
	all := "attributes"
	if strings.HasPrefix(part, "tags.") {
		all = "tags"
	}
	return slices.Contains(unread, part) || slices.Contains(unread, all)
}

// partsSince dates the parts: those that stood before keep their day.
func partsSince(names []string, before *Stored, start time.Time) []Part {
	if len(names) == 0 {
		return nil
	}
	sorted := slices.Clone(names)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	parts := make([]Part, len(sorted))
	for i, name := range sorted {
		parts[i] = Part{Name: name, FirstSeen: start}
		if before == nil {
			continue
		}
		if j := slices.IndexFunc(before.Parts, func(p Part) bool { return p.Name == name }); j >= 0 {
			parts[i].FirstSeen = before.Parts[j].FirstSeen
		}
	}
	return parts
}

// settle decides the state of a result against what stood before it.
func (r *result) settle(before *Stored) {
	switch {
	case r.accepted != nil:
		r.State = inventory.FindingAccepted
	case before == nil || !before.isOpen() || hasNewPart(r.Parts, before.Parts):
		r.State = inventory.FindingNew
	default:
		r.State = inventory.FindingOpen
	}
}

func hasNewPart(now, before []Part) bool {
	return slices.ContainsFunc(now, func(p Part) bool {
		return !slices.ContainsFunc(before, func(b Part) bool { return b.Name == p.Name })
	})
}

// compare orders results by fingerprint, and those with one, as when two sources hold an asset with one key: what was judged now goes first, then
// what counts, then by content, so that the choice does not depend on scheduling.
func (r *result) compare(o *result) int {
	return cmp.Or(
		strings.Compare(r.Fingerprint, o.Fingerprint), trueLast(r.kept, o.kept),
		trueLast(r.accepted != nil, o.accepted != nil), cmp.Compare(o.Severity, r.Severity),
		strings.Compare(r.Asset.Source, o.Asset.Source), strings.Compare(r.Message, o.Message),
	)
}

func trueLast(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
