package interchange

import (
	"regexp"
	"strings"
	"unicode"
)

// caseVariants returns a pattern for all ways to write a key in another case, and not for the key itself; empty if it has no letters with
// case. A variant is told by the first letter in which it differs: what stands before is as in the key, what stands behind in any case.
func caseVariants(key string) string {
	letters := []rune(key)
	var parts []string
	for i, r := range letters {
		other := otherCase(r)
		if other == r {
			continue
		}
		part := regexp.QuoteMeta(string(letters[:i])) + regexp.QuoteMeta(string(other))
		if i+1 < len(letters) {
			part += "(?i:" + regexp.QuoteMeta(string(letters[i+1:])) + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "|")
}

// otherCase returns the letter in the other case, or itself if there is none that leads back.
func otherCase(r rune) rune {
	other := r
	switch {
	case unicode.IsUpper(r):
		other = unicode.ToLower(r)
	case unicode.IsLower(r):
		other = unicode.ToUpper(r)
	}
	if unicode.ToUpper(other) == r || unicode.ToLower(other) == r {
		return other
	}
	return r
}

// keyOfVariants returns the key of which a pattern lists the variants; false for any other pattern.
func keyOfVariants(pattern string) (string, bool) {
	first, rest, _ := strings.Cut(pattern, "(?i:")
	if cut := unescaped(first, '|'); cut >= 0 { // the last letter alone has a case
		first, rest = first[:cut], ""
	}
	if end := unescaped(rest, ')'); end >= 0 {
		rest = rest[:end]
	}
	letters := []rune(unquoteMeta(first))
	if len(letters) == 0 {
		return "", false
	}
	last := len(letters) - 1
	letters[last] = otherCase(letters[last])
	key := string(letters) + unquoteMeta(rest)
	return key, key != "" && caseVariants(key) == pattern
}

// unescaped returns the place of the first c that no backslash precedes; -1 if there is none.
func unescaped(s string, c byte) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case c:
			return i
		}
	}
	return -1
}

// unquoteMeta undoes regexp.QuoteMeta.
func unquoteMeta(s string) string {
	var b strings.Builder
	escaped := false
	for _, r := range s {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		escaped = false
		b.WriteRune(r)
	}
	return b.String()
}
