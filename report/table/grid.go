package tablereport

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// gap is the space between two columns.
const gap = 2

// grid is a table whose cells are wrapped already. A width of 0 marks the column that takes what the others leave.
type grid struct {
	header []string
	widths []int
	rows   [][]string
}

// minColumn is the least width of the column that takes the rest; the others give way to it in proportion.
const minColumn = 24

func (g *grid) fit(total int) {
	fixed, rest := 0, 0
	for i, w := range g.widths {
		fixed += w
		if w == 0 {
			rest = i
		}
	}
	room := total - gap*(len(g.widths)-1)
	for fixed > room-minColumn {
		widest := 0
		for i, w := range g.widths {
			if w > g.widths[widest] {
				widest = i
			}
		}
		g.widths[widest]--
		fixed--
	}
	g.widths[rest] = room - fixed
}

func (p *page) table(g *grid) error {
	var b bytes.Buffer
	t := tablewriter.NewTable(&b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.LinesNone},
		})),
		tablewriter.WithPadding(tw.Padding{Right: strings.Repeat(" ", gap), Overwrite: true}),
		tablewriter.WithAlignment(tw.MakeAlign(len(g.header), tw.AlignLeft)),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithTrimSpace(tw.Off),
	)
	t.Header(g.header)
	for _, row := range g.rows {
		if err := t.Append(row); err != nil {
			return fmt.Errorf("add table row: %w", err)
		}
	}
	if err := t.Render(); err != nil {
		return fmt.Errorf("lay out table: %w", err)
	}
	for line := range strings.Lines(b.String()) {
		p.line("%s", strings.TrimRight(line, " \n"))
	}
	return nil
}
