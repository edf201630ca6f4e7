// Package ansible reads inventories of Ansible, files in INI, YAML or JSON and the output of ansible-inventory --list, and emits
// every host as a declared asset: somebody says that it is to be configured, and so that it is there.
//
// An inventory may speak of a host and its groups anywhere, so that hosts are kept until the end of the file: their names, groups
// and those few variables that are asked for. No other variable is kept, which is where passwords are.
package ansible

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/collectors/hosts"
	"github.com/muster-audit/muster/inventory"
)

// Options are the keys of a source of this collector.
type Options struct {
	Paths      []string          `yaml:"paths" jsonschema_description:"Inventory files and globs, relative to the config file."`
	Tags       map[string]string `yaml:"tags" jsonschema_description:"Maps a tag's key to the variable with its value; a dot leads into a variable that is a dictionary."`
	Attributes map[string]string `yaml:"attributes" jsonschema_description:"Maps an attribute's name to the variable with its value."`
	MaxAge     time.Duration     `yaml:"max_age" jsonschema_description:"How long ago a file may have been written and still be believed; 0 is for ever."`
	MaxDrop    float64           `yaml:"max_drop" jsonschema_description:"Fraction (0 to 1) of the hosts that may be gone at once and be believed (default 0.2)."`
}

// NewOptions returns options with their defaults.
func NewOptions() *Options { return &Options{MaxDrop: files.DefaultMaxDrop} }

// attrGroups names the groups of a host.
const attrGroups = "groups"

// Validate returns what is wrong with the options.
func (o *Options) Validate() []collectors.OptionError {
	list := files.Check("paths", o.Paths)
	if len(o.Paths) == 0 {
		list = append(list, collectors.OptionError{Option: "paths", Message: "is missing: name inventory files, as inventories/*/hosts.yml"})
	}
	if o.MaxAge < 0 {
		list = append(list, collectors.OptionError{Option: "max_age", Message: fmt.Sprintf("%s: want 0 or more, as 36h", o.MaxAge)})
	}
	list = append(list, files.CheckLimits(0, o.MaxDrop)...)
	return append(list, hosts.CheckMapping(o.Tags, o.Attributes, attrGroups)...)
}

// Spec describes the collector.
func Spec() collectors.Spec {
	return collectors.Spec{
		Name:    "ansible",
		Summary: "hosts of Ansible inventories",
		Books:   []inventory.Book{inventory.Declared},
		Reads: "Reads inventory files in INI, YAML and JSON, and the saved output of ansible-inventory --list. It runs nothing.\n" +
			"The user who runs muster needs the right to read the files. Only variables that the source names are stored.",
		NewOptions: func() any { return NewOptions() },
		New: func(env collectors.Env, _ inventory.Source, options any) (collectors.Collector, error) {
			o, ok := options.(*Options)
			if !ok {
				return nil, fmt.Errorf("make collector ansible: options are %T", options)
			}
			return &collector{env: env, options: *o}, nil
		},
	}
}

type collector struct {
	env     collectors.Env
	options Options
}

// Scopes is one scope per file. INI and YAML may be cut between two lines without a sign of it, so that a sudden fall is not believed at
// once. What a glob finds in group_vars and host_vars are no inventories.
func (c *collector) Scopes(ctx context.Context) ([]inventory.Scope, error) {
	like := inventory.Scope{Covers: inventory.Coverage{Derived: true}, Export: true, MaxDrop: c.options.MaxDrop}
	list, err := files.Set{Dir: c.env.Dir, Patterns: c.options.Paths}.Scopes(ctx, like)
	if err != nil {
		return nil, err
	}
	kept := slices.DeleteFunc(slices.Clone(list), func(s inventory.Scope) bool { return besideInventory(s.ID) && !slices.Contains(c.options.Paths, s.ID) })
	if len(kept) == 0 {
		return list, nil // reading them says what they are
	}
	return kept, nil
}

// besideInventory reports whether a file of this path holds variables only.
func besideInventory(id string) bool {
	folders := strings.Split(path.Dir(id), "/")
	return slices.Contains(folders, "group_vars") || slices.Contains(folders, "host_vars")
}

// Collect reads one file.
func (c *collector) Collect(ctx context.Context, s inventory.Scope, out collectors.Sink) error {
	r, err := files.Open(c.env.Dir, s)
	if err != nil {
		return err
	}
	defer r.Close()
	out.Note(collectors.Facts{DataTime: r.ModTime})
	m := hosts.NewMapping(c.options.Tags, c.options.Attributes, c.env.Secret)
	b := newBook(s.ID, m.Paths(), func(p inventory.Problem) { p.File = s.ID; out.Skip(p) })
	if err := b.read(ctx, r.Reader); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf("read %q: %w", s.ID, err)}
	}
	if err := b.emit(ctx, m, out); err != nil {
		return err
	}
	return c.checkAge(s.ID, r.ModTime)
}

func (c *collector) checkAge(id string, written time.Time) error {
	age := c.env.Now().Sub(written)
	if c.options.MaxAge == 0 || age <= c.options.MaxAge {
		return nil
	}
	return &collectors.Error{Reason: inventory.ReasonStale, Err: fmt.Errorf(
		"%q was written %s ago, max_age is %s: check whether the job that writes it ran", id, age.Round(time.Minute), c.options.MaxAge)}
}
