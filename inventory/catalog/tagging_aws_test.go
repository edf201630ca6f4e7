package catalog

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// TestTaggingAPI holds the types of which a slip would make assets look untagged, and that no pattern is a slip of the pen.
func TestTaggingAPI(t *testing.T) {
	c := mustLoad(t)
	for typ, want := range map[inventory.Type]TaggingAPI{
		"AWS::SQS::Queue":              TaggingComplete,
		"AWS::Logs::LogGroup":          TaggingComplete,
		"AWS::IAM::Role":               TaggingNone,
		"AWS::IAM::User":               TaggingNone,
		"AWS::IAM::ManagedPolicy":      TaggingPartial,
		"AWS::KMS::Key":                TaggingPartial,
		"AWS::ECR::Repository":         TaggingPartial,
		"AWS::Events::Rule":            TaggingPartial,
		"AWS::WAFv2::WebACL":           TaggingPartial,
		"AWS::StepFunctions::Activity": TaggingPartial,
	} {
		if r, _ := c.Type(typ); r.TaggingAPI != want {
			t.Errorf("%s: %q, want %q", typ, r.TaggingAPI, want)
		}
	}
	types := c.types().keys()
	for written := range c.rows {
		types = append(types, string(written))
	}
	for _, f := range dataSpecs(t) {
		for _, list := range f.TaggingAPI {
			checkPatterns(t, types, list)
		}
	}
}
