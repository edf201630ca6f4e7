package resource

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
		s := sensitivityOf(&Instance{Sensitive: []byte(tt.raw)}, tt.schema)
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
	if err := s.add("one more"); !errors.Is(err, ErrTooManySecrets) {
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
