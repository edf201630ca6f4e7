// Package strictyaml decodes the files that people write (config, policy, baseline) into structs and names every problem
// at once, each with file, line, column and what to do: unknown keys with the nearest known one, duplicate keys, wrong kinds.
//
// Keys keep their case. A scalar goes into a string field as it is written, so that an account id like 012345678901
// need not be quoted.
package strictyaml

import (
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	File    string
	Line    int    // 1-based; 0 if the file as a whole is meant
	Column  int    // 1-based; 0 if unknown
	Path    string // "sources[2].paths"; empty for the whole file
	Message string // what is wrong and what to do
}

// String is "file:line:column: path: message", without what is unknown.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
		if p.Column > 0 {
			fmt.Fprintf(&b, ":%d", p.Column)
		}
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Problems is an error that holds at least one problem.
type Problems []Problem

// Error lists the problems, one a line, in the order of the file.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Err returns the problems sorted by place as an error, or nil if there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return ps
}
