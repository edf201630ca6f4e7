package wire

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	asffreport "github.com/muster-audit/muster/report/asff"
	azurereport "github.com/muster-audit/muster/report/azure"
	"github.com/muster-audit/muster/report/ci"
	csvreport "github.com/muster-audit/muster/report/csv"
	githubreport "github.com/muster-audit/muster/report/github"
	gitlabreport "github.com/muster-audit/muster/report/gitlab"
	htmlreport "github.com/muster-audit/muster/report/html"
	jenkinsreport "github.com/muster-audit/muster/report/jenkins"
	jsonreport "github.com/muster-audit/muster/report/json"
	junitreport "github.com/muster-audit/muster/report/junit"
	markdownreport "github.com/muster-audit/muster/report/markdown"
	metricsreport "github.com/muster-audit/muster/report/metrics"
	sarifreport "github.com/muster-audit/muster/report/sarif"
	tablereport "github.com/muster-audit/muster/report/table"
	xlsxreport "github.com/muster-audit/muster/report/xlsx"
)

// format is a report format: what it is called, how its file is called in a folder, and its Encoder or FolderEncoder.
type format struct {
	id, file string
	encoder  func(*App, Output) (any, error)
}

func formats() []format {
	return []format{
		{"table", "muster.txt", func(_ *App, o Output) (any, error) {
			return tablereport.New(tablereport.Options{Width: o.Width, Color: o.Color}), nil
		}},
		{"json", "muster.json", plain(jsonreport.Encoder{})},
		{"csv", "csv", func(_ *App, o Output) (any, error) { return csvreport.New(csvreport.Options{BOM: o.BOM}), nil }},
		{"xlsx", "muster.xlsx", plain(xlsxreport.New())},
		{"html", "muster.html", func(*App, Output) (any, error) { return htmlreport.New() }},
		{"sarif", "muster.sarif", placed(func(f ci.Files) any { return sarifreport.New(sarifreport.Options{Files: f}) })},
		{"sarif-full", "muster-full.sarif", placed(func(f ci.Files) any { return sarifreport.New(sarifreport.Options{Files: f, All: true}) })},
		{"junit", "TEST-muster.xml", placed(func(f ci.Files) any { return junitreport.New(f) })},
		{"markdown", "muster.md", placed(func(f ci.Files) any { return markdownreport.New(markdownreport.Comment, f) })},
		{"github", "muster-github.txt", placed(func(f ci.Files) any { return githubreport.New(f) })},
		{"github-summary", "muster-summary.md", placed(func(f ci.Files) any { return markdownreport.New(markdownreport.Summary, f) })},
		{"gitlab", "gl-code-quality-report.json", placed(func(f ci.Files) any { return gitlabreport.New(f) })},
		{"azure", "muster-azure.txt", placed(func(f ci.Files) any { return azurereport.New(f) })},
		{"jenkins", "muster-issues.json", placed(func(f ci.Files) any { return jenkinsreport.New(f) })},
		{"asff", "muster-asff.json", func(a *App, _ Output) (any, error) {
			return asffreport.New(asffreport.Options{LeftOut: func(n int) {
				a.Log.Warn("findings about nothing in a known AWS account and region are not in the asff report", "findings", n)
			}}), nil
		}},
		{"metrics", "muster.prom", plain(metricsreport.Encoder{})},
	}
}

func plain(e any) func(*App, Output) (any, error) {
	return func(*App, Output) (any, error) { return e, nil }
}

// placed makes an encoder that shows findings at files.
func placed(encoder func(ci.Files) any) func(*App, Output) (any, error) {
	return func(a *App, _ Output) (any, error) { return encoder(a.files()), nil }
}

// Formats lists the report formats.
func Formats() []string {
	var out []string
	for _, f := range formats() {
		out = append(out, f.id)
	}
	return out
}

// encoder returns the encoder of a format: an Encoder or a FolderEncoder.
func (a *App) encoder(id string, o Output) (any, error) {
	for _, f := range formats() {
		if f.id == id {
			return f.encoder(a, o)
		}
	}
	return nil, fmt.Errorf("unknown report format %q: use one of %s", id, strings.Join(Formats(), ", "))
}

// FileIn returns the path of a format's report in a folder.
func FileIn(folder, id string) string {
	for _, f := range formats() {
		if f.id == id {
			return filepath.Join(folder, f.file)
		}
	}
	return filepath.Join(folder, "muster."+id)
}

// files says where the files of the audit are in the repository.
func (a *App) files() ci.Files {
	out := ci.Files{Root: filepath.ToSlash(repository(a.Config.Dir)), Dir: filepath.ToSlash(a.Config.Dir)}
	if isFile(a.Config.File) {
		out.Config = filepath.ToSlash(a.Config.File)
	}
	for _, p := range a.Config.Policy {
		if isFile(p) {
			out.Policies = append(out.Policies, filepath.ToSlash(p))
		}
	}
	return out
}

// repository returns the folder at or above dir that holds .git, else the current folder if dir is in it, else dir.
func repository(dir string) string {
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, ".git")); err == nil {
			return d
		}
		if filepath.Dir(d) == d {
			break
		}
	}
	here, err := os.Getwd()
	if err == nil {
		if rel, err := filepath.Rel(here, dir); err == nil && filepath.IsLocal(rel) {
			return here
		}
	}
	return dir
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return path != "" && err == nil && info.Mode().IsRegular()
}
