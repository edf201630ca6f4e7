// Package exec reads assets from anything that can print or write them: a program, or files, of one JSON object a line in
// the format of docs/exec.md.
//
// A program runs without a shell, in the config file's folder, with a small environment, and is ended with all its
// children when its time is up. A line that cannot be read is skipped with its place; the rest goes on.
package exec

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// Options are the keys of a source of this collector.
type Options struct {
	Command    []string        `yaml:"command" jsonschema_description:"A program and its arguments; instead of paths."`
	Paths      []string        `yaml:"paths" jsonschema_description:"Files and globs, relative to the config file; ** crosses folders."`
	Timeout    time.Duration   `yaml:"timeout" jsonschema_description:"Longest time that the program may run (default 10m)."`
	MaxOutput  collectors.Size `yaml:"max_output" jsonschema_description:"Most that the program may print."`
	MaxLine    collectors.Size `yaml:"max_line" jsonschema_description:"Longest line; a longer one is skipped."`
	Env        []string        `yaml:"env" jsonschema_description:"Names of variables that the program is given besides PATH and its like."`
	Covers     files.Covers    `yaml:"covers" jsonschema_description:"Of which assets the source would know; by default of each type and account that it ever held."`
	MaxSkipped int             `yaml:"max_skipped" jsonschema_description:"How many lines with an unreadable key may be skipped in a scope that still counts as read."`
	MaxDrop    float64         `yaml:"max_drop" jsonschema_description:"Fraction (0 to 1) of the assets that may be gone at once and be believed (default 0.2)."`
}

// Defaults of the options.
const (
	DefaultTimeout   = 10 * time.Minute
	DefaultMaxOutput = 4 << 30
	DefaultMaxLine   = 8 << 20
)

// CommandScope is the id of the scope of a program.
const CommandScope = "command"

// Validate returns what is wrong with the options.
func (o *Options) Validate() []collectors.OptionError {
	list := files.Check("paths", o.Paths)
	bad := func(option, format string, args ...any) {
		list = append(list, collectors.OptionError{Option: option, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case len(o.Command) == 0 && len(o.Paths) == 0:
		bad("command", "neither command nor paths is there: give a program and its arguments, or files of one JSON object a line")
	case len(o.Command) > 0 && len(o.Paths) > 0:
		bad("paths", "command is there too: make two sources of them")
	case len(o.Command) > 0 && o.Command[0] == "":
		bad("command", "the program's name is empty")
	}
	if o.Timeout <= 0 {
		bad("timeout", "%s: want more than 0, as 10m", o.Timeout)
	}
	if o.MaxOutput <= 0 {
		bad("max_output", "want more than 0, as 4GiB")
	}
	if o.MaxLine <= 0 || o.MaxLine > 1<<30 {
		bad("max_line", "want more than 0 and at most 1GiB, as 8MiB")
	}
	for i, name := range o.Env {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			bad(fmt.Sprintf("env[%d]", i), "%q is not the name of a variable: values are taken from muster's environment", name)
		}
	}
	return append(list, files.CheckLimits(o.MaxSkipped, o.MaxDrop)...)
}

// Spec describes the collector.
func Spec() collectors.Spec {
	return collectors.Spec{
		Name:    "exec",
		Summary: "any program or file that yields one JSON asset a line",
		Books:   []inventory.Book{inventory.Observed, inventory.Recorded, inventory.Declared},
		Reads: "Runs the configured program without a shell and reads its standard output, or reads the configured files.\n" +
			"The program has the rights of the user who runs muster; give it read-only credentials.",
		NewOptions: func() any {
			return &Options{
				Timeout: DefaultTimeout, MaxOutput: DefaultMaxOutput, MaxLine: DefaultMaxLine, MaxDrop: files.DefaultMaxDrop,
			}
		},
		New: func(env collectors.Env, src inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector exec: options are %T", options)
			}
			return &collector{env: env, source: src, options: *o}, nil
		},
	}
}

type collector struct {
	env     collectors.Env
	source  inventory.Source
	options Options
}

// Scopes is one scope for a program, and one per file.
func (c *collector) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	like := inventory.Scope{Covers: c.options.Covers.Coverage(), MaxSkipped: c.options.MaxSkipped}
	if len(c.options.Command) > 0 {
		like.ID = CommandScope
		return []inventory.Scope{like}, nil
	}
	like.Export, like.MaxDrop = true, c.options.MaxDrop
	return files.Set{Dir: c.env.Dir, Patterns: c.options.Paths}.Scopes(ctx, like)
}

// Collect runs the program or reads the file.
func (c *collector) Collect(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	if len(c.options.Command) > 0 {
		return c.run(ctx, out)
	}
	r, err := files.Open(c.env.Dir, s)
	if err != nil {
		return err
	}
	defer r.Close()
	out.Note(collectors.Facts{DataTime: r.ModTime})
	l := newLines(r.Reader, int(c.options.MaxLine))
	return c.decode(ctx, l, s.ID, out)
}
