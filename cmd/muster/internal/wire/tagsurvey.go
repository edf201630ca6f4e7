package wire

import (
	"context"
	"slices"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/vocabulary"
)

// TagCoverage measures the tag coverage of a scan (0: the last one) by groups that a stored evaluation may not hold: region, owner or
// tag.KEY. It judges anew, by the policy as it is now, and stores nothing.
func (a *App) TagCoverage(ctx context.Context, store inventory.Store, at inventory.ScanID, by string) ([]report.Coverage, error) {
	e, err := a.estateAt(ctx, store, at)
	if err != nil {
		return nil, err
	}
	engine := e.engine()
	group, err := rules.GroupCoverage(by, e.judge.policy, engine.Owner)
	if err != nil {
		return nil, err
	}
	engine.CoverageBy, engine.Estate = []rules.CoverageGroup{group}, nil
	engine.Rules = slices.DeleteFunc(engine.Rules, func(r rules.Rule) bool { return r.Meta().Coverage != "tag" })
	evaluation, err := engine.Evaluate(ctx, e.entities(ctx), nil)
	if err != nil {
		return nil, err
	}
	return report.CoverageOf(evaluation.Coverage), nil
}

// TagKeys lists the tag keys that a scan (0: the last one) holds, and why some are not counted; empty if all are.
func (a *App) TagKeys(ctx context.Context, store inventory.Store, at inventory.ScanID) (keys []vocabulary.KeyUse, leftOut string, err error) {
	_, census, err := a.survey(ctx, store, at)
	if err != nil {
		return nil, "", err
	}
	keys, leftOut = census.KeyUses()
	return keys, leftOut, nil
}

// NearMisses lists the tag keys and values of a scan (0: the last one) that were meant to be one, whether the policy asks for them or not.
func (a *App) NearMisses(ctx context.Context, store inventory.Store, at inventory.ScanID) (vocabulary.Survey, error) {
	e, census, err := a.survey(ctx, store, at)
	if err != nil {
		return vocabulary.Survey{}, err
	}
	return census.Survey(e.judge.policy), nil
}

func (a *App) survey(ctx context.Context, store inventory.Store, at inventory.ScanID) (*estate, *vocabulary.Census, error) {
	e, err := a.estateAt(ctx, store, at)
	if err != nil {
		return nil, nil, err
	}
	census := e.newCensus()
	census.SurveyAll()
	for _, err := range census.Watch(e.entities(ctx)) {
		if err != nil {
			return nil, nil, err
		}
	}
	return e, census, nil
}

func (a *App) estateAt(ctx context.Context, store inventory.Store, at inventory.ScanID) (*estate, error) {
	scan, err := LastScan(ctx, store, at)
	if err != nil {
		return nil, err
	}
	return a.load(ctx, store, scan)
}
