package cmdb_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/cmdb"
	"github.com/muster-audit/muster/collectors/collectortest"
	"github.com/muster-audit/muster/inventory"
)

const wideHeader = "Hostname,Serial Number,Asset Tag,UUID,IP Address,MAC Address,Status,Business Owner,u_environment,Cost Center,Location,Created,Type\n"

// wideRow is a row of 13 columns as large registers have them.
func wideRow(i int) string {
	owners := []string{"payments", "search", "platform", "data", "retail"}
	return fmt.Sprintf("srv-%06d.example.com,SN%08X,A-%06d,%08x-1111-4222-8333-%012x,10.%d.%d.%d,00:16:3e:%02x:%02x:%02x,In Use,%s,%s,CC-%03d,Hall %d,2025-%02d-%02d,Server\n",
		i, i*7919, i, i, i*31, i>>16&255, i>>8&255, i&255, i>>16&255, i>>8&255, i&255,
		owners[i%5], []string{"prod", "test"}[i%2], i%200, i%12, i%12+1, i%28+1)
}

func wideOptions() *cmdb.Options {
	o := cmdb.Spec().NewOptions().(*cmdb.Options)
	o.Paths = []string{"*.csv"}
	o.Columns = cmdb.Columns{
		Name: "Hostname", FQDN: "Hostname", Serial: "Serial Number", AssetTag: "Asset Tag", UUID: "UUID", IP: "IP Address", MAC: "MAC Address",
		Status: "Status", Type: "Type", Created: "Created",
	}
	o.Tags = map[string]string{"owner": "Business Owner", "env": "u_environment", "cost-center": "Cost Center"}
	o.Attributes = map[string]string{"location": "Location"}
	return o
}

// wideFile writes a register of n rows.
func wideFile(dir string, n int) error {
	return collectortest.LinesFile(filepath.Join(dir, "big.csv"), wideHeader, n, wideRow)
}

// discard is a sink that counts.
type discard struct{ n int }

func (d *discard) Asset(inventory.Asset) error { d.n++; return nil }
func (d *discard) Skip(inventory.Problem)      {}
func (d *discard) Note(collectors.Facts)       {}

const benchRows = 200_000

func BenchmarkCollect(b *testing.B) {
	dir := b.TempDir()
	if err := wideFile(dir, benchRows); err != nil {
		b.Fatal(err)
	}
	c, err := cmdb.Spec().New(collectors.Env{Dir: dir}, inventory.Source{Book: inventory.Recorded}, wideOptions())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		d := &discard{}
		if err := c.Collect(b.Context(), inventory.Scope{ID: "big.csv"}, d); err != nil || d.n != benchRows {
			b.Fatalf("%d assets, error %v", d.n, err)
		}
	}
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkYardstick reads the same rows with encoding/csv once and makes nothing of them.
func BenchmarkYardstick(b *testing.B) {
	dir := b.TempDir()
	if err := wideFile(dir, benchRows); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		f, err := os.Open(filepath.Join(dir, "big.csv"))
		if err != nil {
			b.Fatal(err)
		}
		r := csv.NewReader(f)
		r.ReuseRecord = true
		for err = nil; err == nil; _, err = r.Read() {
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
		f.Close()
	}
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
}
