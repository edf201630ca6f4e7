package inventory

import (
	"context"
	"iter"
	"time"
)

// FindingState says how a stored finding stands in a scan's evaluation.
type FindingState string

// The states of a finding.
const (
	FindingNew      FindingState = "new"
	FindingOpen     FindingState = "open"
	FindingResolved FindingState = "resolved" // stored only for the scan that resolved it
	FindingAccepted FindingState = "accepted" // exempted, baselined or suppressed
)

// FindingRecord is a finding as a store keeps it: the columns that people query, and the whole of it as JSON. What is in
// Body is the business of package rules.
type FindingRecord struct {
	Fingerprint string
	Rule        string
	Severity    string
	State       FindingState
	Source      string
	Book        Book
	Type        Type
	Key         string
	Name        string
	Account     string
	Region      string
	Message     string
	FirstSeen   time.Time
	// LastSeen is the start of the last scan that confirmed it.
	LastSeen  time.Time
	Confirmed bool
	Body      []byte // JSON without the fields State, FirstSeen, LastSeen and Confirmed, so that a steady finding costs no write
}

// Evaluation is what a check of one scan came to.
type Evaluation struct {
	Scan         ScanID
	At           time.Time
	PolicyDigest string
	// Complete says that the scan was complete when it was evaluated.
	Complete bool
	// Summary is the report without its findings, as JSON.
	Summary []byte
	// TagCoverage and CodeCoverage are kept for people's queries, one row per key and group.
	Coverage []CoverageRow
}

// CoverageRow counts entities that pass, fail or cannot be judged, for one measure and group.
type CoverageRow struct {
	Measure string // "tag" or "iac"
	Name    string // canonical tag key; empty for all and for iac
	Group   string // "all", "account", "type"
	Value   string // the account or type; empty for all
	Pass    int
	Fail    int
	Unknown int
}

// FindingStore keeps evaluations.
type FindingStore interface {
	// OpenFindings yields the findings that were new, open or accepted after the last evaluation of a scan before this
	// one, sorted by fingerprint.
	OpenFindings(ctx context.Context, before ScanID) iter.Seq2[FindingRecord, error]
	// SaveEvaluation replaces the scan's evaluation. findings must be sorted by fingerprint and unique. It takes the
	// store's lock. Findings whose content did not change since the last evaluation write no row.
	SaveEvaluation(ctx context.Context, e Evaluation, findings iter.Seq2[FindingRecord, error]) error
	// Evaluation returns the scan's evaluation, or ErrNotFound.
	Evaluation(ctx context.Context, at ScanID) (Evaluation, error)
	// Findings yields the findings of the scan's evaluation, resolved and accepted ones too, sorted by fingerprint.
	Findings(ctx context.Context, at ScanID) iter.Seq2[FindingRecord, error]
}
