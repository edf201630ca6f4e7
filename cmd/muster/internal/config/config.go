// Package config turns muster.yaml, MUSTER_* variables and command-line flags into one typed, validated struct, and
// names everything that is wrong with them at once.
//
// The file is decoded by strictyaml, since viper lower-cases keys and the names of tags and columns are case-sensitive.
// Viper then lays variables and flags over the file's settings: flag over environment over file over default.
package config

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/strictyaml"
)

// DefaultFile is the config file that is looked for in the current folder.
const DefaultFile = "muster.yaml"

// Config is the whole configuration. Paths are absolute, but for those inside sources, which are relative to Dir.
type Config struct {
	Settings
	Sources  []Source
	Reports  []Report
	Notify   []Notify
	Activity Activity
	// Retention is what muster prune keeps.
	Retention inventory.Retention

	// File is the config file, absolute, and Dir its folder. Without a config file, File is empty and Dir the current folder.
	File, Dir string
	// Digest is "sha256:…" of the file's bytes; empty without a file.
	Digest string

	blame func(key, message string) strictyaml.Problem
}

// Settings are the values that a variable or flag can override.
type Settings struct {
	Store  string   `mapstructure:"store"`
	Policy []string `mapstructure:"policy"`
	Gate   Gate     `mapstructure:"gate"`
	Scan   Scan     `mapstructure:"scan"`
}

// Scan says how sources are read.
type Scan struct {
	Parallel int           `yaml:"parallel" jsonschema:"minimum=1,maximum=256" jsonschema_description:"Scopes that are read at a time (default 8); of those that wait for a network, four times as many."`
	Attempts int           `yaml:"attempts" jsonschema:"minimum=1,maximum=20" jsonschema_description:"Tries for a scope whose error may pass (default 3)."`
	Timeout  time.Duration `yaml:"timeout" jsonschema_description:"Longest time that one scope may take (default: no limit)."`
}

// Gate says what makes a check fail.
type Gate struct {
	FailOn         Threshold      `yaml:"fail_on" jsonschema_description:"Mildest severity that fails the gate (default high)."`
	NewOnly        bool           `yaml:"new_only" jsonschema_description:"Count only findings that the last complete scan did not have."`
	Baseline       string         `yaml:"baseline" jsonschema_description:"File of accepted findings; see muster baseline."`
	MinTagCoverage float64        `yaml:"min_tag_coverage" jsonschema:"minimum=0,maximum=100" jsonschema_description:"Percent of entities that must pass their required tag rules."`
	MinIaCCoverage float64        `yaml:"min_iac_coverage" jsonschema:"minimum=0,maximum=100" jsonschema_description:"Percent of entities that must be declared."`
	Incomplete     Incomplete     `yaml:"incomplete" jsonschema_description:"What a scope that could not be read whole does: fail (exit code 3; the default) or warn."`
	Where          string         `yaml:"where" jsonschema_description:"CEL expression: only findings about such assets count."`
	AcceptUnread   []AcceptUnread `yaml:"accept_unread" jsonschema_description:"Scopes that may stay unread."`
}

// AcceptUnread names scopes that may stay unread without making a check incomplete.
type AcceptUnread struct {
	Source  string `yaml:"source" jsonschema:"required" jsonschema_description:"Source name or pattern."`
	Scope   string `yaml:"scope" jsonschema:"required" jsonschema_description:"Scope id or pattern; * stands for any characters."`
	Reason  string `yaml:"reason" jsonschema:"required"`
	Owner   string `yaml:"owner" jsonschema:"required"`
	Expires Date   `yaml:"expires" jsonschema:"required" jsonschema_description:"Last day on which it holds (UTC)."`
}

// Source is one place to read from.
type Source struct {
	inventory.Source
	// Options is what the collector's Spec.NewOptions made, filled in.
	Options any
	Spec    collectors.Spec
}

// Threshold is the mildest severity that fails the gate; the zero value is "never".
type Threshold struct{ Severity rules.Severity }

// UnmarshalText accepts a severity or "never".
func (t *Threshold) UnmarshalText(text []byte) error {
	t.Severity = 0
	if string(text) == "never" {
		return nil
	}
	if err := t.Severity.UnmarshalText(text); err != nil {
		return fmt.Errorf("%v, or never", err)
	}
	return nil
}

// MarshalText returns the severity or "never".
func (t Threshold) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// String returns the severity or "never".
func (t Threshold) String() string {
	if t.Severity == 0 {
		return "never"
	}
	return t.Severity.String()
}

// Incomplete says what an unread scope does to the gate.
type Incomplete string

// What an unread scope can do to the gate.
const (
	IncompleteFail Incomplete = "fail"
	IncompleteWarn Incomplete = "warn"
)

// UnmarshalText accepts "fail" or "warn".
func (i *Incomplete) UnmarshalText(text []byte) error {
	switch v := Incomplete(text); v {
	case IncompleteFail, IncompleteWarn:
		*i = v
		return nil
	}
	return fmt.Errorf("%q: use fail or warn", text)
}

// Date is a day in UTC.
type Date struct{ time.Time }

// UnmarshalText accepts YYYY-MM-DD.
func (d *Date) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("%q is no date: write YYYY-MM-DD", text)
	}
	d.Time = t
	return nil
}

// Expired reports whether the day is over at now.
func (d Date) Expired(now time.Time) bool { return !now.UTC().Before(d.AddDate(0, 0, 1)) }

// document is the shape of the config file.
type document struct {
	Store   string        `yaml:"store" jsonschema_description:"SQLite file that holds the scans (default muster.db)."`
	Sources []sourceEntry `yaml:"sources"`
	Policy  []string      `yaml:"policy" jsonschema_description:"Policy files."`
	Gate    Gate          `yaml:"gate"`
	Scan    Scan          `yaml:"scan"`
	Reports []Report      `yaml:"reports" jsonschema_description:"Reports that muster audit writes."`

	Notify    []Notify            `yaml:"notify" jsonschema_description:"Who is told after muster audit what is new and what was resolved."`
	Retention inventory.Retention `yaml:"retention" jsonschema_description:"Scans that muster prune keeps (default: all of 90 days, the last of each week for 52 weeks and of each month for 60 months)."`
	Activity  Activity            `yaml:"activity" jsonschema_description:"Exported logs of who called what: CloudTrail, Google Cloud Audit Logs."`
}

type sourceEntry struct {
	Name      string          `yaml:"name" jsonschema:"required" jsonschema_description:"Unique name."`
	Collector string          `yaml:"collector" jsonschema:"required"`
	Book      string          `yaml:"book" jsonschema_description:"observed, recorded or declared, where the collector leaves a choice."`
	Rest      strictyaml.Rest `yaml:",inline" jsonschema:"-"`
}

func defaults() document {
	return document{
		Store: "muster.db",
		Gate:  Gate{FailOn: Threshold{rules.High}, Incomplete: IncompleteFail},
		Scan:  Scan{Parallel: 8, Attempts: 3},

		Retention: DefaultRetention(),
	}
}

// Input is what a configuration is made from.
type Input struct {
	// File is the config file; empty means DefaultFile in the current folder, if it is there.
	File     string
	Registry collectors.Registry
	// Overrides are settings by key ("gate.fail_on") that flags set. Relative paths in them are the current folder's.
	Overrides map[string]string
	Getenv    func(string) string
	Formats   []string // known report formats
	// NeedFile makes a missing file an error.
	NeedFile bool
}

// Load makes the configuration. A strictyaml.Problems error lists everything that is wrong.
func Load(in Input) (*Config, error) {
	path, text, err := read(in)
	if err != nil {
		return nil, err
	}
	c := &Config{Dir: filepath.Dir(path)}
	raw := defaults()
	doc, err := strictyaml.Decode(in.shownName(), text, &raw, strictyaml.Options{Expand: expander(in.Getenv)})
	var problems strictyaml.Problems
	collect(&problems, err)
	if text != nil {
		c.File, c.Digest = path, digest(text)
	}
	l := loader{in: in, doc: doc, config: c, problems: &problems}
	l.settings(raw)
	l.sources(raw.Sources)
	l.reports(raw.Reports)
	l.notify(raw.Notify)
	l.activity(raw.Activity)
	l.retention(raw.Retention)
	return c, problems.Err()
}

func (in Input) shownName() string {
	if in.File == "" {
		return DefaultFile
	}
	return in.File
}

// read returns the absolute path and the bytes of the config file; nil bytes if there is none and none is needed.
func read(in Input) (string, []byte, error) {
	name := in.shownName()
	path, err := filepath.Abs(name)
	if err != nil {
		return "", nil, fmt.Errorf("find config %s: %w", name, err)
	}
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
		return path, append([]byte{}, text...), nil
	case os.IsNotExist(err) && in.File == "" && !in.NeedFile:
		return path, nil, nil
	case os.IsNotExist(err):
		return "", nil, fmt.Errorf("no config file %s: write one with \"muster init\", or name it with --config", name)
	default:
		return "", nil, fmt.Errorf("read config: %w", err)
	}
}

// collect adds the problems of an error to the list.
func collect(to *strictyaml.Problems, err error) {
	if ps, ok := err.(strictyaml.Problems); ok { //nolint:errorlint // Decode returns the bare type
		*to = append(*to, ps...)
	} else if err != nil {
		*to = append(*to, strictyaml.Problem{Message: err.Error()})
	}
}

// expander replaces ${env:NAME} by the variable's value.
func expander(getenv func(string) string) func(string) (string, error) {
	return func(s string) (string, error) {
		var b strings.Builder
		for {
			before, rest, ok := strings.Cut(s, "${env:")
			b.WriteString(before)
			if !ok {
				return b.String(), nil
			}
			name, after, ok := strings.Cut(rest, "}")
			if !ok {
				return "", fmt.Errorf("%q: ${env:NAME} lacks its closing brace", s)
			}
			value := getenv(name)
			if value == "" {
				return "", fmt.Errorf("environment variable %s is not set", name)
			}
			b.WriteString(value)
			s = after
		}
	}
}

type loader struct {
	in       Input
	doc      *strictyaml.Document
	config   *Config
	problems *strictyaml.Problems
}

func (l *loader) add(p strictyaml.Problem) { *l.problems = append(*l.problems, p) }

func (l *loader) fail(path, format string, args ...any) {
	l.add(l.doc.Problem(path, format, args...))
}

func (l *loader) sources(entries []sourceEntry) {
	seen := map[string]bool{}
	for i, e := range entries {
		path := fmt.Sprintf("sources[%d]", i)
		l.name(path, e.Name, seen)
		spec, ok := l.in.Registry.Get(e.Collector)
		if !ok {
			l.unknownCollector(path, e.Collector)
			continue
		}
		book := l.book(path, e.Book, spec)
		options := spec.NewOptions()
		collect(l.problems, l.doc.DecodeRest(e.Rest, path, options))
		if v, ok := options.(interface {
			Validate() []collectors.OptionError
		}); ok {
			for _, p := range v.Validate() {
				l.fail(path+"."+p.Option, "%s", p.Message)
			}
		}
		l.config.Sources = append(l.config.Sources, Source{
			Source: inventory.Source{Name: e.Name, Collector: e.Collector, Book: book}, Options: options, Spec: spec,
		})
	}
}

func (l *loader) name(path, name string, seen map[string]bool) {
	switch {
	case name == "":
		l.fail(path, "a source needs a name")
	case seen[name]:
		l.fail(path+".name", "another source is called %q: names are unique", name)
	case strings.ContainsAny(name, "/ \t\n"):
		l.fail(path+".name", "%q: a name has no spaces and no slashes", name)
	}
	seen[name] = true
}

func (l *loader) unknownCollector(path, name string) {
	var known []string
	for _, s := range l.in.Registry.Specs() {
		known = append(known, s.Name)
	}
	if near := inventory.Nearest(name, known); near != "" {
		l.fail(path+".collector", "unknown collector %q: did you mean %q?", name, near)
		return
	}
	l.fail(path+".collector", "unknown collector %q: known are %s", name, strings.Join(known, ", "))
}

func (l *loader) book(path, name string, spec collectors.Spec) inventory.Book {
	if name == "" {
		return spec.Books[0]
	}
	if !slices.Contains(spec.Books, inventory.Book(name)) {
		l.fail(path+".book", "%q: a source of collector %s can be %s", name, spec.Name, joinBooks(spec.Books))
	}
	return inventory.Book(name)
}

func joinBooks(books []inventory.Book) string {
	var names []string
	for _, b := range books {
		names = append(names, string(b))
	}
	return strings.Join(names, ", ")
}

func absolute(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	trailing := strings.HasSuffix(path, "/")
	path = filepath.Join(dir, path)
	if trailing {
		path += "/"
	}
	return path
}
