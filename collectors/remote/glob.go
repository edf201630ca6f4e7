package remote

import (
	"fmt"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// mostAlternatives bounds what the braces of a glob stand for: each is a listing of its own.
const mostAlternatives = 100

const meta = "*?[{"

// hasMeta reports whether a text is a glob.
func hasMeta(s string) bool { return metaAt(s) >= 0 }

// metaAt returns where the first character with a meaning is, -1 without one.
func metaAt(s string) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case strings.IndexByte(meta, s[i]) >= 0:
			return i
		}
	}
	return -1
}

// Escape makes a glob of a plain text.
func Escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "{", `\{`, "}", `\}`).Replace(s)
}

// unescape makes a plain text of a glob without a character that means something.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Literal returns the one location that a pattern stands for, and false if it is a glob.
func (p Pattern) Literal() (Location, bool) {
	l := p.Location
	if l.Scheme == "https" || l.Scheme == "http" {
		return l, true
	}
	l.Key = unescape(p.Key)
	return l, !hasMeta(p.Key)
}

// alternative is what one listing looks for.
type alternative struct {
	prefix string // plain
	glob   string
}

// alternatives takes the braces of a glob apart, so that each has the longest prefix that its listing can have.
func (p Pattern) alternatives() ([]alternative, error) {
	globs, err := expand(p.Key)
	if err != nil {
		return nil, err
	}
	list := make([]alternative, len(globs))
	for i, g := range globs {
		list[i] = alternative{prefix: prefixOf(g), glob: g}
	}
	return list, nil
}

// prefixOf is the plain text with which everything begins that a glob matches. "a/**" matches "a" too, so that the slash is none of it.
func prefixOf(glob string) string {
	at := metaAt(glob)
	if at < 0 {
		return unescape(glob)
	}
	if strings.HasPrefix(glob[at:], "**") {
		return unescape(strings.TrimSuffix(glob[:at], "/"))
	}
	return unescape(glob[:at])
}

// matches reports whether a key is one that the listing looks for. A folder that a console made is none.
func (a alternative) matches(key string) bool {
	if strings.HasSuffix(key, "/") {
		return false
	}
	ok, err := doublestar.Match(a.glob, key)
	return ok && err == nil
}

// expand writes a glob with braces as several without them.
func expand(glob string) ([]string, error) {
	list, open := []string{glob}, true
	for open {
		open = false
		var next []string
		for _, g := range list {
			parts := splitBrace(g)
			open = open || len(parts) > 1 || parts[0] != g
			if next = append(next, parts...); len(next) > mostAlternatives {
				return nil, fmt.Errorf("the braces of %q stand for more than %d globs: write several paths", glob, mostAlternatives)
			}
		}
		list = next
	}
	return list, nil
}

// splitBrace writes the first pair of braces of a glob out.
func splitBrace(glob string) []string {
	start, depth := -1, 0
	var cuts []int
	inSet := false
	for i := 0; i < len(glob); i++ {
		switch c := glob[i]; {
		case c == '\\':
			i++
		case inSet:
			inSet = c != ']'
		case c == '[':
			inSet = true
		case c == '{':
			if depth++; depth == 1 {
				start = i
				cuts = append(cuts, i)
			}
		case c == ',' && depth == 1:
			cuts = append(cuts, i)
		case c == '}' && depth > 0:
			if depth--; depth == 0 {
				return spell(glob, start, i, append(cuts, i))
			}
		}
	}
	return []string{glob}
}

func spell(glob string, start, end int, cuts []int) []string {
	var list []string
	for i := 0; i+1 < len(cuts); i++ {
		list = append(list, glob[:start]+glob[cuts[i]+1:cuts[i+1]]+glob[end+1:])
	}
	return list
}

// standIns are patterns of inventory.MatchGlob that match at least the ids of all scopes which a pattern can have.
func (p Pattern) standIns() []string {
	all, err := expand(p.Key)
	if err != nil {
		all = []string{"**"}
	}
	bare := p.Location
	bare.Key, bare.Query = "", "" // scopes of single workspaces have no query
	list := make([]string, len(all))
	for i, g := range all {
		list[i] = Escape(bare.String()) + standIn(g)
	}
	return list
}

// standIn rewrites a glob without braces.
func standIn(glob string) string {
	var b strings.Builder
	for i := 0; i < len(glob); i++ {
		switch rest := glob[i:]; {
		case rest[0] == '\\' && len(rest) > 1:
			b.WriteString(rest[:2])
			i++
		case strings.HasPrefix(rest, "/**") && len(rest) == 3:
			b.WriteByte('*') // "a/**" matches "a" as well
			i += 2
		case strings.HasPrefix(rest, "**/"):
			b.WriteByte('*')
			i += 2
		case strings.HasPrefix(rest, "**"):
			b.WriteByte('*')
			i++
		case strings.HasPrefix(rest, "[!"):
			b.WriteString("[^")
			i++
		default:
			b.WriteByte(rest[0])
		}
	}
	return b.String()
}
