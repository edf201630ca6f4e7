package exec

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// keepStderr is how much of the end of a program's standard error is kept, in bytes.
const keepStderr = 64 << 10

// afterwards is how long a program that was told to end, or whose children hold its output, is waited for.
const afterwards = 5 * time.Second

// plainVariables of muster's environment are given to every program. Credentials are not among them.
func plainVariables() []string {
	return []string{
		"PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR",
		"SYSTEMROOT", "COMSPEC", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
	}
}

// run runs the program and reads what it prints.
func (c *collector) run(scan context.Context, out collectors.Sink) error {
	ctx, cancel := context.WithTimeout(scan, c.options.Timeout)
	defer cancel()
	stderr := &tail{most: keepStderr}
	cmd := c.command(ctx, stderr)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return c.failed(inventory.ReasonError, stderr, "connect to its output: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return c.explainStart(err)
	}
	// A child that left the process group can keep the pipe open for ever.
	unblock := context.AfterFunc(ctx, func() { stdout.Close() })
	defer unblock()
	limited := &limitReader{r: stdout, left: int64(c.options.MaxOutput)}
	readErr := c.decode(ctx, newLines(bufio.NewReaderSize(limited, 256<<10), int(c.options.MaxLine)), "", out)
	if readErr != nil && !errors.Is(readErr, errCut) { // at the end of its output a program may still say how it fared
		cancel()
	}
	waitErr := cmd.Wait()
	c.logStderr(stderr)
	if err := scan.Err(); err != nil {
		return err
	}
	return c.outcome(ctx, limited, stderr, readErr, waitErr)
}

func (c *collector) command(ctx context.Context, stderr io.Writer) *osexec.Cmd {
	program := c.options.Command[0]
	if strings.ContainsAny(program, `/\`) && !filepath.IsAbs(program) {
		program = filepath.Join(c.env.Dir, program)
	}
	cmd := osexec.CommandContext(ctx, program, c.options.Command[1:]...)
	cmd.Dir = c.env.Dir
	cmd.Env = c.environment()
	cmd.Stderr = stderr
	cmd.WaitDelay = afterwards
	ownGroup(cmd)
	return cmd
}

// environment is never nil, which would stand for all of muster's own.
func (c *collector) environment() []string {
	list := []string{}
	for _, name := range append(plainVariables(), c.options.Env...) {
		if v, ok := os.LookupEnv(name); ok {
			list = append(list, name+"="+v)
		}
	}
	return list
}

// outcome judges a run that is over and was not interrupted.
func (c *collector) outcome(ctx context.Context, limited *limitReader, stderr *tail, readErr, waitErr error) error {
	switch {
	case limited.exceeded:
		return c.failed(inventory.ReasonUntrusted, stderr, "it printed more than %s: raise max_output", c.options.MaxOutput)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return c.failed(inventory.ReasonTimeout, stderr, "it did not end within %s: raise timeout", c.options.Timeout)
	case readErr != nil && !errors.Is(readErr, errCut):
		return readErr
	case errors.Is(waitErr, osexec.ErrWaitDelay):
		return readErr // all was read; a child that it left behind merely holds its standard error
	case waitErr != nil:
		return c.failed(inventory.ReasonError, stderr, "%w", waitErr)
	}
	return readErr
}

func (c *collector) failed(reason inventory.RunReason, stderr *tail, format string, args ...any) error {
	err := fmt.Errorf("run %q: "+format, append([]any{c.options.Command[0]}, args...)...)
	if last := stderr.lastLines(3, 400); last != "" {
		err = fmt.Errorf("%w: it says %q", err, strings.ReplaceAll(last, "\n", " / "))
	}
	return &collectors.Error{Reason: reason, Err: err}
}

func (c *collector) explainStart(err error) error {
	switch {
	case errors.Is(err, osexec.ErrNotFound):
		err = fmt.Errorf("run %q: not found in PATH: install it, or give its path", c.options.Command[0])
	case errors.Is(err, os.ErrNotExist):
		err = fmt.Errorf("run %q: not found in %s: paths are relative to the config file", c.options.Command[0], c.env.Dir)
	case errors.Is(err, os.ErrPermission):
		err = fmt.Errorf("run %q: %w: make it executable", c.options.Command[0], err)
	default:
		err = fmt.Errorf("run %q: %w", c.options.Command[0], err)
	}
	return &collectors.Error{Reason: inventory.ReasonError, Err: err}
}

func (c *collector) logStderr(stderr *tail) {
	if len(stderr.kept) == 0 || c.env.Log == nil {
		return
	}
	c.env.Log.Info("program wrote to its standard error", "program", c.options.Command[0],
		"bytes", stderr.total, "last", stderr.lastLines(20, 4000))
}
