package inventory

import (
	"path"
	"strings"
	"time"
)

// Source is one configured place to read from.
type Source struct {
	Name      string
	Collector string
	Book      Book
}

// Scope is the unit that is read, retried, and fails on its own: an AWS account, region and resource type, one export
// file, one state file. It is plain data, so that a process that planned nothing can collect it.
type Scope struct {
	// ID is unique in its source and the same in every scan: "111122223333/eu-west-1/AWS::EC2::Instance",
	// "cmdb/servers.csv". Paths are relative to the config file and use "/".
	ID     string   `json:"id"`
	Covers Coverage `json:"covers"`
	// Export marks a scope that is somebody's export, so that a sudden fall in its size is not believed at once.
	Export bool `json:"export,omitempty"`
	// MaxDrop is the fraction (0 to 1) by which an export of more than 50 assets may shrink between two scans and still
	// be believed; 0 turns the check off.
	MaxDrop float64 `json:"max_drop,omitempty"`
	// MaxSkipped is how many records with an unreadable key a run may skip and still be ok.
	MaxSkipped int `json:"max_skipped,omitempty"`
	// StandsFor holds patterns, as for MatchGlob, of the ids of scopes that this one stands in for: a glob that matches
	// nothing proves nothing, so the files that it matched before are not retired but keep their last state, unread.
	StandsFor []string `json:"stands_for,omitempty"`
	// Params is for the collector alone.
	Params map[string]string `json:"params,omitempty"`
}

// Coverage says of which assets a scope would know. Each list holds patterns as in path.Match, where "*" also stands
// for ":" and "/"; an empty list covers everything.
type Coverage struct {
	Types    []string `json:"types,omitempty"`
	Accounts []string `json:"accounts,omitempty"`
	Regions  []string `json:"regions,omitempty"`
	// Derived says that nobody knows: the scope then covers each pair of type and account that it ever held.
	Derived bool `json:"derived,omitempty"`
	// OtherRegions says that there are regions which the source leaves out: what may be anywhere may be there.
	OtherRegions bool `json:"other_regions,omitempty"`
	// PresenceOnly says that the scope never proves that something is not there, as a listing of what bears a tag.
	PresenceOnly bool `json:"presence_only,omitempty"`
}

// Includes reports whether an asset of this type, account and region would be in the scope for certain. It is false for derived
// coverage, whose pairs only a store knows; see ScopeState.Covers.
func (c Coverage) Includes(t Type, account, region string) bool {
	return !c.Derived && !c.PresenceOnly && matchAny(c.Types, string(t)) && matchAny(c.Accounts, account) && matchAny(c.Regions, region)
}

func matchAny(patterns []string, s string) bool {
	if len(patterns) == 0 {
		return true
	}
	for _, p := range patterns {
		if MatchGlob(p, s) {
			return true
		}
	}
	return false
}

// MatchGlob reports whether the pattern, in which "*" stands for any characters, "?" for one and "[…]" for a set, matches the
// whole of s. A malformed pattern matches nothing.
func MatchGlob(pattern, s string) bool {
	if !strings.ContainsAny(pattern, `*?[\`) {
		return pattern == s
	}
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(s, "/", "\x00"))
	return err == nil && ok
}

// TypeAccount is a pair that a scope with derived coverage held at least once.
type TypeAccount struct {
	Type    Type
	Account string
}

// RunState says how reading a scope ended.
type RunState string

// How reading a scope can end.
const (
	RunOK      RunState = "ok"      // read whole: what it does not hold is not there
	RunPartial RunState = "partial" // something was read, something was not: it proves presence, never absence
	RunFailed  RunState = "failed"  // nothing was read: the last state stands, unconfirmed
	RunSkipped RunState = "skipped" // deliberately not read, with a reason
)

// RunReason is a machine-readable cause of a run that is not ok; the error text says the rest.
type RunReason string

// Why a run is not ok.
const (
	ReasonNone        RunReason = ""
	ReasonError       RunReason = "error"
	ReasonListing     RunReason = "listing"      // the source's scopes could not be listed
	ReasonDenied      RunReason = "denied"       // the credentials may not read it
	ReasonThrottled   RunReason = "throttled"    // rate limits outlasted the retries
	ReasonTimeout     RunReason = "timeout"      // took longer than allowed
	ReasonPanic       RunReason = "panic"        // the collector failed in a way that is its own fault
	ReasonCanceled    RunReason = "canceled"     // interrupted
	ReasonSkippedRows RunReason = "skipped-rows" // records could not be read
	ReasonDrop        RunReason = "drop"         // the export shrank too much to be believed at once
	ReasonStale       RunReason = "stale"        // the export is older than max_age
	ReasonUntrusted   RunReason = "untrusted"    // the export shows signs of truncation or damage
	ReasonNotSelected RunReason = "not-selected" // left out by the command line
	ReasonNotEnabled  RunReason = "not-enabled"  // the account has not turned on the service or region
	ReasonExpired     RunReason = "expired"      // the credentials ended
	ReasonUnreachable RunReason = "unreachable"  // the endpoint has no address
	ReasonNotOffered  RunReason = "not-offered"  // the provider has no such service there
	ReasonSuspended   RunReason = "suspended"    // the account is closed or suspended
	ReasonEmptyBefore RunReason = "empty-before" // it held nothing when it was last read, and is not due yet
)

// Skips reports whether a run with this reason was deliberately not made, and is not a failure.
func (r RunReason) Skips() bool {
	switch r {
	case ReasonNotSelected, ReasonNotOffered, ReasonSuspended, ReasonEmptyBefore:
		return true
	}
	return false
}

// ScopeRun is one reading of one scope.
type ScopeRun struct {
	Source string
	Scope  string
	State  RunState
	Reason RunReason
	// Listed says of a partial run that it saw every asset of its scope, and only could not read all about them, as tags that were
	// refused: what it does not hold is not there.
	Listed    bool
	Error     string // one line for people; empty if ok
	Attempts  int
	Assets    int // assets that the run held
	Added     int // of these, not there before
	Changed   int // of these, with another content
	Ended     int // assets that the run ended
	Skipped   int // records that could not be read
	Started   time.Time
	Finished  time.Time
	DataTime  time.Time      // age of what was read (a file's modification time); zero if it is live
	Calls     map[string]int // API calls by operation, where the collector counts them
	CallerARN string         // identity used, as the provider names it; empty for files
}

// ProvesAbsence reports whether what the run does not hold is not there.
func (r *ScopeRun) ProvesAbsence() bool {
	return r.State == RunOK || r.State == RunPartial && r.Listed
}

// ScopeState is a scope as it stood in a scan.
type ScopeState struct {
	Source Source
	Scope  Scope
	// Held are the pairs that the scope ever held; used only with derived coverage.
	Held []TypeAccount
	// Run is the scope's run in the scan. Every scope that is known and not retired has one in every finished scan:
	// one that was not planned is skipped or failed with a reason.
	Run ScopeRun
	// Assets is the number of assets that the scope holds, from whatever run they are.
	Assets int
	// LastOK is the start of the last scan up to this one whose run was ok; zero if there was none.
	LastOK time.Time
}

// Covers reports whether an asset of this type, account and region would be in the scope.
func (s *ScopeState) Covers(t Type, account, region string) bool {
	if !s.Scope.Covers.Derived {
		return s.Scope.Covers.Includes(t, account, region)
	}
	for _, h := range s.Held {
		if h.Type == t && (account == "" || h.Account == "" || h.Account == account) {
			return true
		}
	}
	return false
}

// Problem is something in a source that could not be read, with its place.
type Problem struct {
	File    string
	Line    int // 1-based; 0 is unknown
	Column  int // 1-based; 0 is unknown
	Key     string
	Message string
	Remedy  string
}
