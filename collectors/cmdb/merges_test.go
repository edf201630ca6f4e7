package cmdb

import (
	"testing"

	"pgregory.net/rapid"
)

// TestMergeSweepIsWhatTheRangesSay looks at every cell of some rows, and at which ranges it is in.
func TestMergeSweepIsWhatTheRangesSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var merges []cellRange
		for range rapid.IntRange(0, 8).Draw(t, "ranges") {
			from := cell{rapid.IntRange(1, 9).Draw(t, "row"), rapid.IntRange(1, 9).Draw(t, "column")}
			merges = append(merges, cellRange{from, cell{from.row + rapid.IntRange(0, 4).Draw(t, "rows"), from.column + rapid.IntRange(0, 4).Draw(t, "columns")}})
		}
		columns := rapid.IntRange(1, 9).Draw(t, "width")
		sweep := newMergeSweep(merges, columns)
		for row := 1; row < 16; row += rapid.IntRange(1, 3).Draw(t, "step") {
			sweep.to(row)
			covers, widest := 0, 0
			for column := 1; column <= columns; column++ {
				covered := false
				for _, r := range merges {
					inside := row >= r.from.row && row <= r.to.row && column >= r.from.column && column <= r.to.column
					covered = covered || inside && (cell{row, column}) != r.from
				}
				if covered {
					covers++
				}
				if have := sweep.count[column-1] > 0; have != covered {
					t.Fatalf("row %d, column %d of %+v: covered %v, want %v", row, column, merges, have, covered)
				}
			}
			for _, r := range merges {
				if r.from.row == row {
					widest = max(widest, r.to.column-r.from.column+1)
				}
			}
			if sweep.covers != covers || sweep.widest != widest {
				t.Fatalf("row %d of %+v: %d cells and a range of %d, want %d and %d", row, merges, sweep.covers, sweep.widest, covers, widest)
			}
		}
	})
}
