package plan

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/terraform/resource"
)

// block is a resource's block in the code.
type block struct {
	provider string   // key of its provider configuration
	written  []string // attributes that the code sets
}

// provider is a provider configuration in the code.
type provider struct {
	name      string // "registry.terraform.io/hashicorp/aws"
	region    string
	regionVar string // variable of the root module that the region is taken from
	account   string
}

// configuration reads the section of the same name.
func (x *indexer) configuration(key string) error {
	switch key {
	case "provider_config":
		return x.Object(x.provider)
	case "root_module":
		sensitive, err := x.module("")
		for _, name := range sensitive {
			x.d.sensitive[name] = true
		}
		return err
	}
	return x.SkipValue()
}

// module reads a module of the code, and returns the names of its sensitive variables. prefix is its address with a dot behind it.
func (x *indexer) module(prefix string) (sensitive []string, err error) {
	err = x.Object(func(key string) error {
		switch key {
		case "resources":
			return x.Array(func() error { return x.block(prefix) })
		case "module_calls":
			return x.Object(func(name string) error { return x.call(prefix + "module." + name + ".") })
		case "variables":
			return x.Object(func(name string) error {
				secret, err := x.variable()
				if secret {
					sensitive = append(sensitive, name)
				}
				return err
			})
		}
		return x.SkipValue()
	})
	return sensitive, err
}

// variable reads the declaration of a variable. The default of a sensitive one is a secret.
func (x *indexer) variable() (secret bool, err error) {
	x.raw = x.raw[:0]
	err = x.Object(func(key string) error {
		switch key {
		case "sensitive":
			return x.Bool(&secret)
		case "default":
			return x.Raw(&x.raw)
		}
		return x.SkipValue()
	})
	if secret && len(x.raw) > 0 {
		x.d.secrets = append(x.d.secrets, slices.Clone(x.raw))
	}
	return secret, err
}

// call reads the call of a module. What the code writes there for one of the module's sensitive variables is a secret.
func (x *indexer) call(prefix string) error {
	var sensitive []string
	constants := map[string][]byte{}
	err := x.Object(func(key string) (err error) {
		switch key {
		case "module":
			sensitive, err = x.module(prefix)
			return err
		case "expressions":
			return x.Object(func(name string) error {
				e, err := x.expression()
				constants[name] = e.constant
				return err
			})
		}
		return x.SkipValue()
	})
	for _, name := range sensitive {
		if constants[name] != nil {
			x.d.secrets = append(x.d.secrets, constants[name])
		}
	}
	return err
}

func (x *indexer) block(prefix string) error {
	var b block
	var mode, typ, name string
	err := x.Object(func(key string) error {
		switch key {
		case "mode":
			return x.Text(&mode)
		case "type":
			return x.Text(&typ)
		case "name":
			return x.Text(&name)
		case "provider_config_key":
			return x.Text(&b.provider)
		case "expressions":
			return x.Object(func(attribute string) error {
				b.written = append(b.written, x.once(attribute))
				return x.SkipValue()
			})
		}
		return x.SkipValue()
	})
	if mode == "managed" {
		b.provider = x.once(b.provider)
		x.d.blocks[prefix+typ+"."+name] = b
	}
	return err
}

// once returns the first of all equal strings, so that what thousands of blocks share is kept once.
func (x *indexer) once(s string) string {
	if known, ok := x.strings[s]; ok {
		return known
	}
	x.strings[s] = s
	return s
}

// expression is an expression of the code: a constant, or what it refers to.
type expression struct {
	constant   []byte // JSON text
	references []string
}

// longestConstant bounds, in bytes, what is kept of a constant.
const longestConstant = 64 << 10

func (x *indexer) expression() (e expression, err error) {
	err = x.Object(func(key string) error {
		switch key {
		case "constant_value":
			if err := x.Raw(&x.raw); err != nil {
				return err
			}
			if len(x.raw) <= longestConstant {
				e.constant = slices.Clone(x.raw)
			}
			return nil
		case "references":
			return x.Array(func() error {
				var r string
				err := x.Text(&r)
				e.references = append(e.references, r)
				return err
			})
		}
		return x.SkipValue()
	})
	return e, err
}

func (e expression) text() string {
	var s string
	if json.Unmarshal(e.constant, &s) != nil {
		return ""
	}
	return s
}

// provider reads a provider configuration.
func (x *indexer) provider(key string) error {
	var p provider
	err := x.Object(func(field string) error {
		switch field {
		case "full_name":
			return x.Text(&p.name)
		case "expressions":
			return x.Object(func(name string) error { return x.providerArgument(&p, name) })
		}
		return x.SkipValue()
	})
	x.d.providers[key] = p
	return err
}

func (x *indexer) providerArgument(p *provider, name string) error {
	switch name {
	case "region":
		e, err := x.expression()
		p.region = e.text()
		if len(e.references) == 1 {
			p.regionVar, _ = strings.CutPrefix(e.references[0], "var.")
		}
		return err
	case "allowed_account_ids":
		e, err := x.expression()
		var ids []string
		if json.Unmarshal(e.constant, &ids) == nil && len(ids) == 1 {
			p.account = ids[0]
		}
		return err
	}
	return x.SkipValue()
}

// regionName is how AWS calls its regions.
var regionName = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$`)

// regionOf returns the region of a provider configuration; empty if it is not known. An expression that refers to one variable may
// do more than take it as it is; but of a variable that is a whole region's name nothing else makes a region.
func (d *Document) regionOf(key string, p provider) string {
	if p.region == "" && !strings.Contains(key, ":") {
		return d.regions[p.regionVar]
	}
	return p.region
}

// providerAddress returns the address of the provider configuration of a block, as a state writes it. name is the provider's, where the
// code does not tell it.
func (d *Document) providerAddress(key, name string) string {
	module, local := "", key
	if i := strings.LastIndexByte(key, ':'); i >= 0 {
		module, local = key[:i]+".", key[i+1:]
	}
	if p, ok := d.providers[key]; ok && p.name != "" {
		name = p.name
	}
	address := module + `provider["` + name + `"]`
	if _, alias, ok := strings.Cut(local, "."); ok {
		address += "." + alias
	}
	return address
}

// Homes tells a survey where the provider configurations work, as far as the code says.
func (d *Document) Homes(s *resource.Survey) {
	for key, p := range d.providers {
		if region := d.regionOf(key, p); region != "" || p.account != "" {
			s.Home(d.providerAddress(key, p.name), p.account, region)
		}
	}
}
