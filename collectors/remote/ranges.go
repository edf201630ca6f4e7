package remote

import (
	"context"
	"io"
)

// RangeStep is how many bytes of an object a store of a cloud asks for at once, and keeps in memory.
const RangeStep = 4 << 20

// Ranges reads an object of a known size by pieces, each of which is asked for, and asked for again, on its own. first is what was read
// of it already, from its beginning. fetch returns the bytes from one place up to, and without, another: fewer or more are an error.
func Ranges(ctx context.Context, l Location, size int64, first []byte, fetch func(ctx context.Context, from, to int64) ([]byte, error)) io.ReadCloser {
	return &ranges{ctx: ctx, location: l, size: size, at: int64(len(first)), piece: first, fetch: fetch}
}

type ranges struct {
	ctx      context.Context //nolint:containedctx // a reader has no place for one, and lives as long as the call that made it
	location Location
	size, at int64 // at is how much was fetched
	piece    []byte
	fetch    func(ctx context.Context, from, to int64) ([]byte, error)
	err      error
}

// Read gives what is left of the piece, and fetches the next one.
func (r *ranges) Read(p []byte) (int, error) {
	if len(r.piece) == 0 && r.err == nil {
		r.next()
	}
	if len(r.piece) == 0 {
		return 0, r.err
	}
	n := copy(p, r.piece)
	r.piece = r.piece[n:]
	return n, nil
}

func (r *ranges) next() {
	if r.at >= r.size {
		r.err = io.EOF
		return
	}
	end := min(r.at+RangeStep, r.size)
	piece, err := r.fetch(r.ctx, r.at, end)
	if err == nil && int64(len(piece)) != end-r.at {
		err = Cut(r.location, io.ErrUnexpectedEOF)
	}
	if err != nil {
		r.err = err
		return
	}
	r.piece, r.at = piece, end
}

// Close lets go of what is in memory.
func (r *ranges) Close() error {
	r.piece, r.err = nil, io.ErrClosedPipe
	return nil
}
