// Package jenkinsreport encodes a report in the native JSON format of Jenkins's Warnings plugin, which reads it with
// recordIssues(tool: issues(pattern: …)) (https://github.com/jenkinsci/warnings-ng-plugin/blob/main/doc/Documentation.md).
package jenkinsreport

import (
	"bufio"
	"errors"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/jsonstream"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// Encoder writes an object with the list "issues".
type Encoder struct{ files ci.Files }

var _ report.Encoder = (*Encoder)(nil)

// New returns an encoder that shows findings at their place in files.
func New(files ci.Files) *Encoder { return &Encoder{files: files} }

// Format returns the id "jenkins".
func (*Encoder) Format() report.Format {
	return report.Format{ID: "jenkins", Extension: ".json", MediaType: "application/json"}
}

// issue holds strings and integers only: Jenkins refuses a file in which one is anything else.
type issue struct {
	FileName    string `json:"fileName,omitempty"`
	LineStart   int    `json:"lineStart,omitempty"`
	Severity    string `json:"severity"`
	Category    string `json:"category"`
	Type        string `json:"type"`
	Message     string `json:"message"`     // HTML
	Description string `json:"description"` // HTML
	ModuleName  string `json:"moduleName,omitempty"`
	PackageName string `json:"packageName,omitempty"`
	Fingerprint string `json:"fingerprint"`
}

// Encode writes the new and open findings, and an issue for each source that could not be read whole and each rule that could
// not judge everything: a list without them would say that all is well.
func (e *Encoder) Encode(w io.Writer, r *report.Report) error {
	b := bufio.NewWriterSize(w, 1<<16)
	j := jsonstream.New(b)
	j.Raw(`{"issues":`)
	j.Open()
	for _, g := range ci.Gaps(r) {
		j.Item(e.gap(&g))
	}
	for f := range ci.Open(r) {
		j.Item(e.issue(f))
	}
	j.Close()
	j.Raw("}\n")
	if err := errors.Join(j.Err(), b.Flush()); err != nil {
		return fmt.Errorf("write jenkins report: %w", err)
	}
	return nil
}

func (e *Encoder) gap(g *ci.Gap) issue {
	out := issue{
		FileName: e.files.Fallback().File, Severity: "LOW", Category: "unknown", Type: html.EscapeString(quote.Line(g.Rule, ci.MaxName)),
		Message: html.EscapeString(g.Text), Fingerprint: g.Hash(),
	}
	if g.Unread {
		out.Severity, out.Category = "NORMAL", "unread"
	}
	return out
}

func (e *Encoder) issue(f *rules.Finding) issue {
	place := e.files.Of(f)
	return issue{
		FileName: place.File, LineStart: place.Line, Severity: severity(f.Severity),
		Category: f.Severity.String(), Type: html.EscapeString(quote.Line(f.Rule, ci.MaxName)),
		Message: html.EscapeString(ci.Message(f)), Description: "<p>" + htmlLines(ci.Detail(f)) + "</p>",
		ModuleName: html.EscapeString(quote.Line(f.Asset.Source, ci.MaxName)), PackageName: html.EscapeString(quote.Line(f.Asset.Account, ci.MaxName)),
		Fingerprint: ci.Hash(f.Fingerprint, f.Rule, f.Asset.Key),
	}
}

func htmlLines(lines []string) string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = html.EscapeString(l)
	}
	return strings.Join(out, "<br>")
}

// severity is one that Jenkins knows, from worst to mildest.
func severity(s rules.Severity) string {
	switch s {
	case rules.Critical:
		return "ERROR"
	case rules.High:
		return "HIGH"
	case rules.Medium:
		return "NORMAL"
	}
	return "LOW"
}
