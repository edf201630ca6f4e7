package csvreport

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
)

// What stands in a tag's cell when there is no value to show. An empty cell means that the tag is known not to be there;
// what could not be read must not look like it.
const (
	unknownTag = "(unknown)"
	noSuchTag  = "(not applicable)"
)

var assetColumns = []string{
	"entity", "book", "source", "scope", "key", "type", "name", "account", "region", "zone", "lifecycle", "findings", "created",
	"first_seen", "last_seen", "origin_file", "origin_line", "origin_address", "identifiers", "tags_state", "tags",
}

func writeAssets(s *sheet, r *report.Report) error {
	keys := requiredTags(r)
	header := slices.Clone(assetColumns)
	for _, k := range keys {
		header = append(header, "tag."+k)
	}
	if err := s.write(header...); err != nil {
		return err
	}
	for a, err := range r.Assets() {
		if err != nil {
			return err
		}
		if err := s.write(assetRow(&a, keys)...); err != nil {
			return err
		}
	}
	return nil
}

// requiredTags are the canonical keys that some rule requires, sorted.
func requiredTags(r *report.Report) []string {
	var keys []string
	for i := range r.Coverage {
		if c := &r.Coverage[i]; c.Measure == "tag" && c.Name != "" {
			keys = append(keys, c.Name)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func assetRow(a *report.Asset, keys []string) []string {
	row := []string{
		number(a.Entity), string(a.Book), a.Source, a.Scope, a.Key, string(a.Type), a.Name, a.Account, a.Region, a.Zone,
		string(a.Lifecycle), number(a.Findings), instant(a.Created), instant(a.FirstSeen), instant(a.LastSeen),
		a.Origin.File, line(a.Origin.Line), a.Origin.Address, identifiers(a.Identifiers),
		// The state is what the last scan knows; the list beside it may be that of an earlier one.
		a.CurrentTags().State().String(), allTags(a.Tags),
	}
	for _, k := range keys {
		row = append(row, tagCell(a.CurrentTags(), k))
	}
	return row
}

func tagCell(tags inventory.Tags, key string) string {
	switch tags.State() {
	case inventory.Unknown:
		return unknownTag
	case inventory.NotApplicable:
		return noSuchTag
	}
	tag, _ := tags.Get(key)
	if tag.ValueUnknown {
		return unknownTag
	}
	return tag.Value
}

func allTags(tags inventory.Tags) string {
	var parts []string
	for t := range tags.All() {
		value := t.Value
		if t.ValueUnknown {
			value = unknownTag
		}
		parts = append(parts, t.Key+"="+value)
	}
	return strings.Join(parts, "; ")
}

func identifiers(list []inventory.Identifier) string {
	var parts []string
	for _, i := range list {
		parts = append(parts, string(i.Kind)+"="+i.Value)
	}
	return strings.Join(parts, "; ")
}
