// Package storage holds the listers of buckets, file systems, container image repositories and backup vaults, one file a service.
package storage

import (
	"slices"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// Listers returns all of the package.
func Listers() []lister.Lister {
	return slices.Concat(
		s3Listers(),
		efsListers(),
		fsxListers(),
		ecrListers(),
		backupListers(),
	)
}

// known is an asset that has an id of its own in account and region.
func known(key, id *string) inventory.Asset {
	return inventory.Asset{
		Key: lister.Str(key), Name: lister.Str(id),
		Identifiers: lister.ResourceID(id),
	}
}

// nameBy takes the name that people gave to an asset: its own, else the tag, else what it was called before.
func nameBy(a *inventory.Asset, own *string) {
	if lister.Str(own) != "" {
		a.Name = *own
	} else if tag, ok := a.Tags.Get("Name"); ok && tag.Value != "" {
		a.Name = tag.Value
	}
}
