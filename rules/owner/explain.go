package owner

import (
	"fmt"
	"strings"

	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/expr"
)

// Explanation tells how the owner of an entity was found, or what stood in the way.
type Explanation struct {
	Owner    string           `json:"owner"`             // empty if nobody answers for it, or nobody can tell
	Unknown  string           `json:"unknown,omitempty"` // why nobody can tell
	Evidence []rules.Evidence `json:"evidence"`          // what it rests on
	// Confidence is empty if there is no owner, or the policy has no chain.
	Confidence rules.Confidence `json:"confidence,omitempty"`
	Link       Link             `json:"link,omitempty"` // that decided
	// Hint is whom a later link names, where an earlier one could not be read.
	Hint string `json:"hint,omitempty"`
	// Steps are all links of the chain, those too that were not needed.
	Steps []Step `json:"steps"`
}

// Step is what one link says.
type Step struct {
	Link    Link   `json:"link"`
	Outcome string `json:"outcome"` // "names", "nobody" or "unknown"
	Owner   string `json:"owner,omitempty"`
	Text    string `json:"text"`
}

// Explain asks every link of an entity.
func (c *Chain) Explain(e *rules.Entity) Explanation {
	a, by := c.ask(e)
	told := a.owner()
	x := Explanation{Owner: told.Name, Unknown: told.Unknown, Confidence: told.Confidence, Link: by, Evidence: []rules.Evidence{}}
	after := false
	for _, l := range c.links {
		step := l.ask(e)
		s := Step{Link: l.name, Outcome: outcomes()[step.state], Text: c.text(l.name, &step)}
		if step.state == expr.Yes {
			s.Owner = step.name
		}
		x.Steps = append(x.Steps, s)
		if after && x.Unknown != "" && x.Hint == "" && step.state == expr.Yes {
			x.Hint = fmt.Sprintf("%s: %s", step.name, s.Text)
		}
		if l.name == by && step.state == expr.Yes {
			x.Evidence = append(x.Evidence, c.evidence(s.Text, &step)...)
		}
		after = after || l.name == by
	}
	return x
}

func outcomes() map[expr.Truth]string {
	return map[expr.Truth]string{expr.Yes: "names", expr.No: "nobody", expr.Unknown: "unknown"}
}

func (c *Chain) evidence(text string, a *answer) []rules.Evidence {
	list := []rules.Evidence{rules.Note("%s", text)}
	if a.entry != nil {
		list[0] = rules.Reading(a.entry, "%s", text)
	}
	return append(list, a.found.Evidence()...)
}

// text says in a line what a link found, or why it found nothing.
func (c *Chain) text(by Link, a *answer) string {
	switch a.state {
	case expr.Unknown:
		if a.found.Why != "" {
			return a.why + ": " + a.found.Why
		}
		return a.why
	case expr.No:
		return c.none(by)
	}
	text := ""
	switch by {
	case ByTag:
		text = fmt.Sprintf("the tag %q of %s says so", a.key, a.entry.Key)
	case ByInherited:
		text = fmt.Sprintf("inherited: %s, by its tag %q", a.found.Path(), a.key)
	case ByStack:
		text = fmt.Sprintf("the stack or file %s is theirs (%s)", a.about, a.item.By)
	case ByAccount:
		text = fmt.Sprintf("the account %s is theirs (%s)", a.about, a.item.By)
	case ByCodeowners:
		text = fmt.Sprintf("%s:%d gives %s to %s", c.policy.Codeowners.Name, a.match.Line, a.about, strings.Join(a.match.Owners, ", "))
		if a.match.Section != "" {
			text += " (section " + a.match.Section + ")"
		}
	case ByRegister:
		text = fmt.Sprintf("the register %s says so in %s of %s", a.entry.Source, a.key, a.entry.Key)
	}
	if a.earlier {
		text += "; that was read by an earlier scan, and could not be read again"
	}
	return text
}

func (c *Chain) none(by Link) string {
	switch by {
	case ByTag:
		return "it has none of the tags " + strings.Join(c.tags, ", ")
	case ByInherited:
		return "nothing that it belongs to has such a tag"
	case ByStack:
		return "no item of owner.stacks speaks of it"
	case ByAccount:
		return "no item of owner.accounts speaks of it"
	case ByCodeowners:
		return "no file of the repository that has an owner declares it"
	}
	return fmt.Sprintf("no register names an owner in %q", c.policy.Column)
}
