package tablereport

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"

	"github.com/muster-audit/muster/inventory"
)

// maxText is how many bytes of one string are looked at: more than a terminal line of any use.
const maxText = 2000

// clean returns one line that is safe to print: white space of any kind becomes a space, control and formatting
// characters (escape sequences, direction marks, zero-width signs) and bytes that are not UTF-8 are dropped. Hashes of secrets are told as
// "(secret)".
func clean(s string) string {
	s = inventory.HideSecrets(s)
	cut := len(s) > maxText
	if cut {
		s = s[:maxText]
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD"):
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp):
		default:
			b.WriteRune(r)
		}
	}
	out := breakCommands(strings.Join(strings.Fields(b.String()), " "))
	if cut {
		out += "…"
	}
	return out
}

// command is what CI systems take for a command in a line of their log: Azure's agents anywhere, GitHub's runners at its beginning,
// where wrapping may put any word.
var command = regexp.MustCompile(`##(vso\[)|(?i)(^| )::((?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|notice|remove-matcher|save-state|` +
	`set-env|set-output|stop-commands|warning)\b)`)

func breakCommands(s string) string {
	if !strings.Contains(s, "##") && !strings.Contains(s, "::") {
		return s
	}
	return command.ReplaceAllStringFunc(s, func(m string) string {
		m = strings.Replace(m, "##", "# #", 1)
		return strings.Replace(m, "::", ": :", 1)
	})
}

func cells(s string) int { return displaywidth.String(s) }

// cut shortens s to at most width cells.
func cut(s string, width int) string { return displaywidth.TruncateString(s, width, "…") }

// shorten cuts the middle out of a key: its beginning says which provider, its end which thing.
func shorten(key string, width int) string {
	if cells(key) <= width {
		return key
	}
	head := displaywidth.TruncateString(key, max(width/3, 1), "")
	return head + "…" + tail(key, width-cells(head)-1)
}

func tail(s string, width int) string {
	var parts []string
	g := displaywidth.StringGraphemes(s)
	for g.Next() {
		parts = append(parts, g.Value())
	}
	start := len(parts)
	for used := 0; start > 0; start-- {
		if used += cells(parts[start-1]); used > width {
			break
		}
	}
	return strings.Join(parts[start:], "")
}

// wrap breaks text into lines of at most width cells: between words, and inside a word only if it is longer than a line.
// There is always at least one line.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		switch {
		case line == "":
			line = word
		case cells(line)+1+cells(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
		for cells(line) > width {
			head := chop(line, width)
			lines = append(lines, head)
			line = line[len(head):]
		}
	}
	if line != "" || lines == nil {
		lines = append(lines, line)
	}
	return lines
}

// chop returns the longest beginning of s that fits into width cells, and at least one character.
func chop(s string, width int) string {
	end, used := 0, 0
	g := displaywidth.StringGraphemes(s)
	for g.Next() {
		if used += cells(g.Value()); used > width && end > 0 {
			break
		}
		end += len(g.Value())
	}
	return s[:end]
}
