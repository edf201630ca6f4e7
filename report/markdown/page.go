package markdownreport

import (
	"fmt"
	"math"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
)

// page is a text that may hold so many bytes.
type page struct {
	text  []byte
	limit int
}

func (p *page) raw(s string) { p.text = append(p.text, s...) }

func (p *page) fits(n int) bool { return len(p.text)+n <= p.limit }

func (p *page) line(format string, args ...any) { p.raw(fmt.Sprintf(format, args...) + "\n") }

func (p *page) gate(r *report.Report) {
	p.line("## muster: gate %s", ci.Verdict(&r.Gate))
	p.line("")
	for _, reason := range ci.Reasons(&r.Gate) {
		p.line("- %s", code(reason, maxLine))
	}
}

func (p *page) counts(r *report.Report) {
	s := &r.Summary
	p.line("")
	p.line("| critical | high | medium | low | info | new | resolved | accepted | unknown |")
	p.line("|---|---|---|---|---|---|---|---|---|")
	n := s.Findings
	p.line("| %d | %d | %d | %d | %d | %d | %d | %d | %d |", n.Critical, n.High, n.Medium, n.Low, n.Info, s.New, s.Resolved, s.Accepted, s.Unknown)
	p.line("")
	p.line("%s seen, %d in the register, %d in code. Tag coverage %s, code coverage %s. Scan %d of %s.",
		ci.Count(s.Assets.Observed, "asset"), s.Assets.Recorded, s.Assets.Declared,
		coverage(s.TagCoverage, s.TagMin, s.TagMax), coverage(s.IaCCoverage, s.IaCMin, s.IaCMax), r.Scan.ID, r.Scan.Started.UTC().Format("2006-01-02 15:04 UTC"))
}

// coverage is a share and, where something is unknown, what it could be.
func coverage(known, low, high *float64) string {
	switch {
	case known == nil && low != nil && high != nil && *low < *high:
		return "unknown"
	case known == nil:
		return "not measured"
	case low != nil && high != nil && percent(low) != percent(high):
		return fmt.Sprintf("%s (with what is unknown %s to %s)", percent(known), percent(low), percent(high))
	}
	return percent(known)
}

// percent rounds down, so that 99.96 % does not read as 100.0 %.
func percent(f *float64) string { return fmt.Sprintf("%.1f %%", math.Floor(*f*1000+1e-9)/10) }

// gaps lists what is neither passed nor failed, at most so many lines of it.
func (p *page) gaps(r *report.Report, most int) {
	list := ci.Gaps(r)
	if len(list) == 0 {
		return
	}
	p.line("")
	p.line("### Unknown")
	p.line("")
	for i, g := range list {
		if i == most {
			p.line("- and %s", ci.Count(len(list)-most, "more gap"))
			return
		}
		p.line("- %s", code(g.Text, maxLine))
	}
}
