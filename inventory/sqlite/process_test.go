package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/inventorytest"
	"github.com/muster-audit/muster/inventory/sqlite"
)

// childEnv tells the test binary, run again by a test, which store to scan into.
const childEnv = "MUSTER_TEST_CHILD_STORE"

// TestChild is no test: it is what a child process does. It commits one scope, puts many assets into another, says so,
// and waits to be killed.
func TestChild(t *testing.T) {
	path := os.Getenv(childEnv)
	if path == "" {
		t.Skip("runs in child processes only")
	}
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	must(t, err)
	w := inventorytest.Begin(t, s, inventorytest.Source())
	must(t, w.Plan(t.Context(), inventorytest.Source(), []inventory.Scope{{ID: "whole"}, {ID: "torn"}}))
	inventorytest.Commit(t, w, inventorytest.Source(), inventorytest.Read("whole", inventorytest.Asset("x", inventorytest.Tags("v", "2")), inventorytest.Asset("new")))
	sw, err := w.Scope(t.Context(), inventorytest.Source(), inventory.Scope{ID: "torn"})
	must(t, err)
	must(t, sw.Put(inventorytest.Asset("y", inventorytest.Tags("v", "2"))))
	for i := range 55_000 {
		must(t, sw.Put(inventorytest.Asset(fmt.Sprintf("torn-%d", i), inventorytest.Tags("v", fmt.Sprint(i%500)))))
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin) // until killed
}

// startChild runs TestChild until it has put its assets. kill ends it as a power cut would.
func startChild(t *testing.T, path string) (cmd *exec.Cmd, kill func()) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = in.Close()
	}
	t.Cleanup(kill)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "ready" {
			return cmd, kill
		}
		t.Log(lines.Text())
	}
	t.Fatal("the child process ended before it was ready")
	return nil, nil
}

// twoScopes scans what the child finds: an asset in each of its scopes.
func twoScopes(t *testing.T, path string) {
	t.Helper()
	s := open(t, path, inventorytest.NewClock().Now)
	inventorytest.Scan(t, s, inventorytest.Read("whole", inventorytest.Asset("x", inventorytest.Tags("v", "1"))),
		inventorytest.Read("torn", inventorytest.Asset("y", inventorytest.Tags("v", "1"))))
	must(t, s.Close())
}

func TestKilledInMidScan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	twoScopes(t, path)
	_, kill := startChild(t, path)
	kill()

	s := open(t, path, inventorytest.NewClock().Now)
	wantQuery(t, s, "PRAGMA integrity_check", "ok")
	wantQuery(t, s, "PRAGMA foreign_key_check")
	wantValues(t, s, inventory.AssetQuery{}, "y 1", "x 1")
	wantValues(t, s, inventory.AssetQuery{At: 2}, "y 1", "x 2", "new ")
	w, err := s.Resume(t.Context(), inventory.ScanStart{Sources: []inventory.Source{inventorytest.Source()}})
	must(t, err)
	if !w.Done("aws", "whole") || w.Done("aws", "torn") {
		t.Errorf("done: whole %v, torn %v", w.Done("aws", "whole"), w.Done("aws", "torn"))
	}
	wantQuery(t, s, "SELECT count(*) FROM asset WHERE key LIKE 'torn-%'", "0") // swept
	must(t, w.Plan(t.Context(), inventorytest.Source(), []inventory.Scope{{ID: "whole"}, {ID: "torn"}}))
	inventorytest.Commit(t, w, inventorytest.Source(), inventorytest.Read("torn", inventorytest.Asset("y", inventorytest.Tags("v", "2"))))
	scan := inventorytest.Finish(t, w)
	if scan.ID != 2 || !scan.Complete() {
		t.Errorf("resumed scan: %+v", scan)
	}
	wantValues(t, s, inventory.AssetQuery{}, "y 2", "x 2", "new ")
	wantQuery(t, s, "SELECT name FROM sqlite_schema WHERE name IN ('asset_key', 'tag_key_value') ORDER BY name", "asset_key", "tag_key_value")
	wantQuery(t, s, "PRAGMA integrity_check", "ok")
}

func TestBeginAfterKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	twoScopes(t, path)
	_, kill := startChild(t, path)
	kill()
	s := open(t, path, inventorytest.NewClock().Now)
	w := inventorytest.Begin(t, s, inventorytest.Source())
	if w.ID() != 3 {
		t.Errorf("scan %d, want 3", w.ID())
	}
	killed, err := s.Scan(t.Context(), 2)
	must(t, err)
	if killed.State != inventory.ScanInterrupted {
		t.Errorf("killed scan is %s", killed.State)
	}
	inventorytest.ReadInto(t, w, inventorytest.Source(), inventorytest.Read("whole", inventorytest.Asset("x", inventorytest.Tags("v", "1"))))
	inventorytest.Finish(t, w)
	wantValues(t, s, inventory.AssetQuery{}, "x 1")
}

func TestLockBetweenProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	twoScopes(t, path)
	cmd, kill := startChild(t, path)
	s := open(t, path, time.Now)
	_, err := s.Begin(t.Context(), inventory.ScanStart{})
	var locked *inventory.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("begin while another process scans: %v", err)
	}
	host, err := os.Hostname()
	must(t, err)
	if locked.PID != cmd.Process.Pid || locked.Command != "muster scan" || locked.Host != host || time.Since(locked.Since) > time.Hour {
		t.Errorf("lock holder: %+v, want process %d", locked, cmd.Process.Pid)
	}
	// Reading goes on, in this process, in a store opened for reading, and for other programs.
	wantValues(t, s, inventory.AssetQuery{}, "y 1", "x 1")
	r, err := sqlite.Open(t.Context(), path, sqlite.Options{ReadOnly: true})
	must(t, err)
	wantValues(t, r, inventory.AssetQuery{}, "y 1", "x 1")
	must(t, r.Close())
	if got := strings.Join(readByCLI(t, path), ","); got != "x,y,new" && got != "" {
		t.Errorf("sqlite3 reads %q while a scan runs", got)
	}
	kill()
	inventorytest.Finish(t, inventorytest.Begin(t, s, inventorytest.Source()))
}

// readByCLI reads the view for people with the sqlite3 program; nothing if there is none.
func readByCLI(t *testing.T, path string) []string {
	t.Helper()
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Log("sqlite3 is not installed: its view of the store is not tested")
		return nil
	}
	out, err := exec.CommandContext(t.Context(), program, "-readonly", path, "SELECT key FROM assets_now ORDER BY key = 'new', key").CombinedOutput()
	if err != nil {
		t.Fatalf("sqlite3: %v: %s", err, out)
	}
	return strings.Fields(string(out))
}

// wantValues compares the keys of assets and the values of their tag v.
func wantValues(t *testing.T, s inventory.Store, q inventory.AssetQuery, want ...string) {
	t.Helper()
	var got []string
	for _, e := range inventorytest.All(t, s, q) {
		tag, _ := e.Tags.Get("v")
		got = append(got, e.Key+" "+tag.Value)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("assets as of scan %d: %q, want %q", q.At, got, want)
	}
}

// rows renders what a query answers, a line a row.
func rows(ctx context.Context, s *sqlite.Store, query string) ([]string, error) {
	var out []string
	err := s.Query(ctx, query, func(_ []string, row []any) error {
		var cells []string
		for _, v := range row {
			if v == nil {
				v = "NULL"
			}
			cells = append(cells, fmt.Sprint(v))
		}
		out = append(out, strings.Join(cells, "|"))
		return nil
	})
	return out, err
}

func wantQuery(t *testing.T, s *sqlite.Store, query string, want ...string) {
	t.Helper()
	got, err := rows(t.Context(), s, query)
	must(t, err)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\ngot:\n%s\nwant:\n%s", query, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// raw opens a store's file by the driver alone, for tests that break or look into it.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path}).String())
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}
