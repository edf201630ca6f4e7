package cmdb_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
)

// TestKeysFromBeforePresetsStay reads each export with a config that says nothing of presets: what has a key by usual headers keeps it.
func TestKeysFromBeforePresetsStay(t *testing.T) {
	compared := 0
	for _, f := range made() {
		if filepath.Ext(f[0]) != ".csv" {
			continue // only CSV was read before
		}
		before, err := collectIn(t, "testdata/presets", f[0], preset("usual"))
		if err != nil {
			continue // and not all of it
		}
		compared++
		now, err := collectIn(t, "testdata/presets", f[0], nil)
		if err != nil {
			t.Errorf("%s: %v", f[0], err)
			continue
		}
		for _, key := range now.keys() {
			if !slices.Contains(before.keys(), key) {
				t.Errorf("%s: key %q is new, before there were %v", f[0], key, before.keys())
			}
		}
	}
	if compared < 15 {
		t.Errorf("only %d fixtures were read", compared)
	}
}

// TestKeysOfTwinsFromBeforePresetsStay is the same for rows that share a key, whose suffix hangs on the columns that mean something.
func TestKeysOfTwinsFromBeforePresetsStay(t *testing.T) {
	const content = "name,serial_number,sys_class_name,install_status,operational_status,sys_updated_on,location\n" +
		"twin,SN0001AB,cmdb_ci_server,1,1,2026-02-28 01:00:00,Hall 1\ntwin-2,SN0001AB,cmdb_ci_server,1,1,2026-02-28 01:00:00,Hall 2\nalone,SN0003AB,cmdb_ci_server,1,1,,\n"
	before := mustCollect(t, content, preset("usual")).keys()
	now := mustCollect(t, content, nil)
	if d := cmp.Diff(before, now.keys()); d != "" || !strings.Contains(before[0], "#row-") || !strings.Contains(now.facts.Detail, "preset servicenow") {
		t.Errorf("keys (-before +now):\n%s\n%v, %s", d, before, now.facts.Detail)
	}
}

// TestKeysAreThoseOfEver holds keys as they were made before there were presets.
func TestKeysAreThoseOfEver(t *testing.T) {
	out := mustCollect(t, "name,ip,status,last seen,location,tags\ntwin,10.0.0.1,active,monday,a,x\ntwin,10.0.0.2,active,monday,b,y\n", nil)
	if d := cmp.Diff([]string{"twin#row-f0a79933", "twin#row-23b192c2"}, out.keys()); d != "" {
		t.Errorf("keys (-want +have):\n%s", d)
	}
}

// TestConfiguredColumnsAreAllThereIs: who says what the columns mean, and nothing of presets, gets nothing more.
func TestConfiguredColumnsAreAllThereIs(t *testing.T) {
	const content = "name,sys_id,sys_class_name,install_status,serial_number\nweb-1,a1150000000000000000000000000001,cmdb_ci_server,1,SN0001AB\n"
	columns := cmdb.Columns{Name: "name", Serial: "serial_number"}
	out := mustCollect(t, content, func(o *cmdb.Options) { o.Columns = columns })
	if !slices.Equal(out.keys(), []string{"SN0001AB"}) || out.assets[0].Attributes.IsKnown() || strings.Contains(out.facts.Detail, "preset") {
		t.Errorf("%+v, %s", out.assets, out.facts.Detail)
	}
	out = mustCollect(t, content, func(o *cmdb.Options) { o.Columns, o.Preset = columns, "auto" })
	if !slices.Equal(out.keys(), []string{"a1150000000000000000000000000001"}) || out.assets[0].Lifecycle != inventory.LifecycleActive {
		t.Errorf("with a preset: %+v", out.assets)
	}
}

func TestConfiguredColumnsWinOneByOne(t *testing.T) {
	const content = "sys_id,name,u_label,sys_class_name,install_status,u_stage,location,u_room,ip_address,u_ip\n" +
		"a1150000000000000000000000000001,n,Web 1,cmdb_ci_server,1,Going,Hall 1,R 7,10.0.0.1,10.0.0.2\n"
	out := mustCollect(t, content, func(o *cmdb.Options) {
		o.Preset = "servicenow"
		o.Columns = cmdb.Columns{Name: "u_label", Status: "u_stage", IP: "u_ip"}
		o.Attributes = map[string]string{"location": "u_room"}
		o.StatusMap = map[string]string{"going": "retiring"}
		o.TypeMap = map[string]string{"cmdb_ci_server": "datacenter/hypervisor"}
		o.Tags = map[string]string{"room": "u_room"}
	})
	a := out.assets[0]
	location, _ := a.Attributes.Get("location")
	status, _ := a.Attributes.Get("status")
	if a.Key != "a1150000000000000000000000000001" || a.Name != "Web 1" || a.Lifecycle != inventory.LifecycleRetiring || a.Type != "datacenter/hypervisor" ||
		location != `"R 7"` || status != `"Going"` || !a.Tags.Equal(inventory.KnownTags(inventory.Tag{Key: "room", Value: "R 7"})) {
		t.Errorf("%+v", a)
	}
	if d := cmp.Diff([]inventory.Identifier{{Kind: inventory.PrivateIP, Value: "10.0.0.2"}}, a.Identifiers); d != "" {
		t.Errorf("identifiers (-want +have):\n%s", d)
	}
}

func TestTagColumns(t *testing.T) {
	const content = "name,serial,u_env,,u_team,Cost Center,Cost Center\nweb-1,SN-1,prod,x,,CC-1,CC-2\n"
	tests := []struct {
		patterns []string
		want     map[string]string
	}{
		{[]string{"u_*"}, map[string]string{"u_env": "prod"}},
		{[]string{"u_env", "serial"}, map[string]string{"u_env": "prod", "serial": "SN-1"}},
		{[]string{"rest"}, map[string]string{"u_env": "prod", "Cost Center": "CC-1", "Cost Center (2)": "CC-2"}},
		{[]string{"nothing*"}, nil},
	}
	for _, tt := range tests {
		out := mustCollect(t, content, func(o *cmdb.Options) { o.TagColumns = tt.patterns })
		want := inventory.TagsFromMap(tt.want)
		if tt.want == nil {
			want = inventory.UnknownTags()
		}
		if have := out.assets[0].Tags; !have.Equal(want) {
			t.Errorf("%v: tags are %v %v", tt.patterns, have.State(), slices.Collect(have.All()))
		}
	}
	out := mustCollect(t, content, nil)
	if out.assets[0].Tags.State() != inventory.Unknown {
		t.Error("columns become tags though nobody asked for it")
	}
}

func TestFilesThatHoldNoAssets(t *testing.T) {
	for content, text := range map[string]string{
		"configuration_item,key,value\na1150000000000000000000000000001,env,prod\n":                               "tag_tables",
		"MachineId,Key,Value\nm-1,env,prod\n":                                                                     "tag_tables",
		"VM,Powerstate,Template,CPUs,Sockets,Host,VM UUID,VI SDK Server\na,poweredOn,False,1,1,h,50000000,vc-1\n": "RVTools_tabvInfo.csv",
	} {
		for _, p := range []string{"", "auto"} {
			out, err := collect(t, content, preset(p))
			if err == nil || !strings.Contains(err.Error(), text) || len(out.assets) > 0 {
				t.Errorf("error is %v, assets %v", err, out.keys())
			}
		}
	}
}

func TestNothingTellsApart(t *testing.T) {
	tests := []struct {
		preset, content string
		texts           []string
	}{
		{"auto", "colour,weight\nred,3\n", []string{"with columns", "with preset", `"colour", "weight"`}},
		{"auto", "VM,Powerstate,Guest state,colour\nweb-1,poweredOn,running,red\n", []string{"it is most like preset rvtools-vinfo (0."}},
		{"servicenow", "colour,weight\nred,3\n", []string{"as preset servicenow names them", "set preset: auto", "with columns"}},
		{"none", "name,serial\na,b\n", []string{"no column tells the assets apart"}},
	}
	for _, tt := range tests {
		_, err := collect(t, tt.content, preset(tt.preset))
		for _, text := range tt.texts {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%s: error is %v, want %q", tt.preset, err, text)
			}
		}
	}
}

func TestAnOwnPreset(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("own.yaml", "id: acme\ntitle: ours\nmatch: plain\ncolumns: {serial: [acme no], name: [what]}\ntags: {columns: {owner: [who]}}\n")
	write("x.csv", "What,Who,Acme No.\nweb-1,payments,SN0001AB\n")
	out, err := collectIn(t, dir, "x.csv", preset("own.yaml"))
	if err != nil || !slices.Equal(out.keys(), []string{"SN0001AB"}) || !strings.HasSuffix(out.facts.Detail, ", preset own.yaml") {
		t.Fatalf("%v, %v, %s", err, out.keys(), out.facts.Detail)
	}
	if !out.assets[0].Tags.Equal(inventory.KnownTags(inventory.Tag{Key: "owner", Value: "payments"})) {
		t.Errorf("tags are %v", out.assets[0].Tags)
	}
	write("bad.yaml", "id: acme\ntitle: ours\ncolums: {name: [what]}\n")
	for path, text := range map[string]string{
		"bad.yaml": `bad.yaml:3:1: unknown key "colums": did you mean "columns"?`, "absent.yaml": `preset: read "absent.yaml"`, "./": "is no file",
	} {
		o := cmdb.Spec().NewOptions().(*cmdb.Options)
		o.Paths, o.Preset = []string{"x.csv"}, path
		if _, err := cmdb.Spec().New(collectors.Env{Dir: dir}, inventory.Source{}, o); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: error is %v, want %q", path, err, text)
		}
	}
}

func TestPresetOptionsAreChecked(t *testing.T) {
	tests := []struct {
		change func(*cmdb.Options)
		option string
		text   string
	}{
		{preset("servicenwo"), "preset", `did you mean "servicenow"?`},
		{preset("servicenow-tags"), "preset", "no preset"},
		{func(o *cmdb.Options) { o.TagColumns = []string{" "} }, "tag_columns[0]", "empty"},
		{func(o *cmdb.Options) { o.TagTables = []string{""} }, "tag_tables[0]", "empty"},
		{func(o *cmdb.Options) { o.StatusMap = map[string]string{"x": "activ"} }, "status_map.x", `did you mean "active"?`},
	}
	for _, tt := range tests {
		o := estateOptions()
		tt.change(o)
		list := o.Validate()
		if len(list) != 1 || list[0].Option != tt.option || !strings.Contains(list[0].Message, tt.text) {
			t.Errorf("%s: problems %+v", tt.option, list)
		}
	}
}

// TestTwoToolsAtOnce: what is as likely one tool's export as another's is read as neither.
func TestTwoToolsAtOnce(t *testing.T) {
	const content = "name,sys_id,sys_class_name,install_status,sn,barcode,service_env,model_str,niw\nweb-1,a1150000000000000000000000000001,cmdb_ci_server,1,SN0001AB,B-1,x,y,z\n"
	out := mustCollect(t, content, preset("auto"))
	if d := out.facts.Detail; !strings.Contains(d, "preset spreadsheet (") || !strings.Contains(d, "servicenow") || !strings.Contains(d, "ralph") {
		t.Errorf("it is read as %s", d)
	}
	if len(mustCollect(t, content, preset("ralph")).assets) != 1 {
		t.Error("it is not read as what is configured")
	}
}
