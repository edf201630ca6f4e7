package cmdb

import (
	"errors"
	"fmt"
	"os"
)

// tempFile is a temporary file that nobody else can read. Where an open file can be removed it has no name, so that nothing is left
// of it even if the process is killed.
type tempFile struct {
	*os.File
	named bool
}

func newTempFile(pattern string) (*tempFile, error) {
	f, err := os.CreateTemp("", pattern)
	if err != nil {
		return nil, fmt.Errorf("make a temporary file: %w: TMPDIR names the folder", err)
	}
	return &tempFile{f, os.Remove(f.Name()) != nil}, nil
}

// Close removes the file.
func (f *tempFile) Close() error {
	err := f.File.Close()
	if f.named {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}

func tempWriteFailed(err error) error {
	return fmt.Errorf("write a temporary file: %w: make room, or name another folder with TMPDIR", err)
}
