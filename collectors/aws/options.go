package aws

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/aws/accounts"
	"github.com/muster-audit/muster/collectors/aws/listers"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Options are the keys of a source of this collector.
type Options struct {
	Profile      string        `yaml:"profile" jsonschema_description:"profile of the shared AWS config; default: the default credential chain"`
	Regions      []string      `yaml:"regions" jsonschema_description:"regions to read; default: every region enabled for the account"`
	Accounts     []Account     `yaml:"accounts" jsonschema_description:"accounts to read and how to enter them; default: the account of the credentials"`
	Organization *Organization `yaml:"organization" jsonschema_description:"read every active account of the organisation instead"`
	Types        []string      `yaml:"types" jsonschema_description:"globs of types, as AWS::EC2::*; default: all. They limit the sweep as well"`
	Sweep        bool          `yaml:"sweep" jsonschema_description:"add tagged things of types without a native lister, by name and tags alone; default true"`
	IAMDetails   bool          `yaml:"iam_details" jsonschema_description:"read IAM with the one call GetAccountAuthorizationDetails, on which some monitoring raises an alarm; default true"`
	RecheckEmpty time.Duration `yaml:"recheck_empty" jsonschema_description:"read a type that was empty in a region again only after about this long, as 168h; default: every time"`
	CallTimeout  time.Duration `yaml:"call_timeout" jsonschema_description:"longest time one attempt at one API call may take; default 60s"`
	Replay       string        `yaml:"replay" jsonschema_description:"read from a folder that \"muster scan --record\" wrote, with no credentials and no network"`
}

// Replays returns the folder of the recording that the source is read from; empty if it is read from AWS.
func (o *Options) Replays() string { return o.Replay }

// Account is an account of the config.
type Account = accounts.Account

// Organization says how the accounts of an organisation are entered.
type Organization = accounts.Organization

// where are the options that say which accounts and regions are read.
func (o *Options) where() accounts.Options {
	return accounts.Options{Regions: o.Regions, Accounts: o.Accounts, Organization: o.Organization}
}

// Validate names what is wrong with the options.
func (o *Options) Validate() []collectors.OptionError {
	list := o.where().Validate()
	bad := func(option, format string, args ...any) {
		list = append(list, collectors.OptionError{Option: option, Message: fmt.Sprintf(format, args...)})
	}
	o.checkTypes(bad)
	if o.RecheckEmpty < 0 {
		bad("recheck_empty", "%s: want more than 0, as 168h", o.RecheckEmpty)
	}
	if o.CallTimeout < 0 {
		bad("call_timeout", "%s: want more than 0, as 60s", o.CallTimeout)
	}
	return list
}

// checkTypes rejects a glob that stands for no type that there is.
func (o *Options) checkTypes(bad func(option, format string, args ...any)) {
	if len(o.Types) == 0 {
		return
	}
	names := typeNames()
	for i, p := range o.Types {
		if slices.ContainsFunc(names, func(n string) bool { return inventory.MatchGlob(p, n) }) {
			continue
		}
		bad(fmt.Sprintf("types[%d]", i), "%q matches no AWS type: %s", p, typeHint(p, names))
	}
}

// typeHint says what a glob that stands for no type was likely meant to be.
func typeHint(glob string, names []string) string {
	whole := "AWS::" + glob
	if slices.ContainsFunc(names, func(n string) bool { return inventory.MatchGlob(whole, n) }) {
		return fmt.Sprintf("did you mean %q?", whole)
	}
	if strings.ContainsAny(glob, "*?[") {
		for i, n := range names {
			service, _, _ := strings.Cut(strings.TrimPrefix(n, "AWS::"), "::")
			names[i] = "AWS::" + service + "::*"
		}
	}
	if near := inventory.Nearest(glob, names); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "write a type or a glob, as AWS::EC2::*"
}

// typeNames lists all types that CloudFormation or a lister knows. That the catalog cannot be loaded is told elsewhere.
func typeNames() []string {
	var names []string
	if known, err := catalog.Load(); err == nil {
		names = known.TypeNames("AWS::")
	}
	all := listers.All()
	for i := range all {
		for _, t := range all[i].Types() {
			names = append(names, string(t))
		}
	}
	return names
}
