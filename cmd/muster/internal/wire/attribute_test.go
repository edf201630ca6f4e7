package wire

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/activity"
)

func hour(h int) time.Time { return time.Date(2026, 11, 22, h, 0, 0, 0, time.UTC) }

func TestBounds(t *testing.T) {
	a := ages{
		{"infra", "state"}: {DataTime: hour(10)}, {"infra", "code"}: {DataTime: hour(12)}, {"infra", "unread"}: {},
		{"live", "file"}: {DataTime: hour(14)}, {"live", "api"}: {},
	}
	entry := func(book inventory.Book, source, scope string, layer inventory.Layer, seen time.Time) *inventory.Entry {
		return &inventory.Entry{Asset: inventory.Asset{Book: book, Origin: inventory.Origin{Layer: layer}}, Source: source, Scope: scope, FirstSeen: seen}
	}
	state := entry(inventory.Declared, "infra", "state", inventory.LayerState, hour(1))
	for _, c := range []struct {
		name          string
		deed          activity.Deed
		entries       []*inventory.Entry
		fresh         bool
		since         time.Time
		after, before time.Time
	}{
		{"a state", activity.Changed, []*inventory.Entry{state}, true, time.Time{}, hour(10), hour(20)},
		{"code says nothing of when", activity.Changed, []*inventory.Entry{entry(inventory.Declared, "infra", "code", inventory.LayerCode, hour(1))}, true, time.Time{}, time.Time{}, hour(20)},
		{"a state of unknown age", activity.Changed, []*inventory.Entry{entry(inventory.Declared, "infra", "unread", "", hour(1))}, false, hour(8), time.Time{}, hour(20)},
		{"new since the last scan", activity.Changed, []*inventory.Entry{state}, true, hour(8), hour(8), hour(20)},
		{"a younger state than the last scan", activity.Changed, []*inventory.Entry{state}, true, hour(11), hour(10), hour(20)},
		{"known for long", activity.Changed, []*inventory.Entry{state}, false, hour(8), hour(10), hour(20)},
		{"not there in the last scan", activity.Changed, []*inventory.Entry{entry(inventory.Declared, "infra", "state", inventory.LayerState, hour(9))}, true, hour(8), hour(10), hour(20)},
		{"an export of what is there", activity.Changed, []*inventory.Entry{state, entry(inventory.Observed, "live", "file", "", hour(1))}, false, time.Time{}, hour(10), hour(14)},
		{"read live", activity.Changed, []*inventory.Entry{state, entry(inventory.Observed, "live", "api", "", hour(1))}, false, time.Time{}, hour(10), hour(20)},
		{"gone at any time", activity.Deleted, []*inventory.Entry{state}, false, time.Time{}, time.Time{}, hour(20)},
	} {
		target := activity.Target{Deed: c.deed, Before: hour(20)}
		for _, e := range c.entries {
			a.bound(&target, e, c.fresh, c.since)
		}
		if !target.After.Equal(c.after) || !target.Before.Equal(c.before) {
			t.Errorf("%s: from %s to %s, want %s to %s", c.name, target.After, target.Before, c.after, c.before)
		}
	}
}

func TestNames(t *testing.T) {
	entry := &inventory.Entry{Asset: inventory.Asset{
		Book: inventory.Declared, Key: "infra.tfstate#aws_instance.web", Name: "web",
		Identifiers: []inventory.Identifier{
			{Kind: inventory.ARN, Value: "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"},
			{Kind: inventory.InstanceID, Value: "i-0abc"},
			{Kind: inventory.PrivateIP, Value: "10.0.0.5"},
			{Kind: inventory.Hostname, Value: "web-1"},
		},
	}}
	var got activity.Target
	name(&got, entry)
	name(&got, entry)
	recorded := *entry
	recorded.Book, recorded.Name = inventory.Recorded, "SRV-1"
	name(&got, &recorded)
	if !slices.Equal(got.Names, []string{"arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc"}) || !slices.Equal(got.IDs, []string{"i-0abc", "web"}) {
		t.Errorf("names %q, ids %q", got.Names, got.IDs)
	}
}

func TestWhatWasToldStays(t *testing.T) {
	who := rules.Who{Actor: "jane", At: hour(1), Action: "a"}
	before := rules.Stored{Finding: rules.Finding{Fingerprint: "a", Rule: "drift/changed", Who: &who}}
	for state, want := range map[inventory.FindingState]bool{inventory.FindingOpen: true, inventory.FindingNew: false, inventory.FindingResolved: false} {
		findings := []rules.Finding{{Fingerprint: "a", Rule: "drift/changed", State: state}, {Fingerprint: "b", Rule: "drift/changed", State: state}}
		keepTold(findings, []rules.Stored{before})
		if (findings[0].Who != nil) != want || findings[1].Who != nil {
			t.Errorf("%s: %+v", state, findings)
		}
	}
}

func TestFewNotes(t *testing.T) {
	var notes []string
	for i := range 9 {
		notes = append(notes, fmt.Sprint(i))
	}
	if got := few(notes); len(got) != maxNotes+1 || got[maxNotes] != "who and when: 4 more logs were not read whole" || notes[maxNotes] != "5" {
		t.Errorf("%q", got)
	}
	if got := few(notes[:maxNotes]); len(got) != maxNotes {
		t.Errorf("%q", got)
	}
}
