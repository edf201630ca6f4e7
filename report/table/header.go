package tablereport

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/muster-audit/muster/report"
)

func (p *page) header(r *report.Report) {
	title := fmt.Sprintf("muster audit: scan %d, %s UTC", r.Scan.ID, r.Scan.Started.UTC().Format("2006-01-02 15:04"))
	if took := r.Scan.Finished.Sub(r.Scan.Started); took > 0 {
		title += ", took " + took.Round(time.Second).String()
	}
	p.line("%s", p.style.strong(title))
	if n := r.Scan.Scopes; n.Failed+n.Partial > 0 {
		p.line("%s", p.style.warn(fmt.Sprintf("INCOMPLETE: %d of %s not read whole, see below",
			n.Failed+n.Partial, plural(n.OK+n.Partial+n.Failed+n.Skipped, "scope"))))
	}
	p.line("")
	s := &r.Summary
	p.line("  assets         %s observed, %s recorded, %s declared",
		number(s.Assets.Observed), number(s.Assets.Recorded), number(s.Assets.Declared))
	p.line("  books          %s", booksInWords(s))
	p.coverage("tag coverage", s.TagCoverage, s.TagMin, s.TagMax)
	p.coverage("code coverage", s.IaCCoverage, s.IaCMin, s.IaCMax)
	p.line("  findings       %s", p.severities(s.Findings))
	p.line("  changes        %s new, %s resolved, %s accepted, %s could not be judged",
		number(s.New), number(s.Resolved), number(s.Accepted), number(s.Unknown))
}

func booksInWords(s *report.Summary) string {
	var in [4]int
	for _, o := range s.Overlap {
		in[min(len(o.Books), 3)] += o.Entities
	}
	return fmt.Sprintf("%s: %s in all three, %s in two, %s in one",
		plural(s.Entities, "thing"), number(in[3]), number(in[2]), number(in[1]))
}

// barCells is the length of a coverage bar; one cell is 5 %.
const barCells = 20

func (p *page) coverage(name string, ratio, low, high *float64) {
	if ratio == nil {
		p.line("  %-14s nothing to measure", name)
		return
	}
	text := percent(*ratio)
	if low != nil && high != nil && *low != *high {
		text += fmt.Sprintf(" (%s to %s with what is unknown)", percent(*low), percent(*high))
	}
	// Only a whole one fills the bar: 99.9 % must not look like all.
	full := int(math.Floor(clamp(*ratio) * barCells))
	p.line("  %-14s %s%s %s", name, strings.Repeat("█", full), p.style.faint(strings.Repeat("░", barCells-full)), text)
}

func (p *page) severities(n report.SeverityCounts) string {
	var parts []string
	for _, c := range []struct {
		n     int
		name  string
		paint func(string) string
	}{
		{n.Critical, "critical", p.style.bad},
		{n.High, "high", p.style.bad},
		{n.Medium, "medium", p.style.warn},
		{n.Low, "low", p.style.strong},
		{n.Info, "info", p.style.strong},
	} {
		if c.n > 0 {
			parts = append(parts, c.paint(number(c.n)+" "+c.name))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

// percent rounds down, so that 99.96 % does not read as 100.0 %.
func percent(ratio float64) string { return fmt.Sprintf("%.1f %%", math.Floor(ratio*1000+1e-9)/10) }

func clamp(ratio float64) float64 { return min(max(ratio, 0), 1) }

func number(n int) string { return humanize.Comma(int64(n)) }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return number(n) + " " + noun + "s"
}
