package aws

import (
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// What the sweep finds without a region is nowhere, and not where its scope looked.
func TestPlaceless(t *testing.T) {
	tests := []struct {
		key     string
		shallow bool
		want    bool
	}{
		{"arn:aws:shield::111122223333:protection/a", true, true},
		{"arn:aws:networkmanager:global:111122223333:link/a", true, true},
		{"arn:aws:sqs:eu-west-1:111122223333:jobs", true, false},
		{"arn:aws:iam::111122223333:role/a", false, false},
		{"no-arn", true, false},
	}
	for _, tt := range tests {
		if got := placeless(&inventory.Asset{Key: tt.key, Shallow: tt.shallow}); got != tt.want {
			t.Errorf("placeless(%q) = %t, want %t", tt.key, got, tt.want)
		}
	}
}
