package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// selection narrows down which contents are read, in SQL over the aliases v (the content) and t (its tag set). Its
// parameters are numbered from ?4.
type selection struct {
	where string
	args  []driver.Value
}

// contentQuery selects contents that were true at a scan, from the latest ones or from the past. ?1 and ?2 bound the
// asset ids, ?3 is the scan. For the latest ones, v is the asset's row itself; for the past ones the asset is a.
func contentQuery(past, marked bool, where string) string {
	asset, id, from, ended := "v", "v.id", "asset v", "(v.to_scan IS NULL OR v.to_scan > ?3)"
	if past {
		asset, id, from, ended = "a", "v.asset_id", "asset_past v CROSS JOIN asset a ON a.id = v.asset_id", "v.to_scan > ?3"
	}
	columns := id + ", " + asset + ".key, v.name, v.placement_id, v.tag_set_id, t.state, t.tags, d.attributes, d.unread, v.refs, v.created, " +
		asset + ".first_scan"
	joins := " JOIN tag_set t ON t.id = v.tag_set_id LEFT JOIN attribute_set d ON d.id = v.attribute_set_id"
	if marked {
		columns += ", u.tags, u.tag_keys, u.attributes, m.from_scan"
		joins += " LEFT JOIN unconfirmed u ON u.asset_id = " + id + " AND u.from_scan <= ?3 AND (u.to_scan IS NULL OR u.to_scan > ?3)" +
			" LEFT JOIN unseen m ON m.asset_id = " + id + " AND m.from_scan <= ?3 AND (m.to_scan IS NULL OR m.to_scan > ?3)"
	}
	return "SELECT " + columns + " FROM " + from + joins +
		" WHERE " + id + " > ?1 AND " + id + " <= ?2 AND v.from_scan <= ?3 AND " + ended + where
}

// contents visits the entries of a scope that a selection picks, in the order of their ids.
func (v *view) contents(ctx context.Context, scope *scopeView, sel selection, visit func(e *inventory.Entry) (bool, error)) error {
	query := contentQuery(false, v.marked, sel.where)
	if !v.latest {
		query += " UNION ALL " + contentQuery(true, v.marked, sel.where)
	}
	args := append([]driver.Value{assetID(scope.id, 0), scope.last, v.at}, sel.args...)
	return v.c.each(ctx, func(r *cursor) (bool, error) {
		e, err := v.entry(ctx, r, scope)
		if err != nil {
			return false, err
		}
		return visit(e)
	}, query+" ORDER BY 1", args...)
}

// content returns the entry of one asset, or nil if it was not there at the scan.
func (v *view) content(ctx context.Context, id int64) (*inventory.Entry, error) {
	scope := v.scopeOf(id)
	if scope == nil || id > scope.last {
		return nil, nil
	}
	for _, past := range []bool{false, true} {
		if past && v.latest {
			break
		}
		e, err := v.single(ctx, past, id, scope)
		if e != nil || err != nil {
			return e, err
		}
	}
	return nil, nil
}

func (v *view) scopeOf(id int64) *scopeView {
	for i := range v.scopes {
		if v.scopes[i].id == id>>scopeShift {
			return &v.scopes[i]
		}
	}
	return nil
}

func (v *view) single(ctx context.Context, past bool, id int64, scope *scopeView) (e *inventory.Entry, err error) {
	s := v.lone[past]
	if s == nil {
		if s, err = v.c.prepare(ctx, contentQuery(past, v.marked, "")); err != nil {
			return nil, err
		}
		v.lone[past] = s
	}
	r, err := s.query(ctx, id-1, id, v.at)
	if err != nil {
		return nil, err
	}
	err = r.each(ctx, func(r *cursor) (bool, error) {
		e, err = v.entry(ctx, r, scope)
		return false, err
	})
	return e, err
}

// entry reads a row of contentQuery.
func (v *view) entry(ctx context.Context, r *cursor, scope *scopeView) (*inventory.Entry, error) {
	e := &inventory.Entry{ID: r.int(0), Source: scope.source, Scope: scope.scope, FirstSeen: v.starts[r.int(11)], LastSeen: scope.seen}
	e.Key, e.Name, e.Created = r.text(1), r.text(2), r.time(10)
	p, err := v.placement(ctx, r.int(3))
	if err != nil {
		return nil, err
	}
	p.describe(&e.Asset)
	if e.Tags, err = v.tagSet(r.int(4), r.text(5), r.text(6)); err != nil {
		return nil, err
	}
	if e.Attributes, err = decodeAttributes(!r.null(7), r.text(7), r.text(8)); err != nil {
		return nil, err
	}
	if err := unpackRefs(r.text(9), &e.Asset); err != nil {
		return nil, err
	}
	if v.marked {
		err = v.readMarks(ctx, r, scope, e)
	}
	return e, err
}

func (p *placement) describe(a *inventory.Asset) {
	a.Book, a.Type, a.Account, a.Region, a.Zone = p.book, p.kind, p.account, p.region, p.zone
	a.Lifecycle, a.Shallow = p.lifecycle, p.shallow
}

// readMarks reads the columns that tell what of an entry the last scans could not see.
func (v *view) readMarks(ctx context.Context, r *cursor, scope *scopeView, e *inventory.Entry) (err error) {
	e.TagsUnconfirmed = r.int(12) != 0
	if e.TagValuesUnconfirmed, err = decodeNames(r.text(13)); err != nil {
		return err
	}
	if e.AttributesUnconfirmed, err = decodeNames(r.text(14)); err != nil {
		return err
	}
	if !r.null(15) {
		e.LastSeen, err = v.seenBefore(ctx, scope.id, r.int(15))
	}
	return err
}

// seenBefore is the start of the last scan before another one that read a scope.
func (v *view) seenBefore(ctx context.Context, scope, scan int64) (time.Time, error) {
	id, err := v.c.number(ctx, "SELECT max(scan_id) FROM scope_run WHERE scope_id = ? AND scan_id < ? AND state IN ('ok', 'partial')", scope, scan)
	return v.starts[id], err
}

// cacheLimit bounds what a view remembers of placements and tag sets.
const cacheLimit = 1 << 15

func (v *view) placement(ctx context.Context, id int64) (*placement, error) {
	if p := v.places[id]; p != nil {
		return p, nil
	}
	if len(v.places) >= cacheLimit {
		clear(v.places)
	}
	p := &placement{}
	_, err := v.c.one(ctx, func(r *cursor) { *p = readPlacement(r, 0) },
		"SELECT book, type, account, region, zone, lifecycle, shallow FROM placement WHERE id = ?", id)
	v.places[id] = p
	return p, err
}

func (v *view) tagSet(id int64, state, text string) (inventory.Tags, error) {
	if t, ok := v.tags[id]; ok {
		return t, nil
	}
	if len(v.tags) >= cacheLimit {
		clear(v.tags)
	}
	t, err := decodeTags(state, text)
	v.tags[id] = t
	return t, err
}
