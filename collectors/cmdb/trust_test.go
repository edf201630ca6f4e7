package cmdb_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
)

// has reports whether an asset has an identifier of a kind.
func has(a inventory.Asset, kind inventory.IdentifierKind) bool {
	return slices.ContainsFunc(a.Identifiers, func(i inventory.Identifier) bool { return i.Kind == kind })
}

func TestRoundedNumbersIdentifyNothing(t *testing.T) {
	for _, cell := range []string{"6.37702E+15", "1.23457E+11", `"1,23457E+11"`, "1E+15", "6.37702e+15"} {
		out := mustCollect(t, "name,note,serial,asset tag\nweb-1,x,"+cell+",A-1\nweb-2,x,SN0002AB,"+cell+"\n", nil)
		if d := cmp.Diff([]string{"A-1", "SN0002AB"}, out.keys()); d != "" {
			t.Errorf("%s: keys (-want +have):\n%s", cell, d)
		}
		if has(out.assets[0], inventory.Serial) || has(out.assets[1], inventory.AssetTag) {
			t.Errorf("%s identifies %+v", cell, out.assets)
		}
		if len(out.problems) != 2 {
			t.Fatalf("%s: problems %+v", cell, out.problems)
		}
		first, second := out.problems[0], out.problems[1]
		// The first row had the serial for a key, so nothing may be taken for gone; the second has the same key as ever.
		if first.Key != "" || first.Line != 2 || first.Column != 3 || second.Key != "SN0002AB" || second.Line != 3 || second.Column != 4 {
			t.Errorf("%s: problems %+v", cell, out.problems)
		}
		for _, p := range out.problems {
			if p.File != "x.csv" || !strings.Contains(p.Message, strings.Trim(cell, `"`)) || !strings.Contains(p.Remedy, "as text") {
				t.Errorf("%s: problem %+v", cell, p)
			}
		}
	}
	for _, cell := range []string{"5E10", "1E10", "A1.5E+11", "12.5E+11", "1.5E+x", "E+15", "2024E+1", "1E+1234"} {
		if out := mustCollect(t, "name,serial\nweb-1,"+cell+"\n", nil); !slices.Equal(out.keys(), []string{cell}) || len(out.problems) > 0 {
			t.Errorf("%s: keys %v, problems %+v", cell, out.keys(), out.problems)
		}
	}
}

func TestARowOfWhichOnlyARoundedNumberIsLeft(t *testing.T) {
	out := mustCollect(t, "serial,note\n6.37702E+15,x\nSN0002AB,y\n", nil)
	if len(out.assets) != 1 || len(out.problems) != 1 || out.problems[0].Line != 2 || out.problems[0].Key != "" {
		t.Errorf("assets %v, problems %+v", out.keys(), out.problems)
	}
}

// numbers is a register with a serial number a row.
func numbers(serials []string) string {
	var b strings.Builder
	b.WriteString("name,serial\n")
	for i, s := range serials {
		fmt.Fprintf(&b, "web-%d,%s\n", i, s)
	}
	return b.String()
}

func TestLostZeros(t *testing.T) {
	wide := func(n int, change func(i int) string) []string {
		var list []string
		for i := range n {
			s := fmt.Sprintf("%07d", 3_000_000+i*7919)
			if c := change(i); c != "" {
				s = c
			}
			list = append(list, s)
		}
		return list
	}
	short := func(i int) string {
		if i%10 == 3 {
			return fmt.Sprintf("%06d", 200_000+i)
		}
		return ""
	}
	tests := []struct {
		name    string
		serials []string
		lost    int
	}{
		{"some are shorter", wide(40, short), 4},
		{"too few rows to tell", wide(10, short), 0},
		{"all as wide", wide(40, func(int) string { return "" }), 0},
		{"zeros are kept", append(wide(40, short), "0123456"), 0},
		{"letters", wide(40, func(i int) string { return fmt.Sprintf("SN%05d", i) }), 0},
		{"some longer", append(wide(40, short), "12345678"), 0},
		{"many lengths", wide(40, func(i int) string { return strings.Repeat("4", 3+i%5) }), 0},
		{"much shorter", wide(40, func(i int) string { return strings.Repeat("4", i%2*4) + "2" }), 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, numbers(tt.serials), nil)
			if len(out.assets) != len(tt.serials) || len(out.problems) != tt.lost {
				t.Fatalf("%d assets, %d problems, want %d", len(out.assets), len(out.problems), tt.lost)
			}
			for i, a := range out.assets {
				doubtful := tt.lost > 0 && len(tt.serials[i]) == 6
				if has(a, inventory.Serial) == doubtful {
					t.Errorf("%s: identifiers %v", tt.serials[i], a.Identifiers)
				}
			}
			for _, p := range out.problems {
				if p.Key == "" || p.Column != 2 || !strings.Contains(p.Message, "of 40 values of the column 40 are digits alone, 36 of them 7 long, 4 shorter") {
					t.Errorf("problem %+v", p)
				}
			}
		})
	}
	t.Run("keys stay", func(t *testing.T) {
		list := wide(40, short)
		if d := cmp.Diff(list, mustCollect(t, numbers(list), nil).keys()); d != "" {
			t.Errorf("keys (-want +have):\n%s", d)
		}
	})
}

func TestPlaceholdersAreNoIdentifiers(t *testing.T) {
	for _, cell := range []string{"n/a", "none", "tbd", "-", "—", "–", "unknown", "same", "Same"} {
		out := mustCollect(t, "name,serial,asset tag,uuid\nweb-1,"+cell+","+cell+","+cell+"\n", nil)
		if !slices.Equal(out.keys(), []string{"web-1"}) || len(out.assets[0].Identifiers) > 0 {
			t.Errorf("%s: keys %v, identifiers %v", cell, out.keys(), out.assets[0].Identifiers)
		}
	}
}

// TestUnreadIsNotEmpty: an error of a spreadsheet and a text that is no number are no values, and an empty cell is one.
func TestUnreadIsNotEmpty(t *testing.T) {
	const content = "name,serial,model,memory (mb),status,tags\na,SN-1,#NAME?,much,#REF!,#N/A\nb,SN-2,,,,\n"
	out := mustCollect(t, content, func(o *cmdb.Options) { o.Preset = "spreadsheet" })
	if len(out.assets) != 2 || out.assets[0].Tags.State() != inventory.Unknown || out.assets[1].Tags.State() != inventory.Known {
		t.Fatalf("tags of %+v", out.assets)
	}
	for _, name := range []string{"model", "memory_mb", "status"} {
		_, read := out.assets[0].Attributes.Get(name)
		empty, known := out.assets[1].Attributes.Get(name)
		if read || !known || empty != inventory.Null {
			t.Errorf("%s: a is read %v; b is %q, %v", name, read, empty, known)
		}
	}
	if out.assets[0].Lifecycle != inventory.LifecycleUnknown || out.assets[1].Lifecycle != inventory.LifecycleUnknown {
		t.Errorf("stages %q, %q", out.assets[0].Lifecycle, out.assets[1].Lifecycle)
	}
}

func TestTagsThatCannotBeReadAreUnknown(t *testing.T) {
	out := mustCollect(t, "name,serial,tags\na,SN-1,\"[{\"\"colour\"\":1}]\"\nb,SN-2,\"env: prod\"\n", func(o *cmdb.Options) { o.Preset = "spreadsheet" })
	if out.assets[0].Tags.State() != inventory.Unknown || !out.assets[1].Tags.Equal(inventory.KnownTags(inventory.Tag{Key: "env", Value: "prod"})) {
		t.Errorf("tags are %v, %v", out.assets[0].Tags, out.assets[1].Tags)
	}
	if len(out.problems) != 1 || out.problems[0].Key != "SN-1" || out.problems[0].Line != 2 || out.problems[0].Column != 3 {
		t.Errorf("problems %+v", out.problems)
	}
}
