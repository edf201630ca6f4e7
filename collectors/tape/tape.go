// Package tape records the answers of HTTP APIs into a folder and plays them back, so that an audit can be done again without
// credentials and without a network.
//
// A recording is a manifest, recording.json, and one file per call: DIR/<folder>/<name>-<digits>.json, the digits being a keyed
// hash of what tells the call from others. Secrets are replaced by keyed hashes before anything is written (Scrub), and what
// cannot be searched for secrets is not written at all. The manifest holds the clock and the key of the hashes: a collector
// that takes both from there comes to the same result as the recorded one.
//
// The package knows HTTP and the encodings of bodies, and no provider: which account, region and operation a request
// belongs to is told by its caller.
package tape

import (
	"net/http"
	"time"
)

// schema is the version of recordings that this package writes; it reads those up to it.
const (
	schemaName    = "muster-recording/"
	schemaVersion = 1
)

// manifestName is the file that makes a folder a recording.
const manifestName = "recording.json"

// leastKey is the length of the shortest key for hashes, in bytes.
const leastKey = 16

// Header is the manifest of a recording.
type Header struct {
	Schema    string    `json:"schema"`    // Create fills it in
	Recorded  time.Time `json:"recorded"`  // the clock of everything that was recorded, in UTC
	HashKey   []byte    `json:"hash_key"`  // of inventory.NewSecretHash, at least 16 bytes
	Tool      string    `json:"tool"`      // "muster 1.4.0"
	Source    string    `json:"source"`    // its name in the config
	Collector string    `json:"collector"` // "aws"
	// Complete says that the recording was closed and that every answer was written. Close sets it.
	Complete bool `json:"complete"`
}

// Call says what a request is, to file its answer.
type Call struct {
	Folder string // where the answer belongs: "111122223333/eu-west-1/ec2"
	Name   string // "DescribeInstances"
	// Key tells the call from others with that folder and name. It is stored as a keyed hash only. Empty is DefaultKey.
	Key string
	// Skip keeps a call out of the recording, as one that signs in; in a replay it is an error.
	Skip bool
}

// Space tells of a request which call it is, before the request is sent. It must not read the body.
type Space func(*http.Request) Call
