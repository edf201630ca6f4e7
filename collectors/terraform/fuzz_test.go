package terraform

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// FuzzCollect reads any bytes as a state. Whatever they are: no panic; keys unique, addresses set, tags and attributes
// canonical; and what is there is there again on the second reading.
func FuzzCollect(f *testing.F) {
	seeds, err := filepath.Glob("testdata/states/*.tfstate")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range seeds {
		content, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	for _, s := range []string{
		"", "{", `{"version":4,"resources":[]}`, oneQueue, oneQueue[:len(oneQueue)-2] + "]}",
		`{"version":4,"outputs":{"a":{"sensitive":true},"b":{"sensitive":1,"value":2},"c":3},"resources":[]}`,
		`{"version":4,"resources":[{"instances":[{"attributes":{"a":1}}],"type":"t","name":"n","mode":"managed"}]}`,
		`{"version":4,"resources":[{"mode":"managed","type":"aws_instance","name":"n","instances":[{"attributes":{"root_block_device":[{"volume_id":"v"},3,null]}}]}]}`,
		`{"version":4,"resources":[{"mode":"managed","type":"t","name":"n","instances":[{"attributes":{"tags":{"a":"secret"},"password":"secret"},"sensitive_attributes":[[{"type":"index","value":{"value":{}}}]]}]}]}`,
	} {
		f.Add([]byte(s))
	}
	dir := f.TempDir()
	path := filepath.Join(dir, "a.tfstate")
	c := newCollector(f, dir, &Options{})
	f.Fuzz(func(t *testing.T, content []byte) {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, noon, noon); err != nil {
			t.Fatal(err)
		}
		first, second := &sink{}, &sink{}
		err := c.Collect(t.Context(), inventory.Scope{ID: "a.tfstate"}, first)
		again := c.Collect(t.Context(), inventory.Scope{ID: "a.tfstate"}, second)
		if (err == nil) != (again == nil) || len(first.assets) != len(second.assets) {
			t.Fatalf("read twice: %v and %v, %d and %d assets", err, again, len(first.assets), len(second.assets))
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error without a text")
		}
		checkAssets(t, first.assets)
	})
}

func checkAssets(t *testing.T, list []inventory.Asset) {
	t.Helper()
	seen := map[string]bool{}
	for _, a := range list {
		switch {
		case a.Key == "" || seen[a.Key]:
			t.Fatalf("key %q is empty or there twice", a.Key)
		case a.Type == "" || a.Book != inventory.Declared || a.Origin.Address == "" || !a.Lifecycle.Valid():
			t.Fatalf("asset %q lacks a type, book or address", a.Key)
		}
		seen[a.Key] = true
		for at := range a.Attributes.All() {
			v, err := inventory.ParseValue([]byte(at.Value))
			if err != nil || !bytes.Equal([]byte(v), []byte(at.Value)) {
				t.Fatalf("%s %s: value %s is not canonical: %v", a.Key, at.Name, at.Value, err)
			}
		}
	}
}
