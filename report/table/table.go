// Package tablereport encodes a report for a person at a terminal: what the audit read, what it found, what it could
// not read, and, last, whether the gate passed and why.
//
// Names and messages come from strangers. Control and formatting characters never reach the terminal, and widths are
// counted in terminal cells, so that wide scripts keep their columns.
package tablereport

import (
	"bytes"
	"fmt"
	"io"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// Bounds of the options.
const (
	defaultWidth = 100
	minWidth     = 60
	defaultLimit = 50
)

// Options say how the report is laid out.
type Options struct {
	Width int  // terminal cells; 0 means 100, less than 60 means 60
	Color bool // use ANSI colours
	Limit int  // findings to show; 0 means 50, less than 0 all
}

// Encoder writes the report as text.
type Encoder struct{ options Options }

var _ report.Encoder = (*Encoder)(nil)

// New returns an encoder.
func New(o Options) *Encoder {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	o.Width = max(o.Width, minWidth)
	if o.Limit == 0 {
		o.Limit = defaultLimit
	}
	return &Encoder{options: o}
}

// Format returns the id "table".
func (*Encoder) Format() report.Format {
	return report.Format{ID: "table", Extension: ".txt", MediaType: "text/plain; charset=utf-8"}
}

// Encode writes the report. The gate stands in the last lines, where a person looks first.
func (e *Encoder) Encode(w io.Writer, r *report.Report) error {
	p := &page{style: style{on: e.options.Color}, width: e.options.Width, limit: e.options.Limit}
	p.header(r)
	if err := p.findings(r); err != nil {
		return fmt.Errorf("encode report as table: %w", err)
	}
	if err := p.scopes(r); err != nil {
		return fmt.Errorf("encode report as table: %w", err)
	}
	p.gate(r)
	if _, err := w.Write(p.out.Bytes()); err != nil {
		return fmt.Errorf("write table report: %w", err)
	}
	return nil
}

// page is the text as it grows. It is bounded by the limits on findings and scopes, so it is kept whole.
type page struct {
	out   bytes.Buffer
	style style
	width int
	limit int
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(&p.out, format+"\n", args...) }

// wrapped writes text at an indent; lines after the first stand under it.
func (p *page) wrapped(first, rest, text string) {
	for i, l := range wrap(text, p.width-cells(rest)) {
		if i == 0 {
			p.line("%s%s", first, l)
			continue
		}
		p.line("%s%s", rest, l)
	}
}

func (p *page) gate(r *report.Report) {
	p.line("")
	if len(r.Findings) > 0 {
		p.line("%s", p.style.faint("Why one of them is there: muster why KEY. All of it to click through: muster report --format html"))
		p.line("")
	}
	word, paint := "FAILED", p.style.bad
	switch {
	case r.Gate.Passed:
		word, paint = "PASSED", p.style.good
	case r.Gate.ExitCode == 3:
		word, paint = "INCOMPLETE", p.style.warn
	}
	p.line("%s (exit code %d)", paint(word), r.Gate.ExitCode)
	for _, reason := range r.Gate.Reasons {
		p.wrapped("  - ", "    ", clean(reason))
	}
}

// unresolved returns the new and open findings, and those that this scan resolved.
func unresolved(r *report.Report) (open, resolved []*rules.Finding) {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.State == inventory.FindingResolved {
			resolved = append(resolved, f)
		} else {
			open = append(open, f)
		}
	}
	return open, resolved
}
