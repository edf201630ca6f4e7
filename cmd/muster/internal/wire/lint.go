package wire

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/drift"
	"github.com/muster-audit/muster/rules/lint"
	"github.com/muster-audit/muster/rules/tags"
)

// Policy reads and checks the policy, the baseline and the gate's condition, and returns the policy.
func (a *App) Policy() (*rules.Policy, error) {
	j, err := a.judge()
	if err != nil {
		return nil, err
	}
	return j.policy, nil
}

// HasScan reports whether there is a store with a scan that ended.
func (a *App) HasScan(ctx context.Context) (bool, error) {
	if _, err := os.Stat(a.Config.Store); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	store, err := a.OpenStore(ctx, true)
	if err != nil {
		return false, err
	}
	defer store.Close()
	scans, err := store.Scans(ctx)
	return slices.ContainsFunc(scans, func(s inventory.Scan) bool { return s.State != inventory.ScanRunning }), err
}

// LintRules looks for tag rules that contradict each other, without a store.
func (a *App) LintRules(ctx context.Context) ([]lint.Advice, error) {
	j, err := a.judge()
	if err != nil {
		return nil, err
	}
	conflicts, err := a.conflicts(ctx, j)
	return lint.Conflicting(j.policy, conflicts), err
}

func (a *App) conflicts(ctx context.Context, j *judge) ([]lint.Conflict, error) {
	return lint.Conflicts(ctx, j.policy, tags.Rules(lint.Stripped(j.policy), nil, j.now, nil))
}

// Lint looks at the last scan for what no asset meets: rules, values, exemptions, ignored differences. It judges as a check does, and
// stores nothing.
func (a *App) Lint(ctx context.Context, store inventory.Store) ([]lint.Advice, error) {
	scan, err := LastScan(ctx, store, 0)
	if err != nil {
		return nil, err
	}
	e, err := a.load(ctx, store, scan)
	if err != nil {
		return nil, err
	}
	conflicts, err := a.conflicts(ctx, e.judge)
	if err != nil {
		return nil, err
	}
	e.ignored = &ignoredPlaces{}
	watch := lint.NewWatch(e.judge.policy, conflicts)
	engine := e.engine()
	evaluation, err := engine.Evaluate(ctx, watch.Entities(e.counted(ctx)), nil)
	if err != nil {
		return nil, err
	}
	declared := slices.ContainsFunc(e.scopes, func(s inventory.ScopeState) bool { return s.Source.Book == inventory.Declared })
	return watch.Advice(evaluation, e.ignored.met(declared)), nil
}

// ignoredPlaces notes which ignored differences of a policy were met. A nil one notes nothing.
type ignoredPlaces struct{ seen sync.Map }

// watch notes what a function ignores.
func (p *ignoredPlaces) watch(ignore func(*rules.Entity, string) (drift.Ignored, bool)) func(*rules.Entity, string) (drift.Ignored, bool) {
	if p == nil {
		return ignore
	}
	return func(e *rules.Entity, attribute string) (drift.Ignored, bool) {
		by, ok := ignore(e, attribute)
		if ok {
			p.seen.Store(by.By, true)
		}
		return by, ok
	}
}

// met lists the places that were met; nil if there was nothing to compare.
func (p *ignoredPlaces) met(compared bool) map[string]bool {
	if !compared {
		return nil
	}
	places := map[string]bool{}
	p.seen.Range(func(place, _ any) bool {
		places[place.(string)] = true
		return true
	})
	return places
}
