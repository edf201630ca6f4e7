package junitreport

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"strings"
)

// writer writes XML. Errors of w are sticky and come back from its Flush.
type writer struct {
	w      *bufio.Writer
	suites int
}

func (x *writer) raw(text string) { _, _ = x.w.WriteString(text) }

// escape returns text as content or value of XML 1.0. Characters that XML has no place for, even escaped, become U+FFFD.
func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return "" // a Builder takes everything
	}
	return b.String()
}

// attributes writes pairs of name and value.
func (x *writer) attributes(pairs ...string) {
	for i := 0; i < len(pairs); i += 2 {
		x.raw(" " + pairs[i] + `="` + escape(pairs[i+1]) + `"`)
	}
}

// suite writes a suite, if it has test cases.
func (x *writer) suite(at string, s suite) {
	if s.count.all() == 0 {
		return
	}
	x.raw("<testsuite")
	x.attributes(
		"name", s.name, "package", "muster", "id", fmt.Sprint(x.suites), "timestamp", at, "hostname", "muster",
		"tests", fmt.Sprint(s.count.all()), "failures", fmt.Sprint(s.count[failed]), "errors", fmt.Sprint(s.count[errored]),
		"skipped", fmt.Sprint(s.count[skipped]), "time", "0",
	)
	x.suites++
	x.raw(">\n<properties>")
	for _, p := range s.properties {
		x.raw("<property")
		x.attributes("name", p[0], "value", p[1])
		x.raw("/>")
	}
	x.raw("</properties>\n")
	for c := range s.cases {
		x.testcase(&c)
	}
	x.raw("<system-out></system-out><system-err></system-err>\n</testsuite>\n")
}

func (x *writer) testcase(c *testcase) {
	x.raw("<testcase")
	x.attributes("classname", c.class, "name", c.name, "time", "0")
	if c.file != "" {
		x.attributes("file", c.file)
		if c.line > 0 {
			x.attributes("line", fmt.Sprint(c.line))
		}
	}
	if c.kind == passed {
		x.raw("/>\n")
		return
	}
	x.raw(">")
	detail := c.detail
	if detail == "" {
		detail = c.message // GitLab shows the content, Jenkins the attribute
	}
	element := [...]string{failed: "failure", errored: "error", skipped: "skipped"}[c.kind]
	x.raw("<" + element)
	x.attributes("message", c.message)
	if c.kind != skipped {
		x.attributes("type", c.typ)
	}
	x.raw(">" + escape(detail) + "</" + element + "></testcase>\n")
}
