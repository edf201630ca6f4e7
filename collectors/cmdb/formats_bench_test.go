package cmdb_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/inventory"
)

// writeFormat writes n rows of the wide register in one of the formats, and returns the file's name.
func writeFormat(dir, format string, n int) (string, error) {
	name := "big." + format
	path := filepath.Join(dir, name)
	if format == "csv" {
		return name, wideFile(dir, n)
	}
	header := strings.Split(strings.TrimSpace(wideHeader), ",")
	if format == "xlsx" {
		return name, writeWide(path, header, n)
	}
	var b bytes.Buffer
	before, after := map[string]string{"json": "[", "xml": "<r>"}[format], map[string]string{"json": "]", "xml": "</r>"}[format]
	b.WriteString(before)
	for i := range n {
		cells := strings.Split(strings.TrimSpace(wideRow(i)), ",")
		if err := writeRecord(&b, format, i, header, cells); err != nil {
			return "", err
		}
	}
	b.WriteString(after)
	return name, os.WriteFile(path, b.Bytes(), 0o600)
}

func writeRecord(b *bytes.Buffer, format string, i int, header, cells []string) error {
	if format == "xml" {
		b.WriteString("<asset>")
		for c, name := range header {
			name = strings.ReplaceAll(name, " ", "_")
			b.WriteString("<" + name + ">")
			if err := xml.EscapeText(b, []byte(cells[c])); err != nil {
				return err
			}
			b.WriteString("</" + name + ">")
		}
		b.WriteString("</asset>\n")
		return nil
	}
	record := map[string]string{}
	for c, name := range header {
		record[name] = cells[c]
	}
	line, err := json.Marshal(record)
	if format == "json" && i > 0 {
		b.WriteByte(',')
	}
	b.Write(append(line, '\n'))
	return err
}

func writeWide(path string, header []string, n int) error {
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	for i := range n + 1 {
		cells := header
		if i > 0 {
			cells = strings.Split(strings.TrimSpace(wideRow(i-1)), ",")
		}
		row := make([]any, len(cells))
		for c, text := range cells {
			row[c] = text
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.SaveAs(path)
}

// formatCollector reads the wide register in one of the formats.
func formatCollector(tb testing.TB, dir, format string) collectors.Collector {
	o := wideOptions()
	if format == "xml" {
		c := &o.Columns
		for _, name := range []*string{&c.Serial, &c.AssetTag, &c.IP, &c.MAC} {
			*name = strings.ReplaceAll(*name, " ", "_")
		}
		o.Tags["owner"], o.Tags["cost-center"] = "Business_Owner", "Cost_Center"
	}
	c, err := cmdb.Spec().New(collectors.Env{Dir: dir}, inventory.Source{Book: inventory.Recorded}, o)
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// BenchmarkFormats reads the same register in each format; CSV is the yardstick.
func BenchmarkFormats(b *testing.B) {
	for _, format := range []string{"csv", "xlsx", "json", "ndjson", "xml"} {
		b.Run(format, func(b *testing.B) {
			dir := b.TempDir()
			name, err := writeFormat(dir, format, benchRows)
			if err != nil {
				b.Fatal(err)
			}
			c := formatCollector(b, dir, format)
			stop := watchHeap()
			b.ReportAllocs()
			for b.Loop() {
				d := &discard{}
				if err := c.Collect(b.Context(), inventory.Scope{ID: name}, d); err != nil || d.n != benchRows {
					b.Fatalf("%d assets, error %v", d.n, err)
				}
			}
			b.ReportMetric(float64(stop()>>20), "MiB-peak")
			b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// watchHeap looks at the heap in use, garbage included, until its result is called, which returns the most above that before.
func watchHeap() func() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapInuse, uint64(0)
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(20 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-end:
				return
			case <-ticker.C:
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse-min(before, m.HeapInuse))
		}
	}()
	return func() uint64 {
		close(end)
		<-done
		return most
	}
}

// TestMemoryDoesNotGrowWithTheFile reads a small and a large register: what is live half-way grows by the keys' hashes only.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, format := range []string{"xlsx", "json", "ndjson", "xml"} {
		t.Run(format, func(t *testing.T) {
			live := func(n int) int64 {
				dir := t.TempDir()
				name, err := writeFormat(dir, format, n)
				if err != nil {
					t.Fatal(err)
				}
				c := formatCollector(t, dir, format)
				var before, half runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&before)
				d := &halfway{at: n / 2, do: func() {
					runtime.GC()
					runtime.ReadMemStats(&half)
				}}
				if err := c.Collect(t.Context(), inventory.Scope{ID: name}, d); err != nil || d.n != n {
					t.Fatalf("%d assets, error %v", d.n, err)
				}
				return int64(half.HeapAlloc) - int64(before.HeapAlloc)
			}
			const few, many = 2_000, 20_000
			small, large := live(few), live(many)
			if most := small + (many-few)*32 + 2<<20; large > most {
				t.Errorf("live memory grows from %d KiB to %d KiB, want at most %d KiB", small>>10, large>>10, most>>10)
			}
		})
	}
}

// halfway is a sink that does something in the middle.
type halfway struct {
	discard
	at int
	do func()
}

func (h *halfway) Asset(a inventory.Asset) error {
	if h.n == h.at {
		h.do()
	}
	return h.discard.Asset(a)
}
