package tape

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/muster-audit/muster/inventory"
)

// temporary ends the name of a file that is being written.
const temporary = ".tmp"

// largestBody bounds the body of a request or a response, compressed or not.
const largestBody = 64 << 20

// Recorder writes a recording. It is safe for concurrent use, and holds no more of the answers than those under way.
type Recorder struct {
	dir    string
	root   *os.Root
	header Header
	hash   inventory.SecretHash
	limit  int64

	mu     sync.Mutex
	counts map[place]int
	err    error // the first that a write met with
	closed bool
}

// Create begins a recording in a folder that is absent, empty, or holds a recording, whose answers are removed. Any other folder
// is refused. The folder is its owner's alone.
func Create(dir string, h Header) (*Recorder, error) {
	if len(h.HashKey) < leastKey {
		return nil, fmt.Errorf("record into %q: the key for hashes has %d bytes, at least %d are needed", dir, len(h.HashKey), leastKey)
	}
	root, err := ownFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("record into %q: %w", dir, err)
	}
	h.Schema, h.Recorded, h.Complete = fmt.Sprintf("%s%d", schemaName, schemaVersion), h.Recorded.Round(0).UTC(), false
	r := &Recorder{
		dir: dir, root: root, header: h, hash: inventory.NewSecretHash(h.HashKey), limit: largestBody, counts: map[place]int{},
	}
	if err := r.begin(); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("record into %q: %w", dir, err)
	}
	return r, nil
}

// ownFolder makes a folder that nobody else may read.
func ownFolder(dir string) (*os.Root, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

// begin writes the manifest, which is that of an incomplete recording as yet, and removes the answers of an older one. Files that are
// none of its own stay.
func (r *Recorder) begin() error {
	old, err := replaceable(r.root)
	if err != nil {
		return err
	}
	if err := r.root.Chmod(".", 0o700); err != nil {
		return err
	}
	if err := r.writeHeader(); err != nil {
		return err
	}
	for _, name := range old {
		if err := r.root.Remove(name); err != nil {
			return err
		}
	}
	return nil
}

// replaceable lists the answers in a folder that is empty or holds a recording, and refuses any other folder.
func replaceable(root *os.Root) ([]string, error) {
	list, err := fs.ReadDir(root.FS(), ".")
	if err != nil || len(list) == 0 {
		return nil, err
	}
	if _, err := readHeader(root); err != nil {
		return nil, fmt.Errorf("it holds files, and no recording that could be replaced: name another folder (%w)", err)
	}
	var old []string
	err = fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if _, _, ok := numberOf(strings.TrimSuffix(name, temporary)); ok && d.Type().IsRegular() {
			old = append(old, name)
		}
		return err
	})
	return old, err
}

// Transport records what another transport answers. space tells of a request which call it is.
func (r *Recorder) Transport(space Space, next http.RoundTripper) http.RoundTripper {
	return &recording{Recorder: r, space: space, next: next}
}

type recording struct {
	*Recorder
	space Space
	next  http.RoundTripper
}

// RoundTrip sends a request and hands its answer on as it came, secrets and all; what is kept is written before it returns.
func (r *recording) RoundTrip(req *http.Request) (*http.Response, error) {
	call := r.space(req)
	if call.Skip {
		return r.next.RoundTrip(req)
	}
	if r.isClosed() {
		return nil, fmt.Errorf("record %s: the recording is closed", call.Name)
	}
	out, body, err := r.take(req)
	if err != nil {
		return nil, err
	}
	resp, err := r.next.RoundTrip(out)
	if err != nil {
		return nil, r.keepFailure(req, call, body, err)
	}
	answer, err := readAll(resp.Body, r.limit)
	if err != nil {
		return nil, r.keepFailure(req, call, body, fmt.Errorf("read the answer to %s: %w", call.Name, err))
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))
	r.keep(req, call, body, entry{Response: responseOf(resp, answer, r.limit, r.hash)})
	return resp, nil
}

// take reads the body of a request, and returns the request to send instead.
func (r *recording) take(req *http.Request) (*http.Request, []byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, nil, nil
	}
	body, err := readAll(req.Body, r.limit)
	if err != nil {
		return nil, nil, fmt.Errorf("read a request to record it: %w", err)
	}
	out := req.Clone(req.Context())
	out.Body = io.NopCloser(bytes.NewReader(body))
	return out, body, nil
}

var errTooLarge = errors.New("it is larger than a recording takes")

// readAll reads a body up to a limit and closes it.
func readAll(body io.ReadCloser, limit int64) ([]byte, error) {
	defer func() { _ = body.Close() }() // it was read
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%w: %d bytes", errTooLarge, limit)
	}
	return data, nil
}

// uncompressed undoes the encoding that a client asked for itself.
func uncompressed(encoding string, body []byte, limit int64) ([]byte, error) {
	switch strings.ToLower(encoding) {
	case "", "identity":
		return body, nil
	case "gzip":
	default:
		return nil, fmt.Errorf("read a body encoded as %q: %w", encoding, errUnsearchable)
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("read a body encoded as gzip: %w", err)
	}
	plain, err := readAll(z, limit)
	if err != nil {
		return nil, fmt.Errorf("read a body encoded as gzip: %w", err)
	}
	return plain, nil
}

// keepFailure records why no answer came, and returns it. That the scan was broken off says nothing about the API.
func (r *recording) keepFailure(req *http.Request, call Call, body []byte, err error) error {
	if !errors.Is(err, context.Canceled) {
		r.keep(req, call, body, entry{failure: failureOf(err, r.hash)})
	}
	return err
}

func (r *recording) keep(req *http.Request, call Call, body []byte, e entry) {
	if call.Key == "" {
		call.Key = DefaultKey(req, body)
	}
	e.Request = requestOf(req, body, r.hash)
	p := placeOf(call, call.Key, r.hash)
	r.write(p, r.number(p), e)
}

func (r *Recorder) isClosed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.closed
}

// number counts equal calls, from 1.
func (r *Recorder) number(p place) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts[p]++
	return r.counts[p]
}

// Note keeps a fact that no answer tells, as the region that the environment named or whether a name could be resolved. A later note
// on the same call replaces it. It must hold no secret.
func (r *Recorder) Note(c Call, text string) {
	c.Name += ".note"
	r.write(placeOf(c, c.Key, r.hash), 1, entry{Note: &text})
}

// write writes an entry. What cannot be written makes Close fail.
func (r *Recorder) write(p place, n int, e entry) {
	data, err := e.encode()
	if err == nil {
		err = r.writeFile(p.file(n), data)
	}
	if err != nil {
		r.fail(err)
	}
}

func (r *Recorder) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

// writeFile writes a file under another name first, so that a file is whole or not there.
func (r *Recorder) writeFile(name string, data []byte) error {
	if dir := path.Dir(name); dir != "." {
		if err := r.root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if err := r.root.WriteFile(name+temporary, data, 0o600); err != nil {
		_ = r.root.Remove(name + temporary) // it may not even be there
		return err
	}
	return r.root.Rename(name+temporary, name)
}

func (r *Recorder) writeHeader() error {
	data, err := json.MarshalIndent(r.header, "", "  ")
	if err != nil {
		return err
	}
	return r.writeFile(manifestName, append(data, '\n'))
}

// Close ends the recording, and says so in its manifest if every answer was written. Else it returns the first error of a write, and the
// recording stays incomplete. Nothing may be under way.
func (r *Recorder) Close() error {
	r.mu.Lock()
	closed, err := r.closed, r.err
	r.closed = true
	r.mu.Unlock()
	if closed {
		return err
	}
	if err == nil {
		r.header.Complete = true
		err = r.writeHeader()
	}
	if closeErr := r.root.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		err = fmt.Errorf("record into %q: the recording is not complete: %w", r.dir, err)
		r.mu.Lock()
		r.err = err
		r.mu.Unlock()
	}
	return err
}
