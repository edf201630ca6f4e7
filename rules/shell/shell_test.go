package shell

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "''",
		"web-1":               "web-1",
		"env=prod,team=x":     "env=prod,team=x",
		"=ls":                 "'=ls'",
		"two words":           "'two words'",
		"it's":                `'it'\''s'`,
		"$(reboot)":           "'$(reboot)'",
		"~root":               "'~root'",
		"*":                   "'*'",
		"Zürich":              "'Zürich'",
		"a\\b":                `'a\b'`,
		"arn:aws:s3:::logs.x": "arn:aws:s3:::logs.x",
	} {
		if got := Quote(in); got != want {
			t.Errorf("Quote(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestFits(t *testing.T) {
	for in, want := range map[string]bool{
		"plain": true, "it's $(x)": true, "Zürich": true, "": true,
		"a\nb": false, "a\rb": false, "a\x00b": false, "\x1b[31m": false, "a\u202eb": false, "a\u2028b": false, "a\u0085b": false,
	} {
		if got := Fits(in); got != want {
			t.Errorf("Fits(%q) = %v, want %v", in, got, want)
		}
	}
}

// printed runs a shell that prints the words of a line, each ended by a mark.
func printed(t interface{ Fatalf(string, ...any) }, words ...string) []string {
	out, err := exec.Command("sh", "-c", Line(append([]string{"printf", `%s\001`}, words...)...)).Output()
	if err != nil {
		t.Fatalf("run %q: %v", words, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x01"), "\x01")
}

// TestARealShellReadsTheSameWords: whatever a stranger calls a thing.
func TestARealShellReadsTheSameWords(t *testing.T) {
	word := rapid.OneOf(
		rapid.StringOf(rapid.RuneFrom([]rune("'\"\\$`!*?[]{}()<>|&;#~=%^ \t\n-ab\u202e\u00fc"))),
		rapid.StringMatching(`[ -~]{0,20}`),
		rapid.SampledFrom([]string{"$(reboot)", "`id`", "';reboot;'", "\\", "'", "''", "-n", "--", "!!", "a\nb", "%s", "\\001"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(word, 1, 4).Draw(t, "words")
		if got := printed(t, words...); strings.Join(got, "\x01") != strings.Join(words, "\x01") {
			t.Fatalf("the shell reads %q, want %q", got, words)
		}
	})
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a b", "it's", "$(x)", "\\'", "a\nb", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\x00\x01") {
			t.Skip()
		}
		if got := printed(t, s); len(got) != 1 || got[0] != s {
			t.Errorf("the shell reads %q, want %q", got, s)
		}
	})
}
