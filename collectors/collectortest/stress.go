package collectortest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// testTruncated cuts each input at many places. Whatever the place, no panic; and where the cut can be told, never a whole
// run with fewer assets, since that would end the ones that are missing.
func testTruncated(t *testing.T, cfg *Config) {
	dir := cfg.fixture(t)
	want := map[string]int{}
	for _, r := range cfg.collect(t, dir) {
		want[r.scope.ID] = len(r.assets)
	}
	for _, name := range cfg.inputs(t, dir) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range cuts(len(content)) {
			cfg.truncate(t, dir, name, content, n, want)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (c *Config) truncate(t *testing.T, dir, name string, content []byte, n int, want map[string]int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), content[:n], 0o600); err != nil {
		t.Fatal(err)
	}
	c.setTimes(t, dir)
	detectable := !AtLineEnd(content, n)
	if c.Detectable != nil {
		detectable = c.Detectable(name, content, n)
	}
	if n == 0 {
		detectable = true
	}
	for _, r := range c.collect(t, dir) {
		if detectable && r.whole() && len(r.assets) < want[r.scope.ID] {
			t.Errorf("%s cut after %d of %d bytes: scope %s is ok with %d of %d assets",
				name, n, len(content), r.scope.ID, len(r.assets), want[r.scope.ID])
		}
	}
}

// cuts are some 100 places in a file: the first and last bytes, and a seeded choice between.
func cuts(size int) []int {
	var list []int
	for n := range min(size, 24) {
		list = append(list, n, size-1-n)
	}
	rng := rand.New(rand.NewPCG(1, uint64(size)))
	for range min(size, 56) {
		list = append(list, rng.IntN(size))
	}
	return list
}

// Sizes of the inputs whose memory is compared.
const (
	smallInput = 5_000
	largeInput = 20 * smallInput
)

// testMemory compares the live heap half-way through a small and a large input: it must not grow by more than the keys'
// hashes.
func testMemory(t *testing.T, cfg *Config) {
	switch {
	case cfg.Generate == nil:
		t.Skip("no generator was given")
	case testing.Short():
		t.Skip("takes seconds")
	}
	per := cfg.BytesPerRecord
	if per == 0 {
		per = 64
	}
	small, large := cfg.liveHeap(t, smallInput), cfg.liveHeap(t, largeInput)
	const slack = 2 << 20
	if most := small + (largeInput-smallInput)*int64(per) + slack; large > most {
		t.Errorf("live memory grows from %d KiB at %d records to %d KiB at %d, want at most %d KiB",
			small>>10, smallInput, large>>10, largeInput, most>>10)
	}
}

// liveHeap is the most live memory at four places of reading an input of n records, in bytes above that before it.
func (c *Config) liveHeap(t *testing.T, n int) int64 {
	t.Helper()
	dir := t.TempDir()
	if err := c.Generate(dir, n); err != nil {
		t.Fatalf("generate input: %v", err)
	}
	c.setTimes(t, dir)
	made := c.collector(t, dir)
	before, most, total := heap(), int64(0), 0
	for _, s := range scopes(t, made) {
		counter := &counter{each: func(seen int) {
			if seen%(n/4) == 0 {
				most = max(most, heap()-before)
			}
		}}
		if err := made.Collect(t.Context(), s, counter); err != nil && counter.seen > 0 {
			t.Fatalf("collect generated input: %v", err) // a scope without assets is a path that the fixture alone has
		}
		total += counter.seen
	}
	if total < n/2 {
		t.Fatalf("the generated input of %d records yields %d assets", n, total)
	}
	return most
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// LinesFile writes a file of n lines and a header, for Generate.
func LinesFile(path, header string, n int, line func(i int) string) error {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("create input: %w", err)
	}
	defer f.Close()
	b := []byte(header)
	for i := range n {
		if b = append(b, line(i)...); len(b) > 1<<16 || i == n-1 {
			if _, err := f.Write(b); err != nil {
				return fmt.Errorf("write input: %w", err)
			}
			b = b[:0]
		}
	}
	return f.Close()
}
