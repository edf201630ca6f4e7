package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/muster-audit/muster/inventory"
)

// explain says which store an error is about and, where somebody can do something, what.
func (s *Store) explain(verb string, err error) error {
	if err == nil || plain(err) {
		return err
	}
	if remedy := s.remedy(err); remedy != "" {
		return &storeError{fmt.Sprintf("%s store %s: %s", verb, s.path, remedy), err}
	}
	return &storeError{fmt.Sprintf("%s store %s", verb, s.path), err}
}

// plain reports whether an error speaks for itself.
func plain(err error) bool {
	var locked *inventory.LockedError
	var newer *inventory.NewerSchemaError
	var told *storeError
	return errors.As(err, &locked) || errors.As(err, &newer) || errors.Is(err, inventory.ErrNotFound) ||
		errors.Is(err, inventory.ErrNothingToResume) || errors.Is(err, context.Canceled) ||
		errors.Is(err, context.DeadlineExceeded) || errors.As(err, &told)
}

// storeError is an error that says which store it is about.
type storeError struct {
	text string
	err  error
}

func (e *storeError) Error() string { return e.text + ": " + e.err.Error() }

func (e *storeError) Unwrap() error { return e.err }

func (s *Store) remedy(err error) string {
	var e *driver.Error
	if !errors.As(err, &e) {
		if errors.Is(err, fs.ErrPermission) {
			return s.permissionRemedy()
		}
		return ""
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_FULL:
		return "the disk is full; nothing that was stored is lost: make room and run `muster scan --resume`"
	case lib.SQLITE_IOERR:
		return "the disk failed or is full; make room or check it, then run `muster scan --resume`"
	case lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		return s.permissionRemedy()
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return "the file is damaged: restore it from a copy, or move it away and scan anew"
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return "another program keeps the file locked: end it and try again"
	}
	return ""
}

func (s *Store) permissionRemedy() string {
	return fmt.Sprintf("the file and its folder %s must be writable: change their permissions, or name another file with --store",
		filepath.Dir(s.path))
}
