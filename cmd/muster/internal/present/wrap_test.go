package present

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		line  string
		width int
		want  string
	}{
		{"a line that fits", 40, "a line that fits"},
		{"  not with one that is much longer than the terminal is wide", 40, "  not with one that is much longer than\n      the terminal is wide"},
		{"  id     aligned by spaces, which stay where they are", 40, "  id     aligned by spaces, which stay\n      where they are"},
		{"  of " + strings.Repeat("x", 60) + " too long", 40, "  of\n      " + strings.Repeat("x", 60) + "\n      too long"},
		{"no terminal, so that programs see a line of any length as a line", 0, "no terminal, so that programs see a line of any length as a line"},
	} {
		if got := Wrap(tt.line, tt.width); got != tt.want {
			t.Errorf("%q at %d:\n%s\nwant\n%s", tt.line, tt.width, got, tt.want)
		}
	}
}

// TestWrapKeepsWords: nothing is lost, and no line is too wide but for a word that is.
func TestWrapKeepsWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.StringMatching(`[a-z ä]{0,200}`).Draw(t, "line")
		width := rapid.IntRange(40, 120).Draw(t, "width")
		got := Wrap(line, width)
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(line), " ") {
			t.Fatalf("%q became %q", line, got)
		}
		for _, l := range strings.Split(got, "\n") {
			if len([]rune(l)) > width && strings.Contains(strings.TrimSpace(l), " ") {
				t.Fatalf("%q is wider than %d", l, width)
			}
		}
	})
}
