package csvreport

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// harmless returns the text of a cell as a spreadsheet shows it instead of running it: a cell that starts a formula
// gets a leading apostrophe (https://owasp.org/www-community/attacks/CSV_Injection). Line ends become one LF; control
// characters and bytes that are not UTF-8 become U+FFFD, so that it can be seen that something stood there.
func harmless(s string) string {
	if plain(s) {
		return s
	}
	if startsFormula(s) {
		s = "'" + s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return utf8.RuneError
		}
		return r
	}, lineEnds.Replace(s))
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

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

func number[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// line is a line number; 0 is unknown and stays empty.
func line(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// instant is RFC 3339 in UTC; the zero time is unknown and stays empty.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// fraction is 0 to 1 with four digits; nil is nothing to measure and stays empty.
func fraction(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', 4, 64)
}
