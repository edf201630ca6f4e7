package catalog

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

func TestEqual(t *testing.T) {
	const zeroDefault = inventory.Value("0")
	tests := []struct {
		compare string
		def     inventory.Value
		a, b    inventory.Value
		want    bool
	}{
		{"", "", `"a"`, `"a"`, true},
		{"", "", `"a"`, `"A"`, false},
		{"", "", `"hmac:00112233445566778899aabbccddeeff"`, `"a"`, true}, // nobody can tell
		{"", "", `"hmac:00112233445566778899aabbccddeeff"`, `"hmac:ff112233445566778899aabbccddeeff"`, false},
		{"", "", `["a","hmac:00112233445566778899aabbccddeeff"]`, `["a","b"]`, true},
		{"", "", `1`, `"1"`, false},
		{"", "", `null`, `""`, false},
		{"", "", inventory.Unread, `"a"`, true}, // what was not read differs from nothing
		{"", `"default"`, `null`, `"default"`, true},
		{"", `"default"`, `""`, `"dedicated"`, false},
		{"num", zeroDefault, `null`, `"0"`, true},
		{"num", zeroDefault, `null`, `"30"`, false},
		{"num", "", `100`, `"100.0"`, true},
		{"num", "", `100`, `"100.5"`, false},
		{"num", "", `9007199254740993`, `"9007199254740992"`, false},
		{"num", "", `1e3`, `"1000"`, true},
		{"num", "", `"-0"`, `0`, true},
		{"num", "", `"0x10"`, `16`, false},
		{"num", "", `""`, `0`, false},
		{"bool", "", `"Enabled"`, `true`, true},
		{"bool", "", `"disabled"`, `true`, false},
		{"bool", "", `0`, `false`, true},
		{"zero", "", `null`, `""`, true},
		{"zero", "", `[]`, `{}`, true},
		{"zero", "", `false`, `0`, true},
		{"zero", "", `false`, `true`, false},
		{"zero", "", `"0"`, `null`, false},
		{"num, zero", "", `"0"`, `null`, true},
		{"zero, num", "", `"0.0"`, `null`, true}, // the order of names does not matter
		{"set", "", `["a","b"]`, `["b","a","a"]`, true},
		{"set", "", `["a"]`, `["a","b"]`, false},
		{"set", "", `[{"k":"a"},{"k":"b"}]`, `[{"k":"b"},{"k":"a"}]`, true},
		{"ordered", "", `["a","b"]`, `["b","a"]`, false},
		{"set, ci", "", `["A"]`, `["a"]`, true},
		{"ci", "", `"MySQL"`, `"mysql"`, true},
		{"dot", "", `"example.com."`, `"example.com"`, true},
		{"cidr", "", `"10.1.2.3/8"`, `"10.0.0.0/8"`, true},
		{"cidr", "", `"10.0.0.0/8"`, `"10.0.0.0/9"`, false},
		{"cidr", "", `"2001:db8:0:0::/32"`, `"2001:db8::/32"`, true},
		{"dur", "", `"60s"`, `"1m0.0s"`, true},
		{"dur", "", `"60s"`, `"61s"`, false},
		{"json", "", `"{\"a\":\"4\",\"b\":true}"`, `{"b":"true","a":4}`, true},
		{"json", "", `"{\"a\":5}"`, `{"a":4}`, false},
		{"json, zero", "", `""`, `null`, true},
		{"json", "", `"{not json"`, `"{not json"`, true},
		{"json", "", `"{not json"`, `{"a":1}`, false},
		{"arnname", "", `"app"`, `"arn:aws:iam::111122223333:instance-profile/team/app"`, true},
		{"arnname", "", `"team/app"`, `"arn:aws:iam::111122223333:instance-profile/team/app"`, true},
		{"arnname", "", `"alias/app"`, `"arn:aws:kms:eu-west-1:111122223333:alias/app"`, true},
		{"arnname", "", `"pp"`, `"arn:aws:iam::111122223333:instance-profile/app"`, false},
		{"arnname", "", `"arn:aws:iam::111122223333:role/app"`, `"arn:aws:iam::444455556666:role/app"`, false},
		{"arnname", "", `""`, `"arn:aws:sns:eu-west-1:111122223333:"`, false},
		{"ver", "", `"8.0"`, `"8.0.45"`, true},
		{"ver", "", `"8.0"`, `"8.05"`, false},
		{"ver", "", `""`, `".1"`, false},
		{"ver", "", `"6.x"`, `"6.2.6"`, true},
		{"ver", "", `"6.x"`, `"7.0"`, false},
		{"link", "", `"https://www.googleapis.com/compute/v1/projects/p/global/networks/n"`, `"//compute.googleapis.com/projects/p/global/networks/n"`, true},
		{"link", "", `"https://compute.googleapis.com/compute/beta/projects/p/global/networks/n"`, `"projects/p/global/networks/n"`, true},
		{"link", "", `"global/networks/n"`, `"projects/p/global/networks/n"`, true},
		{"link", "", `"n"`, `"https://www.googleapis.com/compute/v1/projects/p/global/networks/n"`, true},
		{"link", "", `"n"`, `"//compute.googleapis.com/projects/p/global/networks/main"`, false},
		{"link", "", `"etworks/n"`, `"projects/p/global/networks/n"`, false},
		{"link", "", `"projects/p/global/networks/n"`, `"projects/q/global/networks/n"`, false},
		{"link", "", `"projects/p/global/networks/n"`, `"projects/420000000001/global/networks/n"`, true}, // whose number it is nobody says
		{"link", "", `"projects/420000000002/global/networks/n"`, `"projects/420000000001/global/networks/n"`, false},
		{"link", "", `"//pubsub.googleapis.com/projects/p/topics/n"`, `"//pubsublite.googleapis.com/projects/p/topics/n"`, false},
		{"link", "", `""`, `"projects/p/global/networks/n"`, false},
		{"link", "", `"N"`, `"projects/p/global/networks/n"`, false},
		{"link", "", `["a","projects/p/zones/z/disks/b"]`, `["projects/p/zones/z/disks/a","b"]`, true},
		{"link", "", `["b","a"]`, `["projects/p/zones/z/disks/a","b"]`, false},
		{"link, set", "", `["b","a"]`, `["projects/p/zones/z/disks/a","b"]`, true},
		{"link, set", "", `["n","projects/p/x/n"]`, `["projects/q/x/n","projects/p/x/n"]`, true},
		{"link, set", "", `["n"]`, `["projects/q/x/n","projects/p/x/n"]`, false},
		{"link, set", "", `["n",1]`, `["projects/q/x/n",1]`, false},
		{"link, zero", "", `null`, `""`, true},
		{"keyver, link", "", `"projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/3"`, `"//cloudkms.googleapis.com/projects/p/locations/l/keyRings/r/cryptoKeys/k"`, true},
		{"keyver", "", `"projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/3"`, `"projects/p/locations/l/keyRings/r/cryptoKeys/j"`, false},
		{"ver", "", `".x"`, `"7.0"`, false},
	}
	for _, tt := range tests {
		a := Attribute{Comparator: tt.compare, Default: tt.def}
		if got := Equal(a, tt.a, tt.b); got != tt.want {
			t.Errorf("%q default %q: Equal(%s, %s) = %t", tt.compare, tt.def, tt.a, tt.b, got)
		}
		if got := Equal(a, tt.b, tt.a); got != tt.want {
			t.Errorf("%q default %q: Equal(%s, %s) = %t, and the other way round it is not", tt.compare, tt.def, tt.b, tt.a, got)
		}
	}
}

func TestPolicy(t *testing.T) {
	const base = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],
		"Resource":"*","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
		"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"},"Bool":{"aws:SecureTransport":true}}}]}`
	tests := []struct {
		name, other string
		want        bool
	}{
		{"one statement without a list, other order, other case, an id for the root", `{"Statement":{"Sid":"x",
			"Principal":{"AWS":["111122223333"]},"Action":["S3:PutObject","s3:getobject"],"Resource":["*"],"Effect":"Allow",
			"Condition":{"Bool":{"aws:securetransport":"true"},"StringEquals":{"aws:principalorgid":["o-1"]}}},
			"Version":"2012-10-17","Id":"doc"}`, true},
		{"another version", strings.Replace(base, "2012-10-17", "2008-10-17", 1), false},
		{"another action", strings.Replace(base, "s3:PutObject", "s3:DeleteObject", 1), false},
		{"another effect", strings.Replace(base, "Allow", "Deny", 1), false},
		{"another account", strings.Replace(base, "111122223333", "444455556666", 1), false},
		{"a resource's case matters", strings.Replace(base, `"Resource":"*"`, `"Resource":"A"`, 1), false},
		{"another condition", strings.Replace(base, "o-1", "o-2", 1), false},
	}
	attr := Attribute{Comparator: "policy"}
	want := inventory.StringValue(base)
	for _, tt := range tests {
		if got := Equal(attr, want, inventory.StringValue(tt.other)); got != tt.want {
			t.Errorf("%s: equal is %t", tt.name, got)
		}
	}
	object, err := inventory.ParseValue([]byte(base))
	if err != nil {
		t.Fatal(err)
	}
	if !Equal(attr, want, object) {
		t.Error("a policy in a string differs from the same as an object")
	}
	encoded := "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"
	if !Equal(attr, inventory.StringValue(encoded), `{"Version":"2012-10-17","Statement":[]}`) {
		t.Error("a URL-encoded policy differs from the same in clear")
	}
	if !Equal(attr, `{"Statement":[{"Principal":"*"}]}`, `{"Statement":[{"Principal":{"AWS":["*"]}}]}`) {
		t.Error(`principal "*" differs from {"AWS": "*"}`)
	}
}

// anyValue draws JSON values of the kinds that attributes have, with the shapes that comparators look into.
func anyValue() *rapid.Generator[inventory.Value] {
	scalar := rapid.OneOf(
		rapid.SampledFrom([]string{
			"null", "true", "false", "0", "1", "1.50", "-0", "1e2", `""`, `"0"`, `"1.0"`, `"true"`, `"Enabled"`,
			`"60s"`, `"1h0m"`, `"a."`, `"A/"`, `"10.1.2.3/8"`, `"::1"`, `"8.0"`, `"8.0.1"`, `"{\"a\":\"1\"}"`, `"{\"Statement\":{\"Action\":\"S3:*\"}}"`,
			`"arn:aws:iam::111122223333:role/app"`, `"app"`, `"%7B%7D"`, `"[]"`,
			`"//compute.googleapis.com/projects/p/global/networks/app"`, `"https://www.googleapis.com/compute/v1/projects/q/global/networks/app/"`,
			`"projects/p/global/networks/app"`, `"projects/1/global/networks/app"`, `"/app/"`, `"k/cryptoKeyVersions/1/cryptoKeyVersions/2"`, `"k/cryptoKeyVersions/1/"`,
		}),
		rapid.Map(rapid.String(), func(s string) string { return string(inventory.StringValue(s)) }),
		rapid.Map(rapid.Int64(), func(n int64) string { return string(inventory.IntValue(n)) }),
	)
	list := rapid.Map(rapid.SliceOfN(scalar, 0, 4), func(l []string) string { return "[" + strings.Join(l, ",") + "]" })
	object := rapid.Map(rapid.Map(list, func(l string) string { return `{"Statement":` + l + `,"Version":"2012-10-17"}` }),
		func(s string) string { return s })
	return rapid.Custom(func(t *rapid.T) inventory.Value {
		text := rapid.OneOf(scalar, list, object).Draw(t, "json")
		v, err := inventory.ParseValue([]byte(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return v
	})
}

func anyAttribute() *rapid.Generator[Attribute] {
	return rapid.Custom(func(t *rapid.T) Attribute {
		var names []string
		for _, c := range comparators() {
			if rapid.Bool().Draw(t, c.name) {
				names = append(names, c.name)
			}
		}
		a := Attribute{Name: "X", Comparator: strings.Join(names, ", ")}
		if rapid.Bool().Draw(t, "has default") {
			a.Default = anyValue().Draw(t, "default")
		}
		return a
	})
}

func TestComparatorProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attr := anyAttribute().Draw(t, "attribute")
		x, y := anyValue().Draw(t, "x"), anyValue().Draw(t, "y")
		if !Equal(attr, x, x) {
			t.Fatalf("%s differs from itself", x)
		}
		if Equal(attr, x, y) != Equal(attr, y, x) {
			t.Fatalf("Equal(%s, %s) is not symmetric", x, y)
		}
		once := Normalize(attr, x)
		if twice := Normalize(attr, once); twice != once {
			t.Fatalf("normalising %s gives %s, and again %s", x, once, twice)
		}
		if !Equal(attr, x, once) {
			t.Fatalf("%s differs from its own normal form %s", x, once)
		}
	})
}

func TestComparatorsAreDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Comparators() {
		if seen[c[0]] || c[1] == "" {
			t.Errorf("comparator %q is there twice or has no description", c[0])
		}
		seen[c[0]] = true
	}
	if err := CheckComparator("set, zeroo"); err == nil || !strings.Contains(err.Error(), "zeroo") {
		t.Errorf("got error %v", err)
	}
}
