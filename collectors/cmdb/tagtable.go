package cmdb

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb/preset"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// Bounds of the tables of tags of one source, which are held in memory: 24 bytes a row, and each text once.
const (
	maxTagRows = 20_000_000
	maxTagText = 1 << 30 // bytes
)

// tagIndex holds the tags of the tables, by what they say of which row of the register they are. A nil index is that of a source
// without tables.
type tagIndex struct {
	entries  []tagEntry // sorted by row
	text     []byte     // keys and values, each with its length before it
	interned map[string]uint32
	joins    []*preset.Preset
	err      error // why the tables cannot be relied on

	layout *layout // of which join is the column
	join   int
}

// tagEntry is one tag.
type tagEntry struct {
	row        [16]byte
	key, value uint32
}

// unknownValue stands for the place of a value that could not be read.
const unknownValue = math.MaxUint32

// tagTables reads the tables of a source once for all of its scopes.
type tagTables struct {
	mu    sync.Mutex
	index *tagIndex
}

// get returns what a scope joins its rows with; nil if the source has no tables. The error is one of ctx.
func (t *tagTables) get(ctx context.Context, c *collector) (*tagIndex, error) {
	if len(c.options.TagTables) == 0 {
		return nil, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.index == nil {
		index := &tagIndex{interned: map[string]uint32{}}
		index.err = index.read(ctx, c)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		index.settle()
		t.index = index
	}
	return &tagIndex{entries: t.index.entries, text: t.index.text, joins: t.index.joins, err: t.index.err}, nil
}

func (x *tagIndex) read(ctx context.Context, c *collector) error {
	set := files.Set{Dir: c.env.Dir, Patterns: c.options.TagTables, Inside: c.files().Inside}
	scopes, err := set.Scopes(ctx, inventory.Scope{})
	if err != nil {
		return err
	}
	for _, s := range scopes {
		if err := x.readFile(ctx, c, set, s); err != nil {
			return err
		}
	}
	return nil
}

func (x *tagIndex) readFile(ctx context.Context, c *collector, set files.Set, s inventory.Scope) error {
	raw, err := set.OpenRaw(s, c.options.limits())
	if err != nil {
		return err
	}
	defer raw.Close()
	o := c.options
	o.Columns, o.HeaderRow, o.tagTable = Columns{}, 0, true
	t, err := openTable(ctx, raw, &o)
	if err != nil {
		return fmt.Errorf("read %q: %w", s.ID, err)
	}
	defer t.Close()
	if err := t.rewind(); err != nil {
		return fmt.Errorf("read %q: %w", s.ID, err)
	}
	l, err := newLayout(t.head(), &o)
	if err != nil {
		return fmt.Errorf("read %q: %w", s.ID, err)
	}
	if !slices.Contains(x.joins, l.table.Preset) {
		x.joins = append(x.joins, l.table.Preset)
	}
	if err := x.rows(ctx, t, l, &o); err != nil {
		return fmt.Errorf("read %q: %w", s.ID, err)
	}
	return cmp.Or(raw.Unchanged(), c.checkAge(s.ID, raw.ModTime))
}

// rows reads the tags of a table. A row that cannot be read could be anybody's tag, so it is an error unless max_skipped allows it.
func (x *tagIndex) rows(ctx context.Context, t table, l *layout, o *Options) error {
	skipped := 0
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		err := t.next(l.width)
		if errors.Is(err, io.EOF) {
			return wholeTable(t, l, n, o)
		}
		if err == nil {
			err = x.add(t.current(), l)
		}
		bad := (*rowError)(nil)
		if !errors.As(err, &bad) {
			if err != nil {
				return err
			}
			continue
		}
		if skipped++; skipped > o.MaxSkipped {
			return fmt.Errorf("%s: %w: %s", cmp.Or(t.where(), "a row cannot be read"), bad, bad.remedy)
		}
	}
}

// wholeTable is an error if the table is only a part.
func wholeTable(t table, l *layout, rows int, o *Options) error {
	e := t.ending()
	switch {
	case e.stopped:
		return errors.New("it ends with a row that says it is not all: export it in parts")
	case e.partial != "":
		return fmt.Errorf("it is not all, %s: export all pages, without an error, into one file", e.partial)
	case o.RowLimit > 0 && rows == o.RowLimit && serviceNowTable(l):
		return fmt.Errorf("it has exactly %d rows, at which ServiceNow ends an export: export it in parts or raise the export limit there, "+
			"or set row_limit: 0 if these are all", rows)
	}
	return nil
}

func serviceNowTable(l *layout) bool { return slices.Contains(l.table.Preset.TagTable.Join, "sys_id") }

// newTagTable finds the columns of a table of tags.
func newTagTable(header []string) (*layout, error) {
	set, err := preset.Builtin()
	if err != nil {
		return nil, err
	}
	found, ok := set.TagTable(header)
	if !ok {
		return nil, fmt.Errorf("it is no table of tags: want columns configuration_item, key and value, or MachineId, Key and Value; "+
			"the columns are %s", quoteAll(header))
	}
	return &layout{width: len(header), header: header, table: found, rules: &preset.Binding{}}, nil
}

func (x *tagIndex) add(r *row, l *layout) error {
	id, key := r.cell(l.table.Row), r.cell(l.table.Key)
	switch {
	case len(id) == 0 || len(key) == 0 || failedCell(id) || failedCell(key):
		return &rowError{line: r.line, message: "the row lacks the asset or the key of its tag", remedy: "export the table anew"}
	case serviceNowTable(l) && !isSysID(id):
		return fmt.Errorf("line %d: %q in column %q is a name and no sys_id, by which tags are joined: add the column configuration_item.sys_id, "+
			"or export raw values, as with sysparm_display_value=false", r.line, clipped(id), l.header[l.table.Row])
	case len(x.entries) >= maxTagRows:
		return fmt.Errorf("the tables hold more than %d tags: export those of the assets alone that are in the register", maxTagRows)
	}
	k, err := x.intern(key)
	if err != nil {
		return err
	}
	if !r.known(l.table.Value) {
		x.entries = append(x.entries, tagEntry{rowID(id), k, unknownValue})
		return nil
	}
	v, err := x.intern(r.cell(l.table.Value))
	x.entries = append(x.entries, tagEntry{rowID(id), k, v})
	return err
}

func isSysID(b []byte) bool {
	_, err := hex.Decode(make([]byte, 16), b[:min(len(b), 32)])
	return len(b) == 32 && err == nil
}

// rowID is what a text is compared by: the bytes of a sys_id, or a hash.
func rowID(b []byte) (id [16]byte) {
	if len(b) == 2*len(id) {
		if _, err := hex.Decode(id[:], bytes.ToLower(b)); err == nil {
			return id
		}
	}
	sum := sha256.Sum256(b)
	copy(id[:], sum[:])
	return id
}

// mostInterned bounds the texts that are looked up to be held once.
const mostInterned = 1 << 20

// intern returns the place of a text.
func (x *tagIndex) intern(b []byte) (uint32, error) {
	if at, ok := x.interned[string(b)]; ok {
		return at, nil
	}
	at := len(x.text)
	if at+len(b) > maxTagText {
		return 0, fmt.Errorf("the keys and values of the tags take more than %d MiB: export those of the assets alone that are in the register", maxTagText>>20)
	}
	x.text = append(binary.AppendUvarint(x.text, uint64(len(b))), b...)
	if len(x.interned) < mostInterned {
		x.interned[string(b)] = uint32(at)
	}
	return uint32(at), nil
}

func (x *tagIndex) settle() {
	x.interned = nil
	slices.SortStableFunc(x.entries, func(a, b tagEntry) int { return bytes.Compare(a.row[:], b.row[:]) })
}

func (x *tagIndex) string(at uint32) string {
	n, size := binary.Uvarint(x.text[at:])
	from := int(at) + size
	return string(x.text[from : from+int(n)])
}

// find returns the tags of a row of the register.
func (x *tagIndex) find(cell []byte) []tagEntry {
	if x == nil || len(cell) == 0 {
		return nil
	}
	id := rowID(cell)
	from, found := slices.BinarySearchFunc(x.entries, id, func(e tagEntry, id [16]byte) int { return bytes.Compare(e.row[:], id[:]) })
	if !found {
		return nil
	}
	to := from
	for to < len(x.entries) && x.entries[to].row == id {
		to++
	}
	return x.entries[from:to]
}

func (x *tagIndex) has(cell []byte) bool { return len(x.find(cell)) > 0 }

// of returns the tags of a row of the register, in a list of its own.
func (x *tagIndex) of(cell []byte) []inventory.Tag {
	var list []inventory.Tag
	for _, e := range x.find(cell) {
		if e.value == unknownValue {
			list = append(list, inventory.Tag{Key: x.string(e.key), ValueUnknown: true})
			continue
		}
		list = append(list, inventory.Tag{Key: x.string(e.key), Value: x.string(e.value)})
	}
	return preset.Merge(list)
}

// column is the column of a register that the tables speak of, or -1.
func (x *tagIndex) column(l *layout) int {
	if x == nil {
		return -1
	}
	if x.layout != l {
		x.layout, x.join = l, -1
		for _, p := range x.joins {
			if c := p.Join(l.header); c >= 0 {
				x.join = c
				break
			}
		}
	}
	return x.join
}

// unreadable reports whether tags are unknown because a table could not be relied on.
func (x *tagIndex) unreadable() bool { return x != nil && x.err != nil }

// check finds out whether the tables speak of the rows of a register at all.
func (x *tagIndex) check(l *layout, k *keys) {
	switch {
	case x == nil || x.err != nil:
	case x.column(l) < 0:
		x.err = fmt.Errorf("the register has no column that the tables refer to: add sys_id or MachineId to the export; the columns are %s", quoteAll(l.header))
	case k.matched == 0:
		x.err = errors.New("none of the tags is of a row of this file: check whether both are of the same system, or make a source of its own for the file")
	}
}

// problem is the error of a scope whose tags could not be read. Its assets are all there.
func (x *tagIndex) problem(id string) error {
	if !x.unreadable() {
		return nil
	}
	reason := inventory.ReasonUntrusted
	if told := (*collectors.Error)(nil); errors.As(x.err, &told) && told.Reason != "" {
		reason = told.Reason
	}
	return &collectors.Error{Reason: reason, Listed: true, Err: fmt.Errorf("the tags of the assets in %q are unknown: tag_tables: %w", id, x.err)}
}
