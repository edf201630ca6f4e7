package tape

import (
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Bounds of names. What is cut off is still told apart by the hash.
const (
	longestPart = 80
	mostParts   = 8
)

// place is where the answers to equal calls are: the path of their files without the number and the extension.
type place string

// placeOf returns the place of a call, which is inside the recording whatever the call's names are.
func placeOf(c Call, key string, hash inventory.SecretHash) place {
	digits := strings.TrimPrefix(hash.Hash(c.Folder+"\x00"+c.Name+"\x00"+key), "hmac:")
	parts := folderParts(c.Folder)
	return place(path.Join(append(parts, part(c.Name)+"-"+digits)...))
}

func folderParts(folder string) []string {
	var parts []string
	for p := range strings.FieldsFuncSeq(folder, func(r rune) bool { return r == '/' || r == '\\' }) {
		if len(parts) == mostParts {
			break
		}
		parts = append(parts, part(p))
	}
	return parts
}

// part makes one component of a path out of a name.
func part(name string) string {
	clean := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z' {
			return r
		}
		return '_'
	}, name)
	clean = strings.Trim(clean, ".")
	if clean == "" {
		clean = "_"
	}
	return clean[:min(len(clean), longestPart)]
}

// file is the n-th file of a place, from 1.
func (p place) file(n int) string {
	if n == 1 {
		return string(p) + ".json"
	}
	return string(p) + "-" + strconv.Itoa(n) + ".json"
}

var callFile = regexp.MustCompile(`^(.*-[0-9a-f]{32})(?:-([1-9][0-9]{0,8}))?\.json$`)

// numberOf reads back what file wrote.
func numberOf(name string) (p place, n int, ok bool) {
	m := callFile.FindStringSubmatch(name)
	if m == nil {
		return "", 0, false
	}
	n = 1
	if m[2] != "" {
		n, _ = strconv.Atoi(m[2]) // digits, and few
	}
	return place(m[1]), n, m[2] != "1"
}
