// Package webhook encodes a digest as the body of a webhook, and signs it, as Standard Webhooks asks for
// (https://www.standardwebhooks.com): a body of less than 20 kB with type, timestamp and data. docs/notify.md describes the data.
//
// The same digest makes the same bytes, and the same bytes have the same id, so that who gets a message twice can tell.
package webhook

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/ci"
	"github.com/muster-audit/muster/report/notify"
	"github.com/muster-audit/muster/report/quote"
	"github.com/muster-audit/muster/rules"
)

// Type is the type of the message, and Schema that of its data.
const (
	Type   = "muster.digest"
	Schema = "muster.digest/v1"
)

// MaxBody is the most bytes that a body has.
const MaxBody = 20_000

// The most that a body lists.
const (
	maxOwners   = 50
	maxFindings = 20 // of an owner
	maxReasons  = 5
	maxGaps     = 5
	maxName     = 100
	maxText     = 300
)

type message struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      data      `json:"data"`
}

type data struct {
	Schema   string  `json:"schema"`
	Tool     tool    `json:"tool"`
	Scan     scan    `json:"scan"`
	Gate     gate    `json:"gate"`
	First    bool    `json:"first"`
	Link     string  `json:"link,omitempty"`
	New      counts  `json:"new"`
	Resolved counts  `json:"resolved"`
	Open     counts  `json:"open"`
	Since    *since  `json:"since_complete"`
	Unread   unread  `json:"unread"`
	Owners   []owner `json:"owners"`
	LeftOff  leftOff `json:"left_off"`
}

type tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type gate struct {
	Passed   bool     `json:"passed"`
	ExitCode int      `json:"exit_code"`
	Reasons  []string `json:"reasons"` // the first
}

type scan struct {
	ID       inventory.ScanID `json:"id"`
	Started  time.Time        `json:"started"`
	Finished time.Time        `json:"finished,omitzero"` // not there if the scan was interrupted
	Complete bool             `json:"complete"`
}

type counts struct {
	Total int `json:"total"`
	report.SeverityCounts
}

// since is what changed since the last complete scan, where incomplete ones lie between.
type since struct {
	Scan     inventory.ScanID `json:"scan"`
	Started  time.Time        `json:"started"`
	New      int              `json:"new"`
	Resolved int              `json:"resolved"`
}

type unread struct {
	Sources int      `json:"sources"`
	Texts   []string `json:"texts"` // of the first
}

type owner struct {
	Kind     report.GroupKind `json:"kind"`
	Owner    *string          `json:"owner"` // null unless it is named
	New      int              `json:"new"`
	Resolved int              `json:"resolved"`
	Findings []finding        `json:"findings"`
}

type finding struct {
	State       inventory.FindingState `json:"state"`
	Severity    rules.Severity         `json:"severity"`
	Rule        string                 `json:"rule"`
	Asset       asset                  `json:"asset"`
	Message     string                 `json:"message"`
	FirstSeen   time.Time              `json:"first_seen"`
	Fingerprint string                 `json:"fingerprint"`
}

type asset struct {
	Key     string `json:"key"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Account string `json:"account"`
	Region  string `json:"region"`
}

type leftOff struct {
	Owners   int `json:"owners"`
	Findings int `json:"findings"`
}

// Body returns the message as JSON in one line, of MaxBody bytes at most.
func Body(d *notify.Digest) ([]byte, error) {
	m := message{Type: Type, Timestamp: when(d), Data: head(d)}
	empty, err := encode(m)
	if err != nil {
		return nil, err
	}
	const digits = 40 // that the numbers of what is left off may take
	price := func(v any) int {
		text, _ := encode(v) // fails with the body, if it does
		return len(text) + len(",")
	}
	shown, left := d.Fit(
		notify.Room{Total: MaxBody - len(empty) - digits, PerOwner: MaxBody, Owners: maxOwners, Findings: maxFindings},
		notify.Cost{
			Owner:   func(o *notify.Owner) int { return price(ownerOf(o)) },
			Finding: func(f *rules.Finding) int { return price(findingOf(f)) },
		},
	)
	for _, s := range shown {
		o := ownerOf(s.Owner)
		for _, f := range s.Findings {
			o.Findings = append(o.Findings, findingOf(f))
		}
		m.Data.Owners = append(m.Data.Owners, o)
	}
	m.Data.LeftOff = leftOff(left)
	return encode(m)
}

// when is the time of what the message tells: the end of the scan, or its start if it was interrupted.
func when(d *notify.Digest) time.Time {
	if d.Scan.Finished.IsZero() {
		return d.Scan.Started.UTC()
	}
	return d.Scan.Finished.UTC()
}

// head is all but owners and findings.
func head(d *notify.Digest) data {
	out := data{
		Schema: Schema, Tool: tool{quote.Line(d.Tool.Name, maxName), quote.Line(d.Tool.Version, maxName)},
		Scan:  scan{d.Scan.ID, d.Scan.Started.UTC(), d.Scan.Finished.UTC(), d.Scan.Complete},
		Gate:  gate{d.Gate.Passed, d.Gate.ExitCode, []string{}},
		First: d.First, Link: d.Link,
		New: countsOf(d.New), Resolved: countsOf(d.Resolved), Open: countsOf(d.Open),
		Unread: unread{Sources: len(d.Gaps), Texts: []string{}}, Owners: []owner{},
	}
	if c := d.Since; c != nil {
		out.Since = &since{c.Scan, c.Started.UTC(), c.New, c.Resolved}
	}
	for _, reason := range d.Gate.Reasons[:min(len(d.Gate.Reasons), maxReasons)] {
		out.Gate.Reasons = append(out.Gate.Reasons, quote.Line(reason, maxText))
	}
	for _, g := range d.Gaps[:min(len(d.Gaps), maxGaps)] {
		out.Unread.Texts = append(out.Unread.Texts, quote.Line(g.Text, maxText))
	}
	return out
}

func countsOf(c report.SeverityCounts) counts { return counts{notify.Total(c), c} }

func ownerOf(o *notify.Owner) owner {
	out := owner{Kind: o.Kind, New: len(o.New), Resolved: len(o.Resolved), Findings: []finding{}}
	if o.Kind == report.GroupNamed {
		name := quote.Line(o.Value, maxName)
		out.Owner = &name
	}
	return out
}

func findingOf(f *rules.Finding) finding {
	a := &f.Asset
	return finding{
		State: f.State, Severity: f.Severity, Rule: quote.Line(f.Rule, maxName),
		Asset: asset{
			Key: quote.Line(a.Key, maxText), Type: quote.Line(a.Type, maxName), Name: quote.Line(a.Name, maxName),
			Account: quote.Line(a.Account, maxName), Region: quote.Line(a.Region, maxName),
		},
		Message: quote.Line(f.Message, maxText), FirstSeen: f.FirstSeen.UTC(), Fingerprint: quote.Line(f.Fingerprint, ci.MaxName),
	}
}

// encode returns JSON without a line end.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // it stands in no page
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode webhook: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
