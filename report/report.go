// Package report holds the Report, which is computed once per evaluation, and the contract of the encoders that turn
// it into bytes. The JSON form of Report is the machine contract "muster.report/v1"; docs/report.schema.json describes it.
package report

import (
	"io"
	"iter"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/rules"
)

// Schema names the version of the machine contract.
const Schema = "muster.report/v1"

// Report is everything that an audit found out. Findings are sorted by severity (worst first), rule and key.
type Report struct {
	Schema   string           `json:"schema"`
	Tool     Tool             `json:"tool"`
	Scan     Scan             `json:"scan"`
	Sources  []Source         `json:"sources"`
	Digests  Digests          `json:"digests"`
	Summary  Summary          `json:"summary"`
	Gate     Gate             `json:"gate"`
	Findings []rules.Finding  `json:"findings"` // new and open ones, and those resolved in this scan
	Groups   []Cause          `json:"groups"`   // of the open findings; sorted by severity (worst first), count (most first), rule and title
	Accepted []rules.Accepted `json:"accepted"`
	Unknown  []UnknownCount   `json:"unknown"`
	Coverage []Coverage       `json:"coverage"`
	Scopes   []Scope          `json:"scopes"` // of every source, sorted by source and scope
	Rules    []RuleInfo       `json:"rules"`
	Trend    []TrendPoint     `json:"trend"`   // earlier evaluations, oldest first, this one last
	Changes  *Changes         `json:"changes"` // since the last complete scan; null where none was evaluated before this one
	// Assets yields every asset of the scan, for encoders that list them; nil where the encoder gets none.
	Assets func() iter.Seq2[Asset, error] `json:"-"`
	// Pick yields, for each batch of numbers of the store, the assets that have them, in their order; nil where Assets is.
	Pick func(batches iter.Seq[[]int64]) iter.Seq2[[]Asset, error] `json:"-"`
	// Owners tells who answers for an entity, where the policy has a chain of owners; it is false of one that it does not know. Nil, or
	// without a result, where tags alone tell. It may take a walk through all entities.
	Owners func() (func(entity int64) (rules.Owner, bool), error) `json:"-"`
	// Division says which part of a divided report this is; nil if it is whole.
	Division *Division `json:"-"`
}

// Tool is the program that made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Scan is the scan that was evaluated.
type Scan struct {
	ID       inventory.ScanID `json:"id"`
	Started  time.Time        `json:"started"`
	Finished time.Time        `json:"finished"`
	Complete bool             `json:"complete"`
	Scopes   ScopeCounts      `json:"scopes"`
}

// ScopeCounts counts scope runs by state.
type ScopeCounts struct {
	OK      int `json:"ok"`
	Partial int `json:"partial"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

// Source is a configured source and the identity that it was read with.
type Source struct {
	Name      string         `json:"name"`
	Collector string         `json:"collector"`
	Book      inventory.Book `json:"book"`
	Caller    string         `json:"caller"` // empty for files
	Assets    int            `json:"assets"`
}

// Digests identify the config and policy that the evaluation used: "sha256:…".
type Digests struct {
	Config string `json:"config"`
	Policy string `json:"policy"`
}

// Summary is the report in numbers.
type Summary struct {
	Assets      BookCounts     `json:"assets"`
	Entities    int            `json:"entities"`
	Overlap     []Overlap      `json:"overlap"`
	TagCoverage *float64       `json:"tag_coverage"` // 0 to 1; null where there is nothing to measure
	TagMin      *float64       `json:"tag_coverage_min"`
	TagMax      *float64       `json:"tag_coverage_max"`
	IaCCoverage *float64       `json:"iac_coverage"`
	IaCMin      *float64       `json:"iac_coverage_min"`
	IaCMax      *float64       `json:"iac_coverage_max"`
	Findings    SeverityCounts `json:"findings"` // new and open
	New         int            `json:"new"`
	Resolved    int            `json:"resolved"`
	Unknown     int            `json:"unknown"` // entity and rule pairs that could not be judged
	Accepted    int            `json:"accepted"`
}

// BookCounts counts assets by book.
type BookCounts struct {
	Observed int `json:"observed"`
	Recorded int `json:"recorded"`
	Declared int `json:"declared"`
}

// Overlap counts the entities that are in exactly these books.
type Overlap struct {
	Books    []inventory.Book `json:"books"`
	Entities int              `json:"entities"`
}

// SeverityCounts counts findings by severity.
type SeverityCounts struct {
	Critical int `json:"critical"`
	High     int `json:"high"`
	Medium   int `json:"medium"`
	Low      int `json:"low"`
	Info     int `json:"info"`
}

// Gate is what decided the exit code.
type Gate struct {
	Passed   bool     `json:"passed"`
	ExitCode int      `json:"exit_code"`
	Reasons  []string `json:"reasons"` // in words, also when it passed
}

// UnknownCount says how many entities a rule could not judge, and why.
type UnknownCount struct {
	Rule     string   `json:"rule"`
	Reason   string   `json:"reason"`
	Entities int      `json:"entities"`
	Examples []string `json:"examples"` // up to 5 keys
}

// Coverage is one line of the tag or code coverage.
type Coverage struct {
	Measure string   `json:"measure"` // "tag" or "iac"
	Name    string   `json:"name"`    // canonical tag key; empty for all and for iac
	Group   string   `json:"group"`   // "all", "account", "type"
	Value   string   `json:"value"`
	Pass    int      `json:"pass"`
	Fail    int      `json:"fail"`
	Unknown int      `json:"unknown"`
	Ratio   *float64 `json:"ratio"` // pass / (pass + fail)
}

// Scope is one scope and how reading it ended.
type Scope struct {
	Source  string              `json:"source"`
	Scope   string              `json:"scope"`
	State   inventory.RunState  `json:"state"`
	Reason  inventory.RunReason `json:"reason"`
	Error   string              `json:"error"`
	Assets  int                 `json:"assets"`
	Skipped int                 `json:"skipped"`
	// AsOf is how old what it holds is: the age of the file, or the time of the reading; null if it was never read.
	AsOf *time.Time `json:"as_of"`
	// LastOK is the start of the last scan that read it whole, if this one did not; null if none did.
	LastOK *time.Time `json:"last_ok"`
}

// RuleInfo describes a rule that the evaluation used.
type RuleInfo struct {
	ID       string         `json:"id"`
	Title    string         `json:"title"`
	Help     string         `json:"help"`
	Severity rules.Severity `json:"severity"`
	Pass     int            `json:"pass"`
	Fail     int            `json:"fail"`
	Unknown  int            `json:"unknown"`
}

// TrendPoint is an evaluation in brief.
type TrendPoint struct {
	Scan        inventory.ScanID `json:"scan"`
	Started     time.Time        `json:"started"`
	Assets      int              `json:"assets"`
	TagCoverage *float64         `json:"tag_coverage"`
	IaCCoverage *float64         `json:"iac_coverage"`
	Findings    int              `json:"findings"`
	// Complete says that the scan read everything: the numbers of one that did not speak of what it could read alone.
	Complete bool `json:"complete"`
	// Policy is the digest of the policy that judged, "sha256:…": numbers of different policies measure different things.
	Policy string `json:"policy"`
}

// Changes is what became of the findings since the last complete scan that was evaluated before this one. Incomplete scans may
// lie between them, so it may count more than what the summary calls new and resolved in this scan.
type Changes struct {
	Scan     inventory.ScanID `json:"scan"`
	Started  time.Time        `json:"started"`
	New      int              `json:"new"`      // open now, and not then
	Resolved int              `json:"resolved"` // open then, and settled since
}

// Asset is one line of assets.csv: an asset of one book and what the audit made of it.
type Asset struct {
	*inventory.Entry
	Entity   int64 // the same for all assets of an entity
	Findings int
}

// Format describes an encoder.
type Format struct {
	ID        string // "json", as in --format
	Extension string // ".json"; empty for a folder of files
	MediaType string
}

// Encoder turns a report into bytes. It is deterministic: the same report gives the same bytes. What it quotes of
// strangers is made harmless for its format.
type Encoder interface {
	Format() Format
	Encode(w io.Writer, r *Report) error
}

// Dropper is a file that can be given up instead of closed: nothing is left of it.
type Dropper interface{ Drop() error }

// FolderEncoder writes several files. create opens one by its name in the folder; the encoder closes it, or drops it after an
// error if it is a Dropper.
type FolderEncoder interface {
	Format() Format
	EncodeFolder(create func(name string) (io.WriteCloser, error), r *Report) error
}
