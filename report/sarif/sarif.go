// Package sarifreport encodes a report as SARIF 2.1.0, the standard format for results of analysis
// (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), as GitHub code scanning reads it
// (https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support).
//
// GitHub and many others know neither the baseline state "absent" nor suppressions and show such results as open alerts. So
// the log holds new and open findings alone, unless all are asked for.
package sarifreport

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/jsonstream"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

const (
	schemaURI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	home      = "https://github.com/muster-audit/muster"
)

// What GitHub takes: it refuses a file with more results or of more bytes, packed, and keeps the worst 5,000.
const (
	maxResults       = 25_000
	shownByGitHub    = 5_000
	maxPacked        = 9_500_000 // of 10 MB
	maxNotifications = 1_000
	maxText          = 1_000
)

// Options say what is encoded.
type Options struct {
	Files ci.Files
	// All adds the findings that this scan resolved, as absent, and the accepted ones, as suppressed.
	All bool
}

// Encoder writes one run.
type Encoder struct {
	options    Options
	maxResults int
	maxPacked  int // bytes
}

var _ report.Encoder = (*Encoder)(nil)

// New returns an encoder.
func New(o Options) *Encoder {
	return &Encoder{options: o, maxResults: maxResults, maxPacked: maxPacked}
}

// Format returns the id "sarif", or "sarif-full" with all findings.
func (e *Encoder) Format() report.Format {
	f := report.Format{ID: "sarif", Extension: ".sarif", MediaType: "application/sarif+json"}
	if e.options.All {
		f.ID = "sarif-full"
	}
	return f
}

// Encode writes the log result by result. What it leaves out stands in the notifications of the invocation.
func (e *Encoder) Encode(w io.Writer, r *report.Report) error {
	b := bufio.NewWriterSize(w, 1<<16)
	size := newPacked()
	l := &log{json: jsonstream.New(io.MultiWriter(b, size)), size: size, encoder: e, report: r}
	l.rules = rulesOf(r)
	l.write()
	if err := l.json.Err(); err != nil {
		return fmt.Errorf("write sarif report: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write sarif report: %w", err)
	}
	return nil
}

// log writes one log.
type log struct {
	json    *jsonstream.Writer
	size    *packed
	encoder *Encoder
	report  *report.Report
	rules   ruleList
	written int
	tooMany int // results left out since there are too many
	tooBig  int // results left out since the file would be too big
}

func (l *log) write() {
	l.json.Raw(`{"$schema":"` + schemaURI + `","version":"2.1.0","runs":[{"tool":{"driver":{"name":"muster","informationUri":"` + home + `"`)
	if v := quote.Line(l.report.Tool.Version, maxText); v != "" {
		l.json.Raw(`,"version":`)
		l.json.Value(v)
	}
	l.json.Raw(`,"notifications":[{"id":"unread"},{"id":"unknown"},{"id":"left-out"}],"rules":`)
	l.json.Open()
	for _, rule := range l.rules.list {
		l.json.Item(rule)
	}
	l.json.Close()
	l.json.Raw(`}},"automationDetails":`)
	l.json.Value(map[string]string{"id": fmt.Sprintf("muster/%d", l.report.Scan.ID)})
	l.json.Raw(`,"columnKind":"utf16CodeUnits","results":`)
	l.results()
	l.json.Raw(`,"invocations":[`)
	l.json.Value(l.invocation())
	l.json.Raw("]}]}\n")
}

func (l *log) results() {
	l.json.Open()
	for f := range ci.Open(l.report) {
		l.result(f, stateOf(f), nil)
	}
	if l.encoder.options.All {
		for i := range l.report.Findings {
			if f := &l.report.Findings[i]; f.State == inventory.FindingResolved {
				l.result(f, "absent", nil)
			}
		}
		for i := range l.report.Accepted {
			a := &l.report.Accepted[i]
			l.result(&a.Finding, l.acceptedState(&a.Finding), suppressionOf(a))
		}
	}
	l.json.Close()
}

func stateOf(f *rules.Finding) string {
	if f.State == inventory.FindingNew {
		return "new"
	}
	return "unchanged"
}

// acceptedState is "new" for what this scan saw first.
func (l *log) acceptedState(f *rules.Finding) string {
	if !f.FirstSeen.IsZero() && !f.FirstSeen.Before(l.report.Scan.Started) {
		return "new"
	}
	return "unchanged"
}

func (l *log) result(f *rules.Finding, state string, s []suppression) {
	switch {
	case l.tooBig > 0 || l.size.bytes() > l.encoder.maxPacked:
		l.tooBig++
		return
	case l.written == l.encoder.maxResults:
		l.tooMany++
		return
	}
	l.written++
	out := resultOf(f, l.encoder.options.Files.Of(f))
	out.RuleIndex, out.BaselineState, out.Suppressions = l.rules.index[f.Rule], state, s
	l.json.Item(out)
}

func (l *log) invocation() invocation {
	r := l.report
	out := invocation{
		ExecutionSuccessful: true, ExitCode: r.Gate.ExitCode, Start: utc(r.Scan.Started), End: utc(r.Scan.Finished),
		Notifications: []notification{},
	}
	l.leftOut(&out)
	for i, g := range ci.Gaps(r) {
		if i == maxNotifications {
			out.add("left-out", "warning", fmt.Sprintf("only the first %d gaps are listed here", maxNotifications))
			break
		}
		id, level := "unknown", "warning"
		if g.Unread {
			id, level = "unread", "error"
			out.ExecutionSuccessful = false
		}
		out.add(id, level, g.Text)
	}
	return out
}

// leftOut says what the log does not hold, and what GitHub will not show.
func (l *log) leftOut(out *invocation) {
	if l.tooMany > 0 {
		out.add("left-out", "warning", fmt.Sprintf("%s left out: GitHub takes at most %d of a run; the worst are here, all are in the JSON report", ci.Count(l.tooMany, "result"), l.encoder.maxResults))
	}
	if l.tooBig > 0 {
		out.add("left-out", "warning", fmt.Sprintf("%s left out: GitHub takes at most 10 MB, packed; the worst are here, all are in the JSON report", ci.Count(l.tooBig, "result")))
	}
	if l.written > shownByGitHub {
		out.add("left-out", "note", fmt.Sprintf("GitHub shows the worst %d of these %d results", shownByGitHub, l.written))
	}
	if n := l.report.Summary.Accepted; n > 0 && !l.encoder.options.All {
		out.add("left-out", "note", ci.Count(n, "accepted finding")+" not listed: the format sarif-full has them")
	}
}

func utc(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
