package present

import (
	"strings"
	"unicode/utf8"
)

// Wrap breaks a line of text between words so that it fits a terminal of a width, and indents what goes on by four more than the line. A word
// that is too long stands on a line of its own. A width of 0 leaves the line as it is.
func Wrap(line string, width int) string {
	const further, least = 4, 40
	if width < least || utf8.RuneCountInString(line) <= width {
		return line
	}
	text := strings.TrimLeft(line, " ")
	indent := len(line) - len(text)
	first := strings.Repeat(" ", indent)
	next := strings.Repeat(" ", min(indent+further, width/2))
	var b strings.Builder
	b.WriteString(first)
	at, begun := indent, false
	for i, word := range strings.Split(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case begun && at+1+n > width:
			b.WriteString("\n" + next)
			at, begun = len(next), false
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at, begun = at+n, begun || word != ""
	}
	return b.String()
}
