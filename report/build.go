package report

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// Input is what a report is computed from.
type Input struct {
	Version    string
	Scan       inventory.Scan
	Scopes     []inventory.ScopeState // of every known scope, sorted by source and scope
	Evaluation *rules.Evaluation
	Digests    Digests
	Trend      []TrendPoint // of earlier evaluations, oldest first
	// Changes names the last complete scan that was evaluated before this one and counts what was resolved since; nil if there is
	// none. Build counts what is new.
	Changes *Changes
	Gate    GateRules
	Assets  func() iter.Seq2[Asset, error]
}

// Build computes the report of an evaluation and judges it.
func Build(in Input) *Report {
	e := in.Evaluation
	r := &Report{
		Schema:   Schema,
		Tool:     Tool{Name: "muster", Version: in.Version},
		Scan:     scanOf(in.Scan),
		Sources:  sourcesOf(in.Scopes),
		Digests:  in.Digests,
		Findings: slices.Clone(emptied(e.Findings)),
		Accepted: slices.Clone(emptied(e.Accepted)),
		Unknown:  unknownOf(e.Unknown),
		Coverage: CoverageOf(e.Coverage),
		Scopes:   scopesOf(in.Scopes),
		Rules:    rulesOf(e.Tallies),
		Assets:   in.Assets,
	}
	r.date()
	r.Group()
	r.Summary = summaryOf(r, e)
	r.Trend = append(emptied(in.Trend), TrendPoint{
		Scan: r.Scan.ID, Started: r.Scan.Started, Assets: r.Summary.Assets.total(),
		TagCoverage: r.Summary.TagCoverage, IaCCoverage: r.Summary.IaCCoverage, Findings: r.Summary.Findings.total(),
		Complete: r.Scan.Complete, Policy: in.Digests.Policy,
	})
	r.Changes = changesOf(in.Changes, r.Findings)
	r.Gate = Judge(in.Gate, r)
	return r
}

// changesOf counts what is new since an earlier scan.
func changesOf(since *Changes, findings []rules.Finding) *Changes {
	if since == nil {
		return nil
	}
	c := *since
	c.Started, c.New = c.Started.UTC(), 0
	for i := range findings {
		if f := &findings[i]; f.State != inventory.FindingResolved && IsNewSince(f, c.Started) {
			c.New++
		}
	}
	return &c
}

// emptied returns the list, or an empty one for nil, since the contract has no null lists.
func emptied[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (c BookCounts) total() int     { return c.Observed + c.Recorded + c.Declared }
func (c SeverityCounts) total() int { return c.Critical + c.High + c.Medium + c.Low + c.Info }

func scanOf(s inventory.Scan) Scan {
	return Scan{
		ID: s.ID, Started: s.Started.UTC(), Finished: s.Finished.UTC(), Complete: s.Complete(),
		Scopes: ScopeCounts{
			OK: s.Runs[inventory.RunOK], Partial: s.Runs[inventory.RunPartial],
			Failed: s.Runs[inventory.RunFailed], Skipped: s.Runs[inventory.RunSkipped],
		},
	}
}

func sourcesOf(scopes []inventory.ScopeState) []Source {
	out := []Source{}
	for _, s := range scopes {
		if n := len(out); n == 0 || out[n-1].Name != s.Source.Name {
			out = append(out, Source{Name: s.Source.Name, Collector: s.Source.Collector, Book: s.Source.Book})
		}
		last := &out[len(out)-1]
		last.Assets += s.Assets
		if last.Caller == "" {
			last.Caller = s.Run.CallerARN
		}
	}
	return out
}

func scopesOf(scopes []inventory.ScopeState) []Scope {
	out := make([]Scope, 0, len(scopes))
	for _, s := range scopes {
		line := Scope{
			Source: s.Source.Name, Scope: s.Scope.ID, State: s.Run.State, Reason: s.Run.Reason, Error: s.Run.Error,
			Assets: s.Assets, Skipped: s.Run.Skipped,
		}
		if s.Run.State != inventory.RunOK {
			line.LastOK = moment(s.LastOK)
		}
		line.AsOf = asOf(&s)
		out = append(out, line)
	}
	return out
}

// asOf is how old what a scope holds is.
func asOf(s *inventory.ScopeState) *time.Time {
	switch {
	case !s.Run.DataTime.IsZero():
		return moment(s.Run.DataTime)
	case s.Run.State == inventory.RunOK, s.Run.State == inventory.RunPartial:
		return moment(s.Run.Started)
	}
	return moment(s.LastOK)
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// date fills in how old the evidence of the findings is.
func (r *Report) date() {
	type place struct{ source, scope string }
	ages := make(map[place]*time.Time, len(r.Scopes))
	for _, s := range r.Scopes {
		ages[place{s.Source, s.Scope}] = s.AsOf
	}
	fill := func(f *rules.Finding) {
		f.Evidence = slices.Clone(f.Evidence)
		for i, e := range f.Evidence {
			f.Evidence[i].AsOf = ages[place{e.Source, e.Scope}]
		}
	}
	for i := range r.Findings {
		fill(&r.Findings[i])
	}
	for i := range r.Accepted {
		fill(&r.Accepted[i].Finding)
	}
}

func unknownOf(tallies []rules.UnknownTally) []UnknownCount {
	out := make([]UnknownCount, 0, len(tallies))
	for _, t := range tallies {
		out = append(out, UnknownCount{Rule: t.Rule, Reason: t.Reason, Entities: t.Entities, Examples: emptied(t.Examples)})
	}
	return out
}

// CoverageOf returns the lines of a coverage with their ratios, sorted.
func CoverageOf(rows []rules.CoverageTally) []Coverage {
	out := make([]Coverage, 0, len(rows))
	for _, c := range rows {
		out = append(out, Coverage{
			Measure: c.Measure, Name: c.Name, Group: c.Group, Value: c.Value,
			Pass: c.Pass, Fail: c.Fail, Unknown: c.Unknown, Ratio: ratio(c.Pass, c.Pass+c.Fail),
		})
	}
	slices.SortStableFunc(out, func(a, b Coverage) int {
		return cmp.Or(cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Group, b.Group), cmp.Compare(a.Value, b.Value))
	})
	return out
}

func ratio(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	f := float64(part) / float64(whole)
	return &f
}

func rulesOf(tallies []rules.Tally) []RuleInfo {
	out := make([]RuleInfo, 0, len(tallies))
	for _, t := range tallies {
		out = append(out, RuleInfo{
			ID: t.ID, Title: t.Title, Help: t.Help, Severity: t.Severity, Pass: t.Pass, Fail: t.Fail, Unknown: t.Unknown,
		})
	}
	return out
}

func summaryOf(r *Report, e *rules.Evaluation) Summary {
	s := Summary{Entities: e.Entities, Accepted: len(e.Accepted), Overlap: overlapOf(e.Overlap)}
	for _, source := range r.Sources {
		switch source.Book {
		case inventory.Observed:
			s.Assets.Observed += source.Assets
		case inventory.Recorded:
			s.Assets.Recorded += source.Assets
		case inventory.Declared:
			s.Assets.Declared += source.Assets
		}
	}
	for _, u := range e.Unknown {
		s.Unknown += u.Entities
	}
	for _, f := range e.Findings {
		switch f.State {
		case inventory.FindingResolved:
			s.Resolved++
			continue
		case inventory.FindingNew:
			s.New++
		}
		s.Findings.Add(f.Severity)
	}
	s.TagCoverage, s.TagMin, s.TagMax = overall(e.Coverage, "tag")
	s.IaCCoverage, s.IaCMin, s.IaCMax = overall(e.Coverage, "iac")
	return s
}

// Add counts one more finding of a severity.
func (c *SeverityCounts) Add(s rules.Severity) {
	switch s {
	case rules.Critical:
		c.Critical++
	case rules.High:
		c.High++
	case rules.Medium:
		c.Medium++
	case rules.Low:
		c.Low++
	case rules.Info:
		c.Info++
	}
}

// overall returns the coverage of a measure over everything, and its bounds if all that is unknown failed or passed.
func overall(rows []rules.CoverageTally, measure string) (known, low, high *float64) {
	for _, c := range rows {
		if c.Measure == measure && c.Name == "" && c.Group == "all" {
			all := c.Pass + c.Fail + c.Unknown
			return ratio(c.Pass, c.Pass+c.Fail), ratio(c.Pass, all), ratio(c.Pass+c.Unknown, all)
		}
	}
	return nil, nil, nil
}

func overlapOf(counts map[string]int) []Overlap {
	out := make([]Overlap, 0, len(counts))
	for key, n := range counts {
		var books []inventory.Book
		for _, b := range inventory.Books() {
			if slices.Contains(strings.Split(key, "+"), string(b)) {
				books = append(books, b)
			}
		}
		out = append(out, Overlap{Books: books, Entities: n})
	}
	slices.SortFunc(out, func(a, b Overlap) int {
		return cmp.Or(cmp.Compare(len(b.Books), len(a.Books)), slices.Compare(a.Books, b.Books))
	})
	return out
}

// SetFindings gives a report that was stored without them its findings back, in the order of the Engine.
func (r *Report) SetFindings(findings []rules.Finding, accepted []rules.Accepted) {
	r.Findings, r.Accepted = emptied(findings), emptied(accepted)
	r.date()
	r.Group()
}

// expired reports whether the day on which something expires is over.
func expired(date, now time.Time) bool { return !now.UTC().Before(date.AddDate(0, 0, 1)) }
