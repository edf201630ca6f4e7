package cmdb

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// A spool is a temporary file of the rows of a table, in their order. An entry is its length in 4 bytes, its kind, the group that
// the row belongs to, the line and the number of the row, and then its cells, each with its column, or why it is skipped.
type spool struct {
	file    *tempFile
	w       *bufio.Writer
	buf     []byte
	size    int64
	most    int64 // bytes it may hold
	entries map[int]int
}

// Kinds of entry.
const (
	entryRow byte = iota
	entryBad
)

// Bounds of what the formats with a spool may hold.
const (
	maxColumns = 2_000
	maxEntry   = 64 << 20
)

func newSpool(o *Options) (*spool, error) {
	f, err := newTempFile("muster-rows-")
	if err != nil {
		return nil, err
	}
	return &spool{file: f, w: bufio.NewWriterSize(f, 256<<10), most: int64(o.MaxUnpacked), entries: map[int]int{}}, nil
}

// Close removes the file.
func (s *spool) Close() error { return s.file.Close() }

// rewind ends the writing, the first time, and goes to the first row.
func (s *spool) rewind() error {
	if err := s.w.Flush(); err != nil {
		return tempWriteFailed(err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read a temporary file: %w", err)
	}
	return nil
}

// begin begins a row.
func (s *spool) begin(group, line, number int) { s.head(entryRow, group, line, number) }

func (s *spool) head(kind byte, group, line, number int) {
	s.buf = append(s.buf[:0], 0, 0, 0, 0, kind)
	for _, n := range [...]int{group, line, number} {
		s.buf = binary.AppendUvarint(s.buf, uint64(max(n, 0)))
	}
}

// unknown adds a cell to the row that is there, but nobody knows with what.
func (s *spool) unknown(column int) {
	s.buf = binary.AppendUvarint(s.buf, uint64(column))
	s.buf = binary.AppendUvarint(s.buf, 0)
}

// cell adds a cell to the row.
func (s *spool) cell(column int, text []byte) {
	s.buf = binary.AppendUvarint(s.buf, uint64(column))
	s.buf = binary.AppendUvarint(s.buf, uint64(len(text))+1)
	s.buf = append(s.buf, text...)
}

// end ends the row.
func (s *spool) end(group int) error {
	if len(s.buf) > maxEntry {
		return fmt.Errorf("a row is longer than %d MiB: look at what stands there", maxEntry>>20)
	}
	binary.LittleEndian.PutUint32(s.buf, uint32(len(s.buf)-4))
	s.size += int64(len(s.buf))
	if s.size > s.most {
		return &collectors.Error{Reason: inventory.ReasonUntrusted, Err: fmt.Errorf(
			"the rows take more than %s: if it is no bomb, raise max_unpacked", collectors.Size(s.most))}
	}
	s.entries[group]++
	if _, err := s.w.Write(s.buf); err != nil {
		return tempWriteFailed(err)
	}
	return nil
}

// bad adds a row that is skipped.
func (s *spool) bad(group, number int, e *rowError) error {
	s.head(entryBad, group, e.line, number)
	for _, text := range [...]string{e.message, e.remedy} {
		s.cell(0, []byte(text))
	}
	return s.end(group)
}

// entry is one that was read. Its rest is the cells.
type entry struct {
	kind                byte
	group, line, number int
	rest                []byte
}

// entryReader reads a spool.
type entryReader struct {
	r   *bufio.Reader
	buf []byte
}

// next reads an entry, valid until the next.
func (r *entryReader) next() (entry, error) {
	var size [4]byte
	if _, err := io.ReadFull(r.r, size[:]); err != nil {
		return entry{}, err // io.EOF at the end
	}
	n := int(binary.LittleEndian.Uint32(size[:]))
	if cap(r.buf) < n {
		r.buf = make([]byte, n, 2*n)
	}
	r.buf = r.buf[:n]
	if _, err := io.ReadFull(r.r, r.buf); err != nil {
		return entry{}, errDamagedSpool()
	}
	e := entry{kind: r.buf[0], rest: r.buf[1:]}
	for _, p := range [...]*int{&e.group, &e.line, &e.number} {
		*p = e.uvarint()
	}
	return e, nil
}

// uvarint takes a number off the rest. The file is muster's own, so that it holds one.
func (e *entry) uvarint() int {
	v, n := binary.Uvarint(e.rest)
	if n <= 0 {
		e.rest = nil
		return 0
	}
	e.rest = e.rest[n:]
	return int(v)
}

// text takes a cell's text off the rest; known is false if there is none.
func (e *entry) text() (text []byte, known bool) {
	n := e.uvarint()
	if n == 0 || n-1 > len(e.rest) {
		return nil, false
	}
	text, e.rest = e.rest[:n-1], e.rest[n-1:]
	return text, true
}

func errDamagedSpool() error {
	return errors.New("a temporary file was changed while it was read: read the file again")
}
