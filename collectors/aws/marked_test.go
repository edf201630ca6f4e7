package aws

import (
	"slices"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func TestMarked(t *testing.T) {
	const id = "arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1"
	stack, name, logical := inventory.Tag{Key: stackIDTag, Value: id}, inventory.Tag{Key: stackNameTag, Value: "shop"}, inventory.Tag{Key: logicalIDTag, Value: "Web"}
	byID, byName := "cloudformation:"+id+"/Web/AWS::EC2::Instance", "cloudformation:111122223333/eu-west-1/shop/Web/AWS::EC2::Instance"
	for _, c := range []struct {
		name   string
		tags   inventory.Tags
		region string
		want   []string
	}{
		{"all", inventory.KnownTags(stack, name, logical), "eu-west-1", []string{byName, byID}},
		{"no name", inventory.KnownTags(stack, logical), "eu-west-1", []string{byID}},
		{"no region", inventory.KnownTags(stack, name, logical), "", []string{byID}},
		{"no logical id", inventory.KnownTags(stack, name), "eu-west-1", nil},
		{"unknown tags", inventory.UnknownTags(), "eu-west-1", nil},
	} {
		var got []string
		a := inventory.Asset{Type: "AWS::EC2::Instance", Account: "111122223333", Region: c.region, Tags: c.tags}
		if err := marked(func(a inventory.Asset) error {
			for _, i := range a.Identifiers {
				got = append(got, i.Value)
			}
			return nil
		})(a); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v %v, want %v", c.name, err, got, c.want)
		}
	}
}
