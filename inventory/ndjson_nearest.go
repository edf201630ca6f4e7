package inventory

import (
	"fmt"
	"strings"
)

// Nearest returns the known word that a misspelt one most likely means, ignoring case, or "" if none is near: at most a
// third of its letters may be wrong. Of several equally near the first in the list wins.
func Nearest(word string, known []string) string {
	word = strings.ToLower(clip(word))
	best, least := "", max(1, len(word)/3)+1
	for _, k := range known {
		if n := EditDistance(word, strings.ToLower(k)); n < least {
			best, least = k, n
		}
	}
	return best
}

// Suggest returns the end of an error message about an unknown word: the nearest known one, or all if none is near.
func Suggest(word string, known []string) string {
	if n := Nearest(word, known); n != "" {
		return fmt.Sprintf(": did you mean %q?", n)
	}
	return ": known are " + strings.Join(known, ", ")
}

// EditDistance counts the letters to insert, delete, replace or swap with their neighbour to turn a into b.
func EditDistance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, last, next := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		next[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			next[j] = min(last[j]+1, next[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, last, next = last, next, before
	}
	return last[len(y)]
}
