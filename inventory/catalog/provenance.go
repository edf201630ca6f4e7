package catalog

import "github.com/muster-audit/muster/inventory"

// Provenance is what an asset's tags tell of who made it and keeps it.
type Provenance struct {
	// Tool is who: "autoscaling", "eks", "cloudformation", "terraform", "pulumi". The name is that of a collector if the
	// tool writes the declared book.
	Tool string
	// Declares says that the tool works from declarations that muster can read, so that what bears its mark and stands
	// in none of them is an orphan. Without it the tool is a controller: what it manages stands and falls with it.
	Declares bool
	Tag      string // the key that told
	Subject  string // its value: the stack, group or cluster; may be empty
}

type provenanceSpec struct {
	Tool     string `yaml:"tool"`
	Declares bool   `yaml:"declares"`
	Source   string `yaml:"source"` // where the tag is documented, for those who doubt it
	Tag      string `yaml:"tag"`    // key, or a pattern of keys
	Value    string `yaml:"value"`  // pattern of values; empty matches all
	// Subject is the key of the tag whose value names the subject; empty is the matching tag itself.
	Subject string `yaml:"subject"`
}

// Provenance tells from tags who manages an asset, and false if they do not say. The data files list controllers before
// the tools that declare, since an instance of a group that a stack made bears both marks and belongs to the group.
func (c *Catalog) Provenance(tags inventory.Tags) (Provenance, bool) {
	if tags.Len() == 0 {
		return Provenance{}, false
	}
	for _, spec := range c.provenance {
		if t, ok := spec.find(tags); ok {
			return Provenance{Tool: spec.Tool, Declares: spec.Declares, Tag: t.Key, Subject: spec.subject(tags, t)}, true
		}
	}
	return Provenance{}, false
}

func (p provenanceSpec) find(tags inventory.Tags) (inventory.Tag, bool) {
	if t, ok := tags.Get(p.Tag); ok {
		return t, matchText(p.Value, t.Value)
	}
	for t := range tags.All() {
		if inventory.MatchGlob(p.Tag, t.Key) && matchText(p.Value, t.Value) {
			return t, true
		}
	}
	return inventory.Tag{}, false
}

func (p provenanceSpec) subject(tags inventory.Tags, found inventory.Tag) string {
	if p.Subject == "" {
		return found.Value
	}
	t, _ := tags.Get(p.Subject)
	return t.Value
}
