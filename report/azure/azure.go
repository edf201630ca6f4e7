// Package azurereport encodes a report as logging commands, which Azure Pipelines shows as issues of a run
// (https://learn.microsoft.com/en-us/azure/devops/pipelines/scripts/logging-commands). The agent keeps ten errors and ten
// warnings of a task: they are the worst, and the tenth says how many more there are.
package azurereport

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
)

// Encoder writes lines for standard output of a task.
type Encoder struct{ files ci.Files }

var _ report.Encoder = (*Encoder)(nil)

// New returns an encoder that shows findings at their place in files.
func New(files ci.Files) *Encoder { return &Encoder{files: files} }

// Format returns the id "azure".
func (*Encoder) Format() report.Format {
	return report.Format{ID: "azure", Extension: ".txt", MediaType: "text/plain; charset=utf-8"}
}

// Encode writes one command a line. Azure knows no notices: what is low or info is a warning, and a gate that passed is no
// issue at all but a line of the log.
func (e *Encoder) Encode(w io.Writer, r *report.Report) error {
	b := bufio.NewWriter(w)
	for _, a := range ci.Annotations(r, e.files, func(l ci.Level) ci.Level { return max(l, ci.Warning) }) {
		line := command(&a)
		if a.Gate && r.Gate.Passed {
			line = "muster: gate passed\n" // without its reasons: outside of a command nothing of strangers may stand
		}
		_, _ = b.WriteString(line) // the error is sticky
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write azure report: %w", err)
	}
	return nil
}

func command(a *ci.Annotation) string {
	kind := "warning"
	if a.Level == ci.Error {
		kind = "error"
	}
	out := "##vso[task.logissue type=" + kind + ";"
	if a.Place.File != "" {
		out += "sourcepath=" + property(a.Place.File) + ";linenumber=" + strconv.Itoa(a.Place.LineOrFirst()) + ";"
	}
	if a.Code != "" {
		out += "code=" + property(a.Code) + ";"
	}
	return out + "]" + data(a.Text) + "\n"
}

// data escapes the message of a command. Azure reads "%AZP25" as a percent sign.
func data(s string) string {
	return strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// property escapes the value of a property of a command.
func property(s string) string {
	return strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A", "]", "%5D", ";", "%3B").Replace(s)
}
