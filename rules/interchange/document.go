package interchange

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/muster-audit/muster/rules"
)

// Document is a policy that was made of another tool's rules.
type Document struct {
	From  string // what it was made of, for the comment at its head
	Rules []MadeRule
	Notes []string // what a reader should know, for comments
	Left  Losses   // what could not be expressed
}

// MadeRule is an item of a policy's "tags".
type MadeRule struct {
	ID         string
	Note       string // a comment; may be empty
	Keys       []string
	Required   bool
	Values     []string
	Globs      []string
	Prohibited []string
	When       string
	Severity   rules.Severity
}

var noIDLetter = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// add gives a rule an id that no other has, made of a name.
func (d *Document) add(name string, r MadeRule) {
	r.ID = strings.Trim(noIDLetter.ReplaceAllString(strings.ToLower(name), "-"), "-._")
	if r.ID == "" {
		r.ID = "tag"
	}
	taken := func(id string) bool {
		return slices.ContainsFunc(d.Rules, func(o MadeRule) bool { return o.ID == id }) ||
			slices.ContainsFunc(rules.OptionalRules(), func(o rules.OptionalRule) bool { return o.ID == "tags/"+id })
	}
	for base, n := r.ID, 2; taken(r.ID); n++ {
		r.ID = fmt.Sprintf("%s-%d", base, n)
	}
	d.Rules = append(d.Rules, r)
}

// WriteTo writes the policy as YAML.
func (d *Document) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "# Made of %s.\n", printable(d.From))
	for _, note := range d.Notes {
		fmt.Fprintf(&b, "# %s\n", printable(note))
	}
	for _, l := range d.Left {
		fmt.Fprintf(&b, "# Not expressed: %s\n", printable(l.String()))
	}
	b.WriteString("version: 1\n")
	if len(d.Rules) > 0 {
		b.WriteString("tags:\n")
	}
	for _, r := range d.Rules {
		r.write(&b)
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

func (r *MadeRule) write(b *strings.Builder) {
	if r.Note != "" {
		fmt.Fprintf(b, "  # %s\n", printable(r.Note))
	}
	fmt.Fprintf(b, "  - id: %s\n", scalar(r.ID))
	list := func(key string, values []string) {
		if len(values) > 0 {
			texts := make([]string, len(values))
			for i, v := range values {
				texts[i] = scalar(v)
			}
			fmt.Fprintf(b, "    %s: [%s]\n", key, strings.Join(texts, ", "))
		}
	}
	list("keys", r.Keys)
	if r.Required {
		b.WriteString("    required: true\n")
	}
	list("values", r.Values)
	list("globs", r.Globs)
	list("prohibited", r.Prohibited)
	if r.When != "" {
		fmt.Fprintf(b, "    when: %s\n", scalar(r.When))
	}
	if r.Severity != rules.Medium {
		fmt.Fprintf(b, "    severity: %s\n", r.Severity)
	}
}

var plainScalar = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_./-]*$`)

// scalar writes a text as YAML that reads back as the same text.
func scalar(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n":
		return "'" + s + "'"
	}
	if plainScalar.MatchString(s) {
		return s
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, steers) {
		return doubleQuoted(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

// steers reports what may not stand in a single-quoted scalar, or would not be seen.
func steers(r rune) bool {
	return !unicode.IsPrint(r) && r != ' ' || r == '\uFEFF'
}

// doubleQuoted escapes what steers.
func doubleQuoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case steers(r):
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// printable makes a text safe for a comment.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if steers(r) {
			return '?'
		}
		return r
	}, s)
}
