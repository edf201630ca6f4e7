package cmdb

import (
	"bytes"
	"fmt"
	"strconv"
)

// kind is what a cell says that its value is.
type kind byte

const (
	kindNumber kind = iota
	kindShared
	kindInline
	kindResult // a text that a formula gave
	kindBool
	kindError
	kindDate
)

// kindOf reads the attribute t; ok is false if it is not known.
func kindOf(t []byte) (k kind, ok bool) {
	switch string(t) {
	case "", "n":
		return kindNumber, true
	case "s":
		return kindShared, true
	case "inlineStr":
		return kindInline, true
	case "str":
		return kindResult, true
	case "b":
		return kindBool, true
	case "e":
		return kindError, true
	case "d":
		return kindDate, true
	}
	return 0, false
}

// readCell reads a cell into the row.
func (p *sheetScan) readCell() error {
	if err := p.place(); err != nil {
		return err
	}
	k, ok := kindOf(p.attr("t"))
	if !ok {
		return p.wrong("is of a type %q, which is not read", p.attr("t"))
	}
	style := 0
	if s := p.attr("s"); s != nil {
		var err error
		if style, err = strconv.Atoi(string(s)); err != nil {
			return p.wrong("has a style %q, which is none", s)
		}
	}
	formula, value, err := p.holds(k)
	if err != nil {
		return err
	}
	c := sheetCell{column: p.column, from: int32(len(p.row.text)), pending: formula && !value}
	if len(p.value) > 0 {
		if err := p.show(k, p.formats.of(style)); err != nil {
			return err
		}
	}
	if len(p.row.text) > maxRowText {
		return errLong
	}
	c.to = int32(len(p.row.text))
	p.row.cells = append(p.row.cells, c)
	return nil
}

// holds reads the value of a cell, and tells whether the cell is a formula and whether it has a value, be it an empty text.
func (p *sheetScan) holds(k kind) (formula, value bool, err error) {
	p.value = p.value[:0]
	for {
		ok, err := p.child()
		if err != nil || !ok {
			return formula, value && (len(p.value) > 0 || k == kindResult), err
		}
		switch name := string(p.name); {
		case p.foreign:
			err = p.located(p.unread())
		case name == "v" && !value:
			value = true
			p.value, err = p.content(p.value, maxRowText)
		case name == "is" && !value && k == kindInline:
			value = true
			p.value, err = p.richText(p.value, maxRowText)
		case name == "f", name == "extLst":
			formula = formula || name == "f"
			err = p.skip()
		default:
			err = p.located(p.unread())
		}
		if err != nil {
			return false, false, err
		}
	}
}

// show appends to the row what a cell shows of its value.
func (p *sheetScan) show(k kind, f cellFormat) error {
	from := len(p.row.text)
	switch k {
	case kindShared:
		return p.shared()
	case kindInline, kindResult:
		p.row.text = unescape(append(p.row.text, p.value...), from)
	case kindBool:
		p.row.text = append(p.row.text, truth(p.value)...)
	case kindError:
		p.row.text = append(p.row.text, p.value...)
		if !failedCell(trim(p.value)) {
			p.row.text = append(p.row.text[:from], errorText...)
		}
	case kindDate:
		p.row.text = f.appendDate(p.row.text, p.value)
	default:
		p.row.text = f.appendNumber(p.row.text, p.value)
	}
	return nil
}

// errorText stands in a cell with an error that is not known, as LibreOffice writes those that have no name.
const errorText = "#ERROR!"

// truth writes a truth value as spreadsheets show it.
func truth(value []byte) []byte {
	switch string(bytes.TrimSpace(value)) {
	case "1", "true":
		return []byte("TRUE")
	case "0", "false":
		return []byte("FALSE")
	}
	return value
}

// shared appends the text that a cell refers to.
func (p *sheetScan) shared() error {
	n, err := strconv.Atoi(string(bytes.TrimSpace(p.value)))
	if err != nil || n < 0 || n >= p.texts.n {
		return damagedBook(fmt.Errorf("the cell %s%d refers to text %q, and there are %d", columnName(p.column), p.row.number, begin(p.value), p.texts.n))
	}
	p.row.text, err = p.texts.append(p.row.text, n)
	return err
}

// wrong is the error for a cell of which nobody can tell what it holds.
func (p *sheetScan) wrong(format string, args ...any) error {
	return fmt.Errorf("the cell %s%d %s: save the workbook again with Excel or LibreOffice", columnName(p.column), p.row.number, fmt.Sprintf(format, args...))
}
