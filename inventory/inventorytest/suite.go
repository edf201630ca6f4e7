package inventorytest

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

// Open opens the store at path for scanning, with a clock, and closes it with the test at the latest.
type Open func(t *testing.T, path string, now func() time.Time) inventory.Store

// Run checks that a store keeps the contract of inventory.Store.
func Run(t *testing.T, open func(t *testing.T, path string, now func() time.Time) inventory.Store) {
	for _, c := range []struct {
		name  string
		check func(t *testing.T, s inventory.Store)
	}{
		{"round trip", checkRoundTrip},
		{"empty store", checkEmpty},
		{"unchanged", checkUnchanged},
		{"versions and as-of", checkVersions},
		{"diff", checkDiff},
		{"tag changes", checkTagChanges},
		{"ended", checkEnded},
		{"only ok ends", checkEnding},
		{"a whole listing ends", checkListed},
		{"return of an asset", checkReturn},
		{"skipped records", checkSkipped},
		{"fall of an export", checkDrop},
		{"small exports", checkSmallExport},
		{"another export", checkReplaced},
		{"retired scopes", checkRetired},
		{"a pattern without matches", checkStandIn},
		{"unlisted sources", checkUnlisted},
		{"unselected sources", checkUnselected},
		{"unknown tags", checkUnknownTags},
		{"unknown tag values", checkUnknownTagValues},
		{"unknown attributes", checkUnknownAttributes},
		{"unknown beside a change", checkUnknownBesideChange},
		{"unknown becomes known", checkUnknownBecomesKnown},
		{"duplicate keys", checkDuplicate},
		{"discarded attempt", checkDiscard},
		{"invisible before commit", checkInvisible},
		{"failed stores nothing", checkFailed},
		{"resume", checkResume},
		{"filters", checkFilters},
		{"find", checkFind},
		{"entries and identities", checkEntries},
		{"derived coverage", checkHeld},
		{"last seen", checkLastSeen},
		{"one scan at a time", checkLocked},
		{"concurrent scopes", checkConcurrent},
		{"findings", checkFindings},
		{"evaluation again", checkEvaluationAgain},
		{"evaluation of an earlier scan", checkEvaluationEarlier},
		{"canceled reader", checkCanceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.check(t, open(t, filepath.Join(t.TempDir(), "muster.db"), NewClock().Now))
		})
	}
	t.Run("reopen", func(t *testing.T) { checkReopen(t, open) })
}

// want fails the test if two values differ.
func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

func full() inventory.Asset {
	return Asset("arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", Tags("owner", "payments", "Ключ", "weiß \"x\"\n", "empty", ""),
		Attributes(Attr("InstanceType", "t3.micro"), inventory.Attribute{Name: "SecurityGroupIds", Value: inventory.StringsValue([]string{"sg-1", "sg,2"})},
			inventory.Attribute{Name: "KeyName", Value: inventory.Null}, inventory.Attribute{Name: "UserData"},
			inventory.Attribute{Name: "Nested", Value: `{"a":{"b":[1,2.50,"}"]},"c":true}`}),
		Identifiers(inventory.Identifier{Kind: inventory.InstanceID, Value: "i-0abc"}, inventory.Identifier{Kind: "house-number", Value: "7"}),
		Origin(inventory.Origin{File: "a.tf", Line: 12, Address: "module.web.aws_instance.app[0]", Module: "module.web", Lineage: "l-1", Call: "ec2:DescribeInstances", Layer: inventory.LayerCode}),
		func(a *inventory.Asset) {
			a.Zone, a.Shallow, a.Created = "eu-west-1a", true, time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
			a.Relations = []inventory.Relation{{Kind: inventory.ManagedBy, Key: "arn:aws:autoscaling:x"}, {Kind: "next-to", Key: "y"}}
		})
}

func checkRoundTrip(t *testing.T, s inventory.Store) {
	assets := []inventory.Asset{
		full(), Asset("untagged"), Asset("unknown", TagState(inventory.UnknownTags()), NoAttributes()),
		Asset("not-taggable", TagState(inventory.NotTaggable())),
		Asset("computed", TagState(inventory.KnownTags(inventory.Tag{Key: "owner", ValueUnknown: true}))),
		{Key: "bare", Book: inventory.Declared, Type: "terraform/x"},
	}
	Scan(t, s, Read("a", assets...))
	got := All(t, s, inventory.AssetQuery{})
	if len(got) != len(assets) {
		t.Fatalf("stored %d assets, got %d", len(assets), len(got))
	}
	scan, err := s.Scan(t.Context(), 1)
	want(t, "scan error", err, nil)
	for i, e := range got {
		want(t, "asset", e.Asset, assets[i])
		want(t, "place", []string{e.Source, e.Scope}, []string{"aws", "a"})
		want(t, "seen", []time.Time{e.FirstSeen, e.LastSeen}, []time.Time{scan.Started, scan.Started})
		want(t, "unconfirmed", e.TagsUnconfirmed || len(e.AttributesUnconfirmed) > 0 || len(e.TagValuesUnconfirmed) > 0, false)
	}
}

func checkEmpty(t *testing.T, s inventory.Store) {
	_, err := s.Scan(t.Context(), 0)
	want(t, "no scan", errors.Is(err, inventory.ErrNotFound), true)
	_, err = s.ScanAt(t.Context(), time.Now())
	want(t, "no scan at a time", errors.Is(err, inventory.ErrNotFound), true)
	_, err = s.Resume(t.Context(), inventory.ScanStart{})
	want(t, "nothing to resume", errors.Is(err, inventory.ErrNothingToResume), true)
	scans, err := s.Scans(t.Context())
	want(t, "scans", len(scans), 0)
	want(t, "scans error", err, nil)
	want(t, "hash key", len(s.HashKey()) >= 16, true)
	n := 0
	for range s.OpenFindings(t.Context(), 1) {
		n++
	}
	want(t, "findings", n, 0)
}
