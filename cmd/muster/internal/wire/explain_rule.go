package wire

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// RuleReach is what a rule makes of a scan.
type RuleReach struct {
	rules.Meta        // with the policy's severity
	Place      string // where the policy says it; empty for rules that muster brings along
	When       string // its condition; empty if it has none
	Entities   int    // all of the scan
	Groups     []ReachGroup
}

// ReachGroup is the assets of which a rule says the same.
type ReachGroup struct {
	Outcome  string // "fail", "accepted", "unknown", "pass", "not applicable"
	Assets   int
	Examples []ReachExample // the first of them, by key
}

// ReachExample is one asset, and what the rule says of it.
type ReachExample struct{ Key, Text string }

// mostExamples is how many assets are named for each outcome.
const mostExamples = 3

// outcomes lists them as they are shown: first what somebody may want to act on.
func outcomes() []string { return []string{"fail", "accepted", "unknown", "pass", "not applicable"} }

// Rule describes a rule by its id, with or without "tags/" before it, without looking at any scan.
func (a *App) Rule(id string) (RuleReach, error) {
	metas, err := a.Rules()
	if err != nil {
		return RuleReach{}, err
	}
	policy, err := a.Policy()
	if err != nil {
		return RuleReach{}, err
	}
	var known []string
	for _, m := range metas {
		if m.ID == id || m.ID == "tags/"+id {
			r := RuleReach{Meta: m}
			r.Place, r.When = placeOf(policy, m.ID)
			return r, nil
		}
		known = append(known, m.ID)
	}
	if near := inventory.Nearest("tags/"+id, known); near != "" && !strings.Contains(id, "/") {
		return RuleReach{}, fmt.Errorf("no rule has the id %q: did you mean %q?", id, near)
	}
	return RuleReach{}, fmt.Errorf("no rule has the id %q%s", id, inventory.Suggest(id, known))
}

func placeOf(p *rules.Policy, id string) (place, when string) {
	for _, t := range p.Tags {
		if "tags/"+t.ID == id {
			return t.By, t.When.Source()
		}
	}
	for _, b := range p.Builtin {
		if b.ID == id {
			return b.By, b.When.Source()
		}
	}
	return "", ""
}

// Reach judges the last scan by one rule, and counts.
func (a *App) Reach(ctx context.Context, store inventory.Store, r *RuleReach) error {
	scan, err := LastScan(ctx, store, 0)
	if err != nil {
		return err
	}
	e, err := a.load(ctx, store, scan)
	if err != nil {
		return err
	}
	engine := e.engine()
	other := func(m rules.Meta) bool { return m.ID != r.ID }
	engine.Rules = slices.DeleteFunc(engine.Rules, func(x rules.Rule) bool { return other(x.Meta()) })
	engine.Estate = slices.DeleteFunc(engine.Estate, func(x rules.EstateRule) bool { return other(x.Meta()) })
	groups := map[string]*ReachGroup{}
	for _, name := range outcomes() {
		groups[name] = &ReachGroup{Outcome: name}
	}
	for entity, err := range e.counted(ctx) {
		if err != nil {
			return err
		}
		r.Entities++
		list, err := engine.Explain(ctx, entity)
		if err != nil {
			return err
		}
		for _, x := range list {
			confirm(engine, &x, entity)
			groups[outcomeOf(x)].add(keyOf(x, entity), sayingOf(x))
		}
	}
	if err := addEstate(ctx, engine, groups); err != nil {
		return err
	}
	for _, name := range outcomes() {
		r.Groups = append(r.Groups, *groups[name])
	}
	return nil
}

// addEstate adds what a rule says of the estate as a whole.
func addEstate(ctx context.Context, engine *rules.Engine, groups map[string]*ReachGroup) error {
	engine.Rules = nil
	if len(engine.Estate) == 0 {
		return nil
	}
	evaluation, err := engine.Evaluate(ctx, func(func(*rules.Entity, error) bool) {}, nil)
	if err != nil {
		return err
	}
	for _, f := range evaluation.Findings {
		if slices.ContainsFunc(engine.Estate, func(r rules.EstateRule) bool { return r.Meta().ID == f.Rule }) {
			groups["fail"].add(f.Asset.Key, f.Message)
		}
	}
	for _, x := range evaluation.Accepted {
		groups["accepted"].add(x.Finding.Asset.Key, x.Finding.Message)
	}
	return nil
}

// confirm makes unknown what a rule says of how an asset stands now, where the scan does not prove that it still stands so.
func confirm(engine *rules.Engine, x *rules.Explained, e *rules.Entity) {
	if !x.Current || x.Verdict.Outcome != rules.Pass && x.Verdict.Outcome != rules.Fail {
		return
	}
	why := engine.Unconfirmed(e.Subject())
	if named := x.Verdict.Asset; named != nil && why == "" {
		if i := slices.IndexFunc(e.Recorded, func(a *inventory.Entry) bool { return a.Key == named.Key && a.Source == named.Source }); i >= 0 {
			why = engine.Unconfirmed(e.Recorded[i])
		}
	}
	if why != "" {
		x.Accepted, x.Verdict = nil, rules.Verdict{Outcome: rules.Unknown, Asset: x.Verdict.Asset, Reason: why}
	}
}

func outcomeOf(x rules.Explained) string {
	if x.Accepted != nil {
		return "accepted"
	}
	return x.Verdict.Outcome.String()
}

func sayingOf(x rules.Explained) string {
	if x.Verdict.Outcome == rules.Fail {
		return x.Verdict.Message
	}
	return x.Verdict.Reason
}

func keyOf(x rules.Explained, e *rules.Entity) string {
	if x.Verdict.Asset != nil {
		return x.Verdict.Asset.Key
	}
	return e.Subject().Key
}

// add counts an asset, and keeps it if it is among the first by key.
func (g *ReachGroup) add(key, text string) {
	g.Assets++
	at, _ := slices.BinarySearchFunc(g.Examples, key, func(x ReachExample, k string) int { return strings.Compare(x.Key, k) })
	if at < mostExamples {
		g.Examples = slices.Insert(g.Examples, at, ReachExample{key, text})
		g.Examples = g.Examples[:min(len(g.Examples), mostExamples)]
	}
}
