package cmdb

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb/preset"
	"github.com/muster-audit/muster/collectors/files"
)

// Options are the keys of a source of this collector.
type Options struct {
	Paths       []string          `yaml:"paths" jsonschema_description:"Files, folders and globs, relative to the config file; ** crosses folders, a.zip!b.csv is a file in an archive."`
	Format      string            `yaml:"format" jsonschema_description:"What the files are: csv, xlsx, json, ndjson (one object a line), xml, or auto to find out (default auto)."`
	Sheet       string            `yaml:"sheet" jsonschema_description:"The sheet of a workbook, by its name or its number from 1; without it, the only one with a header that fits."`
	Encoding    string            `yaml:"encoding" jsonschema_description:"How characters are written: auto, utf-8, utf-16, utf-16le, utf-16be, windows-1252 or macroman (default auto)."`
	Delimiter   string            `yaml:"delimiter" jsonschema_description:"Stands between cells: one ASCII character, 'tab', or auto to find out which of comma, semicolon, tab and | (default auto)."`
	HeaderRow   int               `yaml:"header_row" jsonschema_description:"The line, or the row of a sheet, in which the header begins; 0 finds it, also below titles."`
	Preset      string            `yaml:"preset" jsonschema_description:"Which tool's export the files are: auto to find out, the id of a preset, none, or the path of a preset of one's own (default auto with the keys that usual headers give, or none where columns is set)."`
	Columns     Columns           `yaml:"columns" jsonschema_description:"Says which column means what; wins over the preset. Without it and without a preset, tools' exports and usual headers are recognised."`
	Tags        map[string]string `yaml:"tags" jsonschema_description:"Maps a tag's key to the column with its value."`
	TagColumns  []string          `yaml:"tag_columns" jsonschema_description:"Patterns of headers whose columns become tags, as [u_*], or [rest] for all that mean nothing else."`
	TagTables   []string          `yaml:"tag_tables" jsonschema_description:"Files with a tag in each row, as of ServiceNow's cmdb_key_value or Google's tagInfo, relative to the config file."`
	Attributes  map[string]string `yaml:"attributes" jsonschema_description:"Maps an attribute's name to the column with its value."`
	Type        string            `yaml:"type" jsonschema_description:"The type of a row whose type column is absent, empty or not known."`
	TypeMap     map[string]string `yaml:"type_map" jsonschema_description:"Maps a value of the type column, whose case does not matter, to a type."`
	StatusMap   map[string]string `yaml:"status_map" jsonschema_description:"Maps a value of the status column, whose case does not matter, to a stage of life: planned, active, maintenance, retiring, retired or unknown."`
	Covers      files.Covers      `yaml:"covers" jsonschema_description:"Of which assets the source would know; by default of each type and account that it ever held."`
	MaxAge      time.Duration     `yaml:"max_age" jsonschema_description:"How old a file may be and still be believed to be all; 0 means any age."`
	MaxSkipped  int               `yaml:"max_skipped" jsonschema_description:"How many rows with an unreadable key may be skipped in a file that still counts as read."`
	MaxDrop     float64           `yaml:"max_drop" jsonschema_description:"Fraction (0 to 1) of the assets that may be gone at once and be believed (default 0.2)."`
	RowLimit    int               `yaml:"row_limit" jsonschema_description:"A ServiceNow export of exactly so many rows is taken for cut off; 0 turns the check off (default 10000)."`
	MaxUnpacked collectors.Size   `yaml:"max_unpacked" jsonschema_description:"How many bytes a packed file or a workbook may unpack to, and the rows of any file but text may take (default 8GiB)."`
	MaxRatio    int               `yaml:"max_ratio" jsonschema_description:"How many times its packed size a packed file or a workbook of more than 64MiB may be (default 200)."`

	// own is the preset that Preset is the path of.
	own *preset.Preset `yaml:"-"`
	// tagTable says that the file is a table of tags.
	tagTable bool `yaml:"-"`
}

// Columns names the column of each field of an asset, as in the header.
type Columns struct {
	Key        string `yaml:"key"`
	Name       string `yaml:"name"`
	Type       string `yaml:"type"`
	Serial     string `yaml:"serial"`
	AssetTag   string `yaml:"asset_tag"`
	UUID       string `yaml:"uuid"`
	InstanceID string `yaml:"instance_id"`
	FQDN       string `yaml:"fqdn"`
	Hostname   string `yaml:"hostname"`
	IP         string `yaml:"ip"`
	MAC        string `yaml:"mac"`
	Account    string `yaml:"account"`
	Region     string `yaml:"region"`
	Zone       string `yaml:"zone"`
	Status     string `yaml:"status"`
	Owner      string `yaml:"owner"`
	Created    string `yaml:"created"`

	InstanceUUID  string `yaml:"instance_uuid"`
	MoRef         string `yaml:"moref"`
	VCenterUUID   string `yaml:"vcenter_uuid"`
	NativeKey     string `yaml:"native_key"`
	NativeSystem  string `yaml:"native_system"`
	ChassisSerial string `yaml:"chassis_serial"`
	Vendor        string `yaml:"vendor"`
}

// field is one of the meanings that a column can have.
type field int

const (
	fieldKey field = iota
	fieldName
	fieldType
	fieldSerial
	fieldAssetTag
	fieldUUID
	fieldInstanceID
	fieldFQDN
	fieldHostname
	fieldIP
	fieldMAC
	fieldAccount
	fieldRegion
	fieldZone
	fieldStatus
	fieldOwner
	fieldCreated
	fieldInstanceUUID
	fieldMoRef
	fieldVCenterUUID
	fieldNativeKey
	fieldNativeSystem
	fieldChassisSerial
	fieldVendor
	fieldCount
)

// named lists the configured columns by field; empty where none is.
func (c *Columns) named() [fieldCount]string {
	return [fieldCount]string{
		c.Key, c.Name, c.Type, c.Serial, c.AssetTag, c.UUID, c.InstanceID, c.FQDN, c.Hostname, c.IP, c.MAC, c.Account,
		c.Region, c.Zone, c.Status, c.Owner, c.Created, c.InstanceUUID, c.MoRef, c.VCenterUUID, c.NativeKey, c.NativeSystem,
		c.ChassisSerial, c.Vendor,
	}
}

// fieldNames lists the keys of the option columns by field.
func fieldNames() [fieldCount]string {
	return [fieldCount]string{
		"key", "name", "type", "serial", "asset_tag", "uuid", "instance_id", "fqdn", "hostname", "ip", "mac", "account",
		"region", "zone", "status", "owner", "created", "instance_uuid", "moref", "vcenter_uuid", "native_key", "native_system",
		"chassis_serial", "vendor",
	}
}

// Defaults of the options.
const (
	automatic          = "auto"
	defaultMaxUnpacked = 8 << 30
	defaultMaxRatio    = 200
)

// newOptions returns the defaults.
func newOptions() *Options {
	return &Options{
		Format: automatic, Encoding: automatic, Delimiter: automatic, Type: string(typeServer),
		MaxDrop: files.DefaultMaxDrop, RowLimit: defaultRowLimit, MaxUnpacked: defaultMaxUnpacked, MaxRatio: defaultMaxRatio,
	}
}

// charset is the configured one.
func (o *Options) charset() charset { return charset(cmp.Or(o.Encoding, automatic)) }

// limits are those of packed files.
func (o *Options) limits() files.Limits {
	return files.Limits{Bytes: int64(o.MaxUnpacked), Ratio: int64(o.MaxRatio)}
}

// delimiter is the byte between cells; 0 if it is to be found out.
func (o *Options) delimiter() byte {
	switch o.Delimiter {
	case "", automatic:
		return 0
	case "tab":
		return '\t'
	}
	return o.Delimiter[0]
}

// Validate returns what is wrong with the options.
func (o *Options) Validate() []collectors.OptionError {
	list := files.Check("paths", o.Paths)
	bad := func(option, format string, args ...any) {
		list = append(list, collectors.OptionError{Option: option, Message: fmt.Sprintf(format, args...)})
	}
	if len(o.Paths) == 0 {
		bad("paths", "missing: name the files, as [cmdb/*.csv]")
	}
	list = append(list, o.checkForm()...)
	if d := o.Delimiter; d != "" && d != "tab" && d != automatic && (len(d) != 1 || strings.Contains("\"\r\n\x00", d) || d[0] >= 0x80) {
		bad("delimiter", "%q: want one character, such as \";\", \"tab\" or \"auto\"", d)
	}
	if o.Columns != (Columns{}) && !o.Columns.identify() {
		bad("columns", "none of the columns tells the assets apart: name one of %s", strings.Join(identifyingNames(), ", "))
	}
	if o.Type == "" {
		bad("type", "empty: want a type such as %q", typeServer)
	}
	if o.MaxAge < 0 {
		bad("max_age", "%s: want a time such as 36h, or 0 for any age", o.MaxAge)
	}
	list = append(list, checkMap("tags", "a tag's key", "column", o.Tags)...)
	list = append(list, checkMap("attributes", "an attribute's name", "column", o.Attributes)...)
	list = append(list, checkMap("type_map", "a value of the type column", "type", o.TypeMap)...)
	list = append(list, o.checkPreset()...)
	return append(list, files.CheckLimits(o.MaxSkipped, o.MaxDrop)...)
}

// checkForm returns what is wrong with the options that say how a file is written.
func (o *Options) checkForm() []collectors.OptionError {
	var list []collectors.OptionError
	bad := func(option, text string, args ...any) {
		list = append(list, collectors.OptionError{Option: option, Message: fmt.Sprintf(text, args...)})
	}
	if f := format(o.Format); f != "" && !slices.Contains(formats(), f) {
		bad("format", "%q: want one of %s", f, quoteAll(formats()))
	}
	if o.RowLimit < 0 {
		bad("row_limit", "%d: want a number of rows, or 0 to turn the check off", o.RowLimit)
	}
	if !slices.Contains(charsets(), o.charset()) {
		bad("encoding", "%q: want one of %s", o.Encoding, quoteAll(charsets()))
	}
	if o.HeaderRow < 0 {
		bad("header_row", "%d: want the number of a line or row, or 0 to find the header", o.HeaderRow)
	}
	if o.MaxUnpacked < 1 {
		bad("max_unpacked", "%s: want a size such as 8GiB", o.MaxUnpacked)
	}
	if o.MaxRatio < 1 {
		bad("max_ratio", "%d: want a number of times, 1 or more", o.MaxRatio)
	}
	return list
}

// checkMap returns the empty keys and values of a map, sorted by key.
func checkMap(option, key, value string, m map[string]string) []collectors.OptionError {
	var list []collectors.OptionError
	for _, k := range sortedKeys(m) {
		switch {
		case strings.TrimSpace(k) == "":
			list = append(list, collectors.OptionError{Option: option, Message: key + " is empty"})
		case strings.TrimSpace(m[k]) == "":
			list = append(list, collectors.OptionError{Option: option + "." + k, Message: "the " + value + " is empty"})
		}
	}
	return list
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// identify reports whether at least one column can make a key.
func (c *Columns) identify() bool {
	named := c.named()
	for _, f := range keyOrder() {
		if named[f] != "" {
			return true
		}
	}
	return false
}

func identifyingNames() []string {
	var names []string
	all := fieldNames()
	for _, f := range keyOrder() {
		names = append(names, all[f])
	}
	return names
}
