package wire

import (
	"context"
	"fmt"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules/records"
)

// Entity is a thing with what each book says of it.
type Entity struct {
	Named   []*inventory.Entry // those of its assets that a person's reference names
	Entries []*inventory.Entry // all of them, sorted by book
}

// Entities finds the things that a person names by a key, name, identifier or declared address, and if source is not empty, as
// that source calls them. They come in the order of the assets that are named. An error says that there is none.
func (a *App) Entities(ctx context.Context, store inventory.Store, at inventory.ScanID, ref, source string) ([]Entity, error) {
	scan, err := LastScan(ctx, store, at)
	if err != nil {
		return nil, err
	}
	named, err := store.Find(ctx, scan.ID, ref)
	if err != nil {
		return nil, err
	}
	if source != "" {
		named = slices.DeleteFunc(named, func(e *inventory.Entry) bool { return e.Source != source })
	}
	if len(named) == 0 {
		return nil, noneNamed(ref, source)
	}
	links, err := link.Build(ctx, store.Identities(ctx, scan.ID))
	if err != nil {
		return nil, fmt.Errorf("link assets: %w", err)
	}
	return entitiesOf(ctx, store, scan.ID, links, named)
}

func noneNamed(ref, source string) error {
	if source != "" {
		return fmt.Errorf("source %s holds no asset with the key, name, identifier or address %q: see muster assets list --source %s --search", source, ref, source)
	}
	return fmt.Errorf("no asset with the key, name, identifier or address %q: see muster assets list --search", ref)
}

func entitiesOf(ctx context.Context, store inventory.Store, at inventory.ScanID, links *link.Result, named []*inventory.Entry) ([]Entity, error) {
	var list []Entity
	place := map[int64]int{}
	for _, e := range byBook(named) {
		id, ok := links.EntityOf(e.ID)
		if !ok {
			continue
		}
		if _, known := place[id]; !known {
			place[id] = len(list)
			list = append(list, Entity{})
		}
		list[place[id]].Named = append(list[place[id]].Named, e)
	}
	for members := range links.Entities() {
		i, wanted := place[members[0]]
		if !wanted {
			continue
		}
		entries, err := read(ctx, store, at, members)
		if err != nil {
			return nil, err
		}
		list[i].Entries = byBook(entries)
	}
	return list, nil
}

// SideBySide lists what the books say of a thing, and marks where they disagree.
func (a *App) SideBySide(e Entity) ([]records.Fact, error) {
	j, err := a.judge()
	if err != nil {
		return nil, err
	}
	return records.SideBySide(a.catalog, j.policy, e.Entries), nil
}
