package group

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/report"
)

// names returns a name for the file or folder of each group, each another one, also where upper and lower case are one. A
// group has the same name every night, whatever other groups there are, but for those that somebody made to collide.
func names(parts []part) []string {
	out := make([]string, len(parts))
	seen := map[string]int{}
	for i := range parts {
		out[i] = name(&parts[i].Group, shortHash)
		seen[out[i]]++
	}
	for i := range parts {
		if seen[out[i]] > 1 {
			out[i] = name(&parts[i].Group, 2*sha256.Size)
		}
	}
	return out
}

// shortHash is how many digits of a hash tell names apart that look alike.
const shortHash = 8

// maxName is how long a value may be that is a name as it is, in bytes.
const maxName = 64

// name returns a name of lower-case letters, digits, dots, dashes and underscores. A value that is such a name keeps it.
// Any other one gets a hash of it: "Team A" is "team-a-" and eight digits.
func name(g *report.Group, digits int) string {
	if g.Kind != report.GroupNamed {
		return string(g.Kind)
	}
	if isName(g.Value) && digits == shortHash {
		return g.Value
	}
	sum := sha256.Sum256([]byte(g.Value))
	return stem(g.Value) + "-" + hex.EncodeToString(sum[:])[:digits]
}

// isName reports whether a value can be a name as it is: it is no path, no hidden file, no device of Windows, not the name of
// something else, and does not look like a name with a hash.
func isName(value string) bool {
	if !regexp.MustCompile(`^[a-z0-9_]([a-z0-9._-]*[a-z0-9_-])?$`).MatchString(value) || len(value) > maxName {
		return false
	}
	if regexp.MustCompile(`-([0-9a-f]{8}|[0-9a-f]{64})$`).MatchString(value) {
		return false
	}
	first, _, _ := strings.Cut(value, ".")
	return !slices.Contains(reserved(), first) && !regexp.MustCompile(`^(com|lpt)[0-9]$`).MatchString(first)
}

// reserved are the names of other files, of other groups, and of devices.
func reserved() []string {
	return []string{
		"index", "tag-coverage", "scopes", string(report.GroupNone), string(report.GroupUnknown),
		"con", "prn", "aux", "nul", "clock$", "conin$", "conout$",
	}
}

// stem is what can be read of a value in a name: it only helps people, the hash tells values apart.
func stem(value string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(value) {
		switch {
		case b.Len() >= maxName/2:
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r == '_':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	if s := strings.Trim(b.String(), "-"); s != "" {
		return s
	}
	return "group"
}
