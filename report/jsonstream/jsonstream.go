// Package jsonstream writes JSON lists item by item, so that a report of a hundred thousand findings takes the memory of one.
package jsonstream

import (
	"encoding/json"
	"fmt"
	"io"
)

// Writer writes JSON text. After the first error it writes nothing more; Err returns that error.
type Writer struct {
	w     io.Writer
	err   error
	items int // of the list that is open
}

// New returns a writer to w.
func New(w io.Writer) *Writer { return &Writer{w: w} }

// Raw writes text that is JSON already.
func (j *Writer) Raw(text string) {
	if j.err == nil {
		_, j.err = io.WriteString(j.w, text)
	}
}

// Value writes a value in one line. "<", ">" and "&" are escaped, so that the text may stand in a page.
func (j *Writer) Value(v any) {
	if j.err != nil {
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		j.err = fmt.Errorf("encode item: %w", err)
		return
	}
	_, j.err = j.w.Write(text)
}

// Open begins a list. Lists of one writer do not nest.
func (j *Writer) Open() {
	j.items = 0
	j.Raw("[")
}

// Item adds an item to the list that is open, on a line of its own.
func (j *Writer) Item(v any) {
	if j.items > 0 {
		j.Raw(",")
	}
	j.items++
	j.Raw("\n")
	j.Value(v)
}

// Close ends the list.
func (j *Writer) Close() {
	if j.items > 0 {
		j.Raw("\n")
	}
	j.Raw("]")
}

// Err returns the first error.
func (j *Writer) Err() error { return j.err }
