package report

// Division says that a report is one of several, which share out its findings and assets among groups.
type Division struct {
	By string // "owner", "account" or "tag.KEY"
	// Group is the one that this report speaks of; nil if it is the index of all.
	Group *Group
	// Groups are counted in the index alone, sorted: the named ones by value, then those that are none and unknown.
	Groups []GroupCount
}

// Group is what findings and assets have in common.
type Group struct {
	Kind  GroupKind
	Value string // of GroupNamed alone
}

// GroupKind tells a value, whatever it is, from none and from one that nobody knows.
type GroupKind string

// The three kinds of group.
const (
	GroupNamed   GroupKind = "named"
	GroupNone    GroupKind = "none"    // known to have no value, or about no asset
	GroupUnknown GroupKind = "unknown" // what decides could not be read
)

// GroupCount counts what a group has.
type GroupCount struct {
	Group
	Path          string // of its file or folder, relative to the index
	Findings      SeverityCounts
	New, Resolved int
	Differences   int // attributes and tags on which two sides disagree
	Assets        BookCounts
}
