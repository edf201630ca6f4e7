package sqlite_test

import (
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/inventorytest"
	"github.com/muster-audit/muster/inventory/sqlite"
)

func open(tb testing.TB, path string, now func() time.Time) *sqlite.Store {
	tb.Helper()
	s, err := sqlite.Open(tb.Context(), path, sqlite.Options{Now: now, Command: "muster test"})
	must(tb, err)
	tb.Cleanup(func() { must(tb, s.Close()) })
	return s
}

func TestConformance(t *testing.T) {
	inventorytest.Run(t, func(t *testing.T, path string, now func() time.Time) inventory.Store { return open(t, path, now) })
}
