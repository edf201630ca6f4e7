package agents

import (
	"cmp"
	"fmt"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/collectors/hosts"
	"github.com/muster-audit/muster/inventory"
)

// Options are the keys of a source of such a collector.
type Options struct {
	Paths        []string          `yaml:"paths" jsonschema_description:"Files, folders and globs, relative to the config file; a folder is read as one."`
	Account      string            `yaml:"account" jsonschema_description:"The account of machines that do not tell it themselves, as 111122223333 or dc1."`
	Region       string            `yaml:"region" jsonschema_description:"The region of machines that do not tell it themselves."`
	Tags         map[string]string `yaml:"tags" jsonschema_description:"Maps a tag's key to the path of the fact with its value."`
	Attributes   map[string]string `yaml:"attributes" jsonschema_description:"Maps an attribute's name to the path of the fact with its value."`
	MaxAge       time.Duration     `yaml:"max_age" jsonschema_description:"How long an agent may be silent; 0 leaves that open."`
	MaxExportAge time.Duration     `yaml:"max_export_age" jsonschema_description:"How old the export may be and still be believed (default max_age, or any age without one)."`
	Covers       files.Covers      `yaml:"covers" jsonschema_description:"Of which assets the source would know for certain; by default it proves no absence."`
	MaxSkipped   int               `yaml:"max_skipped" jsonschema_description:"How many records with an unreadable key may be skipped in a scope that still counts as read."`
	MaxDrop      float64           `yaml:"max_drop" jsonschema_description:"Fraction (0 to 1) of the assets that may be gone at once and be believed (default 0.2)."`
}

// NewOptions returns the defaults.
func NewOptions() *Options { return &Options{MaxDrop: files.DefaultMaxDrop} }

// Validate returns what is wrong with the options.
func (o *Options) Validate() []collectors.OptionError {
	list := files.Check("paths", o.Paths)
	bad := func(option, format string, args ...any) {
		list = append(list, collectors.OptionError{Option: option, Message: fmt.Sprintf(format, args...)})
	}
	if len(o.Paths) == 0 {
		bad("paths", "missing: name the exported files or their folder")
	}
	if o.MaxAge < 0 || o.MaxAge > 0 && o.MaxAge < time.Minute {
		bad("max_age", "%s: want a minute or more, as 168h, or 0 to leave open how long an agent may be silent", o.MaxAge)
	}
	if o.MaxExportAge < 0 {
		bad("max_export_age", "%s: want a time such as 36h, or 0", o.MaxExportAge)
	}
	list = append(list, hosts.CheckMapping(o.Tags, o.Attributes, attrLastCheckIn, attrLimit)...)
	return append(list, files.CheckLimits(o.MaxSkipped, o.MaxDrop)...)
}

// coverage proves presence only, unless the user says what the source would know.
func (o *Options) coverage() inventory.Coverage {
	c := o.Covers.Coverage()
	if c.Derived {
		return inventory.Coverage{PresenceOnly: true}
	}
	return c
}

// exportAge is how old an export may be; 0 is any age. In one older than max_age every agent looks silent.
func (o *Options) exportAge() time.Duration { return cmp.Or(o.MaxExportAge, o.MaxAge) }
