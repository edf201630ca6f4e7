package cloudformation

import (
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/accounts"
	"github.com/muster-audit/muster/collectors/files"
)

// Options are the keys of a source of this collector.
type Options struct {
	Paths      []string                     `yaml:"paths" jsonschema_description:"Templates, folders of them, globs, and CDK assemblies (cdk.out), relative to the config file."`
	Stacks     map[string]Stack             `yaml:"stacks" jsonschema_description:"Says how templates are deployed, by their path or a glob of paths."`
	Parameters map[string]map[string]string `yaml:"parameters" jsonschema_description:"Values of parameters, by the path of the template or the name of the stack."`
	MaxAge     time.Duration                `yaml:"max_age" jsonschema_description:"How long ago a template may have been written and still be believed; 0 is for ever."`

	Live         bool                   `yaml:"live" jsonschema_description:"Read the stacks that are deployed as well."`
	Profile      string                 `yaml:"profile" jsonschema_description:"With live: profile of the shared AWS config; default: the default credential chain."`
	Regions      []string               `yaml:"regions" jsonschema_description:"With live: regions to read; default: every region enabled for the account."`
	Accounts     []accounts.Account     `yaml:"accounts" jsonschema_description:"With live: accounts to read and how to enter them; default: the account of the credentials."`
	Organization *accounts.Organization `yaml:"organization" jsonschema_description:"With live: read every active account of the organisation instead."`
	CallTimeout  time.Duration          `yaml:"call_timeout" jsonschema_description:"With live: longest time one attempt at one API call may take; default 60s."`
}

// Stack says how a template is deployed.
type Stack struct {
	StackName  string            `yaml:"stack_name" jsonschema_description:"Name of the stack."`
	Account    string            `yaml:"account" jsonschema_description:"Account id, twelve digits in quotes."`
	Region     string            `yaml:"region" jsonschema_description:"Region of the stack."`
	Tags       map[string]string `yaml:"tags" jsonschema_description:"Tags of the stack, which its resources get; {} says that it has none. Without, the tags of its resources are not known."`
	Parameters map[string]string `yaml:"parameters" jsonschema_description:"Values of parameters; others have their defaults."`
}

// Validate names what is wrong with the options.
func (o *Options) Validate() []collectors.OptionError {
	list := files.Check("paths", o.Paths)
	bad := func(option, format string, args ...any) {
		list = append(list, collectors.OptionError{Option: option, Message: fmt.Sprintf(format, args...)})
	}
	if len(o.Paths) == 0 && !o.Live {
		bad("paths", "is missing: name templates, as stacks/**/*.yaml, or read what is deployed with live: true")
	}
	if o.MaxAge < 0 {
		bad("max_age", "%s: want 0 or more, as 36h", o.MaxAge)
	}
	if o.CallTimeout < 0 {
		bad("call_timeout", "%s: want more than 0, as 60s", o.CallTimeout)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Stacks)) {
		o.Stacks[name].check("stacks."+name, name, bad)
	}
	if !o.Live {
		o.checkAPI(bad)
		return list
	}
	return append(list, o.where().Validate()...)
}

// checkAPI rejects options that mean nothing without the API.
func (o *Options) checkAPI(bad func(option, format string, args ...any)) {
	for _, k := range []struct {
		option string
		set    bool
	}{
		{"profile", o.Profile != ""},
		{"regions", len(o.Regions) > 0},
		{"accounts", len(o.Accounts) > 0},
		{"organization", o.Organization != nil},
		{"call_timeout", o.CallTimeout > 0},
	} {
		if k.set {
			bad(k.option, "it goes with live: true")
		}
	}
}

func (s Stack) check(option, name string, bad func(option, format string, args ...any)) {
	if !doublestar.ValidatePattern(filepath.ToSlash(name)) {
		bad(option, "%q is not a valid glob: a bracket or brace is not closed", name)
	}
	if s.StackName != "" && strings.ContainsAny(name, "*?[{") {
		bad(option+".stack_name", "several templates cannot be one stack: name the template itself")
	}
	if s.Account != "" && !accounts.IsID(s.Account) {
		bad(option+".account", "%q is no account id: write twelve digits in quotes", s.Account)
	}
	if s.Region != "" && !accounts.IsRegion(s.Region) {
		bad(option+".region", "%q is no region: write it as eu-west-1", s.Region)
	}
}

func (o *Options) where() accounts.Options {
	return accounts.Options{Regions: o.Regions, Accounts: o.Accounts, Organization: o.Organization}
}

// stackOf returns what the config says of the stack of a template: the entry of its own path, else that of the longest glob. It is false if it
// says nothing.
func (o *Options) stackOf(file string) (Stack, bool) {
	best, found := "", false
	for _, name := range slices.Sorted(maps.Keys(o.Stacks)) {
		pattern := path.Clean(filepath.ToSlash(name))
		if pattern == file {
			return o.Stacks[name], true
		}
		if ok, _ := doublestar.Match(pattern, file); ok && len(name) > len(best) {
			best, found = name, true
		}
	}
	return o.Stacks[best], found
}

// parametersOf returns the values that the config gives for a template and stack, and whether it gives any.
func (o *Options) parametersOf(file, stack string) (map[string]string, bool) {
	out, told := map[string]string{}, false
	for _, name := range slices.Sorted(maps.Keys(o.Parameters)) {
		if name == stack && stack != "" || path.Clean(filepath.ToSlash(name)) == file {
			maps.Copy(out, o.Parameters[name])
			told = true
		}
	}
	return out, told
}
