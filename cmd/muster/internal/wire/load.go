package wire

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// Load returns the stored report of a scan (0: the last one). Nothing is judged anew.
func (a *App) Load(ctx context.Context, store inventory.Store, at inventory.ScanID) (*report.Report, error) {
	scan, err := LastScan(ctx, store, at)
	if err != nil {
		return nil, err
	}
	evaluation, err := store.Evaluation(ctx, scan.ID)
	if errors.Is(err, inventory.ErrNotFound) {
		return nil, fmt.Errorf("scan %d was not evaluated: run \"muster check\" after a scan", scan.ID)
	}
	if err != nil {
		return nil, err
	}
	r := &report.Report{}
	if err := json.Unmarshal(evaluation.Summary, r); err != nil {
		return nil, fmt.Errorf("decode evaluation of scan %d: %w", scan.ID, err)
	}
	records, err := collect(store.Findings(ctx, scan.ID))
	if err != nil {
		return nil, fmt.Errorf("read findings: %w", err)
	}
	findings, accepted, err := rules.ParseRecords(records)
	if err != nil {
		return nil, err
	}
	r.SetFindings(findings, accepted)
	links, err := link.Build(ctx, store.Identities(ctx, scan.ID))
	if err != nil {
		return nil, fmt.Errorf("link assets: %w", err)
	}
	list := newListing(store, scan.ID, links, findings)
	r.Assets, r.Pick, r.Owners = list.all(ctx), list.pick(ctx), a.ownersOf(ctx, store, scan)
	return r, nil
}

func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for v, err := range seq {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// listing lists the assets of a scan with their entities and the numbers of their findings.
type listing struct {
	store  inventory.AssetStore
	at     inventory.ScanID
	links  *link.Result
	counts map[rules.AssetRef]int // by source and key
}

func newListing(store inventory.AssetStore, at inventory.ScanID, links *link.Result, findings []rules.Finding) *listing {
	l := &listing{store: store, at: at, links: links, counts: map[rules.AssetRef]int{}}
	for _, f := range findings {
		if f.State != inventory.FindingResolved {
			l.counts[rules.AssetRef{Source: f.Asset.Source, Key: f.Asset.Key}]++
		}
	}
	return l
}

func (l *listing) asset(e *inventory.Entry) report.Asset {
	entity, _ := l.links.EntityOf(e.ID)
	return report.Asset{Entry: e, Entity: entity, Findings: l.counts[rules.AssetRef{Source: e.Source, Key: e.Key}]}
}

// all yields every asset.
func (l *listing) all(ctx context.Context) func() iter.Seq2[report.Asset, error] {
	return func() iter.Seq2[report.Asset, error] {
		return func(yield func(report.Asset, error) bool) {
			for e, err := range l.store.Assets(ctx, inventory.AssetQuery{At: l.at}) {
				if err != nil {
					yield(report.Asset{}, err)
					return
				}
				if !yield(l.asset(e), nil) {
					return
				}
			}
		}
	}
}

// pick yields the assets with these ids, a batch at a time.
func (l *listing) pick(ctx context.Context) func(iter.Seq[[]int64]) iter.Seq2[[]report.Asset, error] {
	return func(batches iter.Seq[[]int64]) iter.Seq2[[]report.Asset, error] {
		return func(yield func([]report.Asset, error) bool) {
			for entries, err := range l.store.Entries(ctx, l.at, batches) {
				out := make([]report.Asset, len(entries))
				for i, e := range entries {
					out[i] = l.asset(e)
				}
				if !yield(out, err) || err != nil {
					return
				}
			}
		}
	}
}

// history returns the trend of the evaluations before a scan, oldest first, and the start of the last complete one.
func history(ctx context.Context, store inventory.Store, before inventory.ScanID) ([]report.TrendPoint, time.Time, error) {
	scans, err := store.Scans(ctx)
	if err != nil {
		return nil, time.Time{}, err
	}
	var trend []report.TrendPoint
	var since time.Time
	for _, s := range scans { // the newest first
		if s.ID >= before {
			continue
		}
		if len(trend) == trendLength && !since.IsZero() {
			break
		}
		evaluation, err := store.Evaluation(ctx, s.ID)
		if errors.Is(err, inventory.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, time.Time{}, err
		}
		if evaluation.Complete && since.IsZero() {
			since = s.Started
		}
		if len(trend) == trendLength {
			continue
		}
		var r report.Report
		if err := json.Unmarshal(evaluation.Summary, &r); err != nil {
			return nil, time.Time{}, fmt.Errorf("decode evaluation of scan %d: %w", s.ID, err)
		}
		point := r.Trend[len(r.Trend)-1]
		point.Complete, point.Policy = evaluation.Complete, evaluation.PolicyDigest // older summaries lack both
		trend = append(trend, point)
	}
	slices.Reverse(trend)
	return trend, since, nil
}

// membersOf returns the ids of the assets of some entities, sorted.
func membersOf(links *link.Result, entities map[int64]bool) []int64 {
	var ids []int64
	for members := range links.Entities() {
		if entities[members[0]] {
			ids = append(ids, members...)
		}
	}
	slices.Sort(ids)
	return ids
}

// read returns the assets with these ids, in their order.
func read(ctx context.Context, store inventory.AssetStore, at inventory.ScanID, ids []int64) ([]*inventory.Entry, error) {
	batches, err := collect(store.Entries(ctx, at, slices.Values([][]int64{ids})))
	return slices.Concat(batches...), err
}

// byBook returns entries in the order in which books are shown.
func byBook(entries []*inventory.Entry) []*inventory.Entry {
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b *inventory.Entry) int {
		return cmp.Or(cmp.Compare(slices.Index(inventory.Books(), a.Book), slices.Index(inventory.Books(), b.Book)), bySourceAndKey(a, b))
	})
	return sorted
}

// byTelling puts what a provider says of its own thing before what an agent on it, or a list of hosts, says of a machine; and a row of an
// instance, which its id always links, before that of the server in it, which is linked only while an agent tells the server's name.
func byTelling(a, b *inventory.Entry) int {
	return cmp.Or(cmp.Compare(distance(a), distance(b)), cmp.Compare(layer(a), layer(b)), bySourceAndKey(a, b))
}

// layer orders declarations: what people wrote stands before what a tool makes of it. Others have no layer and stand first.
func layer(e *inventory.Entry) int { return slices.Index(inventory.Layers(), e.Origin.Layer) }

// distance is how far from the thing itself it is what an asset describes.
func distance(e *inventory.Entry) int {
	switch {
	case catalog.Provider(e.Type) != "datacenter":
		return 0
	case e.Type == "datacenter/vm":
		return 1
	}
	return 2
}

func bySourceAndKey(a, b *inventory.Entry) int {
	return cmp.Or(strings.Compare(a.Source, b.Source), strings.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID))
}
