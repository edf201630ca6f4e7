package cli

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// stage is a machine whose surroundings a test sets.
type stage struct {
	out, err bytes.Buffer
	stdout   io.Writer // instead of out
	width    int
	env      func(string) string
}

func (s *stage) Stdin() io.Reader       { return strings.NewReader("") }
func (s *stage) Stderr() io.Writer      { return &s.err }
func (s *stage) Now() time.Time         { return time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC) }
func (s *stage) Terminal(io.Writer) int { return s.width }

func (s *stage) Stdout() io.Writer {
	if s.stdout != nil {
		return s.stdout
	}
	return &s.out
}

func (s *stage) Getenv(name string) string {
	if s.env == nil {
		return ""
	}
	return s.env(name)
}

func TestPanic(t *testing.T) {
	t.Chdir(t.TempDir())
	s := &stage{env: func(string) string { panic("index out of range [3]") }}
	if code := Main([]string{"doctor"}, s); code != exitCannotRun {
		t.Errorf("exit code %d, want %d", code, exitCannotRun)
	}
	for _, want := range []string{"internal error: index out of range [3]", "goroutine", "please report"} {
		if !strings.Contains(s.err.String(), want) {
			t.Errorf("standard error lacks %q:\n%s", want, &s.err)
		}
	}
	if s.out.Len() > 0 {
		t.Errorf("standard output: %s", &s.out)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestLostOutput: a result that did not arrive is no success, whatever verb wrote it.
func TestLostOutput(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{{"version"}, {"help"}, {"completion", "bash"}, {"collectors"}, {"collectors", "--schema"}, {"policy", "rules"}, {"init"}} {
		s := &stage{stdout: brokenPipe{}}
		if code := Main(args, s); code != exitCannotRun || !strings.Contains(s.err.String(), "write standard output: no space left on device") {
			t.Errorf("%v: exit code %d, %s", args, code, &s.err)
		}
	}
}

func TestColor(t *testing.T) {
	for _, tt := range []struct {
		name    string
		width   int
		noColor bool
		env     map[string]string
		want    bool
	}{
		{name: "terminal", width: 80, want: true},
		{name: "file", width: 0},
		{name: "flag", width: 80, noColor: true},
		{name: "NO_COLOR", width: 80, env: map[string]string{"NO_COLOR": "1"}},
		{name: "dumb terminal", width: 80, env: map[string]string{"TERM": "dumb"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := &globals{sys: &stage{width: tt.width, env: func(name string) string { return tt.env[name] }}, noColor: tt.noColor}
			if g.color() != tt.want {
				t.Errorf("colour %v", g.color())
			}
		})
	}
}

// TestHelp: every verb says what it does and how it is used.
func TestHelp(t *testing.T) {
	root := newRoot(&stage{})
	list := root.Commands()
	for len(list) > 0 {
		c := list[0]
		list = append(list[1:], c.Commands()...)
		if c.Short == "" || !strings.Contains(c.Example, "muster "+strings.TrimPrefix(c.CommandPath(), "muster ")) {
			t.Errorf("%s: short %q, examples:\n%s", c.CommandPath(), c.Short, c.Example)
		}
		for _, line := range strings.Split(c.Example+"\n"+c.Long, "\n") {
			if len(line) > 120 {
				t.Errorf("%s: a line of %d characters: %s", c.CommandPath(), len(line), line)
			}
		}
		for line := range strings.Lines(c.Example) {
			checkExample(t, line)
		}
	}
}

// checkExample: an example names a verb and flags that there are.
func checkExample(t *testing.T, line string) {
	t.Helper()
	line, _, _ = strings.Cut(line, " > ")
	line, _, _ = strings.Cut(line, "#")
	for _, part := range strings.Split(line, "&&") {
		_, rest, ok := strings.Cut(strings.Trim(part, " \n<()"), "muster ")
		if !ok {
			continue
		}
		root := newRoot(&stage{})
		c, args, err := root.Find(strings.Fields(strings.TrimRight(rest, ")")))
		if err != nil || c == root {
			t.Errorf("%s: %v", line, err)
			continue
		}
		for _, arg := range args {
			if name, ok := strings.CutPrefix(arg, "--"); ok && c.Flags().Lookup(name) == nil && c.InheritedFlags().Lookup(name) == nil {
				t.Errorf("%s: there is no flag --%s", line, name)
			}
		}
	}
}
