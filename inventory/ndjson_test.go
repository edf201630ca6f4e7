package inventory_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

const fullLine = `{"key":"arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc","type":"AWS::EC2::Instance","book":"observed",` +
	`"source":"agents","name":"web-1","account":"111122223333","region":"eu-west-1","zone":"eu-west-1a","lifecycle":"active",` +
	`"shallow":true,"tags":{"note":null,"owner":"payments"},"attributes":{"CpuOptions":{"CoreCount":2},"InstanceType":"t3.micro"},` +
	`"unread":["UserData"],"identifiers":[{"kind":"instance-id","value":"i-0abc"},{"kind":"private-ip","value":"10.0.0.4"}],` +
	`"relations":[{"kind":"managed-by","key":"arn:aws:autoscaling:eu-west-1:111122223333:group/web"}],` +
	`"origin":{"file":"hosts.ndjson","line":7,"address":"a","module":"m","lineage":"l","call":"ec2:DescribeInstances"},` +
	`"created":"2026-01-31T10:00:00Z"}`

func fullAsset() inventory.Asset {
	return inventory.Asset{
		Key: "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", Type: "AWS::EC2::Instance", Book: inventory.Observed,
		Name: "web-1", Account: "111122223333", Region: "eu-west-1", Zone: "eu-west-1a", Lifecycle: inventory.LifecycleActive, Shallow: true,
		Tags: inventory.KnownTags(inventory.Tag{Key: "owner", Value: "payments"}, inventory.Tag{Key: "note", ValueUnknown: true}),
		Attributes: inventory.KnownAttributes(
			inventory.Attribute{Name: "InstanceType", Value: `"t3.micro"`},
			inventory.Attribute{Name: "CpuOptions", Value: `{"CoreCount":2}`},
			inventory.Attribute{Name: "UserData", Value: inventory.Unread},
		),
		Identifiers: []inventory.Identifier{{Kind: inventory.InstanceID, Value: "i-0abc"}, {Kind: inventory.PrivateIP, Value: "10.0.0.4"}},
		Relations:   []inventory.Relation{{Kind: inventory.ManagedBy, Key: "arn:aws:autoscaling:eu-west-1:111122223333:group/web"}},
		Origin:      inventory.Origin{File: "hosts.ndjson", Line: 7, Address: "a", Module: "m", Lineage: "l", Call: "ec2:DescribeInstances"},
		Created:     time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC),
	}
}

func TestDecodeAssetReadsEveryField(t *testing.T) {
	have, err := inventory.DecodeAsset([]byte(fullLine))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(fullAsset(), have); d != "" {
		t.Errorf("decoded asset (-want +have):\n%s", d)
	}
}

func TestMarshalEntryWritesEveryField(t *testing.T) {
	e := &inventory.Entry{Asset: fullAsset(), Source: "agents"}
	have, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(fullLine, string(have)); d != "" {
		t.Errorf("entry as JSON (-want +have):\n%s", d)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(have, &fields); err != nil {
		t.Fatal(err)
	}
	for _, name := range inventory.AssetFields() {
		if _, ok := fields[name]; !ok && name != "taggable" {
			t.Errorf("the full line lacks field %q", name)
		}
	}
}

func TestDecodeAssetKeepsThreeStates(t *testing.T) {
	tests := []struct {
		name, fields string
		tags         inventory.Knowledge
		attributes   bool
	}{
		{"absent is unknown", ``, inventory.Unknown, false},
		{"null is unknown", `,"tags":null,"attributes":null,"taggable":null`, inventory.Unknown, false},
		{"empty is known", `,"tags":{},"attributes":{}`, inventory.Known, true},
		{"taggable alone tells nothing of the tags", `,"taggable":true`, inventory.Unknown, false},
		{"taggable with tags", `,"tags":{"a":"b"},"taggable":true`, inventory.Known, false},
		{"not taggable", `,"taggable":false`, inventory.NotApplicable, false},
		{"not taggable, no tags", `,"taggable":false,"tags":{}`, inventory.NotApplicable, false},
		{"unread names without attributes", `,"unread":["A"]`, inventory.Unknown, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := inventory.DecodeAsset([]byte(`{"key":"k","type":"t"` + tt.fields + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if a.Tags.State() != tt.tags || a.Attributes.IsKnown() != tt.attributes {
				t.Errorf("tags %v, attributes known %v; want %v, %v", a.Tags.State(), a.Attributes.IsKnown(), tt.tags, tt.attributes)
			}
		})
	}
}

func TestDecodeAssetNamesTheField(t *testing.T) {
	tests := []struct{ line, field, message, key string }{
		{`{"key":"k","type":"t","nmae":"x"}`, "nmae", `did you mean "name"?`, "k"},
		{`{"key":"k","type":"t","weather":"x"}`, "weather", "known are key, type, book", "k"},
		{`{"type":"t"}`, "key", "missing", ""},
		{`{"key":"","type":"t"}`, "key", "missing", ""},
		{`{"key":"k"}`, "type", "missing", "k"},
		{`{"key":7,"type":"t"}`, "key", "want a string, have a number", ""},
		{`{"key":"k","type":"t","key":"l"}`, "key", "given twice", "k"},
		{`{"name":[],"key":"k","type":"t"}`, "name", "want a string, have a list", "k"},
		{`{"created":"yesterday","key":"k","type":"t"}`, "created", `"yesterday" is not a time`, "k"},
		{`{"key":"k","type":"t","book":"observd"}`, "book", `did you mean "observed"?`, "k"},
		{`{"key":"k","type":"t","lifecycle":"live"}`, "lifecycle", "is not known", "k"},
		{`{"key":"k","type":"t","tags":{"cost":5}}`, "tags.cost", "have a number", "k"},
		{`{"key":"k","type":"t","tags":{"a":"b","a":"c"}}`, "tags.a", "given twice", "k"},
		{`{"key":"k","type":"t","tags":{"":"c"}}`, "tags", "needs a key", "k"},
		{`{"key":"k","type":"t","tags":["a"]}`, "tags", "want an object, have a list", "k"},
		{`{"key":"k","type":"t","tags":{"a":"b"},"taggable":false}`, "taggable", "yet there are tags", "k"},
		{`{"key":"k","type":"t","taggable":"no"}`, "taggable", "want true or false", "k"},
		{`{"key":"k","type":"t","attributes":{"A":1,"A":2}}`, "attributes.A", "given twice", "k"},
		{`{"key":"k","type":"t","attributes":{"A":1},"unread":["A"]}`, "attributes.A", "in unread as well", "k"},
		{`{"key":"k","type":"t","attributes":{"":1}}`, "attributes", "needs a name", "k"},
		{`{"key":"k","type":"t","attributes":{},"unread":[""]}`, "unread[0]", "needs a name", "k"},
		{`{"key":"k","type":"t","identifiers":[{"kind":"seriall","value":"x"}]}`, "identifiers[0].kind", `did you mean "serial"?`, "k"},
		{`{"key":"k","type":"t","identifiers":[{"kind":"serial"}]}`, "identifiers[0].value", "missing", "k"},
		{`{"key":"k","type":"t","identifiers":[{"value":"x"}]}`, "identifiers[0].kind", "missing", "k"},
		{`{"key":"k","type":"t","identifiers":[{"kind":"serial","vlaue":"x"}]}`, "identifiers[0].vlaue", `"value"`, "k"},
		{`{"key":"k","type":"t","relations":[{"kind":"part-of","kye":"x"}]}`, "relations[0].kye", `"key"`, "k"},
		{`{"key":"k","type":"t","relations":[{"kind":"part-of"}]}`, "relations[0].key", "missing", "k"},
		{`{"key":"k","type":"t","relations":[{"key":"x"}]}`, "relations[0].kind", "missing", "k"},
		{`{"key":"k","type":"t","origin":{"line":-1}}`, "origin.line", "whole number", "k"},
		{`{"key":"k","type":"t","origin":{"fiel":"x"}}`, "origin.fiel", `"file"`, "k"},
		{`{"key":"k","type":"t","origin":{"line":1,"line":2}}`, "origin.line", "given twice", "k"},
		{`{"key":"k","type":"t","origin":{"file":"a","file":"b"}}`, "origin.file", "given twice", "k"},
		{`{"key":"k","type":"t","relations":[{"kind":"part-of","kind":"member-of","key":"x"}]}`, "relations[0].kind", "given twice", "k"},
		{`{"key":"k","type":"t","identifiers":[{"kind":"mac","value":"x","value":"y"}]}`, "identifiers[0].value", "given twice", "k"},
		{``, "", "ends too early", ""},
		{`{"key":"k","type":"t"`, "", "ends too early", "k"},
		{`{"key":"k","type":"t"} {}`, "", "one object a line", "k"},
		{`["key"]`, "", "want an object, have a list", ""},
		{`{"key":"k","type":"t","attributes":{"A":01}}`, "", "column 42 is not JSON", "k"},
		{`{"key":"k","type":"t","attributes":{"A":"\x"}}`, "", "wrong escape", "k"},
		{"{\"key\":\"k\",\"type\":\"t\",\"name\":\"\x01\"}", "", "control character", "k"},
		{"{\"key\":\"k\xff\",\"type\":\"t\"}", "", "not valid UTF-8", ""},
		{`{"key":"k","type":"t","attributes":{"A":` + strings.Repeat("[", 1e6) + `}}`, "", "nested more than", "k"},
	}
	for _, tt := range tests {
		t.Run(tt.field+" "+tt.message, func(t *testing.T) {
			a, err := inventory.DecodeAsset([]byte(tt.line))
			var e *inventory.DecodeError
			if !errors.As(err, &e) {
				t.Fatalf("error is %v", err)
			}
			if e.Field != tt.field || !strings.Contains(e.Message, tt.message) {
				t.Errorf("have field %q: %s; want field %q: …%s…", e.Field, e.Message, tt.field, tt.message)
			}
			if d := cmp.Diff(inventory.Asset{Key: tt.key}, a); d != "" {
				t.Errorf("asset beside the error (-want +have):\n%s", d)
			}
			if e.Column < 1 || e.Column > len(tt.line)+1 {
				t.Errorf("column %d is outside of the line", e.Column)
			}
		})
	}
}

func TestMarshalEntryDoesNotPassOldValuesForFacts(t *testing.T) {
	a := inventory.Asset{
		Key: "k", Type: "t", Tags: inventory.TagsFromMap(map[string]string{"a": "b"}),
		Attributes: inventory.KnownAttributes(inventory.Attribute{Name: "A", Value: "1"}, inventory.Attribute{Name: "B", Value: "2"}),
	}
	tests := []struct {
		name  string
		entry inventory.Entry
		want  string
	}{
		{"confirmed", inventory.Entry{Asset: a}, `{"key":"k","type":"t","tags":{"a":"b"},"attributes":{"A":1,"B":2}}`},
		{"tags", inventory.Entry{Asset: a, TagsUnconfirmed: true}, `{"key":"k","type":"t","attributes":{"A":1,"B":2}}`},
		{
			"one attribute",
			inventory.Entry{Asset: a, AttributesUnconfirmed: []string{"B"}},
			`{"key":"k","type":"t","tags":{"a":"b"},"attributes":{"A":1},"unread":["B"]}`,
		},
		{"all attributes", inventory.Entry{Asset: a, AttributesUnconfirmed: []string{"*"}}, `{"key":"k","type":"t","tags":{"a":"b"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			have, err := json.Marshal(&tt.entry)
			if err != nil {
				t.Fatal(err)
			}
			if string(have) != tt.want {
				t.Errorf("have %s\nwant %s", have, tt.want)
			}
		})
	}
}

func TestEncodeAssetMakesValidJSONOfAnyBytes(t *testing.T) {
	a := inventory.Asset{Key: "k\xff", Type: "t", Name: "\"\\\n\u2028", Tags: inventory.KnownTags(inventory.Tag{Key: "\xc3", Value: "\x00"})}
	if b := inventory.EncodeAsset(&a); !json.Valid(b) {
		t.Errorf("not JSON: %s", b)
	}
}

func drawAsset(t *rapid.T) inventory.Asset {
	text := rapid.String()
	name := rapid.StringMatching(`.+`)
	a := inventory.Asset{
		Key: name.Draw(t, "key"), Type: inventory.Type(name.Draw(t, "type")),
		Book: rapid.SampledFrom(append(inventory.Books(), "")).Draw(t, "book"),
		Name: text.Draw(t, "name"), Account: text.Draw(t, "account"), Region: text.Draw(t, "region"), Zone: text.Draw(t, "zone"),
		Lifecycle: rapid.SampledFrom([]inventory.Lifecycle{"", inventory.LifecyclePlanned, inventory.LifecycleRetiring}).Draw(t, "lifecycle"),
		Shallow:   rapid.Bool().Draw(t, "shallow"),
		Origin:    inventory.Origin{File: text.Draw(t, "file"), Line: rapid.IntRange(0, 1<<30).Draw(t, "line"), Call: text.Draw(t, "call")},
	}
	switch rapid.IntRange(0, 3).Draw(t, "tags") {
	case 1:
		a.Tags = inventory.NotTaggable()
	case 2:
		a.Tags = inventory.TagsFromMap(rapid.MapOfN(name, text, 0, 5).Draw(t, "tag list"))
	case 3:
		a.Tags = inventory.KnownTags(inventory.Tag{Key: name.Draw(t, "tag"), ValueUnknown: true})
	}
	if rapid.Bool().Draw(t, "attributes") {
		var list []inventory.Attribute
		for n, v := range rapid.MapOfN(name, text, 0, 5).Draw(t, "attribute list") {
			list = append(list, inventory.Attribute{Name: n, Value: inventory.StringValue(v)})
		}
		list = append(list, inventory.Attribute{Name: "n\u00e9sted", Value: `{"a":[1,2.50,{"b":null}],"\u003c":true}`}, inventory.Attribute{Name: "not read"})
		v, err := inventory.ParseValue([]byte(list[len(list)-2].Value))
		if err != nil {
			t.Fatal(err)
		}
		list[len(list)-2].Value = v
		a.Attributes = inventory.KnownAttributes(list...)
	}
	for _, k := range rapid.SliceOfN(rapid.SampledFrom(inventory.IdentifierKinds()), 0, 4).Draw(t, "kinds") {
		a.Identifiers = append(a.Identifiers, inventory.Identifier{Kind: k, Value: name.Draw(t, "value")})
	}
	a.Identifiers = inventory.SortIdentifiers(a.Identifiers)
	for range rapid.IntRange(0, 3).Draw(t, "relations") {
		a.Relations = append(a.Relations, inventory.Relation{Kind: inventory.MemberOf, Key: name.Draw(t, "to")})
	}
	a.Relations = inventory.SortRelations(a.Relations)
	if rapid.Bool().Draw(t, "has created") {
		a.Created = time.Unix(rapid.Int64Range(-1e9, 1e11).Draw(t, "created"), rapid.Int64Range(0, 1e9-1).Draw(t, "ns")).UTC()
	}
	return a
}

func TestEncodeDecodeRoundTrip(t *testing.T) {
	schema := assetSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		want := drawAsset(t)
		line := inventory.EncodeAsset(&want)
		if bytes.ContainsAny(line, "\n\r") {
			t.Fatalf("more than one line: %q", line)
		}
		have, err := inventory.DecodeAsset(line)
		if err != nil {
			t.Fatalf("decode %s: %v", line, err)
		}
		if d := cmp.Diff(want, have); d != "" {
			t.Fatalf("round trip of %s (-want +have):\n%s", line, d)
		}
		if err := validate(schema, line); err != nil {
			t.Fatalf("%s breaks the schema: %v", line, err)
		}
	})
}

func assetSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../docs/asset.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(s *jsonschema.Schema, line []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

// TestSchemaAgreesWithDecoder holds the schema and the decoder against each other. What no schema can tell, such as two
// members of one name, is left out.
func TestSchemaAgreesWithDecoder(t *testing.T) {
	schema := assetSchema(t)
	lines := []string{
		fullLine,
		`{"key":"k","type":"t"}`,
		`{"key":"k","type":"t","name":null,"tags":null,"taggable":null,"created":null,"origin":null,"relations":null}`,
		`{"key":"k"}`, `{"type":"t"}`, `{"key":"","type":"t"}`, `{"key":"k","type":""}`, `{"key":null,"type":"t"}`, `[]`, `{"key":7,"type":"t"}`,
		`{"key":"k","type":"t","nmae":"x"}`,
		`{"key":"k","type":"t","tags":{"a":1}}`, `{"key":"k","type":"t","tags":{"a":null}}`, `{"key":"k","type":"t","tags":{"":"x"}}`,
		`{"key":"k","type":"t","taggable":false,"tags":{"a":"b"}}`, `{"key":"k","type":"t","taggable":false,"tags":{}}`,
		`{"key":"k","type":"t","taggable":true,"tags":{"a":"b"}}`, `{"key":"k","type":"t","shallow":"x"}`,
		`{"key":"k","type":"t","book":"recorded"}`, `{"key":"k","type":"t","book":"other"}`, `{"key":"k","type":"t","lifecycle":"retired"}`,
		`{"key":"k","type":"t","lifecycle":"gone"}`, `{"key":"k","type":"t","created":"2026-01-31T10:00:00+02:00"}`,
		`{"key":"k","type":"t","created":"2026-01-31"}`,
		`{"key":"k","type":"t","attributes":{"a":{"b":[1]}},"unread":["c"]}`, `{"key":"k","type":"t","attributes":{"":1}}`,
		`{"key":"k","type":"t","unread":[1]}`, `{"key":"k","type":"t","unread":[""]}`,
		`{"key":"k","type":"t","identifiers":[{"kind":"mac","value":"x"}]}`, `{"key":"k","type":"t","identifiers":[{"kind":"mac","value":""}]}`,
		`{"key":"k","type":"t","identifiers":[{"kind":"imei","value":"x"}]}`, `{"key":"k","type":"t","identifiers":[{"kind":"mac"}]}`,
		`{"key":"k","type":"t","identifiers":[{"kind":"mac","value":"x","more":1}]}`, `{"key":"k","type":"t","identifiers":{}}`,
		`{"key":"k","type":"t","relations":[{"kind":"part-of","key":"x"}]}`, `{"key":"k","type":"t","relations":[{"kind":"near","key":"x"}]}`,
		`{"key":"k","type":"t","origin":{"line":3}}`, `{"key":"k","type":"t","origin":{"line":-3}}`, `{"key":"k","type":"t","origin":{"line":1.5}}`,
		`{"key":"k","type":"t","origin":{"row":1}}`,
	}
	accepted := 0
	for _, line := range lines {
		_, decodeErr := inventory.DecodeAsset([]byte(line))
		schemaErr := validate(schema, []byte(line))
		if (decodeErr == nil) != (schemaErr == nil) {
			t.Errorf("%s\ndecoder: %v\nschema: %v", line, decodeErr, schemaErr)
		}
		if decodeErr == nil {
			accepted++
		}
	}
	if accepted == 0 || accepted == len(lines) {
		t.Errorf("%d of %d lines are accepted", accepted, len(lines))
	}
}

func TestSchemaNamesEveryFieldAndChoice(t *testing.T) {
	b, err := os.ReadFile("../docs/asset.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Properties map[string]struct{ Description string }
		Defs       map[string]struct{ Enum []string } `json:"$defs"`
	}
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Properties) != len(inventory.AssetFields()) {
		t.Errorf("the schema has %d fields, the decoder %d", len(s.Properties), len(inventory.AssetFields()))
	}
	for _, name := range inventory.AssetFields() {
		if s.Properties[name].Description == "" {
			t.Errorf("field %q has no description", name)
		}
	}
	for _, k := range inventory.IdentifierKinds() {
		if !slices.Contains(s.Defs["identifierKind"].Enum, string(k)) {
			t.Errorf("identifier kind %q is not in the schema", k)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"key", "type", "tags", "taggable", "account", "identifiers"}
	tests := []struct{ word, want string }{
		{"kye", "key"},
		{"Account", "account"},
		{"tag", "tags"},
		{"identifers", "identifiers"},
		{"wholly else", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if have := inventory.Nearest(tt.word, known); have != tt.want {
			t.Errorf("nearest of %q: have %q, want %q", tt.word, have, tt.want)
		}
	}
}

func FuzzDecodeAsset(f *testing.F) {
	f.Add([]byte(fullLine))
	f.Add([]byte(`{"key":"\ud83d","type":"t","attributes":{"a":-0.1e+5,"b":"\u00e9"}}`))
	f.Add([]byte(`{"key":"k","type":"t","tags":{"a":null}} x`))
	f.Add([]byte(`{"key":"k","type":"t","attributes":{"a":{"b":1,"a":[ ]},"b":[{},[1,true]],"c":{"a":1,"a":2}}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		a, err := inventory.DecodeAsset(line)
		if err != nil {
			return
		}
		if !json.Valid(line) {
			t.Fatalf("accepts what is not JSON: %q", line)
		}
		for at := range a.Attributes.All() {
			if v, err := inventory.ParseValue([]byte(at.Value)); at.Value.IsRead() && (err != nil || v != at.Value) {
				t.Fatalf("attribute %q is %s, whose canonical form is %s (%v)", at.Name, at.Value, v, err)
			}
		}
		again, err := inventory.DecodeAsset(inventory.EncodeAsset(&a))
		if err != nil {
			t.Fatalf("does not read what it wrote: %v", err)
		}
		if d := cmp.Diff(a, again); d != "" {
			t.Fatalf("round trip (-first +second):\n%s", d)
		}
	})
}

func BenchmarkDecodeAsset(b *testing.B) {
	line := []byte(fullLine)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := inventory.DecodeAsset(line); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeAsset(b *testing.B) {
	a := fullAsset()
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = inventory.AppendAsset(buf[:0], &a)
	}
}
