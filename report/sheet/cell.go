package sheet

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind says what a cell holds.
type Kind uint8

// The kinds of cell.
const (
	Blank    Kind = iota // unknown, or not there
	Text                 // harmless text
	Number               // a count or a number of something
	Fraction             // 0 to 1, to four digits
	Moment               // a time in UTC, to the second
	Truth                // true or false
)

// Cell is a value with its kind; the zero value is blank.
type Cell struct {
	Kind   Kind
	Text   string
	Number int64
	Ratio  float64
	Time   time.Time
	True   bool
}

// String returns the cell as text: whole numbers in digits, fractions with four of them, times by RFC 3339.
func (c Cell) String() string {
	switch c.Kind {
	case Text:
		return c.Text
	case Number:
		return strconv.FormatInt(c.Number, 10)
	case Fraction:
		return strconv.FormatFloat(c.Ratio, 'f', 4, 64)
	case Moment:
		return c.Time.Format(time.RFC3339)
	case Truth:
		return strconv.FormatBool(c.True)
	}
	return ""
}

// TextCell holds what strangers wrote, made harmless; empty text is blank.
func TextCell[S ~string](s S) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{Kind: Text, Text: Harmless(string(s))}
}

// NumberCell holds a whole number.
func NumberCell[N ~int | ~int64](n N) Cell { return Cell{Kind: Number, Number: int64(n)} }

// LineCell holds a line number; 0 is unknown and stays blank.
func LineCell(n int) Cell {
	if n == 0 {
		return Cell{}
	}
	return NumberCell(n)
}

// MomentCell holds a time; the zero time is unknown and stays blank.
func MomentCell(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return Cell{Kind: Moment, Time: t.UTC().Truncate(time.Second)}
}

// FractionCell holds a fraction; nil is nothing to measure and stays blank.
func FractionCell(f *float64) Cell {
	if f == nil {
		return Cell{}
	}
	return Cell{Kind: Fraction, Ratio: math.Round(*f*1e4) / 1e4}
}

// TruthCell holds true or false.
func TruthCell(b bool) Cell { return Cell{Kind: Truth, True: b} }

// Harmless returns text as a spreadsheet shows it instead of running it: what starts a formula gets a leading apostrophe
// (https://owasp.org/www-community/attacks/CSV_Injection). Line ends become one LF; control characters, bytes that are not
// UTF-8 and what XML has no way to hold become U+FFFD, so that it can be seen that something stood there.
func Harmless(s string) string {
	if plain(s) {
		return s
	}
	if startsFormula(s) {
		s = "'" + s
	}
	if strings.ContainsRune(s, '\r') {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\ufffe' || r == '\uffff' {
			return utf8.RuneError
		}
		return r
	}, s)
}

// plain reports whether s starts with a letter or digit and holds printable ASCII alone, as nearly all cells do.
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || i == 0 && !letterOrDigit(c) {
			return false
		}
	}
	return true
}

func letterOrDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// startsFormula looks behind leading white space and invisible signs, which spreadsheets skip. The full-width signs
// count in East Asian editions.
func startsFormula(s string) bool {
	if s == "" || strings.ContainsRune("\t\r\n\x00", rune(s[0])) {
		return s != ""
	}
	s = strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf) })
	first, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune("=+-@＝＋－＠", first)
}
