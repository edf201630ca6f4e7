package wire

import (
	"context"
	"fmt"
	"time"

	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/activity"
)

// explainWho adds to what the rules said of an entity who is behind it: as the scan's evaluation told, or as the logs tell now. Unlike a
// report it says as well that no event was found, and in how many logs: that nobody is known is no proof that it was nobody.
func (e *estate) explainWho(ctx context.Context, explained []rules.Explained) error {
	findings := map[string]*rules.Finding{}
	known := deeds()
	for i := range explained {
		if f := explained[i].Finding; f != nil && known[f.Rule] != 0 {
			findings[f.Fingerprint] = f
		}
	}
	if len(findings) == 0 {
		return nil
	}
	for record, err := range e.store.Findings(ctx, e.scan.ID) {
		if err != nil {
			return fmt.Errorf("read findings: %w", err)
		}
		f := findings[record.Fingerprint]
		if f == nil {
			continue
		}
		before, err := rules.ParseRecord(record)
		if err != nil {
			return err
		}
		f.State = before.State
		if before.Who != nil {
			f.SetWho(*before.Who)
			delete(findings, record.Fingerprint)
		}
	}
	var asked []*rules.Finding
	for i := range explained {
		if f := explained[i].Finding; f != nil && findings[f.Fingerprint] != nil {
			asked = append(asked, f)
		}
	}
	return e.searchWho(ctx, asked)
}

// searchWho asks the configured logs about findings, and says where nothing was found.
func (e *estate) searchWho(ctx context.Context, asked []*rules.Finding) error {
	if len(asked) == 0 || len(e.app.Config.Activity.Paths) == 0 {
		return nil
	}
	_, since, err := history(ctx, e.store, e.scan.ID)
	if err != nil {
		return err
	}
	targets, err := e.targets(ctx, asked, since)
	if err != nil {
		return err
	}
	search := activity.NewSearch(targets)
	notes, err := e.readLogs(ctx, search)
	if err != nil {
		return err
	}
	for i, f := range asked {
		if who, ok := search.Found(i); ok {
			f.SetWho(who)
			continue
		}
		f.Evidence = append(f.Evidence, rules.Note("%s", nothingFound(search.Logs(), targets[i])))
		for _, n := range notes {
			f.Evidence = append(f.Evidence, rules.Note("%s", n))
		}
	}
	return nil
}

// nothingFound says in what no event was found.
func nothingFound(logs activity.Logs, t activity.Target) string {
	if logs.Events == 0 {
		return "who and when: the logs given hold no event"
	}
	text := fmt.Sprintf("who and when: no event in the %d logs given, which span %s to %s",
		logs.Files, logs.First.Format(time.RFC3339), logs.Last.Format(time.RFC3339))
	switch {
	case t.Deed != activity.Changed || t.After.IsZero():
		return text
	case t.After.After(logs.Last):
		return text + "; the state is younger, of " + t.After.Format(time.RFC3339)
	}
	return text + "; what came before " + t.After.Format(time.RFC3339) + ", the age of the state, does not count"
}

// maxNotes bounds how many files are named that could not be read.
const maxNotes = 5

// few cuts a list of notes to what a person reads.
func few(notes []string) []string {
	if len(notes) <= maxNotes {
		return notes
	}
	return append(notes[:maxNotes:maxNotes], fmt.Sprintf("who and when: %d more logs were not read whole", len(notes)-maxNotes))
}
