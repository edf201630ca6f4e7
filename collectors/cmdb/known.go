package cmdb

import (
	"bytes"
	"fmt"
)

// A cell is known unless its file does not have it, as a member that a JSON record lacks, or a spreadsheet could not work it
// out. What is not known is no value, and it is not empty either.

// absent is the place of a cell that the file does not have.
func absent() span { return span{-1, -1} }

// absent reports whether the file does not have a cell.
func (r *row) absent(i int) bool { return i >= 0 && i < len(r.cells) && r.cells[i].from < 0 }

// known reports whether it is known what a cell holds, be it nothing.
func (r *row) known(i int) bool {
	if r.absent(i) {
		return false
	}
	return !failedCell(r.cell(i))
}

// failedCell reports whether a spreadsheet wrote an error into a cell in place of a value, or has not worked it out yet.
func failedCell(b []byte) bool {
	if len(b) < len("#N/A") || b[0] != '#' && b[0] != 'L' {
		return false
	}
	return failedWord(string(bytes.ToUpper(b[:min(len(b), 16)])))
}

// failedWord knows the errors of Excel, LibreOffice and Google Sheets, in capital letters.
func failedWord(s string) bool {
	switch s {
	case "#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!",
		"#BUSY!", "#UNKNOWN!", "#GETTING_DATA", "#EXTERNAL!", "#PYTHON!", "#TIMEOUT!", "#ERROR!", "LOADING...", "LOADING…":
		return true
	}
	return false
}

// hides reports whether a cell that might be the row's key could not be worked out, so that nobody knows which asset the row
// is. #N/A is how a look-up says that it found nothing, and an absent member that there is none.
func hides(cell []byte) bool { return failedCell(cell) && !bytes.EqualFold(cell, []byte("#N/A")) }

// withoutKey says why a row has no key.
func (l *layout) withoutKey(r *row) *rowError {
	for _, k := range l.keys {
		if cell := l.cell(r, k.column); hides(cell) {
			return &rowError{
				line: r.line, message: fmt.Sprintf("the %s, which would be the row's key or come before it, is %q", fieldNames()[k.field], cell),
				remedy: "mend the formula in the spreadsheet, and export it when everything is worked out",
			}
		}
	}
	return &rowError{
		line: r.line, message: "the row has nothing that could be its key",
		remedy: "fill one of the columns key, UUID, serial, asset tag, FQDN or name",
	}
}
