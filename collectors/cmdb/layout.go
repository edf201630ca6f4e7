package cmdb

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/collectors/cmdb/preset"
	"github.com/muster-audit/muster/inventory"
)

// layout says which column of a file means what.
type layout struct {
	width  int
	header []string
	fields [fieldCount]int // column, or -1
	keys   []keyColumn     // that can make a key, the surest first
	more   []moreColumn    // that hold further identifiers
	status []statusColumn
	tags   []binding // sorted by name
	cells  []preset.TagCell
	pairs  []preset.TagPair
	// tagged says that at least one column is a tag, so that the tags of every row are known.
	tagged bool
	// lacking are patterns of tag_columns that match no column, so that tags are unknown.
	lacking []string
	attrs   []attribute // sorted by name
	mapped  []int       // columns whose cells tell rows of one key apart, ascending
	base    *preset.Preset
	rules   *preset.Binding // of rows and types; never nil
	clean   *preset.Clean   // nil if cells are as they are written
	told    string          // how the columns were found
	table   preset.TagTableColumns
}

// binding gives a column a name.
type binding struct {
	name   string
	column int
	whole  string // what the column is a part of, if that is all tags
}

// keyColumn is a column that can make a key.
type keyColumn struct {
	field  field
	column int
}

// moreColumn is a further column of identifiers.
type moreColumn struct {
	kind   preset.Field
	column int
}

// statusColumn is a column of stages of life.
type statusColumn struct {
	column int
	rules  *preset.StatusRules // nil if usual words alone count
}

// attribute is a column that becomes an attribute.
type attribute struct {
	binding
	how   *preset.Attribute // nil is a text
	dates preset.DateRules
}

// newLayout finds the configured columns, those of a preset, or the usual ones, in a header.
func newLayout(header []string, o *Options) (*layout, error) {
	if o.tagTable {
		return newTagTable(header)
	}
	c, err := o.choose(header)
	if err != nil {
		return nil, err
	}
	l := &layout{width: len(header), header: header, told: c.told, rules: &preset.Binding{}}
	h := &headers{names: header}
	configured := h.configured(&o.Columns)
	l.tags = h.bind("tags", o.Tags)
	for _, b := range h.bind("attributes", o.Attributes) {
		l.attrs = append(l.attrs, attribute{binding: b})
	}
	if h.err != nil {
		return nil, h.err
	}
	l.fields = configured
	l.usePreset(c.binding, configured)
	l.keys = l.keyColumns(&c, configured)
	if len(l.keys) == 0 {
		return nil, l.unidentified(c.binding)
	}
	l.addStatus(configured)
	l.addOwnerTag(o)
	l.addPlainAttributes()
	l.addTagColumns(h, o)
	if h.err != nil {
		return nil, h.err
	}
	l.tagged = len(l.tags)+len(l.cells)+len(l.pairs) > 0
	l.mapped = l.columns(&c, h, o)
	return l, nil
}

// detail says how a file is written and how its columns were found.
func (l *layout) detail(t table) string {
	text := t.String()
	if l.told != "" {
		text += ", " + l.told
	}
	if len(l.lacking) > 0 {
		text += fmt.Sprintf(", no column for %s of tag_columns, so that tags are unknown", quoteAll(l.lacking))
	}
	return text
}

// unidentified says that nothing tells the rows apart.
func (l *layout) unidentified(b *preset.Binding) error {
	if b != nil && !b.Preset.Generic {
		return fmt.Errorf("no column tells the assets apart as preset %s names them; the columns are %s: set preset: auto, or say with columns "+
			"which is the name or the serial", b.Preset.ID, quoteAll(l.header))
	}
	return fmt.Errorf("no column tells the assets apart; the columns are %s%s: say with columns which is the name or the serial, or with preset "+
		"which tool's export it is", quoteAll(l.header), unlike(l.header))
}

// addStatus says how the configured column of status is read, or the preset's.
func (l *layout) addStatus(configured [fieldCount]int) {
	column := l.fields[fieldStatus]
	if configured[fieldStatus] < 0 && len(l.rules.Status) > 0 {
		for _, s := range l.rules.Status {
			l.status = append(l.status, statusColumn{s.Column, s.StatusRules})
		}
		return
	}
	if column < 0 {
		return
	}
	s := statusColumn{column: column}
	for _, known := range l.rules.Status {
		if known.Column == column {
			s.rules = known.StatusRules
		}
	}
	l.status = []statusColumn{s}
}

// addOwnerTag makes a tag of a configured owner column. One that was merely recognised stays an attribute: nobody said
// that the register has tags.
func (l *layout) addOwnerTag(o *Options) {
	if o.Columns.Owner == "" {
		return
	}
	if _, ok := o.Tags["owner"]; !ok {
		l.tags = insert(l.tags, binding{name: "owner", column: l.fields[fieldOwner]})
	}
}

// addPlainAttributes keeps the raw text of columns that are turned into something else.
func (l *layout) addPlainAttributes() {
	for _, f := range []field{fieldOwner, fieldStatus, fieldType} {
		if l.fields[f] >= 0 {
			l.addAttribute(attribute{binding: binding{name: fieldNames()[f], column: l.fields[f]}})
		}
	}
}

// addAttribute adds an attribute unless its name is there.
func (l *layout) addAttribute(a attribute) {
	i, found := slices.BinarySearchFunc(l.attrs, a.name, func(a attribute, name string) int { return strings.Compare(a.name, name) })
	if !found {
		l.attrs = slices.Insert(l.attrs, i, a)
	}
}

// keyColumns lists the columns that can make a key, the surest first.
func (l *layout) keyColumns(c *choice, configured [fieldCount]int) []keyColumn {
	var list []keyColumn
	add := func(f field, column int) {
		if k := (keyColumn{f, column}); column >= 0 && !slices.Contains(list, k) {
			list = append(list, k)
		}
	}
	if c.usual != nil {
		for _, f := range keyOrder() {
			if column, ok := c.usual.Columns[presetField(f)]; ok {
				add(f, column)
			}
		}
	}
	if c.binding == nil || c.binding.Preset.Keys == nil {
		order := keyOrder()
		l.addKeys(order[:], add)
		return list
	}
	order := presetFields(c.binding.Preset.Keys)
	for _, f := range keyOrder() { // what is configured is wanted, whatever the preset says
		if configured[f] >= 0 && !slices.Contains(order, f) {
			add(f, configured[f])
		}
	}
	l.addKeys(order, add)
	return list
}

func (l *layout) addKeys(order []field, add func(field, int)) {
	for _, f := range order {
		add(f, l.fields[f])
		for _, m := range l.more {
			if m.kind == presetField(f) {
				add(f, m.column)
			}
		}
	}
}

// columns lists the columns that tell rows of one key apart: all that mean something, without what changes by itself. A register
// whose keys are those of usual headers goes on with the columns of these.
func (l *layout) columns(c *choice, h *headers, o *Options) []int {
	var list []int
	if c.usual != nil {
		for _, column := range c.usual.Columns {
			list = append(list, column)
		}
		for _, b := range slices.Concat(h.bind("tags", o.Tags), h.bind("attributes", o.Attributes)) {
			list = append(list, b.column)
		}
		return compact(list)
	}
	list = l.named()
	for _, a := range l.attrs {
		if a.how == nil || !a.how.Volatile && a.how.Kind != preset.KindDate {
			list = append(list, a.column)
		}
	}
	return compact(list)
}

// named lists the columns that say what a thing is called, how it stands and what tags it has; -1 among them is none.
func (l *layout) named() []int {
	list := slices.Clone(l.fields[:])
	for _, m := range l.more {
		list = append(list, m.column)
	}
	for _, s := range l.status {
		list = append(list, s.column)
	}
	for _, b := range l.tags {
		list = append(list, b.column)
	}
	for _, t := range l.cells {
		list = append(list, t.Column)
	}
	for _, p := range l.pairs {
		list = append(list, p.Keys, p.Values)
	}
	return list
}

// compact sorts columns and drops those that are none or there twice.
func compact(list []int) []int {
	list = slices.DeleteFunc(list, func(c int) bool { return c < 0 })
	slices.Sort(list)
	return slices.Compact(list)
}

// insert adds a binding to a sorted list unless its name is there.
func insert(list []binding, b binding) []binding {
	i, found := slices.BinarySearchFunc(list, b.name, func(b binding, name string) int { return strings.Compare(b.name, name) })
	if found {
		return list
	}
	return slices.Insert(list, i, b)
}

// headers looks columns up and keeps the first error.
type headers struct {
	names []string
	err   error
}

// find returns the column that an option names. Of several with one header the second is also called "Header (2)".
func (h *headers) find(option, name string) int {
	name = strings.TrimFunc(name, isBlank)
	first := slices.Index(h.names, name)
	if first < 0 {
		first = h.numbered(name)
	}
	switch {
	case h.err != nil:
	case first < 0:
		h.err = fmt.Errorf("%s: there is no column %q%s; the columns are %s", option, name, nearest(name, h.names), quoteAll(h.distinct()))
	case h.names[first] == name && slices.Contains(h.names[first+1:], name):
		h.err = fmt.Errorf("%s: there are two columns %q: say %q or %q, or rename one in the export", option, name, name+" (1)", name+" (2)")
	}
	return first
}

// numbered returns the column that is the n-th with its header, of a name such as "Header (2)", or -1.
func (h *headers) numbered(name string) int {
	at := strings.LastIndex(name, " (")
	if at < 0 {
		return -1
	}
	base := name[:at]
	n, err := strconv.Atoi(strings.TrimSuffix(name[at+len(" ("):], ")"))
	if err != nil || name != fmt.Sprintf("%s (%d)", base, n) {
		return -1
	}
	var same []int
	for i, other := range h.names {
		if other == base {
			same = append(same, i)
		}
	}
	if len(same) < 2 || n < 1 || n > len(same) {
		return -1
	}
	return same[n-1]
}

// distinct lists the headers, with numbers behind those that were there before.
func (h *headers) distinct() []string {
	seen := map[string]int{}
	list := make([]string, len(h.names))
	for i, name := range h.names {
		list[i] = name
		if seen[name]++; seen[name] > 1 && name != "" {
			list[i] = fmt.Sprintf("%s (%d)", name, seen[name])
		}
	}
	return list
}

func nearest(name string, names []string) string {
	if n := inventory.Nearest(name, names); n != "" {
		return fmt.Sprintf(", did you mean %q?", n)
	}
	return ""
}

func quoteAll[T ~string](names []T) string {
	const most = 40
	var list []string
	for _, n := range names[:min(len(names), most)] {
		list = append(list, fmt.Sprintf("%q", n))
	}
	if len(names) > most {
		list = append(list, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(list, ", ")
}

func (h *headers) configured(c *Columns) [fieldCount]int {
	var columns [fieldCount]int
	for f, name := range c.named() {
		columns[f] = -1
		if name != "" {
			columns[f] = h.find("columns."+fieldNames()[f], name)
		}
	}
	return columns
}

// bind finds the columns of a map from name to column.
func (h *headers) bind(option string, m map[string]string) []binding {
	var list []binding
	for _, name := range sortedKeys(m) {
		list = append(list, binding{name: name, column: h.find(option+"."+name, m[name])})
	}
	return list
}

// recognise finds the columns of fields that a header is known to have, be it by a tool's export or by usual headers.
func (h *headers) recognise() [fieldCount]int {
	var columns [fieldCount]int
	for f := range columns {
		columns[f] = -1
	}
	set, err := preset.Builtin()
	if err != nil {
		return columns
	}
	known := []*preset.Binding{}
	if best, _, ok := set.Choose(h.names, ""); ok {
		known = append(known, best.Preset.Bind(h.names))
	}
	for _, id := range []string{preset.Usual, preset.Spreadsheet} {
		if p, ok := set.Get(id); ok {
			known = append(known, p.Bind(h.names))
		}
	}
	for _, b := range known {
		for name, column := range b.Columns {
			if f, ok := fieldOf(name); ok && columns[f] < 0 {
				columns[f] = column
			}
		}
	}
	return columns
}
