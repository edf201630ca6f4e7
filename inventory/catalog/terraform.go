package catalog

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// terraformPrefix begins the type of a declared resource whose cloud type nobody knows.
const terraformPrefix = "terraform/"

// TerraformRow is what is known of one Terraform resource type. Paths go from the resource's attributes down, with dots
// and list indexes: "metadata_options.0.http_tokens".
type TerraformRow struct {
	Type string // "aws_sqs_queue"
	// CloudType is the provider's own type, or "terraform/<type>" if none is known or the resource is but a facet of
	// another one.
	CloudType inventory.Type
	Provider  string // "aws", "gcp"; empty for all others
	Taggable  inventory.Knowledge
	// Tags are the attributes that may hold the tags; the first that is there counts.
	Tags []string
	// ID is the path of the provider's id; ARN that of the ARN. Empty if there is none.
	ID, ARN string
	// FullName is a template of the global name where no attribute holds it: "arn:{partition}:ec2:{region}:{account}:
	// natgateway/{id}", "//storage.googleapis.com/{name}".
	FullName string
	// FacetOf is the Terraform type of which this resource sets one side, as a bucket's versioning.
	FacetOf string
	// Host says which asset that is; the zero Host, that nothing is known of it but its type.
	Host Host
	// Sensitive are the paths that the provider marks as secret, without list indexes.
	Sensitive   []string
	Identifiers []IdentifierMapping
	Attributes  []Mapping // sorted by name
	Children    []Child
}

// Host is what a facet tells of the asset of which it sets one side. Attributes are then in that asset's canonical names.
type Host struct {
	Type inventory.Type
	// Path is that of the host's id, name or ARN; of a list if the facet is one of several hosts.
	Path string
	// Name is a template of the host's global name, as TerraformRow.FullName, in which {host} stands for what Path leads to and
	// {host_name} for the last part of that. Empty if the name cannot be made.
	Name string
	// Identifier is the kind of what Path leads to, if that is no ARN and no name of Google's.
	Identifier inventory.IdentifierKind
}

// Folds reports whether the resource is emitted as a facet of its host.
func (r TerraformRow) Folds() bool { return r.Host.Path != "" }

// Mapped reports whether the provider's own type is known.
func (r TerraformRow) Mapped() bool { return !strings.HasPrefix(string(r.CloudType), terraformPrefix) }

// IdentifierMapping says where an identifier of some kind stands.
type IdentifierMapping struct {
	Kind inventory.IdentifierKind
	Path string
}

// Child is an asset of its own that a resource declares in a nested block: the volumes of an instance.
type Child struct {
	Block string `yaml:"block"` // attribute that holds the list of blocks
	// Index is the path in the block whose value tells the blocks of one list apart; empty if there is only one.
	Index string         `yaml:"index"`
	Type  inventory.Type `yaml:"type"`
	ID    string         `yaml:"id"`
	// FullName is a template as in TerraformRow, of the block's values and the parent's partition, region and account.
	FullName string   `yaml:"full_name"`
	Tags     []string `yaml:"tags"`
	// ParentTags is the resource's own attribute that, if it names any tag, holds the tags of all its children: a provider
	// that is told the tags of all volumes at once does not read those of each.
	ParentTags string    `yaml:"parent_tags"`
	Attributes []Mapping `yaml:"-"`
	// Relation is how the child stands to the resource.
	Relation inventory.RelationKind `yaml:"relation"`
	Mapping  map[string]mappingSpec `yaml:"attributes"`
}

type terraformSpec struct {
	Type        inventory.Type                      `yaml:"type"`
	Provider    string                              `yaml:"provider"`
	Taggable    *bool                               `yaml:"taggable"`
	Tags        []string                            `yaml:"tags"`
	ID          string                              `yaml:"id"`
	ARN         string                              `yaml:"arn"`
	FullName    string                              `yaml:"full_name"`
	Sensitive   []string                            `yaml:"sensitive"`
	Identifiers map[inventory.IdentifierKind]string `yaml:"identifiers"`
	Attributes  map[string]mappingSpec              `yaml:"attributes"`
	Children    []Child                             `yaml:"children"`
	FacetOf     string                              `yaml:"facet_of"`
	Host        string                              `yaml:"host"`
	HostName    string                              `yaml:"host_name"`
}

// makeTerraformRow merges the generated and the hand-written row of a Terraform type.
func (c *Catalog) makeTerraformRow(tfType string) (TerraformRow, bool) {
	r := TerraformRow{Type: tfType}
	fields, generated := c.tfTypes().find(tfType)
	if generated {
		r.fillGenerated(fields)
	}
	spec, written := c.terraform[tfType]
	if !generated && !written && !c.marks.virtual.match(inventory.Type(terraformPrefix+tfType)) {
		return TerraformRow{}, false
	}
	r.fillWritten(spec)
	c.fillHost(&r, spec)
	if r.CloudType == "" {
		r.CloudType = inventory.Type(terraformPrefix + tfType)
	}
	return r, true
}

// fillGenerated takes the columns of a line of the generated table of Terraform types.
func (r *TerraformRow) fillGenerated(f []string) {
	r.Provider = f[1]
	r.CloudType = inventory.Type(f[2])
	r.Taggable = knowledge(f[3])
	r.ID, r.ARN, r.FullName = f[4], f[5], f[6]
	r.Tags = list(f[7])
	r.FacetOf = f[8]
	r.Sensitive = list(f[9])
}

func (r *TerraformRow) fillWritten(s terraformSpec) {
	r.CloudType = inventory.Type(override(string(r.CloudType), string(s.Type)))
	r.Provider = override(r.Provider, s.Provider)
	r.ID, r.ARN, r.FullName = override(r.ID, s.ID), override(r.ARN, s.ARN), override(r.FullName, s.FullName)
	if s.Taggable != nil {
		r.Taggable = inventory.NotApplicable
		if *s.Taggable {
			r.Taggable = inventory.Known
		}
	}
	if len(s.Tags) > 0 {
		r.Tags = s.Tags
	}
	r.Sensitive = append(r.Sensitive, s.Sensitive...)
	for _, kind := range inventory.IdentifierKinds() {
		if path := s.Identifiers[kind]; path != "" {
			r.Identifiers = append(r.Identifiers, IdentifierMapping{Kind: kind, Path: path})
		}
	}
	r.Attributes = mappings(s.Attributes)
	r.Children = slices.Clone(s.Children)
	for i := range r.Children {
		r.Children[i].Attributes = mappings(r.Children[i].Mapping)
	}
}

// fillHost makes a facet of a resource whose host is known. It has no type of its own then.
func (c *Catalog) fillHost(r *TerraformRow, s terraformSpec) {
	r.FacetOf = override(r.FacetOf, s.FacetOf)
	if s.Host == "" {
		return
	}
	host, _ := c.Terraform(r.FacetOf)
	r.Host = Host{Type: host.CloudType, Path: s.Host, Name: s.HostName, Identifier: inventory.ResourceID}
	for _, i := range host.Identifiers {
		if i.Kind == inventory.InstanceID && i.Path == host.ID {
			r.Host.Identifier = i.Kind
		}
	}
	r.CloudType, r.Taggable, r.Tags = inventory.Type(terraformPrefix+r.Type), inventory.NotApplicable, nil
}

// terraformTypeRow makes the row of a type "terraform/<type>".
func (c *Catalog) terraformTypeRow(r Row) (Row, bool) {
	tf, ok := c.Terraform(strings.TrimPrefix(string(r.Type), terraformPrefix))
	if !ok {
		return Row{}, false
	}
	c.fillWritten(&r, typeSpec{})
	r.Taggable = tf.Taggable
	r.Virtual = r.Virtual || tf.FacetOf != ""
	r.TagLimits = c.providers[tf.Provider].TagLimits
	return r, true
}

// override takes what was written by hand, where "-" says that there is none.
func override(generated, written string) string {
	switch written {
	case "":
		return generated
	case "-":
		return ""
	}
	return written
}
