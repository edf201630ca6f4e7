package xlsxreport

import (
	"fmt"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/report/sheet"
)

// value returns a cell as the library writes it: a string is a typed string, never a formula. Blank is nil. What a
// spreadsheet cannot hold exactly, a number of more than 15 digits or a time before its calendar, is text.
func value(c sheet.Cell) any {
	switch c.Kind {
	case sheet.Text:
		return cut(c.Text)
	case sheet.Number:
		if c.Number > -1e15 && c.Number < 1e15 {
			return c.Number
		}
	case sheet.Fraction:
		return c.Ratio
	case sheet.Moment:
		if !c.Time.Before(firstDate()) && c.Time.Year() < 10000 {
			return c.Time
		}
	case sheet.Truth:
		return c.True
	default:
		return nil
	}
	return c.String()
}

// firstDate is the first day that all spreadsheets number alike: they disagree on whether 1900 was a leap year.
func firstDate() time.Time { return time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC) }

// cut shortens text to what a cell can hold, which is counted in UTF-16, and then says so at its end.
func cut(s string) string {
	if len(s) <= excelize.TotalCellChars {
		return s
	}
	units := 0
	for _, r := range s {
		units += utf16.RuneLen(r)
	}
	if units <= excelize.TotalCellChars {
		return s
	}
	mark := fmt.Sprintf("… [cut: %d characters in all]", units)
	return head(s, excelize.TotalCellChars-len(utf16.Encode([]rune(mark)))) + mark
}

// head returns the first characters of a text, at most so many units of UTF-16.
func head(s string, units int) string {
	for i, r := range s {
		if units -= utf16.RuneLen(r); units < 0 {
			return s[:i]
		}
	}
	return s
}

// weight is about the number of bytes that a value takes in the XML of a sheet: never less than three quarters of them.
func weight(v any) int64 {
	if v == nil {
		return 0
	}
	const frame = 64 // <c r="AB1048576" s="12" t="inlineStr"><is><t></t></is></c>
	s, _ := v.(string)
	n := int64(frame + len(s))
	for i := range len(s) {
		switch s[i] {
		case '&', '<', '>', '"', '\'', '\t', '_': // is escaped
			n += 5
		}
	}
	return n
}
