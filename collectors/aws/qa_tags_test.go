package aws

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/types"
	"github.com/aws/smithy-go"

	"github.com/muster-audit/muster/collectors/aws/accounts"
	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/session"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// TestSettled: only a whole answer of the asset's own region proves that it has no tags.
func TestSettled(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name     string
		asset    inventory.Asset
		whole    bool
		coverage catalog.TaggingAPI
		want     bool
	}{
		{"its region's whole answer", inventory.Asset{Region: "eu-west-1"}, true, catalog.TaggingComplete, true},
		{"its region is not known", inventory.Asset{}, true, catalog.TaggingComplete, false},
		{"more pages", inventory.Asset{Region: "eu-west-1"}, false, catalog.TaggingComplete, false},
		{"a type known in part", inventory.Asset{Region: "eu-west-1"}, true, catalog.TaggingPartial, false},
		{"a new one", inventory.Asset{Region: "eu-west-1", Created: now.Add(-time.Minute)}, true, catalog.TaggingComplete, false},
	} {
		tags := tagger{out: &out{target: &lister.Target{Now: func() time.Time { return now }}}, coverage: tt.coverage}
		if got := tags.settle(&tt.asset, map[string][]types.Tag{}, tt.whole); got != tt.want {
			t.Errorf("%s: settled %t, want %t", tt.name, got, tt.want)
		}
		if known := tt.asset.Tags.State() == inventory.Known; known != tt.want {
			t.Errorf("%s: tags are %v", tt.name, tt.asset.Tags)
		}
	}
}

// TestPartitions: what another partition does not have is left out with a reason, and its global services are called at its own home.
func TestPartitions(t *testing.T) {
	c := &collector{listers: map[inventory.Type]*lister.Lister{"AWS::GlobalAccelerator::Accelerator": {Place: lister.GlobalWest}}}
	c.catalog, _ = catalog.Load()
	for partition, home := range map[string]string{
		"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1", "aws-eusc": "eusc-de-east-1",
	} {
		if got := session.Home(partition); got != home {
			t.Errorf("home of %s is %s", partition, got)
		}
		s := c.scope(accounts.Entry{ID: "111122223333", Partition: partition}, "", "AWS::GlobalAccelerator::Accelerator")
		refused := paramsOf(s).refused
		if (refused == nil) != (partition == "aws") {
			t.Errorf("%s: %v", partition, refused)
		}
		if refused != nil && !session.ReasonOf(refused).Skips() {
			t.Errorf("%s: %v is no reason to skip", partition, refused)
		}
	}
	o := Options{Regions: []string{"eusc-de-east-1", "us-gov-west-1", "mx-central-1"}}
	if problems := o.Validate(); len(problems) > 0 {
		t.Errorf("regions: %v", problems)
	}
}

// TestNamesThatTheTaggingAPIRefuses: one name that it does not take fails the call for a hundred, each of which is then asked itself.
func TestNamesThatTheTaggingAPIRefuses(t *testing.T) {
	assets := []*inventory.Asset{{Key: "arn:aws:s3:::a"}, {Key: "arn:aws:s3:::b"}}
	for code, want := range map[string]int{"InvalidParameterException": 2, "AccessDeniedException": 2, "InternalServiceException": 0} {
		o := &out{ctx: t.Context()}
		tags := tagger{out: o}
		rest, err := tags.unjoined("eu-west-1", assets, &smithy.GenericAPIError{Code: code})
		if err != nil || len(rest) != want || (o.unread == 0) != (want > 0) {
			t.Errorf("%s: %d assets are asked themselves, %d unread, %v", code, len(rest), o.unread, err)
		}
	}
}
