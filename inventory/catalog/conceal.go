package catalog

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// secretWords end the names of what holds a secret, in lower case and without separators: "MasterUserPassword",
// "client_secret". Scripts that run at a machine's start are full of them, and an address that is called by events is one itself.
var secretWords = []string{
	"password", "passphrase", "passwd", "secret", "secretstring", "secretbinary", "secretkey", "privatekey", "apikey", "accesskey",
	"secretaccesskey", "sharedkey", "keymaterial", "authtoken", "accesstoken", "refreshtoken", "bearertoken", "sessiontoken", "securitytoken",
	"oauthtoken", "idtoken", "secrettoken", "basicauthcredentials", "headervalue", "connectionstring", "extraconnectionattributes",
	"userdata", "startupscript", "invocationendpoint",
}

// settings are the names of what holds the variables of a program or other free settings, if it is a list or an object; as a
// word, an environment is that of a stage.
var settings = []string{
	"environment", "environmentvariables", "runtimeenvironmentvariables", "containerenvironmentvariables", "exportedenvironmentvariables",
	"envvars", "variables", "stagevariables", "optimizationenvironment", "overrideenvironment", "arguments", "defaultarguments",
	"nonoverridablearguments", "defaultrunproperties", "connectionproperties", "commonattributes", "customheaders", "insertheaders",
}

// Concealer replaces what is secret by its name with a keyed hash: attributes as APIs and people's programs give them, where no
// schema tells. It remembers names and belongs to one goroutine.
type Concealer struct {
	hash  inventory.SecretHash
	names map[string]Secrecy
}

// Secrecy is what a name tells of the value that stands under it.
type Secrecy uint8

// The secrecies.
const (
	Harmless         Secrecy = iota // nothing
	Secret                          // all of it is secret
	SecretIfCompound                // it is secret if it is a list of objects or an object, as an environment
)

// NewConcealer returns a Concealer that hashes with hash.
func NewConcealer(hash inventory.SecretHash) *Concealer {
	return &Concealer{hash: hash, names: map[string]Secrecy{}}
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
	if !v.IsRead() || v == inventory.Null || c.Secrecy(name) == Harmless && !strings.Contains(string(v), "{") {
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
	switch s := c.Secrecy(name); x := x.(type) {
	case map[string]any:
		for k, v := range x {
			if s == Harmless {
				x[k] = c.conceal(k, v)
			} else {
				x[k] = c.all(v)
			}
		}
		return x
	case []any:
		for i, v := range x {
			if _, compound := v.(map[string]any); s == Secret || s == SecretIfCompound && compound {
				x[i] = c.all(v)
			} else {
				x[i] = c.conceal(name, v)
			}
		}
		return x
	default:
		if s == Secret {
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
		return c.hash.Hash(x)
	case json.Number:
		return c.hash.Hash(x.String())
	default:
		return x
	}
}

// mostNames bounds what is remembered: names are those of a schema, unless a stranger's program makes them up.
const mostNames = 1 << 14

// Secrecy says what a name tells. There is one list of names, for attributes and for recordings.
func (c *Concealer) Secrecy(name string) Secrecy {
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

// PlainName returns a name as the lists of names have it: "DB_Password" and "db-password" are "dbpassword".
func PlainName(name string) string { return separators.Replace(strings.ToLower(name)) }

func secrecyOf(name string) Secrecy {
	plain := PlainName(name[strings.LastIndexByte(name, '.')+1:])
	for _, w := range secretWords {
		if strings.HasSuffix(plain, w) {
			return Secret
		}
	}
	if slices.Contains(settings, plain) {
		return SecretIfCompound
	}
	return Harmless
}
