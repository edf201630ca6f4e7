// Package githubreport encodes a report as workflow commands, which GitHub Actions shows as annotations of files
// (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands). GitHub keeps ten of each level of a
// step: they are the worst, and the tenth says how many more there are.
package githubreport

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
)

// Encoder writes lines for standard output of a step.
type Encoder struct{ files ci.Files }

var _ report.Encoder = (*Encoder)(nil)

// New returns an encoder that shows findings at their place in files.
func New(files ci.Files) *Encoder { return &Encoder{files: files} }

// Format returns the id "github".
func (*Encoder) Format() report.Format {
	return report.Format{ID: "github", Extension: ".txt", MediaType: "text/plain; charset=utf-8"}
}

// Encode writes one command a line.
func (e *Encoder) Encode(w io.Writer, r *report.Report) error {
	b := bufio.NewWriter(w)
	for _, a := range ci.Annotations(r, e.files, func(l ci.Level) ci.Level { return l }) {
		_, _ = b.WriteString(command(&a)) // the error is sticky
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write github report: %w", err)
	}
	return nil
}

func command(a *ci.Annotation) string {
	title := "muster"
	if a.Code != "" {
		title += " " + a.Code
	}
	properties := "title=" + property(title)
	if a.Place.File != "" {
		properties = "file=" + property(a.Place.File) + ",line=" + strconv.Itoa(a.Place.LineOrFirst()) + "," + properties
	}
	return "::" + [...]string{ci.Notice: "notice", ci.Warning: "warning", ci.Error: "error"}[a.Level] + " " + properties + "::" + data(a.Text) + "\n"
}

// data escapes the message of a command.
func data(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes the value of a property of a command.
func property(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}
