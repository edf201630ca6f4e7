// Package shell writes words for a POSIX shell. Names and values come from whoever may make an asset: what is not plainly harmless is
// quoted.
package shell

import (
	"strings"
	"unicode"
)

// Line joins words into one command.
func Line(words ...string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = Quote(w)
	}
	return strings.Join(quoted, " ")
}

// Quote writes a word so that a shell reads just this word. NUL, which no shell can hold, must not be in it; see Fits.
func Quote(word string) string {
	if word != "" && word[0] != '=' && !strings.ContainsFunc(word, func(r rune) bool { return !harmless(r) }) { // zsh looks behind "=" for a program
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func harmless(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || strings.ContainsRune("_@%+=:,./-", r)
}

// Fits reports whether a word can stand on one line of a terminal: it holds no control characters, line ends among them, and nothing that
// turns the direction of writing round.
func Fits(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
	})
}
