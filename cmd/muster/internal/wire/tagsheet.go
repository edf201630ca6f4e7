package wire

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report/tagsheet"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/owner"
	"github.com/muster-audit/muster/rules/suggest"
	"github.com/muster-audit/muster/rules/tags"
)

// TagSheet says what a sheet of tags holds.
type TagSheet struct {
	Missing bool // only what lacks a required tag, or has a wrong one
	BOM     bool // a byte order mark first
}

// ExportTags writes the tags of the last scan's assets for people to fill in: a row for each thing, and a column for each tag that the policy
// requires. It returns the number of rows.
func (a *App) ExportTags(ctx context.Context, store inventory.Store, o TagSheet, w io.Writer) (int, error) {
	e, err := a.lastEstate(ctx, store)
	if err != nil {
		return 0, err
	}
	columns := tagColumns(e.judge.policy)
	if len(columns) == 0 {
		return 0, errNoTags
	}
	s := &sheetWriter{estate: e, columns: columns, engine: e.engine()}
	s.rules = tagRules(s.engine)
	if o.Missing {
		if s.open, err = e.openTags(ctx, s.engine); err != nil {
			return 0, err
		}
	}
	if s.out, err = tagsheet.NewWriter(w, canonical(columns), o.BOM); err != nil {
		return 0, err
	}
	for entity, err := range e.entities(ctx) {
		if err != nil {
			return 0, err
		}
		if err := s.entity(ctx, entity); err != nil {
			return 0, err
		}
	}
	return s.out.Rows(), s.out.Close()
}

var errNoTags = errors.New("the policy requires no tag, so that there is nothing to fill in: add a rule with required: true to its tags")

func tagRules(engine *rules.Engine) []rules.Rule {
	return slices.DeleteFunc(slices.Clone(engine.Rules), func(r rules.Rule) bool { return !strings.HasPrefix(r.Meta().ID, "tags/") })
}

// chainForTags tells the rules about tags that name an owner what the rest of the policy's chain says.
func (e *estate) chainForTags() tags.Owners {
	if e.judge.policy.Owner == nil {
		return tags.Owners{}
	}
	chain := e.chain()
	return tags.Owners{Keys: e.judge.policy.OwnerTags(), Of: func(entity *rules.Entity) (name string, confidence rules.Confidence, why string) {
		x := chain.Explain(entity)
		if x.Owner == "" || x.Link == owner.ByTag || len(x.Evidence) == 0 {
			return "", "", ""
		}
		return x.Owner, x.Confidence, x.Evidence[0].Text
	}}
}

func (a *App) lastEstate(ctx context.Context, store inventory.Store) (*estate, error) {
	scan, err := LastScan(ctx, store, 0)
	if err != nil {
		return nil, err
	}
	return a.load(ctx, store, scan)
}

// tagColumns are the tags that some rule requires, each with its accepted spellings.
func tagColumns(p *rules.Policy) [][]string {
	return slices.DeleteFunc(suggest.Groups(p), func(group []string) bool {
		return !slices.ContainsFunc(p.Tags, func(t rules.TagRule) bool {
			return t.Required && slices.Equal(t.Keys, group) || slices.Contains(t.AnyOf, group[0]) || slices.Contains(t.AllOf, group[0])
		})
	})
}

func canonical(columns [][]string) []string {
	keys := make([]string, len(columns))
	for i, group := range columns {
		keys[i] = group[0]
	}
	return keys
}

// openTags are the assets that findings about tags are open of, by source and key: what is exempted or in the baseline is not among them.
func (e *estate) openTags(ctx context.Context, engine *rules.Engine) (map[rules.AssetRef]bool, error) {
	evaluation, err := engine.Evaluate(ctx, e.entities(ctx), nil)
	if err != nil {
		return nil, err
	}
	open := map[rules.AssetRef]bool{}
	for i := range evaluation.Findings {
		if f := &evaluation.Findings[i]; strings.HasPrefix(f.Rule, "tags/") && f.State != inventory.FindingResolved {
			open[asset(f.Asset.Source, f.Asset.Key)] = true
		}
	}
	return open, nil
}

// sheetWriter writes the rows of entities.
type sheetWriter struct {
	estate  *estate
	columns [][]string
	engine  *rules.Engine
	rules   []rules.Rule
	open    map[rules.AssetRef]bool // nil for all
	out     *tagsheet.Writer
}

func (s *sheetWriter) entity(ctx context.Context, entity *rules.Entity) error {
	subject := entity.Subject()
	found := subject.CurrentTags()
	if found.State() == inventory.NotApplicable || s.open != nil && !s.isOpen(entity) {
		return nil
	}
	cells := make([]tagsheet.Cell, len(s.columns))
	for i, keys := range s.columns {
		tag, there := borne(found, keys)
		cells[i] = tagsheet.Cell{Value: tag.Value, Unknown: tag.ValueUnknown || !there && found.State() == inventory.Unknown}
	}
	wanted, err := s.propose(ctx, entity, subject, cells)
	if err != nil || s.open != nil && !wanted {
		return err
	}
	who := s.engine.Owner(entity)
	if who.Unknown != "" {
		who.Name = tagsheet.Unknown
	}
	return s.out.Row(&tagsheet.Asset{
		Key: subject.Key, Source: subject.Source, Book: subject.Book, Type: subject.Type, Name: subject.Name,
		Account: subject.Account, Region: subject.Region, Owner: who.Name,
	}, cells)
}

func (s *sheetWriter) isOpen(entity *rules.Entity) bool {
	for _, list := range [][]*inventory.Entry{entity.Observed, entity.Declared, entity.Recorded} {
		if slices.ContainsFunc(list, func(e *inventory.Entry) bool { return s.open[asset(e.Source, e.Key)] }) {
			return true
		}
	}
	return false
}

// propose fills in what to set, and reports whether a tag of the sheet is missing or wrong.
func (s *sheetWriter) propose(ctx context.Context, entity *rules.Entity, subject *inventory.Entry, cells []tagsheet.Cell) (wanted bool, err error) {
	if s.engine.Unconfirmed(subject) != "" {
		return false, nil
	}
	for _, r := range s.rules {
		list, failed, err := tags.Propose(ctx, r, entity)
		if err != nil {
			return false, err
		}
		wanted = wanted || failed && s.about(r)
		for _, p := range list {
			i := slices.IndexFunc(s.columns, func(keys []string) bool { return slices.Contains(keys, p.Key) })
			if i >= 0 && cells[i].Suggested == "" {
				cells[i].Suggested, cells[i].Confidence, cells[i].Why = p.Value, p.Confidence, p.Why
			}
		}
	}
	return wanted, nil
}

// about reports whether a rule of the policy is about a tag of the sheet.
func (s *sheetWriter) about(r rules.Rule) bool {
	id := strings.TrimPrefix(r.Meta().ID, "tags/")
	return slices.ContainsFunc(s.estate.judge.policy.Tags, func(t rules.TagRule) bool {
		return t.ID == id && slices.ContainsFunc(s.columns, func(keys []string) bool {
			return slices.Contains(t.Keys, keys[0]) || slices.Contains(t.AnyOf, keys[0]) || slices.Contains(t.AllOf, keys[0])
		})
	})
}

// borne is the tag that stands under one of its spellings: the first with a value, else the first that is there.
func borne(found inventory.Tags, keys []string) (best inventory.Tag, ok bool) {
	for _, key := range keys {
		tag, there := found.Get(key)
		if there && (!ok || strings.TrimSpace(best.Value) == "" && tag.Value != "") {
			best, ok = tag, true
		}
	}
	return best, ok
}
