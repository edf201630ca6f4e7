package cmdb_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
)

// book makes a workbook of sheets, each a name and rows; fill may add to it.
func book(t testing.TB, sheets map[string][][]any, fill func(*excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for _, name := range slices.Sorted(maps.Keys(sheets)) {
		rows := sheets[name]
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, ok := sheets["Sheet1"]; !ok {
		if err := f.DeleteSheet("Sheet1"); err != nil {
			t.Fatal(err)
		}
	}
	if fill != nil {
		fill(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func oneSheet(rows ...[]any) map[string][][]any { return map[string][][]any{"Servers": rows} }

// repack writes a workbook again, with its parts changed; a part that becomes nil is left out.
func repack(t testing.TB, content string, change func(name string, part []byte) []byte) string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, p := range z.File {
		r, err := p.Open()
		if err != nil {
			t.Fatal(err)
		}
		part, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if part = change(p.Name, part); part == nil {
			continue
		}
		w, err := out.Create(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// sheetXML makes a workbook whose only sheet is this XML.
func sheetXML(t testing.TB, xml string) string {
	return repack(t, book(t, oneSheet([]any{"x"}), nil), func(name string, part []byte) []byte {
		if strings.HasPrefix(name, "xl/worksheets/") {
			return []byte(`<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` + xml + `</worksheet>`)
		}
		return part
	})
}

// text is a cell of XML with a text.
func text(place, s string) string {
	return fmt.Sprintf(`<c r="%s" t="inlineStr"><is><t>%s</t></is></c>`, place, s)
}

func notes(o *cmdb.Options) {
	o.Columns = cmdb.Columns{Name: "name"}
	o.Attributes = map[string]string{"note": "note"}
}

// attributes lists one attribute of all assets; "?" stands for one that is not known.
func (k *kept) attributes(name string) []string {
	var list []string
	for _, a := range k.assets {
		v, ok := a.Attributes.Get(name)
		switch {
		case !ok:
			list = append(list, "?")
		case v == inventory.Null:
			list = append(list, "")
		default:
			list = append(list, v.String())
		}
	}
	return list
}

func TestWorkbook(t *testing.T) {
	tests := []struct {
		name   string
		sheets map[string][][]any
		fill   func(*excelize.File)
		change func(*cmdb.Options)
		detail string
		names  []string
	}{
		{"plain", oneSheet([]any{"name", "serial"}, []any{"a", "SN-1"}, []any{"b", "SN-2"}), nil, nil, `xlsx, sheet "Servers", header in row 1`, []string{"a", "b"}},
		{
			"titles, a gap, a total", oneSheet(
				[]any{"Register of assets"}, []any{}, []any{"name", "serial", "status", "cost"},
				[]any{"a", "SN-1", "", 3}, []any{}, []any{"b", "SN-2", "", 4}, []any{"Total", nil, nil, 7}),
			func(f *excelize.File) { f.MergeCell("Servers", "A1", "D1") }, nil, `xlsx, sheet "Servers", header in row 3, last row a sum`,
			[]string{"a", "b"},
		},
		{
			"a title between the rows", oneSheet([]any{"name", "serial", "status"}, []any{"Berlin"}, []any{"a", "SN-1"}, []any{"Munich"}),
			func(f *excelize.File) { f.MergeCell("Servers", "A2", "C2") }, nil, `xlsx, sheet "Servers", header in row 1`,
			[]string{"a", "Munich"},
		},
		{"header_row", oneSheet([]any{"x", "y"}, []any{"name", "serial"}, []any{"a", "SN-1"}), nil, func(o *cmdb.Options) { o.HeaderRow = 2 }, `xlsx, sheet "Servers", header in row 2`, []string{"a"}},
		{
			"the only sheet that fits",
			map[string][][]any{"Legend": {{"Colour", "Meaning"}, {"red", "old"}}, "List": {{"name", "serial"}, {"a", "SN-1"}}, "Empty": nil},
			nil, nil, `xlsx, sheet "List", header in row 1`,
			[]string{"a"},
		},
		{
			"a hidden sheet is not taken",
			map[string][][]any{"Old": {{"name", "serial"}, {"z", "SN-9"}}, "List": {{"name", "serial"}, {"a", "SN-1"}}},
			func(f *excelize.File) { f.SetSheetVisible("Old", false) }, nil, `xlsx, sheet "List", header in row 1`,
			[]string{"a"},
		},
		{
			"unless it is named",
			map[string][][]any{"Old": {{"name", "serial"}, {"z", "SN-9"}}, "List": {{"name", "serial"}, {"a", "SN-1"}}},
			func(f *excelize.File) { f.SetSheetVisible("Old", false) }, func(o *cmdb.Options) { o.Sheet = "old" }, `xlsx, sheet "Old", header in row 1`,
			[]string{"z"},
		},
		{"by number", map[string][][]any{"Sheet1": {{"name"}, {"a"}}, "Sheet2": {{"name"}, {"b"}}}, nil, func(o *cmdb.Options) { o.Sheet = "2" }, `xlsx, sheet "Sheet2", header in row 1`, []string{"b"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, book(t, tt.sheets, tt.fill), tt.change)
			if d := cmp.Diff(tt.names, out.names()); d != "" || len(out.problems) > 0 {
				t.Errorf("names (-want +have):\n%s\nproblems %+v", d, out.problems)
			}
			if out.facts.Detail != tt.detail {
				t.Errorf("detail is %q, want %q", out.facts.Detail, tt.detail)
			}
		})
	}
}

// archive packs files, each a name and a content.
func archive(t testing.TB, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWorkbooksInArchives(t *testing.T) {
	dir := t.TempDir()
	plain := book(t, oneSheet([]any{"name"}, []any{"a"}), nil)
	for name, content := range map[string]string{"servers.xlsx": plain, "two.zip": archive(t, "in.xlsx", plain, "in.json", `[{"name":"b"}]`), "z.json.gz": gzipped(t, `[{"name":"c"}]`)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := cmdb.Spec().NewOptions().(*cmdb.Options)
	o.Paths = []string{"."}
	c, err := cmdb.Spec().New(collectors.Env{Dir: dir, Now: clock}, inventory.Source{Book: inventory.Recorded}, o)
	if err != nil {
		t.Fatal(err)
	}
	scopes, err := c.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]string{}
	for _, s := range scopes {
		out := &kept{}
		if err := c.Collect(t.Context(), s, out); err != nil {
			t.Error(err)
		}
		have[s.ID] = strings.Join(out.keys(), ",") + " " + out.facts.Detail
	}
	want := map[string]string{
		"servers.xlsx": `a xlsx, sheet "Servers", header in row 1`, "two.zip!in.xlsx": `a zip, xlsx, sheet "Servers", header in row 1`,
		"two.zip!in.json": "b zip, json", "z.json.gz": "c gzip, json",
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Errorf("scopes (-want +have):\n%s", d)
	}
}

// TestACutWorkbookIsNeverWhole: wherever a workbook ends early, nothing is read of it.
func TestACutWorkbookIsNeverWhole(t *testing.T) {
	whole := book(t, oneSheet([]any{"name", "serial"}, []any{"a", "SN-1"}, []any{"b", "SN-2"}), nil)
	for n := 1; n < len(whole); n += 97 {
		if out, err := collect(t, whole[:n], nil); err == nil || len(out.assets) > 0 {
			t.Errorf("cut after %d of %d bytes: assets %v, error %v", n, len(whole), out.keys(), err)
		}
	}
}
