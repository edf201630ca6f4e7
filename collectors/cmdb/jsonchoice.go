package cmdb

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// choose makes a table of the list that holds the assets.
func (j *jsonReader) choose() (*spooled, error) {
	g, err := j.find()
	if err != nil {
		return nil, err
	}
	if err := j.refused(g); err != nil {
		return nil, err
	}
	if g.records == 0 {
		return nil, fmt.Errorf("%s is empty: check whether the export ran, and whether who ran it may see the assets", g.title())
	}
	if len(g.columns) == 0 {
		return nil, fmt.Errorf("%s holds nothing that has a name%s: export objects with members", g.title(), quoted(g.first.text))
	}
	detail := j.form
	if g.path != "" && g.path != documents {
		detail += fmt.Sprintf(", records in %q", g.path)
	}
	var last ending
	if g.list {
		last.partial = j.pages.partial(g.records)
		if j.failure.error && last.partial == "" {
			last.partial = "it tells of an error" + quoted(j.failure.text)
		}
	}
	return g.table(j.spool, detail, last), nil
}

func (g *jsonGroup) title() string {
	switch g.path {
	case "":
		return "the list of records"
	case documents:
		return "the document"
	}
	return fmt.Sprintf("%q", g.path)
}

// find returns the group of the assets: a list at the top; a list, or else an object, under a usual name; else a list that is the
// only one, or the document itself, whichever has columns that fit.
func (j *jsonReader) find() (*jsonGroup, error) {
	top, lists, objects, others, whole := j.sorted()
	switch {
	case top != nil && j.only(top):
		return top, nil
	case top != nil:
		return nil, errors.New("there are objects beside a list of objects: export one list")
	case len(lists) > 0 && j.count > 1 && j.options.Format != string(formatJSON):
		return nil, fmt.Errorf("there are %d JSON documents, and each may be an asset, or a list of them in %q: "+
			"set format: ndjson for the former, format: json for the latter", j.count, lists[0].path)
	}
	for _, of := range [][]*jsonGroup{lists, objects} {
		switch len(of) {
		case 0:
		case 1:
			return of[0], nil
		default:
			return nil, several(of)
		}
	}
	return j.fitting(others, whole)
}

// only reports whether a group is all there is.
func (j *jsonReader) only(top *jsonGroup) bool { return len(j.groups) == 1 && j.groups[0] == top }

// sorted takes the groups apart. Of the lists with usual names empty ones are left out if there are others.
func (j *jsonReader) sorted() (top *jsonGroup, lists, objects, others []*jsonGroup, whole *jsonGroup) {
	var empty []*jsonGroup
	for _, g := range j.groups {
		switch {
		case g.path == "":
			top = g
		case g.path == documents:
			whole = g
		case g.named() && g.list && g.records == 0:
			empty = append(empty, g)
		case g.named() && g.list:
			lists = append(lists, g)
		case g.named():
			objects = append(objects, g)
		default:
			others = append(others, g)
		}
	}
	if len(lists) == 0 {
		lists = empty
	}
	return top, lists, objects, others, whole
}

func several(groups []*jsonGroup) error {
	var names []string
	for _, g := range groups {
		names = append(names, g.path)
	}
	return fmt.Errorf("several lists may hold the assets, %s: export one of them", quoteAll(names))
}

// fitting chooses between the document itself and the lists in it that have no usual name.
func (j *jsonReader) fitting(lists []*jsonGroup, whole *jsonGroup) (*jsonGroup, error) {
	if j.count > 1 || len(lists) == 0 {
		return j.oneRecord(whole)
	}
	var fit []*jsonGroup
	for _, g := range lists {
		if j.fits(g) {
			fit = append(fit, g)
		}
	}
	itself := whole != nil && j.fits(whole)
	switch {
	case itself && len(fit) > 0:
		return nil, fmt.Errorf("the document may be an asset, or hold a list of them in %q: set format: ndjson for the former, or export the list alone", fit[0].path)
	case itself:
		return whole, nil
	case len(fit) == 1:
		return fit[0], nil
	case len(fit) > 1:
		return nil, several(fit)
	case len(lists) == 1:
		return lists[0], nil // its header tells what is missing
	}
	return nil, several(lists)
}

func (j *jsonReader) oneRecord(whole *jsonGroup) (*jsonGroup, error) {
	switch {
	case whole == nil && j.count == 0:
		return nil, errors.New("there is no JSON in the file: check whether the export ran to its end")
	case whole == nil || whole.records < j.count:
		return nil, errors.New("a document is longer than 1 MiB, and holds no list of objects: export a list of assets")
	}
	return whole, nil
}

// fits reports whether a group has the columns that are looked for.
func (j *jsonReader) fits(g *jsonGroup) bool {
	_, err := newLayout(g.table(j.spool, "", ending{}).header, j.options)
	return err == nil
}

// lines reads a file with an object in each line. A line that cannot be read is skipped.
func (j *jsonReader) lines(r io.Reader) (*spooled, error) {
	in := &rows{r: bufio.NewReaderSize(r, textBuffer)}
	d := newFlattener().d
	g, err := j.group(documents, false)
	if err != nil {
		return nil, err
	}
	for {
		line, err := in.readLine()
		if errors.Is(err, io.EOF) {
			break
		}
		bad := spoiled(err)
		if err != nil && bad == nil {
			return nil, err
		}
		if bad == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if bad == nil && !validObject(d, line) {
			bad = &rowError{line: in.line, message: "the line is no JSON object", remedy: "write one object a line, or set format: json"}
		}
		if bad != nil {
			g.begin(in.line)
			err = j.spool.bad(g.number, g.records, bad)
		} else {
			err = j.record(g, bytes.TrimSpace(line), in.line)
		}
		if err != nil {
			return nil, err
		}
	}
	if g.records == 0 {
		return nil, errors.New("there is no JSON in the file: check whether the export ran to its end")
	}
	if err := j.refused(g); err != nil {
		return nil, err
	}
	return g.table(j.spool, j.form, ending{}), nil
}

// validObject reports whether a line is one object and nothing besides.
func validObject(d *jsontext.Decoder, line []byte) bool {
	d.Reset(bytes.NewReader(line), jsonOptions()...)
	if d.PeekKind() != '{' || d.SkipValue() != nil {
		return false
	}
	_, err := d.ReadToken()
	return errors.Is(err, io.EOF)
}
