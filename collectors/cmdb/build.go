package cmdb

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb/preset"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// builder makes assets of rows. A row costs one allocation for all of its texts; tags and attributes, which repeat from row
// to row, are made once for each combination, and identifiers are cut from a chunk.
type builder struct {
	*layout
	file    *file
	keys    *keys
	types   *typeTable
	stages  *stageTable
	tagsOf  *memo[rowTags]
	attrsOf *memo[inventory.Attributes]
	typeOf  *memo[inventory.Type]
	stageOf *memo[inventory.Lifecycle]
	secrets *catalog.Concealer
	ids     []identifierColumn
	chunk   []inventory.Identifier
	buf     []byte

	tagColumns, attrColumns, typeColumns, stageColumns []int

	out     collectors.Sink
	remarks map[string]int // how many rows of a kind were left out or are to be told of
}

func newBuilder(f *file, l *layout, k *keys) *builder {
	b := &builder{
		layout: l, file: f, keys: k, types: newTypeTable(f.options, l), stages: newStageTable(f.options, l),
		secrets: catalog.NewConcealer(f.secret), remarks: map[string]int{},
	}
	b.tagsOf = newMemo[rowTags]()
	b.attrsOf = newMemo[inventory.Attributes]()
	b.typeOf = newMemo[inventory.Type]()
	b.stageOf = newMemo[inventory.Lifecycle]()
	for _, i := range identifierFields() {
		if c := l.fields[i.field]; c >= 0 {
			b.ids = append(b.ids, identifierColumn{i, c})
		}
	}
	b.tagColumns = l.columnsOfTags()
	for _, a := range l.attrs {
		b.attrColumns = append(b.attrColumns, a.column)
	}
	b.typeColumns = []int{l.fields[fieldType]}
	for _, w := range l.rules.When {
		b.typeColumns = append(b.typeColumns, w.Column)
	}
	for _, s := range l.status {
		b.stageColumns = append(b.stageColumns, s.column)
	}
	if slices.ContainsFunc(l.status, func(s statusColumn) bool { return s.rules != nil && len(s.rules.Classes) > 0 }) {
		b.stageColumns = append(b.stageColumns, l.fields[fieldType])
	}
	return b
}

// emit hands over the row's asset. Its error is a *rowError if the row is skipped, else the sink's.
func (b *builder) emit(r *row, out collectors.Sink) error {
	b.out = out
	if rule := b.leavesOut(r); rule != nil {
		b.remarks[rule.What+" left out"]++
		return nil
	}
	column := b.keyColumn(r)
	if column < 0 {
		return b.withoutKey(r)
	}
	cell, suffix := r.cell(column), ""
	if key, shared := b.keys.shared(cell); shared {
		hash, buf := b.content(r, b.buf)
		b.buf = buf
		if b.keys.differ[key] {
			suffix = fmt.Sprintf("#row-%08x", hash>>32)
		}
		if !b.keys.first(hash) {
			return &rowError{line: r.line, key: string(cell) + suffix, message: "the row is there twice", remedy: "remove one of the two"}
		}
	}
	a := b.asset(r, column, suffix)
	key := a.Key
	if err := out.Asset(a); err != nil {
		return err
	}
	b.tell(r, column, key)
	return nil
}

// tell reports what is not right with a row that is an asset all the same.
func (b *builder) tell(r *row, column int, key string) {
	b.tellSpoiled(r, column, key)
	b.tellDoubtful(r, key)
	for _, rule := range b.rules.Rows {
		if rule.Do == preset.NoteRow && rule.Fits(string(b.cell(r, rule.Column))) {
			b.remarks[rule.What]++
		}
	}
}

// remarked tells how many rows were left out or are to be told of, and why: ", 3 templates left out".
func (b *builder) remarked() string {
	var text strings.Builder
	for _, what := range sortedKeys(b.remarks) {
		fmt.Fprintf(&text, ", %d %s", b.remarks[what], what)
	}
	return text.String()
}

// report hands over a problem with the place of the current row.
func (b *builder) report(p inventory.Problem) {
	if b.file.table != nil {
		if at := b.file.table.where(); at != "" {
			p.Message = at + ": " + p.Message
		}
	}
	b.out.Skip(p)
}

func (b *builder) asset(r *row, key int, suffix string) inventory.Asset {
	t := texts{row: r, text: string(r.text), clean: b.clean}
	a := inventory.Asset{
		Key:         t.raw(key),
		Book:        b.file.book,
		Name:        t.cell(b.fields[fieldName]),
		Account:     t.cell(b.fields[fieldAccount]),
		Region:      t.cell(b.fields[fieldRegion]),
		Zone:        t.cell(b.fields[fieldZone]),
		Type:        b.typeFor(r),
		Lifecycle:   b.lifecycle(r),
		Attributes:  b.attributes(r),
		Identifiers: b.identifiers(&t),
		Origin:      inventory.Origin{File: b.file.id, Line: r.line},
		Created:     b.created(r),
	}
	if suffix != "" {
		a.Key += suffix
	}
	if a.Name == "" {
		a.Name = t.cell(b.fields[fieldHostname])
	}
	a.Tags = b.tagsFor(r, a.Key)
	return a
}

func (b *builder) created(r *row) time.Time {
	cell := b.cell(r, b.fields[fieldCreated])
	if b.base == nil || len(cell) == 0 {
		return parseCreated(cell)
	}
	rules, ok := b.base.Dates["created"]
	if !ok {
		return parseCreated(cell)
	}
	t, _ := rules.Parse(string(cell))
	return t
}

// texts gives a row's cells as parts of one string.
type texts struct {
	*row
	text  string
	clean *preset.Clean
}

// raw is a cell as it is written, without the white space around it.
func (t *texts) raw(i int) string {
	if i < 0 || i >= len(t.cells) || t.cells[i].from < 0 {
		return ""
	}
	s := t.cells[i]
	raw := t.text[s.from:s.to]
	if n := len(raw); n == 0 || isPlain(raw[0]) && isPlain(raw[n-1]) {
		return raw
	}
	return string(t.row.cell(i))
}

// cell is a cell's value; empty if a spreadsheet could not work it out.
func (t *texts) cell(i int) string {
	s := t.raw(i)
	if s == "" || (s[0] == '#' || s[0] == 'L') && failedCell([]byte(s)) {
		return ""
	}
	if t.clean != nil {
		return string(t.clean.Cell([]byte(s)))
	}
	return s
}

func (b *builder) typeFor(r *row) inventory.Type {
	return b.typeOf.get(b.joined(r, b.typeColumns, isEC2ID(r.cell(b.fields[fieldInstanceID]))), func() inventory.Type { return b.types.of(b.layout, r) })
}

func (b *builder) lifecycle(r *row) inventory.Lifecycle {
	if len(b.status) == 0 {
		return inventory.LifecycleUnknown
	}
	return b.stageOf.get(b.joined(r, b.stageColumns, false), func() inventory.Lifecycle { return b.stages.of(b.layout, r) })
}

// attributes returns the row's attributes: unknown if no column is one. An empty cell is known to be unset, and one that the
// file does not have or that cannot be read is not.
func (b *builder) attributes(r *row) inventory.Attributes {
	if len(b.attrs) == 0 {
		return inventory.Attributes{}
	}
	return b.attrsOf.get(b.joined(r, b.attrColumns, false), func() inventory.Attributes {
		var list []inventory.Attribute
		for i := range b.attrs {
			list = append(list, inventory.Attribute{Name: b.attrs[i].name, Value: b.value(r, &b.attrs[i])})
		}
		return b.secrets.Attributes(inventory.KnownAttributes(list...))
	})
}

func (b *builder) value(r *row, a *attribute) inventory.Value {
	cell := b.cell(r, a.column)
	switch {
	case !r.known(a.column):
		return inventory.Unread
	case len(cell) == 0:
		return inventory.Null
	case a.how != nil:
		return a.how.Value(string(cell), a.dates)
	}
	return inventory.StringValue(string(cell))
}

// joined is the cells of some columns, apart from each other, and a truth value, valid until the next call. What is not known is
// not the same as what is empty.
func (b *builder) joined(r *row, columns []int, also bool) []byte {
	if len(columns) == 1 && !also && !r.absent(columns[0]) {
		return b.cell(r, columns[0])
	}
	b.buf = b.buf[:0]
	if also {
		b.buf = append(b.buf, 1)
	}
	for _, c := range columns {
		b.buf = append(b.buf, b.cell(r, c)...)
		if r.absent(c) {
			b.buf = append(b.buf, 0, 1)
		}
		b.buf = append(b.buf, 0)
	}
	return b.buf
}

// memo keeps what was made of a text, for a bounded number of texts: a column with as many values as rows is no place to
// remember things.
type memo[T any] struct{ made map[string]T }

const memoSize = 1 << 14

func newMemo[T any]() *memo[T] { return &memo[T]{made: map[string]T{}} }

func (m *memo[T]) get(text []byte, build func() T) T {
	if v, ok := m.made[string(text)]; ok {
		return v
	}
	if len(m.made) >= memoSize {
		return build()
	}
	key := string(text) // build may use the buffer that text is in
	v := build()
	m.made[key] = v
	return v
}

// chunkSize is how many identifiers are allocated together, chunkRest how many a row surely has room for.
const (
	chunkSize = 512
	chunkRest = 16
)

// identifiers returns the row's identifiers, sorted.
func (b *builder) identifiers(t *texts) []inventory.Identifier {
	if cap(b.chunk)-len(b.chunk) < chunkRest {
		b.chunk = make([]inventory.Identifier, 0, chunkSize)
	}
	from := len(b.chunk)
	for i := range b.ids {
		b.identify(t, &b.ids[i].identifierField, t.cell(b.ids[i].column))
	}
	for _, m := range b.more {
		if f, ok := fieldOf(m.kind); !ok {
			b.chunk = appendHost(b.chunk, t.cell(m.column))
		} else if i, ok := identifies(f); ok {
			b.identify(t, &i, t.cell(m.column))
		}
	}
	list := b.chunk[from:len(b.chunk):len(b.chunk)]
	if len(list) == 0 {
		return nil
	}
	if !slices.IsSortedFunc(list, compareIdentifiers) {
		list = inventory.SortIdentifiers(list)
	}
	return list
}
