package resource

import (
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Block is what all instances of one resource share.
type Block struct {
	Module   string // module.web["eu"], empty in the root module
	Mode     string // "managed" or "data"
	Type     string // "aws_sqs_queue"
	Name     string
	Provider string // address of its provider configuration, as a state writes it
}

// Instance is one instance of a resource, however it was written down. Its buffers are used again for the next.
type Instance struct {
	Block *Block
	// IndexKey is raw JSON: a number or a string; empty for a resource without count and for_each.
	IndexKey []byte
	// Deposed is the id of an object that is to be destroyed, empty for all others.
	Deposed  string
	Provider string // overrides the block's
	// Attributes are as a state writes them, Unknown where nobody knows.
	Attributes Members
	Identity   Members
	// Sensitive are the paths of secrets, as a state's sensitive_attributes.
	Sensitive []byte
	// Legacy says that the attributes are the flat ones of Terraform 0.11: only id and tags mean something.
	Legacy    bool
	Malformed bool // no object

	Offset int64 // of the byte behind it in the file, where that is how its line is found
	Line   int   // 1-based; 0 is unknown
	// File is where the instance is written down, if that is not the document: the source beside a plan.
	File string
	// Lifecycle is LifecycleActive for what was applied; see inventory.Asset.
	Lifecycle inventory.Lifecycle
	// Ignores lists the paths of attributes that the code leaves to others, as tags["owner"]; "*" is all.
	Ignores []string
	// Host is the key of the asset of which the instance is a facet, where its attributes do not tell: code names a bucket that is not
	// there yet by its address. Empty if that is not known either.
	Host    string
	Decoder *Decoder

	// Address is how the tool that wrote the instance down calls it, if that is not Terraform.
	Address string
	// Row says what the instance is, where it is not of a Terraform type that the catalog knows by its name.
	Row *catalog.TerraformRow
}

// Reset empties an instance for the next one.
func (in *Instance) Reset() {
	in.IndexKey, in.Sensitive, in.Ignores = in.IndexKey[:0], in.Sensitive[:0], in.Ignores[:0]
	in.Deposed, in.Provider, in.Host, in.Legacy, in.Malformed = "", "", "", false, false
	in.Offset, in.Line, in.File, in.Lifecycle = 0, 0, "", inventory.LifecycleActive
	in.Address, in.Row = "", nil
	in.Attributes.Reset()
	in.Identity.Reset()
}
