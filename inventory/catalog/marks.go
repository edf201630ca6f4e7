package catalog

import "github.com/muster-audit/muster/inventory"

// marks are what the data files say of many types at once, by patterns.
type marks struct {
	classes                   []classMark
	global, billable, virtual patterns
	tagging                   map[TaggingAPI]patterns
}

type classMark struct {
	pattern string
	class   Class
}

type patterns []string

func (p patterns) match(t inventory.Type) bool {
	for _, pattern := range p {
		if inventory.MatchGlob(pattern, string(t)) {
			return true
		}
	}
	return false
}

func (m *marks) add(f fileSpec) {
	for _, class := range Classes() { // in a fixed order, not the map's
		for _, p := range f.Classes[class] {
			m.classes = append(m.classes, classMark{pattern: p, class: class})
		}
	}
	m.global = append(m.global, f.Global...)
	m.billable = append(m.billable, f.Billable...)
	m.virtual = append(m.virtual, f.Virtual...)
	for _, coverage := range []TaggingAPI{TaggingComplete, TaggingNone} {
		if m.tagging == nil {
			m.tagging = map[TaggingAPI]patterns{}
		}
		m.tagging[coverage] = append(m.tagging[coverage], f.TaggingAPI[coverage]...)
	}
}

// taggingAPI returns what is known of a type; a type that no data file names is TaggingPartial.
func (m *marks) taggingAPI(t inventory.Type) TaggingAPI {
	for _, coverage := range []TaggingAPI{TaggingNone, TaggingComplete} {
		if m.tagging[coverage].match(t) {
			return coverage
		}
	}
	return TaggingPartial
}

// class returns the class of the longest pattern that matches: "AWS::EC2::VPC*" says more than "AWS::EC2::*".
func (m *marks) class(t inventory.Type) Class {
	best, longest := Other, 0
	for _, c := range m.classes {
		if len(c.pattern) > longest && inventory.MatchGlob(c.pattern, string(t)) {
			best, longest = c.class, len(c.pattern)
		}
	}
	return best
}
