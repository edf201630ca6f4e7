package activity

import (
	"hash/fnv"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// act is what an operation does.
type act uint8

// The acts. The zero value is a write that explains no finding: a machine that was stopped, a message that was sent.
const (
	other act = iota
	makes
	puts // makes or changes
	deletes
	changes
	tags
	updates // changes or tags
)

// event is what counts of an event of a log. Its values refer to the record it was read from, and are not kept.
type event struct {
	id            uint64
	at            time.Time
	write         bool // and succeeded
	actor, via    string
	action        string // as it is told
	service       string // "ec2"; a Google event has its full name instead
	noun          string // what the operation acts on, lower case: "instanceattribute" of ModifyInstanceAttribute
	act           act
	account       string
	region        string
	fullName      string         // Google's
	request, made jsontext.Value // what AWS was asked for, and answered
	resources     []string       // what AWS says the event is about
}

// maxText bounds names of actors and operations, in bytes.
const maxText = 512

// clean makes a text of a log fit to be shown: printable, in one line, of bounded length.
func clean(s string) string {
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s))
}

// isOperation reports whether a text can be the name of an operation: what stands in a finding is not any text.
func isOperation(s string) bool {
	return s != "" && len(s) <= 200 && !strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || r != '.' && r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// hash is the id of an event as a number.
func hash(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p))
		_, _ = h.Write([]byte{0})
	}
	return h.Sum64()
}

func isTag(part string) bool { return strings.HasPrefix(part, "tags.") }

// mentions reports whether the request of an event holds one of the parts by name.
func (e *event) mentions(parts []string) bool {
	if len(parts) == 0 {
		return false
	}
	found := false
	walk(e.request, func(path []string, text string) {
		if !found {
			found = slices.ContainsFunc(parts, func(p string) bool { return holds(path, text, p) })
		}
	})
	return found
}

// holds reports whether a leaf of a request is about a part: the tag with this key, or an attribute by its name in one of the spellings
// of an API, which differ in case.
func holds(path []string, text, part string) bool {
	last := path[len(path)-1]
	tag, ok := strings.CutPrefix(part, "tags.")
	if ok {
		inTags := len(path) > 1 && strings.HasPrefix(strings.ToLower(path[len(path)-2]), "tag")
		named := strings.EqualFold(last, "key") || strings.HasPrefix(strings.ToLower(last), "tagkey")
		return named && text == tag || inTags && last == tag
	}
	name := part
	if i := strings.LastIndexByte(part, '.'); i >= 0 {
		name = part[i+1:]
	}
	return slices.ContainsFunc(path, func(p string) bool { return strings.EqualFold(p, name) })
}
