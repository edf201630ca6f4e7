package files

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// Limits bound what a packed file may unpack to.
type Limits struct {
	Bytes int64
	// Ratio is how many times its packed size it may be; what is smaller than freeBytes may be more.
	Ratio int64
}

// freeBytes is how much a packed file may unpack to whatever its ratio.
const freeBytes = 64 << 20

// Raw reads the bytes of a file of a source, unpacked if they are packed with gzip or are in a zip archive, and otherwise as
// they are.
type Raw struct {
	io.Reader
	// ModTime is the modification time of the file, or of the archive, UTC.
	ModTime time.Time
	Packed  string // "gzip", "zip" or empty
	id      string
	file    *os.File
	info    os.FileInfo
	member  *zip.File
	open    io.Closer // the member
	limits  Limits
}

// OpenRaw opens the file of a scope that s.Scopes listed. The error is a *collectors.Error that says what to do. The caller
// closes the reader.
func (s Set) OpenRaw(scope inventory.Scope, limits Limits) (*Raw, error) {
	if glob, ok := scope.Params[paramGlob]; ok {
		return nil, failed("no file matches %q below %s: check the pattern, or whether the export ran", glob, s.Dir)
	}
	path, packed := scope.Params[paramArchive]
	if !packed {
		path = scope.ID
	}
	f, info, err := openFile(s.Dir, path)
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		f.Close()
		return nil, failed("%q is empty: check whether the export ran to its end", path)
	}
	r := &Raw{ModTime: info.ModTime().UTC(), id: scope.ID, file: f, info: info, limits: limits}
	if err := r.prepare(s, path, scope.Params[paramMember]); err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

// prepare finds out how the file is packed and goes to its beginning.
func (r *Raw) prepare(s Set, path, member string) error {
	if isArchive(path) && len(s.Inside) > 0 {
		if err := r.find(s, path, member); err != nil {
			return err
		}
		return r.Rewind()
	}
	head := make([]byte, 4)
	n, err := r.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return failed("read %q: %w", r.id, err)
	}
	if bytes.HasPrefix(head[:n], []byte{0x1f, 0x8b}) {
		r.Packed = "gzip"
	}
	return r.Rewind()
}

// find looks the member of an archive up; without a name, the only one.
func (r *Raw) find(s Set, path, member string) error {
	z, err := zip.NewReader(r.file, r.info.Size())
	if err != nil {
		return damaged(path, err)
	}
	if member == "" {
		names, err := s.pick(path, "", z.File)
		if err != nil {
			return err
		}
		member = names[0]
	}
	for _, f := range z.File {
		if f.Name != member {
			continue
		}
		if f.Flags&1 != 0 {
			return failed("%q is encrypted: pack it without a password", r.id)
		}
		r.Packed, r.member = "zip", f
		return nil
	}
	names, err := s.pick(path, member, z.File)
	if err == nil {
		err = failed("%q is not in the archive any more: it holds %s", r.id, few(names))
	}
	return err
}

// Rewind goes back to the first byte.
func (r *Raw) Rewind() error {
	if r.member != nil {
		return r.rewindMember()
	}
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return failed("read %q: %w", r.id, err)
	}
	r.Reader = r.file
	if r.Packed == "" {
		return nil
	}
	g, err := gzip.NewReader(bufio.NewReaderSize(r.file, 64<<10))
	if err != nil {
		return damaged(r.id, err)
	}
	r.Reader = &unpacked{r: g, id: r.id, most: r.limits.Most(r.info.Size()), limits: r.limits}
	return nil
}

func (r *Raw) rewindMember() error {
	if r.open != nil {
		r.open.Close()
		r.open = nil
	}
	m, err := r.member.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return failed("%q is packed by a method that is not known here: pack it with deflate, the usual one", r.id)
	}
	if err != nil {
		return damaged(r.id, err)
	}
	r.open = m
	r.Reader = &unpacked{r: m, id: r.id, most: r.limits.Most(int64(r.member.CompressedSize64)), limits: r.limits}
	return nil
}

// Unchanged is an error if somebody wrote to the file since it was opened.
func (r *Raw) Unchanged() error {
	info, err := r.file.Stat()
	if err != nil {
		return failed("read %q: %w", r.id, err)
	}
	if info.Size() == r.info.Size() && info.ModTime().Equal(r.info.ModTime()) {
		return nil
	}
	e := failed("%q was written to while it was read: read it again when the export has ended", r.id)
	e.Reason = inventory.ReasonUntrusted
	return e
}

// Close closes the file.
func (r *Raw) Close() error {
	if r.open != nil {
		r.open.Close()
	}
	return r.file.Close()
}

// Most is how many bytes may come out of so many packed ones.
func (l Limits) Most(packed int64) int64 {
	if packed > l.Bytes/max(l.Ratio, 1) {
		return l.Bytes
	}
	return min(l.Bytes, max(packed*l.Ratio, freeBytes))
}

// unpacked bounds what comes out of a packed file, and says so if it cannot be unpacked.
type unpacked struct {
	r      io.Reader
	id     string
	most   int64 // bytes that may still come
	limits Limits
}

func (u *unpacked) Read(b []byte) (int, error) {
	n, err := u.r.Read(b)
	u.most -= int64(n)
	switch {
	case u.most < 0:
		e := failed("%q unpacks to more than %s or %d times its size: if it is no bomb, raise max_unpacked or max_ratio",
			u.id, collectors.Size(u.limits.Bytes), u.limits.Ratio)
		e.Reason = inventory.ReasonUntrusted
		return 0, e
	case err == nil || errors.Is(err, io.EOF):
		return n, err
	}
	return n, damaged(u.id, err)
}
