package wire

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/muster-audit/muster/collectors/aws"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/report/tagsheet"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/retag"
	"github.com/muster-audit/muster/rules/strictyaml"
	"github.com/muster-audit/muster/rules/suggest"
)

// TagPlan is what to do for a filled-in sheet of tags.
type TagPlan struct {
	Rows   int // of the sheet
	Assets int // that something is to be set on
	Steps  []retag.Step
}

// PlanTags reads a sheet that ExportTags wrote and says how to set what was filled in. A strictyaml.Problems error names each line that
// cannot be done. Nothing is changed.
func (a *App) PlanTags(ctx context.Context, store inventory.Store, name string, r io.Reader) (*TagPlan, error) {
	e, err := a.lastEstate(ctx, store)
	if err != nil {
		return nil, err
	}
	groups := suggest.Groups(e.judge.policy)
	edits, rows, err := tagsheet.Read(r, name, canonical(groups))
	if err != nil {
		return nil, err
	}
	p := &planner{estate: e, name: name, groups: groups, engine: e.engine()}
	p.rules = tagRules(p.engine)
	if len(edits) > 0 {
		if err := p.all(ctx, edits); err != nil {
			return nil, err
		}
	}
	return &TagPlan{Rows: rows, Assets: len(p.changes), Steps: retag.Steps(p.changes, a.catalog)}, nil
}

// planner makes changes of edits.
type planner struct {
	estate   *estate
	name     string
	groups   [][]string
	rules    []rules.Rule
	engine   *rules.Engine
	changes  []retag.Change
	problems strictyaml.Problems
}

func (p *planner) fail(line int, format string, args ...any) {
	p.problems = append(p.problems, strictyaml.Problem{File: p.name, Line: line, Message: fmt.Sprintf(format, args...)})
}

func (p *planner) all(ctx context.Context, edits []tagsheet.Edit) error {
	byID := make(map[string]*tagsheet.Edit, len(edits))
	for i := range edits {
		byID[edits[i].ID()] = &edits[i]
	}
	for entity, err := range p.estate.entities(ctx) {
		if err != nil {
			return err
		}
		subject := entity.Subject()
		id := tagsheet.ID(subject.Key, subject.Source)
		edit := byID[id]
		if edit == nil {
			continue
		}
		delete(byID, id)
		if err := p.entity(ctx, entity, subject, edit); err != nil {
			return err
		}
	}
	for i := range edits {
		if byID[edits[i].ID()] != nil {
			p.fail(edits[i].Line, "the last scan holds no asset %q of the source %q: it is gone, or stands under another key now; export anew", edits[i].Key, edits[i].Source)
		}
	}
	return p.problems.Err()
}

func (p *planner) entity(ctx context.Context, entity *rules.Entity, subject *inventory.Entry, edit *tagsheet.Edit) error {
	before := len(p.problems)
	found := subject.CurrentTags()
	if found.State() == inventory.NotApplicable {
		p.fail(edit.Line, "%s cannot be tagged", subject.Type)
		return nil
	}
	row, _ := p.estate.app.catalog.Type(subject.Type)
	var set []inventory.Tag
	for _, t := range edit.Set {
		if tag, ok := p.tag(edit.Line, row.TagLimits, found, t); ok {
			set = append(set, tag)
		}
	}
	if len(set) == 0 || len(p.problems) > before {
		return nil
	}
	p.room(edit.Line, row.TagLimits, found, set)
	if err := p.judge(ctx, edit.Line, entity, subject, set); err != nil || len(p.problems) > before {
		return err
	}
	p.changes = append(p.changes, retag.Change{
		Asset: slim(subject), Declared: slim(retag.Declaration(entity, subject)), Set: set, Keeper: p.keeper(subject),
		Unread: found.State() == inventory.Unknown || p.engine.Unconfirmed(subject) != "", Profile: p.profile(subject.Source),
	})
	return nil
}

// tag is what to set for a column: under the key that the asset bears already, else the first that its provider takes. It is false if the
// asset has it, or if it cannot be.
func (p *planner) tag(line int, limits catalog.TagLimits, found inventory.Tags, t inventory.Tag) (inventory.Tag, bool) {
	group := p.groups[slices.IndexFunc(p.groups, func(g []string) bool { return g[0] == t.Key })]
	now, there := borne(found, group)
	switch {
	case there && !now.ValueUnknown && now.Value == t.Value:
		return inventory.Tag{}, false
	case there && rewritten(now.Value, t.Value):
		p.fail(line, "tag %q is %q now, and %q is how a spreadsheet writes that: make the column text, or put back what was there", now.Key, now.Value, t.Value)
		return inventory.Tag{}, false
	case there:
		t.Key = now.Key
	default:
		i := slices.IndexFunc(group, func(key string) bool { return takesKey(limits, key) })
		if i < 0 {
			p.fail(line, "its provider takes no tag with the key %q: keys begin with a letter and hold small letters, digits, \"_\" and \"-\" alone; add such a spelling to the rule's keys", t.Key)
			return inventory.Tag{}, false
		}
		t.Key = group[i]
	}
	if message := valueFits(limits, t.Value); message != "" {
		p.fail(line, "tag %q cannot have the value %q: %s", t.Key, t.Value, message)
		return inventory.Tag{}, false
	}
	return t, true
}

func takesKey(l catalog.TagLimits, key string) bool {
	return (l.KeyLength == 0 || utf8.RuneCountInString(key) <= l.KeyLength) && (!l.Lower || isLower(key) && !strings.ContainsAny(key[:1], "0123456789_-"))
}

func valueFits(l catalog.TagLimits, value string) string {
	n := utf8.RuneCountInString(value)
	switch {
	case l.ValueLength > 0 && n > l.ValueLength:
		return fmt.Sprintf("it has %d characters, and its provider takes %d", n, l.ValueLength)
	case l.Lower && !isLower(value):
		return "its provider takes small letters, digits, \"_\" and \"-\" alone"
	}
	return ""
}

// room tells where an asset would bear more tags than its provider takes.
func (p *planner) room(line int, l catalog.TagLimits, found inventory.Tags, set []inventory.Tag) {
	n := found.Len()
	for _, t := range set {
		if _, there := found.Get(t.Key); !there {
			n++
		}
	}
	if l.Max > 0 && n > l.Max && n > found.Len() {
		p.fail(line, "it would bear %d tags, and its provider takes %d: remove others first", n, l.Max)
	}
}

// judge holds the new values against the policy's rules.
func (p *planner) judge(ctx context.Context, line int, entity *rules.Entity, subject *inventory.Entry, set []inventory.Tag) error {
	changed := with(entity, subject, set)
	for _, r := range p.rules {
		v, err := r.Check(ctx, changed)
		if err != nil {
			return err
		}
		if v.Outcome == rules.Fail && slices.ContainsFunc(v.Parts, func(part string) bool { return p.speaksOf(part, set) }) {
			p.fail(line, "%s (%s)", v.Message, r.Meta().ID)
		}
	}
	return nil
}

// speaksOf reports whether a finding's part is about one of some tags.
func (p *planner) speaksOf(part string, set []inventory.Tag) bool {
	return slices.ContainsFunc(set, func(t inventory.Tag) bool {
		return t.Key == part || slices.ContainsFunc(p.groups, func(g []string) bool { return g[0] == part && slices.Contains(g, t.Key) })
	})
}

// with is an entity as it would be with some tags set.
func with(entity *rules.Entity, subject *inventory.Entry, set []inventory.Tag) *rules.Entity {
	after := *subject
	after.Tags, after.TagsUnconfirmed = inventory.KnownTags(slices.Concat(slices.Collect(subject.CurrentTags().All()), set)...), false
	after.TagValuesUnconfirmed = slices.DeleteFunc(slices.Clone(subject.TagValuesUnconfirmed), func(key string) bool {
		return slices.ContainsFunc(set, func(t inventory.Tag) bool { return t.Key == key })
	})
	put := func(list []*inventory.Entry) []*inventory.Entry {
		out := slices.Clone(list)
		for i, e := range out {
			if e == subject {
				out[i] = &after
			}
		}
		return out
	}
	return &rules.Entity{Observed: put(entity.Observed), Declared: put(entity.Declared), Recorded: put(entity.Recorded), Facets: entity.Facets}
}

// keeper says which tool keeps an asset that no source declares.
func (p *planner) keeper(subject *inventory.Entry) string {
	if subject.Book != inventory.Observed {
		return ""
	}
	mark, ok := p.estate.app.catalog.Provenance(subject.Tags)
	if !ok {
		return ""
	}
	return fmt.Sprintf("its tag %s says that %s keeps it (%s): set it there", mark.Tag, mark.Tool, mark.Subject)
}

// profile is that of the AWS CLI which a source reads with, if it reads the account of that profile alone.
func (p *planner) profile(source string) string {
	for _, s := range p.estate.app.Config.Sources {
		if o, ok := s.Options.(*aws.Options); ok && s.Name == source && len(o.Accounts) == 0 && o.Organization == nil {
			return o.Profile
		}
	}
	return ""
}

// slim is what a step needs of an entry, so that a plan of many holds little.
func slim(e *inventory.Entry) *inventory.Entry {
	if e == nil {
		return nil
	}
	return &inventory.Entry{
		ID: e.ID, Source: e.Source, TagsUnconfirmed: e.TagsUnconfirmed, TagValuesUnconfirmed: e.TagValuesUnconfirmed,
		Asset: inventory.Asset{Key: e.Key, Book: e.Book, Type: e.Type, Name: e.Name, Account: e.Account, Region: e.Region, Zone: e.Zone, Tags: e.Tags, Origin: e.Origin},
	}
}
