package cmdb

import (
	"bytes"
	"slices"
	"strings"
)

// footerSize is how many bytes may follow the last row, all of them blank.
const footerSize = 1 << 10

// stoppedText is what a well-known register writes in place of the rows that it leaves out.
const stoppedText = "export stopped due to excessive size"

// footer reports whether the row is the file's last one and no asset.
func (rs *rows) footer(width int) bool {
	if !rs.atEnd() {
		return false
	}
	sum, stopped := rs.row.footer(width)
	if sum {
		rs.footers++
	}
	rs.stopped = rs.stopped || stopped
	return sum || stopped
}

// footer reports whether a last row sums up the others, so that it is no asset: it begins with a word such as "Total", holds
// only numbers besides, and leaves about half of the columns empty. One that is stopped says that rows are left out.
func (r *row) footer(width int) (sum, stopped bool) {
	first, filled, amounts := "", 0, true
	for i := range r.cells {
		cell := string(r.cell(i))
		switch {
		case cell == "":
			continue
		case first == "":
			first = strings.ToLower(cell)
		case !isAmount(cell):
			amounts = false
		}
		filled++
	}
	if filled == 1 && strings.HasPrefix(first, stoppedText) {
		return false, true
	}
	if width < 2 || !amounts || len(r.cells) >= width && 2*filled > width+1 {
		return false, false
	}
	return isSum(first), false
}

// atEnd reports whether nothing but blank rows follows.
func (rs *rows) atEnd() bool {
	if rs.r.Buffered() > footerSize {
		return false
	}
	rs.kept = append(rs.kept[:0], rs.row.text...) // the row may be in the buffer that is filled now
	rs.row.text = rs.kept
	rest, err := rs.r.Peek(footerSize + 1)
	return err != nil && len(bytes.Trim(rest, string([]byte{rs.delimiter, ' ', '\r', '\n'}))) == 0
}

// isAmount reports whether a cell holds a number, with or without a currency or a percent sign.
func isAmount(s string) bool {
	return strings.ContainsAny(s, "0123456789") && strings.Trim(s, "0123456789.,' \u00a0+-€$£%") == ""
}

// isSum reports whether a text in lower case is what sums are called, or a number of rows: "total", "total: 17", "17 rows".
func isSum(s string) bool {
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \u00a0:=#().,'", r) })
	counted, named := false, false
	for _, w := range words {
		switch {
		case isAmount(w):
			counted = true
		case slices.Contains(sumWords(), w):
			named = true
		case !slices.Contains(rowWords(), w):
			return false
		}
	}
	return named || counted && len(words) > 1
}

func sumWords() []string {
	return []string{"total", "totals", "subtotal", "sum", "count", "summe", "gesamt", "gesamtsumme", "gesamtanzahl", "anzahl"}
}

func rowWords() []string {
	return []string{"grand", "of", "row", "rows", "s", "record", "records", "asset", "assets", "item", "items", "entries", "exported", "returned", "selected"}
}
