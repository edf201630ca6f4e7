package cmdb_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
	presets "github.com/muster-audit/muster/collectors/cmdb/preset"
	"github.com/muster-audit/muster/inventory"
)

// made lists the fixtures of testdata/presets, which are made from documented headers, with the preset that each is of.
func made() [][2]string {
	return [][2]string{
		{"servicenow-raw.csv", "servicenow"},
		{"servicenow-labels.csv", "servicenow"},
		{"servicenow-all.json", "servicenow"},
		{"servicenow-table.json", "servicenow"},
		{"servicenow-unload.xml", "servicenow"},
		{"netbox-export.csv", "netbox-export"},
		{"netbox-export-vms.csv", "netbox-export"},
		{"netbox-import.csv", "netbox-import"},
		{"netbox-json.json", "netbox-json"},
		{"glpi.csv", "glpi"},
		{"glpi-fr.csv", "glpi"},
		{"ocs.csv", "ocs"},
		{"idoit.csv", "idoit"},
		{"device42.csv", "device42"},
		{"device42.json", "device42"},
		{"snipeit.csv", "snipeit"},
		{"snipeit.json", "snipeit"},
		{"ralph.csv", "ralph"},
		{"opendcim.csv", "opendcim"},
		{"opendcim-import.csv", "opendcim"},
		{"rvtools-vinfo-4.csv", "rvtools-vinfo"},
		{"rvtools-vinfo-3.csv", "rvtools-vinfo"},
		{"rvtools-vinfo-internal.csv", "rvtools-vinfo"},
		{"govc.json", "govc"},
		{"govc-upper.json", "govc"},
		{"aws-migration-hub.csv", "aws-migration-hub"},
		{"aws-mgn.csv", "aws-mgn"},
		{"azure-migrate.csv", "azure-migrate"},
		{"google-migration-center.csv", "google-migration-center"},
		{"aws-cloud-migration-factory.csv", "aws-cloud-migration-factory"},
		{"spreadsheet-de.csv", "spreadsheet"},
		{"spreadsheet-fr.csv", "spreadsheet"},
		{"spreadsheet-es.csv", "spreadsheet"},
		{"spreadsheet-en.csv", "spreadsheet"},
	}
}

// collectIn reads a file of a folder.
func collectIn(t *testing.T, dir, name string, change func(*cmdb.Options)) (*kept, error) {
	t.Helper()
	o := cmdb.Spec().NewOptions().(*cmdb.Options)
	o.Paths = []string{name}
	if change != nil {
		change(o)
	}
	if bad := o.Validate(); len(bad) > 0 {
		t.Fatalf("options: %v", bad)
	}
	env := collectors.Env{Dir: dir, Now: clock, Secret: inventory.NewSecretHash([]byte("0123456789abcdef"))}
	c, err := cmdb.Spec().New(env, inventory.Source{Name: "dc", Book: inventory.Recorded}, o)
	if err != nil {
		t.Fatal(err)
	}
	out := &kept{}
	return out, c.Collect(t.Context(), inventory.Scope{ID: name}, out)
}

func preset(id string) func(*cmdb.Options) { return func(o *cmdb.Options) { o.Preset = id } }

// TestPresets reads each fixture as what it is detected as, and holds what comes of it.
func TestPresets(t *testing.T) {
	var have bytes.Buffer
	for _, f := range made() {
		out, err := collectIn(t, "testdata/presets", f[0], preset("auto"))
		if err != nil {
			t.Errorf("%s: %v", f[0], err)
			continue
		}
		if !strings.Contains(out.facts.Detail, "preset "+f[1]+" (") {
			t.Errorf("%s is read as %s", f[0], out.facts.Detail)
		}
		have.WriteString(f[0] + " " + out.facts.Detail + "\n")
		for _, a := range out.assets {
			have.Write(inventory.EncodeAsset(&a))
			have.WriteByte('\n')
		}
		for _, p := range out.problems {
			have.WriteString("problem " + p.Message + "; key " + p.Key + "\n")
		}
	}
	const golden = "testdata/presets.golden.ndjson"
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		if err := os.WriteFile(golden, have.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(have.String(), "\n")); d != "" {
		t.Errorf("assets (-want +have):\n%s", d)
	}
	if strings.Contains(have.String(), "hunter2") {
		t.Error("the password of a custom attribute is stored")
	}
}

// TestLookAlikes are spreadsheets that share headers with a tool.
func TestLookAlikes(t *testing.T) {
	names, err := filepath.Glob("testdata/presets/look-alikes/*.csv")
	if err != nil || len(names) < 7 {
		t.Fatalf("fixtures: %v, %v", names, err)
	}
	for _, name := range names {
		out, err := collectIn(t, filepath.Dir(name), filepath.Base(name), preset("auto"))
		if err != nil || !strings.Contains(out.facts.Detail, "preset spreadsheet (") || len(out.assets) != 1 {
			t.Errorf("%s: %v, read as %q", name, err, out.facts.Detail)
		}
	}
}

// TestDocumentationListsEveryPreset holds the table of presets in docs/cmdb.md; -update writes it.
func TestDocumentationListsEveryPreset(t *testing.T) {
	const path, begin, end = "../../docs/cmdb.md", "<!-- presets: held by a test -->\n", "<!-- /presets -->"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	set, err := presets.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	table.WriteString("| `preset` | export |\n|---|---|\n")
	for _, p := range set.All() {
		if p.Refuse == "" {
			fmt.Fprintf(&table, "| `%s` | %s |\n", p.ID, p.Title)
		}
	}
	before, rest, ok := strings.Cut(string(page), begin)
	have, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatal("the page has no table of presets")
	}
	if have == table.String() {
		return
	}
	if f := flag.Lookup("update"); f == nil || f.Value.String() != "true" {
		t.Fatalf("the table of presets is not that of the data: go test ./collectors/cmdb -run Documentation -update\n%s", cmp.Diff(table.String(), have))
	}
	if err := os.WriteFile(path, []byte(before+begin+table.String()+end+after), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTheDocumentedPresetIsGood reads the preset that docs/cmdb.md shows.
func TestTheDocumentedPresetIsGood(t *testing.T) {
	page, err := os.ReadFile("../../docs/cmdb.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(page), "# presets/own.yaml\n")
	text, _, closed := strings.Cut(rest, "```")
	set, err := presets.Builtin()
	if err != nil || !ok || !closed {
		t.Fatalf("no preset is shown: %v", err)
	}
	p, err := set.Parse("own.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if b := p.Bind([]string{"Label", "u_serial", "Notes", "Owner of it", "Place", "sys_id"}); len(b.Columns) != 3 || len(b.Tags) != 1 {
		t.Errorf("it finds %+v", b)
	}
}
