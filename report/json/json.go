// Package jsonreport encodes a report as the machine contract "muster.report/v1", which docs/report.schema.json
// describes.
//
// The document is written member by member and list item by list item, so that the memory it takes is that of its
// largest item, not of its hundred thousand findings.
package jsonreport

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/muster-audit/muster/report"
)

const indent = "  "

// Encoder writes indented JSON in UTF-8. Bytes of strings that are not UTF-8 become U+FFFD.
type Encoder struct{}

var _ report.Encoder = Encoder{}

// Format returns the id "json".
func (Encoder) Format() report.Format {
	return report.Format{ID: "json", Extension: ".json", MediaType: "application/json"}
}

// Encode writes the report. Every list is there, empty ones as [].
func (Encoder) Encode(w io.Writer, r *report.Report) error {
	b := bufio.NewWriter(w)
	d := document{w: b}
	d.object(reflect.ValueOf(r).Elem())
	if d.err != nil {
		return fmt.Errorf("encode report as json: %w", d.err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write json report: %w", err)
	}
	return nil
}

// document writes the report's members; after the first error it writes nothing more. Errors of w are sticky and come
// back from its Flush.
type document struct {
	w   *bufio.Writer
	err error
}

func (d *document) object(report reflect.Value) {
	d.text("{")
	separator := "\n"
	for i := range report.NumField() {
		name := strings.Split(report.Type().Field(i).Tag.Get("json"), ",")[0]
		if name == "-" {
			continue
		}
		d.text(separator + indent + `"` + name + `": `)
		d.member(report.Field(i))
		separator = ",\n"
	}
	d.text("\n}\n")
}

func (d *document) member(v reflect.Value) {
	if v.Kind() != reflect.Slice {
		d.value(v, indent)
		return
	}
	if v.Len() == 0 {
		d.text("[]")
		return
	}
	separator := "[\n"
	for i := range v.Len() {
		d.text(separator + indent + indent)
		d.value(v.Index(i), indent+indent)
		separator = ",\n"
	}
	d.text("\n" + indent + "]")
}

func (d *document) value(v reflect.Value, prefix string) {
	if d.err != nil {
		return
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // people read it; whoever embeds it in a page must escape it for that page
	e.SetIndent(prefix, indent)
	if d.err = e.Encode(withLists(v).Interface()); d.err == nil {
		d.text(escapeCommands(escapeInvisible(bytes.TrimSuffix(b.Bytes(), []byte("\n")))))
	}
}

// escapeInvisible writes control and formatting characters beyond ASCII, which can garble a terminal or reorder what
// a person reads, as \u escapes. In JSON text they stand inside strings only, so the value stays the same.
func escapeInvisible(text []byte) string {
	if isASCII(text) {
		return string(text)
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range string(text) {
		if r < 0x7f || !unicode.In(r, unicode.Cc, unicode.Cf) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// escapeCommands breaks what agents of Azure Pipelines take for a command wherever it stands in a line of a log.
func escapeCommands(text string) string { return strings.ReplaceAll(text, "##vso[", `\u0023#vso[`) }

// isASCII reports whether text holds no DEL and nothing beyond ASCII.
func isASCII(text []byte) bool {
	for _, c := range text {
		if c >= 0x7f {
			return false
		}
	}
	return true
}

func (d *document) text(s string) {
	if d.err == nil {
		_, d.err = d.w.WriteString(s)
	}
}
