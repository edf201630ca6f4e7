// Package code makes resource instances of Terraform configuration that package config evaluated, so that package resource can make
// assets of them. What the code leaves to the provider is not there, and what it computes from something that nobody knows is
// resource.Unknown.
package code

import (
	"fmt"
	"path"
	"regexp"
	"slices"

	"github.com/muster-audit/muster/collectors/terraform/config"
	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Applied tells whether the state of a configuration holds a resource with an address. It is nil where the state is not known.
type Applied func(address string) bool

// Document is a configuration with what is known of its state.
type Document struct {
	Config  *config.Config
	Catalog *catalog.Catalog
	Applied Applied
	// Folder is what the paths of the configuration's files are relative to, as the start of a path.
	Folder string
}

// Learn tells a survey of every instance, and of where the provider configurations work.
func (d *Document) Learn(s *resource.Survey) error {
	return d.walk(func(r config.Resource, in *resource.Instance) error {
		account, region := home(r.Provider)
		s.Home(r.Provider.Address, account, region)
		return s.Instance(in)
	})
}

// Emit hands every instance to an emitter, and returns how many resources there are of which nobody knows how many instances they have.
func (d *Document) Emit(e *resource.Emitter) (open int, err error) {
	err = d.Config.Resources(func(r config.Resource) error {
		if r.Mode == config.Managed && !r.Whole {
			open++
		}
		return d.each(r, func(_ config.Resource, in *resource.Instance) error { return e.Emit(in) })
	})
	return open, err
}

func (d *Document) walk(visit func(config.Resource, *resource.Instance) error) error {
	return d.Config.Resources(func(r config.Resource) error { return d.each(r, visit) })
}

func (d *Document) each(r config.Resource, visit func(config.Resource, *resource.Instance) error) error {
	if !r.Whole || r.Mode != config.Managed {
		return nil
	}
	in, err := d.instance(r)
	if err != nil {
		return fmt.Errorf("read %s: %w", r.Address, err)
	}
	return visit(r, in)
}

func (d *Document) instance(r config.Resource) (*resource.Instance, error) {
	in := &resource.Instance{
		Block: &resource.Block{
			Module: r.Module, Mode: string(r.Mode), Type: r.Type, Name: r.Name, Provider: r.Provider.Address,
		},
		File: path.Join(d.Folder, r.File), Line: r.Line,
		Ignores:   slices.Concat(r.Ignores, ignored(r.Provider.IgnoreTags)),
		Lifecycle: d.lifecycle(r.Address), Decoder: resource.NewDecoder(),
	}
	in.Attributes.Present = true
	index, err := indexKey(r.Index)
	if err != nil {
		return nil, err
	}
	in.IndexKey = index
	var secret [][]step
	for _, name := range names(r.Attributes) {
		text, paths, err := encode(r.Attributes[name])
		if err != nil {
			return nil, err
		}
		for _, p := range paths {
			secret = append(secret, append([]step{{Type: "get_attr", Value: name}}, p...))
		}
		in.Attributes.Set(name, text)
	}
	d.completeTags(r, in)
	d.completePlace(r, in)
	in.Sensitive, err = sensitive(secret)
	return in, err
}

func (d *Document) lifecycle(address string) inventory.Lifecycle {
	switch {
	case d.Applied == nil:
		return inventory.LifecycleUnknown
	case d.Applied(address):
		return inventory.LifecycleActive
	}
	return inventory.LifecyclePlanned
}

// completePlace writes what a provider configuration of Google gives to resources that do not say it themselves.
func (d *Document) completePlace(r config.Resource, in *resource.Instance) {
	row, _ := d.Catalog.Terraform(r.Type)
	if _, set := in.Attributes.Raw("project"); row.Provider == "gcp" && !set && r.Provider.Project != "" {
		in.Attributes.Set("project", []byte(inventory.StringValue(r.Provider.Project)))
	}
}

// ignored are the tags that a provider configuration leaves alone on everything.
func ignored(t config.IgnoreTags) []string {
	if t.Unknown {
		return []string{"tags"}
	}
	var list []string
	for _, k := range t.Keys {
		list = append(list, "tags["+string(inventory.StringValue(k))+"]")
	}
	for _, p := range t.Prefixes {
		list = append(list, "tags["+string(inventory.StringValue(p+"*"))+"]")
	}
	return list
}

var roleAccount = regexp.MustCompile(`^arn:[^:]*:iam::([0-9]{12}):role/`)

// home is where a provider configuration works, as far as its code says. The last role that is assumed decides the account.
func home(p config.Provider) (account, region string) {
	switch n := len(p.AssumeRoles); {
	case n > 0:
		if m := roleAccount.FindStringSubmatch(p.AssumeRoles[n-1]); m != nil {
			account = m[1]
		}
	case len(p.Accounts) == 1:
		account = p.Accounts[0]
	}
	return account, p.Region
}
