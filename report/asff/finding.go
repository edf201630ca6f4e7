package asffreport

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/jsonstream"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// Longest strings, as the API documents them.
const (
	maxTitle       = 256
	maxDescription = 1024
	maxID          = 512
	maxField       = 2048
	maxRemedy      = 512
)

// The record states.
const (
	active   = "ACTIVE"
	archived = "ARCHIVED"
)

type finding struct {
	SchemaVersion   string            `json:"SchemaVersion"`
	ID              string            `json:"Id"`
	ProductARN      string            `json:"ProductArn"`
	GeneratorID     string            `json:"GeneratorId"`
	AccountID       string            `json:"AwsAccountId"`
	Types           []string          `json:"Types"`
	FirstObservedAt string            `json:"FirstObservedAt,omitempty"`
	LastObservedAt  string            `json:"LastObservedAt,omitempty"`
	CreatedAt       string            `json:"CreatedAt"`
	UpdatedAt       string            `json:"UpdatedAt"`
	Severity        severity          `json:"Severity"`
	Title           string            `json:"Title"`
	Description     string            `json:"Description"`
	Remediation     *remediation      `json:"Remediation,omitempty"`
	ProductFields   map[string]string `json:"ProductFields"`
	Resources       []resource        `json:"Resources"`
	Compliance      compliance        `json:"Compliance"`
	RecordState     string            `json:"RecordState"`
}

type severity struct {
	Label    string `json:"Label"`
	Original string `json:"Original"`
}

type remediation struct {
	Recommendation recommendation `json:"Recommendation"`
}

type recommendation struct {
	Text string `json:"Text"`
}

type resource struct {
	Type      string `json:"Type"`
	ID        string `json:"Id"`
	Partition string `json:"Partition"`
	Region    string `json:"Region"`
}

type compliance struct {
	Status string `json:"Status"`
}

// writer writes findings.
type writer struct {
	json    *jsonstream.Writer
	report  *report.Report
	titles  map[string]string         // of the rules
	types   map[inventory.Type]string // names of Security Hub
	leftOut int
}

// write writes a finding, or reports that it is about nothing in AWS.
func (w *writer) write(f *rules.Finding, state string, accepted *rules.Accepted) bool {
	home, ok := homeOf(&f.Asset)
	if !ok {
		return false
	}
	out := finding{
		SchemaVersion: "2018-10-08", ID: "muster/" + ci.Hash(f.Fingerprint, f.Rule, f.Asset.Key), ProductARN: home.product(),
		GeneratorID: quote.Line("muster/"+f.Rule, maxID), AccountID: home.account, Types: []string{"Software and Configuration Checks"},
		FirstObservedAt: stamp(f.FirstSeen), LastObservedAt: stamp(f.LastSeen),
		CreatedAt: stamp(cmp.Or(f.FirstSeen, w.report.Scan.Started, time.Unix(0, 0))), UpdatedAt: w.updated(f),
		Severity: severity{label(f.Severity), f.Severity.String()}, Title: w.title(f), Description: quote.Line(ci.Message(f), maxDescription),
		ProductFields: fields(f, accepted), RecordState: state, Compliance: compliance{status(f, state)},
		Resources: []resource{{Type: cmp.Or(w.types[f.Asset.Type], "Other"), ID: resourceID(&f.Asset), Partition: home.partition, Region: home.region}},
	}
	if fix := quote.Line(f.Fix, maxRemedy); fix != "" {
		out.Remediation = &remediation{recommendation{fix}}
	}
	w.json.Item(out)
	return true
}

// updated must grow from import to import, or Security Hub keeps what it has: it is the time of the scan.
func (w *writer) updated(f *rules.Finding) string {
	t := cmp.Or(w.report.Scan.Finished, w.report.Scan.Started, f.LastSeen, time.Unix(0, 0))
	if t.Before(f.FirstSeen) {
		t = f.FirstSeen
	}
	return stamp(t)
}

func (w *writer) title(f *rules.Finding) string {
	title := quote.Line(w.titles[f.Rule], maxTitle/2)
	return quote.Line("muster "+f.Rule+": "+cmp.Or(title, quote.Line(f.Message, maxTitle)), maxTitle)
}

// status claims nothing of what was not judged: what could not be judged again is a warning, and what was taken off the list
// may be mended, gone or accepted.
func status(f *rules.Finding, state string) string {
	switch {
	case state == archived:
		return "NOT_AVAILABLE"
	case !f.Confirmed:
		return "WARNING"
	}
	return "FAILED"
}

func fields(f *rules.Finding, accepted *rules.Accepted) map[string]string {
	out := map[string]string{}
	add := func(name, value string) {
		if value = quote.Line(value, maxField); value != "" {
			out["muster/"+name] = value
		}
	}
	add("fingerprint", f.Fingerprint)
	add("rule", f.Rule)
	add("state", string(f.State))
	add("asset", f.Asset.Key)
	add("source", f.Asset.Source)
	add("owner", f.Owner)
	add("declared-at", strings.Trim(strings.Join([]string{f.Origin.File, f.Origin.Address}, " "), " "))
	for i := range min(len(f.Diff), 20) { // of 50 fields in all
		add(fmt.Sprintf("differs/%02d", i+1), ci.Difference(&f.Diff[i]))
	}
	if accepted != nil {
		add("accepted/by", accepted.By)
		add("accepted/reason", accepted.Reason)
		add("accepted/expires", accepted.Expires)
	}
	return out
}

func label(s rules.Severity) string {
	if s == rules.Info || s == 0 {
		return "INFORMATIONAL"
	}
	return strings.ToUpper(s.String())
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
