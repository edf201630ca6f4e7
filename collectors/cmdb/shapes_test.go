package cmdb_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
)

func shapeOptions() *cmdb.Options {
	o := cmdb.Spec().NewOptions().(*cmdb.Options)
	o.Paths = []string{"*.csv", "*.txt", "*.gz", "*.zip", "folder"}
	o.Columns = cmdb.Columns{Name: "Name", Serial: "Serial", Status: "Status"}
	o.Attributes = map[string]string{"place": "Ort"}
	return o
}

func TestShapesConform(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:    cmdb.Spec(),
		Fixture: "testdata/shapes",
		Golden:  "testdata/shapes.golden.ndjson",
		Options: func() any { return shapeOptions() },
		Generate: func(dir string, n int) error {
			path := filepath.Join(dir, "big.csv")
			err := collectortest.LinesFile(path, "Gro\xdfes Register\r\nName;Serial;Status;Ort\r\n", n, func(i int) string {
				return fmt.Sprintf("host-%d;SN%08XAB;In Use;Halle %d in M\xfcnchen\r\n", i, i, i%9)
			})
			if err != nil {
				return err
			}
			return pack(path)
		},
		BytesPerRecord: 32,
		Inputs:         []string{"latin.csv", "packed.csv.gz", "one.zip", "two.zip"},
		Detectable: func(name string, content []byte, n int) bool {
			if name != "latin.csv" {
				return true
			}
			begin := bytes.LastIndexByte(content[:n], '\n') + 1
			return !collectortest.AtLineEnd(content, n) && bytes.Count(content[begin:n], []byte(";")) < 3 && bytes.Contains(content[n:], []byte("db-2"))
		},
	})
}

// pack replaces a file by one that is packed with gzip.
func pack(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(b); err != nil {
		return err
	}
	return errors.Join(z.Close(), os.WriteFile(path+".gz", packed.Bytes(), 0o600), os.Remove(path))
}

// wide16 writes ASCII as UTF-16.
func wide16(s string, bigEndian bool) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if bigEndian {
			b.Write([]byte{0, c})
		} else {
			b.Write([]byte{c, 0})
		}
	}
	return b.String()
}

// names lists the assets' names.
func (k *kept) names() []string {
	var names []string
	for _, a := range k.assets {
		names = append(names, a.Name)
	}
	return names
}

func TestTraps(t *testing.T) {
	tests := []struct {
		name, content string
		change        func(*cmdb.Options)
		detail        string
		names         []string
	}{
		{"plain", "name,ip\na,\nb,\n", nil, "utf-8, comma, header in line 1", []string{"a", "b"}},
		{"one column with commas", "name\na\n", nil, "utf-8, comma, header in line 1", []string{"a"}},
		{"semicolons, and commas in the header", "name;location, room\na;1, 2\n", nil, "utf-8, semicolon, header in line 1", []string{"a"}},
		{"two headers that read as one", "Host;Name\nh;a\n", nil, "utf-8, semicolon, header in line 1", []string{"a"}},
		{"pipes", "name|serial\na|SN-1\n", nil, "utf-8, pipe, header in line 1", []string{"a"}},
		{"another delimiter", "name^serial\na^SN-1\n", func(o *cmdb.Options) { o.Delimiter = "^" }, `utf-8, delimiter '^', header in line 1`, []string{"a"}},
		{"sep line and tabs", "sep=\t\r\nname\tserial\r\na\tSN-1\r\n", nil, "utf-8, tab, header in line 2", []string{"a"}},
		{"titles", "Register,,,\nprinted,2026-01-31,,\n\nname,serial,status,owner\na,SN-1,,\n", nil, "utf-8, comma, header in line 4", []string{"a"}},
		{"titles without separators", "Register\n\"of\nall\"\nname,serial\na,SN-1\n", nil, "utf-8, comma, header in line 4", []string{"a"}},
		{"a title that is a usual header", "Device\nname,serial,status\na,SN-1,\n", nil, "utf-8, comma, header in line 2", []string{"a"}},
		{"a title with a stray quote", "\"Register\" of all\nname,serial\na,SN-1\n", nil, "utf-8, comma, header in line 2", []string{"a"}},
		{"header_row", "x,y\nname,serial\na,SN-1\n", func(o *cmdb.Options) { o.HeaderRow = 2 }, "utf-8, comma, header in line 2", []string{"a"}},
		{"trailing separators", "name,serial,,\na,SN-1,,\nb,SN-2,,,,\n", nil, "utf-8, comma, header in line 1", []string{"a", "b"}},
		{"old Mac line ends", "name,note\ra,\"1\n2\"\rb,", nil, "utf-8, comma, header in line 1, lines end with CR", []string{"a", "b"}},
		{"CR twice", "name,note\r\r\na,1\r\r\n", nil, "utf-8, comma, header in line 1", []string{"a"}},
		{"CR in a cell", "name,note\na,\"1\r2\"\n", nil, "utf-8, comma, header in line 1", []string{"a"}},
		{"Windows-1252", "name;serial\nM\xfcnchen;SN-1\n", nil, "windows-1252, semicolon, header in line 1", []string{"München"}},
		{"Windows-1252, dashes and quotes", "name;serial\nO\x92Neil \x96 b;SN-1\n\xe9;SN-2\n", nil, "windows-1252, semicolon, header in line 1", []string{"O’Neil – b", "é"}},
		{"MacRoman by its letters", "name;serial\nM\x9fnchen;SN-1\nOrl\x8eans;SN-2\n", nil, "macroman, semicolon, header in line 1", []string{"München", "Orléans"}},
		{"MacRoman by its line ends", "name;serial\rG\x9ateborg;SN-1\r", nil, "macroman, semicolon, header in line 1, lines end with CR", []string{"Göteborg"}},
		{"MacRoman, as configured", "name;serial\nG\x9ateborg;SN-1\n", func(o *cmdb.Options) { o.Encoding = "macroman" }, "macroman, semicolon, header in line 1", []string{"Göteborg"}},
		{"UTF-16 with a mark", "\xff\xfe" + wide16("name\tserial\r\na\tSN-1\r\n", false), nil, "utf-16le, tab, header in line 1", []string{"a"}},
		{"UTF-16 without one", wide16("name,serial\na,SN-1\n", true), nil, "utf-16be, comma, header in line 1", []string{"a"}},
		{"UTF-16, as configured", wide16("name,serial\na,SN-1\n", false), func(o *cmdb.Options) { o.Encoding = "utf-16" }, "utf-16le, comma, header in line 1", []string{"a"}},
		{"a total", "name,serial,cost\na,SN-1,3\nb,SN-2,4\nTotal,,7\n,,\n", nil, "utf-8, comma, header in line 1, last row a sum", []string{"a", "b"}},
		{"a number of rows", "name,serial,cost\na,SN-1,3\n\"1 row(s) returned\"\n", nil, "utf-8, comma, header in line 1, last row a sum", []string{"a"}},
		{"a machine called total", "name,serial,cost\ntotal,SN-1,3\n", nil, "utf-8, comma, header in line 1", []string{"total"}},
		{"a total that is not last", "name,serial,cost\nTotal,,7\na,SN-1,3\n", nil, "utf-8, comma, header in line 1", []string{"Total", "a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, tt.content, tt.change)
			if d := cmp.Diff(tt.names, out.names()); d != "" || len(out.problems) > 0 {
				t.Errorf("names (-want +have):\n%s\nproblems %+v", d, out.problems)
			}
			if out.facts.Detail != tt.detail {
				t.Errorf("detail is %q, want %q", out.facts.Detail, tt.detail)
			}
		})
	}
}

// TestUndecided lists what is an error rather than a guess.
func TestUndecided(t *testing.T) {
	encoding := func(e string) func(*cmdb.Options) { return func(o *cmdb.Options) { o.Encoding = e } }
	columns := func(o *cmdb.Options) { o.Columns = cmdb.Columns{Name: "name"} }
	const mixed = "name,serial\nMünchen,1\nK\xf6ln,2\nM\xe1laga,3\n"
	tests := []struct {
		name, content string
		change        func(*cmdb.Options)
		text          string
	}{
		{"half UTF-8", mixed, nil, "1 characters are UTF-8, and 2 bytes are not: set encoding"},
		{"zero bytes all over", strings.Repeat("\x00a\x00b\x00ca\x00b\x00c\x00", 99), nil, "not as in UTF-16"},
		{"another mark", "\xff\xfename", encoding("windows-1252"), "begins with the mark of utf-16le, but encoding is windows-1252"},
		{"UTF-32", "\xff\xfe\x00\x00n\x00\x00\x00", nil, "mark of utf-32le"},
		{"UTF-16 that is not", "name,serial\na,b\n", encoding("utf-16"), "does not look like the UTF-16"},
		{"the other UTF-16", wide16("name,serial\na,b\n", true), encoding("utf-16le"), "does not look like the UTF-16"},
		{"UTF-16 that is hidden", wide16("name,serial\na,b\n", true), encoding("utf-8"), "looks like utf-16be: set encoding: auto"},
		{"assets above the header", "x,y,z\nname,serial,status\na,1,2\n", columns, "set header_row: 2"},
		{"no header, but a value that looks like one", "Bezeichnung,Art\na,Host\nb,Host\n", nil, "no column tells the assets apart"},
		{"no header below a title", "Register,,\na,b,c\nd,e,f\n", columns, "taking line 2 for it"},
		{"one usual header below a title", "Register,\nname,colour\na,b\n", nil, "line 2 may be the header, or hold assets: set header_row: 2"},
		{"a value like a header below a poor header", "Bezeichnung,Art,,,\na,Host,c,d,e\nb,Host,c,d,e\n", nil, "line 2 may be the header, or hold assets"},
		{"header_row that is blank", "name,serial\n\na,b\n", func(o *cmdb.Options) { o.HeaderRow = 2 }, "header_row: no row"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := collect(t, tt.content, tt.change)
			if err == nil || !strings.Contains(err.Error(), tt.text) || len(out.assets) > 0 {
				t.Errorf("error is %v with assets %v, want %q", err, out.keys(), tt.text)
			}
		})
	}
}

func TestAFileThatSaysItIsNotAll(t *testing.T) {
	out, err := collect(t, "name,serial\na,SN-1\nExport stopped due to excessive size. Use CSV for a complete export\n", func(o *cmdb.Options) { o.MaxSkipped = 5 })
	if err == nil || !strings.Contains(err.Error(), "says it is not all") || len(out.assets) != 1 {
		t.Errorf("error is %v, assets %v", err, out.keys())
	}
}

// TestACutCharacterIsTold: what ends inside of a character is no whole file.
func TestACutCharacterIsTold(t *testing.T) {
	for name, content := range map[string]string{
		"UTF-8":  "name,note\na,1\nb,M\xc3",
		"UTF-16": wide16("name,note\na,1\nb,2", false) + "x",
	} {
		out := mustCollect(t, content, nil)
		if d := cmp.Diff([]string{"a"}, out.keys()); d != "" || len(out.problems) != 1 || out.problems[0].Line != 3 {
			t.Errorf("%s: keys (-want +have):\n%s\nproblems %+v", name, d, out.problems)
		}
	}
}

func TestDuplicateHeaders(t *testing.T) {
	const content = "name,Owner,Owner\na,x,y\n"
	owner := func(name string) func(*cmdb.Options) {
		return func(o *cmdb.Options) { o.Tags = map[string]string{"owner": name} }
	}
	for name, want := range map[string]string{"Owner (1)": "x", "Owner (2)": "y"} {
		tags := mustCollect(t, content, owner(name)).assets[0].Tags
		if !tags.Equal(inventory.KnownTags(inventory.Tag{Key: "owner", Value: want})) {
			t.Errorf("%s: tags are %v", name, tags)
		}
	}
	for _, name := range []string{"Owner", "Owner (3)", "Owner (02)", "name (1)"} {
		if _, err := collect(t, content, owner(name)); err == nil || !strings.Contains(err.Error(), `"Owner (2)"`) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	literal := mustCollect(t, "name,Owner,Owner,Owner (2)\na,x,y,z\n", owner("Owner (2)")).assets[0].Tags
	if !literal.Equal(inventory.KnownTags(inventory.Tag{Key: "owner", Value: "z"})) {
		t.Errorf("a header that is written so: tags are %v", literal)
	}
}
