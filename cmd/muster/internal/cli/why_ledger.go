package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
)

// ledgerPrinter writes how an asset was matched. What sources wrote is stripped of control characters line by line.
type ledgerPrinter struct {
	w      io.Writer
	width  int           // of the terminal; 0 if there is none, where lines are as long as they are
	number map[int64]int // of each member, as the list of them shows it
}

func (p *ledgerPrinter) line(format string, args ...any) {
	fmt.Fprintln(p.w, present.Wrap(present.Clean(fmt.Sprintf(format, args...)), p.width))
}

// explain prints to a terminal of a width, or to none.
func explain(w io.Writer, width int, x wire.Explanation) {
	p := &ledgerPrinter{w, width, map[int64]int{}}
	p.line("%s  %s", x.Entry.Type, x.Entry.Key)
	p.members(x.Members)
	p.links(x.Ledger.Links)
	p.candidates(x.Ledger.Candidates)
	p.decoded(x.Ledger.Decoded)
	p.ignored(x.Ledger.Ignored)
	p.owner(x.Owner)
	explainRules(p, x.Rules)
}

func (p *ledgerPrinter) members(list []*inventory.Entry) {
	fmt.Fprintln(p.w, "\nIn the books:")
	for i, m := range list {
		p.number[m.ID] = i + 1
		where := place(m.Origin)
		if where == "" {
			where = m.Scope
		}
		p.line("  [%d] %-9s %s  (source %s, %s)", i+1, m.Book, m.Key, m.Source, where)
	}
}

func (p *ledgerPrinter) links(list []link.Link) {
	fmt.Fprintln(p.w, "\nMatched by:")
	for _, l := range list {
		p.line("  [%d] and [%d]: the same %s, %s%s", p.number[l.Asset.ID], p.number[l.To.ID], l.By, l.Value, written(l.Value, l.Written))
		p.checks(l.Checks, l.By)
	}
	if len(list) == 0 {
		fmt.Fprintln(p.w, "  nothing: no other asset shares a strong enough identifier")
	}
}

// written tells what the sources wrote, where that is not what was compared.
func written(value string, w link.Written) string {
	switch {
	case w.Here == value && w.There == value || w.Here == "" && w.There == "":
		return ""
	case w.Here == w.There:
		return fmt.Sprintf(" (written %q)", w.Here)
	}
	return fmt.Sprintf(" (written %q and %q)", w.There, w.Here)
}

// checks tells what could have kept two assets apart, but for what they share.
func (p *ledgerPrinter) checks(list []link.Check, shared link.Rule) {
	for _, c := range list {
		switch c.State {
		case link.CheckSame:
			if c.Rule == shared {
				continue
			}
			p.line("      veto? %s: the same", c.Rule)
		case link.CheckOneSide:
			p.line("      veto? %s: only one of them has one", c.Rule)
		case link.CheckDiffers:
			end := ""
			if c.Overruled {
				end = ", which is weaker than what they share"
			}
			if c.Typo {
				end += ": a typo?"
			}
			p.line("      veto? %s: %s against %s%s", c.Rule, strings.Join(c.Here, ", "), strings.Join(c.There, ", "), end)
		}
	}
}

// candidates lists what was not linked, the runner-up first and with all that was held against it.
func (p *ledgerPrinter) candidates(list []link.Candidate) {
	for i, c := range list {
		reason := c.Reason
		typo := slices.ContainsFunc(c.Checks, func(c link.Check) bool { return c.Typo && !c.Overruled })
		switch {
		case c.Replaced && typo:
			reason = "replaced, or mistyped: " + reason
		case c.Replaced:
			reason = "replaced: " + reason
		}
		p.line("  not with %s, which has the same %s, %s%s: %s", party(c.Asset), c.By, c.Value, written(c.Value, c.Written), reason)
		if i == 0 {
			p.checks(c.Checks, c.By)
		}
	}
}

func (p *ledgerPrinter) decoded(list []link.Decoded) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(p.w, "\nDecoded:")
	for _, d := range list {
		what := d.Note
		if d.Kind != "" {
			what = fmt.Sprintf("%s: %s %s", d.Note, d.Kind, d.Value)
		}
		p.line("  [%d] %s %s %s", p.number[d.Asset.ID], d.From, d.Written, what)
		for _, a := range d.Agrees {
			p.line("      [%d] has it too", p.number[a.ID])
		}
		for _, c := range d.Contradicts {
			p.line("      [%d] has %s instead%s", p.number[c.Asset.ID], c.Value, typo(c))
		}
		if d.Caution != "" {
			p.line("      %s", d.Caution)
		}
	}
}

func typo(c link.Contradiction) string {
	if c.Typo {
		return ": a typo?"
	}
	return ": another board, or another machine's number?"
}

func (p *ledgerPrinter) ignored(list []link.Ignored) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(p.w, "\nIgnored:")
	for _, i := range list {
		p.line("  [%d] %s %q: %s", p.number[i.Asset.ID], i.Kind, i.Value, i.Reason)
	}
}

// party names an asset in a sentence: its key alone is that of its counterpart too, where both know it.
func party(p link.Party) string { return fmt.Sprintf("%s %s of %s", p.Book, p.Key, p.Source) }
