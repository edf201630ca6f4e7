package catalog

import (
	"slices"
	"testing"
)

// TestNothingSecretIsCompared: of what Terraform's provider marks as secret, only a hash is kept, which can be compared with nothing that the
// API says in plain text. The address of an API destination is hashed on both sides.
func TestNothingSecretIsCompared(t *testing.T) {
	c := mustLoad(t)
	for _, name := range c.tfTypes().keys() {
		r, _ := c.Terraform(name)
		if r.CloudType == "AWS::Events::ApiDestination" {
			continue
		}
		row, _ := c.Type(r.CloudType)
		for _, m := range r.Attributes {
			if a, compared := row.Attribute(m.Name); !compared || a.Ignore != "" {
				continue
			}
			if i := slices.IndexFunc(m.From, func(from string) bool { return slices.Contains(r.Sensitive, from) }); i >= 0 {
				t.Errorf("%s: %s is compared and %s is secret", name, m.Name, m.From[i])
			}
		}
	}
}
