package rules

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/strictyaml"
)

type directorySpec struct {
	File   string `yaml:"file"`
	Column string `yaml:"column"`
	Active string `yaml:"active"`
}

const (
	// maxDirectory bounds a directory in bytes, maxPeople in names.
	maxDirectory = 256 << 20
	maxPeople    = 1_000_000
)

// directory reads who there is, from a CSV file with a header.
func (p *policyParser) directory(path string, s *directorySpec) *Directory {
	if s == nil {
		return nil
	}
	p.need(s.File == "", path+".file", "the CSV file with the people or teams, such as people.csv")
	p.need(s.Column == "", path+".column", "the column that names them as owners are named, such as email")
	if p.doc.Has(path + ".active") {
		p.need(s.Active == "", path+".active", "the column that says who is still there, such as status")
	}
	if s.File == "" || s.Column == "" {
		return nil
	}
	d := &Directory{Name: s.File, Column: s.Column, Status: s.Active, states: map[string]Presence{}, names: map[int][]string{}}
	p.input(path+".file", s.File, maxDirectory, func(r *bufio.Reader) *strictyaml.Problem {
		line, err := d.read(r)
		switch {
		case err != nil:
			return &strictyaml.Problem{File: s.File, Line: line, Message: err.Error()}
		case d.size == 0:
			return &strictyaml.Problem{File: s.File, Message: fmt.Sprintf("the column %q names nobody: then every owner would be unknown", s.Column)}
		}
		return nil
	})
	return d
}

// read returns the line of an error.
func (d *Directory) read(r io.Reader) (line int, err error) {
	rows := csv.NewReader(r)
	rows.ReuseRecord, rows.FieldsPerRecord = true, -1
	header, err := rows.Read()
	if err != nil {
		return csvLine(err), csvProblem(err)
	}
	name, err := columnOf(header, d.Column)
	if err != nil {
		return 1, err
	}
	status := -1
	if d.Status != "" {
		if status, err = columnOf(header, d.Status); err != nil {
			return 1, err
		}
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
		if err := d.row(row, name, status); err != nil {
			return line, err
		}
	}
}

func (d *Directory) row(row []string, name, status int) error {
	if most := max(name, status); most >= len(row) {
		return fmt.Errorf("the row has %d fields, and at least %d are needed: add what is missing", len(row), most+1)
	}
	if d.size == maxPeople {
		return fmt.Errorf("more than %d names: name a file of those who may own something", maxPeople)
	}
	state := Active
	if status >= 0 {
		state = presenceOf(row[status])
	}
	d.add(strings.Clone(row[name]), state)
	return nil
}

// columnOf returns the place of a column in a header.
func columnOf(header []string, name string) (int, error) {
	names := make([]string, len(header))
	for i, h := range header {
		if names[i] = strings.TrimSpace(h); names[i] == name {
			return i, nil
		}
	}
	return 0, fmt.Errorf("no column %q%s", name, inventory.Suggest(name, names))
}
