package codeowners

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// MaxRules is how many rules a file may have: each is tried for each file.
const MaxRules = 20_000

// header is a section of GitLab: "[Docs]", "^[Docs]", "[Docs][2] @docs". What follows are the owners of its rules that name none.
var header = regexp.MustCompile(`^(\^?)\[([^\]]+)\](?:\[\d+\])?(.*)$`)

// Parse reads a file. Its name tells a dialect by the folder. The error is an *Error with the line: a line that the dialect ignores as
// invalid would leave files without the owners that its author meant.
func Parse(name string, text []byte) (*File, error) {
	lines := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	p := &parser{file: &File{Dialect: dialectOf(name, lines)}, byName: map[string]*section{}}
	p.open("", false)
	for i, line := range lines {
		if err := p.line(i+1, strings.TrimSpace(line)); err != nil {
			return nil, &Error{Line: i + 1, Message: err.Error()}
		}
	}
	return p.file, nil
}

func dialectOf(name string, lines []string) Dialect {
	isHeader := func(line string) bool { return header.MatchString(strings.TrimSpace(line)) }
	if path.Base(path.Dir(path.Clean(name))) == ".gitlab" || slices.ContainsFunc(lines, isHeader) {
		return GitLab
	}
	return GitHub
}

type parser struct {
	file   *File
	byName map[string]*section // in lower case
	at     *section
	rules  int
}

// open goes on with a section, which may have begun before.
func (p *parser) open(name string, optional bool) {
	key := strings.ToLower(name)
	if s, ok := p.byName[key]; ok {
		p.at = s
		return
	}
	p.at = &section{name: name, optional: optional}
	p.byName[key] = p.at
	p.file.sections = append(p.file.sections, p.at)
}

func (p *parser) line(number int, line string) error {
	if line == "" || line[0] == '#' {
		return nil
	}
	if m := header.FindStringSubmatch(line); m != nil && p.file.Dialect == GitLab {
		p.open(strings.TrimSpace(m[2]), m[1] != "")
		owners, err := p.owners(fields(m[3]))
		if len(owners) > 0 {
			p.at.owners = owners
		}
		return err
	}
	words := fields(line)
	text, exclude := strings.CutPrefix(words[0], "!")
	if exclude && p.file.Dialect == GitHub {
		return fmt.Errorf("%q: GitHub knows no exceptions: write a line without an owner, %q", words[0], text)
	}
	pattern, err := compile(text, p.file.Dialect)
	if err != nil {
		return fmt.Errorf("%q: %w", text, err)
	}
	owners, err := p.owners(words[1:])
	if err != nil {
		return err
	}
	if len(owners) == 0 {
		owners = p.at.owners
	}
	if p.rules++; p.rules > MaxRules {
		return fmt.Errorf("more than %d rules: let folders stand for what is in them", MaxRules)
	}
	p.at.rules = append(p.at.rules, rule{pattern: pattern, exclude: exclude, owners: owners, line: number})
	return nil
}

func (p *parser) owners(words []string) ([]string, error) {
	for _, w := range words {
		if at := strings.IndexByte(w, '@'); at < 0 || strings.HasSuffix(w, "@") {
			return nil, fmt.Errorf("%q is no owner: write @user, @org/team or an address; a space in a path is written as \"\\ \"", w)
		}
	}
	return words, nil
}

// fields splits a line at white space that no backslash precedes, up to a comment. A backslash before white space or "#" is taken away.
func fields(line string) []string {
	var words []string
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			words = append(words, word.String())
			word.Reset()
		}
	}
	escaped := false
	for _, r := range line {
		switch {
		case escaped:
			if r != '#' && !unicode.IsSpace(r) {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\':
			escaped = true
		case unicode.IsSpace(r):
			end()
		case r == '#' && word.Len() == 0:
			return words
		default:
			word.WriteRune(r)
		}
	}
	if escaped {
		word.WriteByte('\\')
	}
	end()
	return words
}
