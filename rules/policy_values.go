package rules

import (
	"bufio"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/strictyaml"
)

// PolicyInput is another file that a policy takes its words from.
type PolicyInput struct {
	Name   string // as the policy names it
	Digest string // "sha256:" and the hash of its bytes
}

type valuesFromSpec struct {
	File   string `yaml:"file"`
	Column string `yaml:"column"`
}

const (
	// maxInput bounds a file of values in bytes, maxValues what is taken of it.
	maxInput  = 16 << 20
	maxValues = 100_000
)

// valuesFrom reads the allowed values of a rule from a file: of a column of a CSV file with a header, or of a text file line by line, in
// which blank lines and those that begin with "#" say nothing. White space around a value is not part of it.
func (p *policyParser) valuesFrom(path string, s *valuesFromSpec) []string {
	if s == nil {
		return nil
	}
	if s.File == "" {
		p.need(true, path+".file", "the file with the values, such as teams.csv")
		return nil
	}
	if p.env.Open == nil {
		p.fail(path+".file", "%s: files cannot be read here", s.File)
		return nil
	}
	r, err := p.env.Open(s.File)
	if err != nil {
		p.fail(path+".file", "open %s: %v: the path is relative to the config file", s.File, err)
		return nil
	}
	defer r.Close() //nolint:errcheck // it was only read
	hash := sha256.New()
	bounded := &io.LimitedReader{R: r, N: maxInput + 1}
	values, problem := readValues(s, bufio.NewReader(io.TeeReader(bounded, hash)))
	switch {
	case bounded.N == 0:
		p.fail(path+".file", "%s holds more than %d MiB: name a file of its values alone", s.File, maxInput>>20)
	case problem != nil:
		p.problems = append(p.problems, *problem)
	case len(values) == 0:
		p.fail(path+".file", "%s holds no value: then none would be allowed", s.File)
	}
	p.policy.Inputs = append(p.policy.Inputs, PolicyInput{Name: s.File, Digest: "sha256:" + hex.EncodeToString(hash.Sum(nil))})
	return values
}

// valueList keeps the first of equal values.
type valueList struct {
	values []string
	seen   map[string]bool
}

func (l *valueList) add(value string) error {
	value = strings.TrimSpace(value)
	if value == "" || l.seen[value] {
		return nil
	}
	if len(l.values) == maxValues {
		return fmt.Errorf("more than %d different values: a list that long is no vocabulary", maxValues)
	}
	l.seen[value] = true
	l.values = append(l.values, value)
	return nil
}

func readValues(s *valuesFromSpec, r *bufio.Reader) ([]string, *strictyaml.Problem) {
	const mark = "\ufeff"
	if b, err := r.Peek(len(mark)); err == nil && string(b) == mark {
		_, _ = r.Discard(len(mark)) // cannot fail: it was peeked
	}
	list := &valueList{seen: map[string]bool{}}
	line, err := 0, error(nil)
	if s.Column == "" {
		line, err = list.lines(r)
	} else {
		line, err = list.column(r, s.Column)
	}
	if err != nil {
		return nil, &strictyaml.Problem{File: s.File, Line: line, Message: err.Error()}
	}
	return list.values, nil
}

// lines reads a value a line, and returns the line of an error.
func (l *valueList) lines(r io.Reader) (line int, err error) {
	scan := bufio.NewScanner(r)
	for scan.Scan() {
		line++
		if text := strings.TrimSpace(scan.Text()); strings.HasPrefix(text, "#") {
			continue
		}
		if err := l.add(scan.Text()); err != nil {
			return line, err
		}
	}
	if err := scan.Err(); err != nil {
		return line + 1, fmt.Errorf("read line: %w", err)
	}
	return 0, nil
}

// column reads a column of a CSV file, and returns the line of an error.
func (l *valueList) column(r io.Reader, name string) (line int, err error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord, rows.FieldsPerRecord = true, -1
	header, err := rows.Read()
	if err != nil {
		return csvLine(err), csvProblem(err)
	}
	at := -1
	names := make([]string, len(header))
	for i, h := range header {
		if names[i] = strings.TrimSpace(h); names[i] == name && at < 0 {
			at = i
		}
	}
	if at < 0 {
		return 1, fmt.Errorf("no column %q%s", name, inventory.Suggest(name, names))
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err != nil {
			return csvLine(err), csvProblem(err)
		}
		line, _ := rows.FieldPos(0)
		if at >= len(row) {
			return line, fmt.Errorf("the row has %d of %d fields and ends before the column %q: add what is missing", len(row), len(names), name)
		}
		if err := l.add(row[at]); err != nil {
			return line, err
		}
	}
}

func csvLine(err error) int {
	var place *csv.ParseError
	if errors.As(err, &place) {
		return place.Line
	}
	return 1
}

func csvProblem(err error) error {
	var place *csv.ParseError
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty: its first line names the columns")
	case errors.As(err, &place):
		return fmt.Errorf("not valid CSV: %w", place.Err)
	}
	return fmt.Errorf("read row: %w", err)
}
