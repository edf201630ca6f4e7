package exec_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/collectors/exec"
	"github.com/muster-audit/muster/inventory"
)

// programVariable makes this test binary a program that the collector runs; its value says what the program does.
const programVariable = "MUSTER_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if what := os.Getenv(programVariable); what != "" {
		os.Exit(program(what))
	}
	os.Exit(m.Run())
}

// program prints some assets and then does what it is told.
func program(what string) int {
	out := bufio.NewWriter(os.Stdout)
	for _, key := range os.Args[1:] {
		fmt.Fprintf(out, "{\"key\":%q,\"type\":\"datacenter/vm\"}\n", key)
	}
	out.Flush()
	switch what {
	case "fail":
		fmt.Fprint(os.Stderr, "connecting\nlogin refused\n")
		return 3
	case "hang":
		never := make(chan os.Signal, 1)
		signal.Notify(never, os.Interrupt)
		<-never
	case "flood":
		for {
			if _, err := out.WriteString("{\"key\":\"x\",\"type\":\"t\"}\n"); err != nil {
				return 1
			}
		}
	case "where":
		dir, _ := os.Getwd()
		fmt.Printf("{\"key\":\"where\",\"type\":\"t\",\"name\":%q,\"region\":%q,\"zone\":%q}\n",
			filepath.ToSlash(dir), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("ALLOWED"))
	case "half":
		fmt.Print(`{"key":"half","ty`)
	case "shout":
		fmt.Fprint(os.Stderr, strings.Repeat("noise\n", 1<<20), "the last word\n")
		return 1
	}
	return 0
}

// kept is a sink that keeps everything.
type kept struct {
	assets   []inventory.Asset
	problems []inventory.Problem
	err      error
}

func (k *kept) Asset(a inventory.Asset) error {
	k.assets = append(k.assets, a)
	return k.err
}
func (k *kept) Skip(p inventory.Problem) { k.problems = append(k.problems, p) }
func (k *kept) Note(collectors.Facts)    {}

func (k *kept) keys() string {
	var keys []string
	for _, a := range k.assets {
		keys = append(keys, a.Key)
	}
	return strings.Join(keys, " ")
}

func options(change func(*exec.Options)) *exec.Options {
	o := exec.Spec().NewOptions().(*exec.Options)
	o.Env = []string{programVariable}
	change(o)
	return o
}

func collector(t *testing.T, dir string, o *exec.Options) collectors.Collector {
	t.Helper()
	if bad := o.Validate(); len(bad) > 0 {
		t.Fatalf("options: %v", bad)
	}
	env := collectors.Env{Dir: dir, Log: slog.New(slog.DiscardHandler)}
	c, err := exec.Spec().New(env, inventory.Source{Name: "agents", Collector: "exec", Book: inventory.Observed}, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// runProgram runs this binary as a program.
func runProgram(t *testing.T, ctx context.Context, what string, out *kept, change func(*exec.Options), keys ...string) error {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(programVariable, what)
	c := collector(t, t.TempDir(), options(func(o *exec.Options) {
		o.Command = append([]string{self}, keys...)
		if change != nil {
			change(o)
		}
	}))
	list, err := c.Scopes(ctx)
	if err != nil || len(list) != 1 || list[0].ID != exec.CommandScope || list[0].Export || list[0].MaxDrop != 0 {
		t.Fatalf("scopes %+v, error %v", list, err)
	}
	return c.Collect(ctx, list[0], out)
}

func wantError(t *testing.T, err error, reason inventory.RunReason, texts ...string) {
	t.Helper()
	var e *collectors.Error
	if !errors.As(err, &e) || e.Reason != reason {
		t.Fatalf("error is %v, want one with reason %q", err, reason)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q lacks %q", err, text)
		}
	}
}

func TestFilesConform(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:    exec.Spec(),
		Fixture: "testdata/estate",
		Options: func() any {
			return options(func(o *exec.Options) { o.Paths = []string{"*.ndjson", "absent.ndjson", "none/*.ndjson"} })
		},
		Inputs:  []string{"hosts.ndjson", "broken.ndjson"},
		Shuffle: collectortest.ShuffleLines(0),
		Generate: func(dir string, n int) error {
			return collectortest.LinesFile(filepath.Join(dir, "big.ndjson"), "", n, func(i int) string {
				return `{"key":"host-` + strconv.Itoa(i) + `","type":"datacenter/server","tags":{"owner":"payments"},"attributes":{"cores":16}}` + "\n"
			})
		},
	})
}

func TestProgramConforms(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(programVariable, "print")
	collectortest.Run(t, collectortest.Config{
		Spec:   exec.Spec(),
		Book:   inventory.Declared,
		Golden: "testdata/program.golden.ndjson",
		Options: func() any {
			return options(func(o *exec.Options) { o.Command = []string{self, "a", "b", "c", "d"} })
		},
	})
}

func TestProgram(t *testing.T) {
	out := &kept{}
	if err := runProgram(t, t.Context(), "print", out, nil, "a", "b"); err != nil {
		t.Fatal(err)
	}
	if out.keys() != "a b" || out.assets[0].Book != inventory.Observed || out.assets[0].Origin != (inventory.Origin{}) {
		t.Errorf("assets are %+v", out.assets)
	}
}

func TestProgramThatFails(t *testing.T) {
	out := &kept{}
	err := runProgram(t, t.Context(), "fail", out, nil, "a")
	wantError(t, err, inventory.ReasonError, "exit status 3", "login refused")
	if out.keys() != "a" {
		t.Errorf("assets before the failure are %q", out.keys())
	}
}

func TestProgramThatSaysALot(t *testing.T) {
	err := runProgram(t, t.Context(), "shout", &kept{}, nil)
	wantError(t, err, inventory.ReasonError, "the last word")
	if len(err.Error()) > 2000 {
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}

func TestProgramThatDoesNotEnd(t *testing.T) {
	out := &kept{}
	err := runProgram(t, t.Context(), "hang", out, func(o *exec.Options) { o.Timeout = 300 * time.Millisecond })
	wantError(t, err, inventory.ReasonTimeout, "300ms", "raise timeout")
}

func TestProgramIsEndedWithItsChildren(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a POSIX shell")
	}
	c := collector(t, t.TempDir(), options(func(o *exec.Options) {
		// The child keeps the output open: without its end the run would last an hour.
		o.Command = []string{"/bin/sh", "-c", "sleep 3600 & wait"}
		o.Timeout = 300 * time.Millisecond
	}))
	wantError(t, c.Collect(t.Context(), inventory.Scope{ID: exec.CommandScope}, &kept{}), inventory.ReasonTimeout)
}

func TestProgramIsEndedWithTheScan(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out := &cancelling{cancel: cancel}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(programVariable, "hang")
	c := collector(t, t.TempDir(), options(func(o *exec.Options) { o.Command = []string{self, "a"} }))
	if err := c.Collect(ctx, inventory.Scope{ID: exec.CommandScope}, out); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

// cancelling ends the scan at its first asset.
type cancelling struct {
	kept
	cancel context.CancelFunc
}

func (c *cancelling) Asset(inventory.Asset) error {
	c.cancel()
	return nil
}

func TestProgramThatPrintsTooMuch(t *testing.T) {
	out := &kept{}
	err := runProgram(t, t.Context(), "flood", out, func(o *exec.Options) { o.MaxOutput = 24 * 10 })
	wantError(t, err, inventory.ReasonUntrusted, "more than 240B", "raise max_output")
	if len(out.assets) > 10 {
		t.Errorf("%d assets of an output that was cut after 240 bytes", len(out.assets))
	}
}

func TestProgramMayPrintExactlyItsLimit(t *testing.T) {
	out := &kept{}
	line := int64(len(`{"key":"a","type":"datacenter/vm"}` + "\n"))
	if err := runProgram(t, t.Context(), "print", out, func(o *exec.Options) { o.MaxOutput = collectors.Size(line) }, "a"); err != nil {
		t.Fatal(err)
	}
}

func TestProgramWhoseSinkIsFull(t *testing.T) {
	full := errors.New("disk full")
	out := &kept{err: full}
	if err := runProgram(t, t.Context(), "flood", out, nil); !errors.Is(err, full) || len(out.assets) != 1 {
		t.Errorf("error is %v after %d assets", err, len(out.assets))
	}
}

func TestProgramThatEndsInMidLine(t *testing.T) {
	out := &kept{}
	wantError(t, runProgram(t, t.Context(), "half", out, nil, "a"), inventory.ReasonUntrusted, "line 2, the last one, ends in the middle")
	if len(out.problems) != 1 || out.problems[0].Line != 2 || !strings.Contains(out.problems[0].Message, "ends too early") {
		t.Errorf("problems are %+v", out.problems)
	}
}

func TestProgramGetsOnlyTheEnvironmentThatIsNamed(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "not for strangers")
	t.Setenv("ALLOWED", "yes")
	out := &kept{}
	if err := runProgram(t, t.Context(), "where", out, func(o *exec.Options) { o.Env = append(o.Env, "ALLOWED", "ABSENT") }); err != nil {
		t.Fatal(err)
	}
	if a := out.assets[0]; a.Region != "" || a.Zone != "yes" {
		t.Errorf("the program sees secret %q and allowed %q", a.Region, a.Zone)
	}
}

func TestProgramRunsInTheConfigsFolder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs a POSIX shell")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\ncat assets.ndjson\n"
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bin", "list"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "assets.ndjson"), []byte(`{"key":"here","type":"t"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	out := &kept{}
	c := collector(t, dir, options(func(o *exec.Options) { o.Command = []string{"bin/list"} }))
	if err := c.Collect(t.Context(), inventory.Scope{ID: exec.CommandScope}, out); err != nil || out.keys() != "here" {
		t.Errorf("assets %q, error %v", out.keys(), err)
	}
}

func TestProgramThatCannotStart(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ program, text string }{
		{"no-such-program-anywhere", "not found in PATH"},
		{"./bin/absent", "relative to the config file"},
		{"./notes.txt", "make it executable"},
	}
	for _, tt := range tests {
		t.Run(tt.program, func(t *testing.T) {
			if runtime.GOOS == "windows" && tt.program == "./notes.txt" {
				t.Skip("there is no such right here")
			}
			c := collector(t, dir, options(func(o *exec.Options) { o.Command = []string{tt.program} }))
			wantError(t, c.Collect(t.Context(), inventory.Scope{ID: exec.CommandScope}, &kept{}), inventory.ReasonError, tt.text)
		})
	}
}

func TestAHugeLineIsSkippedInBoundedMemory(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.ndjson")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	const huge = 200 << 20
	write := func(s string) {
		if _, err := f.WriteString(s); err != nil {
			t.Fatal(err)
		}
	}
	write("{\"key\":\"a\",\"type\":\"t\"}\n{\"key\":\"")
	chunk := strings.Repeat("x", 1<<20)
	for range huge >> 20 {
		write(chunk)
	}
	write("\"}\n{\"key\":\"c\",\"type\":\"t\"}")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out := &kept{}
	c := collector(t, dir, options(func(o *exec.Options) { o.Paths = []string{"x.ndjson"} }))
	if err := c.Collect(t.Context(), inventory.Scope{ID: "x.ndjson"}, out); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if out.keys() != "a c" {
		t.Errorf("assets are %q", out.keys())
	}
	want := []inventory.Problem{{
		File: "x.ndjson", Line: 2, Message: "the line is longer than 8MiB", Remedy: "raise max_line, or leave out large attributes",
	}}
	if d := cmp.Diff(want, out.problems); d != "" {
		t.Errorf("problems (-want +have):\n%s", d)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > huge/4 {
		t.Errorf("%d MiB were allocated for a line of %d MiB", grown>>20, huge>>20)
	}
}

// TestFileThatEndsInMidLine: that the key of the last line could be read says nothing of the lines which should follow it.
func TestFileThatEndsInMidLine(t *testing.T) {
	dir := t.TempDir()
	text := `{"key":"a","type":"t"}` + "\n" + `{"key":"b","type":"t","tags":{}}`
	for cut, want := range map[int]string{0: "a b", 1: "a", 5: "a", 20: "a"} {
		if err := os.WriteFile(filepath.Join(dir, "x"), []byte(text[:len(text)-cut]), 0o600); err != nil {
			t.Fatal(err)
		}
		out := &kept{}
		err := collector(t, dir, options(func(o *exec.Options) { o.Paths = []string{"x"} })).Collect(t.Context(), inventory.Scope{ID: "x"}, out)
		if cut > 0 {
			wantError(t, err, inventory.ReasonUntrusted, "ends in the middle")
		} else if err != nil {
			t.Error(err)
		}
		if out.keys() != want {
			t.Errorf("cut by %d: assets %q", cut, out.keys())
		}
	}
}

func TestLineLimitIsExact(t *testing.T) {
	dir := t.TempDir()
	line := `{"key":"a","type":"t"}`
	for _, end := range []string{"", "\n", "\r\n"} {
		for most, want := range map[int]int{len(line): 1, len(line) - 1: 0} {
			if err := os.WriteFile(filepath.Join(dir, "x"), []byte(line+end), 0o600); err != nil {
				t.Fatal(err)
			}
			out := &kept{}
			c := collector(t, dir, options(func(o *exec.Options) { o.Paths, o.MaxLine = []string{"x"}, collectors.Size(most) }))
			if err := c.Collect(t.Context(), inventory.Scope{ID: "x"}, out); err != nil {
				t.Fatal(err)
			}
			if len(out.assets) != want || len(out.problems) != 1-want {
				t.Errorf("limit %d, line end %q: %d assets, problems %+v", most, end, len(out.assets), out.problems)
			}
		}
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*exec.Options)
		want   []string
	}{
		{"nothing", func(*exec.Options) {}, []string{"command"}},
		{"both", func(o *exec.Options) { o.Command, o.Paths = []string{"a"}, []string{"b"} }, []string{"paths"}},
		{"empty program", func(o *exec.Options) { o.Command = []string{""} }, []string{"command"}},
		{
			"every limit", func(o *exec.Options) {
				o.Paths, o.Timeout, o.MaxOutput, o.MaxLine, o.MaxSkipped, o.MaxDrop = []string{"a"}, 0, 0, 2<<30, -1, 2
			}, []string{"timeout", "max_output", "max_line", "max_skipped", "max_drop"},
		},
		{"a value among the variables", func(o *exec.Options) { o.Paths, o.Env = []string{"a"}, []string{"A", "B=c"} }, []string{"env[1]"}},
		{"glob", func(o *exec.Options) { o.Paths = []string{"[a"} }, []string{"paths[0]"}},
		{"good", func(o *exec.Options) { o.Paths = []string{"a"} }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var have []string
			for _, e := range options(tt.change).Validate() {
				have = append(have, e.Option)
			}
			if d := cmp.Diff(tt.want, have); d != "" {
				t.Errorf("problems (-want +have):\n%s", d)
			}
		})
	}
}

// FuzzFile reads any bytes as a file: no panic, and every line is an asset, a problem or blank.
func FuzzFile(f *testing.F) {
	for _, name := range []string{"hosts.ndjson", "broken.ndjson"} {
		b, err := os.ReadFile(filepath.Join("testdata", "estate", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "x"), content, 0o600); err != nil {
			t.Fatal(err)
		}
		out := &kept{}
		c := collector(t, dir, options(func(o *exec.Options) { o.Paths, o.MaxLine = []string{"x"}, 4096 }))
		if err := c.Collect(t.Context(), inventory.Scope{ID: "x"}, out); err != nil {
			return
		}
		filled := 0
		for line := range strings.Lines(strings.TrimPrefix(string(content), "\ufeff")) {
			if strings.Trim(line, " \t\r\n") != "" {
				filled++
			}
		}
		if have := len(out.assets) + len(out.problems); have != filled {
			t.Errorf("%d assets and problems for %d lines", have, filled)
		}
	})
}

func BenchmarkFile(b *testing.B) {
	dir := b.TempDir()
	const n = 20_000
	err := collectortest.LinesFile(filepath.Join(dir, "x"), "", n, func(i int) string {
		return `{"key":"arn:aws:ec2:eu-west-1:111122223333:instance/i-` + strconv.Itoa(i) + `","type":"AWS::EC2::Instance","name":"web",` +
			`"account":"111122223333","region":"eu-west-1","tags":{"owner":"payments","env":"prod"},"attributes":{"InstanceType":"t3.micro"},` +
			`"identifiers":[{"kind":"private-ip","value":"10.0.0.4"}],"created":"2026-01-31T10:00:00Z"}` + "\n"
	})
	if err != nil {
		b.Fatal(err)
	}
	o := options(func(o *exec.Options) { o.Paths = []string{"x"} })
	c, err := exec.Spec().New(collectors.Env{Dir: dir}, inventory.Source{Book: inventory.Observed}, o)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := c.Collect(b.Context(), inventory.Scope{ID: "x"}, discard{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "lines/s")
}

// discard is a sink that keeps nothing.
type discard struct{}

func (discard) Asset(inventory.Asset) error { return nil }
func (discard) Skip(inventory.Problem)      {}
func (discard) Note(collectors.Facts)       {}
