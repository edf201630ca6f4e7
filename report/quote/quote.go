// Package quote makes what strangers wrote fit to be shown: names, tags and messages come from whoever may create an asset,
// and end up in logs, comments and dashboards. What steers a terminal, turns the direction of writing round, cannot be seen
// or is not UTF-8 becomes U+FFFD, so that it can be seen that something stood there; and nothing is longer than its reader
// takes. Hashes of secrets are told as "(secret)". Escaping for a format (XML, Markdown, workflow commands) is the format's own business and comes after.
package quote

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/muster-audit/muster/inventory"
)

// ellipsis ends what was cut.
const ellipsis = "…"

// Line returns one line of at most limit bytes (4 or more): every run of white space is one space, none stands at the ends.
func Line[S ~string](s S, limit int) string {
	text, cut := head(inventory.HideSecrets(string(s)), limit)
	return fit(strings.Join(strings.Fields(strings.Map(oneLine, text)), " "), limit, cut)
}

// Text returns lines of at most limit bytes (4 or more) in all, each ended by one LF but the last.
func Text[S ~string](s S, limit int) string {
	text, cut := head(inventory.HideSecrets(string(s)), limit)
	return fit(strings.TrimRight(strings.Map(harmless, lineEnds().Replace(text)), "\n "), limit, cut)
}

func lineEnds() *strings.Replacer {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ")
}

// head returns as much of s as can matter, so that a string of megabytes costs no more than a short one. Bytes that are not
// UTF-8 are replaced. White space may shrink away, so twice the limit is looked at.
func head(s string, limit int) (text string, cut bool) {
	if most := 2*limit + utf8.UTFMax; len(s) > most {
		s, cut = s[:most], true
		for i := 0; i < utf8.UTFMax && !lastRuneWhole(s); i++ {
			s = s[:len(s)-1]
		}
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError)), cut
}

func lastRuneWhole(s string) bool {
	r, size := utf8.DecodeLastRuneInString(s)
	return r != utf8.RuneError || size > 1
}

// fit cuts s between two characters. cut says that something is missing already.
func fit(s string, limit int, cut bool) string {
	if !cut && len(s) <= limit {
		return s
	}
	end := min(len(s), limit-len(ellipsis))
	for end > 0 && end < len(s) && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + ellipsis
}

// oneLine maps what ends lines to a space, too.
func oneLine(r rune) rune {
	if unicode.IsSpace(r) {
		return ' '
	}
	return harmless(r)
}

// harmless keeps a character, or replaces it if it is no text: control characters but LF, marks of direction, what has no
// width and is not needed to write any language, characters of private use and those that Unicode leaves unassigned.
func harmless(r rune) rune {
	switch {
	case r == '\n' || ' ' <= r && r <= '~':
		return r
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u2028', r == '\u2029':
		return utf8.RuneError
	case r == '\u200c' || r == '\u200d': // joiners are needed in Persian, in Indian scripts and in emoji
		return r
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
		return utf8.RuneError
	}
	return r
}
