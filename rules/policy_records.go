package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// DefaultStaleAfter is how long ago a register may have seen a thing if no policy says otherwise.
const DefaultStaleAfter = 30 * 24 * time.Hour

// RecordsPolicy is what a policy says of the register: "records".
type RecordsPolicy struct {
	// StaleAfter is how long ago a register may have seen what its row speaks of; 0 turns the question off.
	StaleAfter time.Duration
	// Authority is the book that is right where no item of Authorities says otherwise; empty is the observed one.
	Authority inventory.Book
	// Authorities say which book is right about single attributes, sorted by pattern.
	Authorities []Authority
}

// Authority names the book that is right about attributes.
type Authority struct {
	Attribute string // name, or a pattern as for inventory.MatchGlob: "owner", "tags.*"
	Book      inventory.Book
}

// AuthorityOf returns the book that is right about an attribute, which may go by several names. An exact name goes before a
// pattern, and the longest pattern before the others. A nil policy trusts what is observed.
func (p *Policy) AuthorityOf(names ...string) inventory.Book {
	if p == nil {
		return inventory.Observed
	}
	book, longest := p.Records.Authority, -1
	for _, a := range p.Records.Authorities {
		for _, name := range names {
			if a.Attribute == name {
				return a.Book
			}
			if len(a.Attribute) > longest && inventory.MatchGlob(a.Attribute, name) {
				longest, book = len(a.Attribute), a.Book
			}
		}
	}
	if book == "" {
		return inventory.Observed
	}
	return book
}

// NamesAuthority reports whether the policy says by its exact name which book is right about an attribute.
func (p *Policy) NamesAuthority(attribute string) bool {
	return p != nil && slices.ContainsFunc(p.Records.Authorities, func(a Authority) bool { return a.Attribute == attribute })
}

// TrustsRegister reports whether the policy may call the register the authority for a tag.
func (p *Policy) TrustsRegister() bool {
	if p == nil {
		return false
	}
	trusts := p.Records.Authority == inventory.Recorded
	for _, a := range p.Records.Authorities {
		trusts = trusts || a.Book == inventory.Recorded && (isGlob(a.Attribute) || strings.HasPrefix(a.Attribute, "tags."))
	}
	return trusts
}

// SpellingsOf returns the keys that the policy's tag rules take for one and the same tag, the canonical one first. A key of
// which no rule speaks is its own only spelling.
func (p *Policy) SpellingsOf(key string) []string {
	if p != nil {
		for i := range p.Tags {
			for _, k := range p.Tags[i].Keys {
				if k == key {
					return p.Tags[i].Keys
				}
			}
		}
	}
	return []string{key}
}

type recordsSpec struct {
	StaleAfter *Age          `yaml:"stale_after"`
	Authority  authoritySpec `yaml:"authority"`
}

type authoritySpec struct {
	Default    string            `yaml:"default"`
	Attributes map[string]string `yaml:"attributes"`
}

// Age is a length of time as people write it: "30d", or as Go does, "36h".
type Age time.Duration

// UnmarshalText accepts whole days, and what time.ParseDuration does. It is never negative.
func (a *Age) UnmarshalText(text []byte) error {
	const day, mostDays = 24 * time.Hour, 36500
	s := string(text)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > mostDays {
			return fmt.Errorf("%q is no length of time: write 30d or 36h", s)
		}
		*a = Age(time.Duration(n) * day)
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is no length of time: write 30d or 36h", s)
	}
	*a = Age(d)
	return nil
}

// records takes what a file says of the register. Over all files each thing may be said once.
func (p *policyParser) records(s recordsSpec) {
	if s.StaleAfter != nil && p.first("records.stale_after") {
		p.policy.Records.StaleAfter = time.Duration(*s.StaleAfter)
	}
	const path = "records.authority.default"
	if p.doc.Has(path) && p.first(path) {
		p.policy.Records.Authority = p.book(path, s.Authority.Default)
	}
	for _, name := range sortedKeys(s.Authority.Attributes) {
		path := "records.authority.attributes." + name
		if strings.TrimSpace(name) == "" {
			p.fail("records.authority.attributes", "an attribute's name is empty: write one, such as owner, or tags.owner for a tag")
			continue
		}
		if p.first(path) {
			p.policy.Records.Authorities = append(p.policy.Records.Authorities, Authority{name, p.book(path, s.Authority.Attributes[name])})
		}
	}
}

// first reports whether no place before gave what stands at a path, and complains if one did.
func (p *policyParser) first(path string) bool {
	line, _ := p.doc.Position(path)
	if before, ok := p.overrides[path]; ok {
		p.fail(path, "it is also given at %s: keep one", before)
		return false
	}
	p.overrides[path] = fmt.Sprintf("%s:%d", p.name, line)
	return true
}

func (p *policyParser) book(path, name string) inventory.Book {
	const want = "write observed, recorded or declared"
	book := inventory.Book(name)
	switch {
	case book.Valid():
	case name == "":
		p.need(true, path, want)
	default:
		message := "no such book: " + want
		if near := inventory.Nearest(name, []string{string(inventory.Observed), string(inventory.Recorded), string(inventory.Declared)}); near != "" {
			message = fmt.Sprintf("no such book: did you mean %q?", near)
		}
		p.fail(path, "%q: %s", name, message)
	}
	return book
}
