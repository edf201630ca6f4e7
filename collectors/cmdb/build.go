package cmdb

import (
	"fmt"
	"slices"

	"github.com/muster-audit/muster/collectors"
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
	tagsOf  *memo[inventory.Tags]
	attrsOf *memo[inventory.Attributes]
	typeOf  *memo[inventory.Type]
	stageOf *memo[inventory.Lifecycle]
	secrets *catalog.Concealer
	chunk   []inventory.Identifier
	buf     []byte
}

func newBuilder(f *file, l *layout, k *keys) *builder {
	b := &builder{layout: l, file: f, keys: k, types: newTypeTable(f.options), secrets: catalog.NewConcealer(f.secret)}
	b.tagsOf = newMemo[inventory.Tags]()
	b.attrsOf = newMemo[inventory.Attributes]()
	b.typeOf = newMemo[inventory.Type]()
	b.stageOf = newMemo[inventory.Lifecycle]()
	return b
}

// emit hands over the row's asset. Its error is a *rowError if the row is skipped, else the sink's.
func (b *builder) emit(r *row, out collectors.Sink) error {
	column := b.keyColumn(r)
	if column < 0 {
		return &rowError{
			line: r.line, message: "the row has nothing that could be its key",
			remedy: "fill one of the columns key, UUID, serial, asset tag, FQDN or name",
		}
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
	return out.Asset(b.asset(r, column, suffix))
}

func (b *builder) asset(r *row, key int, suffix string) inventory.Asset {
	t := texts{row: r, text: string(r.text)}
	a := inventory.Asset{
		Key:         t.cell(key) + suffix,
		Book:        b.file.book,
		Name:        t.cell(b.fields[fieldName]),
		Account:     t.cell(b.fields[fieldAccount]),
		Region:      t.cell(b.fields[fieldRegion]),
		Zone:        t.cell(b.fields[fieldZone]),
		Type:        b.typeFor(r),
		Lifecycle:   b.lifecycle(r),
		Tags:        b.tagsFor(r),
		Attributes:  b.attributes(r),
		Identifiers: b.identifiers(&t),
		Origin:      inventory.Origin{File: b.file.id, Line: r.line},
		Created:     parseCreated(r.cell(b.fields[fieldCreated])),
	}
	if a.Name == "" {
		a.Name = t.cell(b.fields[fieldHostname])
	}
	return a
}

// texts gives a row's cells as parts of one string.
type texts struct {
	*row
	text string
}

func (t *texts) cell(i int) string {
	if i < 0 {
		return ""
	}
	s := t.cells[i]
	raw := t.text[s.from:s.to]
	if n := len(raw); n == 0 || isPlain(raw[0]) && isPlain(raw[n-1]) {
		return raw
	}
	return string(t.row.cell(i))
}

func (b *builder) typeFor(r *row) inventory.Type {
	cell := r.cell(b.fields[fieldType])
	if len(cell) == 0 {
		if isEC2ID(r.cell(b.fields[fieldInstanceID])) {
			return typeVM
		}
		return b.types.fallback
	}
	return b.typeOf.get(cell, func() inventory.Type { return b.types.of(string(cell)) })
}

func (b *builder) lifecycle(r *row) inventory.Lifecycle {
	cell := r.cell(b.fields[fieldStatus])
	if len(cell) == 0 {
		return inventory.LifecycleUnknown
	}
	return b.stageOf.get(cell, func() inventory.Lifecycle { return stage(string(cell)) })
}

// tagsFor returns the row's tags: unknown if no column is a tag. An empty cell is a tag that is not there.
func (b *builder) tagsFor(r *row) inventory.Tags {
	if !b.tagged {
		return inventory.UnknownTags()
	}
	return b.tagsOf.get(b.joined(r, b.tags), func() inventory.Tags {
		var list []inventory.Tag
		for _, t := range b.tags {
			if v := r.cell(t.column); len(v) > 0 {
				list = append(list, inventory.Tag{Key: t.name, Value: string(v)})
			}
		}
		return inventory.KnownTags(list...)
	})
}

// attributes returns the row's attributes: unknown if no column is one. An empty cell is known to be unset.
func (b *builder) attributes(r *row) inventory.Attributes {
	if len(b.attrs) == 0 {
		return inventory.Attributes{}
	}
	return b.attrsOf.get(b.joined(r, b.attrs), func() inventory.Attributes {
		var list []inventory.Attribute
		for _, a := range b.attrs {
			v := inventory.Null
			if cell := r.cell(a.column); len(cell) > 0 {
				v = inventory.StringValue(string(cell))
			}
			list = append(list, inventory.Attribute{Name: a.name, Value: v})
		}
		return b.secrets.Attributes(inventory.KnownAttributes(list...))
	})
}

// joined is the cells of some columns, apart from each other, valid until the next call.
func (b *builder) joined(r *row, columns []binding) []byte {
	b.buf = b.buf[:0]
	for _, c := range columns {
		b.buf = append(append(b.buf, r.cell(c.column)...), 0)
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
	for _, i := range identifierFields() {
		if c := b.fields[i.field]; c >= 0 {
			b.chunk = appendIdentifiers(b.chunk, i, t.cell(c))
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
