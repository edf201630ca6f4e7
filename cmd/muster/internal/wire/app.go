// Package wire is the composition root: the only place that knows collectors, store, rules and report formats by name,
// and puts them together into scans, evaluations and reports.
package wire

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/builtin"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
	"github.com/muster-audit/muster/inventory/sqlite"
)

// App is the program put together for one command.
type App struct {
	Config   *config.Config
	Registry collectors.Registry
	Log      *slog.Logger
	Now      func() time.Time
	Getenv   func(string) string
	Version  string

	catalog *catalog.Catalog // loaded when it is first needed
	against *Earlier         // nil: the store's own earlier evaluation
}

// Registry returns the kinds of collector that there are.
func Registry() (collectors.Registry, error) { return builtin.Registry() }

// OpenStore opens the configured store.
func (a *App) OpenStore(ctx context.Context, readOnly bool) (*sqlite.Store, error) {
	store, err := sqlite.Open(ctx, a.Config.Store, sqlite.Options{
		Now: a.Now, Log: a.Log, ReadOnly: readOnly, Command: strings.Join(os.Args, " "),
	})
	if errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("%w: a file is where a folder should be: name another place with --store", err)
	}
	return store, err
}

// OpenScanned opens the store for writing, and unlike OpenStore makes none where there is none.
func (a *App) OpenScanned(ctx context.Context) (*sqlite.Store, error) {
	if _, err := os.Stat(a.Config.Store); errors.Is(err, fs.ErrNotExist) {
		return a.OpenStore(ctx, true) // it says what is wrong
	}
	return a.OpenStore(ctx, false)
}

// Catalog returns what is known of asset types.
func (a *App) Catalog() (*catalog.Catalog, error) {
	if a.catalog == nil {
		c, err := catalog.Load()
		if err != nil {
			return nil, err
		}
		a.catalog = c
	}
	return a.catalog, nil
}

// Collector makes the collector of a source. key is the store's key for hashing secrets.
func (a *App) Collector(src config.Source, key []byte) (collectors.Collector, error) {
	return a.collector(src, a.env(src, key))
}

func (a *App) env(src config.Source, key []byte) collectors.Env {
	return collectors.Env{Dir: a.Config.Dir, Now: a.Now, Log: a.Log.With("source", src.Name), Secret: inventory.NewSecretHash(key)}
}

func (a *App) collector(src config.Source, env collectors.Env) (collectors.Collector, error) {
	c, err := src.Spec.New(env, src.Source, src.Options)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", src.Name, err)
	}
	return c, nil
}
