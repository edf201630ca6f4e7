// Package rules judges what the three books say. A Rule looks at one entity and yields a verdict of three values; the
// Engine runs the rules of a policy over an estate, applies exemptions and the baseline, and compares with the last
// evaluation. Nothing here reads a source or writes a report.
package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
)

// Severity is how bad a finding is.
type Severity uint8

// The severities, mildest first. The zero value is not a severity.
const (
	Info Severity = iota + 1
	Low
	Medium
	High
	Critical
)

var severityNames = []string{"", "info", "low", "medium", "high", "critical"}

// Severities lists all severities, worst first.
func Severities() []Severity { return []Severity{Critical, High, Medium, Low, Info} }

// String returns the name as in policies and reports.
func (s Severity) String() string {
	if int(s) < len(severityNames) {
		return severityNames[s]
	}
	return fmt.Sprintf("severity(%d)", uint8(s))
}

// MarshalText returns the name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText accepts a name.
func (s *Severity) UnmarshalText(text []byte) error {
	i := slices.Index(severityNames, string(text))
	if i <= 0 {
		return fmt.Errorf("severity %q: use one of %s", text, strings.Join(severityNames[1:], ", "))
	}
	*s = Severity(i)
	return nil
}

// Outcome is the verdict of one rule on one entity.
type Outcome uint8

// The outcomes. The zero value says nothing about the entity.
const (
	NotApplicable Outcome = iota // the rule does not speak of such entities, or something suppresses it
	Pass
	Fail
	Unknown // it would apply, but something that it needs could not be read
)

// String returns the name as "muster why" prints it.
func (o Outcome) String() string { return [...]string{"not applicable", "pass", "fail", "unknown"}[o] }

// Entity is the assets of all books that are the same real thing. Each list is sorted by source and key, but for what a provider
// says of its own thing, which stands before what an agent or a list of hosts says of a machine.
type Entity struct {
	Observed, Declared, Recorded []*inventory.Entry
	// Facets are the declarations that set one side of it and are not it, as the versioning of a bucket: inventory.FacetOf. They make
	// nothing declared, have no tags, and are no subject.
	Facets []*inventory.Entry
}

// Add puts an asset into the list of its book, or among the facets.
func (e *Entity) Add(a *inventory.Entry) {
	switch {
	case a.Book == inventory.Observed:
		e.Observed = append(e.Observed, a)
	case a.Book == inventory.Recorded:
		e.Recorded = append(e.Recorded, a)
	case a.Book == inventory.Declared && a.FacetOf() != "":
		e.Facets = append(e.Facets, a)
	case a.Book == inventory.Declared:
		e.Declared = append(e.Declared, a)
	}
}

// Subject is the asset that findings about the entity as a whole speak of: the observed one if there is one, else the
// declared, else the recorded. Of several in a book it is the first, or what another source tells better under the same key:
// the key stays, since the fingerprint hangs on it.
func (e *Entity) Subject() *inventory.Entry {
	for _, list := range [][]*inventory.Entry{e.Observed, e.Declared, e.Recorded} {
		if len(list) > 0 {
			return mostTelling(list)
		}
	}
	return nil
}

// mostTelling returns the first entry, or one of its key that was seen later, or then and with more known of it. What a plan leaves
// open the state does not tell: only entries of one layer stand for each other.
func mostTelling(list []*inventory.Entry) *inventory.Entry {
	best := list[0]
	for _, e := range list[1:] {
		if e.Key != best.Key || e.Origin.Layer != best.Origin.Layer {
			continue
		}
		if c := e.LastSeen.Compare(best.LastSeen); c > 0 || c == 0 && known(e) > known(best) {
			best = e
		}
	}
	return best
}

// known counts in what respects an entry can be judged.
func known(e *inventory.Entry) int {
	points := 0
	if e.CurrentTags().State() != inventory.Unknown {
		points += 2
	}
	if !e.Shallow {
		points++
	}
	return points
}

// Meta describes a rule.
type Meta struct {
	ID       string // "tags/owner", "drift/missing"
	Severity Severity
	Title    string // one line: what the rule asks for
	Help     string // why it matters and how to mend it
	// Current says that the rule judges what its subject is like now, and leaves it to the Engine to say where the scan does
	// not confirm that.
	Current bool
	// Coverage is "tag" or "iac" if the rule's verdicts count towards that coverage, else empty; CoverageName is the
	// canonical tag key.
	Coverage, CoverageName string
}

// Rule judges entities one at a time. It is used by several goroutines.
type Rule interface {
	Meta() Meta
	// Check judges one entity. It may keep nothing of it. An error ends the evaluation: what cannot be judged is
	// Unknown, not an error.
	Check(ctx context.Context, e *Entity) (Verdict, error)
}

// EstateRule judges the estate as a whole, once per evaluation.
type EstateRule interface {
	Meta() Meta
	CheckEstate(ctx context.Context) ([]Verdict, error)
}

// Verdict is what a rule says of an entity.
type Verdict struct {
	Outcome Outcome
	// Asset is what the verdict speaks of; nil means the entity's subject. It decides the fingerprint, also of a pass.
	Asset *AssetRef
	// Reason says why, for "muster why": needed for NotApplicable by suppression and for Unknown.
	Reason string
	// SuppressedBy is the id of the catalog entry or policy line that turned a failure into NotApplicable, for the ledger.
	SuppressedBy string
	// Below is used for Fail only.
	Severity Severity // overrides the rule's if not 0
	Message  string
	Fix      string
	Diff     []Difference
	Parts    []string // attributes or tag keys at fault, sorted; empty if the finding is one whole
	// Unread names parts that could not be judged: "InstanceType", "tags.owner"; "tags" stands for all tags, "attributes"
	// for all else. Those that were at fault before stay so.
	Unread   []string
	Origin   inventory.Origin
	Evidence []Evidence // what it rests on, without its age
	// Created is when the subject came to be, for a rule's grace.
	Created time.Time
}

// AssetRef names an asset in a finding. A finding about no asset has only a Key.
type AssetRef struct {
	Key     string         `json:"key"`
	Book    inventory.Book `json:"book"`
	Type    inventory.Type `json:"type"`
	Name    string         `json:"name"`
	Account string         `json:"account"`
	Region  string         `json:"region"`
	Source  string         `json:"source"`
}

// RefTo names an entry.
func RefTo(e *inventory.Entry) AssetRef {
	return AssetRef{Key: e.Key, Book: e.Book, Type: e.Type, Name: e.Name, Account: e.Account, Region: e.Region, Source: e.Source}
}

// Difference is one attribute on which two sides disagree. An empty string of a side that lacks it is told apart by Absent.
type Difference struct {
	Attribute string `json:"attribute"` // "InstanceType", "tags.owner"
	Declared  string `json:"declared"`  // as a person reads it; JSON text for lists and objects
	Actual    string `json:"actual"`
	// DeclaredAbsent and ActualAbsent say that this side has no such attribute or tag.
	DeclaredAbsent bool `json:"declared_absent,omitempty"`
	ActualAbsent   bool `json:"actual_absent,omitempty"`
	// Secret says that a side holds a secret's hash, which tells people nothing; Elements is what differs within lists and objects. A
	// report fills both in.
	Secret   bool      `json:"secret,omitempty"`
	Elements []Element `json:"elements,omitempty"`
}

// Evidence is one thing that a finding rests on.
type Evidence struct {
	Text string `json:"text"`
	// Source and Scope name what was read; empty if it is nothing that was read.
	Source string `json:"source,omitempty"`
	Scope  string `json:"scope,omitempty"`
	// AsOf is how old it is. A report fills it in: a steady finding must stay the same in the store, however often what it
	// rests on is read again.
	AsOf *time.Time `json:"as_of,omitempty"`
}

// Note is evidence that was not read anywhere.
func Note(format string, args ...any) Evidence { return Evidence{Text: fmt.Sprintf(format, args...)} }

// Reading is evidence that was read where an entry was.
func Reading(e *inventory.Entry, format string, args ...any) Evidence {
	return Evidence{Text: fmt.Sprintf(format, args...), Source: e.Source, Scope: e.Scope}
}

// String is the text, with its age if that is known.
func (e Evidence) String() string {
	if e.AsOf == nil {
		return e.Text
	}
	return e.Text + ", as of " + e.AsOf.UTC().Format(time.RFC3339)
}

// Part is one attribute or tag key of a finding.
type Part struct {
	Name      string    `json:"name"`
	FirstSeen time.Time `json:"first_seen"`
}

// Finding is one rule broken by one asset: an item of the report's "findings".
type Finding struct {
	Fingerprint string                 `json:"fingerprint"`
	Rule        string                 `json:"rule"`
	Severity    Severity               `json:"severity"`
	State       inventory.FindingState `json:"state"`
	Asset       AssetRef               `json:"asset"`
	Message     string                 `json:"message"`
	Fix         string                 `json:"fix"`
	Diff        []Difference           `json:"diff,omitempty"`
	Parts       []Part                 `json:"parts,omitempty"`
	Origin      inventory.Origin       `json:"origin"`
	Evidence    []Evidence             `json:"evidence,omitempty"`
	// Who is what an activity log says of it; nil if none was given, or none tells.
	Who *Who `json:"who,omitempty"`
	// Owner is who answers for the asset; empty if nobody does, or if nobody can tell.
	Owner string `json:"owner"`
	// OwnerUnknown says why nobody can tell who answers for it; empty if that is known.
	OwnerUnknown string `json:"owner_unknown,omitempty"`
	// OwnerConfidence is how sure the owner is; empty if there is none, or the policy has no chain of owners.
	OwnerConfidence Confidence `json:"owner_confidence,omitempty"`
	// Created is when the asset came to be; zero if nobody knows.
	Created time.Time `json:"created,omitzero"`
	// Group is the id of the findings with the same cause; empty if it is alone. A report fills it in.
	Group     string    `json:"group,omitempty"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	// Confirmed is false while the finding stays open only because it could not be judged again.
	Confirmed bool `json:"confirmed"`
}

// Accepted is a finding that counts for nothing, and why.
type Accepted struct {
	By      string  `json:"by"` // "policy.yaml#exempt[1]", "baseline", a catalog entry's id
	Reason  string  `json:"reason"`
	Owner   string  `json:"owner"`
	Expires string  `json:"expires"` // YYYY-MM-DD; empty is never
	Finding Finding `json:"finding"`
	// Suppressed marks what the rule itself did not hold to be a failure; see Verdict.SuppressedBy.
	Suppressed bool `json:"-"`
}

// Tally counts a rule's verdicts.
type Tally struct {
	Meta
	Pass, Fail, Unknown int // Fail without accepted findings
	Accepted            int
}

// UnknownTally says how many entities a rule could not judge for one reason.
type UnknownTally struct {
	Rule     string
	Reason   string
	Entities int
	Examples []string // keys of the first 5, sorted
}

// CoverageTally is one line of a coverage: see inventory.CoverageRow for the meaning of the fields.
type CoverageTally = inventory.CoverageRow

// Evaluation is what the Engine makes of a scan.
type Evaluation struct {
	Findings []Finding  // new, open and resolved; sorted by severity (worst first), rule, key
	Accepted []Accepted // sorted by by, rule, key
	Unknown  []UnknownTally
	Tallies  []Tally // in the order of rule ids
	Coverage []CoverageTally
	Entities int
	// Overlap counts entities by the set of books they are in: "observed", "declared+observed", "declared+observed+recorded".
	Overlap map[string]int
}
