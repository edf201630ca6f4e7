package cli

import (
	"fmt"

	"github.com/muster-audit/muster/rules/owner"
)

// owner tells who answers for a thing, how sure that is, and what each link of the policy's chain says.
func (p *ledgerPrinter) owner(x owner.Explanation) {
	if len(x.Steps) == 0 {
		return
	}
	fmt.Fprintln(p.w, "\nOwner:")
	p.line("  %s", ownerText(x))
	if x.Hint != "" {
		p.line("  a later link would say %s", x.Hint)
	}
	width := 0
	for _, s := range x.Steps {
		width = max(width, len(s.Link))
	}
	for _, s := range x.Steps {
		p.line("  %-*s  %s", width, s.Link, stepText(s))
	}
}

func stepText(s owner.Step) string {
	if s.Owner != "" {
		return s.Owner + ": " + s.Text
	}
	return s.Outcome + ": " + s.Text
}

// ownerText says in a line who answers for a thing, or why nobody can tell.
func ownerText(x owner.Explanation) string {
	switch {
	case x.Unknown != "":
		return "unknown: " + x.Unknown
	case x.Owner == "":
		return "nobody"
	case x.Confidence == "":
		return x.Owner
	}
	return fmt.Sprintf("%s (%s confidence)", x.Owner, x.Confidence)
}

// told is nil for an explanation that asked nobody.
func told(x *owner.Explanation) *owner.Explanation {
	if len(x.Steps) == 0 {
		return nil
	}
	return x
}
