// Package database holds the listers of relational, key-value, in-memory, warehouse and search databases, and of their migration,
// one file a service; that of the relational databases, which is large, is several.
package database

import (
	"slices"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// Listers returns all of the package.
func Listers() []lister.Lister {
	return slices.Concat(
		rdsListers(),
		rdsGroupListers(),
		rdsProxyListers(),
		dynamodbListers(),
		elasticacheListers(),
		elasticacheGroupListers(),
		redshiftListers(),
		redshiftServerlessListers(),
		memorydbListers(),
		opensearchListers(),
		dmsListers(),
	)
}

// texts picks a text out of every member of a list, as the id of a subnet.
func texts[T any](list []T, pick func(T) *string) []string {
	out := make([]string, 0, len(list))
	for _, x := range list {
		if s := pick(x); s != nil {
			out = append(out, *s)
		}
	}
	return out
}

// stage is where a database stands by its status, which all these services name alike.
func stage(status *string) inventory.Lifecycle {
	if lister.Str(status) == "deleting" {
		return inventory.LifecycleRetiring
	}
	return inventory.LifecycleUnknown
}

// named is an asset that is known by its own name in account and region.
func named(key, name *string) inventory.Asset {
	return inventory.Asset{
		Key: lister.Str(key), Name: lister.Str(name),
		Identifiers: lister.ResourceID(name),
	}
}

// member is the relation to the group that an asset is one of; none without a name of the group.
func member(name *string, arn func(name string) string) []inventory.Relation {
	if lister.Str(name) == "" {
		return nil
	}
	return []inventory.Relation{lister.To(inventory.MemberOf, arn(*name))}
}
