package files_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
)

// tree writes files below a new folder and returns the folder "conf" in it.
func tree(t *testing.T, content map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range content {
		full := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir := filepath.Join(root, "conf")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func ids(t *testing.T, dir string, patterns ...string) []string {
	t.Helper()
	list, err := files.Set{Dir: dir, Patterns: patterns}.Scopes(t.Context(), inventory.Scope{Export: true})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range list {
		if !s.Export {
			t.Errorf("scope %s does not carry the fields of its model", s.ID)
		}
		names = append(names, s.ID)
	}
	return names
}

func TestScopes(t *testing.T) {
	dir := tree(t, map[string]string{
		"conf/a.csv": "1", "conf/b.csv": "2", "conf/sub/c.csv": "3", "conf/sub/deep/d.csv": "4", "conf/x[1].csv": "5", "outside/e.csv": "6",
		"conf/folder.csv/f.txt": "7",
	})
	tests := []struct {
		name     string
		patterns []string
		want     []string
	}{
		{"literal", []string{"a.csv"}, []string{"a.csv"}},
		{"literal that is absent", []string{"z.csv"}, []string{"z.csv"}},
		{"one level, no folders", []string{"*.csv"}, []string{"a.csv", "b.csv", "x[1].csv"}},
		{"any level", []string{"**/*.csv"}, []string{"a.csv", "b.csv", "sub/c.csv", "sub/deep/d.csv", "x[1].csv"}},
		{"sorted and unique", []string{"b.csv", "*.csv", "./a.csv", "sub/../a.csv"}, []string{"a.csv", "b.csv", "x[1].csv"}},
		{"outside of the folder", []string{"../outside/*.csv"}, []string{"../outside/e.csv"}},
		{"absolute", []string{filepath.Join(dir, "sub", "*.csv"), filepath.Join(filepath.Dir(dir), "outside", "e.csv")}, []string{"../outside/e.csv", "sub/c.csv"}},
		{"a name that looks like a glob", []string{"x[1].csv"}, []string{"x[1].csv"}},
		{"alternatives", []string{"{a,b}.csv"}, []string{"a.csv", "b.csv"}},
		{"matches nothing", []string{"none/*.csv", "a.csv"}, []string{"a.csv", "none/*.csv"}},
		{"folder that is absent", []string{"none/**/*.csv"}, []string{"none/**/*.csv"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, ids(t, dir, tt.patterns...)); d != "" {
				t.Errorf("scopes (-want +have):\n%s", d)
			}
		})
	}
}

func TestAGlobThatMatchesNothingStandsForItsFormerFiles(t *testing.T) {
	dir := tree(t, nil)
	tests := []struct {
		glob    string
		covered []string
	}{
		{"cmdb/*.csv", []string{"cmdb/a.csv"}},
		{"cmdb/**/*.csv", []string{"cmdb/a.csv", "cmdb/x/y/a.csv"}},
		{"cmdb/{a,b{c,d}}.csv", []string{"cmdb/a.csv", "cmdb/bd.csv"}},
		{"cmdb/[!a].csv", []string{"cmdb/b.csv"}},
		{"../out/**", []string{"../out/a", "../out/b/c"}},
	}
	for _, tt := range tests {
		t.Run(tt.glob, func(t *testing.T) {
			list, err := files.Set{Dir: dir, Patterns: []string{tt.glob}}.Scopes(t.Context(), inventory.Scope{})
			if err != nil || len(list) != 1 || len(list[0].StandsFor) != 1 {
				t.Fatalf("scopes %+v, error %v", list, err)
			}
			for _, id := range tt.covered {
				if !inventory.MatchGlob(list[0].StandsFor[0], id) {
					t.Errorf("pattern %q does not stand for %q", list[0].StandsFor[0], id)
				}
			}
		})
	}
}

func TestSymbolicLinks(t *testing.T) {
	dir := tree(t, map[string]string{"conf/a/real.csv": "1", "elsewhere/far.csv": "2"})
	for link, target := range map[string]string{
		"a/loop": "..", "a/alias.csv": "real.csv", "a/far": filepath.Join(filepath.Dir(dir), "elsewhere"), "a/dangling.csv": "gone.csv",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Skipf("no symbolic links here: %v", err)
		}
	}
	want := []string{"a/alias.csv", "a/dangling.csv", "a/real.csv"}
	if d := cmp.Diff(want, ids(t, dir, "**/*.csv")); d != "" {
		t.Errorf("scopes (-want +have):\n%s", d)
	}
	if d := cmp.Diff([]string{"a/alias.csv", "a/dangling.csv", "a/real.csv"}, ids(t, dir, "a/**")); d != "" {
		t.Errorf("a link to a folder is taken for a file (-want +have):\n%s", d)
	}
	if d := cmp.Diff([]string{"a/far/far.csv"}, ids(t, dir, "a/far/*.csv")); d != "" {
		t.Errorf("a link that is named is not followed (-want +have):\n%s", d)
	}
	if _, err := files.Open(dir, inventory.Scope{ID: "a/dangling.csv"}); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("a dangling link opens with %v", err)
	}
}

func TestAFolderThatCannotBeReadIsAnError(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("this user may read everything")
	}
	dir := tree(t, map[string]string{"conf/open/a.csv": "1", "conf/shut/b.csv": "2"})
	if err := os.Chmod(filepath.Join(dir, "shut"), 0); err != nil {
		t.Fatal(err)
	}
	_, err := files.Set{Dir: dir, Patterns: []string{"**/*.csv"}}.Scopes(t.Context(), inventory.Scope{})
	if err == nil || !strings.Contains(err.Error(), "make the folder readable") {
		t.Errorf("error is %v", err)
	}
	if err := os.Chmod(filepath.Join(dir, "shut"), 0o755); err != nil { // so that the folder can be removed
		t.Fatal(err)
	}
}

func TestOpen(t *testing.T) {
	dir := tree(t, map[string]string{"conf/plain": "x,y", "conf/marked": "\xef\xbb\xbfx,y", "conf/short": "x", "outside": "x,y"})
	for id, want := range map[string]string{"plain": "x,y", "marked": "x,y", "short": "x", "../outside": "x,y"} {
		r, err := files.Open(dir, inventory.Scope{ID: id})
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		text, err := io.ReadAll(r)
		if err != nil || string(text) != want {
			t.Errorf("%s holds %q, %v", id, text, err)
		}
		if r.ModTime.IsZero() || r.Size == 0 {
			t.Errorf("%s: modification time %v, size %d", id, r.ModTime, r.Size)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenSaysWhatToDo(t *testing.T) {
	dir := tree(t, map[string]string{"conf/empty": "", "conf/mark": "\xef\xbb\xbf", "conf/wide": "\xff\xfea\x00", "conf/folder/a": "x"})
	tests := []struct{ pattern, text string }{
		{"absent.csv", "check the path"},
		{"none/*.csv", "no file matches"},
		{"empty", "check whether the export ran to its end"},
		{"mark", "is empty"},
		{"wide", "export it as UTF-8"},
		{"folder", `name its files with a glob such as "folder/*"`},
	}
	for _, tt := range tests {
		t.Run(tt.pattern, func(t *testing.T) {
			list, err := files.Set{Dir: dir, Patterns: []string{tt.pattern}}.Scopes(t.Context(), inventory.Scope{})
			if err != nil || len(list) != 1 {
				t.Fatalf("scopes %+v, error %v", list, err)
			}
			_, err = files.Open(dir, list[0])
			var e *collectors.Error
			if !errors.As(err, &e) || e.Reason == "" || e.Retry || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("error is %v, want …%s…", err, tt.text)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	have := files.Check("paths", []string{"a.csv", " ", "x/{a,b", "a\x00b", "[a"})
	var at []string
	for _, e := range have {
		at = append(at, e.Option)
	}
	if d := cmp.Diff([]string{"paths[1]", "paths[2]", "paths[3]", "paths[4]"}, at); d != "" {
		t.Errorf("problems (-want +have):\n%s", d)
	}
}

func TestCoverage(t *testing.T) {
	if c := (files.Covers{}).Coverage(); !c.Derived {
		t.Error("without configuration the coverage is not derived")
	}
	given := files.Covers{Types: []string{"b", "a"}, Accounts: []string{"*"}}
	c := given.Coverage()
	if c.Derived || !slices.Equal(c.Types, []string{"a", "b"}) || !c.Includes("a", "any", "where") || c.Includes("c", "any", "where") {
		t.Errorf("coverage is %+v", c)
	}
	if given.Types[0] != "b" {
		t.Error("the option's list was changed")
	}
}

func TestCheckLimits(t *testing.T) {
	if list := files.CheckLimits(0, 0.2); len(list) != 0 {
		t.Errorf("good limits: %v", list)
	}
	if list := files.CheckLimits(-1, 20); len(list) != 2 {
		t.Errorf("bad limits: %v", list)
	}
}
