package wire

import (
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

func TestRewritten(t *testing.T) {
	for _, tt := range []struct {
		before, after string
		want          bool
	}{
		{"0300", "300", true},
		{"111122223333", "1.11122E+11", true},
		{"111122223333", "1,11122E+11", true},
		{"111122223333", "2.11122E+11", false},
		{"1.10", "1.1", true},
		{"1e5", "100000", true},
		{"2027-01-31", "1/31/2027", true},
		{"2027-01-31", "31.01.2027", true},
		{"2027-01-31", "31-Jan-27", true},
		{"2027-01-31", "2027-02-01", false},
		{"true", "TRUE", true},
		{"true", "false", false},
		{"300", "301", false},
		{"300", "300", false},
		{"", "300", false},
		{"web", "payments", false},
		{"web", "WEB", false},
		{"0", "1E+10", false},
		{"1e99999999", "2e99999999", false},
		{"Inf", "inf", false},
		{strings.Repeat("9", 1000), "1E+1000", false},
	} {
		if got := rewritten(tt.before, tt.after); got != tt.want {
			t.Errorf("%.40q to %q: %v", tt.before, tt.after, got)
		}
	}
}

func TestProviderTakes(t *testing.T) {
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	limits := func(name inventory.Type) catalog.TagLimits {
		row, _ := known.Type(name)
		return row.TagLimits
	}
	aws, google := limits("AWS::SQS::Queue"), limits("storage.googleapis.com/Bucket")
	for _, tt := range []struct {
		limits   catalog.TagLimits
		key      string
		takesKey bool
		value    string
		fits     bool
	}{
		{aws, "Owner", true, "Web Team", true},
		{aws, strings.Repeat("k", 129), false, strings.Repeat("v", 257), false},
		{google, "owner", true, "web-team_1", true},
		{google, "Owner", false, "Web", false},
		{google, "1st", false, "a b", false},
		{google, "cost-center", true, strings.Repeat("v", 64), false},
		{google, "größe", true, "café", true},
		{catalog.TagLimits{}, "Any Thing", true, strings.Repeat("v", 1000), true},
	} {
		if got := takesKey(tt.limits, tt.key); got != tt.takesKey {
			t.Errorf("key %.20q: %v", tt.key, got)
		}
		if got := valueFits(tt.limits, tt.value); (got == "") != tt.fits {
			t.Errorf("value %.20q: %q", tt.value, got)
		}
	}
}
