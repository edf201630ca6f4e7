package wire

import (
	"bufio"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/activity"
)

// deeds says which findings an activity log can explain, and by what somebody did.
func deeds() map[string]activity.Deed {
	return map[string]activity.Deed{
		"drift/changed": activity.Changed, "drift/unmanaged": activity.Made, "drift/orphan": activity.Made, "drift/missing": activity.Deleted,
	}
}

// attribute puts open findings of drift down to who is behind them, as the configured logs tell, and returns what could not be read of the
// logs. What was told before stays if the logs tell nothing newer: they are kept for a time, and findings stay for longer.
func (e *estate) attribute(ctx context.Context, findings []rules.Finding, previous []rules.Stored) ([]string, error) {
	keepTold(findings, previous)
	if len(e.app.Config.Activity.Paths) == 0 {
		return nil, nil
	}
	asked := askable(findings)
	if len(asked) == 0 {
		return nil, nil
	}
	_, since, err := history(ctx, e.store, e.scan.ID)
	if err != nil {
		return nil, err
	}
	targets, err := e.targets(ctx, asked, since)
	if err != nil {
		return nil, err
	}
	search := activity.NewSearch(targets)
	notes, err := e.readLogs(ctx, search)
	if err != nil {
		return nil, err
	}
	for i, f := range asked {
		if who, ok := search.Found(i); ok {
			f.SetWho(who)
		}
	}
	return notes, nil
}

// keepTold takes over what was told of findings that have not changed since.
func keepTold(findings []rules.Finding, previous []rules.Stored) {
	told := map[string]*rules.Who{}
	for i := range previous {
		if previous[i].Who != nil {
			told[previous[i].Fingerprint] = previous[i].Who
		}
	}
	for i := range findings {
		f := &findings[i]
		if who := told[f.Fingerprint]; who != nil && f.Who == nil && f.State == inventory.FindingOpen {
			f.SetWho(*who)
		}
	}
}

// askable lists the findings that a log can explain.
func askable(findings []rules.Finding) []*rules.Finding {
	var out []*rules.Finding
	known := deeds()
	for i := range findings {
		f := &findings[i]
		if known[f.Rule] != 0 && f.Confirmed && (f.State == inventory.FindingNew || f.State == inventory.FindingOpen) {
			out = append(out, f)
		}
	}
	return out
}

// targets says what to look for, for each finding. The assets of the findings' entities are read a chunk at a time.
func (e *estate) targets(ctx context.Context, asked []*rules.Finding, since time.Time) ([]activity.Target, error) {
	targets := make([]activity.Target, len(asked))
	of := map[int64][]int{} // the findings of an entity
	wanted := map[int64]bool{}
	for i, f := range asked {
		targets[i] = e.target(f)
		if id, ok := e.links.ByKey(f.Asset.Book, f.Asset.Key); ok {
			of[id] = append(of[id], i)
			wanted[id] = true
		}
	}
	ages := e.ages()
	chunks := slices.Chunk(membersOf(e.links, wanted), chunkSize)
	for entries, err := range e.store.Entries(ctx, e.scan.ID, chunks) {
		if err != nil {
			return nil, fmt.Errorf("read assets: %w", err)
		}
		for _, entry := range entries {
			for _, i := range of[entityOf(e.links, entry.ID)] {
				ages.bound(&targets[i], entry, asked[i].State == inventory.FindingNew, since)
				name(&targets[i], entry)
			}
		}
	}
	return targets, nil
}

func entityOf(links *link.Result, id int64) int64 {
	entity, _ := links.EntityOf(id)
	return entity
}

// target is what a finding itself tells of what to look for.
func (e *estate) target(f *rules.Finding) activity.Target {
	t := activity.Target{
		Deed: deeds()[f.Rule], Type: f.Asset.Type, Account: f.Asset.Account, Region: f.Asset.Region, Before: e.scan.Finished,
	}
	if row, ok := e.app.catalog.Type(f.Asset.Type); ok && row.Global {
		t.Region = ""
	}
	for _, p := range f.Parts {
		t.Parts = append(t.Parts, p.Name)
	}
	name(&t, &inventory.Entry{Asset: inventory.Asset{Book: f.Asset.Book, Key: f.Asset.Key, Name: f.Asset.Name}})
	return t
}

// name adds the names by which a provider knows an asset. A register's are not the provider's.
func name(t *activity.Target, e *inventory.Entry) {
	if e.Book == inventory.Recorded {
		return
	}
	add := func(value string) {
		switch {
		case value == "":
		case strings.HasPrefix(value, "arn:"), strings.HasPrefix(value, "//"):
			t.Names = appendNew(t.Names, value)
		default:
			t.IDs = appendNew(t.IDs, value)
		}
	}
	if strings.HasPrefix(e.Key, "arn:") || strings.HasPrefix(e.Key, "//") {
		add(e.Key)
	}
	for _, i := range e.Identifiers {
		switch i.Kind {
		case inventory.ARN, inventory.ResourceID, inventory.InstanceID, inventory.SelfLink:
			add(i.Value)
		}
	}
	add(e.Name)
}

func appendNew(list []string, value string) []string {
	if slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}

// ages tells when each scope was read, or how old the file is that it was read from.
type ages map[[2]string]inventory.ScopeRun

func (e *estate) ages() ages {
	a := ages{}
	for i := range e.scopes {
		a[[2]string{e.scopes[i].Source.Name, e.scopes[i].Scope.ID}] = e.scopes[i].Run
	}
	return a
}

// bound narrows down when something was changed: after its state was written, and before it was seen as it is. What differs only since
// the last whole scan may have changed since that one, however young the copy of the state is. When code was written says nothing.
func (a ages) bound(t *activity.Target, entry *inventory.Entry, fresh bool, since time.Time) {
	if t.Deed != activity.Changed {
		return
	}
	run := a[[2]string{entry.Source, entry.Scope}]
	switch {
	case entry.Book == inventory.Declared && entry.Origin.Layer != inventory.LayerCode:
		if run.DataTime.After(t.After) {
			t.After = run.DataTime.UTC()
		}
		if fresh && !since.IsZero() && !entry.FirstSeen.After(since) && since.Before(t.After) {
			t.After = since.UTC()
		}
	case entry.Book == inventory.Observed && !run.DataTime.IsZero() && run.DataTime.Before(t.Before):
		t.Before = run.DataTime.UTC()
	}
}

// readLogs reads the configured logs and says in words what could not be read of them: who and when may be missing then, and no more.
func (e *estate) readLogs(ctx context.Context, search *activity.Search) ([]string, error) {
	set := files.Set{Dir: e.app.Config.Dir, Patterns: e.app.Config.Activity.Paths}
	scopes, err := set.Scopes(ctx, inventory.Scope{})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var notes []string
	note := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		e.app.Log.Warn("who and when not read", "reason", text)
		notes = append(notes, "who and when: "+text)
	}
	if err != nil {
		note("%v", err)
	}
	for _, s := range scopes {
		err := readLog(ctx, set, s, search)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			note("%s was not read whole: %v", s.ID, err)
		}
	}
	logs := search.Logs()
	if limit := e.app.Config.Activity.MaxAge; limit > 0 && !logs.Last.IsZero() && e.scan.Started.Sub(logs.Last) > limit {
		note("the logs end at %s, which is longer ago than activity.max_age (%s)", logs.Last.Format(time.RFC3339), limit)
	}
	return few(notes), nil
}

// logLimits let logs unpack to what they are: they are read in passing.
var logLimits = files.Limits{Bytes: 1 << 40, Ratio: 1100} //nolint:gochecknoglobals // a constant

func readLog(ctx context.Context, set files.Set, s inventory.Scope, search *activity.Search) error {
	r, err := set.OpenRaw(s, logLimits)
	if err != nil {
		return err
	}
	defer r.Close()
	return search.Read(ctx, bufio.NewReaderSize(r, 256<<10))
}
