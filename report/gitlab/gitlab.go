// Package gitlabreport encodes a report in GitLab's Code Quality format, which a merge request shows as what is new and what
// is gone against the target branch (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format).
package gitlabreport

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/jsonstream"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// errNoFile is returned where there is a finding and no file to show it at.
var errNoFile = errors.New("GitLab shows nothing without a file, and a finding has none in this repository: run it where muster.yaml is, or name that with --config")

// Encoder writes a list of issues.
type Encoder struct{ files ci.Files }

var _ report.Encoder = (*Encoder)(nil)

// New returns an encoder that shows findings at their place in files.
func New(files ci.Files) *Encoder { return &Encoder{files: files} }

// Format returns the id "gitlab".
func (*Encoder) Format() report.Format {
	return report.Format{ID: "gitlab", Extension: ".json", MediaType: "application/json"}
}

type issue struct {
	Description string   `json:"description"`
	CheckName   string   `json:"check_name"`
	Fingerprint string   `json:"fingerprint"`
	Severity    string   `json:"severity"`
	Location    location `json:"location"`
}

type location struct {
	Path  string `json:"path"`
	Lines lines  `json:"lines"`
}

type lines struct {
	Begin int `json:"begin"`
}

// Encode writes the new and open findings, and an issue for each source that could not be read whole and each rule that could
// not judge everything: a list without them would say that all is well. It fails if there is no file to show one at.
func (e *Encoder) Encode(w io.Writer, r *report.Report) error {
	b := bufio.NewWriterSize(w, 1<<16)
	j := jsonstream.New(b)
	j.Open()
	for _, g := range ci.Gaps(r) {
		severity := "info"
		if g.Unread {
			severity = "minor"
		}
		if err := e.add(j, issue{Description: g.Text, CheckName: name(g.Rule), Fingerprint: g.Hash(), Severity: severity}, e.files.Fallback()); err != nil {
			return err
		}
	}
	for f := range ci.Open(r) {
		if err := e.add(j, issueOf(f), e.files.Of(f)); err != nil {
			return err
		}
	}
	j.Close()
	j.Raw("\n")
	if err := errors.Join(j.Err(), b.Flush()); err != nil {
		return fmt.Errorf("write gitlab report: %w", err)
	}
	return nil
}

func (e *Encoder) add(j *jsonstream.Writer, i issue, place ci.Place) error {
	if place.File == "" {
		return fmt.Errorf("write gitlab report: %w", errNoFile)
	}
	i.Location = location{place.File, lines{place.LineOrFirst()}}
	j.Item(i)
	return nil
}

// issueOf describes a finding. GitLab takes issues of one fingerprint for one and shows no more than the description.
func issueOf(f *rules.Finding) issue {
	text := ci.Message(f)
	if fix := quote.Line(f.Fix, ci.MaxMessage); fix != "" {
		text += ". Fix: " + fix
	}
	return issue{
		Description: text, CheckName: name(f.Rule), Fingerprint: ci.Hash(f.Fingerprint, f.Rule, f.Asset.Key), Severity: severity(f.Severity),
	}
}

func name(rule string) string {
	if rule = quote.Line(rule, ci.MaxName); rule == "" {
		return "muster"
	}
	return rule
}

func severity(s rules.Severity) string {
	switch s {
	case rules.Critical:
		return "blocker"
	case rules.High:
		return "critical"
	case rules.Medium:
		return "major"
	case rules.Low:
		return "minor"
	}
	return "info"
}
