package rules

import "strings"

// NamePrefix is what the names of things that belong together begin with, in lower case: "payments-api" and "payments-worker" with
// "payments-", "acme-shop-web" with "acme-shop-", "web-api-1" and "web-api-2" with "web-api-". It is empty for a name of one word, and for one that begins with a number or with a
// word that is too short to tell anything.
func NamePrefix(name string) string {
	var ends [2]int // of the first words
	words, last := 0, ""
	for rest := name; rest != ""; words++ {
		end := strings.IndexAny(rest, separators)
		if end < 0 {
			end = len(rest)
		}
		last, rest = rest[:end], rest[min(end+1, len(rest)):]
		if words < len(ends) {
			ends[words] = len(name) - len(rest)
		}
	}
	counted := words > 1 && isNumber(last)
	if counted {
		words--
	}
	first := name[:max(ends[0]-1, 0)]
	switch {
	case words < 2 || len(first) < 3 || isNumber(first):
		return ""
	case words > 2 || counted: // the first word is often the company, and says nothing; what is counted is a series of its own
		return strings.ToLower(name[:ends[1]])
	}
	return strings.ToLower(name[:ends[0]])
}

const separators = "-_./ "

// isNumber reports whether a word of a name counts or is random: hexadecimal digits with a decimal one among them.
func isNumber(word string) bool {
	return strings.ContainsAny(word, "0123456789") && strings.Trim(word, "0123456789abcdefABCDEF") == ""
}
