package jsonreport

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/muster-audit/muster/report"
)

const schemaFile = "../../docs/report.schema.json"

func TestFixturesMatchTheSchema(t *testing.T) {
	schema := compileSchema(t)
	for name, build := range fixtures() {
		if name == "empty" {
			continue // the zero report holds no valid severity, book or measure to check, but also nothing that is wrong
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(encode(t, build())))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaRefusesWhatIsWrong(t *testing.T) {
	schema := compileSchema(t)
	for _, c := range []struct{ name, old, with string }{
		{"unknown member", `"complete": false`, `"complete": false, "more": 1`},
		{"unknown severity", `"severity": "critical"`, `"severity": "dire"`},
		{"percent for a fraction", `"tag_coverage_min": 0.775`, `"tag_coverage_min": 77.5`},
		{"null list", `"parts": [`, `"parts": null, "x": [`},
		{"time that is none", `"finished": "2026-11-21T02:04:12Z"`, `"finished": "tonight"`},
	} {
		text := string(encode(t, fixtures()["small"]()))
		changed := strings.Replace(text, c.old, c.with, 1)
		if changed == text {
			t.Fatalf("%s: %s is not in the report", c.name, c.old)
		}
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(changed))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(doc) == nil {
			t.Errorf("%s: the schema accepts it", c.name)
		}
	}
}

// TestSchemaKnowsEveryField fails when a field is added to the report and not to the schema, or the other way round.
func TestSchemaKnowsEveryField(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var root node
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	c := comparison{t: t, defs: root.Defs}
	c.compare("report", reflect.TypeFor[report.Report](), root)
	if c.objects < 20 {
		t.Errorf("compared %d objects only: the walk does not reach all of the report", c.objects)
	}
}

func TestComparisonSeesAMissingField(t *testing.T) {
	type grown struct {
		Name  string `json:"name"`
		Added int    `json:"added"`
	}
	n := node{Properties: map[string]node{"name": {}}, Required: []string{"name"}}
	if got := strings.Join(mismatches(reflect.TypeFor[grown](), n), "; "); got != "added is not in the schema" {
		t.Errorf("mismatches: %q", got)
	}
}

type node struct {
	Ref        string          `json:"$ref"`
	Defs       map[string]node `json:"$defs"`
	Properties map[string]node `json:"properties"`
	Required   []string        `json:"required"`
	Additional *bool           `json:"additionalProperties"`
	Items      *node           `json:"items"`
}

type comparison struct {
	t       *testing.T
	defs    map[string]node
	objects int
}

func (c *comparison) compare(path string, typ reflect.Type, n node) {
	if n.Ref != "" {
		n = c.defs[strings.TrimPrefix(n.Ref, "#/$defs/")]
	}
	switch {
	case typ.Kind() == reflect.Slice:
		if n.Items == nil {
			c.t.Errorf("%s: a list in Go, none in the schema", path)
			return
		}
		c.compare(path+"[]", typ.Elem(), *n.Items)
	case typ.Kind() == reflect.Struct && typ != reflect.TypeFor[time.Time]():
		c.objects++
		for _, m := range mismatches(typ, n) {
			c.t.Errorf("%s: %s", path, m)
		}
		if n.Additional == nil || *n.Additional {
			c.t.Errorf("%s: the schema lets additional members in", path)
		}
		for name, f := range members(typ) {
			c.compare(path+"."+name, f.Type, n.Properties[name])
		}
	}
}

func mismatches(typ reflect.Type, n node) []string {
	var out []string
	fields := members(typ)
	for name, f := range fields {
		if _, ok := n.Properties[name]; !ok {
			out = append(out, name+" is not in the schema")
			continue
		}
		optional := strings.Contains(f.Tag.Get("json"), ",omit")
		if slices.Contains(n.Required, name) == optional {
			out = append(out, name+" is required in one and optional in the other")
		}
	}
	for name := range n.Properties {
		if _, ok := fields[name]; !ok {
			out = append(out, name+" is in the schema alone")
		}
	}
	return out
}

func members(typ reflect.Type) map[string]reflect.StructField {
	out := map[string]reflect.StructField{}
	for i := range typ.NumField() {
		f := typ.Field(i)
		if name := strings.Split(f.Tag.Get("json"), ",")[0]; name != "-" {
			out[name] = f
		}
	}
	return out
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schema, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
