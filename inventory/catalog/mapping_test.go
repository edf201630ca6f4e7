package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// resource makes a Lookup of a resource's attributes.
func resource(t *testing.T, attributes map[string]string) Lookup {
	t.Helper()
	values := map[string]inventory.Value{}
	for name, text := range attributes {
		v, err := inventory.ParseValue([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		values[name] = v
	}
	return func(name string) (any, bool) {
		v, ok := values[name]
		return v.Decode(), ok
	}
}

func TestMappingValue(t *testing.T) {
	get := resource(t, map[string]string{
		"size":      `20`,
		"big":       `9007199254740993`,
		"unset":     `null`,
		"empty":     `[]`,
		"meta":      `[{"tokens":"required","none":null}]`,
		"document":  `"{\"b\":1,\"a\":[2]}"`,
		"no_text":   `""`,
		"not_json":  `"a{"`,
		"attribute": `[{"name":"id","type":"S","extra":true},{"name":"at","type":null}]`,
		"hash_key":  `"id"`,
		"range_key": `null`,
		"sort":      `"at"`,
		"rules":     `[{"port":1,"from":[{"net":"a"}],"names":[],"only":1},{"port":2,"from":[{"net":"b"},{"net":"c"}],"names":["x","y"]}]`,
	})
	tests := []struct {
		name    string
		mapping Mapping
		want    inventory.Value
		ok      bool
	}{
		{"as it is", Mapping{From: []string{"size"}}, `20`, true},
		{"exact beyond 2^53", Mapping{From: []string{"big"}}, `9007199254740993`, true},
		{"known to be unset", Mapping{From: []string{"unset"}}, inventory.Null, true},
		{"an attribute that this provider does not have", Mapping{From: []string{"nope"}}, inventory.Unread, false},
		{"below one that it does not have", Mapping{From: []string{"nope.0.x"}}, inventory.Unread, false},
		{"in a block", Mapping{From: []string{"meta.0.tokens"}}, `"required"`, true},
		{"unset in a block", Mapping{From: []string{"meta.0.none"}}, inventory.Null, true},
		{"a member that this provider's block does not have", Mapping{From: []string{"meta.0.nope"}}, inventory.Unread, false},
		{"a block that is not set", Mapping{From: []string{"empty.0.tokens"}}, inventory.Null, true},
		{"a path through a scalar", Mapping{From: []string{"size.0"}}, inventory.Unread, false},
		{"JSON in a string", Mapping{From: []string{"document"}, As: "json"}, `{"a":[2],"b":1}`, true},
		{"no JSON in a string", Mapping{From: []string{"no_text"}, As: "json"}, inventory.Null, true},
		{"broken JSON stays", Mapping{From: []string{"not_json"}, As: "json"}, `"a{"`, true},
		{
			"renamed",
			Mapping{From: []string{"attribute"}, Fields: map[string]string{"name": "AttributeName", "type": "AttributeType"}},
			`[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"at"}]`, true,
		},
		{
			"hash key alone",
			Mapping{From: []string{"hash_key", "range_key"}, As: "key-schema"},
			`[{"AttributeName":"id","KeyType":"HASH"}]`, true,
		},
		{
			"hash and range key",
			Mapping{From: []string{"hash_key", "sort"}, As: "key-schema"},
			`[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}]`, true,
		},
		{"of every block", Mapping{From: []string{"rules.*.port"}}, `[1,2]`, true},
		{"of every block in every block", Mapping{From: []string{"rules.*.from.*.net"}}, `["a","b","c"]`, true},
		{"the lists of every block", Mapping{From: []string{"rules.*.names"}}, `["x","y"]`, true},
		{"of no blocks", Mapping{From: []string{"empty.*.port"}}, `[]`, true},
		{"of blocks that are not set", Mapping{From: []string{"unset.*.port"}}, `[]`, true},
		{"of blocks of which one does not have it", Mapping{From: []string{"rules.*.only"}}, inventory.Unread, false},
		{"of what is no list", Mapping{From: []string{"size.*.port"}}, inventory.Unread, false},
		{"a block that is there", Mapping{From: []string{"meta"}, As: "present"}, inventory.True, true},
		{"a block that is not there", Mapping{From: []string{"empty"}, As: "present"}, inventory.False, true},
		{"a block that is null", Mapping{From: []string{"unset"}, As: "present"}, inventory.False, true},
		{"a block that this provider does not have", Mapping{From: []string{"nope"}, As: "present"}, inventory.Unread, false},
		{
			"renamed, without what is empty",
			Mapping{From: []string{"rules"}, Fields: map[string]string{"port": "Port", "names": "Names", "from": "From"}},
			`[{"From":[{"net":"a"}],"Port":1},{"From":[{"net":"b"},{"net":"c"}],"Names":["x","y"],"Port":2}]`, true,
		},
		{"half a key schema is none", Mapping{From: []string{"hash_key", "nope"}, As: "key-schema"}, inventory.Unread, false},
	}
	for _, tt := range tests {
		got, ok := tt.mapping.Value(get)
		if got != tt.want || ok != tt.ok {
			t.Errorf("%s: got %q, %t, want %q, %t", tt.name, got, ok, tt.want, tt.ok)
		}
	}
}

func TestTemplateFields(t *testing.T) {
	tests := map[string][]string{
		"arn:{partition}:ec2:{region}:x/{id}": {"partition", "region", "id"},
		"plain":                               nil,
		"{open":                               nil,
		"":                                    nil,
	}
	for template, want := range tests {
		if d := cmp.Diff(want, TemplateFields(template)); d != "" {
			t.Errorf("%q (-want +got):\n%s", template, d)
		}
	}
}
