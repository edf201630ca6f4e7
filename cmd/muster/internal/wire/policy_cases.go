package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/sqlite"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/policytest"
)

// CaseResult is a case with what is wrong with what the policy made of it; nothing if it is as expected.
type CaseResult struct {
	policytest.Case
	Wrong []string
}

// Cases reads a file of cases for the policy.
func (a *App) Cases(path string) (*policytest.Suite, error) {
	metas, err := a.Rules()
	if err != nil {
		return nil, err
	}
	known := make([]string, len(metas))
	for i, m := range metas {
		known[i] = m.ID
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read cases: %w", err)
	}
	return policytest.Parse(filepath.ToSlash(path), text, known)
}

// RunCases judges each case by the policy, as a scan that holds nothing else would be. The baseline and the configured store have no part in
// it.
func (a *App) RunCases(ctx context.Context, suite *policytest.Suite) ([]CaseResult, error) {
	dir, err := os.MkdirTemp("", "muster-policy-test-")
	if err != nil {
		return nil, fmt.Errorf("make folder for cases: %w", err)
	}
	defer os.RemoveAll(dir)
	config := *a.Config
	config.Gate.Baseline = ""
	var results []CaseResult
	for i, c := range suite.Cases {
		config.Store = filepath.Join(dir, fmt.Sprintf("%d.db", i))
		own := &App{Config: &config, Registry: a.Registry, Log: a.Log, Now: a.Now, Version: a.Version, catalog: a.catalog}
		if !suite.Now.IsZero() {
			own.Now = func() time.Time { return suite.Now }
		}
		got, err := own.runCase(ctx, c)
		if err != nil {
			return nil, fmt.Errorf("case %q (%s): %w", c.Name, c.Place, err)
		}
		results = append(results, CaseResult{c, c.Compare(got)})
	}
	return results, nil
}

// runCase returns what each rule makes of the entity of a case's first asset, by id. Of rules about the estate it holds what they find.
func (a *App) runCase(ctx context.Context, c policytest.Case) (got map[string]policytest.Outcome, err error) {
	store, err := sqlite.Open(ctx, a.Config.Store, sqlite.Options{Now: a.Now, Log: a.Log})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	scan, err := scanCase(ctx, store, c)
	if err != nil {
		return nil, err
	}
	e, err := a.load(ctx, store, scan)
	if err != nil {
		return nil, err
	}
	entity, err := e.entityOf(ctx, c.Assets[0])
	if err != nil {
		return nil, err
	}
	engine := e.engine()
	explained, err := engine.Explain(ctx, entity)
	if err != nil {
		return nil, err
	}
	got = map[string]policytest.Outcome{}
	for _, x := range explained {
		got[x.ID] = policytest.Outcome{Outcome: x.Verdict.Outcome, Accepted: x.Accepted != nil, Text: sayingOf(x)}
	}
	evaluation, err := engine.Evaluate(ctx, e.counted(ctx), nil)
	if err != nil {
		return nil, err
	}
	estate := func(f *rules.Finding, accepted bool) {
		if slices.ContainsFunc(engine.Estate, func(r rules.EstateRule) bool { return r.Meta().ID == f.Rule }) {
			got[f.Rule] = policytest.Outcome{Outcome: rules.Fail, Accepted: accepted, Text: f.Message}
		}
	}
	for i := range evaluation.Accepted {
		estate(&evaluation.Accepted[i].Finding, true)
	}
	for i := range evaluation.Findings {
		estate(&evaluation.Findings[i], false)
	}
	return got, nil
}

// entityOf returns the entity of an asset.
func (e *estate) entityOf(ctx context.Context, a inventory.Asset) (*rules.Entity, error) {
	for entity, err := range e.entities(ctx) {
		if err != nil {
			return nil, err
		}
		for _, list := range [][]*inventory.Entry{entity.Observed, entity.Declared, entity.Recorded} {
			if slices.ContainsFunc(list, func(x *inventory.Entry) bool { return x.Key == a.Key && x.Book == a.Book }) {
				return entity, nil
			}
		}
	}
	return nil, errors.New("its asset is a side of another one, of which no rule speaks")
}

// scanCase stores the assets of a case as one scan, each book as a source that was read whole.
func scanCase(ctx context.Context, store *sqlite.Store, c policytest.Case) (inventory.Scan, error) {
	var sources []inventory.Source
	for _, book := range inventory.Books() {
		if slices.ContainsFunc(c.Assets, func(a inventory.Asset) bool { return a.Book == book }) {
			sources = append(sources, inventory.Source{Name: string(book), Collector: "exec", Book: book})
		}
	}
	w, err := store.Begin(ctx, inventory.ScanStart{Sources: sources})
	if err != nil {
		return inventory.Scan{}, err
	}
	for _, source := range sources {
		if err := putCase(ctx, w, source, c); err != nil {
			_, finish := w.Finish(ctx, true)
			return inventory.Scan{}, errors.Join(err, finish)
		}
	}
	return w.Finish(ctx, false)
}

func putCase(ctx context.Context, w inventory.ScanWriter, source inventory.Source, c policytest.Case) error {
	scope := inventory.Scope{ID: "case"}
	if err := w.Plan(ctx, source, []inventory.Scope{scope}); err != nil {
		return err
	}
	into, err := w.Scope(ctx, source, scope)
	if err != nil {
		return err
	}
	defer into.Discard()
	for _, a := range c.Assets {
		if a.Book != source.Book {
			continue
		}
		if err := into.Put(a); err != nil {
			return err
		}
	}
	_, err = into.Commit(ctx, inventory.ScopeRun{Source: source.Name, Scope: scope.ID, State: inventory.RunOK})
	return err
}
