package ansible

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// literal returns what a text is as a literal of Python: None, a truth value, a number, a string in quotes, a list, a tuple or a
// dictionary of such, as encoding/json would make them. Any other text is itself.
func literal(s string) any {
	p := &pythonParser{rest: s}
	x, err := p.value(0)
	if p.space(); err != nil || p.rest != "" {
		return s
	}
	return x
}

// maxNesting is how deep lists and dictionaries may stand in each other.
const maxNesting = 32

var errNoLiteral = errors.New("no literal")

type pythonParser struct{ rest string }

func (p *pythonParser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// next takes a text if it comes next.
func (p *pythonParser) next(text string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, text)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *pythonParser) value(depth int) (any, error) {
	p.space()
	if depth > maxNesting || p.rest == "" {
		return nil, errNoLiteral
	}
	switch c := p.rest[0]; c {
	case '\'', '"':
		return p.text()
	case '[':
		return p.list(depth, "]")
	case '(':
		return p.list(depth, ")")
	case '{':
		return p.dictionary(depth)
	}
	return p.word()
}

// word reads None, True, False or a number.
func (p *pythonParser) word() (any, error) {
	end := strings.IndexFunc(p.rest, func(r rune) bool { return strings.ContainsRune(" \t,]}):", r) })
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	switch word {
	case "None":
		return nil, nil
	case "True":
		return true, nil
	case "False":
		return false, nil
	}
	return number(word)
}

// number reads a number. What JSON writes otherwise, as 0x1f and 1_000, becomes what it stands for.
func number(word string) (any, error) {
	digits := strings.TrimLeft(word, "+-")
	if digits == "" || digits[0] < '0' || digits[0] > '9' {
		return nil, errNoLiteral
	}
	if json.Valid([]byte(word)) {
		return json.Number(word), nil
	}
	octal := len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' // no number in Python
	if n, err := strconv.ParseInt(word, 0, 64); err == nil && !octal {
		return json.Number(strconv.FormatInt(n, 10)), nil
	}
	return nil, errNoLiteral
}

// text reads a string in quotes.
func (p *pythonParser) text() (any, error) {
	quote := p.rest[0]
	var b strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch c := p.rest[i]; {
		case c == quote:
			p.rest = p.rest[i+1:]
			if s := b.String(); utf8.ValidString(s) {
				return s, nil
			}
			return nil, errNoLiteral
		case c == '\\' && i+1 < len(p.rest):
			i++
			b.WriteString(unescape(p.rest[i]))
		default:
			b.WriteByte(c)
		}
	}
	return nil, errNoLiteral
}

// unescape is what stands for a character behind a backslash.
func unescape(c byte) string {
	switch c {
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'r':
		return "\r"
	case '\\', '\'', '"':
		return string(rune(c))
	}
	return `\` + string([]byte{c})
}

func (p *pythonParser) list(depth int, end string) (any, error) {
	p.rest = p.rest[1:]
	list := []any{}
	for !p.next(end) {
		x, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, x)
		if p.next(",") {
			continue
		}
		if !p.next(end) {
			return nil, errNoLiteral
		}
		if end == ")" && len(list) == 1 {
			return x, nil // a value in brackets is no tuple
		}
		break
	}
	return list, nil
}

func (p *pythonParser) dictionary(depth int) (any, error) {
	p.rest = p.rest[1:]
	m := map[string]any{}
	for !p.next("}") {
		key, err := p.value(depth + 1)
		if err != nil || !p.next(":") {
			return nil, errNoLiteral
		}
		x, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		name, ok := keyText(key)
		if !ok {
			return nil, errNoLiteral
		}
		m[name] = x
		if !p.next(",") {
			if !p.next("}") {
				return nil, errNoLiteral
			}
			break
		}
	}
	return m, nil
}

func keyText(x any) (string, bool) {
	switch x := x.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	}
	return "", false
}
