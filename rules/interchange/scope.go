package interchange

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// scope is a condition of a rule that other tools have as well.
type scope struct {
	Types    []string // types that it applies to
	Prefixes []string // and all types that begin so: "AWS::EC2::"
	// But says that it applies to all of AWS except for Types and Prefixes.
	But bool
	// AWS says that it applies to all of AWS. All of them empty: to everything.
	AWS bool
	// TagKey is a tag that an asset must have, with the value TagValue if that is asked for.
	TagKey, TagValue string
	HasTagValue      bool
}

const onAWS = `asset.provider == "aws"`

// some reports whether it names types.
func (s scope) some() bool { return len(s.Types)+len(s.Prefixes) > 0 }

// equal compares scopes, in whatever order they name their types.
func (s scope) equal(o scope) bool { return s.normal().when() == o.normal().when() }

func (s scope) normal() scope {
	s.Types, s.Prefixes = unique(s.Types), unique(s.Prefixes)
	return s
}

// joined adds the types of another scope.
func (s scope) joined(o scope) scope {
	return scope{Types: unique(append(slices.Clone(s.Types), o.Types...)), Prefixes: unique(append(slices.Clone(s.Prefixes), o.Prefixes...))}
}

// when writes the condition; empty if it always holds.
func (s scope) when() string {
	text := s.types()
	switch {
	case s.But && text != "":
		text = onAWS + " && !(" + text + ")"
	case s.But || s.AWS:
		text = onAWS
	}
	if s.TagKey == "" {
		return text
	}
	tag := strconv.Quote(s.TagKey) + " in asset.tags"
	if s.HasTagValue {
		tag = "asset.tags[" + strconv.Quote(s.TagKey) + "] == " + strconv.Quote(s.TagValue)
	}
	switch {
	case text == "":
		return tag
	case strings.Contains(text, "||") && !s.But:
		text = "(" + text + ")"
	}
	return text + " && " + tag
}

func (s scope) types() string {
	var parts []string
	if len(s.Types) > 0 {
		parts = append(parts, "asset.type in ["+quoted(s.Types)+"]")
	}
	for _, p := range s.Prefixes {
		parts = append(parts, "asset.type.startsWith("+strconv.Quote(p)+")")
	}
	return strings.Join(parts, " || ")
}

var (
	butForm    = regexp.MustCompile(`^asset\.provider == "aws" && !\((.*)\)$`)
	andForm    = regexp.MustCompile(`^asset\.provider == "aws" && (asset\.type.*)$`)
	listForm   = regexp.MustCompile(`^asset\.type in \[((?:"[A-Za-z0-9:._/-]+"(?:, ?)?)+)\]$`)
	equalForm  = regexp.MustCompile(`^asset\.type == "([A-Za-z0-9:._/-]+)"$`)
	prefixForm = regexp.MustCompile(`^asset\.type\.startsWith\("([A-Za-z0-9:._/-]+)"\)$`)
)

// readScope recognises the conditions that when writes, but for those about tags, and simple ones that people write; false for all others.
func readScope(source string) (scope, bool) {
	source = strings.Join(strings.Fields(strings.ReplaceAll(source, "'", `"`)), " ")
	switch {
	case source == "":
		return scope{}, true
	case source == onAWS:
		return scope{AWS: true}, true
	}
	if m := butForm.FindStringSubmatch(source); m != nil {
		s, ok := readTypes(m[1])
		s.But = true
		return s, ok
	}
	if m := andForm.FindStringSubmatch(source); m != nil && !strings.Contains(m[1], "||") {
		source = m[1]
	}
	return readTypes(source)
}

func readTypes(source string) (scope, bool) {
	var s scope
	for _, part := range strings.Split(source, " || ") {
		switch {
		case listForm.MatchString(part):
			for _, t := range strings.Split(listForm.FindStringSubmatch(part)[1], ",") {
				if t = strings.Trim(t, ` "`); t != "" {
					s.Types = append(s.Types, t)
				}
			}
		case equalForm.MatchString(part):
			s.Types = append(s.Types, equalForm.FindStringSubmatch(part)[1])
		case prefixForm.MatchString(part):
			s.Prefixes = append(s.Prefixes, prefixForm.FindStringSubmatch(part)[1])
		default:
			return scope{}, false
		}
	}
	return s, true
}
