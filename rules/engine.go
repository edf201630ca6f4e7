package rules

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules/expr"
)

// Engine runs rules over the entities of a scan. It keeps only findings, counts and what it was given, never entities, so
// that its memory grows with the findings and the rules. What it returns does not depend on the order of the entities
// nor on Workers.
type Engine struct {
	Rules    []Rule
	Estate   []EstateRule
	Policy   *Policy  // severities and exemptions; nil has none
	Baseline Baseline // nil accepts nothing
	// Now decides what is expired; ScanStart is the start of the evaluated scan, for first and last seen.
	Now, ScanStart time.Time
	// Unconfirmed says why the scan does not prove that an asset still is as it stands, "" if it does: then the rules that
	// are Current judge it unknown. nil asks only whether the scan saw the asset. It is used by several goroutines.
	Unconfirmed func(*inventory.Entry) string
	// Owner tells who answers for an entity; nil leaves findings without owner. It is used by several goroutines.
	Owner func(*Entity) Owner
	// CoverageBy divides coverage further than by account and type, which always are.
	CoverageBy []CoverageGroup
	// Workers is how many goroutines judge; 0 means one for each CPU.
	Workers int
}

// batchSize is how many entities a worker takes at once, so that the channel costs little.
const batchSize = 128

// Evaluate judges every entity, then the estate as a whole, and compares with the findings that were stored after the
// last evaluation of an earlier scan. Entities must be new values, each with at least one asset; Evaluate does not
// change them. It stops at the first error: of entities, of a rule, or of a condition that takes too much work.
func (e *Engine) Evaluate(ctx context.Context, entities iter.Seq2[*Entity, error], previous []Stored) (*Evaluation, error) {
	plan, err := e.plan(previous)
	if err != nil {
		return nil, err
	}
	shards := make([]*shard, e.workers())
	for i := range shards {
		shards[i] = newShard(plan)
	}
	if err := e.spread(ctx, entities, shards); err != nil {
		return nil, err
	}
	if err := e.judgeEstate(ctx, shards[0]); err != nil {
		return nil, err
	}
	return plan.collect(shards, previous), nil
}

func (e *Engine) workers() int {
	if e.Workers > 0 {
		return e.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// spread hands batches of entities to a worker per shard.
func (e *Engine) spread(ctx context.Context, entities iter.Seq2[*Entity, error], shards []*shard) error {
	group, ctx := errgroup.WithContext(ctx)
	batches := make(chan []*Entity, len(shards))
	for _, s := range shards {
		group.Go(func() error {
			for batch := range batches {
				if err := e.judgeBatch(ctx, s, batch); err != nil {
					return err
				}
			}
			return nil
		})
	}
	group.Go(func() error {
		defer close(batches)
		return feed(ctx, entities, batches)
	})
	return group.Wait()
}

func feed(ctx context.Context, entities iter.Seq2[*Entity, error], batches chan<- []*Entity) error {
	send := func(batch []*Entity) error {
		select {
		case batches <- batch:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	batch := make([]*Entity, 0, batchSize)
	for entity, err := range entities {
		if err != nil {
			return fmt.Errorf("read entities: %w", err)
		}
		if batch = append(batch, entity); len(batch) < batchSize {
			continue
		}
		if err := send(batch); err != nil {
			return err
		}
		batch = make([]*Entity, 0, batchSize)
	}
	return send(batch)
}

func (e *Engine) judgeBatch(ctx context.Context, s *shard, batch []*Entity) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, entity := range batch {
		if err := e.judgeEntity(ctx, s, entity); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) judgeEntity(ctx context.Context, s *shard, entity *Entity) error {
	who := subjectOf(entity)
	if who.asset == nil {
		return fmt.Errorf("judge entity: it has no asset in any book")
	}
	who.before = s.plan.foundBefore(entity)
	s.begin(entity)
	unconfirmed := e.unconfirmed(who.asset)
	for i := range s.plan.rules {
		rule := &s.plan.rules[i]
		if rule.check == nil {
			continue
		}
		verdict, err := rule.check.Check(ctx, entity)
		if err != nil {
			return fmt.Errorf("rule %s: judge %s: %w", rule.ID, who.asset.Key, err)
		}
		unconfirmed := unconfirmed
		if verdict.Asset != nil {
			unconfirmed = cmp.Or(unconfirmed, e.unconfirmedNamed(entity, verdict.Asset))
		}
		if rule.Current && unconfirmed != "" && (verdict.Outcome == Pass || verdict.Outcome == Fail) {
			verdict = Verdict{Outcome: Unknown, Asset: verdict.Asset, Reason: unconfirmed}
		}
		outcome, err := e.judge(s, rule, &verdict, who)
		if err != nil {
			return fmt.Errorf("rule %s: judge %s: %w", rule.ID, who.asset.Key, err)
		}
		if err := e.keepOthers(s, rule, &verdict, who); err != nil {
			return fmt.Errorf("rule %s: judge %s: %w", rule.ID, who.asset.Key, err)
		}
		s.cover(rule, outcome)
	}
	s.end(who)
	return nil
}

// unconfirmedNamed is unconfirmed for one of an entity's recorded assets, of which tag rules may judge another one than the subject.
func (e *Engine) unconfirmedNamed(entity *Entity, r *AssetRef) string {
	for _, a := range entity.Recorded {
		if a.Key == r.Key && a.Source == r.Source {
			return e.unconfirmed(a)
		}
	}
	return ""
}

// unconfirmed says why the scan does not prove that an asset still is as it stands; "" if it does.
func (e *Engine) unconfirmed(a *inventory.Entry) string {
	switch {
	case e.Unconfirmed != nil:
		return e.Unconfirmed(a)
	case a.LastSeen.Before(e.ScanStart):
		return fmt.Sprintf("%s %s was not read whole in this scan", a.Source, a.Scope)
	}
	return ""
}

// judgeEstate runs the rules about the estate, in the order of their ids.
func (e *Engine) judgeEstate(ctx context.Context, s *shard) error {
	for i := range s.plan.rules {
		rule := &s.plan.rules[i]
		if rule.checkEstate == nil {
			continue
		}
		verdicts, err := rule.checkEstate(ctx)
		if err != nil {
			return fmt.Errorf("rule %s: judge the estate: %w", rule.ID, err)
		}
		for j := range verdicts {
			if verdicts[j].Asset == nil {
				return fmt.Errorf("rule %s: judge the estate: a verdict names no asset", rule.ID)
			}
			if _, err := e.judge(s, rule, &verdicts[j], subjectNamed(*verdicts[j].Asset)); err != nil {
				return fmt.Errorf("rule %s: judge the estate: %w", rule.ID, err)
			}
		}
		if err := e.linger(s, rule, verdicts); err != nil {
			return fmt.Errorf("rule %s: judge the estate: %w", rule.ID, err)
		}
	}
	return nil
}

// subject is what a verdict is about, for conditions and owners.
type subject struct {
	asset  *inventory.Entry
	entity *Entity // nil for verdicts about the estate
	facets expr.Facets
	before []*inventory.Entry // the entity's assets of which a finding stood before
}

func subjectOf(e *Entity) subject {
	return subject{
		asset: e.Subject(), entity: e,
		facets: expr.Facets{Observed: e.Observed, Declared: e.Declared, Recorded: e.Recorded},
	}
}

// subjectNamed stands for what a verdict about the estate names: of its tags and entity nothing is known.
func subjectNamed(r AssetRef) subject {
	return subject{asset: &inventory.Entry{
		Source: r.Source,
		Asset:  inventory.Asset{Key: r.Key, Book: r.Book, Type: r.Type, Name: r.Name, Account: r.Account, Region: r.Region},
	}}
}

// plannedRule is a rule with what is known of it before it runs.
type plannedRule struct {
	Meta             // with the policy's severity
	override    bool // the policy's severity goes before the verdict's
	check       Rule // nil for an estate rule
	checkEstate func(context.Context) ([]Verdict, error)
	lingering   Lingering // nil if what an estate rule does not find is mended
	index       int
	slot        int // in plan.slots; -1 if the rule counts towards no coverage
}

// evaluationPlan is shared by all workers and not changed while they run.
type evaluationPlan struct {
	rules []plannedRule // sorted by id
	slots []coverageSlot
	by    []CoverageGroup
	// allTags is the slot of all tag keys together, if there is one.
	allTags int
	// before are the findings that stood after the last evaluation.
	before map[findingID]*Stored
	// found are the keys of the assets that they are about.
	found map[string]bool
}

// foundBefore returns the assets of an entity of which a finding stood before.
func (p *evaluationPlan) foundBefore(entity *Entity) []*inventory.Entry {
	if len(p.found) == 0 {
		return nil
	}
	var list []*inventory.Entry
	for _, assets := range [][]*inventory.Entry{entity.Observed, entity.Declared, entity.Recorded} {
		for _, a := range assets {
			if p.found[a.Key] {
				list = append(list, a)
			}
		}
	}
	return list
}

type findingID struct{ rule, key string }

func (e *Engine) plan(previous []Stored) (*evaluationPlan, error) {
	p := &evaluationPlan{by: e.CoverageBy, before: make(map[findingID]*Stored, len(previous)), found: make(map[string]bool, len(previous))}
	for i := range previous {
		if previous[i].State == inventory.FindingResolved {
			continue
		}
		p.before[findingID{previous[i].Rule, previous[i].Asset.Key}] = &previous[i]
		p.found[previous[i].Asset.Key] = true
	}
	for _, r := range e.Rules {
		p.rules = append(p.rules, plannedRule{Meta: r.Meta(), check: r})
	}
	for _, r := range e.Estate {
		p.planEstate(r)
	}
	p.rules = append(p.rules, plannedRule{Meta: ExpiredMeta(), checkEstate: func(context.Context) ([]Verdict, error) {
		return e.expired(), nil
	}})
	slices.SortFunc(p.rules, func(a, b plannedRule) int { return strings.Compare(a.ID, b.ID) })
	for i := range p.rules {
		r := &p.rules[i]
		if i > 0 && r.ID == p.rules[i-1].ID {
			return nil, fmt.Errorf("plan evaluation: two rules have the id %q", r.ID)
		}
		severity := e.Policy.SeverityOf(r.ID, 0)
		if r.override = severity != 0; r.override {
			r.Severity = severity
		}
		r.index = i
	}
	p.planCoverage()
	return p, nil
}

// planEstate adds a rule about the estate. One that judges single things under the same id as well is one rule of two parts.
func (p *evaluationPlan) planEstate(r EstateRule) {
	id := r.Meta().ID
	for i := range p.rules {
		if p.rules[i].ID == id && p.rules[i].checkEstate == nil {
			p.rules[i].checkEstate, p.rules[i].lingering = r.CheckEstate, lingering(r)
			return
		}
	}
	p.rules = append(p.rules, plannedRule{Meta: r.Meta(), checkEstate: r.CheckEstate, lingering: lingering(r)})
}
