package sqlite_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/sqlite"
)

// register is a made-up server register: rows of about 150 bytes as CSV, with 5 identifiers, 4 tags of few
// combinations and 3 attributes.
func register(n int, environment string) func(yield func(inventory.Asset) bool) {
	return func(yield func(inventory.Asset) bool) {
		for i := range n {
			host := fmt.Sprintf("srv-%07d", i)
			a := inventory.Asset{
				Key: host, Name: host, Book: inventory.Recorded, Type: "datacenter/server", Region: fmt.Sprintf("dc-%d", i%5),
				Lifecycle: inventory.LifecycleActive,
				Tags: inventory.KnownTags(
					inventory.Tag{Key: "owner", Value: fmt.Sprintf("team-%d", i%20)},
					inventory.Tag{Key: "environment", Value: environment},
					inventory.Tag{Key: "cost-center", Value: fmt.Sprintf("cc-%04d", i%100)},
					inventory.Tag{Key: "location", Value: fmt.Sprintf("dc-%d", i%5)},
				),
				Attributes: inventory.KnownAttributes(
					inventory.Attribute{Name: "os", Value: inventory.StringValue(fmt.Sprintf("linux-%d", i%3))},
					inventory.Attribute{Name: "status", Value: inventory.StringValue("active")},
					inventory.Attribute{Name: "model", Value: inventory.StringValue(fmt.Sprintf("model-%d", i%7))},
				),
				Identifiers: inventory.SortIdentifiers([]inventory.Identifier{
					{Kind: inventory.Hostname, Value: host},
					{Kind: inventory.FQDN, Value: host + ".example.com"},
					{Kind: inventory.Serial, Value: fmt.Sprintf("SN%08X", i)},
					{Kind: inventory.AssetTag, Value: fmt.Sprintf("AT%08d", i)},
					{Kind: inventory.PrivateIP, Value: fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255)},
				}),
				Origin: inventory.Origin{File: "cmdb/servers.csv", Line: i + 2},
			}
			if !yield(a) {
				return
			}
		}
	}
}

// scanRegister runs one scan of n rows, all in one environment, and returns the run.
func scanRegister(tb testing.TB, s inventory.Store, n int, environment string) inventory.ScopeRun {
	tb.Helper()
	ctx := tb.Context()
	src := inventory.Source{Name: "cmdb", Collector: "cmdb", Book: inventory.Recorded}
	scope := inventory.Scope{ID: "cmdb/servers.csv", Covers: inventory.Coverage{Derived: true}, Export: true, MaxDrop: 0.2}
	w, err := s.Begin(ctx, inventory.ScanStart{Sources: []inventory.Source{src}})
	must(tb, err)
	must(tb, w.Plan(ctx, src, []inventory.Scope{scope}))
	sw, err := w.Scope(ctx, src, scope)
	must(tb, err)
	for a := range register(n, environment) {
		must(tb, sw.Put(a))
	}
	run, err := sw.Commit(ctx, inventory.ScopeRun{State: inventory.RunOK, Attempts: 1})
	must(tb, err)
	_, err = w.Finish(ctx, false)
	must(tb, err)
	return run
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func openBench(b *testing.B, path string) *sqlite.Store {
	b.Helper()
	s, err := sqlite.Open(b.Context(), path, sqlite.Options{Now: time.Now})
	must(b, err)
	return s
}

// assets lets a person measure other sizes: go test -bench FirstScan -benchtime 1x -args -assets 1000000
var assets = flag.Int("assets", 100_000, "assets in benchmarks")

func BenchmarkFirstScan(b *testing.B) {
	for i := range b.N {
		s := openBench(b, filepath.Join(b.TempDir(), fmt.Sprintf("%d.db", i)))
		scanRegister(b, s, *assets, "production")
		must(b, s.Close())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(*assets), "ns/asset")
}

func BenchmarkRescan(b *testing.B) {
	s := openBench(b, filepath.Join(b.TempDir(), "muster.db"))
	defer s.Close() //nolint:errcheck // a benchmark
	scanRegister(b, s, *assets, "production")
	b.ResetTimer()
	for range b.N {
		if run := scanRegister(b, s, *assets, "production"); run.Changed+run.Added+run.Ended != 0 {
			b.Fatalf("rescan changed something: %+v", run)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(*assets), "ns/asset")
}

// BenchmarkChanged scans assets of which every one has changed.
func BenchmarkChanged(b *testing.B) {
	s := openBench(b, filepath.Join(b.TempDir(), "muster.db"))
	defer s.Close() //nolint:errcheck // a benchmark
	scanRegister(b, s, *assets, "production")
	b.ResetTimer()
	for i := range b.N {
		if run := scanRegister(b, s, *assets, fmt.Sprint(i)); run.Changed != *assets {
			b.Fatalf("%d changed", run.Changed)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(*assets), "ns/asset")
}

// BenchmarkAssets reads every asset whole.
func BenchmarkAssets(b *testing.B) {
	s := openBench(b, filepath.Join(b.TempDir(), "muster.db"))
	defer s.Close() //nolint:errcheck // a benchmark
	scanRegister(b, s, *assets, "production")
	b.ResetTimer()
	for range b.N {
		n := 0
		for _, err := range s.Assets(b.Context(), inventory.AssetQuery{}) {
			must(b, err)
			n++
		}
		if n != *assets {
			b.Fatalf("read %d assets", n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(*assets), "ns/asset")
}

// BenchmarkGenerate is what of the other benchmarks is making the assets.
func BenchmarkGenerate(b *testing.B) {
	for range b.N {
		n := 0
		for range register(*assets, "production") {
			n++
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(*assets), "ns/asset")
}
