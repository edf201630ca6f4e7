package cmdb

import (
	"fmt"
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// rounded reports whether a cell is a number that a spreadsheet keeps fifteen digits of at most and shows as fewer:
// "6.37702E+15", "1,23457E+11". What it was before cannot be told, and many numbers look the same.
func rounded[T string | []byte](b T) bool {
	n := len(b)
	if n < len("1E+15") || b[0] < '0' || b[0] > '9' {
		return false
	}
	i := 1
	if b[i] == '.' || b[i] == ',' {
		for i++; i < n && b[i] >= '0' && b[i] <= '9'; i++ {
		}
	}
	if n-i < len("E+15") || n-i > len("E+308") || b[i]|0x20 != 'e' || b[i+1] != '+' {
		return false
	}
	return number([]byte(b[i+2:])) >= 0
}

// identifying lists the fields whose cells a spreadsheet can spoil so that they mean another machine.
func identifying() [5]field {
	return [...]field{fieldKey, fieldSerial, fieldAssetTag, fieldUUID, fieldInstanceID}
}

// spoiled calls tell for every cell of a row that should identify it and was rounded. deciding says that the cell would have
// been the key.
func (l *layout) spoiled(r *row, key int, tell func(f field, column int, deciding bool)) {
	for _, f := range identifying() {
		if c := l.fields[f]; c >= 0 && rounded(l.cell(r, c)) {
			tell(f, c, l.before(keyColumn{f, c}, key))
		}
	}
}

// before reports whether a column comes before another in the order of keys.
func (l *layout) before(k keyColumn, column int) bool {
	at := slices.Index(l.keys, k)
	return at >= 0 && at < slices.IndexFunc(l.keys, func(k keyColumn) bool { return k.column == column })
}

// tellSpoiled reports the cells of a row that were rounded. If one would have been the row's key, the row has another key than
// its asset had before: nothing may be taken for gone then, which a problem without a key says.
func (b *builder) tellSpoiled(r *row, column int, key string) {
	b.spoiled(r, column, func(f field, c int, deciding bool) {
		p := inventory.Problem{
			File: b.file.id, Line: r.line, Column: c + 1, Key: key,
			Message: fmt.Sprintf("column %d, %q: the %s %q was rounded by a spreadsheet, so that it is taken for none",
				c+1, b.header[c], spoken(f), clipped(b.cell(r, c))),
			Remedy: fmt.Sprintf("format the column %q as text before the data goes in, and export again", b.header[c]),
		}
		if deciding {
			p.Key = ""
			p.Message += ", and the row's key is " + fmt.Sprintf("%q", key)
		}
		b.report(p)
	})
}

// tellDoubtful reports the identifiers of a row that may have lost zeros. They still make its key, since they did so before.
func (b *builder) tellDoubtful(r *row, key string) {
	if !b.keys.lost {
		return
	}
	for _, f := range []field{fieldSerial, fieldAssetTag} {
		c := b.fields[f]
		if c < 0 {
			continue
		}
		cell := string(b.cell(r, c))
		w := b.keys.doubtful(f, cell)
		if w == nil {
			continue
		}
		b.report(inventory.Problem{
			File: b.file.id, Line: r.line, Column: c + 1, Key: key,
			Message: fmt.Sprintf("column %d, %q: the %s %q seems to have lost zeros in front, so that it is no identifier: %s",
				c+1, b.header[c], spoken(f), clipped([]byte(cell)), w.evidence()),
			Remedy: fmt.Sprintf("format the column %q as text before the data goes in, and export again", b.header[c]),
		})
	}
}

// clipped is a cell for a message, cut.
func clipped(cell []byte) string {
	const most = 40
	return string(cell[:min(len(cell), most)])
}

func spoken(f field) string {
	switch f {
	case fieldSerial:
		return "serial number"
	case fieldAssetTag:
		return "asset tag"
	case fieldUUID:
		return "UUID"
	case fieldInstanceID:
		return "instance id"
	}
	return fieldNames()[f]
}
