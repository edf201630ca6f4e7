// Package markdownreport encodes a report as Markdown (https://github.github.com/gfm): a comment on a pull request, or the
// summary of a job of GitHub Actions. The two differ in how much they may hold. What does not fit is left out from the end,
// which is the mildest, and its number is said.
package markdownreport

import (
	"fmt"
	"io"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/rules"
)

// Marker is the first line: who finds a comment that begins with it may update that one instead of writing another.
const Marker = "<!-- muster:report -->"

// Kind is what the text is for.
type Kind int

// The kinds.
const (
	Comment Kind = iota // at most 65,536 characters, as GitHub takes in a comment
	Summary             // at most 1 MiB, as GitHub takes of a step
)

const (
	commentLimit = 65_536
	summaryLimit = 1 << 20
	// footer is room for the line that says what was left out.
	footer = 300
	// maxLine is how much of a reason or gap is shown: with every sign escaped, ten of each still leave room for findings.
	maxLine = 300
)

// Encoder writes one text.
type Encoder struct {
	kind  Kind
	files ci.Files
}

var _ report.Encoder = (*Encoder)(nil)

// New returns an encoder that names the place of findings in files.
func New(kind Kind, files ci.Files) *Encoder { return &Encoder{kind: kind, files: files} }

// Format returns the id "markdown" or "github-summary".
func (e *Encoder) Format() report.Format {
	f := report.Format{ID: "markdown", Extension: ".md", MediaType: "text/markdown; charset=utf-8"}
	if e.kind == Summary {
		f.ID = "github-summary"
	}
	return f
}

func (e *Encoder) limit() int {
	if e.kind == Summary {
		return summaryLimit
	}
	return commentLimit
}

// Encode writes the gate, the counts, what is unknown, and the findings: new ones first.
func (e *Encoder) Encode(w io.Writer, r *report.Report) error {
	p := &page{limit: e.limit()}
	p.line(Marker)
	p.gate(r)
	p.counts(r)
	p.gaps(r, e.limit()/6000)
	left := e.findings(p, r)
	if left > 0 {
		p.line("")
		p.line("**%s not shown here**: the text may hold %d characters. The HTML and JSON reports have all.", ci.Count(left, "finding"), p.limit)
	}
	if _, err := w.Write(p.text); err != nil {
		return fmt.Errorf("write %s report: %w", e.Format().ID, err)
	}
	return nil
}

// findings writes the tables and returns how many findings there was no room for.
func (e *Encoder) findings(p *page, r *report.Report) int {
	left := 0
	for _, table := range []struct {
		title string
		state inventory.FindingState
	}{{"New", inventory.FindingNew}, {"Open", inventory.FindingOpen}} {
		n, shown := 0, 0
		for f := range ci.Open(r) {
			if (f.State == inventory.FindingNew) == (table.state == inventory.FindingNew) {
				n++
			}
		}
		if n == 0 {
			continue
		}
		head := fmt.Sprintf("\n### %s findings: %d\n\n| severity | what | rule | why | where |\n|---|---|---|---|---|\n", table.title, n)
		for f := range ci.Open(r) {
			if (f.State == inventory.FindingNew) != (table.state == inventory.FindingNew) {
				continue
			}
			row := head + e.row(f)
			if left > 0 || !p.fits(len(row)+footer) {
				break // what is milder is not shown in place of what is worse
			}
			p.raw(row)
			head = ""
			shown++
		}
		left += n - shown
	}
	return left
}

func (e *Encoder) row(f *rules.Finding) string {
	what := code(f.Asset.Name, ci.MaxName)
	if what == "" {
		what = code(f.Asset.Key, ci.MaxName)
	}
	if typ := code(f.Asset.Type, 100); typ != "" {
		what += " " + typ
	}
	why := code(f.Message, 500)
	if !f.Confirmed {
		why += " (could not be judged again)"
	}
	if f.Owner != "" {
		why += " owner " + code(f.Owner, 100)
	}
	where := ""
	if p := e.files.Of(f); p.File != "" && f.Origin.File != "" {
		where = p.File
		if p.Line > 0 {
			where += fmt.Sprintf(":%d", p.Line)
		}
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s |\n", f.Severity, what, code(f.Rule, ci.MaxName), why, code(where, 300))
}
