package config

import "github.com/zclconf/go-cty/cty"

// Mode tells a resource block from a data block.
type Mode string

// The modes, as a state writes them.
const (
	Managed Mode = "managed"
	Data    Mode = "data"
)

// Resource is one instance of a resource or data block, or a whole block whose instances are unknown.
type Resource struct {
	// Address is the address as Terraform prints it: module.web["eu"].aws_instance.app[0]. Where the keys are unknown it has [*].
	Address string
	// Module is the module part of Address; empty in the root module.
	Module     string
	Mode       Mode
	Type, Name string
	// Index is the instance's key, a number with count and a string with for_each; cty.NilVal if there is none or it is unknown.
	Index cty.Value
	// Provider is the configuration that is in charge of it.
	Provider Provider
	File     string
	Line     int
	// Attributes holds what the block sets, without the meta-arguments. A nested block is a tuple of objects, however often it
	// stands there, and so is what a dynamic block makes; in JSON files, whose syntax does not tell blocks from attributes, values
	// are as they are written. Null is the same as not set and left out. Values may be unknown, wholly or in part, and marked Sensitive:
	// see Unmark.
	Attributes map[string]cty.Value
	// Ignores are the paths of lifecycle.ignore_changes, written as in tags["x"] or root_block_device[0].iops; "*" is all.
	Ignores []string
	// Whole says that this is one instance, known to be declared. Otherwise there may be none, one or many, and Why says why.
	Whole bool
	Why   string
}

// Provider is one provider configuration. Of its arguments only those are kept that say where it works and which tags it adds.
type Provider struct {
	// Address is as a state writes it: provider["registry.terraform.io/hashicorp/aws"].west, after the module path if the
	// configuration stands in a module.
	Address string
	// Source is the provider's source address: registry.terraform.io/hashicorp/aws.
	Source string
	// Local is the name that the module calls the provider by, Alias that of the configuration.
	Local, Alias string
	// Module is the module where the configuration stands.
	Module string
	File   string // empty if no block configures the provider
	Line   int
	// Region and Project are empty if they are not set or unknown.
	Region, Project string
	// Accounts are the allowed_account_ids; AssumeRoles the ARNs of roles that are assumed, the last one in effect.
	Accounts, AssumeRoles []string
	// DefaultTags are default_tags of AWS and default_labels of Google: a map or object of strings, possibly unknown or with unknown
	// elements, and empty if nothing sets them.
	DefaultTags cty.Value
	IgnoreTags  IgnoreTags
}

// IgnoreTags is the ignore_tags block of the AWS provider: tags that Terraform leaves alone everywhere.
type IgnoreTags struct {
	Keys, Prefixes []string
	// Unknown says that there are more, which cannot be evaluated.
	Unknown bool
}

// Backend is the backend or cloud block of the root module.
type Backend struct {
	// Type is the kind of backend, "cloud" for a cloud block.
	Type string
	// Config holds the arguments that say where the state lies, nested blocks as tuples of objects. Credentials are left out.
	Config map[string]cty.Value
	File   string
	Line   int
}

// Import is an import block, one for every element of its for_each.
type Import struct {
	To string // address
	// ID is the thing's id for the provider; empty if it is unknown, sensitive, or an identity is given instead.
	ID   string
	File string
	Line int
}

// Moved is a moved block: what was at From is now at To. Addresses are relative to Module.
type Moved struct {
	Module   string
	From, To string
	File     string
	Line     int
}

// Removed is a removed block.
type Removed struct {
	Module string
	From   string
	// Destroy says that the thing is to be destroyed; otherwise Terraform only forgets it.
	Destroy bool
	File    string
	Line    int
}

// UnresolvedModule is a module call whose code cannot be read.
type UnresolvedModule struct {
	Address string // module.net
	Source  string
	Reason  string
	File    string
	Line    int
}
