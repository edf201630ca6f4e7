package cmdb_test

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/collectors/cmdb"
)

// TestAnErrorMessageIsNoRegister reads what programs write in place of an export: none of it is an asset, or an empty register.
func TestAnErrorMessageIsNoRegister(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"ServiceNow", `{"error":{"message":"User Not Authenticated","detail":"Required"},"status":"failure"}`, `API that failed, "User Not Authenticated"`},
		{"OAuth", `{"error":"invalid_grant","name":"x"}`, `API that failed, "invalid_grant"`},
		{"a name and a code", `{"message":"Unauthorized","name":"HttpError","code":401}`, `API that failed, "Unauthorized"`},
		{"an id and two codes", `{"code":"401","status":"Unauthorized","id":"req-1","name":"error"}`, "API that failed: check the address and the user"},
		{"a list of errors", `{"errors":[{"id":"x","name":"E_AUTH","title":"denied"}]}`, `API that failed, "denied"`},
		{"errors beside no data", `{"errors":[{"name":"e","detail":"no"}],"data":[]}`, `API that failed, "no"`},
		{"an error beside an empty list", `{"result":[],"error":{"message":"No Record found"}}`, `"No Record found"`},
		{"in the place of the record", `{"result":{"error":"x","name":"y"}}`, `API that failed, "x"`},
		{"in a list", `[{"errorCode":"INVALID_SESSION_ID","message":"expired","id":"1"}]`, "API that failed"},
		{"a number beside it", `{"jsonrpc":"2.0","error":{"code":-32602,"message":"bad"},"id":1}`, `API that failed, "bad"`},
		{"no success", `{"success":false,"name":"x"}`, "API that failed"},
		{"texts", `["ERROR_SESSION_TOKEN_INVALID","session_token is invalid"]`, `holds nothing that has a name, "ERROR_SESSION_TOKEN_INVALID"`},
		{"nothing", `{}`, "the document holds nothing that has a name"},
		{"XML", `<?xml version="1.0"?><error><name>x</name></error>`, "API that failed"},
		{"XML, a list", `<errors><error><id>1</id><name>bad</name></error></errors>`, "API that failed"},
		{"XML, below the root", `<response status="failure"><error><name>AuthError</name></error></response>`, "API that failed"},
		{"a page", "\n<!-- made by x -->\n<HTML><title>name,serial</title></html>", "log-in page"},
		{"a message that names a column", "Unauthorized: name, serial\n", "may be a header or a message"},
		{"a message of one word", "Name\n", "may be a header or a message"},
		{"a pointer of Git LFS", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n", "git lfs pull"},
		{"a pointer of git-annex", "/annex/objects/SHA256E-s1--4d7a.csv\n", "git annex get"},
	}
	for _, tt := range tests {
		for _, id := range []string{"", "auto"} {
			t.Run(tt.name+" "+id, func(t *testing.T) {
				out, err := collect(t, tt.text, preset(id))
				if err == nil || !strings.Contains(err.Error(), tt.want) || len(out.assets) > 0 {
					t.Errorf("error is %v, want …%s…; assets %v", err, tt.want, out.keys())
				}
			})
		}
	}
	for _, format := range []string{"csv", "json", "ndjson", "xml"} {
		_, err := collect(t, "<html><body>name,serial</body></html>", func(o *cmdb.Options) { o.Format = format })
		if err == nil || !strings.Contains(err.Error(), "log-in page") {
			t.Errorf("with format %s a page is %v", format, err)
		}
	}
}

// TestAnErrorBesideAssetsMakesThemAPart: a query that failed in part says so beside what it found.
func TestAnErrorBesideAssetsMakesThemAPart(t *testing.T) {
	for name, text := range map[string]string{
		"GraphQL": `{"data":[{"name":"a","serial":"S1X"}],"errors":[{"message":"timeout"}]}`,
		"XML":     `<r><error>timeout</error><host><name>a</name><serial>S1X</serial></host></r>`,
	} {
		out, err := collect(t, text, nil)
		if err == nil || !strings.Contains(err.Error(), "it tells of an error") || len(out.assets) != 1 {
			t.Errorf("%s: error is %v, assets %v", name, err, out.keys())
		}
	}
}

// TestAssetsThatLookLikeErrors have members that error messages have too.
func TestAssetsThatLookLikeErrors(t *testing.T) {
	for _, text := range []string{
		`{"name":"a","status":"failed"}`, `{"name":"a","code":"401"}`, `{"name":"a","title":"Mail server","detail":"old"}`,
		`{"name":"a","error":null,"errors":[]}`, `{"error":"","result":[{"name":"a"}]}`, `{"status":200,"message":"OK","data":[{"name":"a"}]}`,
		`[{"name":"a","error":"disk"},{"name":"b"}]`, "{\"name\":\"a\",\"error\":\"x\"}\n{\"name\":\"b\"}\n",
	} {
		if out, err := collect(t, text, nil); err != nil || len(out.assets) == 0 {
			t.Errorf("%s: %v, assets %v", text, err, out.keys())
		}
	}
}

// TestAHeaderAloneIsAnEmptyRegister: the fall to none is judged by who knows what there was before.
func TestAHeaderAloneIsAnEmptyRegister(t *testing.T) {
	for _, text := range []string{"name,serial\n", "name,serial,owner", "sys_id,sys_class_name,install_status\n"} {
		if out, err := collect(t, text, nil); err != nil || len(out.assets) > 0 {
			t.Errorf("%q: %v, assets %v", text, err, out.keys())
		}
	}
	if _, err := collect(t, "box\n", func(o *cmdb.Options) { o.Columns = cmdb.Columns{Name: "box"} }); err != nil {
		t.Errorf("a configured column alone: %v", err)
	}
}

// TestQuotesInsideOfQuotedCells are not doubled by some programs.
func TestQuotesInsideOfQuotedCells(t *testing.T) {
	tests := []struct{ row, want string }{
		{`"web-1";"Windows "11" Pro";"x"`, `Windows "11" Pro`},
		{`"web-1";"15" monitor";"x"`, `15" monitor`},
		{`"web-1";"a ""b"" c";"x"`, `a "b" c`},
		{`"web-1" ; "plain" ;"x"`, `"plain"`}, // a quote behind a space is none
		{`"web-1";"a"b;"c";"x"`, ""},          // one cell or two
		{`"web-1";"a"b;x`, ""},
		{`"web-1";"a"b`, ""},
	}
	for _, tt := range tests {
		out := mustCollect(t, "name;os;y\n"+tt.row+"\n\"db-1\";ok;z\n", noted("os"))
		have := out.attributes("note")
		if tt.want == "" {
			if len(have) != 1 || len(out.problems) != 1 || out.problems[0].Key != "" || out.problems[0].Line != 2 {
				t.Errorf("%s: read as %q, problems %+v", tt.row, have, out.problems)
			}
			continue
		}
		if len(have) != 2 || have[0] != tt.want {
			t.Errorf("%s: read as %q, problems %+v", tt.row, have, out.problems)
		}
	}
}

// TestAToolsSheetIsFoundAmongOthers: RVTools writes many sheets, of which several name machines.
func TestAToolsSheetIsFoundAmongOthers(t *testing.T) {
	vInfo := [][]any{
		{"VM", "Powerstate", "Template", "Config status", "DNS Name", "VM ID", "VM UUID", "VI SDK Server"},
		{"web-1", "poweredOn", false, "green", "web-1.example.com", "vm-1", "50-i", "vc"},
	}
	vHost := [][]any{{"Host", "Datacenter", "Vendor", "Model", "Service tag", "UUID"}, {"esx-1", "B", "Acme", "R1", "ABC1234", "4c-u"}}
	vCPU := [][]any{{"VM", "Powerstate", "Template", "CPUs", "VI SDK Server"}, {"web-1", "poweredOn", false, 4, "vc"}}
	all := book(t, map[string][][]any{"vInfo": vInfo, "vHost": vHost, "vCPU": vCPU}, func(*excelize.File) {})
	for _, id := range []string{"", "auto", "rvtools-vinfo"} {
		if out, err := collect(t, all, preset(id)); err != nil || len(out.assets) != 1 || out.assets[0].Key != "50-i" && id != "" {
			t.Errorf("preset %q: %v, assets %v", id, err, out.keys())
		}
	}
	two := book(t, map[string][][]any{"vInfo": vInfo, "copy": vInfo}, func(*excelize.File) {})
	if _, err := collect(t, two, preset("auto")); err == nil || !strings.Contains(err.Error(), "set sheet to one of them") {
		t.Errorf("two sheets of a tool: %v", err)
	}
}
