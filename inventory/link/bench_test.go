package link

import (
	"fmt"
	"iter"
	"runtime"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// halfAndHalf yields n assets: observed machines, and register rows that know them by serial, name or instance id.
func halfAndHalf(n int) iter.Seq2[inventory.Identity, error] {
	return func(yield func(inventory.Identity, error) bool) {
		ids := make([]inventory.Identifier, 0, 3)
		for i := range n {
			k, book := i, inventory.Observed
			if i >= n/2 {
				k, book = i-n/2, inventory.Recorded
			}
			ids = append(ids[:0],
				is(inventory.FQDN, fmt.Sprintf("web-%07d.example.com", k)), is(inventory.Serial, fmt.Sprintf("SN%08XQ", k)))
			if k%3 == 0 {
				ids = append(ids[:0], is(inventory.InstanceID, fmt.Sprintf("i-%017x", k)))
			}
			a := inventory.Identity{ID: int64(i + 1), Book: book, Source: string(book), Type: "datacenter/server", Key: fmt.Sprintf("%s-%d", book, k), Identifiers: ids}
			if !yield(a, nil) {
				return
			}
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var before, after runtime.MemStats
			var r *Result
			for b.Loop() {
				r = nil
				runtime.GC()
				runtime.ReadMemStats(&before)
				var err error
				if r, err = Build(b.Context(), halfAndHalf(n)); err != nil {
					b.Fatal(err)
				}
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			if r.Len() != n/2 {
				b.Fatalf("%d entities, want %d", r.Len(), n/2)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/asset")
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "kept-B/asset")
			runtime.KeepAlive(r)
		})
	}
}

// TestMemory holds the retained size of a result to its promise: it is made of flat arrays only.
func TestMemory(t *testing.T) {
	const n, most = 50_000, 60
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r, err := Build(t.Context(), halfAndHalf(n))
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if got := int64(after.HeapAlloc-before.HeapAlloc) / n; got > most {
		t.Errorf("a result keeps %d bytes an asset, want at most %d", got, most)
	}
	runtime.KeepAlive(r)
}
