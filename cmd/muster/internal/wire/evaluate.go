package wire

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift"
	"github.com/muster-audit/muster/rules/inherit"
	"github.com/muster-audit/muster/rules/records"
	"github.com/muster-audit/muster/rules/suggest"
	"github.com/muster-audit/muster/rules/taghistory"
	"github.com/muster-audit/muster/rules/vocabulary"
)

// trendLength is how many earlier evaluations a report shows.
const trendLength = 30

// Evaluate judges a scan (0: the last one), stores the evaluation and returns its report.
func (a *App) Evaluate(ctx context.Context, store inventory.Store, at inventory.ScanID) (*report.Report, error) {
	scan, err := LastScan(ctx, store, at)
	if err != nil {
		return nil, err
	}
	estate, err := a.load(ctx, store, scan)
	if err != nil {
		return nil, err
	}
	previous, err := a.previous(ctx, store, scan)
	if err != nil {
		return nil, err
	}
	engine := estate.engine()
	evaluation, err := engine.Evaluate(ctx, estate.counted(ctx), previous)
	if err != nil {
		return nil, err
	}
	if a.against != nil {
		a.against.settle(evaluation, estate.scopes)
	}
	notes, err := estate.attribute(ctx, evaluation.Findings, previous)
	if err != nil {
		return nil, err
	}
	r, err := a.build(ctx, store, estate, evaluation)
	if err != nil {
		return nil, err
	}
	r.Gate.Reasons = append(r.Gate.Reasons, notes...)
	if a.against != nil && a.against.note != "" {
		r.Gate.Reasons = append(r.Gate.Reasons, a.against.note)
	}
	return r, a.save(ctx, store, estate, evaluation, r)
}

// previous are the findings that an evaluation is compared with.
func (a *App) previous(ctx context.Context, store inventory.Store, scan inventory.Scan) ([]rules.Stored, error) {
	if a.against != nil {
		return a.against.findings, nil
	}
	list, err := stored(store.OpenFindings(ctx, scan.ID))
	if err != nil {
		return nil, fmt.Errorf("read earlier findings: %w", err)
	}
	return list, nil
}

// LastScan returns a scan by its number; 0 is the last one that ended.
func LastScan(ctx context.Context, store inventory.AssetStore, at inventory.ScanID) (inventory.Scan, error) {
	if at != 0 {
		return store.Scan(ctx, at)
	}
	scans, err := store.Scans(ctx)
	if err != nil {
		return inventory.Scan{}, err
	}
	for _, s := range scans {
		if s.State != inventory.ScanRunning {
			return s, nil
		}
	}
	return inventory.Scan{}, errors.New("the store holds no scan yet: run \"muster scan\" first")
}

// estate is a scan put together for judging: what its rules are made from.
type estate struct {
	app    *App
	store  inventory.Store
	scan   inventory.Scan
	scopes []inventory.ScopeState
	links  *link.Result
	judge  *judge

	managers *drift.ManagerIndex
	// neighbours is nil where nothing is declared.
	neighbours  *drift.Neighbours
	suggestions *suggest.Index // of values of tags
	ancestry    *inherit.Index // nil unless the policy asks what assets belong to
	lineages    drift.LineageIndex
	tagKeys     *records.TagIndex  // nil unless the policy trusts the register in a tag
	ignored     *ignoredPlaces     // nil unless somebody asks which ignored differences are met
	census      *vocabulary.Census // nil unless a rule needs one
	tagHistory  *taghistory.Index  // nil unless a rule needs one
}

func (a *App) load(ctx context.Context, store inventory.Store, scan inventory.Scan) (*estate, error) {
	e := &estate{app: a, store: store, scan: scan}
	var err error
	if e.judge, err = a.judge(); err != nil {
		return nil, err
	}
	if e.scopes, err = store.Scopes(ctx, scan.ID); err != nil {
		return nil, fmt.Errorf("read scopes: %w", err)
	}
	if e.links, err = link.Build(ctx, e.lineages.Watch(store.Identities(ctx, scan.ID))); err != nil {
		return nil, fmt.Errorf("link assets: %w", err)
	}
	e.suggestions = suggest.New(e.links, e.judge.policy)
	if e.managers, err = drift.IndexManagers(ctx, e.links, e.suggestions.Watch(e.watchAncestry(e.relatives(ctx)))); err != nil {
		return nil, err
	}
	if err := e.addAncestors(ctx); err != nil {
		return nil, err
	}
	if e.tagHistory, err = e.readTagHistory(ctx); err != nil {
		return nil, err
	}
	e.tagKeys, err = e.indexTags(ctx)
	return e, err
}

// relatives yields the assets that tell what belongs to what: those that are observed, and past the index of neighbours, before them,
// what is declared.
func (e *estate) relatives(ctx context.Context) iter.Seq2[*inventory.Entry, error] {
	of := func(book inventory.Book) iter.Seq2[*inventory.Entry, error] {
		return e.store.Assets(ctx, inventory.AssetQuery{At: e.scan.ID, Books: []inventory.Book{book}})
	}
	if !slices.ContainsFunc(e.scopes, func(s inventory.ScopeState) bool { return s.Source.Book == inventory.Declared }) {
		return of(inventory.Observed)
	}
	e.neighbours = drift.NewNeighbours(e.links, e.judge.policy.OwnerTags())
	return e.neighbours.Watch(func(yield func(*inventory.Entry, error) bool) {
		for _, book := range []inventory.Book{inventory.Declared, inventory.Observed} {
			for entry, err := range of(book) {
				if !yield(entry, err) || err != nil {
					return
				}
			}
		}
	})
}

// chunkSize is how many entities are fetched from the store at a time.
const chunkSize = 2000

// entities yields every entity of the scan with its assets. They are read a chunk of entities at a time, from one snapshot.
func (e *estate) entities(ctx context.Context) iter.Seq2[*rules.Entity, error] {
	return e.assembled(ctx, e.links.Entities())
}

// assembled yields the entities of which the ids of the assets are given, as link.Result yields them.
func (e *estate) assembled(ctx context.Context, list iter.Seq[[]int64]) iter.Seq2[*rules.Entity, error] {
	return func(yield func(*rules.Entity, error) bool) {
		var groups [][]int64 // the entities of the chunk that is being read
		chunks := func(next func([]int64) bool) {
			for members := range list {
				if groups = append(groups, members); len(groups) == chunkSize {
					if !next(sortedIDs(groups)) {
						return
					}
					groups = groups[:0]
				}
			}
			if len(groups) > 0 {
				next(sortedIDs(groups))
			}
		}
		for entries, err := range e.store.Entries(ctx, e.scan.ID, chunks) {
			if err != nil {
				yield(nil, fmt.Errorf("read assets: %w", err))
				return
			}
			for _, members := range groups {
				if entity := assemble(members, entries); entity.Subject() != nil && !yield(entity, nil) {
					return
				}
			}
		}
	}
}

func sortedIDs(groups [][]int64) []int64 {
	ids := slices.Concat(groups...)
	slices.Sort(ids)
	return ids
}

// assemble sorts the assets of an entity into their books. entries are sorted by id.
func assemble(members []int64, entries []*inventory.Entry) *rules.Entity {
	entity := &rules.Entity{}
	for _, id := range members {
		i, ok := slices.BinarySearchFunc(entries, id, func(e *inventory.Entry, id int64) int { return cmp.Compare(e.ID, id) })
		if !ok {
			continue
		}
		entity.Add(entries[i])
	}
	for _, list := range [][]*inventory.Entry{entity.Observed, entity.Declared, entity.Recorded, entity.Facets} {
		slices.SortFunc(list, byTelling)
	}
	return entity
}

// stored collects the findings of an earlier evaluation.
func stored(records iter.Seq2[inventory.FindingRecord, error]) ([]rules.Stored, error) {
	var out []rules.Stored
	for record, err := range records {
		if err != nil {
			return nil, err
		}
		s, err := rules.ParseRecord(record)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// build computes the report of an evaluation.
func (a *App) build(ctx context.Context, store inventory.Store, e *estate, evaluation *rules.Evaluation) (*report.Report, error) {
	trend, since, err := history(ctx, store, e.scan.ID)
	if err != nil {
		return nil, err
	}
	if a.against != nil {
		since = a.against.since
	}
	gate := a.gate(since, e.judge.policy.Floors)
	if gate.Where, err = e.where(ctx, evaluation.Findings); err != nil {
		return nil, err
	}
	changed, err := changes(ctx, store, trend, evaluation)
	if err != nil {
		return nil, err
	}
	list := newListing(store, e.scan.ID, e.links, evaluation.Findings)
	r := report.Build(report.Input{
		Version: a.Version, Scan: e.scan, Scopes: e.scopes, Evaluation: evaluation,
		Digests: report.Digests{Config: a.Config.Digest, Policy: e.judge.policy.Digest()},
		Trend:   trend, Changes: changed, Gate: gate, Assets: list.all(ctx),
	})
	r.Pick, r.Owners = list.pick(ctx), func() (func(int64) (rules.Owner, bool), error) { return e.owners(ctx) }
	return r, nil
}

// save stores the evaluation with the report's numbers.
func (a *App) save(ctx context.Context, store inventory.Store, e *estate, evaluation *rules.Evaluation, r *report.Report) error {
	summary := *r
	summary.Findings, summary.Groups, summary.Accepted = nil, nil, nil
	text, err := json.Marshal(summary)
	if err != nil {
		return fmt.Errorf("encode evaluation: %w", err)
	}
	records, err := rules.Records(evaluation)
	if err != nil {
		return err
	}
	return store.SaveEvaluation(ctx, inventory.Evaluation{
		Scan: e.scan.ID, At: a.Now(), PolicyDigest: r.Digests.Policy, Complete: e.scan.Complete(), Summary: text, Coverage: evaluation.Coverage,
	}, func(yield func(inventory.FindingRecord, error) bool) {
		for _, record := range records {
			if !yield(record, nil) {
				return
			}
		}
	})
}
