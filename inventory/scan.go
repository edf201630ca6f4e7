package inventory

import "time"

// ScanID numbers the scans of a store from 1.
type ScanID int64

// ScanState says how a scan ended.
type ScanState string

// How a scan can end.
const (
	ScanRunning     ScanState = "running"     // goes on now, or its process was killed
	ScanFinished    ScanState = "finished"    // every planned scope has a run
	ScanInterrupted ScanState = "interrupted" // stopped in good order; scan --resume goes on
)

// ScanStart is what is known when a scan begins.
type ScanStart struct {
	// Sources are all the configured ones. A source of the store that is not among them is retired when the scan finishes.
	Sources []Source
	// Selected names the sources that this scan reads; nil means all.
	Selected     []string
	ToolVersion  string
	ConfigDigest string
	CommandLine  string // for the lock's message to others
}

// Scan is one run over the sources.
type Scan struct {
	ID           ScanID
	State        ScanState
	Started      time.Time // UTC
	Finished     time.Time // UTC; zero while running
	ToolVersion  string
	ConfigDigest string
	// Unselected says that known scopes were left out by the command line.
	Unselected bool
	// Runs counts scope runs by state.
	Runs map[RunState]int
}

// Complete reports whether the scan finished and read every scope whole; scopes skipped with a reason do not count
// against it, sources that were not selected do.
func (s *Scan) Complete() bool {
	return s.State == ScanFinished && s.Runs[RunPartial] == 0 && s.Runs[RunFailed] == 0 && !s.Unselected
}
