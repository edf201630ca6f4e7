package ansible

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/muster-audit/muster/collectors/hosts"
	"github.com/muster-audit/muster/inventory"
)

func TestExpandHosts(t *testing.T) {
	for pattern, want := range map[string]string{
		"web": "web", "web[1:3]": "web1 web2 web3", "web[08:11].x": "web08.x web09.x web10.x web11.x", "db-[a:c]": "db-a db-b db-c", "db-[y:B]": "db-y db-z db-A db-B",
		"n[0:9:4]": "n0 n4 n8", "n[:2]": "n0 n1 n2", "a[1:2]-[x:y]": "a1-x a1-y a2-x a2-y", "web:2222": "web", "web[1:2]:22": "web1 web2", "fe80::1": "fe80::1", "[1:2]": "1 2",
		"n[a:c:2]": "na nc",
	} {
		have, err := expandHosts(pattern)
		if strings.Join(have, " ") != want || err != nil {
			t.Errorf("%q is %v, want %s; error %v", pattern, have, want, err)
		}
	}
	for _, pattern := range []string{"", "a b", "a[", "a[1]", "a[1:2:0]", "a[1:2:3:4]", "a[c:a]", "a[3:1]", "a[1:]", "a[1:x]", "a[-1:3]", "a:", "a,b", "a[01:9]", "a[0:65536]", "{{x}}"} {
		if have, err := expandHosts(pattern); err == nil {
			t.Errorf("%q is %d hosts, want an error", pattern, len(have))
		}
	}
}

// TestRangeIsWhole: a range of numbers has one host each, in order, of equal length if it begins with a zero.
func TestRangeIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, 900).Draw(t, "from")
		n := rapid.IntRange(0, 99).Draw(t, "n")
		have, err := expandHosts(fmt.Sprintf("h[%04d:%04d]", from, from+n))
		if err != nil || len(have) != n+1 || have[n] != fmt.Sprintf("h%04d", from+n) {
			t.Fatalf("%v, %v", have, err)
		}
	})
}

func TestLiteral(t *testing.T) {
	for text, want := range map[string]string{
		"22": "json.Number 22", "-1.5": "json.Number -1.5", "0x1f": "json.Number 31", "1_000": "json.Number 1000", "007": "string 007", "True": "bool true", "None": "<nil> <nil>",
		"true": "string true", "'a b'": "string a b", `"it's"`: "string it's", `'a\nb'`: "string a\nb", "'03#x'": "string 03#x", "'open": "string 'open", "[1, 'a', None]": "[]interface {} [1 a <nil>]",
		"(1, 2)": "[]interface {} [1 2]", "(1)": "json.Number 1", "(1,)": "[]interface {} [1]", "{'a': [1], 2: 'b'}": "map[string]interface {} map[2:b a:[1]]", "{}": "map[string]interface {} map[]",
		"[1": "string [1", "1 2": "string 1 2", "a": "string a", "": "string ", "10.0.0.1": "string 10.0.0.1", "1e3": "json.Number 1e3", "{{ x }}": "string {{ x }}", "inf": "string inf",
	} {
		x := literal(text)
		if have := fmt.Sprintf("%T %v", x, x); have != want {
			t.Errorf("%q is %q, want %q", text, have, want)
		}
	}
	if _, ok := literal(strings.Repeat("[", 1e6)).(string); !ok {
		t.Error("what is nested too deep is no literal")
	}
}

func TestSplitWords(t *testing.T) {
	for text, want := range map[string]string{
		"a b=1  c": "a|b=1|c", "a b='x y' # c": "a|b=x y", `a b="x \"y\" \z"`: `a|b=x "y" \z`, `a b="'03#x'"`: "a|b='03#x'", "a#b": "a", `a\ b`: "a b", "a ''": "a|", "#": "",
	} {
		have, err := splitWords(text)
		if strings.Join(have, "|") != want || err != nil {
			t.Errorf("%q is %q, want %q; error %v", text, have, want, err)
		}
	}
	for _, text := range []string{"a 'b", `a "b`, `a \`} {
		if have, err := splitWords(text); err == nil {
			t.Errorf("%q is %q, want an error", text, have)
		}
	}
}

func TestDetect(t *testing.T) {
	for text, want := range map[string]form{
		"": formINI, "# x\n\n[web]\n": formINI, "[web:vars]\n": formINI, "a ansible_host=b: c\n": formINI, "a:22 x=1\n": formINI, "web1\n": formINI,
		"; x\nall:\n": formYAML, "---\n": formYAML, "all: {hosts: }": formYAML, "'db 1':\n": formYAML, "- hosts: all\n": formYAML, "%YAML 1.2\n": formYAML, " \n {\"a\":1}": formJSON,
	} {
		if have, err := detect([]byte(text)); have != want || err != nil {
			t.Errorf("%q is %d, want %d; error %v", text, have, want, err)
		}
	}
}

// assets is a sink that keeps what it is given, encoded.
type assets struct {
	keys map[string]bool
	text strings.Builder
}

func (s *assets) Asset(a inventory.Asset) error {
	if a.Key == "" || s.keys[a.Key] {
		return fmt.Errorf("key %q is empty or there twice", a.Key)
	}
	s.keys[a.Key] = true
	s.text.Write(append(inventory.EncodeAsset(&a), '\n'))
	return nil
}

// FuzzInventory reads any bytes as an inventory: no panic, keys are unique, no password comes out, and reading twice gives the same.
func FuzzInventory(f *testing.F) {
	for _, name := range []string{"hosts.ini", "hosts.yml", "list.json", "script.json", "nested.yml"} {
		text, err := os.ReadFile(filepath.Join("testdata/estate", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte("[a]\nh[1:2]:22 team=\"{'x': (1, [2])}\"\n[a:children]\na\n"))
	f.Add([]byte("a: &a\n  children: {b: *a, c: {<<: [*a, *a]}}\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		var before string
		for n := range 2 {
			problems := 0
			b := newBook("i", []string{"team", "site.room"}, func(inventory.Problem) { problems++ })
			out := &assets{keys: map[string]bool{}}
			if b.read(t.Context(), bufio.NewReaderSize(bytes.NewReader(content), headSize)) == nil {
				m := hosts.NewMapping(map[string]string{"owner": "team"}, map[string]string{"room": "site.room"}, inventory.NewSecretHash([]byte("0123456789abcdef")))
				if err := b.emit(t.Context(), m, out); err != nil {
					t.Fatal(err)
				}
			}
			fmt.Fprintln(&out.text, problems)
			if n > 0 && out.text.String() != before {
				t.Fatalf("the second reading differs:\n%s\n%s", before, out.text.String())
			}
			before = out.text.String()
		}
	})
}
