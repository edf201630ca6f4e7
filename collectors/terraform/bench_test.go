package terraform

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// BenchmarkState compares reading a state of some 80 MB with what encoding/json takes to read it into an any.
func BenchmarkState(b *testing.B) {
	n := 40_000
	dir := b.TempDir()
	if err := generateLarge(dir, n); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(dir, "big.tfstate")
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encoding/json", func(b *testing.B) {
		b.SetBytes(info.Size())
		measure(b, func() {
			f, err := os.Open(path)
			if err != nil {
				b.Fatal(err)
			}
			defer f.Close()
			var x any
			if err := json.NewDecoder(f).Decode(&x); err != nil {
				b.Fatal(err)
			}
			runtime.KeepAlive(x)
		})
	})
	b.Run("collect", func(b *testing.B) {
		b.SetBytes(info.Size())
		c := newCollector(b, dir, &Options{})
		measure(b, func() {
			var out counter
			if err := c.Collect(b.Context(), inventory.Scope{ID: "big.tfstate"}, &out); err != nil {
				b.Fatal(err)
			}
			if out.assets < n {
				b.Fatalf("%d assets of %d instances", out.assets, n)
			}
		})
	})
}

// measure reports the most memory that the heap took from the system's view while f ran.
func measure(b *testing.B, f func()) {
	b.Helper()
	b.ReportAllocs()
	runtime.GC()
	var peak atomic.Uint64
	stop := make(chan struct{})
	go watch(&peak, stop)
	for b.Loop() {
		f()
	}
	close(stop)
	b.ReportMetric(float64(peak.Load())/(1<<20), "peak-MiB")
}

func watch(peak *atomic.Uint64, stop chan struct{}) {
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			metrics.Read(sample)
			peak.Store(max(peak.Load(), sample[0].Value.Uint64()+sample[1].Value.Uint64()))
		}
	}
}

// counter counts assets and keeps none.
type counter struct{ assets int }

func (c *counter) Asset(inventory.Asset) error { c.assets++; return nil }
func (c *counter) Skip(inventory.Problem)      {}
func (c *counter) Note(collectors.Facts)       {}
