package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/rules"
)

// Earlier is what stood in a report of another run, in place of the store's earlier evaluation: for machines that keep no store.
type Earlier struct {
	findings []rules.Stored
	since    time.Time // the start of the scan of the report
	note     string    // what people have to know of the comparison; empty is nothing
}

// CompareWith takes what is new and what is resolved from a report in the format json. The error names the file.
func (a *App) CompareWith(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("--against: %w", err)
	}
	earlier, err := parseEarlier(text)
	if err != nil {
		return fmt.Errorf("--against %s: %w", path, err)
	}
	a.against = earlier
	return nil
}

func parseEarlier(text []byte) (*Earlier, error) {
	var r report.Report
	err := json.Unmarshal(text, &r)
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, fmt.Errorf("no JSON at byte %d (%w): is it cut? Write it with: muster report --format json", syntax.Offset, err)
	case err != nil:
		return nil, fmt.Errorf("no report of muster: %w", err)
	case r.Schema != report.Schema:
		return nil, fmt.Errorf("its schema is %q, not %q: write it with: muster report --format json", r.Schema, report.Schema)
	}
	e := &Earlier{since: r.Scan.Started}
	if !r.Scan.Complete {
		e.note = fmt.Sprintf("compared with a report of %s that did not read everything: what it could not see counts as new",
			r.Scan.Started.UTC().Format(time.DateTime))
	}
	for _, f := range r.Findings {
		e.findings = append(e.findings, rules.Stored{Finding: f})
	}
	for _, x := range r.Accepted {
		f := x.Finding
		f.State = inventory.FindingAccepted
		e.findings = append(e.findings, rules.Stored{Finding: f, Accepted: &rules.Acceptance{By: x.By, Reason: x.Reason, Owner: x.Owner, Expires: x.Expires}})
	}
	return e, nil
}

// settle corrects what an empty store makes of findings that are not there any more: resolved are those whose place was read whole. Of
// a source that this run does not have nothing is known, and what could not be read stays as it was.
func (e *Earlier) settle(ev *rules.Evaluation, scopes []inventory.ScopeState) {
	ev.Findings = slices.DeleteFunc(ev.Findings, func(f rules.Finding) bool {
		return f.State == inventory.FindingResolved && f.Asset.Source != "" &&
			!slices.ContainsFunc(scopes, func(s inventory.ScopeState) bool { return s.Source.Name == f.Asset.Source })
	})
	for i := range ev.Findings {
		if f := &ev.Findings[i]; f.State == inventory.FindingResolved && !readWhole(scopes, f.Asset) {
			f.State, f.Confirmed = inventory.FindingOpen, false
		}
	}
}

// readWhole reports whether every scope that an asset could be in was read whole: those of its source that cover it, else all of its
// source, else all.
func readWhole(scopes []inventory.ScopeState, asset rules.AssetRef) bool {
	whole := func(could func(*inventory.ScopeState) bool) (read, any bool) {
		read = true
		for i := range scopes {
			if could(&scopes[i]) {
				any = true
				read = read && scopes[i].Run.State == inventory.RunOK
			}
		}
		return read, any
	}
	ofSource := func(s *inventory.ScopeState) bool { return asset.Source == "" || s.Source.Name == asset.Source }
	if read, any := whole(func(s *inventory.ScopeState) bool {
		return asset.Source != "" && ofSource(s) && s.Covers(asset.Type, asset.Account, asset.Region)
	}); any {
		return read
	}
	read, _ := whole(ofSource)
	return read
}
