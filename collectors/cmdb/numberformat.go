package cmdb

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// Numbers of the formats that cells are shown in.
const (
	showRaw      = 9999 // one that there is not: the cell as it is, without rounding, currency or separators
	showDate     = 9000
	showDateTime = 9001
	showTime     = 9002
	showPadded   = 9100 // and those above it
)

// plainFormats replaces the number formats of a workbook, so that its cells read the same wherever it was made: dates and times
// as of ISO 8601, and numbers plain. Leading zeros that a format adds stay, since people read them as part of the number.
func plainFormats(f *excelize.File) {
	s := f.Styles
	if s == nil || s.CellXfs == nil {
		return
	}
	codes, own := map[int]string{}, map[int]string{}
	if s.NumFmts != nil {
		for _, n := range s.NumFmts.NumFmt {
			codes[n.NumFmtID] = n.FormatCode
		}
	}
	for i := range s.CellXfs.Xf {
		id := 0
		if p := s.CellXfs.Xf[i].NumFmtID; p != nil {
			id = *p
		}
		shown := plainFormat(id, codes, own)
		s.CellXfs.Xf[i].NumFmtID = &shown
	}
	own[showDate], own[showDateTime], own[showTime] = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "hh:mm:ss"
	ensure(&s.NumFmts)
	s.NumFmts.NumFmt = s.NumFmts.NumFmt[:0]
	for id, code := range own {
		s.NumFmts.NumFmt = grown(s.NumFmts.NumFmt)
		n := s.NumFmts.NumFmt[len(s.NumFmts.NumFmt)-1]
		n.NumFmtID, n.FormatCode = id, code
	}
}

// ensure fills a pointer to a type that has no name here.
func ensure[T any](p **T) {
	if *p == nil {
		*p = new(T)
	}
}

// grown returns a list with a new element, of a type that has no name here.
func grown[T any](list []*T) []*T { return append(list, new(T)) }

// plainFormat returns the number of the format to show cells in that have the format id. codes are the workbook's own formats; own
// are added to as they are needed.
func plainFormat(id int, codes, own map[int]string) int {
	if code, ok := codes[id]; ok {
		switch date, time := dateParts(code); {
		case date && time:
			return showDateTime
		case date:
			return showDate
		case time:
			return showTime
		case len(code) > 1 && strings.Trim(code, "0") == "":
			own[showPadded+len(code)] = code
			return showPadded + len(code)
		}
		return showRaw
	}
	switch {
	case id == 22:
		return showDateTime
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 58:
		return showDate
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id >= 45 && id <= 47:
		return showTime
	}
	return showRaw
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
