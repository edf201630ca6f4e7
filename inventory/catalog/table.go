package catalog

import (
	"compress/gzip"
	_ "embed" // for the packed tables
	"fmt"
	"io"
	"sort"
	"strings"
)

//go:embed generated/types.tsv.gz
var typesPacked string

//go:embed generated/terraform.tsv.gz
var terraformPacked string

// table is a generated table: lines of columns separated by tabs, sorted by the first. It is searched in place, so that
// asking for one type costs no parsing of the others.
type table struct{ lines []string }

// unpack decompresses a table. The packed bytes are part of the program: that they cannot be read cannot happen.
func unpack(packed string) table {
	z, err := gzip.NewReader(strings.NewReader(packed))
	if err != nil {
		panic(fmt.Sprintf("catalog: generated table: %v", err))
	}
	text, err := io.ReadAll(z)
	if err != nil {
		panic(fmt.Sprintf("catalog: generated table: %v", err))
	}
	return table{lines: strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")}
}

// find returns the columns of the line whose first column is key.
func (t table) find(key string) ([]string, bool) {
	prefix := key + "\t"
	i := sort.Search(len(t.lines), func(i int) bool { return t.lines[i] >= prefix })
	if i == len(t.lines) || !strings.HasPrefix(t.lines[i], prefix) {
		return nil, false
	}
	return strings.Split(t.lines[i], "\t"), true
}

// keys returns the first column.
func (t table) keys() []string {
	out := make([]string, len(t.lines))
	for i, l := range t.lines {
		out[i], _, _ = strings.Cut(l, "\t")
	}
	return out
}
