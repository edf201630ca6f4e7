package preset

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

func builtins(t testing.TB) *Set {
	t.Helper()
	s, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestBuiltin(t *testing.T) {
	s := builtins(t)
	for _, id := range []string{
		Usual, Spreadsheet, "servicenow", "netbox-export", "netbox-import", "netbox-json", "glpi", "ocs", "idoit", "device42", "snipeit", "ralph",
		"opendcim", "rvtools-vinfo", "govc", "aws-migration-hub", "aws-mgn", "azure-migrate", "google-migration-center", "aws-cloud-migration-factory",
	} {
		p, ok := s.Get(id)
		if !ok || p.Title == "" || !p.identifies() {
			t.Errorf("preset %s: there %v, %+v", id, ok, p)
		}
	}
	for _, p := range s.All() {
		if !p.Generic && len(p.Fingerprint.Required) == 0 {
			t.Errorf("preset %s has no fingerprint", p.ID)
		}
		if _, err := os.Stat(filepath.Join("data", p.ID+".yaml")); err != nil {
			t.Errorf("preset %s is not in a file of its name", p.ID)
		}
	}
}

// header returns the first line of a fixture, cut at its delimiter.
func header(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	line = strings.TrimSuffix(line, "\r")
	delimiter := ","
	if strings.Count(line, ";") > strings.Count(line, ",") {
		delimiter = ";"
	}
	var names []string
	for _, name := range strings.Split(line, delimiter) {
		names = append(names, strings.Trim(name, `"`))
	}
	return names
}

// TestEachIsDetectedAsItself holds the matrix of all fixtures and all presets: the own one is first, sure, and far before the next.
func TestEachIsDetectedAsItself(t *testing.T) {
	s := builtins(t)
	paths, err := filepath.Glob("../testdata/presets/*.csv")
	if err != nil || len(paths) < 20 {
		t.Fatalf("fixtures: %v, %v", paths, err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".csv")
		if strings.HasPrefix(name, Spreadsheet) {
			continue
		}
		list := s.Detect(header(t, path), "csv")
		if own := list[0]; !strings.HasPrefix(name, own.Preset.ID) || own.Confidence < SureConfidence || own.Confidence > 1 {
			t.Errorf("%s is taken for %s", name, own)
		}
		if next := list[1]; list[0].Confidence-next.Confidence < 2*SureMargin {
			t.Errorf("%s: %s is near to %s", name, next, list[0])
		}
	}
}

func TestSpreadsheetsAreNoTools(t *testing.T) {
	s := builtins(t)
	paths, err := filepath.Glob("../testdata/presets/look-alikes/*.csv")
	if err != nil || len(paths) < 7 {
		t.Fatalf("fixtures: %v, %v", paths, err)
	}
	more, err := filepath.Glob("../testdata/presets/spreadsheet-*.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(paths, more...) {
		if best, _, ok := s.Choose(header(t, path), "csv"); ok {
			t.Errorf("%s is taken for %s", path, best)
		}
	}
}

func TestDetect(t *testing.T) {
	s := builtins(t)
	tests := []struct {
		name    string
		columns []string
		format  Format
		want    string // empty: none is sure
	}{
		{"names", []string{"name", "sys_id", "sys_class_name", "install_status"}, "", "servicenow"},
		{"labels", []string{"Name", "Class", "Most Recent Discovery", "Discovery source", "Serial number"}, "xlsx", "servicenow"},
		{"values of references", []string{"sys_id.value", "sys_class_name.value", "install_status.value", "name.value"}, "json", "servicenow"},
		{"tags of ServiceNow", []string{"configuration_item", "key", "value"}, "", "servicenow-tags"},
		{"tags of Google", []string{"MachineId", "Key", "Value"}, "", "google-migration-center-tags"},
		{"another tab", []string{"VM", "Powerstate", "Template", "CPUs", "Sockets", "VI SDK Server"}, "", "rvtools-tab"},
		{"govc", []string{"name", "config.uuid", "config.instanceuuid", "SELF.VALUE", "runtime.powerState"}, "json", "govc"},
		{"govc in another format", []string{"name", "config.uuid", "config.instanceuuid", "SELF.VALUE", "runtime.powerState"}, "csv", ""},
		{"case matters", []string{"NAME", "SYS_ID", "SYS_CLASS_NAME", "INSTALL_STATUS"}, "", ""},
		{"marks do not", []string{"Server name", " * Cores", "*Memory (In MB)", "Boot type(OPTIONAL)", "OS architecture"}, "", "azure-migrate"},
		{"two tools at once", []string{"sys_id", "sys_class_name", "install_status", "sn", "barcode", "service_env", "model_str", "niw"}, "", ""},
		{"nothing", nil, "", ""},
		{"words", []string{"colour", "weight"}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			best, ranked, ok := s.Choose(tt.columns, tt.format)
			if ok != (tt.want != "") || ok && best.Preset.ID != tt.want {
				t.Errorf("chosen is %v %v of %v", ok, best, ranked)
			}
		})
	}
}

func TestDetectTellsWhy(t *testing.T) {
	list := builtins(t).Detect([]string{"VM", "Name"}, "")
	i := slices.IndexFunc(list, func(c Candidate) bool { return c.Preset.ID == "rvtools-vinfo" })
	if c := list[i]; c.Confidence != 0 || !slices.Contains(c.Missing, "Powerstate | vInfoPowerstate") || !slices.Contains(c.Found, "VM") {
		t.Errorf("candidate is %+v", c)
	}
	best, _, _ := builtins(t).Choose([]string{"sys_id", "sys_class_name", "install_status"}, "")
	if have := best.String(); have != "preset servicenow (1.00: sys_id, sys_class_name, install_status)" {
		t.Errorf("it reads %q", have)
	}
}

func TestPlain(t *testing.T) {
	for header, want := range map[string]string{
		"Serial-Nr.": "serialnr", " *Server name (optional) ": "servername", "Número de serie": "numerodeserie", "Größe": "grosse", "Gerät": "gerat", "": "",
	} {
		if have := Plain(header); have != want {
			t.Errorf("%q is %q, want %q", header, have, want)
		}
	}
}

func TestCombine(t *testing.T) {
	const (
		none, unknown, active, planned = StageNone, StageUnknown, Stage("active"), Stage("planned")
		maintenance, retiring, retired = Stage("maintenance"), Stage("retiring"), Stage("retired")
	)
	tests := []struct {
		stages []Stage
		want   inventory.Lifecycle
	}{
		{nil, ""},
		{[]Stage{none, none}, ""},
		{[]Stage{active, none}, "active"},
		{[]Stage{unknown, active}, ""},
		{[]Stage{unknown, planned}, ""},
		{[]Stage{unknown, retired}, "retired"},
		{[]Stage{active, retired}, "retired"},
		{[]Stage{active, planned}, "planned"},
		{[]Stage{planned, maintenance, active}, "maintenance"},
		{[]Stage{maintenance, retiring}, "retiring"},
	}
	for _, tt := range tests {
		if have := Combine(tt.stages); have != tt.want {
			t.Errorf("%v come to %q, want %q", tt.stages, have, tt.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOf(rapid.SampledFrom([]Stage{none, unknown, active, planned, maintenance, retiring, retired})).Draw(t, "stages")
		other := rapid.Permutation(list).Draw(t, "order")
		have := Combine(list)
		if have != Combine(other) {
			t.Fatalf("%v and %v differ", list, other)
		}
		if have == inventory.LifecycleActive && slices.Contains(list, unknown) {
			t.Fatalf("%v is active", list)
		}
		if slices.Contains(list, retired) != (have == inventory.LifecycleRetired) {
			t.Fatalf("%v is %q", list, have)
		}
	})
}

// TestStatusCodesDependOnTheClass holds that a code is not carried over to a class in which it means something else.
func TestStatusCodesDependOnTheClass(t *testing.T) {
	p, _ := builtins(t).Get("servicenow")
	install, operational := &p.Status[0], &p.Status[1]
	tests := []struct {
		rules        *StatusRules
		class, value string
		want         Stage
		known        bool
	}{
		{install, "cmdb_ci_server", "1", "active", true},
		{install, "", "1", "active", true},
		{install, "cmdb_ci_server", "2", "planned", true},
		{install, "cmdb_ci_server", "6", "planned", true},
		{install, "cmdb_ci_server", "ON ORDER", "planned", true},
		{install, "cmdb_ci_server", "100", "retired", true},
		{install, "cmdb_ci_server", "9", StageUnknown, false},
		{install, "cmdb_ci_business_app", "2", "retired", true},
		{install, "cmdb_ci_business_app", "2000", "retired", true},
		{install, "cmdb_ci_business_app", "1", StageUnknown, false},
		{install, "cmdb_ci_service_auto", "1", StageUnknown, false},
		{install, "alm_hardware", "1", StageUnknown, false},
		{operational, "cmdb_ci_server", "2", StageUnknown, true},
		{operational, "cmdb_ci_server", "6", "retired", true},
		{operational, "alm_hardware", "1", StageUnknown, false},
		{operational, "cmdb_ci_server", "", StageNone, true},
	}
	for _, tt := range tests {
		if have, known := tt.rules.Of(tt.class, tt.value); have != tt.want || known != tt.known {
			t.Errorf("%s of %q: %q, %v; want %q, %v", tt.value, tt.class, have, known, tt.want, tt.known)
		}
	}
}

func TestTagCells(t *testing.T) {
	tests := []struct {
		form TagForm
		cell string
		want []inventory.Tag
		bad  bool
	}{
		{FormNames, "critical, team a", []inventory.Tag{{Key: "critical"}, {Key: "team a"}}, false},
		{FormNames, "env:prod", []inventory.Tag{{Key: "env:prod"}}, false},
		{FormPairs, "zone:1, critical:yes", []inventory.Tag{{Key: "zone", Value: "1"}, {Key: "critical", Value: "yes"}}, false},
		{FormPairs, "a=1;b = x=y;lonely", []inventory.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "x=y"}, {Key: "lonely"}}, false},
		{FormPairs, "url:http://x", []inventory.Tag{{Key: "url", Value: "http://x"}}, false},
		{FormPairs, "zone:3, critical:no, zone:1", []inventory.Tag{{Key: "zone", ValueUnknown: true}, {Key: "critical", Value: "no"}}, false},
		{FormPairs, "zone:3, zone:3", []inventory.Tag{{Key: "zone", Value: "3"}}, false},
		{FormPairs, " , ;", nil, false},
		{FormPairs, "", nil, false},
		{FormNames, `["a","b"]`, []inventory.Tag{{Key: "a"}, {Key: "b"}}, false},
		{FormPairs, `[{"key":"env","value":"prod"},{"Key":"n","Value":3},{"name":"x"}]`, []inventory.Tag{{Key: "env", Value: "prod"}, {Key: "n", Value: "3"}, {Key: "x"}}, false},
		{FormPairs, `{"env":"prod","deep":{"a":1},"none":null}`, []inventory.Tag{{Key: "deep", ValueUnknown: true}, {Key: "env", Value: "prod"}, {Key: "none"}}, false},
		{FormPairs, `[1]`, nil, true},
		{FormPairs, `["a"`, nil, true},
		{FormPairs, `[] x`, nil, true},
		{FormPairs, `[{"colour":"red"}]`, nil, true},
	}
	for _, tt := range tests {
		have, err := (&TagCells{Form: tt.form}).Parse(tt.cell)
		if (err != nil) != tt.bad {
			t.Errorf("%s: error %v", tt.cell, err)
		}
		if d := cmp.Diff(tt.want, have); d != "" && len(tt.want)+len(have) > 0 {
			t.Errorf("%s (-want +have):\n%s", tt.cell, d)
		}
	}
}

func TestPairs(t *testing.T) {
	if _, err := Pairs("a\nb", "1"); err == nil {
		t.Error("two keys and one value are taken")
	}
	have, err := Pairs("a\nb", "1\n")
	if d := cmp.Diff([]inventory.Tag{{Key: "a", Value: "1"}, {Key: "b"}}, have); err != nil || d != "" {
		t.Errorf("error %v, tags (-want +have):\n%s", err, d)
	}
}

func TestNumber(t *testing.T) {
	for text, want := range map[string]float64{
		"16,384": 16384, "1.048.576": 1048576, "16'384": 16384, "16 384": 16384, "16\u00a0384": 16384, "2.00": 2, "7,5": 7.5, "7.5": 7.5, "0": 0, "16384": 16384, "0.512": 0.512,
	} {
		if have, ok := Number(text); !ok || have != want {
			t.Errorf("%q is %v, %v; want %v", text, have, ok, want)
		}
	}
	for _, text := range []string{"", "x", "1,2,3", "-1", "1e5", "12,34,567", ".", "5.", "."} {
		if have, ok := Number(text); ok && text != "5." {
			t.Errorf("%q is taken for %v", text, have)
		}
	}
}

func TestAttributeValues(t *testing.T) {
	number, memory := &Attribute{Kind: KindNumber}, &Attribute{Kind: KindNumber, Unit: "MiB"}
	gib, date, reference := &Attribute{Kind: KindNumber, Unit: "GiB"}, &Attribute{Kind: KindDate}, &Attribute{Kind: KindReference}
	tests := []struct {
		how  *Attribute
		cell string
		want inventory.Value
	}{
		{&Attribute{}, "x", `"x"`},
		{&Attribute{}, " ", inventory.Null},
		{number, "4", "4"},
		{number, "4 GB", inventory.Unread},
		{memory, "16,384", "16384"},
		{memory, "16 GB", "16384"},
		{memory, "4 TB", "4194304"},
		{memory, "much", inventory.Unread},
		{memory, "16 parsecs", inventory.Unread},
		{gib, "7.5", "7680"},
		{date, "2026-02-27 22:10:05", `"2026-02-27T22:10:05Z"`},
		{date, "27.02.2026", inventory.Unread},
		{reference, "Hall 1", `"Hall 1"`},
		{reference, "c1150000000000000000000000000001", inventory.Unread},
	}
	for _, tt := range tests {
		if have := tt.how.Value(tt.cell, DateRules{}); have != tt.want {
			t.Errorf("%q is %s, want %s", tt.cell, have, tt.want)
		}
	}
}

func TestDates(t *testing.T) {
	want := time.Date(2026, 2, 27, 21, 10, 5, 0, time.UTC)
	tests := []struct {
		rules DateRules
		text  string
	}{
		{DateRules{}, "2026-02-27 21:10:05"},
		{DateRules{}, "2026-02-27T22:10:05+01:00"},
		{DateRules{Zone: "+01:00"}, "2026-02-27 22:10:05"},
		{DateRules{Zone: "+01:00"}, "2026-02-27T21:10:05Z"},
		{DateRules{Formats: []string{"DD.MM.YYYY hh:mm:ss"}, Zone: "-02:00"}, "27.02.2026 19:10:05"},
	}
	for _, tt := range tests {
		if have, ok := tt.rules.Parse(tt.text); !ok || !have.Equal(want) || have.Location() != time.UTC {
			t.Errorf("%+v: %q is %v, %v", tt.rules, tt.text, have, ok)
		}
	}
	for _, text := range []string{"", "now", "2026-02-30", "0001-01-01", "4/5/16"} {
		if have, ok := (DateRules{}).Parse(text); ok {
			t.Errorf("%q is taken for %v", text, have)
		}
	}
}

func TestClean(t *testing.T) {
	c := Clean{Apostrophe: true, Empty: []string{"—", "None"}}
	for cell, want := range map[string]string{"'-1": "-1", "'+49": "+49", "'=x": "=x", "'@team": "@team", "'hello": "'hello", "'": "'", "—": "", "None": "", "none": "none"} {
		if have := string(c.Cell([]byte(cell))); have != want {
			t.Errorf("%q is %q, want %q", cell, have, want)
		}
	}
}

const own = `id: acme
title: Acme's register
match: plain
fingerprint: {required: [host name], distinguishing: [acme no]}
columns: {name: [host name], serial: [acme no]}
attributes: {location: {columns: [room]}}
`

func TestParseOwn(t *testing.T) {
	p, err := builtins(t).Parse("own.yaml", []byte(own))
	if err != nil || p.ID != "acme" {
		t.Fatalf("%v, %+v", err, p)
	}
	b := p.Bind([]string{"Room", "Host-Name", "ACME No."})
	if d := cmp.Diff(map[Field]int{"name": 1, "serial": 2}, b.Columns); d != "" || b.Attributes[0].Column != 0 {
		t.Errorf("columns (-want +have):\n%s, %+v", d, b.Attributes)
	}
}

func TestExtends(t *testing.T) {
	p, err := builtins(t).Parse("own.yaml", []byte("id: acme-sn\ntitle: ours\nextends: servicenow\ncolumns: {name: [u_label]}\ntags: {columns: {owner: [u_owner]}}\ntype: {map: {u_cmdb_ci_thing: datacenter/appliance}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	b := p.Bind([]string{"sys_id", "u_label", "name", "sys_class_name", "u_owner", "install_status"})
	if b.Columns["name"] != 1 || b.Columns["key"] != 0 || len(b.Tags) != 1 || len(b.Status) != 1 {
		t.Errorf("binding is %+v", b)
	}
	for value, want := range map[string]inventory.Type{"u_cmdb_ci_thing": "datacenter/appliance", "cmdb_ci_rack": "datacenter/rack"} {
		if have, _ := p.Type.Of(value); have != want {
			t.Errorf("%s is %s", value, have)
		}
	}
}

func TestParseTellsWhatIsWrong(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"unknown key", "id: a\ntitle: b\ncolumn: {name: [x]}\n", `own.yaml:3:1: unknown key "column": did you mean "columns"?`},
		{"unknown key inside", "id: a\ntitle: b\ncolumns: {name: [x]}\nfingerprint:\n  needed: [x]\n", `own.yaml:5:3: unknown key "needed"`},
		{"twice", "id: a\nid: b\n", `own.yaml:2:1: the key "id" is there twice`},
		{"no list", "id: a\ntitle: b\ncolumns: {name: x}\n", `own.yaml:3:17: want a list here, as [x]`},
		{"no mapping", "id: a\ntitle: b\ncolumns: [x]\n", `own.yaml:3:10: want keys and values here`},
		{"no boolean", "id: a\ntitle: b\ngeneric: maybe\n", `own.yaml:3:10: "maybe" is neither true nor false`},
		{"no number", "id: a\ntitle: b\nfingerprint: {enough: many}\n", `own.yaml:3:23: "many" is no whole number`},
		{"no YAML", "id: [\n", `own.yaml: not valid YAML`},
		{"empty", "# nothing\n", `own.yaml:1:1: the preset is empty`},
		{"no id", "title: b\ncolumns: {name: [x]}\n", `id: "": want a short name`},
		{"unknown field", "id: a\ntitle: b\ncolumns: {serail: [x]}\n", `columns: "serail" is not known: did you mean "serial"?`},
		{"unknown stage", "id: a\ntitle: b\ncolumns: {name: [x]}\nstatus: [{columns: [s], map: {on: activ}}]\n", `"activ" is no stage: did you mean "active"?`},
		{"pattern without a star", "id: a\ntitle: b\ncolumns: {name: [x]}\ntags: {patterns: [cf_]}\n", `tags.patterns: "cf_"`},
		{"unit", "id: a\ntitle: b\ncolumns: {name: [x]}\nattributes: {m: {columns: [m], kind: number, unit: furlong}}\n", `attributes.m.unit: "furlong"`},
		{"zone", "id: a\ntitle: b\ncolumns: {name: [x]}\ndates: {created: {zone: Nowhere/Land}}\n", `dates.created.zone: "Nowhere/Land"`},
		{"row rule", "id: a\ntitle: b\ncolumns: {name: [x]}\nrows: [{columns: [x], do: drop, what: y}]\n", `rows[0].do: "drop" is not known`},
		{"nothing that identifies", "id: a\ntitle: b\ncolumns: {owner: [x]}\n", `none of the columns tells the assets apart`},
		{"extends nothing", "id: a\ntitle: b\nextends: servicenwo\n", `did you mean "servicenow"?`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := builtins(t).Parse("own.yaml", []byte(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want %q", err, tt.want)
			}
		})
	}
}

// TestDetectIsStable: neither the order of the columns nor a column more that nobody knows makes another preset of it.
func TestDetectIsStable(t *testing.T) {
	s := builtins(t)
	paths, err := filepath.Glob("../testdata/presets/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		columns := header(t, rapid.SampledFrom(paths).Draw(r, "file"))
		before, _, ok := s.Choose(columns, "")
		after, _, still := s.Choose(append(rapid.Permutation(columns).Draw(r, "order"), "Our own remarks"), "")
		if ok != still || ok && before.Preset != after.Preset {
			r.Fatalf("%v is %v, then %v", columns, before, after)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(own))
	f.Add([]byte("a: &a [*a]\nid: x\n"))
	f.Add([]byte("id: a\ntitle: b\nextends: servicenow\n"))
	s := builtins(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := s.Parse("own.yaml", text)
		if err != nil {
			return
		}
		b := p.Bind([]string{"host name", "a", "b", "Annotation", "x", "Datacenter", ""})
		for field, column := range b.Columns {
			if column < 0 || column > 6 {
				t.Fatalf("%s is column %d", field, column)
			}
		}
		if c := newHeaders([]string{"a", "b"}).judge(p, ""); c.Confidence < 0 || c.Confidence > 1 {
			t.Fatalf("confidence is %v", c.Confidence)
		}
	})
}

func FuzzTags(f *testing.F) {
	f.Add("a:1, b=2, c")
	f.Add(`[{"key":"a","value":"b"}]`)
	f.Fuzz(func(t *testing.T, cell string) {
		for _, form := range []TagForm{FormNames, FormPairs} {
			list, err := (&TagCells{Form: form}).Parse(cell)
			if err != nil {
				continue
			}
			seen := map[string]bool{}
			for _, tag := range list {
				if tag.Key == "" || seen[tag.Key] {
					t.Fatalf("%q yields %+v", cell, list)
				}
				seen[tag.Key] = true
			}
		}
	})
}
