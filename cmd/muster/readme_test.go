//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// block is a fenced block of a page.
type block struct{ page, language, text string }

// blocks returns the fenced blocks of README.md and docs/.
func blocks(t *testing.T) []block {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []block
	for _, page := range append([]string{"../../README.md"}, pages...) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$").FindAllSubmatch(text, -1) {
			out = append(out, block{filepath.Base(page), string(m[1]), string(m[2])})
		}
	}
	return out
}

// reader is the folder of somebody who reads the pages and does what they say.
func reader(t *testing.T) *house {
	h := newHouse(t, map[string]string{
		"states/infra.tfstate":    unreadState("orders", "gone"),
		"cmdb/servers.csv":        "Hostname,Serial Number,Business Owner\nweb-1,SN0001AB,payments\nweb-2,SN0002AB,\n",
		"rec/prod/recording.json": `{"schema":"muster-recording/1","recorded":"2026-03-01T12:00:00Z","hash_key":"MDEyMzQ1Njc4OWFiY2RlZg==","source":"prod","collector":"aws"}`,
		"list-assets": `#!/bin/sh
echo '{"key":"agent/web-1","type":"datacenter/server","name":"web-1","tags":{"owner":"payments"},"identifiers":[{"kind":"serial","value":"SN0001AB"}]}'
`,
	})
	if err := os.Chmod(h.path("list-assets"), 0o755); err != nil {
		t.Fatal(err)
	}
	return h
}

// shell runs a line of a page and returns its exit code.
func (h *house) shell(line string) (int, string) {
	h.t.Helper()
	cmd := exec.CommandContext(h.t.Context(), "sh", "-c", line)
	cmd.Dir = h.dir
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		h.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// TestReadme does what the README says, line by line: what init writes runs, and so does the README's own config.
func TestReadme(t *testing.T) {
	h := reader(t)
	ran := 0
	for _, b := range blocks(t) {
		if b.page != "README.md" {
			continue
		}
		if b.language == "yaml" {
			h.write("muster.yaml", b.text)
			h.follow("muster audit")
		}
		for line := range strings.Lines(b.text) {
			if b.language == "sh" && strings.HasPrefix(line, "muster ") {
				h.follow(strings.TrimSpace(line))
				ran++
			}
		}
	}
	if ran < 8 {
		t.Errorf("only %d commands found", ran)
	}
	h.write("muster.yaml", strings.Replace(string(h.read("muster.yaml")), "gate: {", "gate: {baseline: muster-baseline.yaml, ", 1))
	if code, out := h.shell("muster audit"); code != 0 {
		t.Errorf("with the baseline the gate trips (%d):\n%s", code, out)
	}
}

// follow runs a line: an audit may trip the gate, all else must succeed.
func (h *house) follow(line string) {
	h.t.Helper()
	code, out := h.shell(line)
	if code != 0 && !(code == 1 && strings.HasPrefix(line, "muster audit")) || strings.Contains(out, "internal error") {
		h.t.Errorf("%s: exit code %d\n%s", line, code, out)
	}
}

// TestMakeDemo: what "make demo" runs is the demo, built from here.
func TestMakeDemo(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(makefile), "\ndemo: build ") || !strings.Contains(string(makefile), "\n\t./muster demo\n") {
		t.Error("make demo does not build and run the demo")
	}
	h := newHouse(t, nil)
	out, _ := h.run(0, "demo")
	for _, name := range []string{"muster-demo/out/muster.html", "muster-demo/out/csv"} {
		if !slices.Contains(strings.Split(out, "\n"), h.path(name)) {
			t.Errorf("does not print %s on a line of its own", h.path(name))
		}
		if _, err := os.Stat(h.path(name)); err != nil {
			t.Error(err)
		}
	}
}

// TestDocs holds the pages against the program: configs and policies load, commands and queries run.
func TestDocs(t *testing.T) {
	h := reader(t)
	h.write("policy.yaml", unreadPolicy)
	h.write("muster.yaml", "sources:\n  - {name: infra, collector: terraform, paths: [\"states/*\"]}\npolicy: [policy.yaml]\n")
	h.follow("muster audit")
	kinds := map[string]int{}
	for _, b := range blocks(t) {
		if b.page == "README.md" {
			continue
		}
		kinds[b.language]++
		switch b.language {
		case "yaml":
			h.lint(b)
		case "sql":
			for query := range strings.SplitSeq(strings.TrimSpace(b.text), ";") {
				if strings.TrimSpace(query) != "" {
					h.run(0, "query", "--", query)
				}
			}
		case "console":
			for line := range strings.Lines(b.text) {
				if command, ok := strings.CutPrefix(line, "$ muster "); ok {
					h.follow("muster " + strings.TrimSpace(command))
				}
			}
		}
	}
	if kinds["yaml"] < 5 || kinds["sql"] < 5 || kinds["console"] == 0 {
		t.Errorf("few blocks found: %v", kinds)
	}
}

// lint checks a config or a policy of a page.
func (h *house) lint(b block) {
	h.t.Helper()
	args := []string{"policy", "lint", "--policy", "page.yaml"}
	if strings.Contains(b.text, "sources:") {
		args = []string{"policy", "lint", "--config", "page.yaml", "--policy", "policy.yaml"}
	}
	if strings.HasPrefix(b.text, "when:") {
		b.text = "version: 1\ndrift:\n  ignore:\n  - reason: r\n    attributes: [a]\n    " + b.text
	}
	h.write("page.yaml", b.text)
	p := h.start(args...)
	if p.wait() != 0 {
		h.t.Errorf("%s: %s\n%s", b.page, &p.err, b.text)
	}
}
