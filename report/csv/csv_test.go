package csvreport

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/reporttest"
	"github.com/muster-audit/muster/rules"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var fileNames = []string{AssetsFile, FindingsFile, DriftFile, TagCoverageFile, ScopesFile}

func TestGolden(t *testing.T) {
	folder := encode(t, reporttest.Small(), Options{})
	if diff := cmp.Diff(fileNames, folder.order); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for _, name := range fileNames {
		file := filepath.Join("testdata", name)
		got := folder.files[name].String()
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", file, diff)
		}
	}
}

// Findings with one cause can be told by a filter on one column, in both tables.
func TestGroupColumn(t *testing.T) {
	r := reporttest.Grouped()
	folder := encode(t, r, Options{})
	for _, name := range []string{FindingsFile, DriftFile} {
		lines := rows(t, folder, name)
		at, n := slices.Index(lines[0], "group"), 0
		for _, line := range lines[1:] {
			if line[at] == r.Groups[0].ID {
				n++
			}
		}
		if n != 40 {
			t.Errorf("%s: %d lines of the group, want 40", name, n)
		}
	}
}

// TestColumnsAreDocumented fails when a column is added, renamed or moved and docs/reports.md does not say so.
func TestColumnsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reports.md")
	if err != nil {
		t.Fatal(err)
	}
	folder := encode(t, reporttest.Empty(), Options{})
	for _, name := range fileNames[1:] {
		checkDocumented(t, string(doc), name, rows(t, folder, name)[0])
	}
	whole := encode(t, reporttest.Small(), Options{})
	var assets []string
	for _, c := range rows(t, whole, AssetsFile)[0] {
		if !strings.HasPrefix(c, "tag.") {
			assets = append(assets, c)
		}
	}
	checkDocumented(t, string(doc), AssetsFile, assets)
	index := reporttest.Empty()
	index.Division = &report.Division{By: "owner"}
	checkDocumented(t, string(doc), IndexFile, rows(t, encode(t, index, Options{}), IndexFile)[0])
}

func checkDocumented(t *testing.T, doc, name string, columns []string) {
	t.Helper()
	_, section, found := strings.Cut(doc, "### "+name+"\n")
	if !found {
		t.Errorf("docs/reports.md has no section %q", name)
		return
	}
	section, _, _ = strings.Cut(section, "\n#")
	var documented []string
	for l := range strings.Lines(section) {
		if cell, isRow := strings.CutPrefix(l, "| `"); isRow {
			if column, _, _ := strings.Cut(cell, "`"); column != "tag.KEY" {
				documented = append(documented, column)
			}
		}
	}
	if diff := cmp.Diff(columns, documented); diff != "" {
		t.Errorf("%s: columns (-written +documented):\n%s", name, diff)
	}
}

func TestUnknownTagsNeverLookUntagged(t *testing.T) {
	table := rows(t, encode(t, reporttest.Small(), Options{}), AssetsFile)
	owner, state := slices.Index(table[0], "tag.owner"), slices.Index(table[0], "tags_state")
	name := slices.Index(table[0], "name")
	got := map[string]string{}
	for _, row := range table[1:] {
		got[row[name]] = row[state] + ": " + row[owner]
	}
	want := map[string]string{
		"payments-api-1": "known: payments",
		"batch-scratch":  "known: ",
		"acme-logs":      "unknown: (unknown)",
		"acme-media":     "unknown: (unknown)", // only an earlier scan could read them
		"ledger-2":       "known: payments",
		"dub-batch-03":   "not-applicable: (not applicable)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state and owner (-want +got):\n%s", diff)
	}
}

// TestFindingsShowTagsOfTheirAssets: with the same three values as the assets.
func TestFindingsShowTagsOfTheirAssets(t *testing.T) {
	r := reporttest.Small()
	about := r.Findings[0]
	about.Asset = rules.AssetRef{Key: "tag-key:owner"}
	r.Findings = append(r.Findings, about)
	table := rows(t, encode(t, r, Options{}), FindingsFile)
	owner, key := slices.Index(table[0], "tag.owner"), slices.Index(table[0], "name")
	got := map[string]string{}
	for _, row := range table[1:] {
		got[row[key]] = row[owner]
	}
	for name, want := range map[string]string{
		"payments-api-1": "payments",
		"batch-scratch":  "",
		"acme-media":     "(unknown)",
		"dub-batch-03":   "(not applicable)",
		"reindex":        "(unknown)", // the scan does not hold it
		"":               "(not applicable)",
	} {
		if got[name] != want {
			t.Errorf("tag of %q is %q, want %q", name, got[name], want)
		}
	}
}

func TestFindingsOfAReportWithoutAssets(t *testing.T) {
	r := reporttest.Small()
	r.Assets = nil
	table := rows(t, encode(t, r, Options{}), FindingsFile)
	owner := slices.Index(table[0], "tag.owner")
	for _, row := range table[1:] {
		if row[owner] != "(unknown)" {
			t.Errorf("without a list of assets, the tag of %s is %q", row[4], row[owner])
		}
	}
}

// TestParts: the files of one group, and of the index of all.
func TestParts(t *testing.T) {
	r := reporttest.Small()
	r.Division = &report.Division{By: "owner", Group: &report.Group{Kind: report.GroupNamed, Value: "payments"}}
	if d := cmp.Diff([]string{AssetsFile, FindingsFile, DriftFile}, encode(t, r, Options{}).order); d != "" {
		t.Errorf("files of a group (-want +got):\n%s", d)
	}
	r.Division = &report.Division{By: "owner", Groups: []report.GroupCount{{
		Group: report.Group{Kind: report.GroupNamed, Value: "=payments"}, Path: "payments/", New: 1, Differences: 4,
		Findings: report.SeverityCounts{Critical: 1, High: 2}, Assets: report.BookCounts{Observed: 7, Declared: 2},
	}}}
	folder := encode(t, r, Options{})
	if d := cmp.Diff([]string{IndexFile, TagCoverageFile, ScopesFile}, folder.order); d != "" {
		t.Errorf("files of the index (-want +got):\n%s", d)
	}
	want := []string{"owner", "named", "'=payments", "payments/", "3", "1", "2", "0", "0", "0", "1", "0", "4", "7", "0", "2"}
	if d := cmp.Diff(want, rows(t, folder, IndexFile)[1]); d != "" {
		t.Errorf("index (-want +got):\n%s", d)
	}
}

func TestScopeThatWasNotReadHasNoCount(t *testing.T) {
	table := rows(t, encode(t, reporttest.Small(), Options{}), ScopesFile)
	state, assets := slices.Index(table[0], "state"), slices.Index(table[0], "assets")
	for _, row := range table[1:] {
		unread := row[state] == "failed" || row[state] == "skipped"
		if (row[assets] == "") != unread {
			t.Errorf("scope %s with state %s says %q assets", row[2], row[state], row[assets])
		}
	}
}

func TestOneDriftLinePerDifference(t *testing.T) {
	r := reporttest.Small()
	want := 1
	for _, f := range r.Findings {
		want += len(f.Diff)
	}
	if got := len(rows(t, encode(t, r, Options{}), DriftFile)); got != want {
		t.Errorf("%d lines, want %d", got, want)
	}
}

func TestNoCellStartsAFormula(t *testing.T) {
	folder := encode(t, reporttest.Hostile(), Options{})
	guarded := 0
	for _, name := range fileNames {
		for _, row := range rows(t, folder, name) {
			for _, cell := range row {
				if bare := strings.TrimLeft(cell, " \u00a0\u200b\ufeff"); bare != "" && strings.ContainsAny(bare[:1], "=+-@\t\r\n\x00") || strings.HasPrefix(bare, "＝") {
					t.Errorf("%s: cell %q starts a formula", name, cell[:min(len(cell), 60)])
				}
				if strings.HasPrefix(cell, "'") {
					guarded++
				}
			}
		}
	}
	if guarded < 50 {
		t.Errorf("only %d guarded cells: the hostile strings do not arrive", guarded)
	}
}

func TestLineEndsAndByteOrderMark(t *testing.T) {
	plain, marked := encode(t, reporttest.Small(), Options{}), encode(t, reporttest.Small(), Options{BOM: true})
	for _, name := range fileNames {
		text := plain.files[name].String()
		if strings.Count(text, "\n") != strings.Count(text, "\r\n") || !strings.HasSuffix(text, "\r\n") {
			t.Errorf("%s: lines do not all end in CRLF", name)
		}
		if marked.files[name].String() != "\ufeff"+text {
			t.Errorf("%s: the byte order mark changes more than the beginning", name)
		}
	}
}

func TestSameReportSameBytes(t *testing.T) {
	a, b := encode(t, reporttest.Hostile(), Options{}), encode(t, reporttest.Hostile(), Options{})
	for _, name := range fileNames {
		if !bytes.Equal(a.files[name].Bytes(), b.files[name].Bytes()) {
			t.Errorf("%s: two encodings of one report differ", name)
		}
	}
}

func TestReportIsNotChanged(t *testing.T) {
	r, want := reporttest.Hostile(), reporttest.Hostile()
	encode(t, r, Options{})
	r.Assets, want.Assets = nil, nil
	if diff := cmp.Diff(want, r); diff != "" {
		t.Errorf("encoding changed the report:\n%s", diff)
	}
}

func TestNoAssetsFileWithoutAssets(t *testing.T) {
	r := reporttest.Small()
	r.Assets = nil
	if got := encode(t, r, Options{}).order; slices.Contains(got, AssetsFile) {
		t.Errorf("files %v: assets.csv claims that there are no assets", got)
	}
}

func TestErrorsComeBackAndFilesAreClosed(t *testing.T) {
	errRead := errors.New("store is gone")
	r := reporttest.Small()
	r.Assets = func() iter.Seq2[report.Asset, error] {
		return func(yield func(report.Asset, error) bool) { yield(report.Asset{}, errRead) }
	}
	f := &folder{files: map[string]*file{}}
	if err := New(Options{}).EncodeFolder(f.create, r); !errors.Is(err, errRead) {
		t.Errorf("error %v, want %v", err, errRead)
	}
	if !f.files[AssetsFile].closed {
		t.Error("the file is left open after an error")
	}
	denied := func(string) (io.WriteCloser, error) { return nil, os.ErrPermission }
	if err := New(Options{}).EncodeFolder(denied, r); !errors.Is(err, os.ErrPermission) || !strings.Contains(err.Error(), AssetsFile) {
		t.Errorf("error %v does not say which file could not be created", err)
	}
	full := func(string) (io.WriteCloser, error) { return fullDisk{}, nil }
	if err := New(Options{}).EncodeFolder(full, reporttest.Small()); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("error %v, want that of the writer", err)
	}
}

func TestAssetsAreStreamed(t *testing.T) {
	r := reporttest.Empty()
	r.Assets = reporttest.Big(1).Assets
	one := testing.AllocsPerRun(3, func() { encodeTo(t, discard, r) })
	big := reporttest.Big(2000)
	r.Assets = big.Assets
	if many := testing.AllocsPerRun(3, func() { encodeTo(t, discard, r) }); (many-one)/2000 > 40 {
		t.Errorf("%.0f allocations an asset", (many-one)/2000)
	}
}

// folder keeps files in memory.
type folder struct {
	files map[string]*file
	order []string
}

type file struct {
	bytes.Buffer
	closed bool
}

func (f *file) Close() error {
	f.closed = true
	return nil
}

func (f *folder) create(name string) (io.WriteCloser, error) {
	f.files[name] = &file{}
	f.order = append(f.order, name)
	return f.files[name], nil
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
func (fullDisk) Close() error              { return nil }

type nowhere struct{ io.Writer }

func (nowhere) Close() error { return nil }

func discard(string) (io.WriteCloser, error) { return nowhere{io.Discard}, nil }

func encode(t *testing.T, r *report.Report, o Options) *folder {
	t.Helper()
	f := &folder{files: map[string]*file{}}
	if err := New(o).EncodeFolder(f.create, r); err != nil {
		t.Fatal(err)
	}
	for name, file := range f.files {
		if !file.closed {
			t.Errorf("%s is left open", name)
		}
	}
	return f
}

func encodeTo(t *testing.T, create func(string) (io.WriteCloser, error), r *report.Report) {
	t.Helper()
	if err := New(Options{}).EncodeFolder(create, r); err != nil {
		t.Fatal(err)
	}
}

func rows(t *testing.T, f *folder, name string) [][]string {
	t.Helper()
	table, err := csv.NewReader(bytes.NewReader(f.files[name].Bytes())).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return table
}

// dropped is a file that can be given up.
type dropped struct {
	file
	gone bool
}

func (d *dropped) Drop() error {
	d.gone = true
	return nil
}

// TestHalfAFileIsDropped: what an error broke off must not look like a list that is complete.
func TestHalfAFileIsDropped(t *testing.T) {
	errRead := errors.New("store is gone")
	r := reporttest.Small()
	list := r.Assets
	r.Assets = func() iter.Seq2[report.Asset, error] {
		return func(yield func(report.Asset, error) bool) {
			for a := range list() {
				yield(a, nil)
				yield(report.Asset{}, errRead)
				return
			}
		}
	}
	d := &dropped{}
	create := func(string) (io.WriteCloser, error) { return d, nil }
	if err := New(Options{}).EncodeFolder(create, r); !errors.Is(err, errRead) || !d.gone || d.closed {
		t.Errorf("error %v, dropped %v, closed %v", err, d.gone, d.closed)
	}
	d = &dropped{}
	if err := New(Options{}).EncodeFolder(create, reporttest.Small()); err != nil || d.gone || !d.closed {
		t.Errorf("error %v, dropped %v, closed %v", err, d.gone, d.closed)
	}
}
