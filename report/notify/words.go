package notify

import (
	"fmt"
	"strings"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/rules"
)

// Headline says in a few words what the digest tells. It quotes nobody.
func (d *Digest) Headline() string {
	words := []string{"gate " + ci.Verdict(&d.Gate), fmt.Sprintf("%d new", Total(d.New)), fmt.Sprintf("%d resolved", Total(d.Resolved))}
	if n := len(d.Gaps); n > 0 {
		words = append(words, ci.Count(n, "source")+" not read whole")
	}
	return strings.Join(words, ", ")
}

// Counts says how many there are of each severity, the worst first: "1 critical, 3 high"; empty if there are none.
func Counts(c report.SeverityCounts) string {
	var out []string
	for i, n := range []int{c.Critical, c.High, c.Medium, c.Low, c.Info} {
		if n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, rules.Severities()[i]))
		}
	}
	return strings.Join(out, ", ")
}

// String says in one line what a message leaves out; empty if it lists all.
func (l Left) String() string {
	var out []string
	if l.Findings > 0 {
		out = append(out, ci.Count(l.Findings, "more finding"))
	}
	if l.Owners > 0 {
		out = append(out, ci.Count(l.Owners, "more owner"))
	}
	return strings.Join(out, " and ")
}
