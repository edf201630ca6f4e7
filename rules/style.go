package rules

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Style is how the letters and words of a key or value are written.
type Style string

// The styles.
const (
	StyleLower  Style = "lower"  // no capital letter
	StyleUpper  Style = "upper"  // no small letter
	StyleTitle  Style = "title"  // every word begins with a capital letter, a digit or a sign
	StyleKebab  Style = "kebab"  // cost-center
	StyleSnake  Style = "snake"  // cost_center
	StyleCamel  Style = "camel"  // costCenter
	StylePascal Style = "pascal" // CostCenter
)

// Styles lists all styles.
func Styles() []Style {
	return []Style{StyleLower, StyleUpper, StyleTitle, StyleKebab, StyleSnake, StyleCamel, StylePascal}
}

// UnmarshalText accepts a name.
func (s *Style) UnmarshalText(text []byte) error { return oneOf(s, string(text), "case", Styles()) }

// Letters without case count as small ones, so that a value in Japanese may be kebab. Classes of Unicode take long to compile: only a rule
// that asks for them does it.
var (
	kebabForm  = once(`^[\p{Ll}\p{Lo}\p{N}]+(-[\p{Ll}\p{Lo}\p{N}]+)*$`)
	snakeForm  = once(`^[\p{Ll}\p{Lo}\p{N}]+(_[\p{Ll}\p{Lo}\p{N}]+)*$`)
	camelForm  = once(`^[\p{Ll}\p{Lo}][\p{L}\p{N}]*$`)
	pascalForm = once(`^[\p{Lu}\p{Lt}\p{Lo}][\p{L}\p{N}]*$`)
)

// once compiles a pattern when it is first needed.
func once(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// Matches reports whether the whole of a text is written in the style. An empty text is.
func (s Style) Matches(text string) bool {
	if text == "" {
		return true
	}
	switch s {
	case StyleLower:
		return text == strings.ToLower(text)
	case StyleUpper:
		return text == strings.ToUpper(text)
	case StyleTitle:
		return text == titled(text)
	case StyleKebab:
		return kebabForm().MatchString(text)
	case StyleSnake:
		return snakeForm().MatchString(text)
	case StyleCamel:
		return camelForm().MatchString(text)
	case StylePascal:
		return pascalForm().MatchString(text)
	}
	return false
}

// Apply writes a text in the style, and returns "" if its words cannot be: those that begin with a digit are no name in camel case.
func (s Style) Apply(text string) string {
	out := ""
	switch s {
	case StyleLower:
		out = strings.ToLower(text)
	case StyleUpper:
		out = strings.ToUpper(text)
	case StyleTitle:
		out = titled(text)
	case StyleKebab:
		out = strings.ToLower(strings.Join(words(text), "-"))
	case StyleSnake:
		out = strings.ToLower(strings.Join(words(text), "_"))
	case StyleCamel, StylePascal:
		for i, w := range words(text) {
			w = strings.ToLower(w)
			if i > 0 || s == StylePascal {
				w = titled(w)
			}
			out += w
		}
	}
	if !s.Matches(out) {
		return ""
	}
	return out
}

// titled begins every word with a capital letter.
func titled(text string) string {
	start := true
	return strings.Map(func(r rune) rune {
		first := start
		start = unicode.IsSpace(r)
		if first {
			return unicode.ToTitle(r)
		}
		return r
	}, text)
}

// words takes a text apart where letters and digits end, and where a small letter or a digit stands before a capital one, or a capital one before a
// word: "HTTPServer_port" is HTTP, Server and port.
func words(text string) []string {
	var list []string
	for _, run := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) }) {
		list = append(list, humps(run)...)
	}
	return list
}

func humps(run string) []string {
	var list []string
	start := 0
	before := rune(0)
	for i, r := range run {
		next, _ := utf8.DecodeRuneInString(run[i+utf8.RuneLen(r):])
		if i > start && unicode.IsUpper(r) && (!unicode.IsUpper(before) || unicode.IsLower(next)) {
			list = append(list, run[start:i])
			start = i
		}
		before = r
	}
	return append(list, run[start:])
}
