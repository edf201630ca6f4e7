package nearmiss

import (
	"unicode/utf8"

	"github.com/muster-audit/muster/inventory"
)

// A word of at least shortest letters may have one mistake, one of at least long letters two.
const (
	shortest = 4
	long     = 8
)

// misspelt reports whether two words, both in lower case, may be one with a mistake in it. Mistakes are rare where a word begins and ends,
// and there words differ that mean different things: internal and external, team and teams, scheduled and scheduler, node-a and node-b.
func misspelt(a, b string) bool {
	n, m := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	allowed := 1
	if min(n, m) >= long {
		allowed = 2
	}
	if min(n, m) < shortest || max(n, m)-min(n, m) > allowed || !isWord(a) || !isWord(b) || !sameEnds([]rune(a), []rune(b)) {
		return false
	}
	mistakes := inventory.EditDistance(a, b)
	return mistakes > 0 && mistakes <= allowed
}

// sameEnds reports whether words begin and end with the same letter, or end with the same two in another order.
func sameEnds(a, b []rune) bool {
	n, m := len(a), len(b)
	return a[0] == b[0] && (a[n-1] == b[m-1] || n == m && a[n-1] == b[m-2] && a[n-2] == b[m-1])
}

// oneMistake reports whether two forms differ in one part alone, and that may be a mistake.
func oneMistake(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	at := -1
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		if at >= 0 {
			return false
		}
		at = i
	}
	return at >= 0 && misspelt(a[at], b[at])
}
