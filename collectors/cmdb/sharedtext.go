package cmdb

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of the texts that sheets share.
const (
	maxSharedStrings = 5_000_000
	// maxText bounds a text, in bytes, with every character escaped.
	maxText = 8 * maxCell
	// maxTextsInMemory bounds those that are held in memory, in bytes. What is more goes to a file.
	maxTextsInMemory = 8 << 20
)

// sharedTexts are the texts that the cells of sheets refer to by number. What is live of them is bounded: where they end, in 4 bytes
// each, and their first bytes or, if they are many, some blocks of a file.
type sharedTexts struct {
	n      int
	size   int64
	chunks []*textChunk
	memory []byte // all of them, unless there is a file
	file   *tempFile
	w      *bufio.Writer
	blocks []textBlock
}

const (
	chunkTexts = 1024
	blockSize  = 32 << 10
	blockCount = 128
)

// textChunk says where texts end, from where the first of them begins. So many texts have less than 4 GiB.
type textChunk struct {
	begin int64
	ends  [chunkTexts]uint32
}

// textBlock is a part of the file that was read.
type textBlock struct {
	number int64 // 1-based
	data   []byte
}

// Close removes the file.
func (t *sharedTexts) Close() error {
	if t.file == nil {
		return nil
	}
	return t.file.Close()
}

// read reads the part that holds the texts. The caller closes them, also after an error.
func (t *sharedTexts) read(r io.Reader) error {
	s := newXMLScanner(r)
	err := t.table(s)
	if errors.Is(err, errLong) {
		return errors.New("a text of the workbook is longer than the 32,767 characters of a cell: save it again with Excel or LibreOffice")
	}
	if d := (*damage)(nil); errors.As(err, &d) {
		return damagedBook(fmt.Errorf("text %d: %w", t.n+1, err))
	}
	if err == nil && t.file != nil {
		if err = t.w.Flush(); err != nil {
			return tempWriteFailed(err)
		}
		t.w = nil
	}
	return err
}

func (t *sharedTexts) table(s *xmlScanner) error {
	if err := s.root("sst"); err != nil {
		return err
	}
	var text []byte
	for {
		ok, err := s.child()
		if err != nil {
			return err
		}
		if !ok {
			return s.rest()
		}
		switch name := string(s.name); {
		case !s.foreign && name == "si":
			if text, err = s.richText(text[:0], maxText); err == nil {
				err = t.add(unescape(text, 0))
			}
		case !s.foreign && name == "extLst":
			err = s.skip()
		default:
			err = s.unread()
		}
		if err != nil {
			return err
		}
	}
}

// add adds a text.
func (t *sharedTexts) add(text []byte) error {
	if t.n == maxSharedStrings {
		return fmt.Errorf("the workbook has more than %d texts: export CSV", maxSharedStrings)
	}
	if t.n%chunkTexts == 0 {
		t.chunks = append(t.chunks, &textChunk{begin: t.size})
	}
	c := t.chunks[t.n/chunkTexts]
	t.size += int64(len(text))
	c.ends[t.n%chunkTexts] = uint32(t.size - c.begin)
	t.n++
	if t.file == nil && t.size > maxTextsInMemory {
		if err := t.spill(); err != nil {
			return err
		}
	}
	if t.file == nil {
		t.memory = append(t.memory, text...)
		return nil
	}
	if _, err := t.w.Write(text); err != nil {
		return tempWriteFailed(err)
	}
	return nil
}

// spill puts the texts into a file.
func (t *sharedTexts) spill() error {
	f, err := newTempFile("muster-texts-")
	if err != nil {
		return err
	}
	t.file, t.w, t.blocks = f, bufio.NewWriterSize(f, 256<<10), make([]textBlock, blockCount)
	if _, err := t.w.Write(t.memory); err != nil {
		return tempWriteFailed(err)
	}
	t.memory = nil
	return nil
}

// span returns where a text begins and ends.
func (t *sharedTexts) span(i int) (from, to int64) {
	c := t.chunks[i/chunkTexts]
	from, to = c.begin, c.begin+int64(c.ends[i%chunkTexts])
	if i %= chunkTexts; i > 0 {
		from += int64(c.ends[i-1])
	}
	return from, to
}

// append appends the text of a number below n.
func (t *sharedTexts) append(dst []byte, i int) ([]byte, error) {
	from, to := t.span(i)
	if t.file == nil {
		return append(dst, t.memory[from:to]...), nil
	}
	for from < to {
		b, err := t.block(from / blockSize)
		if err != nil {
			return dst, err
		}
		at := from % blockSize
		n := min(to-from, int64(len(b))-at)
		if n <= 0 {
			return dst, errDamagedSpool()
		}
		dst = append(dst, b[at:at+n]...)
		from += n
	}
	return dst, nil
}

// block reads a block of the file, unless it was read already. Cells mostly refer to texts in their order, or to a few that come first.
func (t *sharedTexts) block(number int64) ([]byte, error) {
	b := &t.blocks[number%blockCount]
	if b.number == number+1 {
		return b.data, nil
	}
	if b.data == nil {
		b.data = make([]byte, blockSize)
	}
	b.data, b.number = b.data[:blockSize], 0
	n, err := t.file.ReadAt(b.data, number*blockSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read a temporary file: %w", err)
	}
	b.data, b.number = b.data[:n], number+1
	return b.data, nil
}

// unescape replaces, in what follows from a place, the characters that XML cannot hold and workbooks write as _x000D_, in place. What
// is written so itself begins with _x005F_, an underscore.
func unescape(b []byte, from int) []byte {
	i := bytes.Index(b[from:], []byte("_x"))
	if i < 0 {
		return b
	}
	out := b[:from+i]
	for i += from; i < len(b); {
		r, n := escaped(b[i:])
		if n == 0 {
			out = append(out, b[i])
			i++
			continue
		}
		if low, m := escaped(b[i+n:]); utf16.IsSurrogate(r) && m > 0 && utf16.DecodeRune(r, low) != utf8.RuneError {
			r, n = utf16.DecodeRune(r, low), n+m
		}
		out = utf8.AppendRune(out, r) // never longer than what is written
		i += n
	}
	return out
}

// escaped reads a character that is written as _x000D_. Its length is 0 if there is none.
func escaped(b []byte) (rune, int) {
	const size = len("_x000D_")
	if len(b) < size || b[0] != '_' || b[1] != 'x' || b[size-1] != '_' {
		return 0, 0
	}
	n, err := strconv.ParseUint(string(b[2:size-1]), 16, 16)
	if err != nil {
		return 0, 0
	}
	return rune(n), size
}
