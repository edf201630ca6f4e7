package cmdb_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
)

func gzipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// noted reads the column note as an attribute.
func noted(column string) func(*cmdb.Options) {
	return func(o *cmdb.Options) {
		o.Columns = cmdb.Columns{Name: "name"}
		o.Attributes = map[string]string{"note": column}
	}
}

// TestRecordsConform reads files that are made for it, in the shapes that the vendors document.
func TestRecordsConform(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:    cmdb.Spec(),
		Fixture: "testdata/records",
		Golden:  "testdata/records.golden.ndjson",
		Options: func() any {
			o := cmdb.Spec().NewOptions().(*cmdb.Options)
			o.Paths = []string{"."}
			o.Columns = cmdb.Columns{Name: "name.display_value", Serial: "serial"}
			o.Tags = map[string]string{"env": "tags.env"}
			o.Attributes = map[string]string{"ilo_password": "ilo"}
			return o
		},
		// A list of lines that ends with a line may be all.
		Detectable: func(name string, content []byte, n int) bool {
			return !strings.HasSuffix(name, ".ndjson") || !collectortest.AtLineEnd(content, n)
		},
		Generate: func(dir string, n int) error {
			return collectortest.LinesFile(filepath.Join(dir, "big.ndjson"), "", n, func(i int) string {
				return fmt.Sprintf(`{"name":{"display_value":"h%d"},"serial":"SN%08X","ilo":"","tags":[{"key":"env","value":"e%d"}]}`+"\n", i, i, i%9)
			})
		},
		BytesPerRecord: 32,
	})
}

func TestRecordsOfJSON(t *testing.T) {
	format := func(f string) func(*cmdb.Options) { return func(o *cmdb.Options) { o.Format = f } }
	tests := []struct {
		name, content string
		change        func(*cmdb.Options)
		detail        string
		names         []string
	}{
		{"a list", `[{"name":"a"},{"name":"b","serial":"1"}]`, nil, "json", []string{"a", "b"}},
		{"records", `{"records":[{"name":"a"}]}`, nil, `json, records in "records"`, []string{"a"}},
		{"result", `{"result":[{"name":"a"},{"name":"b"}]}`, nil, `json, records in "result"`, []string{"a", "b"}},
		{"a single result", `{"result":{"name":"a","tags":[{"x":1}]}}`, nil, `json, records in "result"`, []string{"a"}},
		{"a page that is all", `{"count":1,"next":null,"previous":null,"results":[{"name":"a"}]}`, nil, `json, records in "results"`, []string{"a"}},
		{"Devices beside others", `{"total_count":1,"offset":0,"Devices":[{"name":"a"}],"warnings":[{"name":"x"}]}`, nil, `json, records in "Devices"`, []string{"a"}},
		{"in data", `{"status":"ok","data":{"Pagination":{"TotalResults":1},"Data":[{"name":"a"}]}}`, nil, `json, records in "data.Data"`, []string{"a"}},
		{"the only list", `{"meta":{"page":1},"machines":[{"name":"a"}]}`, nil, `json, records in "machines"`, []string{"a"}},
		{"one object", `{"name":"a","serial":"1"}`, nil, `json`, []string{"a"}},
		{"one object with tags", `{"hostname":"a","labels":[{"x":"y"}]}`, nil, `json`, []string{"a"}},
		{"lines", "{\"name\":\"a\"}\n\n{\"name\":\"b\"}\n", nil, "ndjson", []string{"a", "b"}},
		{"objects one behind the other", "{\n\"name\":\"a\"\n}{\"name\":\"b\"}", nil, "json", []string{"a", "b"}},
		{"pages in lines", "{\"result\":[{\"name\":\"a\"}]}\n{\"result\":[{\"name\":\"b\"}]}\n", format("json"), `json, records in "result"`, []string{"a", "b"}},
		{"objects with lists in lines", "{\"name\":\"a\",\"hosts\":[{\"name\":\"x\"}]}\n{\"name\":\"b\"}\n", format("ndjson"), "ndjson", []string{"a", "b"}},
		{"a byte order mark", "\ufeff[{\"name\":\"a\"}]", nil, "json", []string{"a"}},
		{"UTF-16", "\xff\xfe" + wide16(`[{"name":"a"}]`, false), nil, "json, utf-16le", []string{"a"}},
		{"nested names", `[{"name":{"display_value":"a","value":"7"}}]`, func(o *cmdb.Options) { o.Columns.Name = "name.display_value" }, "json", []string{"a"}},
		{"escaped names and texts", `[{"n\u0061me":"\u00e4\n"}]`, nil, "json", []string{"ä"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, tt.content, tt.change)
			have := out.names()
			for i, a := range out.assets {
				if a.Name == "" {
					have[i] = a.Key
				}
			}
			if d := cmp.Diff(tt.names, have); d != "" || len(out.problems) > 0 {
				t.Errorf("names (-want +have):\n%s\nproblems %+v", d, out.problems)
			}
			if out.facts.Detail != tt.detail {
				t.Errorf("detail is %q, want %q", out.facts.Detail, tt.detail)
			}
		})
	}
}

func TestColumnsOfJSON(t *testing.T) {
	tests := []struct{ name, records, column, want string }{
		{"a display value", `{"name":"a","status":{"value":"1","display_value":"Installed"}}`, "status.display_value", "Installed"},
		{"a choice", `{"name":"a","status":{"value":"active","label":"Active"}}`, "status.label", "Active"},
		{"a reference", `{"name":"a","site":{"id":3,"name":"Berlin","slug":"ber"}}`, "site.slug", "ber"},
		{"a reference to nothing", `{"name":"a","site":null},{"name":"b","site":{"name":"Berlin"}}`, "site.name", "|Berlin"},
		{"an empty reference", `{"name":"a","site":""},{"name":"b","site":{"name":"Berlin"}}`, "site.name", "|Berlin"},
		{"a member that is not there", `{"name":"a","note":"x"},{"name":"b"}`, "note", "x|?"},
		{"a part that is not there", `{"name":"a","site":{"name":"x"}},{"name":"b","site":{"id":2}}`, "site.name", "x|?"},
		{"null", `{"name":"a","note":null},{"name":"b","note":"x"}`, "note", "|x"},
		{"number", `{"name":"a","note":12345678901}`, "note", "12345678901"},
		{"number with an exponent", `{"name":"a","note":1.2345678901E10}`, "note", "12345678901"},
		{"number beyond what is exact", `{"name":"a","note":1.5e300}`, "note", "1.5e300"},
		{"yes", `{"name":"a","note":true}`, "note", "true"},
		{"a list", `{"name":"a","note":["x","y",1]}`, "note", "x\ny\n1"},
		{"an empty list", `{"name":"a","note":[]},{"name":"b","note":["x"]}`, "note", "|x"},
		{"a list of objects", `{"name":"a","tags":[{"name":"prod","slug":"p"},{"slug":"q"},{"name":"web"}]}`, "tags.name", "prod\n\nweb"},
		{"no tags", `{"name":"a","tags":[]},{"name":"b","tags":[{"name":"x"}]}`, "tags.name", "|x"},
		{"keys and values", `{"name":"a","custom_fields":[{"key":"Owner","value":"payments","notes":null},{"key":"Env","value":null}]}`, "custom_fields.Owner", "payments"},
		{"a key that another has", `{"name":"a","t":[{"Key":"Env","Value":"x"}]},{"name":"b","t":[{"Key":"Owner","Value":"y"}]}`, "t.Owner", "|y"},
		{"a list in a list of objects", `{"name":"a","nics":[{"ip":["10.0.0.1","10.0.0.2"]},{"ip":[]}]}`, "nics.ip", "10.0.0.1, 10.0.0.2\n"},
		{"deep", `{"name":"a","1":{"2":{"3":{"4":{"5":{"6":"x"}}}}}}`, "1.2.3.4.5.6", "x"},
		{"an error of a spreadsheet", `{"name":"a","note":"#REF!"}`, "note", "?"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, "["+tt.records+"]", noted(tt.column))
			if have := strings.Join(out.attributes("note"), "|"); strings.TrimSpace(have) != strings.TrimSpace(tt.want) || len(out.problems) > 0 {
				t.Errorf("%s is %q, want %q; problems %+v", tt.column, have, tt.want, out.problems)
			}
		})
	}
}

func TestJSONThatCannotBeRead(t *testing.T) {
	var wide strings.Builder
	for i := range 2100 {
		fmt.Fprintf(&wide, `,"c%d":1`, i)
	}
	tests := []struct{ name, content, text string }{
		{"cut", "[{\"name\":\"a\"},\n{\"name\":", "line 2: the JSON is cut or damaged"},
		{"an empty list", "[]", "the list of records is empty"},
		{"an empty result", `{"result":[]}`, `"result" is empty`},
		{"two lists", `{"items":[{"name":"a"}],"hosts":[{"name":"b"}]}`, `several lists may hold the assets, "items", "hosts"`},
		{"two lists without usual names", `{"a":[{"name":"a"}],"b":[{"name":"b"}]}`, `several lists may hold the assets, "a", "b"`},
		{"an asset, or a list of them", `{"name":"x","machines":[{"name":"a"}]}`, `or hold a list of them in "machines"`},
		{"assets, or lists of them, in lines", "{\"name\":\"a\",\"hosts\":[{\"name\":\"b\"}]}\n{\"name\":\"c\"}\n", "set format: ndjson for the former"},
		{"no column that tells apart", `[{"colour":"red"}]`, `the columns are "colour"`},
		{"too many columns", `[{"name":"a"` + wide.String() + `}]`, "more than 2000 columns"},
		{"a list and an object", `[{"name":"a"}]{"name":"b"}`, "objects beside a list"},
		{"a huge value", `[{"name":"` + strings.Repeat("x", 9<<20) + `"}]`, "longer than 8 MiB"},
		{"deeply nested", strings.Repeat(`[{"a":`, 20000), "cut or damaged"},
		{"a web page", "<!DOCTYPE html>\n<html><body>Log in</body></html>", "a web page"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			out, err := collect(t, tt.content, nil)
			var e *collectors.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.text) || len(out.assets) > 0 {
				t.Errorf("error is %.500v with assets %v, want %q", err, out.keys(), tt.text)
			}
			if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

// TestRecordsThatAreSkipped: the others are read, and the problem says which it was.
func TestRecordsThatAreSkipped(t *testing.T) {
	tests := []struct {
		name, content, message string
		line                   int
	}{
		{"no object", "[{\"name\":\"a\"},\n7,\n{\"name\":\"b\"}]", "record 2: the record is no object", 2},
		{"a name twice", "[{\"name\":\"a\"},\n{\"name\":\"x\",\"name\":\"y\"},\n{\"name\":\"b\"}]", `record 2: the record has "name" twice`, 2},
		{"not UTF-8", "[{\"name\":\"a\"},\n{\"name\":\"\xff\"},\n{\"name\":\"b\"}]", "record 2: the record is not valid UTF-8", 2},
		{"a zero byte", "[{\"name\":\"a\"},\n{\"name\":\"\\u0000\"},\n{\"name\":\"b\"}]", `record 2: "name" holds a zero byte`, 2},
		{"a line that is damaged", "{\"name\":\"a\"}\n{\"name\":\"b\"}\n{\"name\":", "record 3: the line is no JSON object", 3},
		{"no key", "[{\"name\":\"a\"},\n{\"serial\":null},\n{\"name\":\"b\"}]", "record 2: the row has nothing that could be its key", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, tt.content, nil)
			if d := cmp.Diff([]string{"a", "b"}, out.keys()); d != "" {
				t.Errorf("keys (-want +have):\n%s", d)
			}
			if len(out.problems) != 1 || out.problems[0].Message != tt.message || out.problems[0].Line != tt.line || out.problems[0].Remedy == "" {
				t.Errorf("problems are %+v", out.problems)
			}
		})
	}
}

func TestTagsOfRecordsAreKnownOnlyIfTheirMembersAreThere(t *testing.T) {
	out := mustCollect(t, `[{"name":"a","env":"prod","owner":""},{"name":"b","env":"prod"},{"name":"c","env":null,"owner":null}]`, func(o *cmdb.Options) {
		o.Columns = cmdb.Columns{Name: "name"}
		o.Tags = map[string]string{"env": "env", "owner": "owner"}
	})
	want := []inventory.Tags{inventory.KnownTags(inventory.Tag{Key: "env", Value: "prod"}), inventory.UnknownTags(), inventory.KnownTags()}
	for i, w := range want {
		if have := out.assets[i].Tags; !have.Equal(w) {
			t.Errorf("record %d: tags are %v %v, want %v %v", i+1, have.State(), have, w.State(), w)
		}
	}
}

// TestAGrownListChangesNoKey: rows of one key are told apart by what they hold, whatever columns others bring.
func TestAGrownListChangesNoKey(t *testing.T) {
	const twins = `{"name":"t","ip":"10.0.0.1"},{"name":"t","ip":"10.0.0.2"}`
	want := mustCollect(t, "["+twins+"]", nil).keys()
	have := mustCollect(t, `[{"zone":"x","name":"n","also":"y","ip":""},`+twins+"]", nil).keys()
	if len(want) != 2 || want[0] == want[1] || len(have) != 3 {
		t.Fatalf("keys are %v and %v", want, have)
	}
	again := mustCollect(t, `[{"ip":"10.0.0.2","name":"t"},{"ip":"10.0.0.1","name":"t"}]`, nil).keys()
	if d := cmp.Diff([]string{want[1], want[0]}, again); d != "" {
		t.Errorf("keys (-in order +turned round):\n%s", d)
	}
}

const unload = `<?xml version="1.0" encoding="UTF-8"?>
<unload unload_date="2026-02-24 08:42:21">
<cmdb_ci_linux_server action="INSERT_OR_UPDATE"><name>a</name><location display_value="Berlin">c115</location><note/></cmdb_ci_linux_server>
<sys_choice action="INSERT_OR_UPDATE"><name>not an asset</name></sys_choice>
<cmdb_ci_win_server action="INSERT_OR_UPDATE"><name>b</name><sys_class_name>cmdb_ci_server</sys_class_name><note>x</note></cmdb_ci_win_server>
</unload>`

func TestRecordsOfXML(t *testing.T) {
	tests := []struct {
		name, content string
		column        string
		detail, want  string
	}{
		{"a display value", unload, "location.display_value", "xml, records <cmdb_ci…>", "Berlin|?"},
		{"the value itself", unload, "location", "xml, records <cmdb_ci…>", "c115|?"},
		{"the element's name", unload, "sys_class_name", "xml, records <cmdb_ci…>", "cmdb_ci_linux_server|cmdb_ci_server"},
		{"empty", unload, "note", "xml, records <cmdb_ci…>", "|x"},
		{"plain", `<xml><cmdb_ci_server><name>a</name><ip>1</ip></cmdb_ci_server></xml>`, "ip", "xml, records <cmdb_ci…>", "1"},
		{"others", `<assets><made>today</made><asset><name>a</name></asset></assets>`, "sys_class_name", "xml, records <asset>", "asset"},
		{"attributes of a record", `<r><host name="a" ip="1"/><host name="b" ip=""/></r>`, "ip", "xml, records <host>", "1|"},
		{"nested", `<r><host><name>a</name><os><version>12</version></os></host></r>`, "os.version", "xml, records <host>", "12"},
		{"several", `<r><host><name>a</name><ip>1</ip><ip>2</ip></host></r>`, "ip", "xml, records <host>", "1\n2"},
		{"a name in a namespace", `<x:r xmlns:x="urn:x"><x:host><x:name>a</x:name><x:ip>1</x:ip></x:host></x:r>`, "ip", "xml, records <host>", "1"},
		{"CDATA and entities", `<r><host><name>a</name><ip><![CDATA[<1>]]>&amp;</ip></host></r>`, "ip", "xml, records <host>", "<1>&"},
		{"another encoding", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><r><host><name>a</name><ip>M\xfcnchen</ip></host></r>", "ip", "xml, iso-8859-1, records <host>", "München"},
		{"UTF-16", "\xfe\xff" + wide16(`<?xml version="1.0" encoding="UTF-16"?><r><host><name>a</name><ip>1</ip></host></r>`, true), "ip", "xml, utf-16be, records <host>", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, tt.content, noted(tt.column))
			if have := strings.Join(out.attributes("note"), "|"); have != tt.want || len(out.problems) > 0 {
				t.Errorf("%s is %q, want %q; problems %+v", tt.column, have, tt.want, out.problems)
			}
			if out.facts.Detail != tt.detail {
				t.Errorf("detail is %q, want %q", out.facts.Detail, tt.detail)
			}
		})
	}
}

func TestXMLThatCannotBeRead(t *testing.T) {
	const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x><host><name>&b;</name></host></x>`
	tests := []struct{ name, content, text string }{
		{"cut", "<r>\n<host><name>a</name></host>\n<host><na", "line 3: the XML is cut or damaged"},
		{"a document type", bomb, "line 1: the XML has a document type (DTD)"},
		{"a file of the machine", `<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>`, "(DTD)"},
		{"an entity that is not known", `<r><host><name>&nbsp;</name></host></r>`, "invalid character entity"},
		{"no record", "<r></r>", "no record below the root"},
		{"records of two kinds", `<r><server><name>a</name></server><printer><name>b</name></printer></r>`, `"server", "printer"`},
		{"records too deep", "<r><list>" + strings.Repeat("<host><name>a</name></host>", 400_000) + "</list></r>", "longer than 8 MiB"},
		{"an endless text", "<r><host><name>" + strings.Repeat("x", 3<<20), "longer than 1 MiB"},
		{"an endless mark", "<r><host " + strings.Repeat("x", 3<<20), "longer than 1 MiB"},
		{"Excel 2003", `<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>`, "Excel 2003"},
		{"two documents", `<r><host><name>a</name></host></r><r/>`, "two documents"},
		{"an encoding that is not known", `<?xml version="1.0" encoding="klingon"?><r/>`, `"klingon" is not known`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("TMPDIR", t.TempDir())
			out, err := collect(t, tt.content, nil)
			var e *collectors.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.text) || len(out.assets) > 0 {
				t.Errorf("error is %v with assets %v, want %q", err, out.keys(), tt.text)
			}
			if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

// TestAPartIsNoWhole lists how files say that they are not all: what they lack is not gone.
func TestAPartIsNoWhole(t *testing.T) {
	rows := func(n int, header string) string {
		var b strings.Builder
		b.WriteString(header + "\n")
		for i := range n {
			fmt.Fprintf(&b, "h%d,%d\n", i, i)
		}
		return b.String()
	}
	records := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf(`{"name":"h%d","sys_id":"%d"}`, i, i))
		}
		return `{"records":[` + strings.Join(list, ",") + `]}`
	}
	hosts := func(n int) string {
		return "<r>" + strings.Repeat("<host><name>a</name></host>", n) + "</r>"
	}
	off := func(o *cmdb.Options) { o.RowLimit = 0 }
	tests := []struct {
		name, content string
		change        func(*cmdb.Options)
		text          string // of the error; none if it is read
	}{
		{"10,000 rows of ServiceNow", rows(10_000, "name,sys_id"), nil, "exactly 10000 rows, at which ServiceNow ends an export"},
		{"by their labels", rows(10_000, "Name,Sys ID"), nil, "exactly 10000 rows"},
		{"as JSON", records(10_000), nil, "exactly 10000 rows"},
		{"of others", rows(10_000, "name,serial"), nil, ""},
		{"of others as XML, whose class is not their own", hosts(10_000), nil, ""},
		{"one more", rows(10_001, "name,sys_id"), nil, ""},
		{"another limit", rows(50, "name,sys_id"), func(o *cmdb.Options) { o.RowLimit = 50 }, "exactly 50 rows"},
		{"no limit", rows(10_000, "name,sys_id"), off, ""},
		{"a next page", `{"count":1,"next":"https://netbox.example.com/?offset=1","results":[{"name":"a"}]}`, nil, "names a next one: export all pages"},
		{"a count", `{"total":7,"rows":[{"name":"a"}]}`, nil, `it holds 1 of 7 assets ("total")`},
		{"a link", `{"links":{"next":"https://example.com/2"},"data":[{"name":"a"}]}`, nil, "names a next one"},
		{"a link to nothing", `{"links":{"next": null},"data":[{"name":"a"}]}`, nil, ""},
		{"the sentence in a workbook", book(t, oneSheet([]any{"name", "serial"}, []any{"a", "SN-1"}, []any{"Export stopped due to excessive size. Use CSV for a complete export"}), nil), off, "says it is not all"},
		{"the sentence in CSV", "name,serial\na,SN-1\nExport stopped due to excessive size. Use CSV for a complete export,\n", off, "says it is not all"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := collect(t, tt.content, tt.change)
			var e *collectors.Error
			switch {
			case len(out.assets) == 0 || strings.Contains(out.assets[len(out.assets)-1].Name, "stopped"):
				t.Errorf("assets are %v, error %v", out.keys(), err)
			case tt.text == "" && err != nil:
				t.Error(err)
			case tt.text != "" && (!errors.As(err, &e) || e.Reason != inventory.ReasonUntrusted || !strings.Contains(err.Error(), tt.text)):
				t.Errorf("error is %v, want %q", err, tt.text)
			}
		})
	}
}

// TestA32000RowSheetIsAPart is apart because it takes a second.
func TestA32000RowSheetIsAPart(t *testing.T) {
	rows := [][]any{{"name"}}
	for i := range 32_000 {
		rows = append(rows, []any{fmt.Sprintf("h%d", i)})
	}
	out, err := collect(t, book(t, oneSheet(rows...), nil), nil)
	if err == nil || !strings.Contains(err.Error(), "goes on in another sheet") || len(out.assets) != 32_000 {
		t.Errorf("error is %v with %d assets", err, len(out.assets))
	}
}

// TestSpreadsheetErrorsAreNoValues is the same for all formats; here as CSV.
func TestSpreadsheetErrorsAreNoValues(t *testing.T) {
	out := mustCollect(t, "name,serial,env,loc,ip\na,#N/A,prod,hall 1,10.0.0.1\nb,SN-2,#REF!,#REF!,#VALUE!\nc,#REF!,prod,hall 1,\n", func(o *cmdb.Options) {
		o.Columns = cmdb.Columns{Name: "name", Serial: "serial", IP: "ip"}
		o.Tags = map[string]string{"env": "env"}
		o.Attributes = map[string]string{"location": "loc"}
	})
	if d := cmp.Diff([]string{"a", "SN-2"}, out.keys()); d != "" {
		t.Fatalf("keys (-want +have):\n%s", d)
	}
	if d := cmp.Diff([]string{"hall 1", "?"}, out.attributes("location")); d != "" {
		t.Errorf("locations (-want +have):\n%s", d)
	}
	if have := out.assets[1].Tags.State(); have != inventory.Unknown {
		t.Errorf("the tags of b are %v", have)
	}
	if len(out.problems) != 1 || out.problems[0].Line != 4 || !strings.Contains(out.problems[0].Message, `"#REF!"`) {
		t.Errorf("problems are %+v", out.problems)
	}
}
