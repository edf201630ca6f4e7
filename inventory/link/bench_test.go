package link

import (
	"fmt"
	"iter"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

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

// mixed yields two sources of n assets each. A fifth of them is known to both by serial number, by UUID in two byte orders, by FQDN and
// address, by MAC address and name, and by instance id.
func mixed(n int) iter.Seq2[inventory.Identity, error] {
	return func(yield func(inventory.Identity, error) bool) {
		buf := make([]byte, 0, 64)
		text := func(prefix string, k, base, width int, suffix string) string {
			buf = append(buf[:0], prefix...)
			digits := strconv.FormatInt(int64(k), base)
			for range width - len(digits) {
				buf = append(buf, '0')
			}
			return string(append(append(buf, digits...), suffix...))
		}
		ids := make([]inventory.Identifier, 0, 4)
		for i := range 2 * n {
			k, book, uuid := i, inventory.Observed, "a1b2c3d4-e5f6-4a7b-8c9d-"
			if i >= n {
				k, book, uuid = i-n, inventory.Recorded, "d4c3b2a1-f6e5-7b4a-8c9d-"
			}
			a := inventory.Identity{ID: int64(i + 1), Book: book, Source: string(book), Type: "datacenter/server", Key: text(string(book), k, 10, 7, "")}
			switch k % 5 {
			case 0:
				ids = append(ids[:0], is(inventory.Serial, text("SN", k, 16, 8, "Q")))
				a.Name = text("web-", k, 10, 7, "")
			case 1:
				ids = append(ids[:0], is(inventory.UUID, text(uuid, k, 16, 12, "")))
			case 2:
				ids = append(ids[:0], is(inventory.FQDN, text("web-", k, 10, 7, ".example.com")), is(inventory.PrivateIP, text("fd00::", k>>16, 16, 1, ":"+strconv.FormatInt(int64(k&0xffff), 16))))
			case 3:
				ids = append(ids[:0], is(inventory.MAC, text("001b21", k, 16, 6, "")))
				a.Name = text("web-", k, 10, 7, "")
			case 4:
				ids = append(ids[:0], is(inventory.InstanceID, text("i-", k, 16, 17, "")))
			}
			a.Identifiers = ids
			if !yield(a, nil) {
				return
			}
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkBuild(b, n, n/2, halfAndHalf(n)) })
	}
}

// BenchmarkBuildMixed links two sources of n assets each.
func BenchmarkBuildMixed(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkBuild(b, 2*n, n, mixed(n)) })
	}
}

func benchmarkBuild(b *testing.B, assets, entities int, ids iter.Seq2[inventory.Identity, error]) {
	var before, after runtime.MemStats
	var r *Result
	var peak uint64
	for b.Loop() {
		r = nil
		runtime.GC()
		runtime.ReadMemStats(&before)
		stop := watchHeap()
		var err error
		if r, err = Build(b.Context(), ids); err != nil {
			b.Fatal(err)
		}
		peak = max(peak, stop()-before.HeapAlloc)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if r.Len() != entities {
		b.Fatalf("%d entities, want %d", r.Len(), entities)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(assets), "ns/asset")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(assets), "kept-B/asset")
	b.ReportMetric(float64(peak)/float64(assets), "peak-B/asset")
	runtime.KeepAlive(r)
}

// watchHeap samples the heap, garbage included, until it is stopped, and then returns the most that it saw.
func watchHeap() (stop func() uint64) {
	done := make(chan struct{})
	var most uint64
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	return func() uint64 { close(done); wg.Wait(); return most }
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
