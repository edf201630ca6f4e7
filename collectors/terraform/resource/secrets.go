package resource

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"regexp"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Shortest secret that is looked for elsewhere, and the most different secrets of one file.
const (
	shortestSecret = 4
	mostSecrets    = 1 << 20
)

// secrets knows the values of a file that its state or its provider's schema marks as secret, by their hashes alone.
type secrets struct {
	hash  inventory.SecretHash
	seed  maphash.Seed
	known map[uint64]struct{}
	most  int // of known
}

func newSecrets(hash inventory.SecretHash) *secrets {
	return &secrets{hash: hash, seed: maphash.MakeSeed(), known: map[uint64]struct{}{}, most: mostSecrets}
}

// ErrTooManySecrets says that so much is marked secret that it cannot be made sure that none of it is stored.
var ErrTooManySecrets = errors.New("too many secrets")

// add remembers every string in x that is long enough to be told from chance.
func (s *secrets) add(x any) error {
	mapLeaves(x, func(leaf any) any {
		if text, ok := leaf.(string); ok && len(text) >= shortestSecret && len(s.known) <= s.most {
			s.known[maphash.String(s.seed, text)] = struct{}{}
		}
		return leaf
	})
	if len(s.known) > s.most {
		return fmt.Errorf("%w: more than %d different values are marked sensitive", ErrTooManySecrets, s.most)
	}
	return nil
}

// text returns a string, or its keyed hash if it is a known secret.
func (s *secrets) text(text string) string {
	if len(text) < shortestSecret || len(s.known) == 0 {
		return text
	}
	if _, secret := s.known[maphash.String(s.seed, text)]; secret {
		return s.hash.Hash(text)
	}
	return text
}

// quotedKey is the key of one instance of a module in the module's address: ["eu"].
var quotedKey = regexp.MustCompile(`\["(?:[^"\\]|\\.)*"\]`)

// module returns the address of a module with every key that is a known secret hashed.
func (s *secrets) module(address string) string {
	if len(s.known) == 0 {
		return address
	}
	return quotedKey.ReplaceAllStringFunc(address, func(part string) string {
		key, err := strconv.Unquote(part[1 : len(part)-1])
		if err != nil {
			return part
		}
		if hidden := s.text(key); hidden != key {
			return "[" + quote(hidden) + "]"
		}
		return part
	})
}

// scrub returns x with every string that is a known secret hashed, keys too. It changes x.
func (s *secrets) scrub(x any) any {
	if len(s.known) == 0 {
		return x
	}
	switch x := x.(type) {
	case string:
		return s.text(x)
	case []any:
		for i, e := range x {
			x[i] = s.scrub(e)
		}
	case map[string]any:
		return s.scrubMap(x)
	}
	return x
}

func (s *secrets) scrubMap(x map[string]any) any {
	for k, e := range x {
		x[k] = s.scrub(e)
	}
	var hidden []string
	for k := range x {
		if s.text(k) != k {
			hidden = append(hidden, k)
		}
	}
	for _, k := range hidden {
		x[s.text(k)] = x[k]
		delete(x, k)
	}
	return x
}

// value is scrub for a canonical value.
func (s *secrets) value(v inventory.Value) inventory.Value {
	if len(s.known) == 0 || !strings.Contains(string(v), `"`) {
		return v
	}
	return valueOf(s.scrub(v.Decode()))
}

// hide returns x with everything at the paths hashed. It changes x.
func (s *secrets) hide(x any, paths []trail) any {
	for _, p := range paths {
		x = at(x, p, s.hashLeaf)
	}
	return x
}

// hashLeaf hashes a scalar; null hides nothing, and a hash is not hashed again.
func (s *secrets) hashLeaf(leaf any) any {
	switch leaf := leaf.(type) {
	case string:
		if inventory.IsSecretHash(leaf) {
			return leaf
		}
		return s.hash.Hash(leaf)
	case json.Number:
		return s.hash.Hash(leaf.String())
	case bool:
		return s.hash.Hash(fmt.Sprint(leaf))
	}
	return leaf
}

func valueOf(x any) inventory.Value {
	v, err := inventory.ValueOf(x)
	if err != nil { // cannot happen: x came from a decoded value
		return inventory.Unread
	}
	return v
}

// trail leads to a secret inside a top-level attribute.
type trail []step

// step goes to a member, to an element, or to every element of a list.
type step struct {
	name  string
	index int
	kind  stepKind
}

type stepKind uint8

const (
	byName stepKind = iota
	byIndex
	anywhere // of a kind that this program does not know: everything below is secret
)

// at returns x with f applied to every scalar at a path. Where the path does not fit what is there, it goes to the side
// of hiding too much: list elements that a name cannot choose from are all meant, and a scalar ends every path.
func at(x any, p trail, f func(any) any) any {
	if len(p) == 0 || p[0].kind == anywhere {
		return mapLeaves(x, f)
	}
	switch x := x.(type) {
	case map[string]any:
		return atMember(x, p, f)
	case []any:
		for i := range x {
			switch {
			case p[0].kind == byName:
				x[i] = at(x[i], p, f)
			case p[0].index == i:
				x[i] = at(x[i], p[1:], f)
			}
		}
		return x
	}
	return f(x)
}

func atMember(x map[string]any, p trail, f func(any) any) any {
	if v, ok := x[p[0].name]; ok && p[0].kind == byName {
		x[p[0].name] = at(v, p[1:], f)
		return x
	}
	if inner, ok := dynamic(x); ok {
		x["value"] = at(inner, p, f)
	}
	return x
}

// dynamic returns the value of an attribute of dynamic type, which a state wraps in an object of value and type.
func dynamic(x map[string]any) (any, bool) {
	value, hasValue := x["value"]
	_, hasType := x["type"]
	return value, hasValue && hasType && len(x) == 2
}

// mapLeaves applies f to every scalar, in place.
func mapLeaves(x any, f func(any) any) any {
	switch x := x.(type) {
	case map[string]any:
		for k, v := range x {
			x[k] = mapLeaves(v, f)
		}
		return x
	case []any:
		for i, v := range x {
			x[i] = mapLeaves(v, f)
		}
		return x
	}
	return f(x)
}
