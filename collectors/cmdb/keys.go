package cmdb

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/maphash"
	"slices"
)

// keyOrder lists the fields that can make a key, the surest first.
func keyOrder() [9]field {
	return [...]field{fieldKey, fieldUUID, fieldInstanceUUID, fieldSerial, fieldAssetTag, fieldFQDN, fieldName, fieldHostname, fieldInstanceID}
}

// keyColumn returns the column with the row's key, or -1. What many machines carry, as firmware's own defaults, is no key, and
// neither is what a spreadsheet rounded. If a cell that could be the key could not be worked out, nobody knows the key.
func (l *layout) keyColumn(r *row) int {
	for _, k := range l.keys {
		cell := l.cell(r, k.column)
		if hides(cell) {
			return -1
		}
		if !noKey(k.field, cell) {
			return k.column
		}
	}
	return -1
}

// cell is a row's cell as the preset means it.
func (l *layout) cell(r *row, i int) []byte {
	if l.clean == nil {
		return r.cell(i)
	}
	return l.clean.Cell(r.cell(i))
}

func noKey(f field, cell []byte) bool {
	if repeats(f, cell) {
		return true
	}
	switch f {
	case fieldUUID, fieldInstanceUUID:
		return junkUUID(cell)
	case fieldSerial, fieldAssetTag:
		return junkSerial(cell) || rounded(cell)
	case fieldKey, fieldInstanceID:
		return placeholder(cell) || rounded(cell)
	}
	return placeholder(cell)
}

// keys finds out which keys more than one row has, in 8 bytes a row. Two keys with one 64-bit hash count as one, which
// only makes their keys longer.
type keys struct {
	seed   maphash.Seed
	hashes []uint64 // all of them while rows are noted, then those of several rows, sorted
	// contents holds a row of each of those keys, by its hash; differ the keys of which another row has another content.
	contents map[uint64]uint64
	differ   map[uint64]bool
	// emitted are the rows of such keys that were handed over.
	emitted map[uint64]bool
	watched bool
	widths  []widths // of the columns that may lose zeros
	lost    bool     // one of them did
	matched int      // rows that a table of tags speaks of
}

func newKeys() *keys {
	return &keys{seed: maphash.MakeSeed(), contents: map[uint64]uint64{}, differ: map[uint64]bool{}, emitted: map[uint64]bool{}}
}

func (k *keys) note(key []byte) {
	if len(key) > 0 {
		k.hashes = append(k.hashes, maphash.Bytes(k.seed, key))
	}
}

// noteRow takes note of a row that is an asset.
func (k *keys) noteRow(l *layout, r *row, tags *tagIndex) {
	if !k.watched {
		k.watch(l)
	}
	if l.leavesOut(r) != nil {
		return
	}
	k.note(r.cell(l.keyColumn(r)))
	for i := range k.widths {
		k.widths[i].note(l.cell(r, k.widths[i].column))
	}
	if tags.has(r.cell(tags.column(l))) {
		k.matched++
	}
}

// settle ends the noting.
func (k *keys) settle() {
	for i := range k.widths {
		k.widths[i].settle()
		k.lost = k.lost || k.widths[i].lost.width > 0
	}
	slices.Sort(k.hashes)
	several := k.hashes[:0]
	for i := 0; i < len(k.hashes); {
		j := i + 1
		for j < len(k.hashes) && k.hashes[j] == k.hashes[i] {
			j++
		}
		if h := k.hashes[i]; j > i+1 {
			several = append(several, h)
		}
		i = j
	}
	k.hashes = slices.Clone(several)
}

// compare looks once more at every row, if some share a key: those that are equal are one asset under its plain key, so
// that it stays the same when somebody removes the second one.
func (k *keys) compare(l *layout, r *row, buf []byte) []byte {
	if l.leavesOut(r) != nil {
		return buf
	}
	key, shared := k.shared(r.cell(l.keyColumn(r)))
	if !shared {
		return buf
	}
	content, buf := l.content(r, buf)
	if first, seen := k.contents[key]; seen && first != content {
		k.differ[key] = true
	}
	k.contents[key] = content
	return buf
}

// shared returns a key's hash and whether more than one row has the key.
func (k *keys) shared(key []byte) (uint64, bool) {
	if len(k.hashes) == 0 {
		return 0, false
	}
	hash := maphash.Bytes(k.seed, key)
	_, found := slices.BinarySearch(k.hashes, hash)
	return hash, found
}

// first reports whether a row, given by the hash of its content, is the first with that content.
func (k *keys) first(content uint64) bool {
	if k.emitted[content] {
		return false
	}
	k.emitted[content] = true
	return true
}

// content hashes what a row holds in the columns that mean something. It is part of keys, so it must never change.
func (l *layout) content(r *row, buf []byte) (uint64, []byte) {
	buf = buf[:0]
	for _, c := range l.mapped {
		buf = append(append(buf, r.cell(c)...), 0)
	}
	sum := sha256.Sum256(buf)
	return binary.BigEndian.Uint64(sum[:]), buf
}
