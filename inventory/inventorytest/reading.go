package inventorytest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

func checkFilters(t *testing.T, s inventory.Store) {
	other := inventory.Source{Name: "cmdb", Collector: "cmdb", Book: inventory.Recorded}
	w := Begin(t, s, Source(), other)
	ReadInto(t, w, Source(),
		Read("a", Asset("i-1", Tags("owner", "payments", "env", "prod")), Asset("i-2", Tags("owner", "search"), Place("444455556666", "us-east-1"))),
		Read("b", Asset("arn:aws:s3:::logs", Type("AWS::S3::Bucket"), Name("LOGS")), Asset("u", TagState(inventory.UnknownTags())),
			Asset("n", TagState(inventory.NotTaggable())), Asset("c", TagState(inventory.KnownTags(inventory.Tag{Key: "owner", ValueUnknown: true})))))
	ReadInto(t, w, other, Read("f.csv", Asset("srv-1", Book(inventory.Recorded), Type("datacenter/server"), Place("", ""), Tags("owner", ""))))
	Finish(t, w)
	for _, c := range []struct {
		name string
		q    inventory.AssetQuery
		keys []string
	}{
		{"all", inventory.AssetQuery{}, []string{"i-1", "i-2", "arn:aws:s3:::logs", "u", "n", "c", "srv-1"}},
		{"book", inventory.AssetQuery{Books: []inventory.Book{inventory.Recorded}}, []string{"srv-1"}},
		{"type", inventory.AssetQuery{Types: []string{"AWS::S3::*", "datacenter/*"}}, []string{"arn:aws:s3:::logs", "srv-1"}},
		{"account", inventory.AssetQuery{Accounts: []string{"4444*"}}, []string{"i-2"}},
		{"region", inventory.AssetQuery{Regions: []string{"us-*"}}, []string{"i-2"}},
		{"no such region", inventory.AssetQuery{Regions: []string{"mars"}}, []string{}},
		{"source", inventory.AssetQuery{Sources: []string{"cmdb"}}, []string{"srv-1"}},
		{"tag value", inventory.AssetQuery{Tags: []string{"owner=payments"}}, []string{"i-1"}},
		{"empty tag value", inventory.AssetQuery{Tags: []string{"owner="}}, []string{"srv-1"}},
		{"tag key", inventory.AssetQuery{Tags: []string{"owner"}}, []string{"i-1", "i-2", "c", "srv-1"}},
		{"no tag key", inventory.AssetQuery{Tags: []string{"!owner"}}, []string{"arn:aws:s3:::logs"}},
		{"two tags", inventory.AssetQuery{Tags: []string{"owner", "env=prod"}}, []string{"i-1"}},
		{"tag and no tag", inventory.AssetQuery{Tags: []string{"owner", "!env"}}, []string{"i-2", "c", "srv-1"}},
		{"search", inventory.AssetQuery{Search: "logs"}, []string{"arn:aws:s3:::logs"}},
		{"limit", inventory.AssetQuery{Limit: 2}, []string{"i-1", "i-2"}},
		{"limit over scopes", inventory.AssetQuery{Limit: 3}, []string{"i-1", "i-2", "arn:aws:s3:::logs"}},
		{"together", inventory.AssetQuery{Types: []string{"AWS::EC2::Instance"}, Tags: []string{"owner"}, Search: "I-2"}, []string{"i-2"}},
	} {
		want(t, c.name, Keys(All(t, s, c.q)), c.keys)
	}
	// Who cannot see the tags cannot say that one is missing.
	w = Begin(t, s, Source(), other)
	ReadInto(t, w, Source(), Read("a"), Read("b", Asset("arn:aws:s3:::logs", Type("AWS::S3::Bucket"), Name("LOGS"), TagState(inventory.UnknownTags()))))
	ReadInto(t, w, other, Read("f.csv"))
	Finish(t, w)
	want(t, "no tag key unconfirmed", Keys(All(t, s, inventory.AssetQuery{Tags: []string{"!owner"}})), []string{})
}

func checkFind(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", full(), Asset("web-1", Name("other")), Asset("k", Name("web-1")), Asset("k2", Name("db-1")), Asset("k3", Name("db-1x"))))
	for ref, keys := range map[string][]string{
		"web-1": {"web-1"}, "db-1": {"k2"}, "i-0abc": {full().Key}, "module.web.aws_instance.app[0]": {full().Key}, "i-0ab": {}, "nothing": {},
	} {
		list, err := s.Find(t.Context(), 0, ref)
		want(t, "find error", err, nil)
		want(t, "find "+ref, Keys(list), keys)
	}
	Scan(t, s, Read("a"))
	list, _ := s.Find(t.Context(), 0, "web-1")
	want(t, "gone", len(list), 0)
	list, _ = s.Find(t.Context(), 1, "web-1")
	want(t, "as of 1", Keys(list), []string{"web-1"})
}

func checkEntries(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("b", full(), Asset("x", Tags("v", "1"))), Read("a", Asset("y")))
	Scan(t, s, Read("b", full(), Asset("x", Tags("v", "2"))), Read("a", Asset("y")))
	var ids []int64
	for i, err := range s.Identities(t.Context(), 1) {
		want(t, "identities error", err, nil)
		ids = append(ids, i.ID)
		if i.Key == full().Key {
			a := full()
			want(t, "identity", i, inventory.Identity{
				ID: i.ID, Book: a.Book, Type: a.Type, Key: a.Key, Name: a.Name, Account: a.Account, Region: a.Region, Source: "aws", Scope: "b",
				Lifecycle: a.Lifecycle, Lineage: "l-1", Address: a.Origin.Address, Layer: a.Origin.Layer, FacetOf: a.FacetOf(), Identifiers: a.Identifiers,
			})
		}
	}
	want(t, "number", len(ids), 3)
	want(t, "sorted", slices.IsSorted(ids), true)
	slices.Reverse(ids)
	for at, value := range map[inventory.ScanID]string{1: "1", 2: "2"} {
		var list []*inventory.Entry
		var err error
		for found, e := range s.Entries(t.Context(), at, slices.Values([][]int64{ids[:1], append(slices.Clone(ids[1:]), 999)})) {
			list, err = append(list, found...), e
		}
		want(t, "entries error", err, nil)
		var got []int64
		for _, e := range list {
			got = append(got, e.ID)
			if e.Key == "x" {
				tag, _ := e.Tags.Get("v")
				want(t, "as of", tag.Value, value)
			}
		}
		want(t, "order", got, ids)
	}
}

func checkHeld(t *testing.T, s inventory.Store) {
	r := Read("a", Asset("x"), Asset("y", Place("444455556666", "")), Asset("z", Type("AWS::S3::Bucket")))
	r.Scope.Covers.Derived = true
	Scan(t, s, r)
	r.Assets = []inventory.Asset{Asset("w", Type("AWS::SQS::Queue"))}
	Scan(t, s, r)
	states, err := s.Scopes(t.Context(), 0)
	want(t, "error", err, nil)
	want(t, "held", len(states[0].Held), 4)
	want(t, "assets", states[0].Assets, 1)
	want(t, "covers what it once held", states[0].Covers("AWS::S3::Bucket", "111122223333", ""), true)
	want(t, "does not cover", states[0].Covers("AWS::S3::Bucket", "444455556666", ""), false)
	states, _ = s.Scopes(t.Context(), 1)
	want(t, "held then", len(states[0].Held), 3)
	want(t, "assets then", states[0].Assets, 3)
	Scan(t, s, Reading{Scope: r.Scope, State: inventory.RunFailed})
	states, _ = s.Scopes(t.Context(), 0)
	want(t, "assets of a scope that failed", states[0].Assets, 1)
	states, _ = s.Scopes(t.Context(), 1)
	want(t, "spec", states[0].Scope, r.Scope)
}

func checkLastSeen(t *testing.T, s inventory.Store) {
	Scan(t, s, Read("a", Asset("x"), Asset("y")))
	Scan(t, s, Reading{Scope: Scope("a"), State: inventory.RunPartial, Assets: []inventory.Asset{Asset("x")}})
	Scan(t, s, Reading{Scope: Scope("a"), State: inventory.RunPartial, Assets: []inventory.Asset{Asset("x")}})
	Scan(t, s, Reading{Scope: Scope("a"), State: inventory.RunFailed})
	Scan(t, s, Reading{Scope: Scope("a"), State: inventory.RunPartial, Assets: []inventory.Asset{Asset("y")}})
	for at, wanted := range map[inventory.ScanID][]inventory.ScanID{1: {1, 1}, 2: {2, 1}, 3: {3, 1}, 4: {3, 1}, 5: {3, 5}, 0: {3, 5}} {
		for i, e := range All(t, s, inventory.AssetQuery{At: at}) {
			scan, _ := s.Scan(t.Context(), wanted[i])
			want(t, fmt.Sprintf("last seen of %s as of %d", e.Key, at), e.LastSeen, scan.Started)
		}
	}
}
