// Package tagsheet writes the tags of assets as a CSV file for people to fill in, and reads back what they changed.
//
// A spreadsheet does much to a file that nobody asked it to do: it puts in semicolons, another line end or a byte order mark, quotes what
// needs no quotes, and writes numbers and days in its own way. So each row carries a check: hashes of what it is about and of each of its
// tags as they were written. A cell whose hash is still among them was not touched, whatever the store says by now, and a row whose first
// columns were sorted away from the others is told instead of planned.
package tagsheet

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report/sheet"
)

// Unknown stands in the cell of a tag that could not be read, so that it does not look like one that is missing.
const Unknown = "(unknown)"

// The columns that tell of which asset a row is. Those of the tags stand between them and the check.
const (
	columnKey    = "key"
	columnSource = "source"
	columnType   = "type"
	columnCheck  = "check"
)

// The beginnings of the columns of a tag. Only the first is read back.
const (
	prefixTag        = "tag."
	prefixSuggested  = "suggested."
	prefixConfidence = "confidence."
	prefixWhy        = "why."
)

// Asset is what a row is about.
type Asset struct {
	Key, Source     string
	Book            inventory.Book
	Type            inventory.Type
	Name            string
	Account, Region string
	Owner           string
}

// Cell is a tag of an asset.
type Cell struct {
	Value   string // empty if it is not there
	Unknown bool   // it could not be read
	// Suggested is a value for what is missing or wrong, Confidence how sure that is, and Why what it rests on.
	Suggested, Confidence, Why string
}

// Columns lists the columns of a sheet of tags with these keys.
func Columns(keys []string) []string {
	list := []string{columnKey, columnSource, "book", columnType, "name", "account", "region", "owner"}
	for _, k := range keys {
		list = append(list, prefixTag+k, prefixSuggested+k, prefixConfidence+k, prefixWhy+k)
	}
	return append(list, columnCheck)
}

// shown is a tag as it stands in its cell.
func (c *Cell) shown() string {
	if c.Unknown {
		return Unknown
	}
	return sheet.Harmless(c.Value)
}

// checkVersion begins every check. It has letters, so that no spreadsheet takes a check for a number.
const checkVersion = "m1"

// check is the text by which a row is told from one that was changed.
func check(key, source, kind string, keys, cells []string) string {
	parts := []string{checkVersion, hashOf("row", key, source, kind)}
	for i, k := range keys {
		parts = append(parts, hashOf("tag", key, source, k, cells[i]))
	}
	return strings.Join(parts, "_")
}

// checked are the hashes of a check; it is false for a text that is none.
func checked(text string) (row string, cells []string, ok bool) {
	parts := strings.Split(strings.TrimSpace(text), "_")
	if len(parts) < 2 || parts[0] != checkVersion {
		return "", nil, false
	}
	return parts[1], parts[2:], true
}

// touched reports whether a cell is not as it was written.
func touched(cells []string, key, source, tag, cell string) bool {
	return !slices.Contains(cells, hashOf("tag", key, source, tag, cell))
}

// hashOf is 8 digits of a hash of texts as they are read back.
func hashOf(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(normal(p)))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:4])
}

// normal is a cell's text without what the way through a spreadsheet may have put to it: the guard of a formula, the line ends of another
// system, white space at the ends.
func normal(cell string) string {
	cell = strings.ReplaceAll(strings.ReplaceAll(cell, "\r\n", "\n"), "\r", "\n")
	return strings.TrimSpace(sheet.Unguarded(strings.TrimSpace(cell)))
}
