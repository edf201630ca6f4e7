package cmdb_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/muster-audit/muster/inventory"
)

// writeShared writes the wide register as Excel does: the cells refer to texts, each of which is there once.
func writeShared(tb testing.TB, path string, n int) {
	tb.Helper()
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	out := zip.NewWriter(f)
	var texts bytes.Buffer
	plain := book(tb, oneSheet([]any{"x"}), nil)
	z, err := zip.NewReader(strings.NewReader(plain), int64(len(plain)))
	if err != nil {
		tb.Fatal(err)
	}
	for _, p := range z.File {
		switch {
		case p.Name == "xl/sharedStrings.xml":
			continue
		case strings.HasPrefix(p.Name, "xl/worksheets/"):
			writeSharedRows(part(tb, out, p.Name), &texts, n)
		case out.Copy(p) != nil:
			tb.Fatal("copy a part")
		}
	}
	if _, err := io.Copy(part(tb, out, "xl/sharedStrings.xml"), io.MultiReader(strings.NewReader("<sst>"), &texts, strings.NewReader("</sst>"))); err != nil {
		tb.Fatal(err)
	}
	if err := out.Close(); err != nil {
		tb.Fatal(err)
	}
}

func part(tb testing.TB, out *zip.Writer, name string) io.Writer {
	tb.Helper()
	w, err := out.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

// writeSharedRows writes a sheet, and what it refers to.
func writeSharedRows(w io.Writer, texts io.Writer, n int) {
	fmt.Fprint(w, `<worksheet xmlns="u"><sheetData>`)
	index := map[string]int{}
	for i := range n + 1 {
		line := wideHeader
		if i > 0 {
			line = wideRow(i - 1)
		}
		fmt.Fprintf(w, `<row r="%d" spans="1:13">`, i+1)
		for c, text := range strings.Split(strings.TrimSpace(line), ",") {
			at, ok := index[text]
			if !ok {
				at = len(index)
				index[text] = at
				fmt.Fprintf(texts, "<si><t>%s</t></si>", text)
			}
			fmt.Fprintf(w, `<c r="%c%d" t="s"><v>%d</v></c>`, 'A'+c, i+1, at)
		}
		fmt.Fprint(w, "</row>")
	}
	fmt.Fprint(w, "</sheetData></worksheet>")
}

// BenchmarkSharedTexts reads the wide register as Excel writes it. The yardstick is that of BenchmarkFormats.
func BenchmarkSharedTexts(b *testing.B) {
	dir := b.TempDir()
	writeShared(b, filepath.Join(dir, "big.xlsx"), benchRows)
	c := formatCollector(b, dir, "xlsx")
	stop := watchHeap()
	b.ReportAllocs()
	for b.Loop() {
		d := &discard{}
		if err := c.Collect(b.Context(), inventory.Scope{ID: "big.xlsx"}, d); err != nil || d.n != benchRows {
			b.Fatalf("%d assets, error %v", d.n, err)
		}
	}
	b.ReportMetric(float64(stop()>>20), "MiB-peak")
	b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
}

// TestSharedTextsAreThoseOfTheCells reads a register whose texts go to a file, and the same as CSV.
func TestSharedTextsAreThoseOfTheCells(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a second")
	}
	const n = 100_000 // about 10 MiB of texts
	dir := t.TempDir()
	writeShared(t, filepath.Join(dir, "big.xlsx"), n)
	if err := wideFile(dir, n); err != nil {
		t.Fatal(err)
	}
	var out [2]kept
	for i, format := range []string{"csv", "xlsx"} {
		if err := formatCollector(t, dir, format).Collect(t.Context(), inventory.Scope{ID: "big." + format}, &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	for i, a := range out[0].assets {
		b := out[1].assets[i]
		a.Origin, b.Origin = inventory.Origin{}, inventory.Origin{}
		if have, want := string(inventory.EncodeAsset(&b)), string(inventory.EncodeAsset(&a)); have != want {
			t.Fatalf("asset %d is %s, want %s", i, have, want)
		}
	}
	if len(out[1].assets) != n || len(out[1].problems) > 0 {
		t.Errorf("%d assets, problems %+v", len(out[1].assets), out[1].problems)
	}
}
