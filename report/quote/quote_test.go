package quote

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/muster-audit/muster/report/reporttest"
)

func TestLine(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"payments":                   "payments",
		"two\nlines\r\nand a tab\tx": "two lines and a tab x",
		"  ends  ":                   "ends",
		"line\u2028separator":        "line separator",
		"\x1b[31mred":                "\ufffd[31mred",
		"admin\u202egnp.exe":         "admin\ufffdgnp.exe",
		"zero\u200bwidth\ufeff":      "zero\ufffdwidth\ufffd",
		"bad\xff\xfe":                "bad\ufffd",
		"東京 👩‍👧 e\u0301":             "東京 👩‍👧 e\u0301",
	} {
		if got := Line(in, 60); got != want {
			t.Errorf("Line(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for in, want := range map[string]string{
		"0123456789abcdefghij":  "0123456789abcdefghij",
		"0123456789abcdefghijk": "0123456789abcdefg…",
		"0123456789abcdefäääää": "0123456789abcdef…",
	} {
		if got := Line(in, 20); got != want {
			t.Errorf("Line(%q, 20) = %q, want %q", in, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"a\r\nb\rc\n\n": "a\nb\nc",
		"a\tb\x07":      "a b\ufffd",
		"a\u2029b":      "a\nb",
	} {
		if got := Text(in, 100); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestLongStringsCostLittle: only the beginning of a string is looked at.
func TestLongStringsCostLittle(t *testing.T) {
	long := strings.Repeat("ä\n", 5<<20)
	if got := testing.AllocsPerRun(5, func() { Line(long, 100) }); got > 20 {
		t.Errorf("%v allocations", got)
	}
	if got := Text(long, 100); len(got) > 100 || !strings.HasSuffix(got, ellipsis) {
		t.Errorf("%d bytes: %q", len(got), got)
	}
	if got := Line(strings.Repeat(" ", 1<<20)+"x", 10); got != ellipsis {
		t.Errorf("%q does not say that something is missing", got)
	}
}

func FuzzQuote(f *testing.F) {
	for _, p := range reporttest.Payloads() {
		f.Add(p, 20)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = max(limit%1000, 4)
		line, text := Line(s, limit), Text(s, limit)
		for _, got := range []string{line, text} {
			if len(got) > limit || !utf8.ValidString(got) {
				t.Errorf("limit %d: %q", limit, got)
			}
			for _, r := range got {
				if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
					t.Errorf("%q holds %U", got, r)
				}
			}
		}
		if strings.ContainsAny(line, "\n\r\u2028\u2029\u0085") {
			t.Errorf("%q is more than a line", line)
		}
		if again := Line(line, limit); again != line {
			t.Errorf("%q becomes %q", line, again)
		}
	})
}
