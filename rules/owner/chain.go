// Package owner finds out who answers for an asset, by the chain that a policy lays down: a tag, a tag of what the asset belongs to, its
// stack, its account, the CODEOWNERS of the file that declares it, the register's column. The first link that names somebody decides.
//
// Three values: a link that could not be read leaves the owner unknown, and no later link takes its place; what one of those says is told
// as a hint. Nobody is the answer only where every link was read.
package owner

import (
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/codeowners"
	"github.com/muster-audit/muster/rules/drift/reach"
	"github.com/muster-audit/muster/rules/expr"
	"github.com/muster-audit/muster/rules/inherit"
)

// Link is a part of the chain.
type Link string

// The links, in the order in which they are asked.
const (
	ByTag        Link = "tag"
	ByInherited  Link = "inherited"
	ByStack      Link = "stack"
	ByAccount    Link = "account"
	ByCodeowners Link = "codeowners"
	ByRegister   Link = "register"
)

// Inputs is what a chain is made of.
type Inputs struct {
	// Policy says what is asked. One without a chain leaves it to the tags, in any book, and nothing is weighed.
	Policy *rules.Policy
	// Inherit finds tags of what assets belong to; needed where the policy's chain inherits.
	Inherit *inherit.Index
	// Reach tells a book that does not hold an asset from one that was not read. Nil takes what is there for all there is.
	Reach *reach.Map
	// Dir is the folder of the config file, with "/", from which the CODEOWNERS file and the files of declarations are named.
	Dir string
}

// Chain tells owners. It keeps nothing of the assets, and is safe for concurrent use.
type Chain struct {
	Inputs
	policy *rules.OwnerPolicy
	tags   []string
	links  []link
	root   string
	unread map[inventory.Book]string // why a book was never read whole
	files  files
}

type link struct {
	name Link
	ask  func(*rules.Entity) answer
}

// New returns the chain of a policy.
func New(in Inputs) *Chain {
	c := &Chain{Inputs: in, policy: in.Policy.Owner, tags: in.Policy.OwnerTags(), unread: map[inventory.Book]string{}}
	if c.policy == nil {
		c.links = []link{{ByTag, c.byAnyTag}}
		return c
	}
	c.links = []link{{ByTag, c.byTag}}
	add := func(wanted bool, name Link, ask func(*rules.Entity) answer) {
		if wanted {
			c.links = append(c.links, link{name, ask})
		}
	}
	add(len(c.policy.Inherit) > 0 && in.Inherit != nil, ByInherited, c.byInherited)
	add(len(c.policy.Stacks) > 0, ByStack, c.byStack)
	add(len(c.policy.Accounts) > 0, ByAccount, c.byAccount)
	add(c.policy.Codeowners != nil, ByCodeowners, c.byCodeowners)
	add(c.policy.Column != "", ByRegister, c.byRegister)
	if c.policy.Codeowners != nil {
		c.root = c.abs(c.policy.Codeowners.Root)
	}
	if in.Reach != nil {
		for _, book := range []inventory.Book{inventory.Declared, inventory.Recorded} {
			if s := in.Reach.NeverRead(book); s != nil {
				c.unread[book] = reach.Describe(s)
			}
		}
	}
	return c
}

// answer is what a link says. It names what the words of Explain are made of, and none of them: most answers are never explained.
type answer struct {
	state      expr.Truth // No: it names nobody
	name       string
	why        string // of Unknown, in words that many assets share
	confidence rules.Confidence
	// earlier says that the answer rests on what an earlier scan read.
	earlier bool
	// open says of Unknown that a later link may name somebody: nobody knows whether this one has anything to say.
	open bool
	// lost says that it may be unknown what an earlier scan could tell, of which nothing is left.
	lost bool

	entry *inventory.Entry // what says so
	key   string           // of its tag, or attribute
	item  rules.OwnerOf
	about string // the stack, account or file that the item or rule speaks of
	match codeowners.Match
	found inherit.Found
}

func nobody() answer { return answer{state: expr.No} }

func unknown(why string) answer { return answer{state: expr.Unknown, why: why} }

func (c *Chain) ask(e *rules.Entity) (answer, Link) {
	doubt, by := nobody(), Link("")
	for _, l := range c.links {
		a := l.ask(e)
		switch {
		case a.state == expr.Unknown && a.open:
			if doubt.state == expr.No {
				doubt, by = a, l.name
			}
		case a.state != expr.No:
			return a, l.name
		}
	}
	return doubt, by
}

// Owner returns who answers for an entity.
func (c *Chain) Owner(e *rules.Entity) rules.Owner {
	a, _ := c.ask(e)
	return a.owner()
}

func (a *answer) owner() rules.Owner {
	switch a.state {
	case expr.Yes:
		return rules.Owner{Name: a.name, Confidence: a.confidence}
	case expr.Unknown:
		return rules.Owner{Unknown: a.why}
	}
	return rules.Owner{}
}

// notRead says why a book that does not hold an entity may hold it all the same; empty if it was read.
func (c *Chain) notRead(book inventory.Book, e *rules.Entity) string {
	if c.Reach == nil || !c.Reach.Has(book) {
		return ""
	}
	if why := c.unread[book]; why != "" {
		return why
	}
	s := e.Subject()
	if a := c.Reach.Ask(book, s.Type, s.Account, s.Region); a.Unread != nil {
		return reach.Describe(a.Unread)
	}
	return ""
}

func (c *Chain) abs(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(c.Dir, name)
}

// files remembers what CODEOWNERS says of files: few files declare many things.
type files struct {
	known sync.Map // string -> codeowners.Match
	size  atomic.Int32
}

// maxFiles bounds what is remembered.
const maxFiles = 16_384

func (f *files) match(file *codeowners.File, name string) codeowners.Match {
	if m, ok := f.known.Load(name); ok {
		return m.(codeowners.Match)
	}
	m := file.Owners(name)
	if f.size.Load() < maxFiles {
		f.size.Add(1)
		f.known.Store(strings.Clone(name), m)
	}
	return m
}
