// Package metricsreport encodes a report as metrics in the text format of Prometheus, for the textfile collector of
// node_exporter (https://github.com/prometheus/node_exporter#textfile-collector): gauges without time stamps, which that
// collector refuses.
//
// The number of series is bounded: no label holds a name of an asset, and where there are more sources, rules or teams than a
// limit, the rest is counted together as "other". What is unknown has series of its own and is in none that says passed.
package metricsreport

import (
	"bufio"
	"fmt"
	"io"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/rules"
)

// The most values that a label may have.
const (
	maxSources = 100
	maxRules   = 300
	maxTeams   = 50
)

// Encoder writes one file.
type Encoder struct{}

var _ report.Encoder = Encoder{}

// Format returns the id "metrics".
func (Encoder) Format() report.Format {
	return report.Format{ID: "metrics", Extension: ".prom", MediaType: "text/plain; version=0.0.4; charset=utf-8"}
}

// Encode writes the metrics in a fixed order, their series sorted by labels.
func (Encoder) Encode(w io.Writer, r *report.Report) error {
	b := bufio.NewWriter(w)
	scanMetrics(b, r)
	sourceMetrics(b, r)
	findingMetrics(b, r)
	ruleMetrics(b, r)
	coverageMetrics(b, r)
	if err := b.Flush(); err != nil { // errors of w are sticky
		return fmt.Errorf("write metrics report: %w", err)
	}
	return nil
}

func scanMetrics(w *bufio.Writer, r *report.Report) {
	one := func(name, help string, value float64) {
		g := newGauge(name, help)
		g.add(value)
		g.write(w)
	}
	info := newGauge("muster_build_info", "Version of the program that made this file; always 1.", "version")
	info.set(1, r.Tool.Version)
	info.write(w)
	moment := func(name, help string, t time.Time) {
		if !t.IsZero() {
			one(name, help, float64(t.Unix()))
		}
	}
	moment("muster_scan_started_timestamp_seconds", "When the scan that was evaluated began.", r.Scan.Started)
	moment("muster_scan_finished_timestamp_seconds", "When the scan that was evaluated ended.", r.Scan.Finished)
	one("muster_scan_complete", "Whether the scan read everything whole.", truth(r.Scan.Complete))
	one("muster_gate_passed", "Whether the gate passed.", truth(r.Gate.Passed))
	one("muster_gate_exit_code", "Exit code that the gate decided: 0 passed, 1 failed, 3 incomplete.", float64(r.Gate.ExitCode))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func sourceMetrics(w *bufio.Writer, r *report.Report) {
	weights := map[string]int{}
	for i := range r.Sources {
		weights[r.Sources[i].Name] += 1 + r.Sources[i].Assets
	}
	name := newLabel(weights, maxSources, "")
	assets := newGauge("muster_assets", "Assets of a source, as last read.", "source", "book")
	for i := range r.Sources {
		assets.add(float64(r.Sources[i].Assets), name.of(r.Sources[i].Name), string(r.Sources[i].Book))
	}
	assets.write(w)
	scopes := newGauge("muster_scopes", "Scopes of a source by how reading them ended; of all but ok, what is not seen is unknown.", "source", "state")
	oldest := newGauge("muster_source_oldest_data_timestamp_seconds", "How old the oldest data of a source is, of what could ever be read.", "source")
	for i := range r.Scopes {
		s := &r.Scopes[i]
		source := name.of(s.Source)
		for _, state := range []inventory.RunState{inventory.RunOK, inventory.RunPartial, inventory.RunFailed, inventory.RunSkipped} {
			scopes.add(truth(s.State == state), source, string(state))
		}
		if s.AsOf != nil {
			oldest.least(float64(s.AsOf.Unix()), source)
		}
	}
	scopes.write(w)
	oldest.write(w)
}

func findingMetrics(w *bufio.Writer, r *report.Report) {
	byRule, bySource, byTeam := map[string]int{}, map[string]int{}, map[string]int{}
	for f := range ci.Open(r) {
		byRule[f.Rule]++
		bySource[f.Asset.Source]++
		byTeam[f.Owner]++
	}
	source, rule, team := newLabel(bySource, maxSources, "none"), newLabel(byRule, maxRules, ""), newLabel(byTeam, maxTeams, "unknown")
	all := newGauge("muster_findings", "New and open findings.", "severity")
	each := newGauge("muster_rule_findings", "New and open findings of a rule, by the source of what they are about.", "source", "rule", "severity")
	teams := newGauge("muster_team_findings", "New and open findings by the team that owns what they are about.", "team", "severity")
	for _, s := range rules.Severities() {
		all.add(0, s.String())
	}
	for series, n := range counted(r, source, rule, team) {
		all.add(n, series.severity)
		each.add(n, series.source, series.rule, series.severity)
		teams.add(n, series.team, series.severity)
	}
	all.write(w)
	each.write(w)
	teams.write(w)
	for _, m := range []struct {
		name, help string
		value      int
	}{
		{"muster_findings_new", "Findings that the last scan that could judge did not have.", r.Summary.New},
		{"muster_findings_resolved", "Findings that this scan resolved.", r.Summary.Resolved},
		{"muster_findings_accepted", "Findings that are accepted and do not count.", r.Summary.Accepted},
	} {
		g := newGauge(m.name, m.help)
		g.add(float64(m.value))
		g.write(w)
	}
}

// series are the labels of a finding.
type series struct{ source, rule, team, severity string }

// counted counts open findings by their labels.
func counted(r *report.Report, source, rule, team label) map[series]float64 {
	out := map[series]float64{}
	for f := range ci.Open(r) {
		out[series{source.of(f.Asset.Source), rule.of(f.Rule), team.of(f.Owner), f.Severity.String()}]++
	}
	return out
}

func ruleMetrics(w *bufio.Writer, r *report.Report) {
	weights := map[string]int{}
	for i := range r.Rules {
		weights[r.Rules[i].ID] += 1 + r.Rules[i].Fail
	}
	rule := newLabel(weights, maxRules, "")
	g := newGauge("muster_rule_entities", "Things that a rule judged, or could not judge.", "rule", "verdict")
	for i := range r.Rules {
		info := &r.Rules[i]
		id := rule.of(info.ID)
		g.add(float64(info.Pass), id, "pass")
		g.add(float64(info.Fail), id, "fail")
		g.add(float64(info.Unknown), id, "unknown")
	}
	g.write(w)
}

// coverageMetrics leaves out what there is nothing to measure of.
func coverageMetrics(w *bufio.Writer, r *report.Report) {
	g := newGauge("muster_coverage_ratio", "Share of things that are tagged as required, or declared in code: of those that are known, and at least and at most with those that are unknown.", "measure", "bound")
	for _, c := range []struct {
		measure, bound string
		value          *float64
	}{
		{"tag", "known", r.Summary.TagCoverage},
		{"tag", "least", r.Summary.TagMin},
		{"tag", "most", r.Summary.TagMax},
		{"iac", "known", r.Summary.IaCCoverage},
		{"iac", "least", r.Summary.IaCMin},
		{"iac", "most", r.Summary.IaCMax},
	} {
		if c.value != nil {
			g.set(*c.value, c.measure, c.bound)
		}
	}
	g.write(w)
}
