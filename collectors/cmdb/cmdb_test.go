package cmdb_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
)

func estateOptions() *cmdb.Options {
	o := cmdb.Spec().NewOptions().(*cmdb.Options)
	o.Paths = []string{"*.csv", "absent.csv", "none/*.csv"}
	o.Columns = cmdb.Columns{
		Name: "Hostname", Hostname: "Hostname", Serial: "Serial Number", AssetTag: "Asset Tag", UUID: "UUID", InstanceID: "Instance ID", FQDN: "FQDN",
		IP: "IP Address", MAC: "MAC Address", Account: "Account", Region: "Region", Zone: "Zone", Status: "Status", Owner: "Business Owner",
		Created: "Created", Type: "Type",
	}
	o.Tags = map[string]string{"env": "Environment"}
	o.Attributes = map[string]string{"location": "Location"}
	return o
}

func TestConformance(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:       cmdb.Spec(),
		Fixture:    "testdata/estate",
		Options:    func() any { return estateOptions() },
		Inputs:     []string{"servers.csv"},
		Detectable: inRow,
	})
}

// inRow reports whether a cut is inside of a row before its last cell: the number of cells then tells. A cut in the last
// cell leaves a row of the right width, and one at the end of a row leaves whole rows.
func inRow(_ string, content []byte, n int) bool {
	if collectortest.AtLineEnd(content, n) {
		return false
	}
	begin := strings.LastIndexByte(string(content[:n]), '\n') + 1
	return !strings.Contains(string(content[:begin]), "top") && strings.Count(string(content[begin:n]), ",") < 16
}

func TestWideFileConforms(t *testing.T) {
	collectortest.Run(t, collectortest.Config{
		Spec:     cmdb.Spec(),
		Fixture:  "testdata/wide",
		Golden:   "testdata/wide.golden.ndjson",
		Options:  func() any { return wideOptions() },
		Shuffle:  collectortest.ShuffleLines(1),
		Generate: wideFile,
		// The lists of hashes: one that grows, and its copy.
		BytesPerRecord: 32,
		Detectable: func(_ string, content []byte, n int) bool {
			begin := strings.LastIndexByte(string(content[:n]), '\n') + 1
			return !collectortest.AtLineEnd(content, n) && strings.Count(string(content[begin:n]), ",") < 12
		},
	})
}

// kept is a sink that keeps everything.
type kept struct {
	assets   []inventory.Asset
	problems []inventory.Problem
	facts    collectors.Facts
}

func (k *kept) Asset(a inventory.Asset) error {
	k.assets = append(k.assets, a)
	return nil
}
func (k *kept) Skip(p inventory.Problem) { k.problems = append(k.problems, p) }
func (k *kept) Note(f collectors.Facts)  { k.facts = f }

func (k *kept) keys() []string {
	var keys []string
	for _, a := range k.assets {
		keys = append(keys, a.Key)
	}
	return keys
}

func clock() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// collect reads one file with this content.
func collect(t *testing.T, content string, change func(*cmdb.Options)) (*kept, error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, clock(), clock().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	o := cmdb.Spec().NewOptions().(*cmdb.Options)
	o.Paths = []string{"x.csv"}
	if change != nil {
		change(o)
	}
	if bad := o.Validate(); len(bad) > 0 {
		t.Fatalf("options: %v", bad)
	}
	c, err := cmdb.Spec().New(collectors.Env{Dir: dir, Now: clock}, inventory.Source{Name: "dc", Book: inventory.Recorded}, o)
	if err != nil {
		t.Fatal(err)
	}
	out := &kept{}
	return out, c.Collect(t.Context(), inventory.Scope{ID: "x.csv"}, out)
}

func mustCollect(t *testing.T, content string, change func(*cmdb.Options)) *kept {
	t.Helper()
	out, err := collect(t, content, change)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestKeyIsTheSurestColumn(t *testing.T) {
	const header = "key,uuid,serial,asset tag,fqdn,name,hostname,instance id\n"
	tests := []struct{ row, want string }{
		{"k,u,s1,a,f,n,h,i", "k"},
		{",4c4c4544-0034,s1,a,f,n,h,i", "4c4c4544-0034"},
		{",,s1,a,f,n,h,i", "s1"},
		{",,,a1,f,n,h,i", "a1"},
		{",,,,f,n,h,i", "f"},
		{",,,,,n,h,i", "n"},
		{"N/A,,,,,n,h,i", "n"},
		{",,,,,,h,i", "h"},
		{",,,,,,,i-1", "i-1"},
		{",00000000-0000-0000-0000-000000000000,To Be Filled By O.E.M.,N/A,-,web-1,,", "web-1"},
		{",FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF,0000000,none,,web-1,,", "web-1"},
		{",03000200-0400-0500-0006-000700080009,Default string,No Asset Tag,tbd,web-1,,", "web-1"},
		{",{6AB5B300-538D-1014-9FB5-B0684D007B53},System Serial Number,xxxxxxx,n/a,web-1,,", "web-1"},
		{",,1234567890,............,,web-1,,", "web-1"},
		{",,\u00a0 SN-1\u200b ,,,web-1,,", "SN-1"},
	}
	for _, tt := range tests {
		t.Run(tt.want+" "+tt.row, func(t *testing.T) {
			out := mustCollect(t, header+tt.row+"\n", nil)
			if d := cmp.Diff([]string{tt.want}, out.keys()); d != "" {
				t.Errorf("keys (-want +have):\n%s\nproblems %+v", d, out.problems)
			}
		})
	}
}

func TestARowWithoutAKeyIsSkipped(t *testing.T) {
	out := mustCollect(t, "name,serial,ip\nn/a,-,10.0.0.1\nweb-1,,\n", nil)
	want := []inventory.Problem{{
		File: "x.csv", Line: 2, Message: "the row has nothing that could be its key",
		Remedy: "fill one of the columns key, UUID, serial, asset tag, FQDN or name",
	}}
	if d := cmp.Diff(want, out.problems); d != "" {
		t.Errorf("problems (-want +have):\n%s", d)
	}
}

func TestEqualKeysAreToldApartByContent(t *testing.T) {
	const header = "name,ip,status,last seen\n"
	rows := []string{"twin,10.0.0.1,active,monday\n", "twin,10.0.0.2,active,monday\n", "alone,10.0.0.3,active,monday\n"}
	out := mustCollect(t, header+strings.Join(rows, ""), nil)
	keys := out.keys()
	if len(keys) != 3 || keys[2] != "alone" || keys[0] == keys[1] {
		t.Fatalf("keys are %v", keys)
	}
	for _, k := range keys[:2] {
		if len(k) != len("twin#row-12345678") || !strings.HasPrefix(k, "twin#row-") {
			t.Errorf("key %q of a row that is not alone", k)
		}
	}
	t.Run("not by their places", func(t *testing.T) {
		slices.Reverse(rows)
		again := mustCollect(t, header+"new,10.0.0.9,active,tuesday\n"+strings.Join(rows, ""), nil).keys()
		if d := cmp.Diff([]string{"new", "alone", keys[1], keys[0]}, again); d != "" {
			t.Errorf("keys (-want +have):\n%s", d)
		}
	})
	t.Run("not by columns that mean nothing", func(t *testing.T) {
		again := mustCollect(t, header+strings.ReplaceAll(strings.Join(rows, ""), "monday", "friday"), nil).keys()
		if d := cmp.Diff([]string{"alone", keys[1], keys[0]}, again); d != "" {
			t.Errorf("keys (-want +have):\n%s", d)
		}
	})
}

func TestIdenticalRowsAreEmittedOnce(t *testing.T) {
	out := mustCollect(t, "name,ip\ntwin,10.0.0.1\ntwin,10.0.0.1\ntwin,10.0.0.1\n", nil)
	if len(out.assets) != 1 || len(out.problems) != 2 {
		t.Fatalf("assets %v, problems %+v", out.keys(), out.problems)
	}
	for i, p := range out.problems {
		if p.Key != out.assets[0].Key || p.Line != i+3 || p.Message != "the row is there twice" {
			t.Errorf("problem %d is %+v", i, p)
		}
	}
}

func TestBadRowsAreSkippedWithTheirLines(t *testing.T) {
	tests := []struct{ name, bad, message string }{
		{"too few cells", "x,1", "the row has 2 cells, the header 3"},
		{"too many cells", "x,1,2,3", "the row has 4 cells, the header 3"},
		{"zero byte", "x\x00,1,2", "zero byte"},
		{"not UTF-8", "äöüß\xff,1,2", "not valid UTF-8"},
		{"text after a quote", `"x"y,1,2`, "text after a closing quote"},
		{"cell that is too long", `x,"` + strings.Repeat("long ", 300_000) + `",2`, "longer than 1 MiB"},
		{"quoted lines that are too long", `x,"` + strings.Repeat("line\n", 300_000) + `",2`, "longer than 1 MiB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, "name,\"two\nlines\",c\na,\"1\n2\n3\",c\n"+tt.bad+"\nb,1,2\n", nil)
			if len(out.problems) == 0 || out.problems[0].Line != 6 || !strings.Contains(out.problems[0].Message, tt.message) {
				t.Fatalf("problems are %+v", out.problems)
			}
			if keys := out.keys(); keys[0] != "a" || keys[len(keys)-1] != "b" {
				t.Errorf("keys are %v", keys)
			}
			if out.problems[0].Remedy == "" {
				t.Error("nothing is said of what to do")
			}
		})
	}
}

func TestAQuoteThatIsNotClosed(t *testing.T) {
	out := mustCollect(t, "name,note\na,1\nb,\"open\nc,3\nd,4\n", nil)
	if d := cmp.Diff([]string{"a"}, out.keys()); d != "" {
		t.Errorf("keys (-want +have):\n%s", d)
	}
	if len(out.problems) != 1 || out.problems[0].Line != 3 || !strings.Contains(out.problems[0].Message, "not closed up to the end of the file, line 5") {
		t.Errorf("problems are %+v", out.problems)
	}
}

func TestAHugeLineIsSkippedInBoundedMemory(t *testing.T) {
	const huge = 200 << 20
	dir := t.TempDir()
	err := collectortest.LinesFile(filepath.Join(dir, "x.csv"), "name,note\na,1\nb,", huge>>20+1, func(i int) string {
		if i == huge>>20 {
			return "\nc,3\n"
		}
		return strings.Repeat("x", 1<<20)
	})
	if err != nil {
		t.Fatal(err)
	}
	o := cmdb.Spec().NewOptions().(*cmdb.Options)
	o.Paths = []string{"x.csv"}
	c, err := cmdb.Spec().New(collectors.Env{Dir: dir}, inventory.Source{Book: inventory.Recorded}, o)
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	out := &kept{}
	if err := c.Collect(t.Context(), inventory.Scope{ID: "x.csv"}, out); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if d := cmp.Diff([]string{"a", "c"}, out.keys()); d != "" {
		t.Errorf("keys (-want +have):\n%s", d)
	}
	if len(out.problems) != 1 || out.problems[0].Line != 3 {
		t.Errorf("problems are %+v", out.problems)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 {
		t.Errorf("%d MiB were allocated for a line of %d MiB", grown>>20, huge>>20)
	}
}

func TestHeaders(t *testing.T) {
	comma := func(o *cmdb.Options) { o.Delimiter = "," }
	columns := func(c cmdb.Columns) func(*cmdb.Options) { return func(o *cmdb.Options) { o.Columns = c } }
	tests := []struct {
		name, content string
		change        func(*cmdb.Options)
		texts         []string // of the error; none if it is read
	}{
		{"semicolons", "name;serial\na;b\n", nil, nil},
		{"tabs", "name\tserial\na\tb\n", nil, nil},
		{"semicolons where commas should be", "name;serial\na;b\n", comma, []string{`"name;serial"`, `set delimiter: ";"`}},
		{"tabs where commas should be", "name\tserial\na\tb\n", comma, []string{`set delimiter: "tab"`}},
		{"commas where semicolons should be", "name,serial\na,b\n", func(o *cmdb.Options) { o.Delimiter = ";" }, []string{`set delimiter: ","`}},
		{"semicolons, as configured", "name;serial\na;b\n", func(o *cmdb.Options) { o.Delimiter = ";" }, nil},
		{"tabs, as configured", "name\tserial\na\tb\n", func(o *cmdb.Options) { o.Delimiter = "tab" }, nil},
		{"a spreadsheet's sep line", "sep=;\r\nname;serial\r\na;b\r\n", nil, nil},
		{"spaces, as configured", "name serial\n\"a\" b\n", func(o *cmdb.Options) { o.Delimiter = " " }, nil},
		{"spaces between quotes and commas", "name,serial\n\"a\" ,\"b\"  \n", nil, nil},
		{"one column", "name\na\n", nil, nil},
		{"byte order mark", "\xef\xbb\xbfname,serial\na,b\n", nil, nil},
		{"blank rows before", "\n,,\nname,serial\na,b\n", nil, nil},
		{"line ends of old Macs", "name,serial\ra,b", nil, nil},
		{"mixed line ends", "name,serial\ra,b\nc,d\n", nil, []string{"some lines end with CR alone"}},
		{"only a mark", "\xef\xbb\xbf\n", nil, []string{"no header"}},
		{"not text", "n\x00a\x00m\x00e\x00\n", nil, []string{"character that cannot be read"}},
		{"nothing that tells apart", "colour,weight\nred,3\n", nil, []string{"no column tells the assets apart", `"colour", "weight"`}},
		{
			"a column that is not there", "Hostname,Serial Number\na,b\n", columns(cmdb.Columns{Serial: "Serial Nummer"}),
			[]string{"columns.serial", `no column "Serial Nummer"`, `did you mean "Serial Number"?`, `"Hostname", "Serial Number"`},
		},
		{
			"a tag's column that is not there", "name,env\na,b\n", func(o *cmdb.Options) { o.Tags = map[string]string{"owner": "Owner"} },
			[]string{"tags.owner", `no column "Owner"`},
		},
		{
			"an attribute's column that is not there", "name,env\na,b\n", func(o *cmdb.Options) { o.Attributes = map[string]string{"os": "OS"} },
			[]string{"attributes.os", `no column "OS"`},
		},
		{"a mapped column twice", "name,env,env\na,b,c\n", func(o *cmdb.Options) { o.Tags = map[string]string{"env": "env"} }, []string{`two columns "env"`}},
		{"another column twice", "name,env,env\na,b,c\n", nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := collect(t, tt.content, tt.change)
			if len(tt.texts) == 0 {
				if err != nil || len(out.assets) != 1 || len(out.problems) != 0 {
					t.Errorf("error %v, assets %v, problems %+v", err, out.keys(), out.problems)
				}
				return
			}
			var e *collectors.Error
			if !errors.As(err, &e) || e.Reason == "" || len(out.assets) != 0 {
				t.Fatalf("error %v, assets %v", err, out.keys())
			}
			for _, text := range append(tt.texts, `"x.csv"`) {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("error %q lacks %q", err, text)
				}
			}
		})
	}
}

func TestUsualHeadersNeedNoConfiguration(t *testing.T) {
	out := mustCollect(t, "*Server Name,Serial No.,IP Addresses (optional),Asset Status,Owner,CI Class\nweb-1,SN-1,10.0.0.1,In-Service,payments,VM\n", nil)
	want := []inventory.Asset{{
		Key: "SN-1", Book: inventory.Recorded, Type: "datacenter/vm", Name: "web-1", Lifecycle: inventory.LifecycleActive,
		Attributes: inventory.KnownAttributes(
			inventory.Attribute{Name: "owner", Value: `"payments"`}, inventory.Attribute{Name: "status", Value: `"In-Service"`},
			inventory.Attribute{Name: "type", Value: `"VM"`}),
		Identifiers: []inventory.Identifier{
			{Kind: inventory.Hostname, Value: "web-1"}, {Kind: inventory.PrivateIP, Value: "10.0.0.1"}, {Kind: inventory.Serial, Value: "SN-1"},
		},
		Origin: inventory.Origin{File: "x.csv", Line: 2},
	}}
	if d := cmp.Diff(want, out.assets); d != "" {
		t.Errorf("assets (-want +have):\n%s", d)
	}
}

func TestTagsAreKnownOnlyIfAColumnIsATag(t *testing.T) {
	const content = "name,owner,env\na,payments,prod\nb,,\n"
	columns := cmdb.Columns{Name: "name", Owner: "owner"}
	tests := []struct {
		name   string
		change func(*cmdb.Options)
		want   [2]inventory.Tags
	}{
		{"nothing configured", nil, [2]inventory.Tags{}},
		{"a name", func(o *cmdb.Options) { o.Columns = cmdb.Columns{Name: "name"} }, [2]inventory.Tags{}},
		{
			"a tag", func(o *cmdb.Options) { o.Tags = map[string]string{"env": "env"} },
			[2]inventory.Tags{inventory.KnownTags(inventory.Tag{Key: "env", Value: "prod"}), inventory.KnownTags()},
		},
		{
			"an owner", func(o *cmdb.Options) { o.Columns = columns },
			[2]inventory.Tags{inventory.KnownTags(inventory.Tag{Key: "owner", Value: "payments"}), inventory.KnownTags()},
		},
		{
			"an owner from elsewhere", func(o *cmdb.Options) { o.Columns, o.Tags = columns, map[string]string{"owner": "env"} },
			[2]inventory.Tags{inventory.KnownTags(inventory.Tag{Key: "owner", Value: "prod"}), inventory.KnownTags()},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, content, tt.change)
			for i, want := range tt.want {
				if have := out.assets[i].Tags; !have.Equal(want) {
					t.Errorf("row %d: tags are %v %v, want %v %v", i, have.State(), have, want.State(), want)
				}
			}
		})
	}
}

func TestAttributes(t *testing.T) {
	out := mustCollect(t, "name,location\na,hall 1\nb,\n", nil)
	if out.assets[0].Attributes.IsKnown() {
		t.Error("attributes are known although no column is one")
	}
	out = mustCollect(t, "name,location\na,hall 1\nb,\n", func(o *cmdb.Options) { o.Attributes = map[string]string{"location": "location"} })
	for i, want := range []inventory.Value{`"hall 1"`, inventory.Null} {
		if have, ok := out.assets[i].Attributes.Get("location"); !ok || have != want {
			t.Errorf("row %d: location is %q, %v; want %q", i, have, ok, want)
		}
	}
}

func TestAColumnOfPasswordsIsHashed(t *testing.T) {
	out := mustCollect(t, "name,ilo,loc\na,hunter2,hall 1\nb,hunter2,\n", func(o *cmdb.Options) {
		o.Attributes = map[string]string{"ilo_password": "ilo", "location": "loc"}
	})
	first, _ := out.assets[0].Attributes.Get("ilo_password")
	second, _ := out.assets[1].Attributes.Get("ilo_password")
	if !inventory.IsSecretHash(first.String()) || first != second {
		t.Errorf("the passwords are %s and %s", first, second)
	}
	if place, _ := out.assets[0].Attributes.Get("location"); place != `"hall 1"` {
		t.Errorf("the location is %s", place)
	}
}

func TestIdentifiers(t *testing.T) {
	tests := []struct {
		header, cell string
		want         []inventory.Identifier
	}{
		{"ip", "10.0.0.1", []inventory.Identifier{{Kind: inventory.PrivateIP, Value: "10.0.0.1"}}},
		{"ip", "198.51.100.7", []inventory.Identifier{{Kind: inventory.PublicIP, Value: "198.51.100.7"}}},
		{"ip", "100.64.0.1", []inventory.Identifier{{Kind: inventory.PrivateIP, Value: "100.64.0.1"}}},
		{"ip", "fd00::1", []inventory.Identifier{{Kind: inventory.PrivateIP, Value: "fd00::1"}}},
		{"ip", "10.0.0.1/24", []inventory.Identifier{{Kind: inventory.PrivateIP, Value: "10.0.0.1"}}},
		{"ip", "\"198.51.100.7; 10.0.0.2,10.0.0.1\n10.0.0.2 10.0.0.1\"", []inventory.Identifier{
			{Kind: inventory.PrivateIP, Value: "10.0.0.1"}, {Kind: inventory.PrivateIP, Value: "10.0.0.2"}, {Kind: inventory.PublicIP, Value: "198.51.100.7"},
		}},
		{"ip", "10.0.0.256", nil},
		{"ip", "127.0.0.1", nil},
		{"ip", "dhcp", nil},
		{"mac", `"00:16:3e:00:00:01, 00 16 3E 00 00 02"`, []inventory.Identifier{
			{Kind: inventory.MAC, Value: "00 16 3E 00 00 02"}, {Kind: inventory.MAC, Value: "00:16:3e:00:00:01"},
		}},
		{"serial", "N/A", nil},
		{"asset tag", "TBD", nil},
		{"uuid", "abc", []inventory.Identifier{{Kind: inventory.UUID, Value: "abc"}}},
		{"instance id", "i-0abc", []inventory.Identifier{{Kind: inventory.InstanceID, Value: "i-0abc"}}},
		{"fqdn", "web-1.example.com", []inventory.Identifier{{Kind: inventory.FQDN, Value: "web-1.example.com"}}},
	}
	for _, tt := range tests {
		t.Run(tt.header+" "+tt.cell, func(t *testing.T) {
			out := mustCollect(t, "name,"+tt.header+"\nx,"+tt.cell+"\n", nil)
			if d := cmp.Diff(tt.want, out.assets[0].Identifiers); d != "" {
				t.Errorf("identifiers (-want +have):\n%s", d)
			}
		})
	}
}

func TestManyIdentifiersOfManyRowsDoNotMix(t *testing.T) {
	var b strings.Builder
	b.WriteString("name,ip,mac\n")
	for i := range 3000 {
		fmt.Fprintf(&b, "h%d,\"", i)
		for j := range i % 40 {
			fmt.Fprintf(&b, "10.%d.%d.%d ", i>>8, i&255, j+1)
		}
		fmt.Fprintf(&b, "\",m%d\n", i)
	}
	out := mustCollect(t, b.String(), nil)
	for i, a := range out.assets {
		if len(a.Identifiers) != i%40+1 || a.Identifiers[0].Value != fmt.Sprintf("m%d", i) {
			t.Fatalf("row %d has %v", i, a.Identifiers)
		}
		for _, id := range a.Identifiers[1:] {
			if !strings.HasPrefix(id.Value, fmt.Sprintf("10.%d.%d.", i>>8, i&255)) {
				t.Fatalf("row %d has %v", i, id)
			}
		}
	}
}

func TestTypes(t *testing.T) {
	own := func(o *cmdb.Options) {
		o.Type = "datacenter/other"
		o.TypeMap = map[string]string{"Kaffeemaschine": "datacenter/appliance", "vm": "datacenter/cattle"}
	}
	const ec2 = "i-0123456789abcdef0"
	tests := []struct {
		value, instance string
		change          func(*cmdb.Options)
		want            inventory.Type
	}{
		{"", "", nil, "datacenter/server"},
		{"Server", "", nil, "datacenter/server"},
		{"VIRTUAL MACHINE", "", nil, "datacenter/vm"},
		{"Switch", "", nil, "datacenter/network"},
		{"SAN", "", nil, "datacenter/storage"},
		{"datacenter/rack", "", nil, "datacenter/rack"},
		{"Coffee machine", "", nil, "datacenter/server"},
		{"", ec2, nil, "datacenter/vm"},
		{"", "i-notanid", nil, "datacenter/server"},
		{"Server", ec2, nil, "datacenter/server"},
		{"", "", own, "datacenter/other"},
		{"kaffeemaschine", "", own, "datacenter/appliance"},
		{"VM", "", own, "datacenter/cattle"},
		{"Server", "", own, "datacenter/server"},
	}
	for _, tt := range tests {
		t.Run(tt.value+tt.instance, func(t *testing.T) {
			out := mustCollect(t, "name,type,instance id\nx,"+tt.value+","+tt.instance+"\n", tt.change)
			if have := out.assets[0].Type; have != tt.want {
				t.Errorf("type is %q, want %q", have, tt.want)
			}
		})
	}
}

func TestStatus(t *testing.T) {
	for status, want := range map[string]inventory.Lifecycle{
		"Ordered": inventory.LifecyclePlanned, "in stock": inventory.LifecyclePlanned, "In Use": inventory.LifecycleActive,
		"OPERATIONAL": inventory.LifecycleActive, "production": inventory.LifecycleActive, "Repair": inventory.LifecycleMaintenance,
		"in_maintenance": inventory.LifecycleMaintenance, "Retired": inventory.LifecycleRetired, "disposed": inventory.LifecycleRetired,
		"To be retired": inventory.LifecycleRetiring, "1": inventory.LifecycleUnknown, "who knows": inventory.LifecycleUnknown, "": inventory.LifecycleUnknown,
	} {
		out := mustCollect(t, "name,status\nx,"+status+"\n", nil)
		a := out.assets[0]
		raw, ok := a.Attributes.Get("status")
		if a.Lifecycle != want || !ok || status != "" && raw.String() != status || status == "" && raw != inventory.Null {
			t.Errorf("%q: lifecycle %q, attribute %q; want %q", status, a.Lifecycle, raw, want)
		}
	}
}

func TestCreated(t *testing.T) {
	date := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2024-02-29": date, "2024-02-29 10:30:00": date.Add(10*time.Hour + 30*time.Minute), "2024-02-29T10:30:00": date.Add(10*time.Hour + 30*time.Minute),
		"2024-02-29T01:00:00+01:00": date, "2023-02-29": {}, "29.02.2024": {}, "2024-13-01": {}, "2024-0a-01": {}, "": {}, "2024-02-29 25:00:00": {},
	} {
		if have := mustCollect(t, "name,created\nx,"+text+"\n", nil).assets[0].Created; !have.Equal(want) {
			t.Errorf("%q is %v, want %v", text, have, want)
		}
	}
}

func TestMaxAge(t *testing.T) {
	for _, tt := range []struct {
		most  time.Duration
		stale bool
	}{{0, false}, {2 * time.Hour, false}, {119 * time.Minute, true}} {
		out, err := collect(t, "name\na\n", func(o *cmdb.Options) { o.MaxAge = tt.most })
		var e *collectors.Error
		if errors.As(err, &e) != tt.stale || tt.stale && (e.Reason != inventory.ReasonStale || !strings.Contains(err.Error(), "2h0m0s old")) {
			t.Errorf("max_age %s: error is %v", tt.most, err)
		}
		if len(out.assets) != 1 || !out.facts.DataTime.Equal(clock().Add(-2*time.Hour)) {
			t.Errorf("max_age %s: assets %v, facts %+v", tt.most, out.keys(), out.facts)
		}
	}
}

func TestScopesCarryTheLimits(t *testing.T) {
	o := estateOptions()
	o.Paths, o.MaxDrop, o.MaxSkipped = []string{"a.csv"}, 0.5, 7
	c, err := cmdb.Spec().New(collectors.Env{Dir: t.TempDir()}, inventory.Source{}, o)
	if err != nil {
		t.Fatal(err)
	}
	have, err := c.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []inventory.Scope{{ID: "a.csv", Covers: inventory.Coverage{Derived: true}, Export: true, MaxDrop: 0.5, MaxSkipped: 7}}
	if d := cmp.Diff(want, have); d != "" {
		t.Errorf("scopes (-want +have):\n%s", d)
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*cmdb.Options)
		want   []string
	}{
		{"good", func(*cmdb.Options) {}, nil},
		{"no paths", func(o *cmdb.Options) { o.Paths = nil }, []string{"paths"}},
		{"delimiter of two", func(o *cmdb.Options) { o.Delimiter = ";;" }, []string{"delimiter"}},
		{"quote as delimiter", func(o *cmdb.Options) { o.Delimiter = `"` }, []string{"delimiter"}},
		{"as they are written", func(o *cmdb.Options) { o.Format, o.Encoding, o.Delimiter, o.HeaderRow = "csv", "utf-16", "auto", 3 }, nil},
		{
			"how it is written", func(o *cmdb.Options) {
				o.Format, o.Encoding, o.HeaderRow, o.MaxUnpacked, o.MaxRatio = "ods", "latin", -1, 0, 0
			}, []string{"format", "encoding", "header_row", "max_unpacked", "max_ratio"},
		},
		{"nothing that tells apart", func(o *cmdb.Options) { o.Columns = cmdb.Columns{Owner: "Owner"} }, []string{"columns"}},
		{"no type", func(o *cmdb.Options) { o.Type = "" }, []string{"type"}},
		{"limits", func(o *cmdb.Options) { o.MaxAge, o.MaxDrop, o.MaxSkipped = -1, 1.5, -1 }, []string{"max_age", "max_skipped", "max_drop"}},
		{
			"empty names", func(o *cmdb.Options) {
				o.Tags, o.Attributes, o.TypeMap = map[string]string{"a": "", "": "b"}, map[string]string{"c": " "}, map[string]string{"d": ""}
			}, []string{"tags", "tags.a", "attributes.c", "type_map.d"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := estateOptions()
			tt.change(o)
			var have []string
			for _, e := range o.Validate() {
				have = append(have, e.Option)
			}
			if d := cmp.Diff(tt.want, have); d != "" {
				t.Errorf("problems (-want +have):\n%s", d)
			}
		})
	}
}

func TestCancelledWhileKeysAreRead(t *testing.T) {
	dir := t.TempDir()
	if err := wideFile(dir, 5000); err != nil {
		t.Fatal(err)
	}
	c, err := cmdb.Spec().New(collectors.Env{Dir: dir}, inventory.Source{}, wideOptions())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := &kept{}
	if err := c.Collect(ctx, inventory.Scope{ID: "big.csv"}, out); !errors.Is(err, context.Canceled) || len(out.assets) != 0 {
		t.Errorf("error is %v after %d assets", err, len(out.assets))
	}
}

// FuzzFile reads any bytes as a register: no panic, keys are unique, and reading twice gives the same.
func FuzzFile(f *testing.F) {
	estate, err := os.ReadFile("testdata/estate/servers.csv")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(estate)
	f.Add([]byte("name,note\na,\"1\n2\"\n\"b\"\"c\",\n"))
	f.Add([]byte("sep=|\nname|ip\na|10.0.0.1, 10.0.0.2\na|\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		first, err := collect(t, string(content), nil)
		again, errAgain := collect(t, string(content), nil)
		if (err == nil) != (errAgain == nil) || !slices.Equal(first.keys(), again.keys()) {
			t.Fatalf("first %v, %v; second %v, %v", first.keys(), err, again.keys(), errAgain)
		}
		keys := first.keys()
		slices.Sort(keys)
		if len(slices.Compact(keys)) != len(first.assets) {
			t.Fatalf("keys are not unique: %q", first.keys())
		}
		for _, a := range first.assets {
			if _, err := inventory.DecodeAsset(inventory.EncodeAsset(&a)); err != nil {
				t.Fatalf("asset %+v cannot be written: %v", a, err)
			}
		}
	})
}

// TestShuffledTwins is the promise that no row number gets into a key, on a register in which most keys are shared.
func TestShuffledTwins(t *testing.T) {
	var rows []string
	for i := range 300 {
		rows = append(rows, fmt.Sprintf("h%d,10.0.%d.%d\n", i%50, i%7, i%11))
	}
	want := mustCollect(t, "name,ip\n"+strings.Join(rows, ""), nil).keys()
	slices.Sort(want)
	rng := rand.New(rand.NewPCG(1, 2))
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	have := mustCollect(t, "name,ip\n"+strings.Join(rows, ""), nil).keys()
	slices.Sort(have)
	if d := cmp.Diff(want, have); d != "" {
		t.Errorf("keys (-in order +shuffled):\n%s", d)
	}
}
