package tape

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/muster-audit/muster/inventory"
)

// ErrNotRecorded says that a recording has no answer to a call.
var ErrNotRecorded = errors.New("not in the recording")

// Player plays a recording back. It is safe for concurrent use. It knows the names of the files and reads a file when its answer
// is asked for.
type Player struct {
	dir    string
	root   *os.Root
	header Header
	hash   inventory.SecretHash
	index  map[place]int // how many answers there are

	mu     sync.Mutex
	played map[place]int
}

// Open opens a recording.
func Open(dir string) (*Player, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open recording %q: there is no such folder: name one that \"muster scan --record\" wrote", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open recording %q: %w", dir, err)
	}
	p := &Player{dir: dir, root: root, played: map[place]int{}}
	if p.header, err = readHeader(root); err == nil {
		p.index, err = indexOf(root, p.header.Complete)
	}
	if err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("open recording %q: %w", dir, err)
	}
	p.hash = inventory.NewSecretHash(p.header.HashKey)
	return p, nil
}

// Close lets go of the folder.
func (p *Player) Close() error { return p.root.Close() }

// Header is the manifest. If it is not complete, the recording was broken off or not all of it could be written.
func (p *Player) Header() Header { return p.header }

func readHeader(root *os.Root) (Header, error) {
	data, err := root.ReadFile(manifestName)
	if errors.Is(err, fs.ErrNotExist) {
		return Header{}, fmt.Errorf("there is no %s in it: name a folder that \"muster scan --record\" wrote", manifestName)
	}
	if err != nil {
		return Header{}, err
	}
	var h Header
	if err := decodeJSON(data, &h); err != nil {
		return Header{}, fmt.Errorf("%s, %w: the file is damaged, record anew", manifestName, err)
	}
	return h, checkHeader(h)
}

func checkHeader(h Header) error {
	version, ok := strings.CutPrefix(h.Schema, schemaName)
	n, err := strconv.Atoi(version)
	switch {
	case !ok || err != nil || n < 1:
		return fmt.Errorf("%s is not that of a recording: name a folder that \"muster scan --record\" wrote", manifestName)
	case n > schemaVersion:
		return fmt.Errorf("it has schema %d and was written by %s, this muster knows up to %d: use a newer muster", n, h.Tool, schemaVersion)
	case len(h.HashKey) < leastKey:
		return fmt.Errorf("%s: hash_key has %d bytes, at least %d are needed: the file is damaged, record anew", manifestName, len(h.HashKey), leastKey)
	case h.Recorded.IsZero():
		return fmt.Errorf("%s: recorded is missing: the file is damaged, record anew", manifestName)
	}
	return nil
}

// indexOf counts the answers to each call. A link could lead out of the folder, and a recording has none. Of one that was broken off,
// answers behind a gap do not count.
func indexOf(root *os.Root, complete bool) (map[place]int, error) {
	index, last := map[place]int{}, map[place]int{}
	err := fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			return fmt.Errorf("%s is a symbolic link, and a recording has none: remove it, or record anew", name)
		}
		p, n, ok := numberOf(name)
		if !ok || !d.Type().IsRegular() {
			return nil
		}
		index[p]++
		last[p] = max(last[p], n)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for p, n := range last {
		switch {
		case index[p] == n:
		case complete:
			return nil, fmt.Errorf("of the %d answers %s only %d are there: the recording is damaged, record anew", n, p.file(1), index[p])
		default:
			index[p] = unbroken(root, p)
		}
	}
	return index, nil
}

// unbroken counts the answers up to the first gap.
func unbroken(root *os.Root, p place) int {
	for n := 0; ; n++ {
		if _, err := root.Lstat(p.file(n + 1)); err != nil {
			return n
		}
	}
}

// Transport answers from the recording. It never asks the network.
func (p *Player) Transport(space Space) http.RoundTripper { return &replay{Player: p, space: space} }

type replay struct {
	*Player
	space Space
}

// RoundTrip hands out the answers to equal calls one after the other, and then the last one again.
func (r *replay) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := bodyOf(req)
	if err != nil {
		return nil, fmt.Errorf("read a request to replay it: %w", err)
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	call := r.space(req)
	if call.Key == "" {
		call.Key = DefaultKey(req, body)
	}
	at := placeOf(call, call.Key, r.hash)
	if call.Skip || r.index[at] == 0 {
		return nil, &missingError{call: call, player: r.Player}
	}
	e, err := r.read(at.file(r.next(at)))
	if err != nil {
		return nil, err
	}
	return e.replay(req, call)
}

func bodyOf(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	return readAll(req.Body, largestBody)
}

// next is the number of the answer to hand out.
func (p *Player) next(at place) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.played[at] < p.index[at] {
		p.played[at]++
	}
	return p.played[at]
}

func (p *Player) read(file string) (*entry, error) {
	data, err := p.root.ReadFile(file)
	if err != nil {
		return nil, &damagedError{fmt.Errorf("read recording %q: %w", p.dir, err)}
	}
	e, err := decodeEntry(data)
	if err != nil {
		return nil, &damagedError{fmt.Errorf("read recording %q: %s, %w: the file is damaged, record anew", p.dir, file, err)}
	}
	return e, nil
}

// Note returns what Recorder.Note kept, or an error that is ErrNotRecorded.
func (p *Player) Note(c Call) (string, error) {
	c.Name += ".note"
	at := placeOf(c, c.Key, p.hash)
	if p.index[at] == 0 {
		return "", &missingError{call: c, player: p}
	}
	e, err := p.read(at.file(1))
	if err != nil {
		return "", err
	}
	if e.Note == nil {
		return "", &damagedError{fmt.Errorf("read recording %q: %s holds no note: the file is damaged, record anew", p.dir, at.file(1))}
	}
	return *e.Note, nil
}

// replay makes the response or the error of an entry.
func (e *entry) replay(req *http.Request, call Call) (*http.Response, error) {
	switch {
	case e.Note != nil:
		return nil, &damagedError{fmt.Errorf("replay %s: its file holds a note", call.Name)}
	case e.Response == nil:
		return nil, &replayedError{e.failure}
	case e.Response.Withheld != "" && e.Response.Status < http.StatusBadRequest:
		return nil, &damagedError{fmt.Errorf("the answer to %s was not recorded: %s", call.Name, e.Response.Withheld)}
	}
	body := e.Response.bytes()
	resp := &http.Response{
		Status: strconv.Itoa(e.Response.Status) + " " + http.StatusText(e.Response.Status), StatusCode: e.Response.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: req,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
	for name, value := range e.Response.Headers {
		resp.Header.Set(name, value)
	}
	return resp, nil
}

// missingError says that a recording lacks a call.
type missingError struct {
	call   Call
	player *Player
}

func (e *missingError) Error() string {
	what := e.call.Name
	if e.call.Folder != "" {
		what += " (" + e.call.Folder + ")"
	}
	return fmt.Sprintf("%s is %v %s: %s", what, ErrNotRecorded, e.player.dir, e.hint())
}

func (e *missingError) hint() string {
	switch h := e.player.header; {
	case e.call.Skip:
		return "such calls are never recorded"
	case !h.Complete:
		return "it is incomplete, what was to be recorded was broken off"
	case h.Tool != "":
		return "was it recorded with other options, or by another release than " + h.Tool + "?"
	}
	return "was it recorded with other options?"
}

func (e *missingError) Unwrap() error { return ErrNotRecorded }

// CanceledError tells the clients of AWS that another try is no use.
func (e *missingError) CanceledError() bool { return true }

// damagedError is one that another try does not mend either.
type damagedError struct{ error }

func (e *damagedError) Unwrap() error       { return e.error }
func (e *damagedError) CanceledError() bool { return true }
