package markdownreport

import (
	"strconv"
	"strings"

	"github.com/muster-audit/muster/report/quote"
)

// code returns what a stranger wrote as code in one line: GitHub and GitLab look for no mention of people, issues, links or
// emoji in there. Every sign that means something in Markdown is a character reference, which can form no structure.
func code[S ~string](s S, limit int) string {
	line := quote.Line(s, limit)
	if line == "" {
		return ""
	}
	return "<code>" + escape(line) + "</code>"
}

// escape writes all but letters, digits and what is harmless anywhere as character references.
func escape(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > '~' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || strings.ContainsRune(" -/=,%;?", r) {
			b.WriteRune(r)
			continue
		}
		b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
	}
	return b.String()
}
