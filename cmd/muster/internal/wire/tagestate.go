package wire

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift/reach"
	"github.com/muster-audit/muster/rules/taghistory"
	"github.com/muster-audit/muster/rules/tags"
	"github.com/muster-audit/muster/rules/vocabulary"
)

// tagEstateMetas describes the rules about the tags of the estate that a policy turns on.
func tagEstateMetas(p *rules.Policy) []rules.Meta {
	return append(vocabulary.Metas(p), taghistory.Metas(p)...)
}

// addTagEstate adds the rules about the tags of the estate, and the groups of the policy's floors, to an engine.
func (e *estate) addTagEstate(engine *rules.Engine) {
	p := e.judge.policy
	if vocabulary.Wanted(p) {
		e.census = e.newCensus()
		e.census.Prepare(p)
		engine.Estate = append(engine.Estate, vocabulary.EstateRules(p, vocabulary.Inputs{Census: e.census, Entries: e.entries})...)
	}
	if e.tagHistory != nil {
		engine.Rules = append(engine.Rules, taghistory.Rules(p, e.tagHistory)...)
	}
	for _, f := range p.Floors {
		known := slices.ContainsFunc(engine.CoverageBy, func(g rules.CoverageGroup) bool { return g.Name == f.By })
		if g, err := rules.GroupCoverage(f.By, p, engine.Owner); err == nil && !known { // account and type are always counted
			engine.CoverageBy = append(engine.CoverageBy, g)
		}
	}
}

func (e *estate) newCensus() *vocabulary.Census {
	return &vocabulary.Census{
		Catalog: e.app.catalog, Unconfirmed: reach.New(e.scopes, e.scan.Started).Unconfirmed, Secret: tags.LooksLikeCredential,
	}
}

func (e *estate) entries(ctx context.Context, ids []int64) ([]*inventory.Entry, error) {
	return read(ctx, e.store, e.scan.ID, ids)
}

// counted yields the entities of the scan, past the census if a rule needs one.
func (e *estate) counted(ctx context.Context) iter.Seq2[*rules.Entity, error] {
	if e.census == nil {
		return e.entities(ctx)
	}
	return e.census.Watch(e.entities(ctx))
}

// readTagHistory looks at earlier scans, if a rule of the policy asks for that.
func (e *estate) readTagHistory(ctx context.Context) (*taghistory.Index, error) {
	p := e.judge.policy
	vanished, scans := taghistory.Wanted(p)
	if !vanished && scans == 0 {
		return nil, nil
	}
	q := taghistory.Query{Tags: vocabulary.NamedTags(p), Hide: p.HidesValues, Secret: tags.LooksLikeCredential}
	earlier, err := e.earlier(ctx)
	if err != nil {
		return nil, err
	}
	if n := min(scans-1, len(earlier)); n > 0 {
		q.Since = earlier[n-1].ID
	}
	var previous []rules.Stored
	if vanished {
		if q.Evaluated, err = lastEvaluated(ctx, e.store, earlier); err != nil {
			return nil, err
		}
		if previous, err = e.app.previous(ctx, e.store, e.scan); err != nil {
			return nil, err
		}
	}
	x, err := taghistory.New(q, e.store.TagChanges(ctx, q.From(), e.scan.ID), previous)
	if err != nil {
		return nil, fmt.Errorf("read changes of tags: %w", err)
	}
	return x, nil
}

// earlier lists the scans before the one at hand, the newest first.
func (e *estate) earlier(ctx context.Context) ([]inventory.Scan, error) {
	scans, err := e.store.Scans(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(scans, func(s inventory.Scan) bool { return s.ID >= e.scan.ID }), nil
}

// lastEvaluated is the newest of the scans that was evaluated; 0 if none was.
func lastEvaluated(ctx context.Context, store inventory.Store, scans []inventory.Scan) (inventory.ScanID, error) {
	for _, s := range scans {
		_, err := store.Evaluation(ctx, s.ID)
		if err == nil {
			return s.ID, nil
		}
		if !errors.Is(err, inventory.ErrNotFound) {
			return 0, err
		}
	}
	return 0, nil
}
