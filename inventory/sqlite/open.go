package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the "sqlite" driver of database/sql

	"github.com/muster-audit/muster/inventory"
)

// applicationID marks a file as a muster store: the letters "must".
const applicationID = 0x6d757374

// SchemaVersion is the schema that this muster writes. It opens older ones by migrating them.
const SchemaVersion = 4

//go:embed migrations/*.sql
var migrations embed.FS

// Options are how a store is opened. The zero value opens it for scanning, with the system's clock and no log.
type Options struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// ReadOnly opens an existing file to read it, without a lock and without writing.
	ReadOnly bool
	// Log is told of recoveries; nil is silent.
	Log *slog.Logger
	// Command is what holders of the lock are shown to others as, "muster scan".
	Command string
}

// Store is an inventory in a SQLite file.
type Store struct {
	path    string
	now     func() time.Time
	log     *slog.Logger
	command string
	hashKey []byte
	// writer is a pool of one connection; nil if the store is read-only.
	writer  *sql.DB
	readers *sql.DB

	mu     sync.Mutex
	active *scanWriter // the scan that holds the lock; nil if none does
}

var _ inventory.Store = (*Store)(nil)

// Open opens a store and creates it if need be. It fails with a *inventory.NewerSchemaError, and touches nothing, if a
// newer muster wrote the file.
func Open(ctx context.Context, path string, opts Options) (*Store, error) {
	s := newStore(path, opts)
	err := s.open(ctx, opts.ReadOnly)
	if err != nil {
		return nil, errors.Join(s.explain("open", err), s.closePools())
	}
	return s, nil
}

func newStore(path string, opts Options) *Store {
	s := &Store{path: path, now: opts.Now, log: opts.Log, command: opts.Command}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

func (s *Store) open(ctx context.Context, readOnly bool) error {
	have, err := inspect(ctx, s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && readOnly:
		return fmt.Errorf("there is no such file: run `muster scan` first, or name another with --store")
	case errors.Is(err, fs.ErrNotExist):
		err = create(s.path)
	}
	if err != nil {
		return err
	}
	if have > SchemaVersion {
		return &inventory.NewerSchemaError{Store: s.path, Have: have, Known: SchemaVersion}
	}
	if readOnly && have < SchemaVersion {
		return fmt.Errorf("it has schema %d and this muster reads %d: run `muster scan` to bring it up to date", have, SchemaVersion)
	}
	if !readOnly {
		if err := s.openWriter(ctx); err != nil {
			return err
		}
	}
	return s.openReaders(ctx)
}

// create makes an empty file that its owner alone may read. SQLite gives its side files the same mode.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func (s *Store) openWriter(ctx context.Context) error {
	var err error
	if s.writer, err = sql.Open("sqlite", s.dsn(writerParams())); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if err := s.writer.PingContext(ctx); err != nil {
		return err
	}
	return within(ctx, s.writer, func(c *conn) error { return s.migrate(ctx, c) })
}

func (s *Store) openReaders(ctx context.Context) error {
	err := s.openPool(ctx, readerParams())
	if err != nil && s.writer == nil && noWAL(s.path) {
		// A folder that may not be written has no place for the files that WAL readers share. Without a log to read,
		// the file alone is the whole store.
		params := readerParams()
		params.Set("immutable", "1")
		err = errors.Join(s.closePools(), s.openPool(ctx, params))
	}
	return err
}

func (s *Store) openPool(ctx context.Context, params url.Values) error {
	var err error
	if s.readers, err = sql.Open("sqlite", s.dsn(params)); err != nil {
		return err
	}
	s.readers.SetMaxIdleConns(4)
	return within(ctx, s.readers, func(c *conn) error {
		_, err := c.one(ctx, func(r *cursor) { s.hashKey = r.blob(0) }, "SELECT hash_key FROM store")
		return err
	})
}

func noWAL(path string) bool {
	info, err := os.Stat(path + "-wal")
	return errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0
}

func commonParams() url.Values {
	return url.Values{
		"_busy_timeout": {"5000"},
		"_foreign_keys": {"1"},
		"_synchronous":  {"NORMAL"},
		"_dqs":          {"0"},
		"_defensive":    {"1"},
	}
}

// writerParams give the load a cache that holds the upper pages of its tables and a log that is copied back in big
// pieces.
func writerParams() url.Values {
	p := commonParams()
	p.Set("_txlock", "immediate")
	p.Set("_journal_mode", "WAL")
	p["_pragma"] = []string{"cache_size(-32768)", "wal_autocheckpoint(8192)", "journal_size_limit(67108864)"}
	return p
}

func readerParams() url.Values {
	p := commonParams()
	p.Set("mode", "ro")
	p.Set("_query_only", "1")
	return p
}

// dsn always has the prefix "file:": without it the driver silently drops mode=ro.
func (s *Store) dsn(params url.Values) string {
	abs, err := filepath.Abs(s.path)
	if err != nil {
		abs = s.path
	}
	u := url.URL{Path: filepath.ToSlash(abs)}
	return "file:" + u.EscapedPath() + "?" + params.Encode()
}

// migrate brings the schema up to date, each step in a transaction. It asks first without one, which would have to wait for
// a scan of another process.
func (s *Store) migrate(ctx context.Context, c *conn) error {
	if have, err := c.number(ctx, "PRAGMA user_version"); err != nil || have >= SchemaVersion {
		return err
	}
	for {
		done := false
		err := c.transaction(ctx, func() error {
			have, err := c.number(ctx, "PRAGMA user_version")
			if err != nil {
				return err
			}
			if done = have >= SchemaVersion; done {
				return nil
			}
			return apply(ctx, c, int(have)+1)
		})
		if err != nil || done {
			return err
		}
	}
}

// apply runs one migration inside a transaction.
func apply(ctx context.Context, c *conn, version int) error {
	text, err := migration(version)
	if err != nil {
		return err
	}
	if _, err := c.exec(ctx, text); err != nil {
		return fmt.Errorf("migrate to schema %d: %w", version, err)
	}
	if version == 1 {
		if err := mark(ctx, c); err != nil {
			return err
		}
	}
	_, err = c.exec(ctx, "PRAGMA user_version = "+strconv.Itoa(version)) // pragmas take no parameters
	return err
}

// migration returns the text of a migration by its number.
func migration(version int) (string, error) {
	names, err := fs.Glob(migrations, fmt.Sprintf("migrations/%04d_*.sql", version))
	if err != nil || len(names) != 1 {
		return "", fmt.Errorf("find migration %d: %d files", version, len(names))
	}
	text, err := migrations.ReadFile(path.Clean(names[0]))
	return string(text), err
}

// mark makes a new file a muster store with a key of its own.
func mark(ctx context.Context, c *conn) error {
	if _, err := c.exec(ctx, "PRAGMA application_id = "+strconv.Itoa(applicationID)); err != nil {
		return err
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails
	_, err := c.exec(ctx, "INSERT INTO store (id, hash_key) VALUES (1, ?)", key)
	return err
}

// HashKey is the store's own random key for inventory.NewSecretHash.
func (s *Store) HashKey() []byte { return s.hashKey }

// Close ends a scan that was not finished, as if it had been killed, and closes the file.
func (s *Store) Close() error {
	s.mu.Lock()
	w := s.active
	s.mu.Unlock()
	var err error
	if w != nil {
		err = w.abandon()
	}
	return errors.Join(err, s.closePools())
}

func (s *Store) closePools() error {
	var errs []error
	for _, db := range []*sql.DB{s.readers, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
