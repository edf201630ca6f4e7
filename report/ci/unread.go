package ci

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/quote"
)

// Gap is something that the audit does not know: it is neither passed nor failed, and a format must not show it as either.
type Gap struct {
	ID   string // "unread/SOURCE" or "unknown/RULE": the same from scan to scan
	Rule string // the rule that could not judge; "muster/unread" for a source
	Text string // one line
	// Unread tells what could not be read from what could therefore not be judged.
	Unread bool
}

// UnreadRule stands for a rule where a gap is a source that could not be read whole, unknownRule where it is several rules.
const (
	UnreadRule  = "muster/unread"
	unknownRule = "muster/unknown"
)

// Hash is a name for programs, stable from scan to scan.
func (g *Gap) Hash() string { return Hash(g.ID) }

// Hash is a fingerprint of 32 hexadecimal digits.
func Hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Gaps lists what the audit does not know: one gap for each source that could not be read whole, then one for each rule that
// could not judge everything. Scopes that were skipped for a reason are no gaps.
func Gaps(r *report.Report) []Gap { return append(unread(r), unknown(r)...) }

// IsUnread reports whether a scope should have been read whole and was not.
func IsUnread(s *report.Scope) bool {
	return s.State != inventory.RunOK && s.State != inventory.RunSkipped
}

// sourceGap counts the scopes of a source that were not read whole.
type sourceGap struct {
	first                *report.Scope
	all, failed, partial int
}

func unread(r *report.Report) []Gap {
	var order []string
	sources := map[string]*sourceGap{}
	for i := range r.Scopes {
		s := &r.Scopes[i]
		if sources[s.Source] == nil {
			sources[s.Source] = &sourceGap{}
			order = append(order, s.Source)
		}
		sources[s.Source].count(s)
	}
	var out []Gap
	for _, source := range order {
		if g := sources[source]; g.first != nil {
			out = append(out, Gap{ID: "unread/" + source, Rule: UnreadRule, Unread: true, Text: g.text(source)})
		}
	}
	if interrupted(r) {
		out = append(out, Gap{ID: "unread", Rule: UnreadRule, Unread: true, Text: "the scan was interrupted: what it did not reach is unknown"})
	}
	return out
}

func (g *sourceGap) count(s *report.Scope) {
	g.all++
	if !IsUnread(s) {
		return
	}
	if g.first == nil {
		g.first = s
	}
	if s.State == inventory.RunPartial {
		g.partial++
	} else {
		g.failed++
	}
}

func interrupted(r *report.Report) bool {
	return !r.Scan.Complete && r.Scan.Finished.IsZero() && !r.Scan.Started.IsZero()
}

func (g *sourceGap) text(source string) string {
	var how []string
	if g.failed > 0 {
		how = append(how, fmt.Sprintf("%d of %s could not be read", g.failed, Count(g.all, "scope")))
	}
	if g.partial > 0 {
		how = append(how, fmt.Sprintf("%d of %s could be read in part only", g.partial, Count(g.all, "scope")))
	}
	return fmt.Sprintf("source %s: %s, so that what is not seen there is unknown, not absent; first: %s", quote.Line(source, MaxName), strings.Join(how, ", "), ScopeText(g.first))
}

// ScopeText says in one line which scope it is and how reading it ended.
func ScopeText(s *report.Scope) string {
	text := quote.Line(s.Scope, MaxName) + ": " + string(s.State)
	if why := join(": ", string(s.Reason), quote.Line(s.Error, MaxMessage)); why != "" {
		text += ", " + why
	}
	return text
}

func unknown(r *report.Report) []Gap {
	var out []Gap
	at := map[string]int{}
	entities := map[string]int{}
	for i := range r.Unknown {
		u := &r.Unknown[i]
		if u.Entities <= 0 {
			continue
		}
		entities[u.Rule] += u.Entities
		n, seen := at[u.Rule]
		if !seen {
			n = len(out)
			at[u.Rule] = n
			out = append(out, Gap{ID: "unknown/" + u.Rule, Rule: u.Rule, Text: quote.Line(u.Reason, MaxMessage)})
		} else if !strings.HasSuffix(out[n].Text, andMore) {
			out[n].Text += andMore
		}
	}
	for i := range out {
		out[i].Text = fmt.Sprintf("%s could not judge %s: %s", quote.Line(out[i].Rule, MaxName), Count(entities[out[i].Rule], "asset"), out[i].Text)
	}
	return out
}

const andMore = "; and for other reasons"

// Count is a number and what it counts.
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Verdict says in one line what the gate decided.
func Verdict(g *report.Gate) string {
	switch {
	case g.Passed:
		return "passed"
	case g.ExitCode == report.ExitIncomplete:
		return "incomplete: something could not be read"
	}
	return "failed"
}

// Reasons are those of the gate, each in one line, at most ten.
func Reasons(g *report.Gate) []string {
	var out []string
	for i, reason := range g.Reasons {
		if i == 10 {
			return append(out, fmt.Sprintf("and %s", Count(len(g.Reasons)-i, "more reason")))
		}
		out = append(out, quote.Line(reason, MaxMessage))
	}
	return out
}
