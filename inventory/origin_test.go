package inventory_test

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func TestIgnores(t *testing.T) {
	o := inventory.Origin{Ignores: inventory.Ignoring("tags.owner", "MetadataOptions", "tags.acme:*", "tags.owner")}
	if want := "MetadataOptions\ntags.acme:*\ntags.owner"; o.Ignores != want {
		t.Errorf("Ignores is %q, want %q", o.Ignores, want)
	}
	for name, want := range map[string]bool{
		"tags.owner": true, "tags.owners": false, "tags.acme:team": true, "tags.acme": false, "MetadataOptions": true,
		"MetadataOptions.HttpTokens": true, "MetadataOptionsX": false, "InstanceType": false,
	} {
		if got := o.IgnoresAttribute(name); got != want {
			t.Errorf("IgnoresAttribute(%q) = %t", name, got)
		}
	}
	all := inventory.Origin{Ignores: inventory.Ignoring("*")}
	if !all.IgnoresAttribute("InstanceType") || (inventory.Origin{}).IgnoresAttribute("InstanceType") {
		t.Error("* is everything, and nothing is nothing")
	}
}
