package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"slices"
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
	return contentColumns(past, marked, "t.state, t.tags, d.attributes, d.unread",
		" JOIN tag_set t ON t.id = v.tag_set_id LEFT JOIN attribute_set d ON d.id = v.attribute_set_id") + where
}

// leanQuery is contentQuery without the texts of tag and attribute sets, which a view remembers.
func leanQuery(past, marked bool) string {
	return contentColumns(past, marked, "NULL, NULL, NULL, NULL", "") + " ORDER BY 1"
}

func contentColumns(past, marked bool, sets, joins string) string {
	asset, id, from, ended := "v", "v.id", "asset v", "(v.to_scan IS NULL OR v.to_scan > ?3)"
	if past {
		asset, id, from, ended = "a", "v.asset_id", "asset_past v CROSS JOIN asset a ON a.id = v.asset_id", "v.to_scan > ?3"
	}
	columns := id + ", " + asset + ".key, v.name, v.placement_id, v.tag_set_id, " + sets + ", v.refs, v.created, " +
		asset + ".first_scan, v.attribute_set_id"
	if marked {
		columns += ", u.tags, u.tag_keys, u.attributes, m.from_scan"
		joins += " LEFT JOIN unconfirmed u ON u.asset_id = " + id + " AND u.from_scan <= ?3 AND (u.to_scan IS NULL OR u.to_scan > ?3)" +
			" LEFT JOIN unseen m ON m.asset_id = " + id + " AND m.from_scan <= ?3 AND (m.to_scan IS NULL OR m.to_scan > ?3)"
	}
	return "SELECT " + columns + " FROM " + from + joins +
		" WHERE " + id + " > ?1 AND " + id + " <= ?2 AND v.from_scan <= ?3 AND " + ended
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

// maxGap is how many rows may be passed over in reading a stretch of ids: fewer cost less than a new query.
const maxGap = 8

// stretchLength is how many of the first ids ascend in one scope with small gaps, so that they are read in one go.
func stretchLength(ids []int64) int {
	n := 1
	for n < len(ids) && ids[n] > ids[n-1] && ids[n]-ids[n-1] <= maxGap && ids[n]>>scopeShift == ids[0]>>scopeShift {
		n++
	}
	return n
}

// stretch returns the entries of ids that lie close together, without those that were not there at the scan.
func (v *view) stretch(ctx context.Context, ids []int64) ([]*inventory.Entry, error) {
	scope := v.scopeOf(ids[0])
	if scope == nil {
		return nil, nil
	}
	list := make([]*inventory.Entry, 0, len(ids))
	latest := func(e *inventory.Entry) (bool, error) {
		list = append(list, e)
		return true, nil
	}
	if err := v.between(ctx, false, ids, scope, latest); err != nil || v.latest || len(list) == len(ids) {
		return list, err
	}
	err := v.between(ctx, true, ids, scope, latest)
	slices.SortFunc(list, func(a, b *inventory.Entry) int { return cmp.Compare(a.ID, b.ID) })
	return list, err
}

// between visits the latest or the past contents of ids in a scope, which ascend.
func (v *view) between(ctx context.Context, past bool, ids []int64, scope *scopeView, visit func(*inventory.Entry) (bool, error)) error {
	s, err := v.loneStatement(ctx, past)
	if err != nil {
		return err
	}
	r, err := s.query(ctx, ids[0]-1, min(ids[len(ids)-1], scope.last), v.at)
	if err != nil {
		return err
	}
	return r.each(ctx, func(r *cursor) (bool, error) {
		if _, wanted := slices.BinarySearch(ids, r.int(0)); !wanted {
			return true, nil
		}
		e, err := v.entry(ctx, r, scope)
		if err != nil {
			return false, err
		}
		return visit(e)
	})
}

func (v *view) loneStatement(ctx context.Context, past bool) (*stmt, error) {
	if s := v.lone[past]; s != nil {
		return s, nil
	}
	s, err := v.c.prepare(ctx, leanQuery(past, v.marked))
	if err != nil {
		return nil, err
	}
	v.lone[past] = s
	return s, nil
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
	s, err := v.loneStatement(ctx, past)
	if err != nil {
		return nil, err
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
	if e.Tags, err = v.tagSet(ctx, r); err != nil {
		return nil, err
	}
	if e.Attributes, err = v.attributeSet(ctx, r); err != nil {
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
	e.TagsUnconfirmed = r.int(13) != 0
	if e.TagValuesUnconfirmed, err = decodeNames(r.text(14)); err != nil {
		return err
	}
	if e.AttributesUnconfirmed, err = decodeNames(r.text(15)); err != nil {
		return err
	}
	if !r.null(16) {
		e.LastSeen, err = v.seenBefore(ctx, scope.id, r.int(16))
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

// attributeCacheLimit bounds how many attribute sets a view remembers, and attributeCacheText how long their texts may be:
// machines of one model share a set, and the long documents of policies do not.
const (
	attributeCacheLimit = 1 << 12
	attributeCacheText  = 1 << 10
)

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

// attributeSet returns the attributes of a row of contentQuery or leanQuery.
func (v *view) attributeSet(ctx context.Context, r *cursor) (inventory.Attributes, error) {
	if r.null(12) {
		return inventory.Attributes{}, nil
	}
	id, text, unread := r.int(12), r.text(7), r.text(8)
	if a, ok := v.attributes[id]; ok {
		return a, nil
	}
	if r.null(7) {
		if err := v.lookUp(ctx, attributesByID, id, &text, &unread); err != nil {
			return inventory.Attributes{}, err
		}
	}
	a, err := decodeAttributes(true, text, unread)
	if len(v.attributes) < attributeCacheLimit && len(text) <= attributeCacheText {
		v.attributes[id] = a
	}
	return a, err
}

// tagSet returns the tags of a row of contentQuery or leanQuery.
func (v *view) tagSet(ctx context.Context, r *cursor) (inventory.Tags, error) {
	id, state, text := r.int(4), r.text(5), r.text(6)
	if t, ok := v.tags[id]; ok {
		return t, nil
	}
	if len(v.tags) >= cacheLimit {
		clear(v.tags)
	}
	if state == "" {
		if err := v.lookUp(ctx, tagsByID, id, &state, &text); err != nil {
			return inventory.Tags{}, err
		}
	}
	t, err := decodeTags(state, text)
	v.tags[id] = t
	return t, err
}

const (
	tagsByID       = "SELECT state, tags FROM tag_set WHERE id = ?"
	attributesByID = "SELECT attributes, unread FROM attribute_set WHERE id = ?"
)

// lookUp reads the two texts of a set.
func (v *view) lookUp(ctx context.Context, query string, id int64, first, second *string) error {
	s := v.sets[query]
	if s == nil {
		var err error
		if s, err = v.c.prepare(ctx, query); err != nil {
			return err
		}
		v.sets[query] = s
	}
	r, err := s.query(ctx, id)
	if err != nil {
		return err
	}
	return r.each(ctx, func(r *cursor) (bool, error) {
		*first, *second = r.text(0), r.text(1)
		return false, nil
	})
}
