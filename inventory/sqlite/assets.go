package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Assets yields assets. Of a filter, everything but Search and Sources is SQLite's work.
func (s *Store) Assets(ctx context.Context, q inventory.AssetQuery) iter.Seq2[*inventory.Entry, error] {
	return deliver(func(yield func(*inventory.Entry) bool) error {
		err := s.view(ctx, q.At, func(v *view) error {
			sel, err := v.selectBy(ctx, q)
			if err != nil || sel == nil {
				return err
			}
			found := 0
			return v.eachContent(ctx, q.Sources, *sel, func(e *inventory.Entry) (bool, error) {
				if !mentions(&e.Asset, q.Search) || lacks(e, q.Tags) {
					return true, nil
				}
				found++
				return yield(e) && found != q.Limit, nil
			})
		})
		return s.explain("read assets from", err)
	})
}

// eachContent visits the selected entries of all scopes of the sources; no sources are all.
func (v *view) eachContent(ctx context.Context, sources []string, sel selection, visit func(e *inventory.Entry) (bool, error)) error {
	more := true
	for i := range v.scopes {
		if len(sources) > 0 && !slices.Contains(sources, v.scopes[i].source) {
			continue
		}
		err := v.contents(ctx, &v.scopes[i], sel, func(e *inventory.Entry) (bool, error) {
			var err error
			more, err = visit(e)
			return more, err
		})
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// mentions reports whether key or name contain the text, ignoring case.
func mentions(a *inventory.Asset, text string) bool {
	if text == "" {
		return true
	}
	text = strings.ToLower(text)
	return strings.Contains(strings.ToLower(a.Key), text) || strings.Contains(strings.ToLower(a.Name), text)
}

// lacks reports whether a filter asks for a tag's absence while the last scan could not see the tags: they may have been
// added since.
func lacks(e *inventory.Entry, tags []string) bool {
	return e.TagsUnconfirmed && slices.ContainsFunc(tags, func(t string) bool { return strings.HasPrefix(t, "!") })
}

// selectBy turns a query into SQL; nil if it can select nothing.
func (v *view) selectBy(ctx context.Context, q inventory.AssetQuery) (*selection, error) {
	sel := &selection{}
	if len(q.Books)+len(q.Types)+len(q.Accounts)+len(q.Regions) > 0 {
		ids, err := v.placementsLike(ctx, q)
		if err != nil || len(ids) == 0 {
			return nil, err
		}
		text, err := json.Marshal(ids)
		if err != nil {
			return nil, err
		}
		sel.add(" AND v.placement_id IN (SELECT value FROM json_each(", string(text), "))")
	}
	for _, t := range q.Tags {
		sel.addTag(t)
	}
	return sel, nil
}

// add appends a condition around one parameter.
func (s *selection) add(before string, value driver.Value, after string) {
	s.args = append(s.args, value)
	s.where += before + "?" + strconv.Itoa(len(s.args)+3) + after
}

func (s *selection) addTag(filter string) {
	if key, absent := strings.CutPrefix(filter, "!"); absent {
		s.add(" AND t.state = 'known' AND v.tag_set_id NOT IN (SELECT set_id FROM tag WHERE key = ", key, ")")
		return
	}
	key, value, valued := strings.Cut(filter, "=")
	s.add(" AND v.tag_set_id IN (SELECT set_id FROM tag WHERE key = ", key, "")
	if valued {
		s.add(" AND value = ", value, "")
	}
	s.where += ")"
}

// placementsLike returns the placements that a query's patterns match. There are few, so Go matches them.
func (v *view) placementsLike(ctx context.Context, q inventory.AssetQuery) ([]int64, error) {
	var ids []int64
	err := v.c.each(ctx, func(r *cursor) (bool, error) {
		p := readPlacement(r, 1)
		if len(q.Books) > 0 && !slices.Contains(q.Books, p.book) {
			return true, nil
		}
		c := inventory.Coverage{Types: q.Types, Accounts: q.Accounts, Regions: q.Regions}
		if c.Includes(p.kind, p.account, p.region) {
			ids = append(ids, r.int(0))
		}
		return true, nil
	}, "SELECT id, book, type, account, region, zone, lifecycle, shallow FROM placement")
	return ids, err
}

// Entries yields assets by their ids, a batch at a time.
func (s *Store) Entries(ctx context.Context, at inventory.ScanID, batches iter.Seq[[]int64]) iter.Seq2[[]*inventory.Entry, error] {
	return deliver(func(yield func([]*inventory.Entry) bool) error {
		err := s.view(ctx, at, func(v *view) error {
			for ids := range batches {
				list, err := v.batch(ctx, ids)
				if err != nil {
					return err
				}
				if !yield(list) {
					return nil
				}
			}
			return nil
		})
		return s.explain("read assets from", err)
	})
}

// batch returns the entries of ids, in their order.
func (v *view) batch(ctx context.Context, ids []int64) ([]*inventory.Entry, error) {
	list := make([]*inventory.Entry, 0, len(ids))
	for len(ids) > 0 {
		n := stretchLength(ids)
		found, err := v.stretch(ctx, ids[:n])
		if err != nil {
			return nil, err
		}
		list, ids = append(list, found...), ids[n:]
	}
	return list, ctx.Err()
}

// Identities yields the identities of all assets.
func (s *Store) Identities(ctx context.Context, at inventory.ScanID) iter.Seq2[inventory.Identity, error] {
	return deliver(func(yield func(inventory.Identity) bool) error {
		err := s.view(ctx, at, func(v *view) error {
			scopes := slices.Clone(v.scopes)
			slices.SortFunc(scopes, func(a, b scopeView) int { return cmp.Compare(a.id, b.id) })
			for i := range scopes {
				if more, err := v.identities(ctx, &scopes[i], yield); err != nil || !more {
					return err
				}
			}
			return nil
		})
		return s.explain("read assets from", err)
	})
}

func (v *view) identities(ctx context.Context, scope *scopeView, yield func(inventory.Identity) bool) (more bool, err error) {
	query := identitiesLatest
	if !v.latest {
		query += " UNION ALL " + identitiesPast
	}
	more = true
	err = v.c.each(ctx, func(r *cursor) (bool, error) {
		p, err := v.placement(ctx, r.int(3))
		if err != nil {
			return false, err
		}
		var a inventory.Asset
		if err := unpackRefs(r.text(4), &a); err != nil {
			return false, err
		}
		more = yield(inventory.Identity{
			ID: r.int(0), Book: p.book, Type: p.kind, Key: r.text(1), Name: r.text(2), Account: p.account, Region: p.region,
			Source: scope.source, Scope: scope.scope, Lifecycle: p.lifecycle, Lineage: a.Origin.Lineage, Address: a.Origin.Address,
			Layer: a.Origin.Layer, FacetOf: a.FacetOf(), Identifiers: a.Identifiers,
		})
		return more, nil
	}, query+" ORDER BY 1", assetID(scope.id, 0), scope.last, v.at)
	return more, err
}

const (
	identitiesLatest = `SELECT id, key, name, placement_id, refs FROM asset
WHERE id > ?1 AND id <= ?2 AND from_scan <= ?3 AND (to_scan IS NULL OR to_scan > ?3)`
	identitiesPast = `SELECT a.id, a.key, v.name, v.placement_id, v.refs FROM asset_past v CROSS JOIN asset a ON a.id = v.asset_id
WHERE v.asset_id > ?1 AND v.asset_id <= ?2 AND v.from_scan <= ?3 AND v.to_scan > ?3`
)

// maxFound is how many assets Find returns.
const maxFound = 100

// Find looks a reference up: by key through an index, else by name, identifier or address through all contents.
func (s *Store) Find(ctx context.Context, at inventory.ScanID, ref string) ([]*inventory.Entry, error) {
	var list []*inventory.Entry
	err := s.view(ctx, at, func(v *view) error {
		var err error
		if list, err = v.findKey(ctx, ref); err != nil || len(list) > 0 {
			return err
		}
		list, err = v.findName(ctx, ref)
		return err
	})
	return list, s.explain("search", err)
}

const idsByKey = "SELECT id FROM asset WHERE key = ? ORDER BY id"

func (v *view) findKey(ctx context.Context, key string) ([]*inventory.Entry, error) {
	var ids []int64
	err := v.c.each(ctx, func(r *cursor) (bool, error) {
		ids = append(ids, r.int(0))
		return true, nil
	}, idsByKey, key)
	if err != nil {
		return nil, err
	}
	var list []*inventory.Entry
	for _, id := range ids {
		e, err := v.content(ctx, id)
		if err != nil {
			return nil, err
		}
		if e != nil {
			list = keepFirst(list, e)
		}
	}
	return list, nil
}

// findName reads all contents in which the reference appears anywhere, and keeps those where it is a whole name.
func (v *view) findName(ctx context.Context, ref string) ([]*inventory.Entry, error) {
	sel := selection{}
	sel.add(" AND (v.name = ", ref, "")
	sel.add(" OR instr(v.refs, ", []byte(ref), ") > 0)")
	var list []*inventory.Entry
	err := v.eachContent(ctx, nil, sel, func(e *inventory.Entry) (bool, error) {
		if named := func(i inventory.Identifier) bool { return i.Value == ref }; e.Name == ref || e.Origin.Address == ref ||
			slices.ContainsFunc(e.Identifiers, named) {
			list = keepFirst(list, e)
		}
		return true, nil
	})
	return list, err
}

// keepFirst adds an entry to a sorted list that keeps only the first maxFound.
func keepFirst(list []*inventory.Entry, e *inventory.Entry) []*inventory.Entry {
	i, _ := slices.BinarySearchFunc(list, e, func(a, b *inventory.Entry) int {
		return cmp.Or(cmp.Compare(a.Book, b.Book), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
	})
	list = slices.Insert(list, i, e)
	return list[:min(len(list), maxFound)]
}
