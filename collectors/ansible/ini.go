package ansible

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/muster-audit/muster/inventory"
)

// maxLine is how long a line of an INI file may be.
const maxLine = 1 << 20

// section is the head of a section: a group, and what of it the lines below say.
var section = regexp.MustCompile(`^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$`)

// ini reads an INI file line by line.
type ini struct {
	*book
	group, part string // of the section at hand; an unknown one has no part
	line        int
}

func (b *book) readINI(ctx context.Context, r *bufio.Reader) error {
	p := &ini{book: b, group: groupUngrouped, part: "hosts"}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		if p.line++; p.line%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		text := strings.TrimSpace(lines.Text())
		if text == "" || text[0] == '#' || text[0] == ';' {
			continue
		}
		if err := p.read(text); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("line %d: %w", p.line+1, err)
	}
	return nil
}

func (p *ini) read(text string) error {
	if !utf8.ValidString(text) {
		p.bad("the line is not UTF-8")
		return nil
	}
	if text[0] == '[' && strings.HasSuffix(strings.TrimSpace(cutComment(text)), "]") {
		p.section(text)
		return nil
	}
	switch p.part {
	case "hosts":
		return p.hosts(text)
	case "vars":
		p.variable(text)
	case "children":
		p.children(text)
	}
	return nil
}

// cutComment drops what stands behind "#" in the head of a section.
func cutComment(s string) string {
	s, _, _ = strings.Cut(s, "#")
	return s
}

// section begins a section. What stands in one that cannot be read belongs to no group that is known.
func (p *ini) section(text string) {
	m := section.FindStringSubmatch(text)
	p.group, p.part = "", ""
	switch {
	case m == nil:
		p.bad("%q is no section: want [group], [group:vars] or [group:children], without spaces", text)
	case m[2] == "" || m[2] == "hosts":
		p.group, p.part = m[1], "hosts"
	case m[2] == "vars" || m[2] == "children":
		p.group, p.part = m[1], m[2]
	default:
		p.bad("section %q: %q is none of hosts, vars and children", text, m[2])
	}
	if p.group != "" {
		p.book.group(p.group)
	}
}

// hosts reads a line with a pattern of hosts and their variables.
func (p *ini) hosts(text string) error {
	words, err := splitWords(text)
	if err != nil || len(words) == 0 {
		p.bad("the line cannot be taken apart: a quote is not closed")
		return nil
	}
	list, err := p.expand(words[0], p.group, p.line)
	if err != nil {
		return err
	}
	for _, w := range words[1:] {
		name, value, ok := strings.Cut(w, "=")
		if !ok {
			p.bad("host %s: a variable is not written as name=value", words[0])
			continue
		}
		for _, h := range list {
			p.set(h.vars, name, literal(value))
		}
	}
	return nil
}

func (p *ini) variable(text string) {
	name, value, ok := strings.Cut(text, "=")
	if !ok {
		p.bad("section [%s:vars]: a variable is not written as name=value", p.group)
		return
	}
	p.set(p.book.group(p.group).vars, strings.TrimSpace(name), literal(strings.TrimSpace(value)))
}

func (p *ini) children(text string) {
	words := strings.Fields(cutComment(text))
	if len(words) != 1 {
		p.bad("section [%s:children]: want the name of one group in a line", p.group)
		return
	}
	p.child(p.group, words[0])
}

// bad skips the line at hand. The message holds no value of a variable, which may be a secret.
func (p *ini) bad(format string, args ...any) {
	p.skip(inventory.Problem{Line: p.line, Message: fmt.Sprintf(format, args...), Remedy: "correct the line; ansible-inventory --list shows what Ansible makes of it"})
}

// splitWords takes a line apart as a shell does: at white space outside of quotes, up to "#".
func splitWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	open := false // a word has begun
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r':
			if open {
				words, open = append(words, word.String()), false
				word.Reset()
			}
		case '#':
			i = len(s)
		case '\\':
			if i++; i == len(s) {
				return nil, errors.New("nothing follows the last backslash")
			}
			open = true
			word.WriteByte(s[i])
		case '\'', '"':
			n, err := quoted(s[i:], &word)
			if err != nil {
				return nil, err
			}
			i, open = i+n-1, true
		default:
			open = true
			word.WriteByte(c)
		}
	}
	if open {
		words = append(words, word.String())
	}
	return words, nil
}

// quoted writes what is between the quotes that s begins with, and returns their length. A backslash means something between
// double quotes only, before a quote or another one.
func quoted(s string, word *strings.Builder) (int, error) {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == s[0]:
			return i + 1, nil
		case s[0] == '"' && s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		word.WriteByte(s[i])
	}
	return 0, errors.New("a quote is not closed")
}
