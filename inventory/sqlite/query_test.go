package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory/inventorytest"
	"github.com/muster-audit/muster/inventory/sqlite"
)

func TestQueryReads(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	twoScopes(t, path)
	s := open(t, path, time.Now)
	wantQuery(t, s, "SELECT key, tags ->> 'v' FROM assets_now ORDER BY key;\n", "x|1", "y|1")
	wantQuery(t, s, "SELECT ';', \"key\" -- ; a comment\nFROM assets_now WHERE key = 'x' /* ; */ ; -- the end", ";|x")
	wantQuery(t, s, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT group_concat(i, ',') FROM n", "1,2,3")
	wantQuery(t, s, "VALUES (1, 2.5, NULL, 'a')", "1|2.5|NULL|a")
	wantQuery(t, s, "PRAGMA table_info(store)", "0|id|INTEGER|0|NULL|1", "1|hash_key|BLOB|1|NULL|0")
	if got, err := rows(t.Context(), s, "EXPLAIN QUERY PLAN SELECT * FROM scan"); err != nil || len(got) == 0 {
		t.Errorf("explain: %q, %v", got, err)
	}
	var names []string
	must(t, s.Query(t.Context(), "SELECT 1 AS one, 2 AS two", func(columns []string, _ []any) error {
		names = append(names, columns...)
		return nil
	}))
	if strings.Join(names, " ") != "one two" {
		t.Errorf("columns %q", names)
	}
}

func TestQueryRefuses(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "muster.db")
	twoScopes(t, path)
	s := open(t, path, time.Now)
	before, err := os.ReadFile(path)
	must(t, err)
	for _, q := range []string{
		"DELETE FROM scan", "UPDATE asset SET name = ''", "INSERT INTO scan DEFAULT VALUES", "CREATE TABLE t (a)", "CREATE TEMP TABLE t (a)",
		"DROP VIEW assets_now", "ATTACH 'other.db' AS o", "ATTACH ':memory:' AS o", "DETACH main", "VACUUM", "VACUUM INTO '" + folder + "/copy.db'",
		"PRAGMA user_version = 7", "PRAGMA application_id(7)", "PRAGMA query_only = 0", "PRAGMA journal_mode = DELETE", "PRAGMA wal_checkpoint(TRUNCATE)",
		"PRAGMA optimize", "PRAGMA writable_schema = 1", "BEGIN IMMEDIATE", "COMMIT", "SAVEPOINT a", "REINDEX", "ANALYZE",
		"SELECT 1; DELETE FROM scan", "SELECT 1; SELECT 2", "SELECT 1;;x", "SELECT ';' ; DELETE FROM scan", "/* a */ SELECT 1; -- b\n DROP TABLE scan",
		"SELECT load_extension('x')", "WITH a AS (SELECT 1) DELETE FROM scan",
	} {
		if _, err := rows(t.Context(), s, q); !errors.Is(err, sqlite.ErrReadOnly) {
			t.Errorf("%s: %v", q, err)
		}
	}
	if _, err := rows(t.Context(), s, "SELECT nothing FROM nowhere"); err == nil || errors.Is(err, sqlite.ErrReadOnly) {
		t.Errorf("a wrong query: %v", err)
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if string(before) != string(after) {
		t.Error("the store was changed")
	}
	if files, _ := filepath.Glob(filepath.Join(folder, "*copy*")); len(files) > 0 {
		t.Errorf("files appeared: %q", files)
	}
	// The connections are still good for everything else.
	inventorytest.Finish(t, inventorytest.Begin(t, s, inventorytest.Source()))
	wantQuery(t, s, "SELECT count(*) FROM scan", "2")
}

func TestQueryEnds(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "muster.db"), time.Now)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := rows(ctx, s, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
	if err == nil || ctx.Err() == nil {
		t.Errorf("an endless query ended with %v", err)
	}
	stop := errors.New("enough")
	if err := s.Query(t.Context(), "SELECT 1 UNION ALL SELECT 2", func([]string, []any) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("error of visit: %v", err)
	}
}
