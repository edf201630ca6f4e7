package cmdb

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Why this is not encoding/csv: that has no bound on a record, so that one stray quote or one endless line takes the rest
// of a file into memory, and it cannot go on after a record that was too long.

// maxRecord bounds the bytes of one row.
const maxRecord = 1 << 20

// span is a cell's place in its row's text.
type span struct{ from, to int32 }

// row is one row of a file, valid until the next is read.
type row struct {
	text  []byte // cells, unquoted, with what stood between them
	cells []span
	line  int // 1-based line, or row of a sheet, in which the row begins
}

// cell returns a cell without the white space around it; missing columns are empty, and so are cells that are not known.
func (r *row) cell(i int) []byte {
	if i < 0 || i >= len(r.cells) {
		return nil
	}
	s := r.cells[i]
	if s.from < 0 {
		return nil
	}
	return trim(r.text[s.from:s.to])
}

// rowError is a row that is skipped.
type rowError struct {
	line            int
	key             string
	message, remedy string
}

// Error names the line.
func (e *rowError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.message) }

// rows reads the rows of a file.
type rows struct {
	r         *bufio.Reader
	delimiter byte
	line      int // lines read so far
	header    []string
	row       row
	buf       []byte // text of a row that is longer than a line or than the reader's buffer
	kept      []byte // text of a row near the end of the reader's buffer
	valid     bool   // the text is known to be valid UTF-8
	replaced  bool   // characters that could not be read have become U+FFFD
	footers   int    // last rows that are no assets
	stopped   bool   // the last row says that there should be more
}

// openRows reads the header of a text.
func openRows(t *text) (*rows, error) {
	rs := &rows{r: t.Reader, delimiter: t.delimiter, replaced: t.replaced()}
	for {
		err := rs.record()
		bad := (*rowError)(nil)
		switch {
		case errors.Is(err, io.EOF):
			return nil, errors.New("there is no header: check whether the export ran to its end")
		case rs.row.line < t.line && (err == nil || errors.As(err, &bad)):
			continue
		case err != nil:
			return nil, err
		}
		return rs, rs.takeHeader()
	}
}

func (rs *rows) takeHeader() error {
	if !utf8.Valid(rs.row.text) || bytes.IndexByte(rs.row.text, 0) >= 0 {
		return errors.New("the header is not text: export the file as CSV, or set encoding")
	}
	if rs.replaced && bytes.Contains(rs.row.text, []byte("\ufffd")) {
		return errors.New("the header holds a character that cannot be read: export the file as CSV in UTF-8, or set encoding to what it is")
	}
	if i := bytes.IndexByte(rs.row.text, '\r'); i >= 0 && rs.row.line == rs.line {
		return errors.New("some lines end with CR alone and others do not: save the file with the line ends of Windows or Unix")
	}
	rs.header, _ = rs.row.names()
	return nil
}

// names returns the row's cells, without the empty ones at the end, and how many are not empty.
func (r *row) names() (names []string, filled int) {
	n := 0
	for i := range r.cells {
		cell := r.cell(i)
		names = append(names, string(cell))
		if len(cell) > 0 {
			n, filled = i+1, filled+1
		}
	}
	return names[:n], filled
}

// next reads the next row that is not blank. Its error is io.EOF at the end and a *rowError for a row to skip.
func (rs *rows) next(width int) error {
	for {
		if err := rs.record(); err != nil {
			return err
		}
		if rs.row.blank() || rs.footer(width) {
			continue
		}
		return rs.check(width)
	}
}

// blank reports whether no cell holds anything.
func (r *row) blank() bool {
	for i := range r.cells {
		if len(r.cell(i)) > 0 {
			return false
		}
	}
	return true
}

func (rs *rows) check(width int) error {
	switch t := rs.row.text; {
	case bytes.IndexByte(t, 0) >= 0:
		return rs.bad("the row holds a zero byte", "export the file as plain CSV")
	case !rs.valid && !utf8.Valid(t):
		return rs.bad("the row is not valid UTF-8", "export the file as CSV in UTF-8, or set encoding to what it is")
	case rs.replaced && bytes.Contains(t, []byte("\ufffd")):
		return rs.bad("the row holds a character that cannot be read", "export the file as CSV in UTF-8, or set encoding to what it is")
	case len(rs.row.cells) < width:
		return rs.bad(fmt.Sprintf("the row has %d cells, the header %d", len(rs.row.cells), width), "put cells that hold the delimiter in quotes")
	}
	for i := width; i < len(rs.row.cells); i++ {
		if len(rs.row.cell(i)) > 0 {
			return rs.bad(fmt.Sprintf("the row has %d cells, the header %d", len(rs.row.cells), width), "put cells that hold the delimiter in quotes")
		}
	}
	return nil
}

func (rs *rows) bad(message, remedy string) error {
	return &rowError{line: rs.row.line, message: message, remedy: remedy}
}

// record reads the next row, blank or not, and takes it apart.
func (rs *rows) record() error {
	line, err := rs.readLine()
	rs.row.line = rs.line
	rs.row.cells = rs.row.cells[:0]
	if err != nil {
		return err
	}
	if bytes.IndexByte(line, '"') >= 0 {
		return rs.quoted(line)
	}
	rs.row.text = line
	from := 0
	for {
		n := bytes.IndexByte(line[from:], rs.delimiter)
		if n < 0 {
			break
		}
		rs.row.cells = append(rs.row.cells, span{int32(from), int32(from + n)})
		from += n + 1
	}
	rs.row.cells = append(rs.row.cells, span{int32(from), int32(len(line))})
	return nil
}

// readLine returns the next line without its end, valid until the next call.
func (rs *rows) readLine() ([]byte, error) {
	line, err := rs.r.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = rs.longLine(line)
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
		return nil, err
	}
	rs.line++
	return trimEnd(line), nil
}

func trimEnd(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	for n := len(line); n > 0 && line[n-1] == '\r'; n-- {
		line = line[:n-1]
	}
	return line
}

// longLine reads the rest of a line that does not fit into the reader's buffer.
func (rs *rows) longLine(part []byte) ([]byte, error) {
	var whole []byte
	for long := false; ; {
		if long = long || len(whole)+len(part) > maxRecord; !long {
			whole = append(whole, part...)
		}
		next, err := rs.r.ReadSlice('\n')
		part = next
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if long || len(whole)+len(part) > maxRecord {
			rs.line++
			rs.row.line = rs.line
			return nil, &rowError{line: rs.line, message: "the row is longer than 1 MiB", remedy: "look for a quote that is not closed"}
		}
		return append(whole, part...), nil
	}
}
