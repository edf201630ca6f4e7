package terraform

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

func testSecrets() *secrets { return newSecrets(inventory.NewSecretHash([]byte("0123456789abcdef"))) }

// TestHide checks which parts of a value a path hides, in every shape that states have.
func TestHide(t *testing.T) {
	name := func(names ...string) (p trail) {
		for _, n := range names {
			p = append(p, step{name: n})
		}
		return p
	}
	tests := []struct {
		name, value string
		path        trail
		want        string // H stands for any hash
	}{
		{"a string", `"x"`, nil, `"H"`},
		{"a number", `5`, nil, `"H"`},
		{"a truth value", `true`, nil, `"H"`},
		{"null hides nothing", `null`, nil, `null`},
		{"an empty string hides nothing", `""`, nil, `""`},
		{"everything below", `{"a":["x",{"b":1}]}`, nil, `{"a":["H",{"b":"H"}]}`},
		{"a member", `{"pw":"x","user":"y"}`, name("pw"), `{"pw":"H","user":"y"}`},
		{"no such member", `{"user":"y"}`, name("pw"), `{"user":"y"}`},
		{"in a dynamic value", `{"type":"string","value":{"pw":"x","user":"y"}}`, name("pw"), `{"type":"string","value":{"pw":"H","user":"y"}}`},
		{"in all elements", `[{"pw":"x"},{"pw":"z"}]`, name("pw"), `[{"pw":"H"},{"pw":"H"}]`},
		{"in one element", `[{"pw":"x"},{"pw":"z"}]`, trail{{kind: byIndex, index: 1}, {name: "pw"}}, `[{"pw":"x"},{"pw":"H"}]`},
		{"no such element", `["x"]`, trail{{kind: byIndex, index: 1}}, `["x"]`},
		{"an unknown step", `{"a":"x"}`, trail{{kind: anywhere}}, `{"a":"H"}`},
		{"a path that goes on below a scalar", `"x"`, name("a", "b"), `"H"`},
	}
	s := testSecrets()
	for _, tt := range tests {
		v, err := inventory.ParseValue([]byte(tt.value))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(tt.want, maskHashes(string(valueOf(s.hide(v.Decode(), []trail{tt.path}))))); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

// maskHashes replaces every hash by H.
func maskHashes(s string) string {
	parts := strings.Split(s, `"`)
	for i, p := range parts {
		if inventory.IsSecretHash(p) {
			parts[i] = "H"
		}
	}
	return strings.Join(parts, `"`)
}

func TestSensitivity(t *testing.T) {
	tests := []struct {
		name, raw string
		schema    []string
		attribute string
		want      []trail
	}{
		{"nothing marked", ``, nil, "a", nil},
		{"an empty list", ` [] `, nil, "a", nil},
		{"a whole attribute", `[[{"type":"get_attr","value":"a"}]]`, nil, "a", []trail{{}}},
		{"another attribute", `[[{"type":"get_attr","value":"a"}]]`, nil, "b", nil},
		{"typed index", `[[{"type":"get_attr","value":"a"},{"type":"index","value":{"value":1,"type":"number"}}]]`, nil, "a", []trail{{{kind: byIndex, index: 1}}}},
		{"typed key", `[[{"type":"get_attr","value":"a"},{"type":"index","value":{"value":"k","type":"string"}}]]`, nil, "a", []trail{{{name: "k"}}}},
		{"plain index", `[[{"type":"get_attr","value":"a"},{"type":"index","value":2}]]`, nil, "a", []trail{{{kind: byIndex, index: 2}}}},
		{"an element of a set", `[[{"type":"get_attr","value":"a"},{"type":"index","value":{"value":{"x":1},"type":["object",{}]}}]]`, nil, "a", []trail{{{kind: anywhere}}}},
		{"schema", ``, []string{"a.b", "a.c"}, "a", []trail{{{name: "b"}}, {{name: "c"}}}},
		{"schema and state", `[[{"type":"get_attr","value":"a"}]]`, []string{"a.b"}, "a", []trail{{{name: "b"}}, {}}},
		{"the whole instance", `[[]]`, nil, "a", []trail{nil}},
		{"not readable", `{"a":1}`, nil, "a", []trail{nil}},
	}
	for _, tt := range tests {
		s := sensitivityOf(&instance{sensitive: []byte(tt.raw)}, tt.schema)
		if d := cmp.Diff(tt.want, s.of(tt.attribute), cmp.AllowUnexported(step{})); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

func TestSecretName(t *testing.T) {
	for name, want := range map[string]bool{
		"password": true, "admin_password": true, "secret": true, "client_secret": true, "private_key": true, "token": true,
		"secret_id": false, "tokens_per_minute": false, "password_policy": false, "name": false, "keypassword": false,
	} {
		if got := secretName(name); got != want {
			t.Errorf("secretName(%q) = %t", name, got)
		}
	}
}

func TestTooManySecrets(t *testing.T) {
	s := testSecrets()
	s.most = 100
	for i := range s.most {
		if err := s.add("secret-" + strconv.Itoa(i)); err != nil {
			t.Fatalf("after %d: %v", i, err)
		}
	}
	if err := s.add("one more"); !errors.Is(err, errTooManySecrets) {
		t.Errorf("got error %v", err)
	}
}

// TestKnownSecretIsNowhere plants a secret among other values and looks for it after scrubbing.
func TestKnownSecretIsNowhere(t *testing.T) {
	const secret = "correct horse \"battery\" staple\n"
	leaf := rapid.OneOf(rapid.Just(any(secret)), rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Just(any(nil)), rapid.Just(any(true)), rapid.Just(any(json.Number("12"))))
	value := rapid.OneOf(leaf,
		rapid.Map(rapid.SliceOf(leaf), func(l []any) any { return l }),
		rapid.Map(rapid.MapOf(rapid.OneOf(rapid.Just(secret), rapid.String()), leaf), func(m map[string]any) any { return m }))
	s := testSecrets()
	if err := s.add(map[string]any{"deep": []any{secret}}); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		v, err := inventory.ValueOf(value.Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		clean := s.value(v)
		if strings.Contains(string(clean), "battery") {
			t.Fatalf("%s still holds the secret: %s", v, clean)
		}
		if again := s.value(clean); again != clean {
			t.Fatalf("scrubbing %s twice gives %s", clean, again)
		}
		if !strings.Contains(string(v), "battery") && clean != v {
			t.Fatalf("%s holds no secret and became %s", v, clean)
		}
	})
}

// TestSecretsInEveryPlace reads a state in which one secret stands wherever a string can stand.
func TestSecretsInEveryPlace(t *testing.T) {
	const secret = "s3cret-value"
	out, err := collect(t, `{"version":4,"lineage":"x","resources":[
		{"mode":"managed","type":"aws_sqs_queue","name":"q","instances":[{"index_key":"`+secret+`","attributes":{
			"arn":"arn:aws:sqs:eu-west-1:111122223333:q","id":"`+secret+`","url":"`+secret+`","name":"`+secret+`",
			"kms_master_key_id":"`+secret+`","redrive_policy":"{\"deadLetterTargetArn\":\"`+secret+`\"}",
			"tags_all":{"`+secret+`":"key","value":"`+secret+`"}}}]},
		{"module":"module.a[0].module.b[\"`+secret+`\"]","mode":"managed","type":"aws_instance","name":"i","instances":[{"attributes":{
			"id":"`+secret+`","private_ip":"`+secret+`","private_dns":"`+secret+`","availability_zone":"`+secret+`","region":"`+secret+`",
			"user_data":"x","root_block_device":[{"volume_id":"`+secret+`","kms_key_id":"`+secret+`","tags":{"a":"`+secret+`"}}]},
			"identity":{"account_id":"`+secret+`","region":"`+secret+`"}}]},
		{"mode":"managed","type":"google_compute_instance","name":"g","instances":[{"attributes":{
			"project":"`+secret+`","zone":"`+secret+`","name":"`+secret+`","instance_id":"`+secret+`"}}]}],
		"outputs":{"o":{"sensitive":true,"type":"string","value":"`+secret+`"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.assets) < 4 {
		t.Fatalf("got %d assets, want the queue, the instance, its volume and the virtual machine", len(out.assets))
	}
	for _, a := range out.assets {
		for _, i := range a.Identifiers {
			if inventory.IsSecretHash(i.Value) {
				t.Errorf("%s: the hash of a secret identifies it as %s", a.Type, i.Kind)
			}
		}
		for _, text := range texts(a) {
			if strings.Contains(text, secret) {
				t.Errorf("%s: the secret comes out in %q", a.Type, text)
			}
		}
	}
}

// texts are all strings of an asset.
func texts(a inventory.Asset) []string {
	list := []string{a.Key, a.Name, a.Account, a.Region, a.Zone, a.Origin.Address, a.Origin.Module, a.Origin.File, a.Origin.Lineage}
	for t := range a.Tags.All() {
		list = append(list, t.Key, t.Value)
	}
	for at := range a.Attributes.All() {
		list = append(list, string(at.Value))
	}
	for _, i := range a.Identifiers {
		list = append(list, i.Value)
	}
	for _, r := range a.Relations {
		list = append(list, r.Key)
	}
	return list
}
