package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryVerbHasAPage(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1767225600")
	out := t.TempDir()
	if err := run([]string{out}); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{
		"man/muster.1": "fBmuster-audit(1)", "man/muster-audit.1": "--fail-on", "man/muster-baseline-write.1": `"Jan 2026"`,
		"completions/muster.bash": "__muster", "completions/muster.zsh": "#compdef muster", "completions/muster.fish": "complete -c muster",
	} {
		text, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(page)))
		if err != nil {
			t.Error(err)
			continue
		}
		if !strings.Contains(strings.ReplaceAll(string(text), `\`, ""), want) {
			t.Errorf("%s does not hold %q", page, want)
		}
	}
	if run(nil) == nil || run([]string{filepath.Join(out, "man", "muster.1")}) == nil {
		t.Error("no error without a folder, or with a file in its place")
	}
}
