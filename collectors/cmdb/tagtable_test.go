package cmdb_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
)

const (
	firstID  = "a1150000000000000000000000000001"
	secondID = "a1150000000000000000000000000002"
	thirdID  = "a1150000000000000000000000000003"
)

const tagged = "name,sys_id,sys_class_name,install_status,u_team\nweb-1," + firstID + ",cmdb_ci_server,1,payments\nweb-2," + secondID + ",cmdb_ci_server,1,\nweb-3," + thirdID + ",cmdb_ci_server,1,\n"

// withTable reads a register with a table of tags.
func withTable(t *testing.T, register, table string, change func(*cmdb.Options)) (*kept, error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"x.csv": register, "tags.csv": table} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, clock(), clock().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	return collectIn(t, dir, "x.csv", func(o *cmdb.Options) {
		o.TagTables = []string{"tags.csv"}
		if change != nil {
			change(o)
		}
	})
}

func TestTagTables(t *testing.T) {
	upper := strings.ToUpper(secondID)
	tests := []struct {
		name, register, table string
		want                  []map[string]string
	}{
		{
			"ServiceNow", tagged,
			"configuration_item,key,value\n" + firstID + ",env,prod\n" + upper + ",env,test\n" + firstID + ",owner,payments\n" + firstID + ",empty,\n",
			[]map[string]string{{"env": "prod", "owner": "payments", "empty": ""}, {"env": "test"}, {}},
		},
		{
			"another order and a column more", tagged,
			"value,sys_id,key,configuration_item\nprod,x,env," + firstID + "\n",
			[]map[string]string{{"env": "prod"}, {}, {}},
		},
		{
			"names beside ids", tagged,
			"configuration_item,configuration_item.sys_id,key,value\nweb-1," + firstID + ",env,prod\n",
			[]map[string]string{{"env": "prod"}, {}, {}},
		},
		{
			"labels", "Name,Sys ID,Class,Most Recent Discovery\nweb-1," + firstID + ",Server,\n",
			"Configuration item;Key;Value\n" + firstID + ";env;prod\n",
			[]map[string]string{{"env": "prod"}},
		},
		{
			"JSON", tagged, `{"result":[{"configuration_item":{"link":"x","value":"` + firstID + `"},"key":"env","value":"prod"},{"configuration_item":{"link":"x","value":"` + secondID + `"},"key":"env","value":"test"}]}`,
			[]map[string]string{{"env": "prod"}, {"env": "test"}, {}},
		},
		{
			"Google", "MachineId,MachineName,MemoryGiB,TotalDiskUsedGiB,IsPhysical\nm-1,web-1,1,1,TRUE\nm-2,web-2,1,1,TRUE\n",
			"MachineId,Key,Value\nm-1,env,prod\n",
			[]map[string]string{{"env": "prod"}, {}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := withTable(t, tt.register, tt.table, nil)
			if err != nil || len(out.assets) != len(tt.want) {
				t.Fatalf("error %v, assets %v", err, out.keys())
			}
			for i, want := range tt.want {
				if have := out.assets[i].Tags; !have.Equal(inventory.TagsFromMap(want)) {
					t.Errorf("row %d: %v %+v, want %v", i, have.State(), have, want)
				}
			}
		})
	}
}

func TestTagTablesBesideColumns(t *testing.T) {
	out, err := withTable(t, tagged, "configuration_item,key,value\n"+firstID+",team,other\n"+firstID+",env,prod\n"+firstID+",admin password,hunter2\n", func(o *cmdb.Options) {
		o.Tags = map[string]string{"team": "u_team"}
	})
	if err != nil {
		t.Fatal(err)
	}
	tags := out.assets[0].Tags
	team, _ := tags.Get("team")
	env, _ := tags.Get("env")
	secret, _ := tags.Get("admin password")
	if team.Value != "payments" || env.Value != "prod" || !inventory.IsSecretHash(secret.Value) {
		t.Errorf("tags are %+v", tags)
	}
}

func TestATagWithTwoValues(t *testing.T) {
	out, err := withTable(t, tagged, "configuration_item,key,value\n"+firstID+",env,prod\n"+firstID+",env,test\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if env, ok := out.assets[0].Tags.Get("env"); !ok || !env.ValueUnknown {
		t.Errorf("env is %+v, %v", env, ok)
	}
}

// TestTagsOfATableThatCannotBeReadAreUnknown, and never empty; all assets are there, and the scope is partial.
func TestTagsOfATableThatCannotBeReadAreUnknown(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		b.WriteString("configuration_item,key,value\n")
		for i := range n {
			fmt.Fprintf(&b, "%s,k%d,v\n", firstID, i)
		}
		return b.String()
	}
	row := firstID + ",env,prod\n"
	tests := []struct {
		name, table string
		change      func(*cmdb.Options)
		text        string
	}{
		{"absent", row, func(o *cmdb.Options) { o.TagTables = []string{"absent.csv"} }, "absent.csv"},
		{"empty", "", nil, "tags.csv"},
		{"no table of tags", "name,serial\na,b\n", nil, "no table of tags"},
		{"names for ids", "configuration_item,key,value\nweb-1,env,prod\n", nil, `"web-1" in column "configuration_item" is a name and no sys_id`},
		{"a row that is cut", "configuration_item,key,value\n" + row + firstID + ",env\n", nil, "line 3"},
		{"a row without its key", "configuration_item,key,value\n" + row + firstID + ",,x\n", nil, "line 3"},
		{"of other machines", "configuration_item,key,value\nb1150000000000000000000000000001,env,prod\n", nil, "none of the tags is of a row of this file"},
		{"exactly the limit", many(10_000), nil, "exactly 10000 rows"},
		{"that is too old", "configuration_item,key,value\n" + row, func(o *cmdb.Options) { o.MaxAge = 30 * time.Minute }, "old"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := withTable(t, tagged, tt.table, tt.change)
			var e *collectors.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tt.text) || tt.name != "that is too old" && (!e.Listed || !strings.Contains(err.Error(), "tag_tables")) {
				t.Fatalf("error is %v", err)
			}
			if len(out.assets) != 3 {
				t.Errorf("assets are %v", out.keys())
			}
			for _, a := range out.assets {
				if a.Tags.State() != inventory.Unknown {
					t.Errorf("%s: tags are %v", a.Key, a.Tags.State())
				}
			}
		})
	}
	t.Run("unless it is allowed", func(t *testing.T) {
		out, err := withTable(t, tagged, "configuration_item,key,value\n"+row+firstID+",,x\n", func(o *cmdb.Options) { o.MaxSkipped = 1 })
		if err != nil || out.assets[0].Tags.Len() != 1 {
			t.Errorf("error %v, tags %+v", err, out.assets)
		}
	})
	t.Run("a register without ids", func(t *testing.T) {
		out, err := withTable(t, "name,serial\na,SN-1\n", "configuration_item,key,value\n"+row, nil)
		if err == nil || !strings.Contains(err.Error(), "add sys_id or MachineId") || out.assets[0].Tags.State() != inventory.Unknown {
			t.Errorf("error %v", err)
		}
	})
}

func BenchmarkTagTable(b *testing.B) {
	dir := b.TempDir()
	var register, table strings.Builder
	register.WriteString("name,sys_id,sys_class_name,install_status\n")
	table.WriteString("configuration_item,key,value\n")
	const rows, each = 50_000, 5
	for i := range rows {
		id := fmt.Sprintf("%032x", i+1)
		fmt.Fprintf(&register, "h%d,%s,cmdb_ci_server,1\n", i, id)
		for k := range each {
			fmt.Fprintf(&table, "%s,key-%d,value-%d\n", id, k, i%97)
		}
	}
	for name, text := range map[string]string{"x.csv": register.String(), "tags.csv": table.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		o := cmdb.Spec().NewOptions().(*cmdb.Options)
		o.Paths, o.TagTables = []string{"x.csv"}, []string{"tags.csv"}
		c, err := cmdb.Spec().New(collectors.Env{Dir: dir}, inventory.Source{}, o)
		if err != nil {
			b.Fatal(err)
		}
		d := &discard{}
		if err := c.Collect(b.Context(), inventory.Scope{ID: "x.csv"}, d); err != nil || d.n != rows {
			b.Fatalf("%d assets, error %v", d.n, err)
		}
	}
	b.ReportMetric(float64(b.N)*rows*each/b.Elapsed().Seconds(), "tags/s")
}
