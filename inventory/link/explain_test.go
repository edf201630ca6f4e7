package link

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

func TestExplain(t *testing.T) {
	estate := []inventory.Identity{
		with(asset(1, inventory.Observed, arn1, is(inventory.FQDN, "web.example.com"), is(inventory.PrivateIP, "10.0.0.4")), named("web")),
		asset(2, inventory.Declared, arn1),
		asset(3, inventory.Recorded, "row", is(inventory.InstanceID, "i-0aaaaaaaaaaaaaaaa"), is(inventory.AssetTag, "TAG-1")),
		with(asset(4, inventory.Recorded, "tagged", is(inventory.AssetTag, "TAG-1")), from("dc2")),
		with(asset(5, inventory.Recorded, "old", is(inventory.InstanceID, "i-0bbbbbbbbbbbbbbbb"), is(inventory.FQDN, "web.example.com")), from("dc2")),
		with(asset(6, inventory.Recorded, "vague", is(inventory.Hostname, "WEB")), from("dc3")),
		with(asset(7, inventory.Recorded, "address", is(inventory.PrivateIP, "10.0.0.4")), from("dc3")),
		asset(8, inventory.Observed, arn2),
		with(asset(9, inventory.Observed, "arn:aws:s3:::web"), named("web")), // no host
	}
	l, err := Explain(t.Context(), stream(estate), 1)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range l.Links {
		got = append(got, k.Asset.Key+" to "+k.To.Key+" by "+string(k.By)+" "+k.Value)
	}
	for _, c := range l.Candidates {
		got = append(got, strings.TrimSpace("not "+c.Asset.Key+" by "+string(c.By)+" "+c.Value+": "+c.Reason+" "+string(c.Veto)))
	}
	want := []string{
		arn1 + " to " + arn1 + " by arn " + arn1,
		"row to " + arn1 + " by instance-id i-0aaaaaaaaaaaaaaaa",
		"tagged to row by asset-tag TAG-1",
		"not old by fqdn web.example.com: both are known by their arn, and it differs arn",
		"not vague by hostname web: host names and addresses only suggest",
		"not address by ip 10.0.0.4: host names and addresses only suggest",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	if c, ok := l.RunnerUp(); !ok || c.Asset.Key != "old" {
		t.Errorf("RunnerUp() = %v, %v", c.Asset, ok)
	}
	if l.Asset.ID != 1 {
		t.Errorf("the ledger is that of asset %d", l.Asset.ID)
	}
}

func TestExplainDoubt(t *testing.T) {
	estate := []inventory.Identity{
		asset(1, inventory.Observed, "a", is(inventory.Serial, "957XY4J")),
		asset(2, inventory.Recorded, "b", is(inventory.Serial, "957XY4J")),
		asset(3, inventory.Recorded, "c", is(inventory.Serial, "957XY4J")),
	}
	l, err := Explain(t.Context(), stream(estate), 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Links) != 0 || len(l.Candidates) != 2 {
		t.Fatalf("%d links and %d candidates, want 0 and 2", len(l.Links), len(l.Candidates))
	}
	for _, c := range l.Candidates {
		if c.Veto != "" || !strings.Contains(c.Reason, "several things hold") {
			t.Errorf("candidate %s: %q, veto %q", c.Asset.Key, c.Reason, c.Veto)
		}
	}
	if _, err := Explain(t.Context(), stream(estate), 4); !errors.Is(err, inventory.ErrNotFound) {
		t.Errorf("Explain of an asset that is not there = %v", err)
	}
}

func TestExplainIsBounded(t *testing.T) {
	var estate []inventory.Identity
	for i := range int64(1000) {
		estate = append(estate, with(asset(i, inventory.Recorded, "k"), named("web")))
	}
	l, err := Explain(t.Context(), stream(estate), 500)
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Candidates) != maxCandidates || l.Candidates[0].Asset.ID != 0 || l.Candidates[99].Asset.ID != 99 {
		t.Errorf("%d candidates, from %d", len(l.Candidates), l.Candidates[0].Asset.ID)
	}
}
