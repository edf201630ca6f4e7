// Package remote finds and opens what a source names by an address in the place of a path: objects in buckets, addresses of HTTP
// servers, and workspaces of HCP Terraform and Terraform Enterprise. It is to such addresses what package files is to paths: an address
// that holds nothing, a pattern without a match and a listing that failed are scopes whose reading fails and says why.
//
// This package knows the grammar, the HTTP backend and HCP Terraform, for which no library is needed. Stores of clouds are handed in as a
// table of Scheme, since their libraries are for the rooms of their clouds alone.
package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"
)

// Store reads one kind of address. It is safe for concurrent use, and it only reads.
type Store interface {
	// List yields all objects whose key begins with the key of the prefix, in the order in which the store tells them. An error ends the
	// listing: what came before it is there, what would have come after it is not known. Errors are *collectors.Error and say what to do.
	List(ctx context.Context, prefix Location) iter.Seq2[Object, error]
	// Open opens an object for reading and returns it with the version, size and time of what is read. If the object that it is given has
	// a version, it is this version that is read: ErrChanged says that there is another one by now. Errors are *collectors.Error, also
	// those of the reader; ErrNotFound and ErrNoState are told apart in them. The caller closes the reader.
	Open(ctx context.Context, o Object) (io.ReadCloser, Object, error)
}

// Object is a thing at a location.
type Object struct {
	Location Location
	Size     int64     // bytes as they are kept; -1 if nobody knows
	Modified time.Time // UTC; zero if nobody knows
	// Version is what its store tells one content from another by: an entity tag, a generation, the id of a state version. Empty if the
	// store has none.
	Version string
}

// Causes that a caller can tell apart.
var (
	// ErrNotFound says that there is nothing at an address.
	ErrNotFound = errors.New("not found")
	// ErrNoState says that a server knows an address and said that no state is kept there yet. It is an ErrNotFound too.
	ErrNoState = fmt.Errorf("no state yet: %w", ErrNotFound)
	// ErrChanged says that an object has other contents than when it was read first.
	ErrChanged = errors.New("was written while it was read")
)

// Access says as whom the objects of a location are read, where the environment does not; it is never a secret. Only stores in AWS take
// it, but for Region.
type Access struct {
	Profile    string
	Role       string // ARN of a role to assume
	ExternalID string
	Region     string // where calls go whose region nobody knows
}

// Options are what stores are made with.
type Options struct {
	// Getenv reads the environment; nil is os.Getenv.
	Getenv func(string) string
	// Home is the folder of the user, where terraform login keeps tokens; empty is that of the operating system.
	Home string
	// Trusted are addresses that may be given the user name and password of the HTTP backend: those that the user configured, and not what
	// was found in code.
	Trusted []string
	// Transport is how HTTP requests are sent; nil is the network.
	Transport http.RoundTripper
	// Now tells the time and Sleep waits before another attempt; nil is the clock of the machine.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
	// Log is told of attempts that failed, never of what was answered; nil discards.
	Log *slog.Logger
	// GoogleEndpoint is a server on loopback that stands for Google Cloud; for tests.
	GoogleEndpoint string
}

func (o *Options) fill() {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Home == "" {
		o.Home, _ = os.UserHomeDir() // without one there are no tokens kept in it
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Transport == nil {
		o.Transport = network()
	}
}

// Scheme is a kind of address and what makes its store. New calls nobody.
type Scheme struct {
	Name string // "s3"
	New  func(Options, Access) (Store, error)
}

// Own returns the schemes that need no library of a cloud: https and http, hcp and tfe.
func Own() []Scheme {
	web := func(o Options, _ Access) (Store, error) { return newHTTPStore(o), nil }
	cloud := func(o Options, _ Access) (Store, error) { return newCloudStore(o), nil }
	return []Scheme{{"https", web}, {"http", web}, {"hcp", cloud}, {"tfe", cloud}}
}

// Stores are the stores of one source, made when they are first asked for. It is safe for concurrent use.
type Stores struct {
	options Options
	makers  map[string]func(Options, Access) (Store, error)
	mu      sync.Mutex
	made    map[storeKey]Store
}

type storeKey struct {
	scheme string
	access Access
}

// NewStores returns the stores of a table.
func NewStores(o Options, table ...Scheme) *Stores {
	o.fill()
	s := &Stores{options: o, makers: map[string]func(Options, Access) (Store, error){}, made: map[storeKey]Store{}}
	for _, t := range table {
		s.makers[t.Name] = t.New
	}
	return s
}

// of returns the store of a location's scheme and access.
func (s *Stores) of(scheme string, access Access) (Store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := storeKey{scheme, access}
	if made, ok := s.made[key]; ok {
		return made, nil
	}
	maker, ok := s.makers[scheme]
	if !ok {
		return nil, failed("addresses of %s:// cannot be read here", scheme)
	}
	made, err := maker(s.options, access)
	if err != nil {
		return nil, failed("open %s://: %w", scheme, err)
	}
	s.made[key] = made
	return made, nil
}
