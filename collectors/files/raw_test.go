package files_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

func packed(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// archive packs files, of which names and contents take turns.
func archive(t *testing.T, content ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(content); i += 2 {
		w, err := z.Create(content[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func text(dir string, patterns ...string) files.Set {
	return files.Set{Dir: dir, Patterns: patterns, Inside: []string{".csv", ".txt"}}
}

func scopes(t *testing.T, s files.Set) []inventory.Scope {
	t.Helper()
	list, err := s.Scopes(t.Context(), inventory.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var limits = files.Limits{Bytes: 1 << 30, Ratio: 200}

func TestScopesOfFoldersAndArchives(t *testing.T) {
	two := archive(t, "x/a.csv", "1", "B.TXT", "2", "readme.md", "3", "__MACOSX/x/._a.csv", "4", "y/", "")
	dir := tree(t, map[string]string{
		"conf/in/a.csv": "1", "conf/in/B.CSV.GZ": "2", "conf/in/notes.md": "3", "conf/in/deep/c.csv": "4", "conf/in/._a.csv": "5", "conf/in/two.zip": two,
		"conf/one.ZIP": archive(t, "export-2026-01-31.csv", "1", "license", "2"), "conf/broken.zip": "PK", "conf/none.zip": archive(t, "a.pdf", "1"),
		"conf/empty/x.md": "1", "conf/odd[1].zip": two,
	})
	tests := []struct {
		pattern   string
		want      []string
		standsFor []string // of the first
	}{
		{"in", []string{"in/B.CSV.GZ", "in/a.csv", "in/two.zip!B.TXT", "in/two.zip!x/a.csv"}, nil},
		{"in/", []string{"in/B.CSV.GZ", "in/a.csv", "in/two.zip!B.TXT", "in/two.zip!x/a.csv"}, nil},
		{"in/*.zip", []string{"in/two.zip!B.TXT", "in/two.zip!x/a.csv"}, nil},
		{"in/two.zip!x/*.csv", []string{"in/two.zip!x/a.csv"}, nil},
		{"in/*.zip!readme.md", []string{"in/two.zip!readme.md"}, nil},
		{"in/two.zip!z*", []string{"in/two.zip!z*"}, []string{"in/two.zip!z*"}},
		{"one.ZIP", []string{"one.ZIP"}, nil},
		{"odd[1].zip", []string{"odd[1].zip!B.TXT", "odd[1].zip!x/a.csv"}, nil},
		{"broken.zip", []string{"broken.zip"}, []string{"broken.zip!*"}},
		{"none.zip", []string{"none.zip"}, []string{"none.zip!*"}},
		{"absent.zip", []string{"absent.zip"}, []string{"absent.zip!*"}},
		{"absent.zip!a.csv", []string{"absent.zip!a.csv"}, []string{"absent.zip!a.csv"}},
		{"absent", []string{"absent"}, []string{"absent/*"}},
		{"absent.csv", []string{"absent.csv"}, nil},
		{"empty", []string{"empty/*"}, []string{"empty/*", "empty/*!*"}},
		{"none/*.zip", []string{"none/*.zip"}, []string{"none/*.zip", "none/*.zip!*"}},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			list := scopes(t, text(dir, tt.pattern))
			var have []string
			for _, s := range list {
				have = append(have, s.ID)
			}
			if d := cmp.Diff(tt.want, have); d != "" {
				t.Errorf("scopes (-want +have):\n%s", d)
			}
			if d := cmp.Diff(tt.standsFor, list[0].StandsFor); d != "" {
				t.Errorf("stands for (-want +have):\n%s", d)
			}
		})
	}
}

func TestOpenRaw(t *testing.T) {
	dir := tree(t, map[string]string{
		"conf/a.csv": "plain", "conf/b.gz": packed(t, "one") + packed(t, "two"), "conf/c.zip": archive(t, "x.csv", "first", "y.csv", "second"),
		"conf/d.zip": archive(t, "x.csv", "only"),
	})
	want := map[string]string{"a.csv": "plain", "b.gz": "onetwo", "c.zip!x.csv": "first", "c.zip!y.csv": "second", "d.zip": "only"}
	set := text(dir, "*")
	for _, s := range scopes(t, set) {
		r, err := set.OpenRaw(s, limits)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := iotest.TestReader(r, []byte(want[s.ID])); err != nil {
				t.Errorf("%s: %v", s.ID, err)
			}
			if err := r.Rewind(); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.Unchanged(); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestPackedFilesThatCannotBeRead(t *testing.T) {
	whole, zipped := packed(t, strings.Repeat("abc", 1000)), archive(t, "a.csv", strings.Repeat("abc", 1000))
	encrypted := []byte(zipped)
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	unknown := []byte(zipped)
	unknown[bytes.Index(unknown, []byte("PK\x01\x02"))+10] = 99
	bomb := strings.Repeat("\x00", 70<<20)
	dir := tree(t, map[string]string{
		"conf/cut.gz": whole[:len(whole)-3], "conf/cut.zip": zipped[:len(zipped)-3], "conf/head.gz": whole[:5], "conf/locked.zip": string(encrypted),
		"conf/odd.zip": string(unknown), "conf/bomb.gz": packed(t, bomb), "conf/bomb.zip": archive(t, "a.csv", bomb),
		"conf/none.zip": archive(t, "a.pdf", "1"), "conf/twice.zip": archive(t, "a.csv", "1", "a.csv", "2"), "conf/empty.csv": "",
	})
	for name, want := range map[string]string{
		"cut.gz": "cut or damaged", "cut.zip": "cut or damaged", "head.gz": "cut or damaged", "locked.zip": "is encrypted", "odd.zip": "not known here",
		"bomb.gz": "200 times its size", "bomb.zip": "200 times its size", "none.zip": `it holds "a.pdf"`,
		"twice.zip": "two files of one name", "absent.zip": "does not exist", "empty.csv": "is empty", "none/*.csv": "no file matches",
	} {
		set := text(dir, name)
		list := scopes(t, set)
		if len(list) != 1 {
			t.Errorf("%s: scopes %v", name, list)
			continue
		}
		r, err := set.OpenRaw(list[0], limits)
		if err == nil {
			_, err = io.Copy(io.Discard, r)
			r.Close()
		}
		var e *collectors.Error
		if !errors.As(err, &e) || e.Reason == "" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want %q", name, err, want)
		}
	}
}

func TestLimits(t *testing.T) {
	dir := tree(t, map[string]string{"conf/a.gz": packed(t, strings.Repeat("x", 1000))})
	for most, good := range map[int64]bool{1000: true, 999: false} {
		r, err := text(dir).OpenRaw(inventory.Scope{ID: "a.gz"}, files.Limits{Bytes: most, Ratio: 1})
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, r)
		r.Close()
		if (err == nil) != good {
			t.Errorf("at most %d bytes: read %d, error %v", most, n, err)
		}
	}
}

func TestAFileThatIsWrittenToIsToldApart(t *testing.T) {
	dir := tree(t, map[string]string{"conf/a.csv": "x"})
	r, err := text(dir).OpenRaw(inventory.Scope{ID: "a.csv"}, limits)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "a.csv"), later, later); err != nil {
		t.Fatal(err)
	}
	var e *collectors.Error
	if err := r.Unchanged(); !errors.As(err, &e) || e.Reason != inventory.ReasonUntrusted {
		t.Errorf("error is %v", err)
	}
}
