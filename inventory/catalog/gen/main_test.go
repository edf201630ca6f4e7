package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestGeneratedIsCurrent fails if a table was changed and "go generate" forgotten.
func TestGeneratedIsCurrent(t *testing.T) {
	types, err := typesTable(".")
	if err != nil {
		t.Fatal(err)
	}
	terraform, err := terraformTable(".")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{"types": types, "terraform": terraform} {
		got := unpacked(t, filepath.Join("..", "generated", name+".tsv.gz"))
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: run go generate ./inventory/catalog (-want +got):\n%.2000s", name, d)
		}
	}
}

func unpacked(t *testing.T, path string) []string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
}

func TestRunWritesWhatItRead(t *testing.T) {
	to := t.TempDir()
	if err := run(".", to); err != nil {
		t.Fatal(err)
	}
	want, err := terraformTable(".")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, unpacked(t, filepath.Join(to, "terraform.tsv.gz"))); d != "" {
		t.Errorf("packed and unpacked (-want +got):\n%.2000s", d)
	}
}

func TestReadTSVNamesTheLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tsv")
	if err := os.WriteFile(path, []byte("a\tb\n1\t2\n3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readTSV(path, 2); err == nil || !strings.Contains(err.Error(), "x.tsv:3: 1 columns, want 2") {
		t.Errorf("got error %v", err)
	}
}
