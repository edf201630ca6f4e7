package cmdb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// quoted takes a row apart that holds quotes, of which line is the first line. A quote means something only at the beginning
// of a cell; in a quoted cell two of them stand for one. It reads on while a cell goes over the end of its line.
func (rs *rows) quoted(line []byte) error {
	q := quotedRow{rows: rs, rest: line, out: rs.buf[:0]}
	err := q.split()
	if err == nil && q.long {
		err = rs.bad("a quoted cell is longer than 1 MiB", "look for a quote that is not closed")
	}
	rs.buf, rs.row.text = q.out, q.out
	return err
}

type quotedRow struct {
	*rows
	rest []byte // what is left of the current line
	out  []byte // cells so far
	bare bool   // a quote stood inside of a cell as if it were any other character
	long bool   // the row is too long: it is read to its end, but not kept
}

func (q *quotedRow) split() error {
	for {
		from := len(q.out)
		var err error
		if len(q.rest) > 0 && q.rest[0] == '"' {
			err = q.quotedCell()
		} else {
			q.plainCell()
		}
		if err != nil {
			return err
		}
		q.row.cells = append(q.row.cells, span{int32(from), int32(len(q.out))})
		if len(q.rest) == 0 {
			return nil
		}
		q.out = append(q.out, q.delimiter) // so that checks of the whole text see cells apart
		q.rest = q.rest[1:]
		if len(q.rest) == 0 {
			q.row.cells = append(q.row.cells, span{int32(len(q.out)), int32(len(q.out))})
			return nil
		}
	}
}

func (q *quotedRow) plainCell() {
	n := bytes.IndexByte(q.rest, q.delimiter)
	if n < 0 {
		n = len(q.rest)
	}
	q.out = append(q.out, q.rest[:n]...)
	q.rest = q.rest[n:]
}

// quotedCell reads a cell in quotes. Some programs do not write a quote inside of it twice: it is taken for what it is if the cell ends
// with one in the same line and holds no delimiter, so that there is one way only to read it.
func (q *quotedRow) quotedCell() error {
	q.rest = q.rest[1:]
	from := len(q.out)
	q.bare = false
	for {
		n := bytes.IndexByte(q.rest, '"')
		if n < 0 {
			if err := q.nextLine(); err != nil {
				return err
			}
			continue
		}
		q.out = append(q.out, q.rest[:n]...)
		q.rest = q.rest[n+1:]
		if len(q.rest) > 0 && q.rest[0] == '"' {
			q.out = append(q.out, '"')
			q.rest = q.rest[1:]
			continue
		}
		behind := q.rest
		for len(behind) > 0 && behind[0] == ' ' && q.delimiter != ' ' {
			behind = behind[1:]
		}
		if len(behind) > 0 && behind[0] != q.delimiter {
			q.bare = true
			q.out = append(q.out, '"')
			continue
		}
		q.rest = behind
		if q.bare && bytes.IndexByte(q.out[from:], q.delimiter) >= 0 {
			return q.behindQuote()
		}
		return nil
	}
}

func (q *quotedRow) behindQuote() error {
	return q.bad("there is text after a closing quote", "write a quote inside of a quoted cell twice")
}

// nextLine goes on with a cell in the next line.
func (q *quotedRow) nextLine() error {
	if q.bare {
		return q.behindQuote()
	}
	q.out = append(append(q.out, q.rest...), '\n')
	if len(q.out) > maxRecord {
		q.long, q.out = true, q.out[:0]
	}
	line, err := q.readLine()
	if errors.Is(err, io.EOF) {
		return q.bad(fmt.Sprintf("a quote is not closed up to the end of the file, line %d", q.line), "check whether the export ran to its end")
	}
	if err != nil {
		return err
	}
	q.rest = line
	return nil
}
