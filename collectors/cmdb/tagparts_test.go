package cmdb_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
)

// told is the tags of each asset: "?" if unknown, else "key=value" with "?" for a value that is.
func (k *kept) told() []string {
	var list []string
	for _, a := range k.assets {
		if a.Tags.State() != inventory.Known {
			list = append(list, "?")
			continue
		}
		var tags []string
		for t := range a.Tags.All() {
			value := t.Value
			if t.ValueUnknown {
				value = "?"
			}
			tags = append(tags, t.Key+"="+value)
		}
		list = append(list, strings.Join(tags, ","))
	}
	return list
}

// TestTagsOfRecords reads the shapes in which records of JSON hold tags. What is not understood is unknown, never empty.
func TestTagsOfRecords(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"keys and values", `[{"name":"a","tags":[{"key":"owner","value":"x"}]},{"name":"b","tags":[]},{"name":"c","tags":null},{"name":"d"}]`, "owner=x|||?"},
		{"as AWS writes them", `[{"name":"a","Tags":[{"Key":"owner","Value":"x"}]},{"name":"b","Tags":[{"Key":"env","Value":"p"}]}]`, "owner=x|env=p"},
		{"an object", `[{"name":"a","tags":{"owner":"x"}},{"name":"b","tags":{"env":"p"}},{"name":"c","tags":{}},{"name":"d"}]`, "owner=x|env=p||?"},
		{"names", `[{"name":"a","tags":["owner:x","web"]},{"name":"b","tags":[]}]`, "owner=x,web=|"},
		{"objects with names", `[{"name":"a","tags":[{"name":"prod","slug":"p"}]},{"name":"b","tags":[]},{"name":"c"}]`, "?|?|?"},
		{"an object with a name", `[{"name":"a","tags":{"name":"x","owner":"y"}}]`, "?"},
		{"a value that is an error", `[{"name":"a","tags":{"owner":"#REF!","env":"p"}}]`, "?"},
		{"a list of lists", `[{"name":"a","tags":[["x"]]},{"name":"b","tags":[{"key":"k","value":"v"}]}]`, "?|k=v"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := mustCollect(t, tt.text, preset("auto"))
			if d := cmp.Diff(tt.want, strings.Join(out.told(), "|")); d != "" {
				t.Errorf("tags (-want +have):\n%s", d)
			}
		})
	}
}

// TestDevice42sCustomFieldsAreTags: a list of keys and values is a column for each key.
func TestDevice42sCustomFieldsAreTags(t *testing.T) {
	const text = `{"Devices":[
{"name":"a","device_id":1,"serial_no":"S1X","hw_model":"m","in_service":true,"tags":["web"],"custom_fields":[{"key":"owner","value":"x","notes":null},{"key":"cost","value":null,"notes":null}]},
{"name":"b","device_id":2,"serial_no":"S2X","hw_model":"m","in_service":true,"tags":[],"custom_fields":[]},
{"name":"c","device_id":3,"serial_no":"S3X","hw_model":"m","in_service":true,"tags":[]}]}`
	out := mustCollect(t, text, preset("auto"))
	if d := cmp.Diff("owner=x,web=||?", strings.Join(out.told(), "|")); d != "" {
		t.Errorf("tags (-want +have):\n%s", d)
	}
}

// TestAnExportThatLostAColumnOfTags: none of its rows is untagged.
func TestAnExportThatLostAColumnOfTags(t *testing.T) {
	named := func(o *cmdb.Options) { o.TagColumns = []string{"owner", "env"} }
	if out := mustCollect(t, "name,serial,owner,env\na,S1X,x,\n", named); out.told()[0] != "owner=x" {
		t.Errorf("tags %v", out.told())
	}
	_, err := collect(t, "name,serial,env\na,S1X,p\n", named)
	if err == nil || !strings.Contains(err.Error(), `tag_columns[0]: there is no column "owner"`) {
		t.Errorf("error is %v", err)
	}
	out := mustCollect(t, "name,serial,env\na,S1X,p\n", func(o *cmdb.Options) { o.TagColumns = []string{"env", "u_*"} })
	if out.told()[0] != "?" || !strings.Contains(out.facts.Detail, `no column for "u_*" of tag_columns, so that tags are unknown`) {
		t.Errorf("tags %v, detail %s", out.told(), out.facts.Detail)
	}
	out = mustCollect(t, "name,serial,owner,owner\na,S1X,x,y\n", func(o *cmdb.Options) { o.TagColumns = []string{"owner"} })
	if out.told()[0] != "owner=x,owner (2)=y" {
		t.Errorf("two of a name: %v", out.told())
	}
}

// TestCellsOfATagTableThatCannotBeRead make a value unknown, or all tags, and never none.
func TestCellsOfATagTableThatCannotBeRead(t *testing.T) {
	const header = "configuration_item,key,value\n"
	out, err := withTable(t, tagged, header+firstID+",owner,#REF!\n"+secondID+",owner,x\n", nil)
	if d := cmp.Diff("owner=?|owner=x|", strings.Join(out.told(), "|")); err != nil || d != "" {
		t.Errorf("%v, tags (-want +have):\n%s", err, d)
	}
	out, err = withTable(t, tagged, `{"result":[{"configuration_item":"`+firstID+`","key":"owner"},{"configuration_item":"`+secondID+`","key":"owner","value":null}]}`, nil)
	if d := cmp.Diff("owner=?|owner=|", strings.Join(out.told(), "|")); err != nil || d != "" {
		t.Errorf("%v, tags (-want +have):\n%s", err, d)
	}
	out, err = withTable(t, tagged, header+secondID+",owner,x\n"+firstID+",#N/A,y\n", nil)
	if err == nil || !strings.Contains(err.Error(), "line 3: the row lacks the asset or the key") || out.told()[0] != "?" {
		t.Errorf("%v, tags %v", err, out.told())
	}
}

// TestARowThatCannotBeJoinedHasUnknownTags, for it may be the asset of any row of the table.
func TestARowThatCannotBeJoinedHasUnknownTags(t *testing.T) {
	const register = "name,sys_id,sys_class_name,install_status\nweb-1," + firstID + ",cmdb_ci_server,1\nweb-2,,cmdb_ci_server,1\nweb-3," + thirdID + ",cmdb_ci_server,1\n"
	out, err := withTable(t, register, "configuration_item,key,value\n"+firstID+",owner,x\n", nil)
	if d := cmp.Diff("owner=x|?|", strings.Join(out.told(), "|")); err != nil || d != "" {
		t.Errorf("%v, tags (-want +have):\n%s", err, d)
	}
}

// TestDeletedRecordsOfAnUnloadAreNoAssets: ServiceNow writes them with the act of deleting.
func TestDeletedRecordsOfAnUnloadAreNoAssets(t *testing.T) {
	out := mustCollect(t, `<unload><cmdb_ci_server action="INSERT_OR_UPDATE"><name>a</name><sys_id>`+firstID+`</sys_id><install_status>1</install_status></cmdb_ci_server>`+
		`<cmdb_ci_server action="DELETE"><name>b</name><sys_id>`+secondID+`</sys_id><install_status>1</install_status></cmdb_ci_server></unload>`, preset("auto"))
	if d := cmp.Diff([]string{firstID}, out.keys()); d != "" || !strings.Contains(out.facts.Detail, "1 rows that are deleted left out") {
		t.Errorf("%s, keys (-want +have):\n%s", out.facts.Detail, d)
	}
}
