package sheet

import (
	"slices"
	"time"

	"github.com/muster-audit/muster/rules"
)

// whoColumns tell who changed, made or deleted what a finding is about, as an activity log has it.
func whoColumns() []Column {
	return slices.Concat(texts("changed_by"), columns(Moment, "changed_at"), texts("changed_action", "changed_via"))
}

// appendWho adds the cells of whoColumns, which are empty where no log tells.
func appendWho(row []Cell, w *rules.Who) []Cell {
	if w == nil {
		return append(row, TextCell(""), MomentCell(time.Time{}), TextCell(""), TextCell(""))
	}
	return append(row, TextCell(w.Actor), MomentCell(w.At), TextCell(w.Action), TextCell(w.Via))
}
