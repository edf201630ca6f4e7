package wire

import (
	"context"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// actor is a collector that gives one queue and then, if it is told to, panics.
type actor struct{ panics *bool }

func (a actor) Scopes(context.Context) ([]inventory.Scope, error) {
	return []inventory.Scope{{ID: "all", Covers: inventory.Coverage{Types: []string{"AWS::SQS::Queue"}}}}, nil
}

func (a actor) Collect(_ context.Context, _ inventory.Scope, out collectors.Sink) error {
	if *a.panics {
		panic("index out of range [3]")
	}
	return out.Asset(inventory.Asset{
		Key: "arn:aws:sqs:eu-west-1:111122223333:orders", Book: inventory.Observed, Type: "AWS::SQS::Queue", Tags: inventory.KnownTags(),
	})
}

// TestCollectorPanics: a collector that panics is a scope that was not read. What it read before stands, the other
// sources are read, and the gate calls the audit incomplete.
func TestCollectorPanics(t *testing.T) {
	dir, panics := t.TempDir(), false
	a := &App{
		Config: &config.Config{
			Settings: config.Settings{Store: filepath.Join(dir, "muster.db"), Scan: config.Scan{Parallel: 2, Attempts: 1}},
			Dir:      dir, Sources: []config.Source{source("steady", new(bool)), source("shaky", &panics)},
		},
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Date(2026, 3, 1, 6, 0, 0, 0, time.UTC) },
	}
	audit(t, a)
	panics = true
	r, code := audit(t, a)
	if code != 3 {
		t.Errorf("exit code %d, want 3", code)
	}
	if r["shaky"].State != inventory.RunFailed || !strings.Contains(r["shaky"].Error, "index out of range [3]") || r["shaky"].Assets != 1 {
		t.Errorf("the scope that panicked: %+v", r["shaky"])
	}
	if r["steady"].State != inventory.RunOK {
		t.Errorf("the scope beside it: %+v", r["steady"])
	}
}

func source(name string, panics *bool) config.Source {
	src := inventory.Source{Name: name, Collector: "actor", Book: inventory.Observed}
	return config.Source{Source: src, Spec: collectors.Spec{
		Name: "actor",
		New:  func(collectors.Env, inventory.Source, any) (collectors.Collector, error) { return actor{panics}, nil },
	}}
}

type scopeLine struct {
	State  inventory.RunState
	Error  string
	Assets int
}

// audit scans and judges; it returns the scopes by source and the exit code.
func audit(t *testing.T, a *App) (map[string]scopeLine, int) {
	t.Helper()
	store, err := a.OpenStore(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, _, err := a.Scan(t.Context(), store, ScanOptions{}); err != nil {
		t.Fatal(err)
	}
	r, err := a.Evaluate(t.Context(), store, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]scopeLine{}
	for _, s := range r.Scopes {
		out[s.Source] = scopeLine{s.State, s.Error, s.Assets}
	}
	return out, r.Gate.ExitCode
}
