package xlsxreport

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/sheet"
)

// maxUnknown is how many lines about unknown verdicts the summary has.
const maxUnknown = 1000

// lines are the rows of the summary: what they are about, an item, its value, and what to know of it.
type lines struct {
	rows  [][]sheet.Cell
	links map[int]string // sheets that the items of rows lead to, by index
}

func (l *lines) add(about, item string, value sheet.Cell, note string) {
	l.rows = append(l.rows, []sheet.Cell{sheet.TextCell(about), sheet.TextCell(item), value, sheet.TextCell(note)})
}

// summary writes the first sheet: the verdict, what it rests on, and where to go on.
func (b *book) summary(r *report.Report, parts []part) error {
	var columns []sheet.Column
	for _, name := range []string{"about", "item", "value", "note"} {
		columns = append(columns, sheet.Column{Name: name, Kind: sheet.Text})
	}
	p, err := b.page(summaryTitle, columns)
	if err != nil {
		return err
	}
	l := &lines{links: map[int]string{}}
	l.fill(r, parts)
	for i, row := range l.rows {
		p.fill(row)
		if title, ok := l.links[i]; ok {
			if err := p.link(title); err != nil {
				return fmt.Errorf("link sheet %q: %w", title, err)
			}
		}
		if err := p.put(); err != nil {
			return err
		}
	}
	return p.finish()
}

// link makes the item of the row that comes next lead to another sheet of the workbook.
func (p *page) link(title string) error {
	p.values[1] = excelize.Cell{StyleID: p.book.styles.link, Value: title}
	cell, at := fmt.Sprintf("B%d", p.rows+1), fmt.Sprintf("'%s'!A1", title)
	return p.book.file.SetCellHyperLink(p.title, cell, at, "Location")
}

func (l *lines) fill(r *report.Report, parts []part) {
	if d := r.Division; d != nil {
		l.division(d)
	}
	l.gate(r)
	l.scan(r)
	l.numbers(&r.Summary)
	if r.Division == nil || r.Division.Group == nil {
		l.coverage(&r.Summary)
	}
	for _, p := range parts {
		l.links[len(l.rows)] = p.title
		l.add("sheet", p.title, sheet.NumberCell(p.rows), "rows")
	}
	l.unknown(r.Unknown)
}

func (l *lines) division(d *report.Division) {
	if d.Group == nil {
		l.add("group", "by", sheet.TextCell(d.By), "The sheet Groups says which file each group has.")
		return
	}
	l.add("group", "by", sheet.TextCell(d.By), "This workbook holds one group. Gate and scan are those of the whole estate.")
	notes := map[report.GroupKind]string{
		report.GroupNone:    "Known to have none, or about no asset.",
		report.GroupUnknown: "What decides could not be read.",
	}
	l.add("group", string(d.Group.Kind), sheet.TextCell(d.Group.Value), notes[d.Group.Kind])
}

func (l *lines) gate(r *report.Report) {
	verdict := "failed"
	if r.Gate.Passed {
		verdict = "passed"
	}
	l.add("gate", "verdict", sheet.TextCell(verdict), "")
	l.add("gate", "exit code", sheet.NumberCell(r.Gate.ExitCode), "")
	for _, reason := range r.Gate.Reasons {
		l.add("gate", "reason", sheet.Cell{}, reason)
	}
}

func (l *lines) scan(r *report.Report) {
	s := &r.Scan
	l.add("scan", "number", sheet.NumberCell(s.ID), "")
	l.add("scan", "started", sheet.MomentCell(s.Started), "All times are UTC.")
	l.add("scan", "finished", sheet.MomentCell(s.Finished), "")
	complete := "Everything was read."
	if !s.Complete {
		complete = "What was not read is unknown: nothing here calls it missing, untagged or deleted."
	}
	l.add("scan", "complete", sheet.TruthCell(s.Complete), complete)
	l.add("scopes", "ok", sheet.NumberCell(s.Scopes.OK), "")
	l.add("scopes", "partial", sheet.NumberCell(s.Scopes.Partial), "")
	l.add("scopes", "failed", sheet.NumberCell(s.Scopes.Failed), "")
	l.add("scopes", "skipped", sheet.NumberCell(s.Scopes.Skipped), "")
	l.add("made by", r.Tool.Name, sheet.TextCell(r.Tool.Version), "")
	l.add("digest", "config", sheet.TextCell(r.Digests.Config), "")
	l.add("digest", "policy", sheet.TextCell(r.Digests.Policy), "")
}

func (l *lines) numbers(s *report.Summary) {
	f := &s.Findings
	for _, n := range []struct {
		item  string
		count int
	}{{"critical", f.Critical}, {"high", f.High}, {"medium", f.Medium}, {"low", f.Low}, {"info", f.Info}} {
		l.add("findings", n.item, sheet.NumberCell(n.count), "new and open")
	}
	l.add("findings", "new", sheet.NumberCell(s.New), "of those above")
	l.add("findings", "resolved", sheet.NumberCell(s.Resolved), "in this scan")
	l.add("findings", "accepted", sheet.NumberCell(s.Accepted), "count for nothing")
	l.add("assets", "observed", sheet.NumberCell(s.Assets.Observed), "")
	l.add("assets", "recorded", sheet.NumberCell(s.Assets.Recorded), "")
	l.add("assets", "declared", sheet.NumberCell(s.Assets.Declared), "")
}

func (l *lines) coverage(s *report.Summary) {
	l.add("assets", "entities", sheet.NumberCell(s.Entities), "real things, in one book or more")
	for _, c := range []struct {
		about            string
		known, low, high *float64
	}{{"tag coverage", s.TagCoverage, s.TagMin, s.TagMax}, {"code coverage", s.IaCCoverage, s.IaCMin, s.IaCMax}} {
		note := ""
		if c.known == nil {
			note = "nothing to measure"
		}
		l.add(c.about, "known", sheet.FractionCell(c.known), note)
		l.add(c.about, "at least", sheet.FractionCell(c.low), "if all that is unknown failed")
		l.add(c.about, "at most", sheet.FractionCell(c.high), "if all that is unknown passed")
	}
	l.add("unknown", "all rules", sheet.NumberCell(s.Unknown), "pairs of entity and rule that could not be judged")
}

func (l *lines) unknown(list []report.UnknownCount) {
	for i := range list {
		if i == maxUnknown {
			l.add("unknown", "more", sheet.NumberCell(len(list)-i), "lines; the JSON report has them")
			return
		}
		u := &list[i]
		l.add("unknown", u.Rule, sheet.NumberCell(u.Entities), u.Reason)
	}
}
