package tablereport

import (
	"cmp"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
)

// maxScopes is how many scopes that were not read are named.
const maxScopes = 20

func (p *page) scopes(r *report.Report) error {
	var unread []*report.Scope
	for i := range r.Scopes {
		if s := &r.Scopes[i]; s.State == inventory.RunFailed || s.State == inventory.RunPartial {
			unread = append(unread, s)
		}
	}
	if len(unread) == 0 {
		p.skipped(r)
		return nil
	}
	p.line("")
	p.line("%s", p.style.warn("NOT READ WHOLE: "+number(len(unread))+" of "+plural(len(r.Scopes), "scope")+
		". What they hold is unknown, not missing."))
	g := grid{header: []string{"STATE", "SOURCE", "SCOPE", "WHY", "LAST READ"}, widths: []int{7, 12, 34, 0, 10}}
	g.fit(p.width)
	for _, s := range unread[:min(len(unread), maxScopes)] {
		g.rows = append(g.rows, p.scopeCells(s, &g))
	}
	if err := p.table(&g); err != nil {
		return err
	}
	if more := len(unread) - maxScopes; more > 0 {
		p.line("and %s more: muster report --format csv --output FOLDER", number(more))
	}
	p.skipped(r)
	return nil
}

func (p *page) scopeCells(s *report.Scope, g *grid) []string {
	last := "never"
	if s.LastOK != nil {
		last = s.LastOK.UTC().Format("2006-01-02")
	}
	why := cmp.Or(clean(s.Error), clean(string(s.Reason)))
	return []string{
		p.style.warn(clean(string(s.State))), lines(wrap(clean(s.Source), g.widths[1])), lines(wrap(clean(s.Scope), g.widths[2])),
		lines(capLines(wrap(why, g.widths[3]), maxWhatLines)), last,
	}
}

func (p *page) skipped(r *report.Report) {
	if n := r.Scan.Scopes.Skipped; n > 0 {
		p.line("")
		p.line("%s skipped on purpose: see scopes in muster report --format csv --output FOLDER", plural(n, "scope"))
	}
}
