package config

import (
	"strings"
	"testing"
)

func TestReportCheck(t *testing.T) {
	for _, r := range []Report{
		{Format: "html", Output: "-"},
		{Format: "csv", Output: "x", BOM: true},
		{Format: "csv", Output: "x", BOM: true, GroupBy: "owner"},
		{Format: "xlsx", Output: "x", GroupBy: "account"},
		{Format: "xlsx", Output: "x", GroupBy: "tag.Cost Center"},
	} {
		if err := r.Check(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for want, r := range map[string]Report{
		"bom is for csv":                        {Format: "xlsx", Output: "x", BOM: true},
		"group_by is for csv and xlsx":          {Format: "json", Output: "x", GroupBy: "owner"},
		"name a folder as the output":           {Format: "csv", Output: "-", GroupBy: "owner"},
		`"tag.": group by owner, account, or a`: {Format: "csv", Output: "x", GroupBy: "tag."},
	} {
		if err := r.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", r, err, want)
		}
	}
}
