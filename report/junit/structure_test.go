package junitreport

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

type xmlSuite struct {
	Name     string    `xml:"name,attr"`
	ID       int       `xml:"id,attr"`
	Time     string    `xml:"timestamp,attr"`
	Tests    int       `xml:"tests,attr"`
	Failures int       `xml:"failures,attr"`
	Errors   int       `xml:"errors,attr"`
	Skipped  int       `xml:"skipped,attr"`
	Cases    []xmlCase `xml:"testcase"`
}

type xmlCase struct {
	Name    string      `xml:"name,attr"`
	Class   string      `xml:"classname,attr"`
	File    string      `xml:"file,attr"`
	Line    string      `xml:"line,attr"`
	Failure []xmlResult `xml:"failure"`
	Error   []xmlResult `xml:"error"`
	Skipped []xmlResult `xml:"skipped"`
}

type xmlResult struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func parse(text []byte) ([]xmlSuite, error) {
	var all struct {
		XMLName xml.Name   `xml:"testsuites"`
		Suites  []xmlSuite `xml:"testsuite"`
	}
	err := xml.Unmarshal(text, &all)
	return all.Suites, err
}

// element says which attributes an element must and may have, and what stands in it, in this order; "*" ends what may come
// any number of times.
type element struct{ must, may, inside string }

func elements() map[string]element {
	return map[string]element{
		"testsuites": {inside: "testsuite*"},
		"testsuite": {
			must: "name package id timestamp hostname tests failures errors time", may: "skipped",
			inside: "properties testcase* system-out system-err",
		},
		"properties": {inside: "property*"},
		"property":   {must: "name value"},
		"testcase":   {must: "name classname time", may: "file line", inside: "failure* error* skipped*"},
		"failure":    {must: "type", may: "message"},
		"error":      {must: "type", may: "message"},
		"skipped":    {may: "message"},
		"system-out": {},
		"system-err": {},
	}
}

// check says what is wrong with the structure.
func check(text []byte) error {
	if err := checkElements(text); err != nil {
		return err
	}
	suites, err := parse(text)
	if err != nil {
		return err
	}
	for i, s := range suites {
		if err := checkSuite(i, &s); err != nil {
			return fmt.Errorf("suite %s: %w", s.Name, err)
		}
	}
	return nil
}

func checkElements(text []byte) error {
	type open struct {
		name   string
		inside []string
	}
	var stack []open
	for d := xml.NewDecoder(bytes.NewReader(text)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			name := tok.Name.Local
			if err := checkAttributes(name, tok.Attr); err != nil {
				return err
			}
			if len(stack) > 0 {
				top := &stack[len(stack)-1]
				top.inside = append(top.inside, name)
			} else if name != "testsuites" {
				return fmt.Errorf("the root is %s", name)
			}
			stack = append(stack, open{name: name})
		case xml.EndElement:
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if err := checkInside(top.name, top.inside); err != nil {
				return err
			}
		}
	}
}

func checkAttributes(name string, attrs []xml.Attr) error {
	e, ok := elements()[name]
	if !ok {
		return fmt.Errorf("element %s", name)
	}
	have := map[string]string{}
	for _, a := range attrs {
		if !strings.Contains(" "+e.must+" "+e.may+" ", " "+a.Name.Local+" ") {
			return fmt.Errorf("%s has %s", name, a.Name.Local)
		}
		have[a.Name.Local] = a.Value
	}
	for _, must := range strings.Fields(e.must) {
		if _, ok := have[must]; !ok {
			return fmt.Errorf("%s has no %s", name, must)
		}
	}
	for _, a := range []string{"name", "classname", "package", "hostname"} {
		if v, ok := have[a]; ok && !token.MatchString(v) {
			return fmt.Errorf("%s %q is no token", a, v)
		}
	}
	for _, a := range []string{"tests", "failures", "errors", "skipped", "id", "line", "time"} {
		if v, ok := have[a]; ok {
			if n, err := strconv.Atoi(v); err != nil || n < 0 {
				return fmt.Errorf("%s %q is no number", a, v)
			}
		}
	}
	return nil
}

func checkInside(name string, inside []string) error {
	for _, part := range strings.Fields(elements()[name].inside) {
		part, many := strings.CutSuffix(part, "*")
		n := 0
		for len(inside) > 0 && inside[0] == part {
			inside, n = inside[1:], n+1
		}
		if !many && n != 1 {
			return fmt.Errorf("%s holds %d of %s", name, n, part)
		}
	}
	if len(inside) > 0 {
		return fmt.Errorf("%s holds %s out of place", name, inside[0])
	}
	return nil
}

func checkSuite(i int, s *xmlSuite) error {
	if _, err := time.Parse("2006-01-02T15:04:05", s.Time); err != nil || s.ID != i {
		return fmt.Errorf("number %d, id %d, time %s", i, s.ID, s.Time)
	}
	failures, errs, skips := 0, 0, 0
	for _, c := range s.Cases {
		if len(c.Failure)+len(c.Error)+len(c.Skipped) > 1 {
			return fmt.Errorf("test case %s ended more than once", c.Name)
		}
		failures, errs, skips = failures+len(c.Failure), errs+len(c.Error), skips+len(c.Skipped)
	}
	if len(s.Cases) != s.Tests || failures != s.Failures || errs != s.Errors || skips != s.Skipped {
		return fmt.Errorf("%d test cases, %d failures, %d errors, %d skipped: the counts are wrong", len(s.Cases), failures, errs, skips)
	}
	return nil
}
