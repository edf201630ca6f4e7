package files

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// Reader reads a file of a source, without the byte order mark that some programs put before it.
type Reader struct {
	*bufio.Reader
	// ModTime is the file's modification time, UTC.
	ModTime time.Time
	Size    int64 // bytes, the mark counted
	file    *os.File
}

const bufferSize = 256 << 10

// Open opens the file of a scope that Set.Scopes listed. The error is a *collectors.Error that says what to do. The caller
// closes the reader.
func Open(dir string, s inventory.Scope) (*Reader, error) {
	if glob, ok := s.Params[paramGlob]; ok {
		return nil, failed("no file matches %q below %s: check the pattern, or whether the export ran", glob, dir)
	}
	f, info, err := openFile(dir, s.ID)
	if err != nil {
		return nil, err
	}
	r := &Reader{Reader: bufio.NewReaderSize(f, bufferSize), ModTime: info.ModTime().UTC(), Size: info.Size(), file: f}
	if err := r.begin(s.ID); err != nil {
		f.Close()
		return nil, err
	}
	return r, nil
}

// openFile opens a regular file.
func openFile(dir, id string) (*os.File, fs.FileInfo, error) {
	full := abs(dir, id)
	info, err := os.Stat(full) // before opening: to open a pipe may wait for ever
	if err != nil {
		return nil, nil, explain(id, err)
	}
	if info.IsDir() {
		return nil, nil, failed("%q is a folder: name its files with a glob such as %q", id, strings.TrimSuffix(id, "/")+"/*")
	}
	if !info.Mode().IsRegular() {
		return nil, nil, failed("%q is not a regular file: write the export to a file", id)
	}
	f, err := os.Open(full)
	if err != nil {
		return nil, nil, explain(id, err)
	}
	return f, info, nil
}

// begin passes the byte order mark and makes sure that something follows.
func (r *Reader) begin(id string) error {
	if err := r.skipMark(id); err != nil {
		return err
	}
	_, err := r.Peek(1)
	switch {
	case errors.Is(err, io.EOF):
		return failed("%q is empty: check whether the export ran to its end", id)
	case err != nil:
		return failed("read %q: %w", id, err)
	}
	return nil
}

// skipMark drops a UTF-8 byte order mark and refuses those of UTF-16.
func (r *Reader) skipMark(id string) error {
	head, _ := r.Peek(3) // a shorter file has no mark
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		_, err := r.Discard(3)
		return err
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return failed("%q is UTF-16 text: export it as UTF-8 (in a spreadsheet, \"CSV UTF-8\")", id)
	}
	return nil
}

// Rewind goes back to the beginning of the text.
func (r *Reader) Rewind() error {
	if _, err := r.file.Seek(0, io.SeekStart); err != nil {
		return failed("read %q again: %w", r.file.Name(), err)
	}
	r.Reset(r.file)
	return r.skipMark(r.file.Name())
}

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

func explain(id string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return failed("file %q does not exist: check the path, which is relative to the config file, or whether the export ran", id)
	case errors.Is(err, fs.ErrPermission):
		return &collectors.Error{
			Reason: inventory.ReasonDenied, Err: fmt.Errorf("open %q: %w: give the user who runs muster the right to read it", id, err),
		}
	}
	return failed("open %q: %w", id, err)
}

func failed(format string, args ...any) *collectors.Error {
	return &collectors.Error{Reason: inventory.ReasonError, Err: fmt.Errorf(format, args...)}
}
