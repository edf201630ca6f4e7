// Package cli is the command line: one file per verb, each of which turns flags into an options struct and hands it to
// a run function. Results go to standard output, progress and logs to standard error.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/muster-audit/muster/cmd/muster/internal/present"
)

// The exit codes. They are stable: see docs/exit-codes.md.
const (
	exitPassed      = 0
	exitTripped     = 1
	exitCannotRun   = 2
	exitIncomplete  = 3
	exitInterrupted = 130
)

// Machine is what a command takes from its surroundings, so that tests can give it something else.
type Machine interface {
	Stdin() io.Reader
	Stdout() io.Writer
	Stderr() io.Writer
	Getenv(name string) string
	Now() time.Time
	// Terminal returns the width of the terminal behind a writer; 0 if it is none.
	Terminal(w io.Writer) int
}

// Command returns the root of all verbs with their flags and helps, for those who describe it. It is not meant to be run.
func Command() *cobra.Command { return newRoot(System()) }

// Main runs a command line and returns the exit code. Ctrl-C ends it in good order; a panic is reported and turned into
// an exit code.
func Main(args []string, sys Machine) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(sys.Stderr(), "muster: internal error: %v\n\n%s\nThis is a fault of muster: please report it with the lines above.\n",
				r, debug.Stack())
			code = exitCannotRun
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	out := &checked{Writer: sys.Stdout()}
	root := newRoot(checkedMachine{sys, out})
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if out.err != nil {
		err = fmt.Errorf("write standard output: %w", out.err)
	}
	return exitCode(ctx, err, sys.Stderr())
}

// checked remembers the first error of a writer, so that a result that did not arrive is never a success.
type checked struct {
	io.Writer
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// checkedMachine is a machine whose standard output is checked.
type checkedMachine struct {
	Machine
	out *checked
}

func (m checkedMachine) Stdout() io.Writer { return m.out }

func (m checkedMachine) Terminal(w io.Writer) int {
	if w == io.Writer(m.out) {
		w = m.out.Writer
	}
	return m.Machine.Terminal(w)
}

// codeError ends the command with a code. A nil err prints nothing: the command has already said why.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *codeError) Unwrap() error { return e.err }

// exitCode is the one place that turns errors into exit codes.
func exitCode(ctx context.Context, err error, stderr io.Writer) int {
	var coded *codeError
	switch {
	case err == nil:
		return exitPassed
	case errors.As(err, &coded):
		if coded.err != nil {
			complain(stderr, coded.err)
		}
		return coded.code
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "muster: interrupted")
		return exitInterrupted
	default:
		complain(stderr, err)
		return exitCannotRun
	}
}

// complain prints an error, which may quote strangers, line by line.
func complain(w io.Writer, err error) {
	for i, line := range splitLines(err.Error()) {
		prefix := "muster: "
		if i > 0 {
			prefix = "        "
		}
		fmt.Fprintln(w, prefix+present.Clean(line))
	}
}

type machine struct{}

// System returns the machine that the process runs on.
func System() Machine { return machine{} }

func (machine) Stdin() io.Reader          { return os.Stdin }
func (machine) Stdout() io.Writer         { return os.Stdout }
func (machine) Stderr() io.Writer         { return os.Stderr }
func (machine) Getenv(name string) string { return os.Getenv(name) }
func (machine) Now() time.Time            { return time.Now().UTC() }

func (machine) Terminal(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width == 0 { // some pseudo-terminals have no size
		return 80
	}
	return width
}
