package rules

import (
	"bufio"
	"cmp"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/codeowners"
	"github.com/muster-audit/muster/rules/strictyaml"
)

// OwnerPolicy is what a policy says of who answers for an asset: "owner". Its parts are asked in the order in which they stand here.
type OwnerPolicy struct {
	Tags     []string // keys of the tags that name an owner; the first that is there counts
	Inherit  []Via    // where the tag may come from that the asset has not itself
	Stacks   []OwnerOf
	Accounts []OwnerOf
	// Codeowners tells the owner of the file that declares an asset; nil without one.
	Codeowners *Codeowners
	Column     string // attribute or tag of a register's row; empty asks no register
	// Directory tells who there is; nil without one.
	Directory *Directory
	By        string // "policy.yaml:7"
}

// OwnerOf says who answers for stacks or accounts.
type OwnerOf struct {
	Pattern string // name, or a pattern as for inventory.MatchGlob
	Owner   string
	By      string // where it stands: "policy.yaml:9"
}

// Codeowners is a CODEOWNERS file with its place.
type Codeowners struct {
	*codeowners.File
	Name string // as the policy names it
	Root string // of its repository, from the folder of the config file
}

// DefaultOwnerTags are the tags that name who answers for an asset, where a policy names none.
func DefaultOwnerTags() []string { return []string{"owner", "Owner", "team", "Team"} }

// OwnerTags are the keys of the tags that name who answers for an asset: those of "owner" › "tags", else those of the tag rule "owner",
// else DefaultOwnerTags.
func (p *Policy) OwnerTags() []string {
	if p == nil {
		return DefaultOwnerTags()
	}
	if p.Owner != nil && len(p.Owner.Tags) > 0 {
		return p.Owner.Tags
	}
	for i := range p.Tags {
		if t := &p.Tags[i]; t.ID == "owner" && len(t.Keys) > 0 {
			return t.Keys
		}
	}
	return DefaultOwnerTags()
}

// MostExact returns the item that speaks of one of some names: an exact one goes before a pattern, a longer pattern before a shorter one.
func MostExact(list []OwnerOf, names ...string) (best OwnerOf, name string, ok bool) {
	longest := -1
	for _, name := range names {
		if i := slices.IndexFunc(list, func(o OwnerOf) bool { return o.Pattern == name }); i >= 0 {
			return list[i], name, true
		}
	}
	for _, n := range names {
		for _, o := range list {
			if len(o.Pattern) > longest && inventory.MatchGlob(o.Pattern, n) {
				longest, best, name, ok = len(o.Pattern), o, n, true
			}
		}
	}
	return best, name, ok
}

type ownerSpec struct {
	Tags       []string          `yaml:"tags"`
	Inherit    []string          `yaml:"inherit"`
	Stacks     map[string]string `yaml:"stacks"`
	Accounts   map[string]string `yaml:"accounts"`
	Codeowners string            `yaml:"codeowners"`
	Column     string            `yaml:"column"`
	Directory  *directorySpec    `yaml:"directory"`
}

// owner takes what a file says of owners. Over all files that may be said once: it is one chain.
func (p *policyParser) owner(s ownerSpec) {
	if !p.doc.Has("owner") || !p.first("owner") {
		return
	}
	if p.doc.Has("owner.tags") {
		p.need(len(s.Tags) == 0, "owner.tags", "the tags that name an owner, such as [owner, team]; without the key it is those of the tag rule owner")
	}
	p.unique("owner.tags", s.Tags)
	if p.doc.Has("owner.column") {
		p.need(strings.TrimSpace(s.Column) == "", "owner.column", "the register's attribute or tag that names an owner, such as owner")
	}
	p.policy.Owner = &OwnerPolicy{
		Tags: s.Tags, Inherit: p.vias("owner.inherit", s.Inherit), Stacks: p.ownersOf("owner.stacks", s.Stacks), Accounts: p.ownersOf("owner.accounts", s.Accounts),
		Codeowners: p.codeowners("owner.codeowners", s.Codeowners), Column: s.Column, Directory: p.directory("owner.directory", s.Directory), By: p.place("owner"),
	}
}

// place is the file and line of a path.
func (p *policyParser) place(path string) string {
	line, _ := p.doc.Position(path)
	return placeAt(p.name, line)
}

func (p *policyParser) ownersOf(at string, list map[string]string) []OwnerOf {
	if p.doc.Has(at) {
		p.need(len(list) == 0, at, "who answers for what, such as {payments-*: payments}")
	}
	var out []OwnerOf
	for _, pattern := range sortedKeys(list) {
		here, owner := at+"."+pattern, strings.TrimSpace(list[pattern])
		p.need(owner == "", here, "who answers for it")
		if strings.TrimSpace(pattern) == "" {
			p.fail(at, "a name is empty: write one, or a pattern such as payments-*")
			continue
		}
		if _, err := path.Match(pattern, ""); err != nil {
			p.fail(here, "%q is no pattern: a \"[\" is not closed; \"*\" stands for any characters", pattern)
			continue
		}
		out = append(out, OwnerOf{Pattern: pattern, Owner: owner, By: p.place(here)})
	}
	return out
}

// maxCodeowners bounds a CODEOWNERS file in bytes, as GitHub does.
const maxCodeowners = 3 << 20

func (p *policyParser) codeowners(at, name string) *Codeowners {
	if name == "" {
		if p.doc.Has(at) {
			p.need(true, at, "the file, such as .github/CODEOWNERS")
		}
		return nil
	}
	var file *codeowners.File
	p.input(at, name, maxCodeowners, func(r *bufio.Reader) *strictyaml.Problem {
		text, err := readText(r)
		if err == nil {
			file, err = codeowners.Parse(name, text)
		}
		var wrong *codeowners.Error
		switch {
		case errors.As(err, &wrong):
			return &strictyaml.Problem{File: name, Line: wrong.Line, Message: wrong.Message}
		case err != nil:
			return &strictyaml.Problem{File: name, Message: err.Error()}
		}
		return nil
	})
	if file == nil {
		return nil
	}
	return &Codeowners{File: file, Name: name, Root: codeowners.Root(cmp.Or(strings.ReplaceAll(name, "\\", "/"), "."))}
}
