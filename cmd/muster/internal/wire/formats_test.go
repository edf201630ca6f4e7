package wire

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
)

// TestFormatsAreWhatTheySay: each format has an encoder of its own id, and a file of its own in a folder.
func TestFormatsAreWhatTheySay(t *testing.T) {
	a := &App{Config: &config.Config{}, Log: slog.New(slog.DiscardHandler)}
	files := map[string]string{}
	for _, id := range Formats() {
		e, err := a.encoder(id, Output{})
		if err != nil {
			t.Fatal(err)
		}
		if got := e.(interface{ Format() report.Format }).Format().ID; got != id {
			t.Errorf("%s is encoded as %s", id, got)
		}
		file := FileIn("out", id)
		if files[file] != "" {
			t.Errorf("%s and %s are both written to %s", files[file], id, file)
		}
		files[file] = id
	}
}

func TestFiles(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "audit")
	for _, f := range []string{".git/HEAD", "audit/muster.yaml", "audit/policy.yaml"} {
		path := filepath.Join(root, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := &config.Config{File: filepath.Join(dir, "muster.yaml"), Dir: dir}
	c.Policy = []string{filepath.Join(dir, "policy.yaml"), filepath.Join(dir, "gone.yaml")}
	want := ci.Files{
		Root: filepath.ToSlash(root), Dir: filepath.ToSlash(dir), Config: filepath.ToSlash(c.File),
		Policies: []string{filepath.ToSlash(c.Policy[0])},
	}
	if d := cmp.Diff(want, (&App{Config: c}).files()); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	if got := (&App{Config: &config.Config{Dir: dir}}).files().Config; got != "" {
		t.Errorf("without a config file, it is %q", got)
	}
}

func TestRepositoryWithoutGit(t *testing.T) {
	here := t.TempDir()
	inside := filepath.Join(here, "a", "b")
	if err := os.MkdirAll(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(here)
	if got := repository(inside); got != here {
		t.Errorf("the current folder is %s, not %s", here, got)
	}
	elsewhere := t.TempDir()
	if got := repository(elsewhere); got != elsewhere {
		t.Errorf("a folder elsewhere is its own root, not %s", got)
	}
}
