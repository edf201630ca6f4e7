package hosts_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors/hosts"
	"github.com/muster-audit/muster/inventory"
)

func told(fill func(*hosts.Names)) string {
	var n hosts.Names
	fill(&n)
	var list []string
	for _, i := range n.Sorted() {
		list = append(list, string(i.Kind)+" "+i.Value)
	}
	return strings.Join(list, ", ")
}

func TestHost(t *testing.T) {
	for name, want := range map[string]string{
		"web-1.example.com": "fqdn web-1.example.com", "web-1.example.com.": "fqdn web-1.example.com.", "web-1": "hostname web-1", "WEB_1": "hostname WEB_1",
		"localhost": "", "localhost.localdomain": "", "localhost4.localdomain4": "", "10.0.0.1": "", "fe80::1": "", "a..b": "", ".x": "", "": "", "NA": "", "a b": "", "x.1": "",
	} {
		if have := told(func(n *hosts.Names) { n.Host(name) }); have != want {
			t.Errorf("%q is %q, want %q", name, have, want)
		}
	}
}

func TestAddress(t *testing.T) {
	for text, want := range map[string]string{
		"10.0.0.1": "private-ip 10.0.0.1", "10.0.0.1/24": "private-ip 10.0.0.1", "100.64.3.2": "private-ip 100.64.3.2", "203.0.113.9": "public-ip 203.0.113.9",
		"[fd00::1]": "private-ip fd00::1", "2001:db8::1": "public-ip 2001:db8::1", "::ffff:10.0.0.1": "private-ip 10.0.0.1",
		"127.0.0.1": "", "::1": "", "169.254.1.1": "", "fe80::1%eth0": "", "0.0.0.0": "", "web-1": "", "": "", "224.0.0.1": "",
	} {
		if have := told(func(n *hosts.Names) { n.Address(text) }); have != want {
			t.Errorf("%q is %q, want %q", text, have, want)
		}
	}
}

func TestMAC(t *testing.T) {
	for text, want := range map[string]string{
		"3C:EC:EF:00:00:11": "mac 3c:ec:ef:00:00:11", "00-50-56-aa-bb-cc": "mac 00-50-56-aa-bb-cc", "3cec.ef00.0011": "mac 3cec.ef00.0011",
		"02:42:ac:11:00:01": "", "52:54:00:12:34:56": "", "00:00:00:00:00:00": "", "01:00:5e:00:00:01": "", "00:00:5e:00:01:0a": "", "3c:ec:ef": "", "x": "",
		"80:00:02:08:fe:80:00:00:00:00:00:00:e4:1d:2d:03:00:50:aa:b1": "",
	} {
		if have := told(func(n *hosts.Names) { n.MAC(text) }); have != want {
			t.Errorf("%q is %q, want %q", text, have, want)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	for _, text := range []string{"NA", "N/A", " none ", "Not Specified", "To Be Filled By O.E.M.", "Default string", "-", "(null)"} {
		if have := told(func(n *hosts.Names) { n.Add(inventory.Serial, text) }); have != "" {
			t.Errorf("%q is %q", text, have)
		}
	}
}

func TestAt(t *testing.T) {
	var x any
	d := json.NewDecoder(strings.NewReader(`{"a":{"b":[{"c":1},"two"],"d.e":{"f":true}},"a.x":3,"n":null,"list":[[7]]}`))
	d.UseNumber()
	if err := d.Decode(&x); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"a.b.0.c": "1 true", "a.b.1": "two true", "a.d.e.f": "true true", "a.x": "3 true", "n": "<nil> true", "list.0.0": "7 true",
		"a.b.2": "<nil> false", "a.b.-1": "<nil> false", "a.b.x": "<nil> false", "z": "<nil> false", "n.x": "<nil> false", "": "<nil> false", ".": "<nil> false",
	} {
		v, ok := hosts.At(x, path)
		if have := fmt.Sprintf("%v %v", v, ok); have != want {
			t.Errorf("%q is %s, want %s", path, have, want)
		}
	}
}

// TestTags: what is not found is unknown unless everything was looked at, and what cannot be read is there with a value nobody knows.
func TestTags(t *testing.T) {
	values := map[string]any{"owner": "payments", "empty": "", "nothing": nil, "list": []any{"a"}, "closed": hosts.Unread{}, "port": json.Number("22"), "on": true}
	get := func(path string) (any, bool) { x, ok := values[path]; return x, ok }
	for _, c := range []struct {
		path  string
		whole bool
		want  string
	}{
		{"owner", false, "known payments"},
		{"port", false, "known 22"},
		{"on", false, "known true"},
		{"closed", false, "known ?"},
		{"empty", false, "known"},
		{"nothing", false, "known"},
		{"list", false, "known"},
		{"absent", true, "known"},
		{"absent", false, "unknown"},
	} {
		m := hosts.NewMapping(map[string]string{"t": c.path}, nil, inventory.NewSecretHash([]byte("0123456789abcdef")))
		tags := m.Tags(get, c.whole)
		have := tags.State().String()
		if tag, ok := tags.Get("t"); ok && tag.ValueUnknown {
			have += " ?"
		} else if ok {
			have += " " + tag.Value
		}
		if have != c.want {
			t.Errorf("%+v: %q", c, have)
		}
	}
	if hosts.NewMapping(nil, nil, inventory.SecretHash{}).Tags(get, true).State() != inventory.Unknown {
		t.Error("without a mapping tags are known")
	}
}
