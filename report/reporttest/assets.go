package reporttest

import (
	"iter"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

func smallAssets() iter.Seq2[report.Asset, error] {
	list := []report.Asset{
		asset(1, instance("payments-api-1", "i-0c9d8e7f6a5b4c3d2"), inventory.TagsFromMap(map[string]string{"owner": "payments", "cost-center": "cc-1001"}), 1),
		asset(2, instance("batch-scratch", "i-01f2e3d4c5b6a7980"), inventory.KnownTags(), 1),
		asset(3, bucket("acme-logs"), inventory.UnknownTags(), 0),
		asset(4, bucket("acme-media"), inventory.KnownTags(inventory.Tag{Key: "cost-center", Value: "1042"},
			inventory.Tag{Key: "env", ValueUnknown: true}, inventory.Tag{Key: "owner", Value: "search"}), 1),
		asset(5, machine("ledger-2"), inventory.TagsFromMap(map[string]string{"owner": "payments", "note": "a=b; c"}), 1),
		asset(6, server("SRV-0044", "dub-batch-03"), inventory.NotTaggable(), 1),
	}
	list[3].TagsUnconfirmed = true
	return func(yield func(report.Asset, error) bool) {
		for _, a := range list {
			if !yield(a, nil) {
				return
			}
		}
	}
}

func asset(entity int64, ref rules.AssetRef, tags inventory.Tags, findings int) report.Asset {
	e := &inventory.Entry{
		Asset: inventory.Asset{
			Key: ref.Key, Book: ref.Book, Type: ref.Type, Name: ref.Name, Account: ref.Account, Region: ref.Region,
			Lifecycle: inventory.LifecycleActive, Tags: tags, Created: Night().AddDate(-1, 0, 0),
			Origin: inventory.Origin{Call: "list"},
		},
		ID: entity, Source: ref.Source, Scope: ref.Account + "/" + ref.Region, FirstSeen: Night().AddDate(0, -2, 0), LastSeen: Night(),
	}
	return report.Asset{Entry: e, Entity: entity, Findings: findings}
}
