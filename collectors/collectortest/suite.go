package collectortest

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/inventory"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// Run tries a collector. Each promise of the contract is a subtest.
func Run(t *testing.T, cfg Config) {
	t.Helper()
	t.Run("golden", func(t *testing.T) { testGolden(t, &cfg) })
	t.Run("well-formed", func(t *testing.T) { testWellFormed(t, &cfg) })
	t.Run("same-twice", func(t *testing.T) { testSameTwice(t, &cfg) })
	t.Run("parallel", func(t *testing.T) { testParallel(t, &cfg) })
	t.Run("shuffled", func(t *testing.T) { testShuffled(t, &cfg) })
	t.Run("cancelled", func(t *testing.T) { testCancelled(t, &cfg) })
	t.Run("sink-error", func(t *testing.T) { testSinkError(t, &cfg) })
	t.Run("truncated", func(t *testing.T) { testTruncated(t, &cfg) })
	t.Run("secrets", func(t *testing.T) { testSecrets(t, &cfg) })
	t.Run("memory", func(t *testing.T) { testMemory(t, &cfg) })
}

func testGolden(t *testing.T, cfg *Config) {
	golden := cfg.Golden
	if golden == "" {
		golden = "testdata/conformance.golden.ndjson"
	}
	dir := cfg.fixture(t)
	runs := cfg.collect(t, dir)
	if count(runs) == 0 {
		t.Error("the fixture yields no asset")
	}
	Golden(t, golden, transcript(t, dir, runs))
}

// Golden compares have with a golden file, or writes the file under -update. Tests that import this package use it
// rather than a flag of their own.
func Golden(t *testing.T, path string, have []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, have, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read golden file: %v (go test -update writes it)", err)
	}
	if d := cmp.Diff(lines(want), lines(have)); d != "" {
		t.Errorf("the result is not that of %s (-want +have):\n%s", path, d)
	}
}

func lines(b []byte) []string {
	return strings.Split(strings.ReplaceAll(string(b), "\r\n", "\n"), "\n")
}

func testWellFormed(t *testing.T, cfg *Config) {
	src := cfg.source()
	if !slices.Contains(cfg.Spec.Books, src.Book) {
		t.Errorf("book %q is not among those of the spec, %v", src.Book, cfg.Spec.Books)
	}
	for _, r := range cfg.collect(t, cfg.fixture(t)) {
		if !slices.IsSorted(r.scope.Covers.Types) {
			t.Errorf("scope %s: the covered types are not sorted", r.scope.ID)
		}
		seen := map[string]bool{}
		for _, a := range r.assets {
			if seen[a.Key] {
				t.Errorf("scope %s: key %q comes twice", r.scope.ID, a.Key)
			}
			seen[a.Key] = true
			checkAsset(t, src, &a)
		}
	}
}

func checkAsset(t *testing.T, src inventory.Source, a *inventory.Asset) {
	t.Helper()
	switch {
	case a.Key == "" || a.Type == "":
		t.Errorf("asset %q has no key or no type", a.Key)
	case a.Book != "" && a.Book != src.Book:
		t.Errorf("asset %q is in book %q, its source in %q", a.Key, a.Book, src.Book)
	case !a.Lifecycle.Valid():
		t.Errorf("asset %q: lifecycle %q is not one", a.Key, a.Lifecycle)
	case a.Created.Location().String() != "UTC":
		t.Errorf("asset %q: created is not in UTC", a.Key)
	case !utf8.Valid(inventory.EncodeAsset(a)) || !utf8.ValidString(a.Key+a.Name+a.Account):
		t.Errorf("asset %q is not valid UTF-8", a.Key)
	}
	if want := inventory.SortIdentifiers(slices.Clone(a.Identifiers)); !slices.Equal(want, a.Identifiers) {
		t.Errorf("asset %q: identifiers are not sorted, unique and filled: %v", a.Key, a.Identifiers)
	}
	if want := inventory.SortRelations(slices.Clone(a.Relations)); !slices.Equal(want, a.Relations) {
		t.Errorf("asset %q: relations are not sorted, unique and filled: %v", a.Key, a.Relations)
	}
	for _, i := range a.Identifiers {
		if !slices.Contains(inventory.IdentifierKinds(), i.Kind) {
			t.Errorf("asset %q: identifier kind %q is not one", a.Key, i.Kind)
		}
	}
}

func testSameTwice(t *testing.T, cfg *Config) {
	dir := cfg.fixture(t)
	first, second := transcript(t, dir, cfg.collect(t, dir)), transcript(t, dir, cfg.collect(t, dir))
	if d := cmp.Diff(lines(first), lines(second)); d != "" {
		t.Errorf("the second reading differs from the first (-first +second):\n%s", d)
	}
}

// testParallel reads all scopes at once with one collector; its worth is in running it with -race.
func testParallel(t *testing.T, cfg *Config) {
	dir := cfg.fixture(t)
	want := cfg.collect(t, dir)
	made := cfg.collector(t, dir)
	have := make([]*recorder, len(want))
	var wg sync.WaitGroup
	for i, r := range want {
		wg.Go(func() { have[i] = run(t.Context(), made, r.scope, nil) })
	}
	wg.Wait()
	if d := cmp.Diff(contents(want), contents(have)); d != "" {
		t.Errorf("read in parallel, the scopes differ (-alone +parallel):\n%s", d)
	}
}

func testShuffled(t *testing.T, cfg *Config) {
	if cfg.Shuffle == nil {
		t.Skip("no way to shuffle was given")
	}
	want := contents(cfg.collect(t, cfg.fixture(t)))
	for seed := range uint64(4) {
		dir := cfg.fixture(t)
		rng := rand.New(rand.NewPCG(seed, 1))
		for _, name := range cfg.inputs(t, dir) {
			rewrite(t, filepath.Join(dir, name), func(b []byte) []byte { return cfg.Shuffle(name, b, rng) })
		}
		cfg.setTimes(t, dir)
		if d := cmp.Diff(want, contents(cfg.collect(t, dir))); d != "" {
			t.Fatalf("shuffled with seed %d, the input yields other assets (-want +have):\n%s", seed, d)
		}
	}
}

func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

func testCancelled(t *testing.T, cfg *Config) {
	dir := cfg.fixture(t)
	made := cfg.collector(t, dir)
	for _, full := range cfg.collect(t, dir) {
		for _, at := range []int{0, 1, len(full.assets) / 2, len(full.assets) - 1} {
			if at < 0 || at > 0 && at >= len(full.assets) {
				continue
			}
			ctx, cancel := context.WithCancel(t.Context())
			if at == 0 {
				cancel()
			}
			r := run(ctx, made, full.scope, func(n int) error {
				if n == at {
					cancel()
				}
				return nil
			})
			cancel()
			if r.err == nil && len(r.assets)+len(r.problems) < len(full.assets)+len(full.problems) {
				t.Errorf("scope %s: cancelled at asset %d, it ends without an error with %d of %d assets",
					full.scope.ID, at, len(r.assets), len(full.assets))
			}
		}
	}
}

func testSinkError(t *testing.T, cfg *Config) {
	dir := cfg.fixture(t)
	made := cfg.collector(t, dir)
	for _, full := range cfg.collect(t, dir) {
		if len(full.assets) == 0 {
			continue
		}
		at := len(full.assets) / 2
		r := run(t.Context(), made, full.scope, func(n int) error {
			if n == at {
				return errSink
			}
			return nil
		})
		if !errors.Is(r.err, errSink) {
			t.Errorf("scope %s: the sink's error does not come back, but %v", full.scope.ID, r.err)
		}
		if r.late > 0 {
			t.Errorf("scope %s: %d assets were emitted after the sink's error", full.scope.ID, r.late)
		}
	}
}

func testSecrets(t *testing.T, cfg *Config) {
	dir := cfg.fixture(t)
	text := string(transcript(t, dir, cfg.collect(t, dir)))
	for _, secret := range cfg.Secrets {
		if secret == "" || !fixtureHolds(t, cfg, dir, secret) {
			t.Errorf("secret %q is not in the fixture: the test would prove nothing", secret)
		}
		if strings.Contains(text, secret) {
			t.Errorf("secret %q comes out", secret)
		}
	}
}

func fixtureHolds(t *testing.T, cfg *Config, dir, secret string) bool {
	t.Helper()
	return slices.ContainsFunc(cfg.inputs(t, dir), func(name string) bool {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(b), secret)
	})
}
