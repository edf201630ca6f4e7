package catalog

import (
	"fmt"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Suppression says that assets of some shape are nobody's omission: the provider made them, or keeps them for itself.
// All that it names must hold; what an asset's attributes or tags do not tell proves nothing and does not match.
type Suppression struct {
	ID     string `yaml:"id"`     // unique, "aws/default-vpc"
	Reason string `yaml:"reason"` // for people: "made by AWS in every region of a new account"
	Source string `yaml:"source"` // where the provider documents it
	// Types are patterns of types; at least one.
	Types []string `yaml:"types"`
	// Key and Name are patterns of the asset's key and name; empty matches all.
	Key  string `yaml:"key"`
	Name string `yaml:"name"`
	// Attributes are patterns of the texts of attributes, Tags of the values of tags. An attribute that is a truth value
	// has the text "true" or "false".
	Attributes map[string]string `yaml:"attributes"`
	Tags       map[string]string `yaml:"tags"`
	// Service says that a service of the provider made it for a purpose of its own, as a service-linked role; without it the thing is a
	// default, which every account or network has.
	Service bool `yaml:"service"`
	// Rare says that an asset of which nothing tells whether it fits is taken for one that does not: there are few, and a source
	// that does not know the evidence would else decide on no asset of the type.
	Rare bool `yaml:"rare"`
}

// ProviderDefault returns why an asset that nobody declared is as it should be, and false if nothing proves that.
func (c *Catalog) ProviderDefault(e *inventory.Entry) (Suppression, bool) {
	for _, list := range [][]Suppression{c.suppress.byType[e.Type], c.suppress.others} {
		for _, s := range list {
			if s.matches(e) {
				return s, true
			}
		}
	}
	return Suppression{}, false
}

// MayBeDefault returns why an asset that ProviderDefault does not know may yet be as it should be: all that can be told of
// it fits, and an attribute or tag that would decide it was not read.
func (c *Catalog) MayBeDefault(e *inventory.Entry) (Suppression, bool) {
	for _, list := range [][]Suppression{c.suppress.byType[e.Type], c.suppress.others} {
		for _, s := range list {
			if !s.Rare && s.named(e) && s.matchAttributes(e, true) && s.matchTags(e, true) {
				return s, true
			}
		}
	}
	return Suppression{}, false
}

// suppressions are kept by type where they name one, since they are asked for every asset.
type suppressions struct {
	ids    map[string]bool
	byType map[inventory.Type][]Suppression
	others []Suppression
}

func (l *suppressions) add(list []Suppression) error {
	if l.ids == nil {
		l.ids, l.byType = map[string]bool{}, map[inventory.Type][]Suppression{}
	}
	for _, s := range list {
		if l.ids[s.ID] {
			return fmt.Errorf("suppression %q is there twice", s.ID)
		}
		l.ids[s.ID] = true
		if err := s.check(); err != nil {
			return err
		}
		l.file(s)
	}
	return nil
}

func (l *suppressions) file(s Suppression) {
	for _, t := range s.Types {
		if strings.ContainsAny(t, "*?[") {
			l.others = append(l.others, s)
			continue
		}
		l.byType[inventory.Type(t)] = append(l.byType[inventory.Type(t)], s)
	}
}

func (s Suppression) check() error {
	if s.ID == "" || s.Reason == "" || s.Source == "" || len(s.Types) == 0 {
		return fmt.Errorf("suppression %q: id, reason, source and types are needed", s.ID)
	}
	if s.Key == "" && s.Name == "" && len(s.Attributes) == 0 && len(s.Tags) == 0 {
		return fmt.Errorf("suppression %q: it would match every asset of its types; name a key, name, attribute or tag", s.ID)
	}
	return nil
}

func (s Suppression) matches(e *inventory.Entry) bool {
	return s.named(e) && s.matchAttributes(e, false) && s.matchTags(e, false)
}

func (s Suppression) named(e *inventory.Entry) bool {
	return patterns(s.Types).match(e.Type) && matchText(s.Key, e.Key) && matchText(s.Name, e.Name)
}

// matchAttributes reports whether all attributes match, where unread is what one that was not read counts as.
func (s Suppression) matchAttributes(e *inventory.Entry, unread bool) bool {
	for name, pattern := range s.Attributes {
		v, ok := e.CurrentAttribute(name)
		if !ok && unread {
			continue
		}
		if !ok || v == inventory.Null || !inventory.MatchGlob(pattern, v.String()) {
			return false
		}
	}
	return true
}

// matchTags is matchAttributes for the tags.
func (s Suppression) matchTags(e *inventory.Entry, unread bool) bool {
	tags := e.CurrentTags()
	for key, pattern := range s.Tags {
		t, ok := tags.Get(key)
		if (tags.State() == inventory.Unknown || t.ValueUnknown) && unread {
			continue
		}
		if !ok || t.ValueUnknown || !inventory.MatchGlob(pattern, t.Value) {
			return false
		}
	}
	return true
}

func matchText(pattern, s string) bool { return pattern == "" || inventory.MatchGlob(pattern, s) }
