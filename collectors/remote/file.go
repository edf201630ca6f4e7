package remote

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"hash/maphash"
	"io"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// File is the object of a scope, which can be read several times, one after the other, and holds the same bytes each time. It is for one
// goroutine.
//
// A store that knows versions is asked for the one that was read first. Besides, a sum of each piece is kept from the first reading and
// every later one is held against it before a byte of the piece is handed out, since not every server knows versions.
type File struct {
	store  Store
	object Object
	opened bool
	id     string
	seed   maphash.Seed
	sums   []uint64 // of the pieces, as far as they were read
	ended  bool     // the sums are those of the whole
}

// Reader reads an object, unpacked if it is packed with gzip, and without a byte order mark.
type Reader struct {
	*bufio.Reader
	// ModTime is when the object was written, UTC; zero if its server does not tell.
	ModTime time.Time
	Size    int64 // bytes as they are kept; -1 if nobody knows
	Version string
	body    io.Closer
}

// Close ends the reading.
func (r *Reader) Close() error { return r.body.Close() }

const (
	bufferSize = 256 << 10
	pieceSize  = 64 << 10
)

// mostUnpacked bounds what an object of so many bytes may unpack to. -1 is a size that nobody knows.
func mostUnpacked(size int64) int64 {
	const least, most, ratio = 1 << 30, 16 << 30, 1000
	if size > most/ratio {
		return most
	}
	return max(least, size*ratio)
}

// File returns the file of a scope that a Set listed. It calls nobody. The error is a *collectors.Error: that of the listing, for a scope
// that stands for one.
func (s *Stores) File(scope inventory.Scope) (*File, error) {
	l, err := locationOf(scope)
	if err != nil {
		return nil, err
	}
	store, err := s.of(l.Scheme, l.Access)
	if err != nil {
		return nil, err
	}
	return &File{store: store, object: Object{Location: l, Size: -1}, id: scope.ID, seed: maphash.MakeSeed()}, nil
}

// Open opens the object; after the first time it is an error, ErrChanged, if it has been written to since, or if it is read further than
// the first time and its server knows no versions. The caller closes the reader. Errors are *collectors.Error, also those of the reader.
func (f *File) Open(ctx context.Context) (*Reader, error) {
	content, got, err := f.store.Open(ctx, f.object)
	if err != nil {
		return nil, f.explain(ctx, err)
	}
	p := &pieces{file: f, ctx: ctx, in: content, verify: f.opened}
	f.object, f.opened = got, true
	r := &Reader{ModTime: got.Modified, Size: got.Size, Version: got.Version, body: content}
	if err := r.begin(f, p); err != nil {
		_ = content.Close() // it is not read
		return nil, f.explain(ctx, err)
	}
	return r, nil
}

// explain makes a *collectors.Error of what is none, but for the end of the context.
func (f *File) explain(ctx context.Context, err error) error {
	var e *collectors.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &e):
		return err
	}
	return failed("read %q: %w", f.id, bare(err))
}

// begin unpacks what is packed, passes a byte order mark, and makes sure that something follows.
func (r *Reader) begin(f *File, in io.Reader) error {
	r.Reader = bufio.NewReaderSize(in, bufferSize)
	head, err := r.Peek(2)
	if bytes.Equal(head, []byte{0x1f, 0x8b}) {
		g, err := gzip.NewReader(r.Reader)
		if err != nil {
			return damaged(f.id, err)
		}
		r.Reader = bufio.NewReaderSize(&unpacked{in: g, id: f.id, left: mostUnpacked(r.Size)}, bufferSize)
		head, err = r.Peek(2)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(head) == 0 {
		return failed("%q is empty: see whether terraform wrote it to its end", f.id)
	}
	if mark, _ := r.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, err := r.Discard(3)
		return err
	}
	return nil
}

func damaged(id string, err error) error {
	var e *collectors.Error
	if errors.As(err, &e) {
		return err
	}
	return Failure(inventory.ReasonUntrusted, "unpack %q: %w: the object is cut or damaged", id, err)
}

// unpacked bounds what comes out of a packed object.
type unpacked struct {
	in   io.Reader
	id   string
	left int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.in.Read(p)
	if u.left -= int64(n); u.left < 0 {
		return 0, Failure(inventory.ReasonUntrusted, "%q unpacks to more than is plausible: see what it is", u.id)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = damaged(u.id, err)
	}
	return n, err
}

// pieces hands out a body by whole pieces, and keeps or verifies the sum of each.
type pieces struct {
	file   *File
	ctx    context.Context //nolint:containedctx // a reader has no place for one, and lives as long as the call that made it
	in     io.Reader
	verify bool
	count  int   // pieces
	total  int64 // bytes
	buffer []byte
	left   []byte
	err    error
}

func (p *pieces) Read(to []byte) (int, error) {
	if len(p.left) == 0 && p.err == nil {
		p.next()
	}
	if len(p.left) == 0 {
		return 0, p.err
	}
	n := copy(to, p.left)
	p.left = p.left[n:]
	return n, nil
}

// next reads a piece. One that an error cut is not handed out.
func (p *pieces) next() {
	if p.err = p.ctx.Err(); p.err != nil {
		return
	}
	if p.buffer == nil {
		p.buffer = make([]byte, pieceSize)
	}
	n, err := fill(p.in, p.buffer)
	p.total += int64(n)
	switch {
	case err == nil:
	case !errors.Is(err, io.EOF):
		p.err = p.file.explain(p.ctx, err)
		return
	case p.file.object.Size >= 0 && p.total != p.file.object.Size:
		p.err = Cut(p.file.object.Location, io.ErrUnexpectedEOF)
		return
	}
	p.err = err
	p.sum(p.buffer[:n], err != nil)
}

// fill reads until the buffer is full. Unlike io.ReadFull it hands on the reader's own error.
func fill(r io.Reader, buffer []byte) (n int, err error) {
	for n < len(buffer) && err == nil {
		var m int
		m, err = r.Read(buffer[n:])
		n += m
	}
	return n, err
}

// sum keeps or verifies the sum of a piece, and lets it pass. last says that nothing follows.
func (p *pieces) sum(piece []byte, last bool) {
	f := p.file
	sum := maphash.Bytes(f.seed, piece)
	beyond := p.count >= len(f.sums)
	switch {
	case !p.verify, beyond && !f.ended && f.object.Version != "": // of that version it is in any case
		f.sums, f.ended = append(f.sums, sum), last
	case beyond, f.sums[p.count] != sum, last && f.ended && p.count != len(f.sums)-1:
		p.err = Changed(f.object.Location)
		return
	}
	p.count++
	p.left = piece
}
