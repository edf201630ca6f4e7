package inventory

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Errors that callers branch on.
var (
	// ErrNotFound says that no such scan, asset or scope is in the store.
	ErrNotFound = errors.New("not found")
	// ErrNothingToResume says that the last scan is finished.
	ErrNothingToResume = errors.New("no interrupted scan to resume")
)

// LockedError says that another process is scanning into the same store.
type LockedError struct {
	Store   string
	PID     int
	Host    string
	Command string
	Since   time.Time
}

// Error names the holder and what to do.
func (e *LockedError) Error() string {
	return fmt.Sprintf("store %s is in use by process %d on %s (%s, since %s): wait for it to end, or stop it",
		e.Store, e.PID, e.Host, e.Command, e.Since.UTC().Format(time.RFC3339))
}

// NewerSchemaError says that a newer muster wrote the store. Nothing was touched.
type NewerSchemaError struct {
	Store       string
	Have, Known int
}

// Error says what to do.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("store %s has schema %d, this muster knows up to %d: use a newer muster, or another --store",
		e.Store, e.Have, e.Known)
}

// Store keeps the assets of all scans, their history, and the findings about them.
//
// A store may be read by many while one process scans into it. Iterators hold a read snapshot until they end: leave
// them by return or break, never keep them.
type Store interface {
	ScanStore
	AssetStore
	FindingStore
	// HashKey is the store's own random key for SecretHash. It leaves the store in recordings alone, which hash with it.
	HashKey() []byte
	Close() error
}

// ScanStore is the writing side.
type ScanStore interface {
	// Begin starts a scan and takes the store's lock. It fails with a *LockedError while another process holds it.
	// What a killed scan left behind is swept first.
	Begin(ctx context.Context, start ScanStart) (ScanWriter, error)
	// Resume goes on with the last scan if it was interrupted or killed, else fails with ErrNothingToResume.
	Resume(ctx context.Context, start ScanStart) (ScanWriter, error)
}

// ScanWriter takes what a scan reads. All methods are safe for concurrent use.
type ScanWriter interface {
	ID() ScanID
	// Done reports whether a run of the scope that this scan need not repeat is already stored: after Resume, an ok one.
	Done(source, scope string) bool
	// Plan tells the scopes that a source's listing yielded. Scopes of the source that are known and not among them are
	// retired when the scan finishes: their assets end with that reason, which is not a deletion. A scope whose id one of
	// them stands for (Scope.StandsFor) is not retired but gets a failed run with ReasonListing and keeps its last state.
	Plan(ctx context.Context, src Source, scopes []Scope) error
	// Unlisted tells that a source's scopes could not be listed. Every known scope of it gets a failed run with
	// ReasonListing and keeps its last state; a source without known scopes gets one failed run of a scope with id "*".
	Unlisted(ctx context.Context, src Source, run ScopeRun) error
	// Scope begins one attempt at a planned scope.
	Scope(ctx context.Context, src Source, s Scope) (ScopeWriter, error)
	// Finish ends the scan and gives the lock back. With interrupted false it retires what is gone and gives every
	// scope that was not selected a skipped run; with interrupted true the scan can be resumed.
	Finish(ctx context.Context, interrupted bool) (Scan, error)
}

// ScopeWriter takes what one attempt at a scope reads. It is used by one goroutine. Nothing that it was given can be seen
// before Commit. Exactly one of Commit and Discard must be called; Discard after Commit does nothing.
type ScopeWriter interface {
	// Put hands over an asset. The key must be new to this attempt.
	Put(a Asset) error
	// Skip hands over a record that could not be read. Its key, if it was read, keeps the asset from being ended.
	Skip(p Problem)
	// Commit makes the attempt visible as a whole and returns the run as stored. run.State is what the collector
	// achieved: ok, partial or failed. The store lowers ok to partial if a record was skipped whose key was not read
	// (beyond Scope.MaxSkipped), or an export shrank by more than Scope.MaxDrop, or a register holds hardly any of its former assets,
	// for the first time. Only an ok run ends assets that it does not hold. A failed run stores nothing but itself.
	Commit(ctx context.Context, run ScopeRun) (ScopeRun, error)
	// Discard forgets the attempt.
	Discard()
}

// AssetQuery selects assets as they stood at a scan. Zero fields select everything. Lists are alternatives.
type AssetQuery struct {
	At       ScanID // 0: the last scan
	Books    []Book
	Types    []string // patterns as for MatchGlob
	Accounts []string // patterns
	Regions  []string // patterns
	Sources  []string
	// Tags are "key=value", "key" (there, whatever its value) or "!key" (known not to be there); all must hold.
	Tags []string
	// Search is looked for in key and name, ignoring case.
	Search string
	Limit  int
}

// Identity is the slim part of an asset that linking needs.
type Identity struct {
	ID          int64
	Book        Book
	Type        Type
	Key         string
	Name        string
	Account     string
	Region      string
	Source      string
	Scope       string
	Lifecycle   Lifecycle
	Lineage     string
	Address     string // Origin.Address: with Lineage it ties the layers of one declaration together
	Layer       Layer  // of a declaration
	FacetOf     string // key or id of the asset that a declaration sets one side of; empty if it is one itself
	Identifiers []Identifier
}

// Ended is an asset that a scan no longer held.
type Ended struct {
	Identity
	LastSeen time.Time // start of the last scan that read its scope while it was there, UTC
}

// ChangeKind says what happened to an asset between two scans.
type ChangeKind string

// What can happen to an asset between two scans.
const (
	ChangeAdded   ChangeKind = "added"
	ChangeChanged ChangeKind = "changed"
	ChangeEnded   ChangeKind = "ended"   // an ok run of its scope no longer held it
	ChangeRetired ChangeKind = "retired" // its scope is no longer read; says nothing of the asset
)

// Change is what happened to one asset between two scans. Before is nil for an added one, After for an ended or retired.
type Change struct {
	Kind          ChangeKind
	Before, After *Entry
}

// Version is a stretch of scans in which an asset did not change.
type Version struct {
	Entry *Entry
	// From is the scan that first held this content, To the first that no longer did; 0 while it holds.
	From, To         ScanID
	FromTime, ToTime time.Time
	EndedBy          ChangeKind // changed, ended or retired; empty while it holds
}

// TagHistory is how the tags of an asset changed over some scans.
type TagHistory struct {
	ID       int64
	Versions []TagVersion // oldest first; the last one holds at the last of the scans
}

// TagVersion is a stretch of scans in which an asset had the same tags. What a scan could not read stays as it was before.
type TagVersion struct {
	From, To ScanID // To is the first scan that no longer held them; 0 while they hold
	Tags     Tags
}

// AssetStore is the reading side. Scan ids of 0 mean the last scan that finished or was interrupted.
type AssetStore interface {
	// Scans returns all scans, the newest first.
	Scans(ctx context.Context) ([]Scan, error)
	// Scan returns one scan, or ErrNotFound.
	Scan(ctx context.Context, id ScanID) (Scan, error)
	// ScanAt returns the last finished scan that started at or before t, or ErrNotFound.
	ScanAt(ctx context.Context, t time.Time) (Scan, error)
	// Scopes returns the state of every scope known and not retired at a scan, sorted by source and scope.
	Scopes(ctx context.Context, at ScanID) ([]ScopeState, error)
	// Problems returns what a scope run could not read, in the order of the file, at most limit (0: all that were kept).
	Problems(ctx context.Context, at ScanID, source, scope string, limit int) ([]Problem, error)
	// Assets yields assets sorted by source, scope and the store's id.
	Assets(ctx context.Context, q AssetQuery) iter.Seq2[*Entry, error]
	// Entries yields, for each batch of ids, the assets with these ids as they stood at a scan, in the order of the ids;
	// one that was not there is left out. All batches see the same snapshot. Ascending ids are read fastest.
	Entries(ctx context.Context, at ScanID, batches iter.Seq[[]int64]) iter.Seq2[[]*Entry, error]
	// Identities yields the identities of all assets at a scan, sorted by id.
	Identities(ctx context.Context, at ScanID) iter.Seq2[Identity, error]
	// Ended yields the assets of a book that earlier scans held and this one does not, as they stood last. One that went and came
	// more than once is yielded for each time.
	Ended(ctx context.Context, at ScanID, book Book) iter.Seq2[Ended, error]
	// Find returns assets at a scan whose key is ref, or, if there is none, whose name, identifier or declared address
	// is; at most 100, sorted by book, source and key.
	Find(ctx context.Context, at ScanID, ref string) ([]*Entry, error)
	// History returns the versions of every asset with this key, oldest first, ended assets too.
	History(ctx context.Context, key string) ([]Version, error)
	// TagChanges yields the assets that are there at a scan and whose tags were others at an earlier one since from, in no order. It reads
	// what changed alone.
	TagChanges(ctx context.Context, from, at ScanID) iter.Seq2[TagHistory, error]
	// Diff yields what changed between two scans, sorted by source, scope and key.
	Diff(ctx context.Context, from, to ScanID) iter.Seq2[Change, error]
}
