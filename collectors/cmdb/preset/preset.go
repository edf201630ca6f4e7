// Package preset holds what is known of the exports of asset registers: which column of a tool's file means what. A preset
// is data, one YAML file a tool below data, and people can write their own in the same form.
//
// The package is pure. Set.Detect looks at the headers of a file and says which presets they fit, how well and why;
// Preset.Bind finds the columns that a preset speaks of; the rest turns cells into stages of life, tags, numbers and times.
// Which assets come of that is for package cmdb.
package preset

import (
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// Field is a meaning that a column can have, named as the key of the option columns of package cmdb.
type Field string

// Host is what a column holds that has a host name, with or without its domain, or an address. Only More may name it.
const Host Field = "host"

// Fields lists the fields of an asset.
func Fields() []Field {
	return []Field{
		"key", "name", "type", "serial", "asset_tag", "uuid", "instance_id", "fqdn", "hostname", "ip", "mac", "account", "region", "zone",
		"status", "owner", "created", "instance_uuid", "moref", "vcenter_uuid", "native_key", "native_system", "chassis_serial", "vendor",
	}
}

// KeyFields lists the fields that can make a key, the surest first.
func KeyFields() []Field {
	return []Field{"key", "uuid", "instance_uuid", "serial", "asset_tag", "fqdn", "name", "hostname", "instance_id"}
}

// Format is how a file is written: "csv", "xlsx", "json", "xml". Empty is unknown.
type Format string

// Formats lists the formats that a preset can name.
func Formats() []Format { return []Format{"csv", "xlsx", "json", "xml"} }

// Preset says which column of a tool's export means what. Presets are shared and must not be changed.
type Preset struct {
	ID    string `yaml:"id"`
	Title string `yaml:"title"` // the tool and what was exported of it
	// Extends names a preset whose columns, attributes and maps count too, after those given here.
	Extends string `yaml:"extends"`
	// Generic says that it is a list of usual headers and no tool's; it has no fingerprint.
	Generic bool     `yaml:"generic"`
	Formats []Format `yaml:"formats"` // in which the tool writes these headers; none means any
	Match   Match    `yaml:"match"`
	// Suffixes are looked for behind every header, as ".value" in JSON.
	Suffixes    []string    `yaml:"suffixes"`
	Fingerprint Fingerprint `yaml:"fingerprint"`
	// Refuse says why files with this fingerprint hold no assets, and what to do with them.
	Refuse string `yaml:"refuse"`

	// Keys lists fields that can make a key, the surest first; none means KeyFields.
	Keys []Field `yaml:"keys"`
	// Columns lists headers by field; the first that a file has counts.
	Columns map[Field][]string `yaml:"columns"`
	// More lists headers of further columns by field, of which all count.
	More map[Field][]string `yaml:"more"`
	// TagTable says where the columns are, if the file is no register but a table of tags.
	TagTable TagTable `yaml:"tag_table"`

	Type        TypeRules            `yaml:"type"`
	Status      []StatusRules        `yaml:"status"` // see Stage for how several make one
	StatusWords bool                 `yaml:"status_words"`
	Tags        TagRules             `yaml:"tags"`
	Attributes  map[string]Attribute `yaml:"attributes"`
	Dates       map[string]DateRules `yaml:"dates"` // by field or attribute
	Rows        []RowRule            `yaml:"rows"`
	Clean       Clean                `yaml:"clean"`
	Systems     Systems              `yaml:"systems"` // of native keys

	forms map[string]string // how the headers that are named here are compared
}

// Match is how headers are compared. White space around them, a leading "*" and a trailing "(optional)" never count.
type Match string

// The ways to compare headers.
const (
	MatchExact Match = "exact" // the default
	MatchFold  Match = "fold"  // upper and lower case are the same
	MatchPlain Match = "plain" // only letters and digits count, without their case and accents
	MatchASCII Match = "ascii" // only a to z and digits count, without case
)

// Fingerprint is by which headers a tool's export is recognised. One entry may name several spellings with " | " between.
type Fingerprint struct {
	Required []string `yaml:"required"` // must all be there
	// Distinguishing are headers that other registers hardly have. Enough of them (3 by default) make it sure.
	Distinguishing []string `yaml:"distinguishing"`
	Enough         int      `yaml:"enough"`
	Optional       []string `yaml:"optional"` // are often there besides, and mean nothing to muster
	Absent         []string `yaml:"absent"`   // must not be there
}

// TypeRules say of which type a row is.
type TypeRules struct {
	Default inventory.Type `yaml:"default"`
	// Unknown is the type of a value of the type column that nobody knows; Default if empty.
	Unknown inventory.Type            `yaml:"unknown"`
	Map     map[string]inventory.Type `yaml:"map"` // by a value of the type column, whose case does not matter
	// WithColumn gives the type of every row of a file that has a column.
	WithColumn map[string]inventory.Type `yaml:"with_column"`
	// When gives types by the value of other columns; the first that fits counts.
	When []TypeWhen `yaml:"when"`
}

// TypeWhen gives a type to rows with one of some values in a column.
type TypeWhen struct {
	Columns []string       `yaml:"columns"`
	Is      []string       `yaml:"is"`
	Type    inventory.Type `yaml:"type"`
}

// StatusRules say which stage of life the values of a column mean.
type StatusRules struct {
	As      string   `yaml:"as"` // attribute that keeps the text; "status" if empty
	Columns []string `yaml:"columns"`
	Map     Stages   `yaml:"map"`
	// Classes holds other maps by patterns of the value of the type column, whose codes mean something else. The longest
	// pattern that matches counts.
	Classes map[string]Stages `yaml:"classes"`
}

// Stages gives the stages of values, whose case does not matter. StageNone is that of a value that says nothing, StageUnknown
// that of one which no stage fits.
type Stages map[string]Stage

// Stage is a stage of life, StageNone or StageUnknown.
type Stage string

// What a value can mean besides the stages of life.
const (
	StageUnknown Stage = "unknown"
	StageNone    Stage = "none"
)

// TagRules say where tags are.
type TagRules struct {
	Columns map[string][]string `yaml:"columns"` // headers by tag key
	// Patterns are headers with one "*", which stands for the tag's key: "cf_*".
	Patterns []string `yaml:"patterns"`
	// Between are pairs of headers, between which each column is a tag with its header for a key.
	Between [][]string `yaml:"between"`
	Cells   []TagCells `yaml:"cells"`
	Pairs   []TagPairs `yaml:"pairs"`
}

// TagCells is a column whose cells hold tags.
type TagCells struct {
	Columns   []string `yaml:"columns"`
	Form      TagForm  `yaml:"form"`
	Separator string   `yaml:"separator"` // characters of which each ends a tag; ",;" and line ends if empty
}

// TagForm is how a cell writes tags. A cell that begins with "[" or "{" is read as JSON in either form.
type TagForm string

// The forms.
const (
	FormNames TagForm = "names" // tags without values
	FormPairs TagForm = "pairs" // key:value or key=value; one without either is a tag without a value
)

// TagPairs are two columns whose cells hold as many keys as values, a line each.
type TagPairs struct {
	Keys   []string `yaml:"keys"`
	Values []string `yaml:"values"`
}

// TagTable is a file with a tag in each row. Each of its parts lists headers.
type TagTable struct {
	Row   []string `yaml:"row"` // names the row of the register that has the tag
	Key   []string `yaml:"key"`
	Value []string `yaml:"value"`
	Join  []string `yaml:"join"` // the register's column that Row speaks of
}

// Attribute is a column that becomes an attribute.
type Attribute struct {
	Columns []string `yaml:"columns"`
	Kind    Kind     `yaml:"kind"`
	// Unit is that of a number without one in its cell: KiB, MiB, GiB or TiB. The value is then in MiB.
	Unit string `yaml:"unit"`
	// Volatile says that it changes by itself, so that it tells no rows apart.
	Volatile bool `yaml:"volatile"`
}

// Kind is what an attribute's cells hold.
type Kind string

// The kinds of attribute.
const (
	KindText   Kind = "text" // the default
	KindNumber Kind = "number"
	KindDate   Kind = "date" // becomes RFC 3339 in UTC
	// KindReference is a text; one of 32 hexadecimal digits is the id of another record, which tells nobody its name.
	KindReference Kind = "reference"
)

// DateRules say how a column writes times.
type DateRules struct {
	// Formats are made of YYYY, MM, DD, hh, mm, ss; none means ISO 8601 and RFC 3339.
	Formats []string `yaml:"formats"`
	// Zone is that of times without one: UTC, +02:00 or Europe/Berlin; UTC if empty.
	Zone string `yaml:"zone"`
}

// RowRule picks rows that are no assets, or of which something is to be said.
type RowRule struct {
	Columns []string `yaml:"columns"`
	Is      []string `yaml:"is"`     // values, whose case does not matter
	Filled  bool     `yaml:"filled"` // any value will do
	Do      RowAct   `yaml:"do"`
	What    string   `yaml:"what"` // such rows, in plural: "templates"
}

// RowAct is what is done with rows.
type RowAct string

// The acts.
const (
	LeaveOut RowAct = "leave-out"
	NoteRow  RowAct = "note"
)

// Clean says how cells are cleaned.
type Clean struct {
	// Apostrophe says that the tool writes ' before a cell that begins with = + - @.
	Apostrophe bool `yaml:"apostrophe"`
	// Empty lists texts that the tool writes where there is no value.
	Empty []string `yaml:"empty"`
}

// Systems says how the field native_system names the system in whose books a row's native_key is.
type Systems struct {
	// None lists values that name no system, whose case does not matter.
	None []string `yaml:"none"`
	// Prefixes lists what may stand before a system's name: "SG-NetBox" is "netbox".
	Prefixes []string `yaml:"prefixes"`
}

// keyFields is the order in which fields make a key.
func (p *Preset) keyFields() []Field {
	if len(p.Keys) > 0 {
		return slices.Clone(p.Keys)
	}
	return KeyFields()
}
