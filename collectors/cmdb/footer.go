package cmdb

import (
	"bytes"
	"slices"
	"strings"
)

// footerSize is how many bytes may follow the last row, all of them blank.
const footerSize = 1 << 10

// stopped is what a well-known register writes in place of the rows that it leaves out.
const stopped = "export stopped due to excessive size"

// footer reports whether the row is the file's last one and sums up the others, so that it is no asset: it begins with a word
// such as "Total", holds only numbers besides, and leaves about half of the columns empty.
func (rs *rows) footer(width int) bool {
	if width < 2 || !rs.atEnd() {
		return false
	}
	first, filled := "", 0
	for i := range rs.row.cells {
		cell := string(rs.row.cell(i))
		switch {
		case cell == "":
			continue
		case first == "":
			first = strings.ToLower(cell)
		case !isAmount(cell):
			return false
		}
		filled++
	}
	if len(rs.row.cells) >= width && 2*filled > width+1 {
		return false
	}
	rs.stopped = rs.stopped || strings.HasPrefix(first, stopped)
	return isSum(first)
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
