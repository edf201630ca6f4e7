package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// Offsets in the header of a SQLite file, https://www.sqlite.org/fileformat.html#the_database_header.
const (
	headerSize        = 100
	headerMagic       = "SQLite format 3\x00"
	headerVersion     = 60
	headerApplication = 68
)

// inspect returns the schema version of the file at path without changing a byte of it: 0 for an empty file, an error
// for one that is no muster store.
func inspect(ctx context.Context, path string) (int, error) {
	h, err := readHeader(path)
	if err != nil || h == nil {
		return 0, err
	}
	version := int(int32(binary.BigEndian.Uint32(h[headerVersion:])))
	app := int64(int32(binary.BigEndian.Uint32(h[headerApplication:])))
	if !noWAL(path) { // the log may hold a newer header
		if version, app, err = askHeader(ctx, path); err != nil {
			return 0, err
		}
	}
	switch {
	case app == applicationID:
		return version, nil
	case app == 0 && version == 0 && binary.BigEndian.Uint32(h[28:]) <= 1:
		return 0, nil // created by a muster that did not come to write its schema
	}
	return 0, errors.New("it is a SQLite file of another program: name another with --store")
}

// readHeader returns nil for an empty file.
func readHeader(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	h := make([]byte, headerSize)
	n, err := io.ReadFull(f, h)
	switch {
	case err == io.EOF:
		return nil, nil
	case err != nil && err != io.ErrUnexpectedEOF:
		return nil, err
	case n < headerSize || string(h[:len(headerMagic)]) != headerMagic:
		return nil, errors.New("it is not a SQLite file: name another with --store")
	}
	return h, nil
}

// askHeader reads the header through SQLite, which takes the log into account.
func askHeader(ctx context.Context, path string) (version int, app int64, err error) {
	s := &Store{path: path}
	db, err := sql.Open("sqlite", s.dsn(readerParams()))
	if err != nil {
		return 0, 0, err
	}
	err = within(ctx, db, func(c *conn) error {
		v, err := c.number(ctx, "PRAGMA user_version")
		if err != nil {
			return err
		}
		version = int(v)
		app, err = c.number(ctx, "PRAGMA application_id")
		return err
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return 0, 0, fmt.Errorf("read header: %w", err)
	}
	return version, app, nil
}
