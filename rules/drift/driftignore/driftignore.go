// Package driftignore turns a .driftignore file into a policy. A line of such a file is a pattern of "type.id", where the type is Terraform's
// and a slash of the id is written as "_-_"; a further dot begins the path of an attribute. The last line that matches decides, and a "!"
// takes back what lines before it ignored.
//
// A line becomes an exemption, whose owner and last day a person has to fill in, or an ignored difference. What cannot be said in a policy
// without meaning something else is told by its line, and never guessed.
package driftignore

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/muster-audit/muster/inventory/catalog"
)

// What is read at most, so that neither memory nor the conditions made grow without bound.
const (
	mostLines     = 5000
	mostNegations = 100
	mostLength    = 1 << 12 // bytes of a line
)

// Result is what became of a file.
type Result struct {
	Exemptions []Exemption
	Ignores    []Ignore
	Left       []Left // what could not be expressed, in the order of the lines
}

// Exemption is an item of a policy's "exempt", but for who answers for it and until when.
type Exemption struct {
	Line         int
	Text, Reason string
	When         string
}

// Ignore is an item of a policy's "drift.ignore".
type Ignore struct {
	Line         int
	Text, Reason string
	When         string
	Attribute    string
}

// Left is a line that a policy cannot express, and why.
type Left struct {
	Line      int
	Text, Why string
}

// Read reads a file. name is for errors only. The error says that it could not be read, or holds more than a policy should; lines that
// are wrong are Left.
func Read(r io.Reader, name string, known *catalog.Catalog) (*Result, error) {
	c := &converter{known: known, out: &Result{}}
	s := bufio.NewScanner(r)
	s.Buffer(nil, mostLength)
	note, line := "", 0
	for s.Scan() {
		if line++; line > mostLines {
			return nil, fmt.Errorf("read %s: more than %d lines: split it", name, mostLines)
		}
		note = c.line(line, s.Text(), note)
	}
	if err := s.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("read %s: line %d is longer than %d bytes: it is no .driftignore file", name, line+1, mostLength)
	} else if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if n := c.negations(); n > mostNegations {
		return nil, fmt.Errorf("read %s: %d lines begin with \"!\", of which a policy can express %d: write conditions that say what is ignored", name, n, mostNegations)
	}
	c.convert()
	return c.out, nil
}

// line takes a line and returns the comment that speaks of the next one.
func (c *converter) line(n int, text, note string) string {
	text = strings.TrimSuffix(text, "\r")
	for strings.HasSuffix(text, " ") && !strings.HasSuffix(text, `\ `) {
		text = text[:len(text)-1]
	}
	switch {
	case strings.TrimSpace(text) == "":
		return ""
	case strings.HasPrefix(text, "#"):
		return strings.TrimSpace(strings.TrimLeft(text, "#"))
	}
	p, err := parse(n, text, note)
	if err != nil {
		c.leave(p, err.Error())
	} else {
		c.patterns = append(c.patterns, p)
	}
	return note
}

func (c *converter) leave(p pattern, why string) {
	c.out.Left = append(c.out.Left, Left{p.line, p.text, why})
}

// WriteTo writes the policy as YAML. What a person has to fill in is empty, so that checking the policy asks for it.
func (r *Result) WriteTo(w io.Writer) (int64, error) {
	var b strings.Builder
	b.WriteString("version: 1\n")
	for _, l := range r.Left {
		fmt.Fprintf(&b, "# line %d is not expressed: %s: %s\n", l.Line, printable(l.Text), printable(l.Why))
	}
	if len(r.Ignores) > 0 {
		b.WriteString("drift:\n  ignore:\n")
	}
	for _, i := range r.Ignores {
		fmt.Fprintf(&b, "    # line %d: %s\n    - when: %s\n      attributes: [%s]\n      reason: %s\n",
			i.Line, i.Text, quote(i.When), quote(i.Attribute), quote(i.Reason))
	}
	if len(r.Exemptions) > 0 {
		b.WriteString("exempt:\n")
	}
	for _, e := range r.Exemptions {
		fmt.Fprintf(&b, "  # line %d: %s\n  - when: %s\n    rules: [drift/*]\n    reason: %s\n", e.Line, e.Text, quote(e.When), quote(e.Reason))
		b.WriteString("    owner:   # who answers for it\n    expires: # the last day on which it holds, such as 2027-01-31\n")
	}
	n, err := io.WriteString(w, b.String())
	return int64(n), err
}

// quote writes a text as a YAML scalar.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// printable makes a text safe for a comment.
func printable(s string) string {
	if !utf8.ValidString(s) || !isText(s) {
		return fmt.Sprintf("%q", s)
	}
	return s
}
