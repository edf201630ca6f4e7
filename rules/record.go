package rules

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Stored is a finding as the store gave it back.
type Stored struct {
	Finding
	Accepted *Acceptance // who accepted it; nil unless its state is accepted
}

func (s *Stored) isOpen() bool {
	return s.State == inventory.FindingNew || s.State == inventory.FindingOpen
}

// findingBody is the JSON of inventory.FindingRecord.Body: a finding without what changes from scan to scan, so that a
// steady finding stays the same bytes.
type findingBody struct {
	Fingerprint     string           `json:"fingerprint"`
	Rule            string           `json:"rule"`
	Severity        Severity         `json:"severity"`
	Asset           AssetRef         `json:"asset"`
	Message         string           `json:"message"`
	Fix             string           `json:"fix"`
	Diff            []Difference     `json:"diff,omitempty"`
	Parts           []Part           `json:"parts,omitempty"`
	Origin          inventory.Origin `json:"origin"`
	Evidence        []Evidence       `json:"evidence,omitempty"`
	Who             *Who             `json:"who,omitempty"`
	Owner           string           `json:"owner"`
	OwnerUnknown    string           `json:"owner_unknown,omitempty"`
	OwnerConfidence Confidence       `json:"owner_confidence,omitempty"`
	Created         time.Time        `json:"created,omitzero"`
	Accepted        *acceptedBody    `json:"accepted,omitempty"`
}

type acceptedBody struct {
	By         string `json:"by"`
	Reason     string `json:"reason"`
	Owner      string `json:"owner"`
	Expires    string `json:"expires"`
	Suppressed bool   `json:"suppressed,omitempty"`
}

// Records turns an evaluation's findings, accepted ones too, into what FindingStore.SaveEvaluation takes: sorted by
// fingerprint, and unique since an Engine's evaluation holds each fingerprint once.
func Records(ev *Evaluation) ([]inventory.FindingRecord, error) {
	list := make([]inventory.FindingRecord, 0, len(ev.Findings)+len(ev.Accepted))
	for i := range ev.Findings {
		r, err := record(&ev.Findings[i], nil)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	for i := range ev.Accepted {
		a := &ev.Accepted[i]
		r, err := record(&a.Finding, &acceptedBody{a.By, a.Reason, a.Owner, a.Expires, a.Suppressed})
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b inventory.FindingRecord) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
	return list, nil
}

func record(f *Finding, accepted *acceptedBody) (inventory.FindingRecord, error) {
	body, err := json.Marshal(findingBody{
		Fingerprint: f.Fingerprint, Rule: f.Rule, Severity: f.Severity, Asset: f.Asset, Message: f.Message, Fix: f.Fix,
		Diff: f.Diff, Parts: f.Parts, Origin: f.Origin, Evidence: f.Evidence, Who: f.Who, Owner: f.Owner,
		OwnerUnknown: f.OwnerUnknown, OwnerConfidence: f.OwnerConfidence, Created: f.Created.UTC(), Accepted: accepted,
	})
	if err != nil {
		return inventory.FindingRecord{}, fmt.Errorf("encode finding %s: %w", f.Fingerprint, err)
	}
	return inventory.FindingRecord{
		Fingerprint: f.Fingerprint, Rule: f.Rule, Severity: f.Severity.String(), State: f.State, Source: f.Asset.Source,
		Book: f.Asset.Book, Type: f.Asset.Type, Key: f.Asset.Key, Name: f.Asset.Name, Account: f.Asset.Account,
		Region: f.Asset.Region, Message: f.Message, FirstSeen: f.FirstSeen, LastSeen: f.LastSeen, Confirmed: f.Confirmed,
		Body: body,
	}, nil
}

// ParseRecord is the inverse of Records for one record.
func ParseRecord(r inventory.FindingRecord) (Stored, error) {
	var b findingBody
	if err := json.Unmarshal(r.Body, &b); err != nil {
		return Stored{}, fmt.Errorf("decode stored finding %s: %w", r.Fingerprint, err)
	}
	s := Stored{Finding: Finding{
		Fingerprint: r.Fingerprint, Rule: b.Rule, Severity: b.Severity, State: r.State, Asset: b.Asset, Message: b.Message,
		Fix: b.Fix, Diff: b.Diff, Parts: b.Parts, Origin: b.Origin, Evidence: b.Evidence, Who: b.Who, Owner: b.Owner,
		OwnerUnknown: b.OwnerUnknown, OwnerConfidence: b.OwnerConfidence, Created: b.Created,
		FirstSeen: r.FirstSeen.UTC(), LastSeen: r.LastSeen.UTC(), Confirmed: r.Confirmed,
	}}
	if a := b.Accepted; a != nil {
		s.Accepted = &Acceptance{By: a.By, Reason: a.Reason, Owner: a.Owner, Expires: a.Expires, suppressed: a.Suppressed}
	}
	return s, nil
}

// ParseRecords sorts stored findings into those of an evaluation: findings and accepted ones, ordered as the Engine
// orders them, for a report about an evaluation that was stored.
func ParseRecords(list []inventory.FindingRecord) (findings []Finding, accepted []Accepted, err error) {
	for _, r := range list {
		s, err := ParseRecord(r)
		if err != nil {
			return nil, nil, err
		}
		if a := s.Accepted; a != nil {
			accepted = append(accepted, Accepted{a.By, a.Reason, a.Owner, a.Expires, s.Finding, a.suppressed})
			continue
		}
		findings = append(findings, s.Finding)
	}
	slices.SortFunc(findings, compareFindings)
	slices.SortFunc(accepted, compareAccepted)
	return findings, accepted, nil
}

func compareAccepted(a, b Accepted) int {
	return cmp.Or(strings.Compare(a.By, b.By), strings.Compare(a.Finding.Rule, b.Finding.Rule),
		strings.Compare(a.Finding.Asset.Key, b.Finding.Asset.Key), strings.Compare(a.Finding.Fingerprint, b.Finding.Fingerprint))
}
