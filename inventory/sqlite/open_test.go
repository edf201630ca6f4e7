package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/inventorytest"
	"github.com/muster-audit/muster/inventory/sqlite"
)

func TestNewStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder with ? and #.db")
	s := open(t, path, time.Now)
	w := inventorytest.Begin(t, s, inventorytest.Source())
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(path + suffix)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("mode of %q is %v", suffix, info.Mode().Perm())
		}
	}
	inventorytest.Finish(t, w)
	wantQuery(t, s, "PRAGMA application_id", "1836413812")
	wantQuery(t, s, "PRAGMA user_version", "4")
	wantQuery(t, s, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%'")
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		t.Errorf("%d bytes are left in the log after a scan", info.Size())
	}
	wantQuery(t, s, "SELECT sqlite_version()", sqlite.LibraryVersion())
}

func TestPinnedLibc(t *testing.T) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("no build info")
	}
	for _, m := range info.Deps {
		if m.Path == "modernc.org/libc" && m.Version != "v1.79.0" {
			t.Errorf("modernc.org/libc %s, and this modernc.org/sqlite was released with v1.79.0", m.Version)
		}
	}
}

func TestMigrationFromFirstSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	first, err := os.ReadFile("migrations/0001_schema.sql")
	must(t, err)
	db := raw(t, path)
	for _, q := range []string{
		string(first), "INSERT INTO store (id, hash_key) VALUES (1, x'00112233445566778899aabbccddeeff')",
		"INSERT INTO scan (id, state, started, tool_version, config_digest) VALUES (1, 'finished', 1, '', '')",
		"PRAGMA application_id = 1836413812", "PRAGMA user_version = 1",
	} {
		_, err := db.Exec(q)
		must(t, err)
	}
	_, err = sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	if err == nil || !strings.Contains(err.Error(), "muster scan") {
		t.Errorf("opening an older schema for reading: %v", err)
	}
	s := open(t, path, time.Now)
	wantQuery(t, s, "PRAGMA user_version", "4")
	wantQuery(t, s, "SELECT count(*) FROM assets_now", "0")
	scans, err := s.Scans(t.Context())
	must(t, err)
	if len(scans) != 1 || len(s.HashKey()) != 16 {
		t.Errorf("after migration: %d scans, key of %d bytes", len(scans), len(s.HashKey()))
	}
}

// TestUntouched opens files that are none of ours, or too new, and checks that not a byte of them changes.
func TestUntouched(t *testing.T) {
	var newer *inventory.NewerSchemaError
	for _, c := range []struct {
		name  string
		write func(t *testing.T, path string)
		check func(err error) bool
	}{
		{"newer schema", func(t *testing.T, path string) {
			must(t, open(t, path, time.Now).Close())
			execRaw(t, path, "PRAGMA user_version = 99")
		}, func(err error) bool {
			return errors.As(err, &newer) && newer.Have == 99 && newer.Known == sqlite.SchemaVersion
		}},
		{
			"text file", func(t *testing.T, path string) {
				must(t, os.WriteFile(path, []byte("name,owner\nweb,payments\n"), 0o600))
			},
			func(err error) bool { return strings.Contains(err.Error(), "not a SQLite file") },
		},
		{
			"long text file", func(t *testing.T, path string) {
				must(t, os.WriteFile(path, bytes.Repeat([]byte("name,owner\n"), 50), 0o600))
			},
			func(err error) bool { return strings.Contains(err.Error(), "not a SQLite file") },
		},
		{"another program's database", func(t *testing.T, path string) {
			execRaw(t, path, "CREATE TABLE notes (text TEXT)")
		}, func(err error) bool { return strings.Contains(err.Error(), "another program") }},
	} {
		for _, readOnly := range []bool{false, true} {
			t.Run(c.name, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "muster.db")
				c.write(t, path)
				before, err := os.ReadFile(path)
				must(t, err)
				_, err = sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: readOnly})
				if err == nil || !c.check(err) || !strings.Contains(err.Error(), path) {
					t.Errorf("error: %v", err)
				}
				after, err := os.ReadFile(path)
				must(t, err)
				if !bytes.Equal(before, after) {
					t.Error("the file was changed")
				}
				if left, _ := filepath.Glob(path + "-*"); len(left) > 0 {
					t.Errorf("left behind: %q", left)
				}
			})
		}
	}
}

// execRaw changes a file and leaves it as one file.
func execRaw(t *testing.T, path, query string) {
	t.Helper()
	db := raw(t, path)
	db.SetMaxOpenConns(1)
	_, err := db.Exec(query)
	must(t, err)
	must(t, db.Close())
}

// TestNewerSchemaInLog has the newer version in the log alone.
func TestNewerSchemaInLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	must(t, open(t, path, time.Now).Close())
	db := raw(t, path)
	_, err := db.Exec("PRAGMA user_version = 99")
	must(t, err)
	before, err := os.ReadFile(path)
	must(t, err)
	_, err = sqlite.Open(t.Context(), path, sqlite.Options{})
	var newer *inventory.NewerSchemaError
	if !errors.As(err, &newer) {
		t.Errorf("error: %v", err)
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	if err == nil || !strings.Contains(err.Error(), "muster scan") || !strings.Contains(err.Error(), path) {
		t.Errorf("opening nothing: %v", err)
	}
	twoScopes(t, path)
	must(t, os.Remove(path+".lock"))
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	must(t, err)
	wantValues(t, s, inventory.AssetQuery{}, "y 1", "x 1")
	if _, err := s.Begin(t.Context(), inventory.ScanStart{}); err == nil {
		t.Error("a scan began in a store that was opened for reading")
	}
	if err := s.SaveEvaluation(t.Context(), inventory.Evaluation{Scan: 1}, nil); err == nil {
		t.Error("an evaluation was saved in a store that was opened for reading")
	}
	must(t, s.Close())
	if _, err := os.Stat(path + ".lock"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("reading made a lock file: %v", err)
	}
}

func TestFolderThatMayNotBeWritten(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may write anywhere; the test runs for other users")
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "muster.db")
	twoScopes(t, path)
	must(t, os.Remove(path+".lock"))
	must(t, os.Chmod(path, 0o400))
	must(t, os.Chmod(folder, 0o500))
	t.Cleanup(func() { must(t, os.Chmod(folder, 0o700)) })
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	must(t, err)
	wantValues(t, s, inventory.AssetQuery{}, "y 1", "x 1")
	must(t, s.Close())
	_, err = sqlite.Open(t.Context(), path, sqlite.Options{})
	if err == nil || !strings.Contains(err.Error(), "must be writable") || !strings.Contains(err.Error(), folder) {
		t.Errorf("opening for scanning: %v", err)
	}
	_, err = sqlite.Open(t.Context(), filepath.Join(folder, "new.db"), sqlite.Options{})
	if err == nil || !strings.Contains(err.Error(), "must be writable") {
		t.Errorf("creating: %v", err)
	}
}

func TestMissingFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowhere", "muster.db")
	_, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), path) {
		t.Errorf("error: %v", err)
	}
}

func TestCanceledOpen(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "muster.db")
	if _, err := sqlite.Open(ctx, path, sqlite.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error: %v", err)
	}
	twoScopes(t, path)
}

func TestDiskFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	twoScopes(t, path)
	s := open(t, path, inventorytest.NewClock().Now)
	must(t, s.LimitPages(t.Context(), 100))
	w := inventorytest.Begin(t, s, inventorytest.Source())
	must(t, w.Plan(t.Context(), inventorytest.Source(), []inventory.Scope{{ID: "whole"}, {ID: "torn"}}))
	inventorytest.Commit(t, w, inventorytest.Source(), inventorytest.Read("whole", inventorytest.Asset("x", inventorytest.Tags("v", "2"))))
	sw, err := w.Scope(t.Context(), inventorytest.Source(), inventory.Scope{ID: "torn"})
	must(t, err)
	for a := range register(100_000, "production") {
		if err = sw.Put(a); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "disk is full") || !strings.Contains(err.Error(), "--resume") {
		t.Fatalf("error of a full disk: %v", err)
	}
	if _, err = sw.Commit(t.Context(), inventory.ScopeRun{State: inventory.RunFailed}); err == nil {
		t.Error("a run was committed to a full disk")
	}
	if _, err = w.Finish(t.Context(), true); err == nil {
		t.Error("the scan finished as if nothing had been")
	}
	must(t, s.Close())

	s = open(t, path, inventorytest.NewClock().Now)
	wantQuery(t, s, "PRAGMA integrity_check", "ok")
	wantValues(t, s, inventory.AssetQuery{At: 1}, "y 1", "x 1")
	w, err = s.Resume(t.Context(), inventory.ScanStart{Sources: []inventory.Source{inventorytest.Source()}})
	must(t, err)
	if !w.Done("aws", "whole") {
		t.Error("what was committed before the disk was full is lost")
	}
	must(t, w.Plan(t.Context(), inventorytest.Source(), []inventory.Scope{{ID: "whole"}, {ID: "torn"}}))
	inventorytest.Commit(t, w, inventorytest.Source(), inventorytest.Read("torn", inventorytest.Asset("y", inventorytest.Tags("v", "2"))))
	inventorytest.Finish(t, w)
	wantValues(t, s, inventory.AssetQuery{}, "y 2", "x 2")
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	twoScopes(t, path)
	text, err := os.ReadFile(path)
	must(t, err)
	for i := 4096; i < len(text); i++ {
		text[i] = 0x5a
	}
	must(t, os.WriteFile(path, text, 0o600))
	_, err = sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("error: %v", err)
	}
}
