package rules

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// TestSubjectOfLayers: a plan whose tags nobody knows yet is not judged by the tags that the state still has.
func TestSubjectOfLayers(t *testing.T) {
	entry := func(layer inventory.Layer, tags inventory.Tags) *inventory.Entry {
		return &inventory.Entry{Asset: inventory.Asset{Book: inventory.Declared, Key: "k", Tags: tags, Origin: inventory.Origin{Layer: layer}}}
	}
	e := &Entity{Declared: []*inventory.Entry{
		entry(inventory.LayerPlan, inventory.UnknownTags()), entry(inventory.LayerState, inventory.KnownTags()),
	}}
	if got := e.Subject().Origin.Layer; got != inventory.LayerPlan {
		t.Errorf("the subject is of layer %q", got)
	}
}
