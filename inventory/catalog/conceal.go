package catalog

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// secretWords end the names of what holds a secret, in lower case and without separators: "MasterUserPassword",
// "client_secret". Scripts that run at a machine's start are full of them.
var secretWords = []string{
	"password", "passphrase", "passwd", "secret", "secretstring", "secretbinary", "secretkey", "privatekey", "apikey", "accesskey",
	"secretaccesskey", "sharedkey", "authtoken", "accesstoken", "refreshtoken", "bearertoken", "connectionstring", "userdata", "startupscript",
}

// environments are the names of what holds the variables of a program, if it is a list or an object; as a word, it is that
// of a stage.
var environments = []string{"environment", "environmentvariables", "envvars"}

// Concealer replaces what is secret by its name with a keyed hash: attributes as APIs and people's programs give them, where no
// schema tells. It remembers names and belongs to one goroutine.
type Concealer struct {
	hash  inventory.SecretHash
	names map[string]secrecy
}

type secrecy uint8

const (
	harmless secrecy = iota
	secret
	secretIfCompound
)

// NewConcealer returns a Concealer that hashes with hash.
func NewConcealer(hash inventory.SecretHash) *Concealer {
	return &Concealer{hash: hash, names: map[string]secrecy{}}
}

// Attributes returns the attributes with every secret hashed, inside lists and objects too; the same if there is none.
func (c *Concealer) Attributes(attrs inventory.Attributes) inventory.Attributes {
	if !attrs.IsKnown() {
		return attrs
	}
	var hidden []inventory.Attribute
	for a := range attrs.All() {
		if v := c.value(a.Name, a.Value); v != a.Value {
			hidden = append(hidden, inventory.Attribute{Name: a.Name, Value: v})
		}
	}
	if len(hidden) == 0 {
		return attrs
	}
	return inventory.KnownAttributes(append(slices.Collect(attrs.All()), hidden...)...)
}

func (c *Concealer) value(name string, v inventory.Value) inventory.Value {
	if !v.IsRead() || v == inventory.Null || c.secrecy(name) == harmless && !strings.Contains(string(v), "{") {
		return v
	}
	out, err := inventory.ValueOf(c.conceal(name, v.Decode()))
	if err != nil { // cannot happen: it came from a value
		return inventory.Unread
	}
	return out
}

// conceal returns a value that stands under a name with all secrets hashed. It changes x.
func (c *Concealer) conceal(name string, x any) any {
	switch s := c.secrecy(name); x := x.(type) {
	case map[string]any:
		for k, v := range x {
			if s == harmless {
				x[k] = c.conceal(k, v)
			} else {
				x[k] = c.all(v)
			}
		}
		return x
	case []any:
		for i, v := range x {
			if _, compound := v.(map[string]any); s == secret || s == secretIfCompound && compound {
				x[i] = c.all(v)
			} else {
				x[i] = c.conceal(name, v)
			}
		}
		return x
	default:
		if s == secret {
			return c.all(x)
		}
		return x
	}
}

// all hashes every scalar. Null and truth values hide nothing, as in ManageMasterUserPassword, and a hash is not hashed again.
func (c *Concealer) all(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for k, v := range x {
			x[k] = c.all(v)
		}
		return x
	case []any:
		for i, v := range x {
			x[i] = c.all(v)
		}
		return x
	case string:
		if inventory.IsSecretHash(x) {
			return x
		}
		return c.hash.Hash(x)
	case json.Number:
		return c.hash.Hash(x.String())
	default:
		return x
	}
}

// mostNames bounds what is remembered: names are those of a schema, unless a stranger's program makes them up.
const mostNames = 1 << 14

func (c *Concealer) secrecy(name string) secrecy {
	s, ok := c.names[name]
	if !ok {
		s = secrecyOf(name)
		if len(c.names) < mostNames {
			c.names[name] = s
		}
	}
	return s
}

var separators = strings.NewReplacer("_", "", "-", "", " ", "")

func secrecyOf(name string) secrecy {
	plain := separators.Replace(strings.ToLower(name[strings.LastIndexByte(name, '.')+1:]))
	for _, w := range secretWords {
		if strings.HasSuffix(plain, w) {
			return secret
		}
	}
	for _, w := range environments {
		if plain == w {
			return secretIfCompound
		}
	}
	return harmless
}
