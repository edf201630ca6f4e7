package cmdb

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// shown is what a number stands for, as its format shows it.
type shown byte

const (
	shownPlain shown = iota // without rounding, currency or separators
	shownDate
	shownDateTime
	shownTime
	shownPadded
)

// cellFormat is how a number is read: the same wherever the workbook was made, with dates and times as of ISO 8601, and numbers
// plain. Leading zeros that a format adds stay, since people read them as part of the number.
type cellFormat struct {
	shown
	digits   int  // of a padded number, at least
	date1904 bool // days are counted from 1904 on
}

// cellFormats are those of the styles of a workbook.
type cellFormats struct {
	date1904 bool
	styles   []cellFormat
}

// of returns the format of a style.
func (f *cellFormats) of(style int) cellFormat {
	if style < 0 || style >= len(f.styles) {
		return cellFormat{date1904: f.date1904}
	}
	return f.styles[style]
}

func newCellFormats(book *excelize.File) cellFormats {
	var f cellFormats
	if p := book.WorkBook.WorkbookPr; p != nil {
		f.date1904 = p.Date1904
	}
	s := book.Styles
	if s == nil || s.CellXfs == nil {
		return f
	}
	codes := map[int]string{}
	if s.NumFmts != nil {
		for _, n := range s.NumFmts.NumFmt {
			codes[n.NumFmtID] = n.FormatCode
		}
	}
	for _, xf := range s.CellXfs.Xf {
		c := cellFormat{date1904: f.date1904}
		if xf.NumFmtID != nil {
			c.shown, c.digits = formatOf(*xf.NumFmtID, codes)
		}
		f.styles = append(f.styles, c)
	}
	return f
}

// formatOf returns what the number format of an id shows. codes are the workbook's own formats.
func formatOf(id int, codes map[int]string) (s shown, digits int) {
	if code, ok := codes[id]; ok {
		switch date, time := dateParts(code); {
		case date && time:
			return shownDateTime, 0
		case date:
			return shownDate, 0
		case time:
			return shownTime, 0
		case len(code) > 1 && strings.Trim(code, "0") == "":
			return shownPadded, len(code)
		}
		return shownPlain, 0
	}
	switch {
	case id == 22:
		return shownDateTime, 0
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 58:
		return shownDate, 0
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47:
		return shownTime, 0
	}
	return shownPlain, 0
}

// dateParts reports whether a format shows a date, a time, or both: by its letters outside of quotes and brackets. "m" is a month,
// or minutes beside hours or seconds.
func dateParts(code string) (date, time bool) {
	code, _, _ = strings.Cut(strings.ToLower(code), ";")
	month := false
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			i = skipTo(code, i, '"')
		case '[': // a colour or a language, or hours that go on beyond a day
			end := skipTo(code, i, ']')
			time = time || end > i+1 && strings.Trim(code[i+1:end], "hms") == ""
			i = end
		case '\\', '_', '*': // makes the next sign plain
			i++
		case 'y', 'd':
			date = true
		case 'm':
			month = true
		case 'h', 's':
			time = true
		}
	}
	return date || month && !time, time
}

func skipTo(s string, i int, c byte) int {
	if n := strings.IndexByte(s[i+1:], c); n >= 0 {
		return i + 1 + n
	}
	return len(s)
}
