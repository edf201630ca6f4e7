package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/muster-audit/muster/cmd/muster/internal/wire"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules/retag"
	"github.com/muster-audit/muster/rules/shell"
)

// maxComment is how long a line of a comment gets.
const maxComment = 1000

// printPlan writes a plan as a shell script. All but its commands are comments, each on one line whatever strangers called a thing.
func printPlan(w io.Writer, p *wire.TagPlan, path string) error {
	out := &planWriter{w: bufio.NewWriter(w)}
	if len(p.Steps) == 0 {
		out.comment("%s of %s read, and nothing to set", count(p.Rows, "row"), path)
		return out.w.Flush()
	}
	out.comment("%s of %s read; tags to be set on %s. muster has changed nothing: look at what follows before you run it", count(p.Rows, "row"), path, count(p.Assets, "asset"))
	for i := range p.Steps {
		s := &p.Steps[i]
		if i == 0 || p.Steps[i-1].Kind != s.Kind {
			out.heading(s.Kind)
		}
		out.step(s)
	}
	return out.w.Flush()
}

type planWriter struct{ w *bufio.Writer }

func (o *planWriter) comment(format string, args ...any) {
	fmt.Fprintf(o.w, "# %s\n", quote.Line(fmt.Sprintf(format, args...), maxComment))
}

func (o *planWriter) heading(k retag.StepKind) {
	o.w.WriteByte('\n')
	o.comment("%s", map[retag.StepKind]string{
		retag.Run:      "What no code declares. An answer of AWS that holds a FailedResourcesMap names what was refused.",
		retag.EditCode: "In the code, which would take back what a command sets:",
		retag.FindCode: "Declared or kept by a tool, in code that muster did not read:",
		retag.Register: "In registers:",
		retag.ByHand:   "By hand:",
	}[k])
}

func (o *planWriter) step(s *retag.Step) {
	switch s.Kind {
	case retag.Run:
		o.comment("%s: %s on %s%s", s.Where, settings(s.Set), count(s.Assets, "asset"), unreadNote(s))
		fmt.Fprintln(o.w, shell.Line(s.Command...))
		return
	case retag.Register:
		o.comment("- %s: fill the columns of %s%s", s.Where, settings(s.Set), unreadNote(s))
		return
	}
	note := ""
	switch {
	case s.File != "":
		note = " (--patch writes it)"
	case s.Why != "":
		note = " (" + s.Why + ")"
	}
	o.comment("- %s: %s%s%s", s.Where, settings(s.Set), note, unreadNote(s))
}

func settings(set []inventory.Tag) string {
	list := make([]string, len(set))
	for i, t := range set {
		list[i] = fmt.Sprintf("%s = %q", t.Key, t.Value)
	}
	return strings.Join(list, ", ")
}

// unreadNote warns of what is replaced unseen.
func unreadNote(s *retag.Step) string {
	if s.Unread == 0 {
		return ""
	}
	return fmt.Sprintf("; the tags of %s could not be read in the last scan: see what is there first", count(s.Unread, "asset"))
}
