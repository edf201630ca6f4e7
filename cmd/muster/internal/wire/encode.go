package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/report"
)

// Output is where a report goes that is not written to a file.
type Output struct {
	W     io.Writer
	Width int // of the terminal; 0 if it is none
	Color bool
	BOM   bool // a byte order mark before CSV
}

// Encode writes a report of one file to a stream.
func (a *App) Encode(format string, o Output, r *report.Report) error {
	e, err := a.encoder(format, o)
	if err != nil {
		return err
	}
	one, ok := e.(report.Encoder)
	if !ok {
		return fmt.Errorf("a %s report is a folder of files: name one with --output", format)
	}
	w := bufio.NewWriter(o.W)
	return errors.Join(one.Encode(w, r), w.Flush())
}

// EncodeTo writes a report to its file or folder and returns the path. A file appears whole or not at all.
func (a *App) EncodeTo(o config.Report, r *report.Report) (string, error) {
	e, err := a.encoder(o.Format, Output{BOM: o.BOM})
	if err != nil {
		return "", err
	}
	if o.GroupBy != "" {
		return a.encodeGroups(e, o, r)
	}
	path := o.Output
	if _, one := e.(report.Encoder); one && (strings.HasSuffix(path, "/") || isFolder(path)) {
		path = FileIn(path, o.Format)
	}
	if _, folder := e.(report.FolderEncoder); folder {
		path = filepath.Clean(path)
	}
	return path, encodeAt(e, path, r)
}

// encodeAt writes a report to exactly this file or folder.
func encodeAt(e any, path string, r *report.Report) error {
	switch e := e.(type) {
	case report.FolderEncoder:
		if err := makeFolder(path); err != nil {
			return err
		}
		return e.EncodeFolder(func(name string) (io.WriteCloser, error) { return newFile(filepath.Join(path, name)) }, r)
	case report.Encoder:
		return WriteFile(path, func(w io.Writer) error { return e.Encode(w, r) })
	}
	return fmt.Errorf("encode report: %T is no encoder", e)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// makeFolder makes a folder and those above it.
func makeFolder(path string) error {
	err := os.MkdirAll(path, 0o755) //nolint:gosec // a report for people
	if errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("make folder %s: a file is in the way: name another place", path)
	}
	if err != nil {
		return fmt.Errorf("make folder %s: %w", path, err)
	}
	return nil
}

// WriteFile writes a file that appears whole or not at all. What is there and no plain file, as a pipe, a link or
// /dev/stdout, is written to and stays what it is.
func WriteFile(path string, write func(io.Writer) error) error {
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return writeThrough(path, write)
	}
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	f, err := newFile(path)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.Drop())
	}
	return f.Close()
}

// writeThrough writes to a device or pipe, or to what a link leads to.
func writeThrough(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644) //nolint:gosec // a report for people
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	w := bufio.NewWriterSize(f, 1<<16)
	if err := write(w); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// file is a file that takes its name when it is closed without an error.
type file struct {
	*bufio.Writer
	temporary *os.File
	path      string
}

func newFile(path string) (*file, error) {
	t, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, fmt.Errorf("create %s: %w", path, err)
	}
	return &file{Writer: bufio.NewWriterSize(t, 1<<16), temporary: t, path: path}, nil
}

// Close gives the file its name.
func (f *file) Close() error {
	err := errors.Join(f.Flush(), f.temporary.Chmod(0o644), f.temporary.Close()) //nolint:gosec // a report for people
	if err == nil {
		err = os.Rename(f.temporary.Name(), f.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", f.path, err), os.Remove(f.temporary.Name()))
	}
	return nil
}

// Drop leaves no file, and what had its name before as it was.
func (f *file) Drop() error {
	return errors.Join(f.temporary.Close(), os.Remove(f.temporary.Name()))
}
