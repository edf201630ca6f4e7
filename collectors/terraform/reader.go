package terraform

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/files"
	"github.com/muster-audit/muster/collectors/remote"
	"github.com/muster-audit/muster/collectors/terraform/plan"
	"github.com/muster-audit/muster/inventory"
)

// reader reads an input once, from a file or from where a backend keeps it.
type reader struct {
	*bufio.Reader
	ModTime time.Time // UTC; zero if nobody knows
	Size    int64     // bytes; -1 if nobody knows
	body    io.Closer
}

// Close ends the reading.
func (r *reader) Close() error { return r.body.Close() }

// input is what a scope is read from. It is opened several times, one after the other, and holds the same bytes each time.
type input struct {
	dir   string
	scope inventory.Scope
	away  *remote.File // nil for a file of this machine
	// Of the file that was opened first.
	modTime time.Time
	size    int64
	opened  bool
}

func (c *collector) input(s inventory.Scope) (*input, error) {
	d := &input{dir: c.env.Dir, scope: fileOf(s)}
	if !remote.Is(d.scope) {
		return d, nil
	}
	away, err := c.stores.File(d.scope)
	d.away = away
	return d, err
}

// open opens the input. After the first time it refuses another one of the same name: what was learned of the first, its secrets
// above all, would not be true of it.
func (d *input) open(ctx context.Context) (*reader, error) {
	if d.away != nil {
		return d.fetch(ctx)
	}
	f, err := files.Open(d.dir, d.scope)
	if err != nil {
		return nil, err
	}
	if d.opened && (!f.ModTime.Equal(d.modTime) || f.Size != d.size) {
		_ = f.Close() // it is not read
		return nil, written(d.scope.ID)
	}
	d.modTime, d.size, d.opened = f.ModTime, f.Size, true
	return &reader{f.Reader, f.ModTime, f.Size, f}, nil
}

func (d *input) fetch(ctx context.Context) (*reader, error) {
	f, err := d.away.Open(ctx)
	if errors.Is(err, remote.ErrChanged) {
		return nil, written(d.scope.ID)
	}
	if err != nil {
		return nil, err
	}
	return &reader{f.Reader, f.ModTime, f.Size, f}, nil
}

func written(id string) error {
	e := failure("%q was written while it was read: scan again when terraform is done", id)
	var c *collectors.Error
	if errors.As(e, &c) {
		c.Retry = true
	}
	return e
}

// sniff tells what of terraform show or terraform plan an input holds, and returns a reader at its beginning: r, or another in its
// place. The outline is empty for all else, and for what is damaged before that can be told.
func (d *input) sniff(ctx context.Context, r *reader) (plan.Outline, *reader, error) {
	head, _ := r.Peek(r.Reader.Size())
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return plan.Outline{}, r, errZipped
	}
	if o, err := plan.Sniff(bytes.NewReader(head)); err == nil && !o.Plan {
		return o, r, nil // most files say at once what they are
	}
	o, err := plan.Sniff(r)
	if o == (plan.Outline{}) {
		err = nil
	}
	_ = r.Close() // it is read again
	again, openErr := d.open(ctx)
	if openErr != nil {
		return o, nil, openErr
	}
	return o, again, err
}

// errZipped says that a file is what terraform plan -out writes, or another zip archive.
var errZipped = errors.New("zipped")
