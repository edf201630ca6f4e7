package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/baseline"
	"github.com/muster-audit/muster/rules/drift"
	"github.com/muster-audit/muster/rules/drift/reach"
	"github.com/muster-audit/muster/rules/expr"
	"github.com/muster-audit/muster/rules/owner"
	"github.com/muster-audit/muster/rules/records"
	"github.com/muster-audit/muster/rules/strictyaml"
	"github.com/muster-audit/muster/rules/tags"
)

// judge is what a check judges by: policy, baseline and the gate's condition, all checked.
type judge struct {
	now      time.Time
	policy   *rules.Policy
	baseline *baseline.Baseline // nil without one
	where    *expr.Program      // nil without one
}

// Verify checks policy, baseline and gate without reading any source. A strictyaml.Problems error lists everything.
func (a *App) Verify(context.Context) error {
	_, err := a.judge()
	return err
}

// judge reads and checks the policy files, the baseline and the gate's condition.
func (a *App) judge() (*judge, error) {
	c, err := a.Catalog()
	if err != nil {
		return nil, err
	}
	j := &judge{now: a.Now()}
	env := expr.Env{Now: j.now, Class: func(t inventory.Type) string {
		row, _ := c.Type(t)
		return string(row.Class)
	}}
	var problems strictyaml.Problems
	gather := func(err error) error {
		var p strictyaml.Problems
		if errors.As(err, &p) {
			problems = append(problems, p...)
			return nil
		}
		return err
	}
	policyErr := func() (err error) { j.policy, err = a.policy(env); return err }()
	baselineErr := func() (err error) { j.baseline, err = a.Baseline(); return err }()
	whereErr := func() (err error) { j.where, err = a.compileWhere(env); return err }()
	if err := errors.Join(gather(policyErr), gather(baselineErr), gather(whereErr)); err != nil {
		return nil, err
	}
	return j, problems.Err()
}

func (a *App) policy(env expr.Env) (*rules.Policy, error) {
	var files []rules.PolicyFile
	for _, path := range a.Config.Policy {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read policy: %w", err)
		}
		files = append(files, rules.PolicyFile{Name: a.shown(path), Text: text})
	}
	return rules.ParsePolicies(files, rules.PolicyEnv{Expr: env, Rules: builtinRules(), Open: a.openBeside})
}

// openBeside opens a file that a policy names, relative to the config file.
func (a *App) openBeside(name string) (io.ReadCloser, error) {
	if !filepath.IsAbs(name) {
		name = filepath.Join(a.Config.Dir, filepath.FromSlash(name))
	}
	f, err := os.Open(name)
	var path *fs.PathError
	if errors.As(err, &path) {
		return nil, path.Err // the policy's place and the name as it writes it are told already
	}
	return f, err
}

// builtinRules lists the ids of the rules that are not the policy's own.
func builtinRules() []string {
	ids := rules.BuiltinRules()
	for _, m := range slices.Concat(drift.Metas(), records.Metas(), owner.Metas()) {
		ids = append(ids, m.ID)
	}
	return ids
}

// Baseline reads the configured baseline; nil if none is configured.
func (a *App) Baseline() (*baseline.Baseline, error) {
	path := a.Config.Gate.Baseline
	if path == "" {
		return nil, nil
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("no baseline %s: write it with \"muster baseline write\", or take gate.baseline out of the config", a.shown(path))
	}
	return a.BaselineAt(path)
}

// BaselineAt reads a baseline file; one that is not there is empty.
func (a *App) BaselineAt(path string) (*baseline.Baseline, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return baseline.New(a.shown(path)), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read baseline: %w", err)
	}
	return baseline.Parse(a.shown(path), text)
}

func (a *App) compileWhere(env expr.Env) (*expr.Program, error) {
	source := a.Config.Gate.Where
	if source == "" {
		return nil, nil
	}
	p, err := expr.Compile(source, env)
	if err != nil {
		return nil, strictyaml.Problems{a.Config.Problem("gate.where", err.Error())}
	}
	return p, nil
}

// shown returns a path relative to the config's folder, with "/", for people.
func (a *App) shown(path string) string {
	relative, err := filepath.Rel(a.Config.Dir, path)
	if err != nil || strings.HasPrefix(relative, "..") {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(relative)
}

// Rules describes the rules that a check would apply, sorted by id, with the policy's severities.
func (a *App) Rules() ([]rules.Meta, error) {
	j, err := a.judge()
	if err != nil {
		return nil, err
	}
	var metas []rules.Meta
	for _, r := range tags.Rules(j.policy, a.catalog, j.now, nil) {
		metas = append(metas, r.Meta())
	}
	for _, r := range tags.BuiltinRules(j.policy, a.catalog, j.now, nil, nil) {
		metas = append(metas, r.Meta())
	}
	metas = append(metas, drift.Metas()...)
	metas = append(metas, records.Metas()...)
	metas = append(metas, tagEstateMetas(j.policy)...)
	metas = append(metas, owner.Metas()...)
	metas = append(metas, rules.ExpiredMeta())
	for i := range metas {
		metas[i].Severity = j.policy.SeverityOf(metas[i].ID, metas[i].Severity)
	}
	slices.SortFunc(metas, func(a, b rules.Meta) int { return strings.Compare(a.ID, b.ID) })
	return metas, nil
}

// engine puts together the rules for an estate.
func (e *estate) engine() *rules.Engine {
	j := e.judge
	engine := &rules.Engine{
		Policy: j.policy, Now: j.now, ScanStart: e.scan.Started, Owner: e.chain().Owner,
		Unconfirmed: reach.New(e.scopes, e.scan.Started).Unconfirmed,
	}
	if j.baseline != nil {
		engine.Baseline = j.baseline
	}
	engine.Rules = append(engine.Rules, tags.Rules(j.policy, e.app.catalog, j.now, e.keeps())...)
	engine.Rules = append(engine.Rules, tags.BuiltinRules(j.policy, e.app.catalog, j.now, e.keeps(), tags.Providers(e.scopes))...)
	tags.Suggest(engine.Rules, e.suggestions, e.chainForTags())
	tags.Inherit(engine.Rules, e.ancestry)
	engine.Rules = append(engine.Rules, drift.Rules(e.driftInputs())...)
	register := e.recordsInputs()
	engine.Rules = append(engine.Rules, records.Rules(register)...)
	engine.Estate = records.EstateRules(register)
	e.addOwners(engine)
	e.addTagEstate(engine)
	return engine
}

// gate returns the gate's rules but for its condition.
func (a *App) gate(since time.Time, floors []rules.CoverageFloor) report.GateRules {
	g := a.Config.Gate
	out := report.GateRules{
		Floors: floors,
		FailOn: g.FailOn.Severity, NewOnly: g.NewOnly, Since: since, MinTag: g.MinTagCoverage, MinIaC: g.MinIaCCoverage,
		WarnIncomplete: g.Incomplete == config.IncompleteWarn, Now: a.Now(),
	}
	for _, u := range g.AcceptUnread {
		out.Accept = append(out.Accept, report.AcceptUnread{Source: u.Source, Scope: u.Scope, Expires: u.Expires.Time})
	}
	return out
}

// where returns the gate's condition as a function of the findings given; nil without one. A finding about no asset is
// looked at, and one whose asset is not in the scan any more is unknown.
func (e *estate) where(ctx context.Context, findings []rules.Finding) (func(*rules.Finding) (looks, known bool), error) {
	if e.judge.where == nil {
		return nil, nil
	}
	truths := map[rules.AssetRef]expr.Truth{}
	for _, f := range findings {
		truths[asset(f.Asset.Source, f.Asset.Key)] = expr.Unknown
	}
	for entity, err := range e.entities(ctx) {
		if err != nil {
			return nil, err
		}
		facets := expr.Facets{Observed: entity.Observed, Declared: entity.Declared, Recorded: entity.Recorded}
		for _, entry := range slices.Concat(entity.Observed, entity.Declared, entity.Recorded) {
			ref := asset(entry.Source, entry.Key)
			if _, wanted := truths[ref]; !wanted {
				continue
			}
			truth, err := e.judge.where.Eval(entry, facets)
			if err != nil {
				return nil, fmt.Errorf("gate.where: %w", err)
			}
			truths[ref] = truth
		}
	}
	return func(f *rules.Finding) (looks, known bool) {
		if f.Asset.Book == "" {
			return true, true
		}
		truth := truths[asset(f.Asset.Source, f.Asset.Key)]
		return truth == expr.Yes, truth != expr.Unknown
	}, nil
}

// asset names an asset by what tells it from all others, as a map key.
func asset(source, key string) rules.AssetRef { return rules.AssetRef{Source: source, Key: key} }

// driftInputs is what the drift rules need to know of the estate.
func (e *estate) driftInputs() drift.Inputs {
	return drift.Inputs{
		Catalog: e.app.catalog, Scopes: e.scopes, Links: e.links, Managers: e.managers, Neighbours: e.neighbours, Lineages: &e.lineages, Ignore: e.ignored.watch(ignore(e.judge.policy)), Started: e.scan.Started,
		Suppress: e.judge.policy.Drift.Suppress, Shift: e.judge.policy.Drift.Environment.Steps,
	}
}

// ignore says whether the policy ignores a difference in an attribute of an entity.
func ignore(p *rules.Policy) func(*rules.Entity, string) (drift.Ignored, bool) {
	return func(entity *rules.Entity, attribute string) (drift.Ignored, bool) {
		for _, i := range p.Drift.Ignore {
			if !slices.ContainsFunc(i.Attributes, func(pattern string) bool { return inventory.MatchGlob(pattern, attribute) }) {
				continue
			}
			if truth, _, err := i.When.Holds(entity); err == nil && truth == expr.Yes {
				return drift.Ignored{By: i.By, Reason: i.Reason}, true
			}
		}
		return drift.Ignored{}, false
	}
}
