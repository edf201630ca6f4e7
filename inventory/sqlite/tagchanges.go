package sqlite

import (
	"context"
	"iter"
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// TagChanges yields how tags changed.
func (s *Store) TagChanges(ctx context.Context, from, at inventory.ScanID) iter.Seq2[inventory.TagHistory, error] {
	return deliver(func(yield func(inventory.TagHistory) bool) error {
		err := s.view(ctx, at, func(v *view) error {
			for i := range v.scopes {
				if more, err := v.tagChanges(ctx, &v.scopes[i], int64(from), yield); err != nil || !more {
					return err
				}
			}
			return nil
		})
		return s.explain("read changes of tags from", err)
	})
}

// Of the assets of a scope that have earlier contents: those that held in some scans, and the latest beside each. Contents of one asset
// follow each other.
const tagVersionsOfScope = `SELECT v.asset_id, v.from_scan, v.to_scan, v.tag_set_id, a.from_scan, a.to_scan, a.tag_set_id
FROM asset_past v CROSS JOIN asset a ON a.id = v.asset_id
WHERE v.asset_id > ?1 AND v.asset_id <= ?2 AND v.to_scan > ?3 AND v.from_scan <= ?4
ORDER BY 1, 2`

// tagStretch is for how long an asset had a set of tags.
type tagStretch struct{ from, to, set int64 }

func (v *view) tagChanges(ctx context.Context, scope *scopeView, from int64, yield func(inventory.TagHistory) bool) (more bool, err error) {
	var asset int64
	var list []tagStretch
	var latest tagStretch
	more = true
	end := func() error {
		h, err := v.tagHistory(ctx, asset, append(list, latest), from)
		if err == nil && h != nil {
			more = yield(*h)
		}
		list = list[:0]
		return err
	}
	err = v.c.each(ctx, func(r *cursor) (bool, error) {
		if id := r.int(0); id != asset && asset != 0 {
			if err := end(); err != nil || !more {
				return false, err
			}
		}
		asset = r.int(0)
		list = append(list, tagStretch{r.int(1), r.int(2), r.int(3)})
		latest = tagStretch{r.int(4), r.int(5), r.int(6)}
		return true, nil
	}, tagVersionsOfScope, assetID(scope.id, 0), scope.last, from, v.at)
	if err == nil && more && asset != 0 {
		err = end()
	}
	return more, err
}

// tagHistory puts stretches together; nil if the tags were always the same, or the asset is not there.
func (v *view) tagHistory(ctx context.Context, asset int64, list []tagStretch, from int64) (*inventory.TagHistory, error) {
	list = slices.DeleteFunc(list, func(s tagStretch) bool { return s.from > v.at || s.to != 0 && (s.to <= from || s.to <= s.from) })
	last := len(list) - 1
	same := !slices.ContainsFunc(list, func(s tagStretch) bool { return s.set != list[0].set })
	if same || list[last].to != 0 && list[last].to <= v.at {
		return nil, nil
	}
	h := &inventory.TagHistory{ID: asset}
	for i, s := range list {
		if i > 0 && s.set == list[i-1].set && s.from == list[i-1].to {
			h.Versions[len(h.Versions)-1].To = inventory.ScanID(s.to)
			continue
		}
		tags, err := v.tagsOf(ctx, s.set)
		if err != nil {
			return nil, err
		}
		h.Versions = append(h.Versions, inventory.TagVersion{From: inventory.ScanID(s.from), To: inventory.ScanID(s.to), Tags: tags})
	}
	if len(h.Versions) < 2 {
		return nil, nil
	}
	return h, nil
}

// tagsOf returns the tags of a set.
func (v *view) tagsOf(ctx context.Context, set int64) (inventory.Tags, error) {
	if t, ok := v.tags[set]; ok {
		return t, nil
	}
	var state, text string
	if err := v.lookUp(ctx, tagsByID, set, &state, &text); err != nil {
		return inventory.Tags{}, err
	}
	t, err := decodeTags(state, text)
	if err == nil && len(v.tags) < cacheLimit {
		v.tags[set] = t
	}
	return t, err
}
