package tagsheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report/sheet"
	"github.com/muster-audit/muster/rules/shell"
	"github.com/muster-audit/muster/rules/strictyaml"
)

// Edit is what a person filled in for one asset.
type Edit struct {
	Line int
	// Key and Source are as they stand in the file: Named tells whether they are those of an asset.
	Key, Source string
	Set         []inventory.Tag // by the key of the column
}

// Named reports whether the edit is about the asset with a key of a source.
func (e *Edit) Named(key, source string) bool { return ID(key, source) == e.ID() }

// ID names the asset of an edit, as ID does.
func (e *Edit) ID() string { return normal(e.Key) + "\x00" + normal(e.Source) }

// ID names an asset in the way that a sheet can: by its key and source as they are written there.
func ID(key, source string) string {
	texts := harmless(key, source)
	return normal(texts[0]) + "\x00" + normal(texts[1])
}

// What a file may hold. A row holds a few hundred characters; a quote that is never closed would take the rest of the file for one.
const (
	maxRow      = 1 << 20
	maxEdits    = 100_000
	maxProblems = 50
)

// Read returns what was changed in a sheet, in the order of its rows, and how many rows there are. keys are the tags that the policy has
// rules about. An error is one of reading, or a strictyaml.Problems that names each line with what is wrong and what to do.
func Read(r io.Reader, name string, keys []string) (edits []Edit, rows int, err error) {
	s := &reader{name: name, keys: keys}
	if err := s.open(r); err != nil {
		return nil, 0, err
	}
	if err := s.header(); err != nil {
		return nil, 0, err
	}
	seen := map[string]int{}
	for {
		cells, line, err := s.next()
		if errors.Is(err, io.EOF) {
			if err := s.problems.Err(); err != nil {
				return nil, rows, err
			}
			return s.edits, rows, nil
		}
		if err != nil {
			return nil, rows, err
		}
		if blank(cells) {
			continue
		}
		rows++
		if s.row(cells, line, seen); len(s.problems) >= maxProblems {
			s.fail(line, "there may be more: the rest of the file was not read")
			return nil, rows, s.problems.Err()
		}
		if len(s.edits) > maxEdits {
			return nil, rows, fmt.Errorf("%s:%d: more than %d rows are changed: plan a part of them at a time", name, line, maxEdits)
		}
	}
}

type reader struct {
	name     string
	keys     []string
	csv      *csv.Reader
	limit    *limited
	skipped  int // lines before the header
	columns  []string
	key      int // their columns
	source   int
	kind     int
	check    int
	tags     []column
	edits    []Edit
	problems strictyaml.Problems
}

// column is one that holds a tag.
type column struct {
	at  int
	key string
}

func (s *reader) fail(line int, format string, args ...any) {
	s.problems = append(s.problems, strictyaml.Problem{File: s.name, Line: line, Message: fmt.Sprintf(format, args...)})
}

// open finds out how the file is written.
func (s *reader) open(r io.Reader) error {
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.Peek(1 << 16)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", s.name, err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return s.whole("it is UTF-16: save it as CSV UTF-8")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return s.whole("it is a workbook: save it as CSV UTF-8")
	case bytes.HasPrefix(head, []byte("\ufeff")):
		head = head[len("\ufeff"):]
		_, _ = b.Discard(len("\ufeff")) // it is in the buffer
	}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	comma := separator(string(first))
	if mark, said := strings.CutPrefix(strings.TrimRight(string(first), "\r"), "sep="); said && len(mark) == 1 {
		comma, s.skipped = rune(mark[0]), 1
		_, _ = b.Discard(len(first) + 1)
	}
	s.limit = &limited{r: b}
	s.csv = csv.NewReader(s.limit)
	s.csv.Comma, s.csv.FieldsPerRecord, s.csv.ReuseRecord = comma, -1, true
	return nil
}

func (s *reader) whole(message string) error {
	s.fail(0, "%s", message)
	return s.problems.Err()
}

// separator is what stands most often in the header, outside of quotes.
func separator(header string) rune {
	best, most, quoted := ',', 0, false
	counts := map[rune]int{}
	for _, r := range header {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted && strings.ContainsRune(",;\t", r) {
			if counts[r]++; counts[r] > most {
				best, most = r, counts[r]
			}
		}
	}
	return best
}

var errLongRow = errors.New("a row is longer than a megabyte: a quote may not be closed")

// limited refuses rows without end.
type limited struct {
	r io.Reader
	n int // bytes read since the last row ended
}

func (l *limited) Read(p []byte) (int, error) {
	if l.n > maxRow {
		return 0, errLongRow
	}
	n, err := l.r.Read(p)
	l.n += n
	return n, err
}

// next returns the cells of a row and its line.
func (s *reader) next() (cells []string, line int, err error) {
	s.limit.n = 0
	cells, err = s.csv.Read()
	var wrong *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return nil, 0, err
	case errors.As(err, &wrong):
		s.fail(wrong.StartLine+s.skipped, "%v: quotes within a cell are doubled, and the cell stands in quotes", wrong.Err)
		return nil, 0, s.problems.Err()
	case err != nil:
		return nil, 0, fmt.Errorf("read %s: %w", s.name, err)
	}
	line, _ = s.csv.FieldPos(0)
	return cells, line + s.skipped, nil
}

const notOurs = "this is no sheet that \"muster tags export\" wrote, or its columns were renamed: export it anew"

func (s *reader) header() error {
	cells, line, err := s.next()
	if errors.Is(err, io.EOF) {
		return s.whole("the file is empty: " + notOurs)
	}
	if err != nil {
		return err
	}
	for i, c := range cells {
		s.columns = append(s.columns, normal(c))
		if c = s.columns[i]; c != "" && slices.Contains(s.columns[:i], c) {
			s.fail(line, "the column %q is there twice: keep one", c)
		}
	}
	for at, column := range map[*int]string{&s.key: columnKey, &s.source: columnSource, &s.kind: columnType, &s.check: columnCheck} {
		*at = slices.Index(s.columns, column)
	}
	for _, missing := range []struct {
		at   int
		name string
	}{{s.key, columnKey}, {s.source, columnSource}, {s.kind, columnType}, {s.check, columnCheck}} {
		if missing.at < 0 {
			s.fail(line, "there is no column %q: %s", missing.name, notOurs)
		}
	}
	for i, c := range s.columns {
		if key, ok := strings.CutPrefix(c, prefixTag); ok {
			s.tag(line, i, key)
		}
	}
	return s.problems.Err()
}

func (s *reader) tag(line, at int, key string) {
	i := slices.IndexFunc(s.keys, func(k string) bool { return normal(sheet.Harmless(k)) == normal(key) })
	if i < 0 {
		s.fail(line, "the column %q is of a tag that no rule of the policy is about%s", prefixTag+key, inventory.Suggest(key, s.keys))
		return
	}
	s.tags = append(s.tags, column{at, s.keys[i]})
}

func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// row takes in what was changed in a row.
func (s *reader) row(cells []string, line int, seen map[string]int) {
	if !s.complete(cells, line) {
		return
	}
	key, source := cells[s.key], cells[s.source]
	about, hashes, ok := checked(cells[s.check])
	switch {
	case !ok:
		s.fail(line, "the column %q is not as it was written: muster cannot tell what was changed in this row; export it anew", columnCheck)
		return
	case about != hashOf("row", key, source, cells[s.kind]):
		s.fail(line, "the columns %s, %s and %s are not those of this row: they were changed, sorted without the others, or rewritten by the spreadsheet as a number; export it anew, with all columns as text",
			columnKey, columnSource, columnType)
		return
	}
	edit := Edit{Line: line, Key: key, Source: source}
	for _, c := range s.tags {
		if cell := cells[c.at]; touched(hashes, key, source, c.key, cell) {
			if value, ok := s.value(line, c.key, cell); ok {
				edit.Set = append(edit.Set, inventory.Tag{Key: c.key, Value: value})
			}
		}
	}
	if len(edit.Set) == 0 {
		return
	}
	if before := seen[edit.ID()]; before > 0 {
		s.fail(line, "line %d changes the same asset: keep one of the two", before)
		return
	}
	seen[edit.ID()] = line
	edit.Key, edit.Source = strings.Clone(key), strings.Clone(source)
	s.edits = append(s.edits, edit)
}

// complete checks that a row is one of the table, and text.
func (s *reader) complete(cells []string, line int) bool {
	switch {
	case len(cells) < len(s.columns) && len(cells) <= max(s.key, s.source, s.kind, s.check, s.lastTag()):
		s.fail(line, "the row has %d cells, the header has %d: a cell with the separator %q in it needs quotes", len(cells), len(s.columns), s.csv.Comma)
		return false
	case len(cells) > len(s.columns) && !blank(cells[len(s.columns):]):
		s.fail(line, "the row has %d cells, the header has %d: a cell with the separator %q in it needs quotes", len(cells), len(s.columns), s.csv.Comma)
		return false
	}
	for _, c := range cells {
		if !utf8.ValidString(c) {
			s.fail(line, "the file is not UTF-8: save it as CSV UTF-8")
			return false
		}
	}
	return true
}

func (s *reader) lastTag() int {
	last := -1
	for _, c := range s.tags {
		last = max(last, c.at)
	}
	return last
}

// value is what somebody wrote into the cell of a tag.
func (s *reader) value(line int, key, cell string) (string, bool) {
	value := normal(cell)
	switch {
	case value == "":
		s.fail(line, "tag %q was emptied: muster plans no removals; write a value, or leave the cell as it was", key)
	case value == Unknown:
		s.fail(line, "tag %q was set to %s, which stands for what could not be read: write a value, or leave the cell as it was", key, Unknown)
	case strings.ContainsRune(value, utf8.RuneError):
		s.fail(line, "tag %q holds U+FFFD, which stands for a character that could not be written: write the value anew", key)
	case !shell.Fits(value):
		s.fail(line, "tag %q holds a line end or another control character: write it on one line", key)
	default:
		return strings.Clone(value), true
	}
	return "", false
}
