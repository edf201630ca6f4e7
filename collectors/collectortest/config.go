package collectortest

import (
	"bytes"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// Config says how to try a collector.
type Config struct {
	// Spec is the collector's.
	Spec collectors.Spec
	// Book of the source; empty means the Spec's first.
	Book inventory.Book
	// Fixture is the folder with the source's files, relative to the test; each test gets a copy as Env.Dir.
	Fixture string
	// Options returns a new value of what Spec.NewOptions returns, filled in; nil means the defaults.
	Options func() any
	// Golden is the file with what the fixture must yield; empty means testdata/conformance.golden.ndjson.
	Golden string

	// Inputs are patterns, as for filepath.Glob below Fixture, of the files that are shuffled and truncated; nil means
	// every file.
	Inputs []string
	// Shuffle returns the content of an input file with its records in another order; nil leaves the test out. See
	// ShuffleLines.
	Shuffle func(name string, content []byte, rng *rand.Rand) []byte
	// Detectable reports whether a reader can tell that content[:n] is not the whole file. Nil means that it can unless
	// the cut is at the end of a line, as with formats of one record a line.
	Detectable func(name string, content []byte, n int) bool

	// Generate replaces the files of dir by an input of n records for the same options; nil leaves out the test of
	// memory.
	Generate func(dir string, n int) error
	// BytesPerRecord is how much live memory each further record of a generated input may take: its key's hash, and no
	// more. 0 means 64.
	BytesPerRecord int

	// Secrets are texts of the fixture that must not be in anything that the collector yields.
	Secrets []string
	// Now is the clock of Env; nil means 2026-03-01T12:00:00Z, and every fixture file has that modification time.
	Now func() time.Time
}

// ShuffleLines returns a Shuffle for files of one record a line, which keeps the first lines where they are.
func ShuffleLines(header int) func(string, []byte, *rand.Rand) []byte {
	return func(_ string, content []byte, rng *rand.Rand) []byte {
		lines := bytes.SplitAfter(content, []byte("\n"))
		if n := len(lines); n > 0 && len(lines[n-1]) == 0 {
			lines = lines[:n-1]
		} else if n > 0 {
			lines[n-1] = append(bytes.Clone(lines[n-1]), '\n')
		}
		if len(lines) > header {
			rest := lines[header:]
			rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
		}
		return bytes.Join(lines, nil)
	}
}

// AtLineEnd reports whether a cut after n bytes leaves whole lines, which no reader of a format of one record a line can
// tell from a whole file.
func AtLineEnd(content []byte, n int) bool {
	return n == 0 || n == len(content) || content[n-1] == '\n' || content[n] == '\n' || content[n] == '\r'
}

// clock is the time that fixtures are read at.
func (c *Config) clock() func() time.Time {
	if c.Now != nil {
		return c.Now
	}
	return func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
}

func (c *Config) source() inventory.Source {
	book := c.Book
	if book == "" {
		book = c.Spec.Books[0]
	}
	return inventory.Source{Name: "conformance", Collector: c.Spec.Name, Book: book}
}

// collector makes the collector for a folder.
func (c *Config) collector(t *testing.T, dir string) collectors.Collector {
	t.Helper()
	options := c.Spec.NewOptions()
	if c.Options != nil {
		options = c.Options()
	}
	env := collectors.Env{
		Dir:    dir,
		Now:    c.clock(),
		Log:    slog.New(slog.DiscardHandler),
		Secret: inventory.NewSecretHash([]byte("0123456789abcdef")),
	}
	made, err := c.Spec.New(env, c.source(), options)
	if err != nil {
		t.Fatalf("make collector: %v", err)
	}
	return made
}

// fixture copies the fixture to a new folder, its files as old as the clock.
func (c *Config) fixture(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if c.Fixture == "" {
		return dir
	}
	if err := os.CopyFS(dir, os.DirFS(c.Fixture)); err != nil {
		t.Fatalf("copy fixture: %v", err)
	}
	c.setTimes(t, dir)
	return dir
}

func (c *Config) setTimes(t *testing.T, dir string) {
	t.Helper()
	now := c.clock()()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chtimes(path, now, now)
	})
	if err != nil {
		t.Fatalf("set times of fixture: %v", err)
	}
}

// inputs lists the input files below dir, relative to it.
func (c *Config) inputs(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil && c.isInput(filepath.ToSlash(name)) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatalf("list fixture: %v", err)
	}
	return names
}

func (c *Config) isInput(name string) bool {
	for _, p := range c.Inputs {
		if inventory.MatchGlob(p, name) {
			return true
		}
	}
	return c.Inputs == nil
}
