package resource

import (
	"cmp"
	"hash/maphash"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Survey learns what has to be known of a document before the first asset can be emitted: what is secret in it, in which
// account each provider configuration works, and which names are there twice. What it keeps of an instance is a hash of its name.
type Survey struct {
	catalog *catalog.Catalog
	secrets *secrets
	homes   homes
	names   names
	decoder *Decoder
}

// NewSurvey returns a survey that has seen nothing.
func NewSurvey(c *catalog.Catalog, hash inventory.SecretHash) *Survey {
	return &Survey{catalog: c, secrets: newSecrets(hash), homes: newHomes(), names: newNames(), decoder: NewDecoder()}
}

// Instance learns of an instance. The error is ErrTooManySecrets.
func (s *Survey) Instance(in *Instance) error {
	v := newView(s.catalog, in, s.secrets)
	if err := s.learnSecrets(v); err != nil {
		return err
	}
	if in.Block.Mode != "managed" {
		return nil
	}
	return s.learnNames(v)
}

// Secret learns a value, as JSON text, all of which is secret: an output that is marked sensitive. The error is ErrTooManySecrets.
func (s *Survey) Secret(value []byte) error { return s.secrets.add(s.decoder.Decode(value)) }

// Place is where the documents' assets are declared.
type Place struct {
	File    string // the scope's id
	Lineage string
	Layer   inventory.Layer
}

// Home tells where a provider configuration works, as its code says. Empty is unknown. It counts for instances that do not say
// themselves, before what the others tell.
func (s *Survey) Home(provider, account, region string) {
	s.homes.told[provider] = place{account: account, region: region}
}

func (s *Survey) learnSecrets(v *view) error {
	if !v.secret.all && len(v.secret.paths) == 0 {
		return nil
	}
	var err error
	learn := func(leaf any) any {
		if e := s.secrets.add(leaf); e != nil {
			err = e
		}
		return leaf
	}
	for _, m := range v.in.Attributes.list {
		for _, p := range v.secret.of(stringOf(v.in.Attributes.at(m.name))) {
			at(v.in.Decoder.Decode(v.in.Attributes.at(m.value)), p, learn)
		}
	}
	return err
}

// learnNames counts the global names, so that one that several instances share is the key of none, and learns the account.
func (s *Survey) learnNames(v *view) error {
	v.locate()
	if v.row.Provider == "aws" {
		s.homes.learn(v.provider(), v.place)
	}
	if name := v.globalName(); name != "" {
		s.names.count(name, declared)
	}
	return v.children(func(c child) error {
		if c.key != "" {
			s.names.count(c.key, declaredInside)
		}
		return nil
	})
}

// homes are where each provider configuration of AWS works, as far as its instances tell.
type homes struct {
	accounts, regions map[string]string // by provider; "" where there are several
	told              map[string]place  // by its code
}

func newHomes() homes {
	return homes{accounts: map[string]string{}, regions: map[string]string{}, told: map[string]place{}}
}

func (h homes) learn(provider string, p place) {
	learn := func(known map[string]string, what string) {
		if was, ok := known[provider]; ok && was != what {
			what = ""
		}
		known[provider] = what
	}
	if p.account != "" {
		learn(h.accounts, p.account)
	}
	if p.region != "" {
		learn(h.regions, p.region)
	}
}

// complete fills in what an instance does not tell itself. regional says that its type is known to have a region; an ARN
// without one says that it has none.
func (h homes) complete(v *view, regional bool) {
	if v.row.Provider != "aws" {
		return
	}
	if v.place.account == "" {
		v.place.account = cmp.Or(h.told[v.provider()].account, h.accounts[v.provider()])
	}
	if regional && v.place.region == "" && v.arn() == "" {
		v.place.region = cmp.Or(h.told[v.provider()].region, h.regions[v.provider()])
	}
}

// names keeps what was seen of each name, by its hash.
type names struct {
	seed maphash.Seed
	seen map[uint64]sight
}

// sight is how a name was seen: a set of bits.
type sight uint8

const (
	declared       sight = 1 << iota // by a resource of its own
	declaredAgain                    // by another one too
	declaredInside                   // in a block of another resource
	declaredInsideAgain
	emitted
)

func newNames() names { return names{seed: maphash.MakeSeed(), seen: map[uint64]sight{}} }

// count notes that a name was seen in a way, and in its "again" from the second time on.
func (n names) count(name string, how sight) {
	h := maphash.String(n.seed, name)
	if n.seen[h]&how != 0 {
		how <<= 1
	}
	n.seen[h] |= how
}

func (n names) of(name string) sight { return n.seen[maphash.String(n.seed, name)] }

// claim reports whether a key is new, and takes it.
func (n names) claim(key string) bool {
	h := maphash.String(n.seed, key)
	if n.seen[h]&emitted != 0 {
		return false
	}
	n.seen[h] |= emitted
	return true
}
