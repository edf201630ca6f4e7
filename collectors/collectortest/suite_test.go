package collectortest_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
)

// faultVariable makes TestSuiteOnToy run the suite on a collector with the fault that it names.
const faultVariable = "MUSTER_TOY_FAULT"

// toy reads a file of one key a line, ended by a line "end", with one fault or none.
type toy struct {
	dir, fault string
	reads      *atomic.Int32 // by all collectors of a test
	hoard      []string
}

func (c *toy) Scopes(context.Context) ([]inventory.Scope, error) {
	return []inventory.Scope{{ID: "keys.txt"}}, nil
}

func (c *toy) Collect(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	f, err := os.Open(filepath.Join(c.dir, s.ID))
	if err != nil {
		return err
	}
	defer f.Close()
	n := c.reads.Add(1)
	lines := bufio.NewScanner(f)
	for number := 1; lines.Scan(); number++ {
		if lines.Text() == "end" {
			return nil
		}
		if ctx.Err() != nil {
			return c.stopped(ctx)
		}
		if err := out.Asset(c.asset(lines.Text(), number, int(n))); err != nil && c.fault != "swallows" {
			return c.sinkError(err)
		}
	}
	if c.fault == "truncates" {
		return nil
	}
	if c.fault == "panics" {
		panic("no end")
	}
	return fmt.Errorf("the file ends without its last line")
}

func (c *toy) stopped(ctx context.Context) error {
	if c.fault == "stops silently" {
		return nil
	}
	return ctx.Err()
}

func (c *toy) sinkError(err error) error {
	if c.fault == "hides" {
		return fmt.Errorf("something went wrong")
	}
	return err
}

func (c *toy) asset(line string, number, read int) inventory.Asset {
	key, secret, _ := strings.Cut(line, " ")
	a := inventory.Asset{Key: key, Type: "datacenter/server", Origin: inventory.Origin{Line: number}}
	switch c.fault {
	case "repeats":
		a.Key = "same"
	case "numbers":
		a.Key = fmt.Sprintf("%s-%d", key, number)
	case "changes":
		a.Name = fmt.Sprintf("read-%d", read)
	case "unsorted":
		a.Identifiers = []inventory.Identifier{{Kind: inventory.Serial, Value: "b"}, {Kind: inventory.ARN, Value: "a"}}
	case "wrong book":
		a.Book = inventory.Declared
	case "leaks":
		a.Name = secret
	case "hoards":
		c.hoard = append(c.hoard, strings.Repeat(key, 100))
	}
	return a
}

func toyConfig(fault string) collectortest.Config {
	reads := &atomic.Int32{}
	return collectortest.Config{
		Spec: collectors.Spec{
			Name: "toy", Books: []inventory.Book{inventory.Observed}, NewOptions: func() any { return &struct{}{} },
			New: func(env collectors.Env, _ inventory.Source, _ any) (collectors.Collector, error) {
				return &toy{dir: env.Dir, fault: fault, reads: reads}, nil
			},
		},
		Fixture: "testdata/toy",
		Golden:  "testdata/toy.golden.ndjson",
		Secrets: []string{"open-sesame"},
		Detectable: func(_ string, content []byte, n int) bool {
			return n < len(content)-1
		},
		Generate: func(dir string, n int) error {
			return collectortest.LinesFile(filepath.Join(dir, "keys.txt"), "", n+1, func(i int) string {
				if i == n {
					return "end\n"
				}
				return fmt.Sprintf("host-%06d\n", i)
			})
		},
	}
}

func TestSuiteOnToy(t *testing.T) {
	cfg := toyConfig(os.Getenv(faultVariable))
	shuffle := collectortest.ShuffleLines(0)
	cfg.Shuffle = func(name string, content []byte, rng *rand.Rand) []byte { // all but the last line
		body := strings.TrimSuffix(string(content), "end\n")
		return append(shuffle(name, []byte(body), rng), "end\n"...)
	}
	collectortest.Run(t, cfg)
}

// TestSuiteFindsFaults runs the suite on faulty collectors, each in a process of its own, and looks which tests fail.
func TestSuiteFindsFaults(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	failure := regexp.MustCompile(`--- FAIL: TestSuiteOnToy/(\S+)`)
	tests := []struct {
		fault string
		fails []string
	}{
		{"", nil},
		{"repeats", []string{"golden", "well-formed"}},
		{"numbers", []string{"golden", "shuffled"}},
		{"changes", []string{"golden", "parallel", "same-twice", "shuffled"}},
		{"unsorted", []string{"golden", "well-formed"}},
		{"wrong book", []string{"golden", "well-formed"}},
		{"leaks", []string{"golden", "secrets"}},
		{"swallows", []string{"sink-error"}},
		{"hides", []string{"sink-error"}},
		{"stops silently", []string{"cancelled"}},
		{"truncates", []string{"truncated"}},
		{"hoards", []string{"memory"}},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			short := !slices.Contains(tt.fails, "memory") && tt.fault != "" // that test takes most of the time
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestSuiteOnToy$", fmt.Sprintf("-test.short=%v", short))
			cmd.Env = append(os.Environ(), faultVariable+"="+tt.fault)
			text, err := cmd.CombinedOutput()
			if (err == nil) != (len(tt.fails) == 0) {
				t.Fatalf("the suite ends with %v:\n%s", err, text)
			}
			var have []string
			for _, m := range failure.FindAllStringSubmatch(string(text), -1) {
				have = append(have, m[1])
			}
			slices.Sort(have)
			if d := cmp.Diff(tt.fails, have); d != "" {
				t.Errorf("failed tests (-want +have):\n%s\n%s", d, text)
			}
		})
	}
}

// TestSuiteDoesNotOutliveAPanic makes sure that a collector's panic is not hidden.
func TestSuiteDoesNotOutliveAPanic(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestSuiteOnToy$")
	cmd.Env = append(os.Environ(), faultVariable+"=panics")
	if text, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(text), "panic: no end") {
		t.Errorf("the suite ends with %v:\n%s", err, text)
	}
}

func TestAtLineEnd(t *testing.T) {
	content := []byte("ab\r\ncd\n")
	for n, want := range []bool{true, false, true, true, true, false, true, true} {
		if have := collectortest.AtLineEnd(content, n); have != want {
			t.Errorf("cut after %d: %v, want %v", n, have, want)
		}
	}
}
