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

	"github.com/muster-audit/muster/report"
	csvreport "github.com/muster-audit/muster/report/csv"
	htmlreport "github.com/muster-audit/muster/report/html"
	jsonreport "github.com/muster-audit/muster/report/json"
	tablereport "github.com/muster-audit/muster/report/table"
)

// Output is where a report goes that is not written to a file.
type Output struct {
	W     io.Writer
	Width int // of the terminal; 0 if it is none
	Color bool
}

// Formats lists the report formats.
func Formats() []string { return []string{"table", "json", "csv", "html"} }

// encoder returns the encoder of a format: an Encoder or a FolderEncoder.
func encoder(format string, o Output) (any, error) {
	switch format {
	case "table":
		return tablereport.New(tablereport.Options{Width: o.Width, Color: o.Color}), nil
	case "json":
		return jsonreport.Encoder{}, nil
	case "csv":
		return csvreport.New(csvreport.Options{}), nil
	case "html":
		return htmlreport.New()
	}
	return nil, fmt.Errorf("unknown report format %q: use one of %s", format, strings.Join(Formats(), ", "))
}

// Encode writes a report of one file to a stream.
func (a *App) Encode(format string, o Output, r *report.Report) error {
	e, err := encoder(format, o)
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

// EncodeTo writes a report to a file or folder and returns its path. A file appears whole or not at all.
func (a *App) EncodeTo(format, path string, r *report.Report) (string, error) {
	e, err := encoder(format, Output{})
	if err != nil {
		return "", err
	}
	switch e := e.(type) {
	case report.FolderEncoder:
		path = filepath.Clean(path)
		if err := makeFolder(path); err != nil {
			return "", err
		}
		return path, e.EncodeFolder(func(name string) (io.WriteCloser, error) { return newFile(filepath.Join(path, name)) }, r)
	case report.Encoder:
		if strings.HasSuffix(path, "/") || isFolder(path) {
			path = FileIn(path, format)
		}
		return path, WriteFile(path, func(w io.Writer) error { return e.Encode(w, r) })
	}
	return "", fmt.Errorf("format %s has no encoder", format)
}

// FileIn returns the path of a format's report in a folder.
func FileIn(folder, format string) string {
	switch format {
	case "csv":
		return filepath.Join(folder, "csv")
	case "table":
		return filepath.Join(folder, "muster.txt")
	}
	return filepath.Join(folder, "muster."+format)
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
		return errors.Join(err, f.drop())
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

func (f *file) drop() error {
	return errors.Join(f.temporary.Close(), os.Remove(f.temporary.Name()))
}
