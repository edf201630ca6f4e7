package sweep

import (
	_ "embed" // for the tables
	"path"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

//go:embed services.tsv
var servicesTable string

//go:embed types.tsv
var typesTable string

// naming finds the type of what an ARN names. CloudFormation and ARNs mostly say the same words, in other case and number and with
// other dashes; the two tables hold what is otherwise.
type naming struct {
	services map[string]service                   // by the service of an ARN
	rules    map[string][]rule                    // by the service of an ARN
	words    map[string]map[string]inventory.Type // by the service of a type in lower case, and its normalised resource
}

// service says how the types of an ARN's service begin.
type service struct {
	names  []string // in lower case
	nested bool     // words and ids follow each other in the resource part: the last word counts
}

// rule is a pattern of resource parts, by segment, that are of one type.
type rule struct {
	pattern []string
	typ     inventory.Type
}

// namingOf builds the search from the names of all types. A name that comes twice is the one that came first.
func namingOf(names []inventory.Type) *naming {
	n := &naming{services: map[string]service{}, rules: map[string][]rule{}, words: map[string]map[string]inventory.Type{}}
	for _, typ := range names {
		n.addName(typ)
	}
	for row := range rows(servicesTable) {
		n.addService(row)
	}
	for row := range rows(typesTable) {
		name, resource, _ := strings.Cut(row[0], ":")
		n.rules[name] = append(n.rules[name], rule{strings.Split(resource, "/"), inventory.Type(row[1])})
	}
	return n
}

// rows yields the columns of a table's lines.
func rows(table string) func(yield func([]string) bool) {
	return func(yield func([]string) bool) {
		for line := range strings.Lines(table) {
			line = strings.TrimSpace(line)
			if line != "" && line[0] != '#' && !yield(strings.Split(line, "\t")) {
				return
			}
		}
	}
}

func (n *naming) addName(typ inventory.Type) {
	p := strings.Split(string(typ), "::")
	if len(p) != 3 {
		return
	}
	name, word := strings.ToLower(p[1]), normalise(p[2])
	if n.words[name] == nil {
		n.words[name] = map[string]inventory.Type{}
	}
	if _, twice := n.words[name][word]; !twice {
		n.words[name][word] = typ
	}
}

func (n *naming) addService(row []string) {
	n.services[row[0]] = service{
		names:  strings.Split(strings.ToLower(row[1]), ","),
		nested: len(row) > 2 && row[2] == "nested",
	}
}

// of returns the type of what an ARN names. Where CloudFormation has none, it is made of the ARN's own words, which no type of
// CloudFormation has: "AWS::ec2::reserved-instances". The word is "resource" if the ARN has none, but a name or an id only:
// else every such resource would be a type of its own.
func (n *naming) of(a arn) inventory.Type {
	parts := a.parts()
	for _, r := range n.rules[a.Service] {
		if r.matches(parts) {
			return r.typ
		}
	}
	s := n.service(a.Service)
	word := wordOf(parts, s.nested)
	for _, name := range s.names {
		if typ, ok := n.words[name][normalise(word)]; ok {
			return typ
		}
	}
	if len(parts) < 2 || !isWord(word) {
		word = "resource"
	}
	return inventory.Type("AWS::" + a.Service + "::" + word)
}

func (n *naming) service(name string) service {
	if s, ok := n.services[name]; ok {
		return s
	}
	return service{names: []string{strings.ReplaceAll(strings.ToLower(name), "-", "")}}
}

// matches compares segment by segment; "**" stands for one segment or more.
func (r rule) matches(parts []string) bool {
	for i, p := range r.pattern {
		if i >= len(parts) {
			return false
		}
		if p == "**" {
			return true
		}
		if ok, err := path.Match(p, parts[i]); err != nil || !ok {
			return false
		}
	}
	return len(parts) == len(r.pattern)
}

// wordOf returns the part that says what a resource is: the first one, or, where they are nested, the last that an id follows.
func wordOf(parts []string, nested bool) string {
	if len(parts) == 0 {
		return ""
	}
	if !nested || len(parts) < 2 {
		return parts[0]
	}
	return parts[(len(parts)/2-1)*2]
}

// isWord reports whether a part may be the name of a kind of thing, and is no id: it begins with a letter and has at most two
// digits.
func isWord(s string) bool {
	if len(s) > 64 || !isName(s) || !isLetter(s[0]) {
		return false
	}
	digits := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			digits++
		}
	}
	return digits <= 2
}

// normalise makes one word of those that differ in case, in what parts them, and in number.
func normalise(word string) string {
	b := make([]byte, 0, len(word))
	for i := range len(word) {
		switch c := word[i]; {
		case isLetter(c):
			b = append(b, c|0x20)
		case isDigit(c):
			b = append(b, c)
		}
	}
	return singular(string(b))
}

func singular(s string) string {
	for _, e := range []struct{ plural, one string }{
		{"ies", "y"},
		{"sses", "ss"},
		{"xes", "x"},
		{"ches", "ch"},
		{"ss", "ss"},
		{"s", ""},
	} {
		if stem, ok := strings.CutSuffix(s, e.plural); ok {
			return stem + e.one
		}
	}
	return s
}
