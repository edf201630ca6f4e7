package wire

import (
	"path/filepath"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/report"
	"github.com/muster-audit/muster/report/group"
)

// encodeGroups writes a report for each group, and an index of them, into a folder.
func (a *App) encodeGroups(e any, o config.Report, r *report.Report) (string, error) {
	by, err := a.groupBy(o.GroupBy)
	if err != nil {
		return "", err
	}
	split, err := group.Divide(r, by)
	if err != nil {
		return "", err
	}
	folder := filepath.Clean(o.Output)
	if err := makeFolder(folder); err != nil {
		return "", err
	}
	ending, index := "/", folder
	if one, ok := e.(report.Encoder); ok {
		ending = one.Format().Extension
		index = filepath.Join(folder, "index"+ending)
	}
	if err := split.Each(func(name string, part *report.Report) error {
		return encodeAt(e, filepath.Join(folder, filepath.Clean(name+ending)), part)
	}); err != nil {
		return "", err
	}
	return folder, encodeAt(e, index, split.Index(func(name string) string { return name + ending }))
}

// groupBy makes out what decides about groups. Who owns what, the policy's rule "owner" says.
func (a *App) groupBy(text string) (group.By, error) {
	if text != "owner" {
		return group.Parse(text, nil)
	}
	j, err := a.judge()
	if err != nil {
		return group.By{}, err
	}
	return group.Parse(text, j.policy.OwnerTags())
}
