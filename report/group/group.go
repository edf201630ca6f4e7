// Package group divides a report among those who answer for what is in it: one report for each owner, account or value of a
// tag. There are three kinds of group, since "nobody" and "nobody knows" are different answers: those with a value, the one
// of what is known to have none, and the one of what could not be read.
//
// All assets of an entity are in one group, so that a machine and its row in the register stay together, and findings are
// where their asset is. By account, each asset is where it is itself.
//
// The assets are walked through once; of each only numbers are kept, some 60 bytes, and each group reads its own again.
package group

import (
	"fmt"
	"strings"

	"github.com/muster-audit/muster/report"
)

// MaxGroups is how many groups a report can be divided into: more are no teams, and would fill a folder with files.
const MaxGroups = 10_000

// By says what decides.
type By struct {
	Name string // "owner", "account" or "tag.KEY"
	// Keys are the tags that are looked at, the first with a value counts; none by account.
	Keys []string
}

// Parse reads "owner", "account" or "tag.KEY". owner are the tags that name an owner.
func Parse(text string, owner []string) (By, error) {
	switch key, isTag := strings.CutPrefix(text, "tag."); {
	case text == "owner":
		return By{Name: text, Keys: owner}, nil
	case text == "account":
		return By{Name: text}, nil
	case isTag && key != "":
		return By{Name: text, Keys: []string{key}}, nil
	}
	return By{}, fmt.Errorf("%q: group by owner, account, or a tag as tag.team", text)
}

// Split is a divided report.
type Split struct {
	by     By
	report *report.Report
	parts  []part // sorted
}

// part is what one group has.
type part struct {
	report.GroupCount
	findings, accepted []int   // indices
	assets             []int64 // numbers of the store
}

// Divide divides a report. It fails if the assets cannot be read, or there are more than MaxGroups groups.
func Divide(r *report.Report, by By) (*Split, error) {
	d := &divider{by: by, report: r, index: map[report.Group]int32{}, places: places(r)}
	if by.Name == "owner" && r.Owners != nil {
		var err error
		if d.owners, err = r.Owners(); err != nil {
			return nil, err
		}
	}
	if err := d.walk(); err != nil {
		return nil, err
	}
	d.shareOut()
	parts := d.parts()
	if n := len(parts); n > MaxGroups {
		return nil, fmt.Errorf("divide the report by %s: that are %d groups, and %d are the most: group by something that more assets share", by.Name, n, MaxGroups)
	}
	for i, name := range names(parts) {
		parts[i].Path = name
	}
	return &Split{by: by, report: r, parts: parts}, nil
}

// Index returns the report that lists the groups. path names the file or folder of a group from its safe name.
func (s *Split) Index(path func(name string) string) *report.Report {
	r := *s.report
	d := &report.Division{By: s.by.Name}
	for _, p := range s.parts {
		count := p.GroupCount
		count.Path = path(p.Path)
		d.Groups = append(d.Groups, count)
	}
	r.Division = d
	return &r
}

// Each visits the groups with their safe names and reports, and stops at the first error. Gate, scan and scopes of a report
// are those of the whole estate. A report is of use while it is visited.
func (s *Split) Each(visit func(name string, r *report.Report) error) error {
	reader := newReader(s.report.Pick)
	defer reader.stop()
	for i := range s.parts {
		p := &s.parts[i]
		if err := visit(p.Path, s.part(p, reader)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Split) part(p *part, reader *reader) *report.Report {
	r := *s.report
	r.Division = &report.Division{By: s.by.Name, Group: &report.Group{Kind: p.Kind, Value: p.Value}}
	r.Findings = pick(s.report.Findings, p.findings)
	r.Accepted = pick(s.report.Accepted, p.accepted)
	r.Group()
	r.Unknown, r.Trend, r.Changes = nil, nil, nil // nobody counted them by group
	r.Summary = report.Summary{
		Findings: p.Findings, New: p.New, Resolved: p.Resolved, Accepted: len(p.accepted), Assets: p.Assets,
	}
	r.Assets, r.Pick = reader.list(p.assets), nil
	return &r
}

func pick[T any](list []T, indices []int) []T {
	out := make([]T, len(indices))
	for i, n := range indices {
		out[i] = list[n]
	}
	return out
}
