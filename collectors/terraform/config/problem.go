package config

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// ProblemKind says what a problem costs.
type ProblemKind string

// The kinds of problems.
const (
	Unreadable ProblemKind = "unreadable" // a file could not be read or parsed: what it declares is unknown
	Unknown    ProblemKind = "unknown"    // a value could not be evaluated and is unknown
)

// Problem is something that could not be read or evaluated, and where. Text holds no value of an expression.
type Problem struct {
	Kind   ProblemKind
	File   string // path within the file system
	Line   int    // 1-based; 0 if the whole file is meant
	Column int
	Text   string
}

// String gives the problem as "file:line:column: text".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
}

// maxProblems bounds the list; what is beyond is counted.
const maxProblems = 1000

type problems struct {
	seen    map[Problem]bool
	dropped int
}

func (p *problems) add(kind ProblemKind, at hcl.Range, format string, args ...any) {
	problem := Problem{kind, at.Filename, at.Start.Line, at.Start.Column, fmt.Sprintf(format, args...)}
	switch {
	case p.seen[problem]:
	case len(p.seen) >= maxProblems && kind != Unreadable:
		p.dropped++
	default:
		p.seen[problem] = true
	}
}

// diagnostics notes the errors of an evaluation. Details that may quote a value are left out.
func (p *problems) diagnostics(kind ProblemKind, diags hcl.Diagnostics) {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		at := hcl.Range{}
		if d.Subject != nil {
			at = *d.Subject
		}
		if detail := harmless(kind, d); detail != "" {
			p.add(kind, at, "%s: %s", d.Summary, detail)
			continue
		}
		p.add(kind, at, "%s", d.Summary)
	}
}

// harmless returns the details of errors that name parts of the code only.
func harmless(kind ProblemKind, d *hcl.Diagnostic) string {
	switch d.Summary {
	case "Unsupported attribute", "Unknown variable", "Invalid reference", "Missing map element":
		return d.Detail
	}
	if kind == Unreadable {
		return d.Detail
	}
	return ""
}

func (p *problems) sorted() []Problem {
	list := make([]Problem, 0, len(p.seen)+1)
	for problem := range p.seen {
		list = append(list, problem)
	}
	slices.SortFunc(list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Text, b.Text))
	})
	if p.dropped > 0 {
		list = append(list, Problem{Kind: Unknown, Text: fmt.Sprintf("%d more problems are not listed", p.dropped)})
	}
	return list
}
