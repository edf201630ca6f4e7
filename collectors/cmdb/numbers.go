package cmdb

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// appendNumber appends a number as people write it, 12345678901 and not 1.2345678901E+10, or the date or time that it stands for. What
// is no number is appended as it is.
func (f cellFormat) appendNumber(dst, value []byte) []byte {
	value = bytes.TrimSpace(value)
	whole, ok := decimal(value)
	if !ok {
		return append(dst, value...)
	}
	switch f.shown {
	case shownPlain:
		return appendPlain(dst, value, whole)
	case shownPadded:
		return f.appendPadded(dst, value, whole)
	}
	n, err := strconv.ParseFloat(string(value), 64)
	if err != nil || n < 0 || n >= f.afterLastDay() {
		return appendPlain(dst, value, whole)
	}
	return f.appendDay(dst, n)
}

// decimal reports whether a text is a number, and whether that is one of digits alone.
func decimal(b []byte) (whole, ok bool) {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	before, rest := digits(b)
	if len(rest) == 0 {
		return before > 0, before > 0
	}
	after := 0
	if rest[0] == '.' {
		after, rest = digits(rest[1:])
	}
	if before+after == 0 {
		return false, false
	}
	if len(rest) > 0 && rest[0]|0x20 == 'e' {
		if rest = rest[1:]; len(rest) > 0 && (rest[0] == '-' || rest[0] == '+') {
			rest = rest[1:]
		}
		var n int
		if n, rest = digits(rest); n == 0 {
			return false, false
		}
	}
	return false, len(rest) == 0
}

// digits counts those that a text begins with.
func digits(b []byte) (n int, rest []byte) {
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return n, b[n:]
}

// appendPlain appends a number. One of digits alone is exact, however long; others have the 15 digits of a spreadsheet's numbers, which
// are fewer than those that are stored.
func appendPlain(dst, value []byte, whole bool) []byte {
	const exact = 15
	if whole {
		if value[0] == '-' {
			dst = append(dst, '-')
		}
		return append(dst, unpadded(value)...)
	}
	n, err := strconv.ParseFloat(string(value), 64)
	if err != nil {
		return append(dst, value...)
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, n, 'f', -1, 64)
	if len(dst)-from-bytes.Count(dst[from:], []byte(".")) > exact {
		dst = strconv.AppendFloat(dst[:from], n, 'G', exact, 64)
	}
	return dst
}

// unpadded is a whole number without its sign and the zeros in front.
func unpadded(value []byte) []byte {
	value = bytes.TrimLeft(value, "+-")
	return value[min(len(value)-1, len(value)-len(bytes.TrimLeft(value, "0"))):]
}

// appendPadded appends a number with zeros in front. Its format rounds what is behind the point.
func (f cellFormat) appendPadded(dst, value []byte, whole bool) []byte {
	negative := value[0] == '-' && len(bytes.Trim(value, "-0")) > 0
	if !whole {
		n, err := strconv.ParseFloat(string(value), 64)
		if err != nil || math.Abs(n) >= 1e15 {
			return appendPlain(dst, value, whole)
		}
		negative = n < 0
		value = strconv.AppendFloat(nil, math.Round(math.Abs(n)), 'f', 0, 64)
	}
	if negative {
		dst = append(dst, '-')
	}
	value = unpadded(value)
	dst = append(dst, strings.Repeat("0", max(0, f.digits-len(value)))...)
	return append(dst, value...)
}

// afterLastDay is the day after 9999-12-31, the last that a spreadsheet can show.
func (f cellFormat) afterLastDay() float64 {
	const after1900, after1904 = 2_958_466, 2_957_004
	if f.date1904 {
		return after1904
	}
	return after1900
}

// appendDay appends a date or time that is a number of days. Two dates of 1900 are none, as spreadsheets show them: its day 0, which is
// what an empty date is, and February 29.
func (f cellFormat) appendDay(dst []byte, n float64) []byte {
	t, err := excelize.ExcelDateToTime(n, f.date1904)
	if err != nil {
		return strconv.AppendFloat(dst, n, 'f', -1, 64)
	}
	t = t.Round(time.Second)
	from := len(dst)
	dst = f.appendTime(dst, t)
	if date := ""; !f.date1904 && f.shown != shownTime {
		switch {
		case n < 1:
			date = "1900-01-00"
		case n >= 60 && n < 61:
			date = "1900-02-29"
		default:
			return dst
		}
		copy(dst[from:], date)
	}
	return dst
}

func (f cellFormat) appendTime(dst []byte, t time.Time) []byte {
	switch f.shown {
	case shownDate:
		return t.AppendFormat(dst, time.DateOnly)
	case shownTime:
		return t.AppendFormat(dst, time.TimeOnly)
	}
	return t.AppendFormat(dst, time.DateTime)
}

// appendDate appends a date or time that is written as of ISO 8601.
func (f cellFormat) appendDate(dst, value []byte) []byte {
	text := string(bytes.TrimSpace(value))
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "20060102T150405Z07:00", "20060102T150405"} {
		if t, err := time.Parse(layout, text); err == nil {
			return f.appendTime(dst, t.UTC())
		}
	}
	return append(dst, text...)
}
