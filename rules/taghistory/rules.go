package taghistory

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// The ids of the rules, which a policy turns on.
const (
	vanishedID = "tags/vanished"
	flappingID = "tags/flapping"
)

// Wanted returns over how many scans a policy's rules look: 0 asks for none, vanished says whether one compares with the last evaluation.
func Wanted(p *rules.Policy) (vanished bool, scans int) {
	for _, b := range p.Builtin {
		switch b.ID {
		case vanishedID:
			vanished = true
		case flappingID:
			scans = b.Scans
		}
	}
	return vanished, scans
}

// Rules returns the rules that the policy turns on.
func Rules(p *rules.Policy, x *Index) []rules.Rule {
	var list []rules.Rule
	for _, b := range p.Builtin {
		switch b.ID {
		case vanishedID:
			list = append(list, rule{meta(b), b.When, x.checkVanished})
		case flappingID:
			list = append(list, rule{meta(b), b.When, x.checkFlapping})
		}
	}
	return list
}

// Metas describes the rules that the policy turns on.
func Metas(p *rules.Policy) []rules.Meta {
	var list []rules.Meta
	for _, r := range Rules(p, nil) {
		list = append(list, r.Meta())
	}
	return list
}

func meta(b rules.Builtin) rules.Meta {
	m := rules.Meta{ID: b.ID, Severity: b.Severity, Current: true}
	if b.ID == vanishedID {
		m.Title = "A tag that was there does not vanish"
		m.Help = "A tag that the policy names was there when the estate was last judged, and is not any more. The finding stands until it is back."
		return m
	}
	m.Title = fmt.Sprintf("A tag does not change back and forth (over %d scans)", b.Scans)
	m.Help = "Two tools, or a tool and a person, overwrite each other's value. Let one of them have the tag."
	return m
}

type rule struct {
	meta  rules.Meta
	when  *rules.Condition
	check func(*inventory.Entry, inventory.Tags) rules.Verdict
}

// Meta implements rules.Rule.
func (r rule) Meta() rules.Meta { return r.meta }

// Check implements rules.Rule.
func (r rule) Check(_ context.Context, e *rules.Entity) (rules.Verdict, error) {
	asset := e.Subject()
	if asset.Book != inventory.Observed {
		return rules.Verdict{Reason: "nobody sees it"}, nil
	}
	tags := asset.CurrentTags()
	if tags.State() == inventory.NotApplicable {
		return rules.Verdict{Reason: "its type cannot be tagged"}, nil
	}
	truth, reason, err := r.when.Holds(e)
	switch {
	case err != nil:
		return rules.Verdict{}, err
	case truth == expr.No:
		return rules.Verdict{Reason: "the rule's condition does not hold"}, nil
	case truth == expr.Unknown:
		return unknown("the rule's condition cannot be told: " + reason), nil
	case tags.State() == inventory.Unknown:
		return unknown("its tags could not be read"), nil
	}
	return r.check(asset, tags), nil
}

func unknown(reason string) rules.Verdict {
	return rules.Verdict{Outcome: rules.Unknown, Reason: reason}
}

// checkVanished looks whether what vanished is still away.
func (x *Index) checkVanished(asset *inventory.Entry, tags inventory.Tags) rules.Verdict {
	gone := slices.Clone(x.vanished[asset.ID])
	for _, l := range x.before[asset.Key] {
		if !slices.ContainsFunc(gone, func(o lost) bool { return o.key == l.key }) {
			gone = append(gone, l)
		}
	}
	v := rules.Verdict{Outcome: rules.Pass}
	var messages, fixes []string
	for _, l := range gone {
		switch now := read(tags, x.spellings[l.key]); {
		case !now.known:
			v.Unread = append(v.Unread, l.key)
		case now.value == "":
			v.Outcome, v.Parts = rules.Fail, append(v.Parts, l.key)
			messages = append(messages, fmt.Sprintf("tag %q vanished: it was %s", l.key, quoted(l.was)))
			fixes = append(fixes, fmt.Sprintf("set the tag %q to %s again", l.key, quoted(l.was)))
			v.Evidence = append(v.Evidence, rules.Note("%s", wasEvidence(l)))
		}
	}
	if v.Outcome == rules.Pass && len(v.Unread) > 0 {
		return unknown(fmt.Sprintf("the value of its tag %q is not known", v.Unread[0]))
	}
	slices.Sort(v.Parts)
	return complete(v, asset, messages, fixes)
}

// checkFlapping looks at the changes alone.
func (x *Index) checkFlapping(asset *inventory.Entry, _ inventory.Tags) rules.Verdict {
	v := rules.Verdict{Outcome: rules.Pass}
	var messages, fixes []string
	for _, f := range x.flapping[asset.ID] {
		v.Outcome, v.Parts = rules.Fail, append(v.Parts, f.key)
		messages = append(messages, fmt.Sprintf("tag %q changes back and forth: %s", f.key, sequence(f.values)))
		fixes = append(fixes, fmt.Sprintf("find out who else sets the tag %q", f.key))
	}
	slices.Sort(v.Parts)
	return complete(v, asset, messages, fixes)
}

func complete(v rules.Verdict, asset *inventory.Entry, messages, fixes []string) rules.Verdict {
	if v.Outcome != rules.Fail {
		return v
	}
	v.Message, v.Fix = strings.Join(messages, "; "), strings.Join(fixes, "; ")
	v.Created, v.Origin = asset.Created, asset.Origin
	v.Evidence = append(v.Evidence, rules.Reading(asset, "tags as read from source %s, scope %s", asset.Source, asset.Scope))
	return v
}

// shownValues is how many of the last values a message tells.
const shownValues = 6

func sequence(values []string) string {
	start := ""
	if n := len(values) - shownValues; n > 0 {
		values, start = values[n:], "… "
	}
	out := make([]string, len(values))
	for i, s := range values {
		out[i] = quoted(s)
	}
	return start + strings.Join(out, ", ")
}

func quoted(value string) string {
	switch value {
	case "":
		return "not there"
	case hidden:
		return "what it was (not shown)"
	}
	return strconv.Quote(value)
}

// wasEvidence tells of a tag that vanished, as remember reads it again.
func wasEvidence(l lost) string {
	value := strconv.Quote(l.was)
	if l.was == hidden {
		value = "not shown"
	}
	return fmt.Sprintf("the tag %q had the value: %s", l.key, value)
}

// remember takes over what was found to have vanished before, of the tags that still count.
func (x *Index) remember(previous []rules.Stored) {
	for i := range previous {
		f := &previous[i]
		if f.Rule != vanishedID || f.State == inventory.FindingResolved {
			continue
		}
		for _, p := range f.Parts {
			if x.spellings[p.Name] != nil {
				x.before[f.Asset.Key] = append(x.before[f.Asset.Key], lost{p.Name, wasOf(&f.Finding, p.Name)})
			}
		}
	}
}

// wasOf is the former value of a tag, by the evidence of the finding that told it first.
func wasOf(f *rules.Finding, key string) string {
	start := strings.TrimSuffix(wasEvidence(lost{key, ""}), `""`)
	for _, e := range f.Evidence {
		text, ok := strings.CutPrefix(e.Text, start)
		if value, err := strconv.Unquote(text); ok && err == nil {
			return value
		}
	}
	return hidden
}
