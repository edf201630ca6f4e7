package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/report/group"
)

// Report is one report to write after an audit.
type Report struct {
	Format string `yaml:"format" jsonschema:"required" jsonschema_description:"Report format; see muster report --help."`
	Output string `yaml:"output" jsonschema:"required" jsonschema_description:"File or folder; - is standard output."`
	// GroupBy divides the report: "owner", "account" or "tag.KEY".
	GroupBy string `yaml:"group_by" jsonschema:"pattern=^(owner|account|tag[.].+)$" jsonschema_description:"Write a file or folder for each owner, account or value of a tag (tag.KEY) into the output folder; csv and xlsx."`
	BOM     bool   `yaml:"bom" jsonschema_description:"Put a byte order mark before CSV, which Excel needs to see that it is UTF-8."`
}

// Check returns what is wrong with the options of a report.
func (r Report) Check() error {
	if r.BOM && r.Format != "csv" {
		return fmt.Errorf("bom is for csv: a %s report knows what it is written in", r.Format)
	}
	if r.GroupBy == "" {
		return nil
	}
	if r.Format != "csv" && r.Format != "xlsx" {
		return fmt.Errorf("group_by is for csv and xlsx, not for %s", r.Format)
	}
	if r.Output == "-" {
		return errors.New("group_by writes a file for each group: name a folder as the output")
	}
	_, err := group.Parse(r.GroupBy, nil)
	return err
}

func (l *loader) reports(reports []Report) {
	for i, r := range reports {
		path := fmt.Sprintf("reports[%d]", i)
		if !slices.Contains(l.in.Formats, r.Format) {
			l.fail(path+".format", "unknown format %q: known are %s", r.Format, strings.Join(l.in.Formats, ", "))
		}
		if r.Output == "" {
			l.fail(path, "a report needs an output: a file, a folder, or - for standard output")
			continue
		}
		if err := r.Check(); err != nil {
			l.fail(path, "%v", err)
		}
		if r.Output != "-" {
			r.Output = absolute(l.config.Dir, r.Output)
		}
		l.config.Reports = append(l.config.Reports, r)
	}
}
