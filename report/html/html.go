// Package htmlreport encodes a report as one HTML file for people: the first screen says whether the audit passed, what
// was not read, and the estate in numbers; below stand the findings to search, filter and sort.
//
// The file asks nothing of any network, and a content security policy that names its own style and script by hash
// forbids everything else. The page is meaningful without the script: html/template writes summary, gate, scopes and the
// first findings. The script takes all findings from a block of columns (see columns.go) and shows those in sight.
package htmlreport

import (
	"bufio"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"github.com/muster-audit/muster/report"
)

// maxFindings is how many findings the page holds; the worst come first, and the page says how many it leaves out.
const maxFindings = 200_000

//go:embed page
var files embed.FS

// Encoder writes the page.
type Encoder struct {
	template *template.Template
	style    string
	script   string
	limit    int // findings
}

var _ report.Encoder = (*Encoder)(nil)

// New returns an encoder. It fails only if the package's own files are broken.
func New() (*Encoder, error) {
	t, err := template.New("page").Funcs(functions()).ParseFS(files, "page/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("parse page template: %w", err)
	}
	style, err := join("page/base.css", "page/overview.css", "page/findings.css", "page/sections.css", "page/print.css")
	if err != nil {
		return nil, err
	}
	script, err := join("page/columns.js", "page/detail.js", "page/filter.js", "page/list.js", "page/main.js")
	if err != nil {
		return nil, err
	}
	return &Encoder{template: t, style: style, script: "\"use strict\";\n(() => {\n" + script + "})();\n", limit: maxFindings}, nil
}

func join(names ...string) (string, error) {
	var b strings.Builder
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return "", fmt.Errorf("read page file: %w", err)
		}
		b.Write(text)
	}
	return b.String(), nil
}

// Format returns the id "html".
func (*Encoder) Format() report.Format {
	return report.Format{ID: "html", Extension: ".html", MediaType: "text/html; charset=utf-8"}
}

// Encode writes the page. Style, script and data stand outside the template: the first two must be the very bytes that
// the policy's hashes name, and the data is too large to go through it.
func (e *Encoder) Encode(w io.Writer, r *report.Report) error {
	b := bufio.NewWriter(w)
	v := newView(r, e.limit)
	if err := e.head(b, v); err != nil {
		return err
	}
	if err := e.template.ExecuteTemplate(b, "body.tmpl", v); err != nil {
		return fmt.Errorf("encode report as html: %w", err)
	}
	_, _ = b.WriteString("<script type=\"application/json\" id=\"data\">") // errors of b are sticky: Flush returns them
	if err := writeColumns(b, r, v.Held); err != nil {
		return fmt.Errorf("encode findings of html report: %w", err)
	}
	_, _ = b.WriteString("</script>\n<script>" + e.script + "</script>\n</body>\n</html>\n")
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write html report: %w", err)
	}
	return nil
}

func (e *Encoder) head(w io.Writer, v *view) error {
	policy := strings.Join([]string{
		"default-src 'none'", "style-src " + hash(e.style), "script-src " + hash(e.script), "img-src data:",
		"base-uri 'none'", "form-action 'none'",
	}, "; ")
	// The policy holds no sign that HTML would read otherwise; the title is made of the verdict and a number.
	_, err := fmt.Fprintf(w, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>%s: muster audit, scan %d</title>
<style>%s</style>
</head>
`, policy, v.Verdict.Word, v.Scan.ID, e.style)
	if err != nil {
		return fmt.Errorf("write html report: %w", err)
	}
	return nil
}

// hash is the source expression that lets exactly this text in.
func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
