package interchange

import (
	_ "embed" // for the table
	"slices"
	"strings"
	"sync"
)

//go:embed awstypes.tsv
var awsTypesTable string

// allSupported stands for every kind of resource of a service in a tag policy; "*" is how it was written before.
const allSupported = "ALL_SUPPORTED"

// awsNames translates what tag policies call kinds of resources.
type awsNames struct {
	types    map[string][]string // "ec2:instance" -> types
	names    map[string]string   // type -> "ec2:instance"
	prefixes map[string][]string // "ec2" -> "AWS::EC2::"
	services map[string]string   // "AWS::EC2::" -> "ec2"
	shared   map[string]bool     // prefixes that two services have types of: cognito-idp and cognito-identity
}

// names is the table, read once.
var names = sync.OnceValue(func() *awsNames { return readNames(awsTypesTable) })

func readNames(table string) *awsNames {
	n := &awsNames{
		types: map[string][]string{}, names: map[string]string{}, prefixes: map[string][]string{}, services: map[string]string{}, shared: map[string]bool{},
	}
	for line := range strings.Lines(table) {
		name, types, ok := strings.Cut(strings.TrimSpace(line), "\t")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		service, _, _ := strings.Cut(name, ":")
		for _, t := range strings.Split(types, ",") {
			n.types[name] = append(n.types[name], t)
			n.names[t] = name
			n.addPrefix(service, t[:strings.LastIndex(t, "::")+2])
		}
	}
	return n
}

func (n *awsNames) addPrefix(service, prefix string) {
	if !slices.Contains(n.prefixes[service], prefix) {
		n.prefixes[service] = append(n.prefixes[service], prefix)
	}
	if other, ok := n.services[prefix]; ok && other != service {
		n.shared[prefix] = true
	}
	n.services[prefix] = service
}

// scopeOf returns the types that a name of a tag policy stands for; false if none is known.
func (n *awsNames) scopeOf(name string) (scope, bool) {
	service, resource, _ := strings.Cut(name, ":")
	if resource != allSupported && resource != "*" {
		types, ok := n.types[name]
		return scope{Types: types}, ok
	}
	prefixes, ok := n.prefixes[service]
	if slices.ContainsFunc(prefixes, func(p string) bool { return n.shared[p] }) {
		return n.typesOf(service), true
	}
	return scope{Prefixes: prefixes}, ok
}

// typesOf lists the types of a service by name, where their common beginning would say too much.
func (n *awsNames) typesOf(service string) scope {
	types := map[string]bool{}
	for name, list := range n.types {
		if strings.HasPrefix(name, service+":") {
			for _, t := range list {
				types[t] = true
			}
		}
	}
	return scope{Types: sorted(types)}
}

// namesOf returns what a tag policy calls the types of a scope, sorted, and the types that it has no name for, or only one that stands
// for others as well.
func (n *awsNames) namesOf(s scope) (known, unknown []string) {
	for _, t := range s.Types {
		name, ok := n.names[t]
		whole := ok && !slices.ContainsFunc(n.types[name], func(other string) bool { return !slices.Contains(s.Types, other) })
		if whole {
			known = append(known, name)
		} else {
			unknown = append(unknown, t)
		}
	}
	for _, p := range s.Prefixes {
		service, ok := n.services[p]
		whole := ok && !n.shared[p] && !slices.ContainsFunc(n.prefixes[service], func(other string) bool { return !slices.Contains(s.Prefixes, other) })
		if whole {
			known = append(known, service+":"+allSupported)
		} else {
			unknown = append(unknown, p+"*")
		}
	}
	return unique(known), unique(unknown)
}
