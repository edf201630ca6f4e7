package driftignore

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pattern is a line of a .driftignore file.
type pattern struct {
	line   int
	text   string // as it is written
	note   string // the comment right above it
	negate bool
	// kind, id and field are its parts, each with its wildcards and escapes. id and field are empty if the line ends before them.
	kind, id, field string
}

var (
	errNoText   = errors.New("it holds characters that are no text")
	errNoType   = errors.New("no type stands before the dot")
	errEscape   = errors.New(`the line ends in a "\"`)
	errBrackets = errors.New(`a "[" is not closed: write \[ if it is meant`)
)

// parse takes a line apart that is neither empty nor a comment.
func parse(line int, text, note string) (pattern, error) {
	p := pattern{line: line, text: text, note: note}
	rest, negated := strings.CutPrefix(text, "!")
	p.negate = negated
	if !isText(text) {
		return p, errNoText
	}
	parts, err := cut(rest)
	if err != nil {
		return p, err
	}
	p.kind = parts[0]
	if len(parts) > 1 {
		p.id = parts[1]
	}
	if len(parts) > 2 {
		p.field = strings.Join(parts[2:], ".")
	}
	if p.kind == "" {
		return p, errNoType
	}
	for _, part := range []string{p.kind, p.id, p.field} {
		if _, err := expression(part); err != nil {
			return p, err
		}
	}
	return p, nil
}

func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError })
}

// cut splits at dots that are neither escaped nor in brackets, and keeps the escapes.
func cut(s string) ([]string, error) {
	var parts []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i++; i == len(s) {
				return nil, errEscape
			}
		case '[':
			if _, end, err := brackets(s[i:]); err == nil {
				i += end - 1
			}
		case '.':
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:]), nil
}

// isLiteral reports whether a part has no wildcards.
func isLiteral(part string) bool {
	for i := 0; i < len(part); i++ {
		switch part[i] {
		case '\\':
			i++
		case '*', '?', '[':
			return false
		}
	}
	return true
}

// literal returns the text that a part without wildcards stands for.
func literal(part string) string {
	var b strings.Builder
	for i := 0; i < len(part); i++ {
		if part[i] == '\\' && i+1 < len(part) {
			i++
		}
		b.WriteByte(part[i])
	}
	return b.String()
}

// expression returns the regular expression (RE2) of a part, without anchors.
func expression(part string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(part); {
		c := part[i]
		_, width := utf8.DecodeRuneInString(part[i:])
		switch {
		case c == '\\' && i+1 < len(part):
			_, width = utf8.DecodeRuneInString(part[i+1:])
			b.WriteString(regexp.QuoteMeta(part[i+1 : i+1+width]))
			width++
		case c == '*':
			b.WriteString(".*")
		case c == '?':
			b.WriteByte('.')
		case c == '[':
			class, end, err := brackets(part[i:])
			if err != nil {
				return "", err
			}
			b.WriteString(class)
			width = end
		default:
			b.WriteString(regexp.QuoteMeta(part[i : i+width]))
		}
		i += width
	}
	_, err := regexp.Compile(b.String())
	return b.String(), err
}

// brackets returns the class of characters at the beginning of a text, and where it ends.
func brackets(s string) (class string, end int, err error) {
	closing := strings.IndexByte(s[1:], ']')
	if closing <= 0 {
		return "", 0, errBrackets
	}
	inner := s[1 : 1+closing]
	not := ""
	if inner[0] == '!' || inner[0] == '^' {
		not, inner = "^", inner[1:]
	}
	if inner == "" || strings.ContainsAny(inner, `[\`) {
		return "", 0, errBrackets
	}
	return "[" + not + strings.ReplaceAll(inner, "^", `\^`) + "]", closing + 2, nil
}
