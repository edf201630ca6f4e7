package sheet

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/report"
)

// What stands in a tag's cell when there is no value to show. A blank cell means that the tag is known not to be there;
// what could not be read must not look like it.
const (
	unknownTag = "(unknown)"
	noSuchTag  = "(not applicable)"
)

func assetColumns() []Column {
	return slices.Concat(
		columns(Number, "entity"),
		texts("book", "source", "scope", "key", "type", "name", "account", "region", "zone", "lifecycle"),
		columns(Number, "findings"),
		columns(Moment, "created", "first_seen", "last_seen"),
		texts("origin_file"), columns(Number, "origin_line"), texts("origin_address", "identifiers", "tags_state", "tags"),
	)
}

func (b *book) assets() Table {
	return table("assets", "Assets", append(assetColumns(), b.tagColumns()...), func(yield func([]Cell) bool) error {
		var row []Cell
		return b.everyAsset(func(a *report.Asset) bool {
			row = b.assetRow(row[:0], a)
			return yield(row)
		})
	})
}

// everyAsset walks through the assets, and keeps those tags of them that the findings show. visit stops the walk by false.
func (b *book) everyAsset(visit func(*report.Asset) bool) error {
	tags := b.places()
	for a, err := range b.report.Assets() {
		if err != nil {
			return err
		}
		at := place{a.Source, a.Key}
		if values, shown := tags[at]; shown && values == nil {
			tags[at] = b.required(&a)
		}
		if !visit(&a) {
			return nil
		}
	}
	b.tags = tags
	return nil
}

// places returns the assets that findings are about; empty if no tag is required.
func (b *book) places() map[place][]string {
	out := map[place][]string{}
	if len(b.keys) == 0 {
		return out
	}
	for i := range b.report.Findings {
		a := &b.report.Findings[i].Asset
		out[place{a.Source, a.Key}] = nil
	}
	return out
}

// required are the values of the required tags, in the order of the keys.
func (b *book) required(a *report.Asset) []string {
	tags := a.CurrentTags()
	out := make([]string, len(b.keys))
	for i, k := range b.keys {
		out[i] = tagValue(tags, k)
	}
	return out
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

func (b *book) assetRow(row []Cell, a *report.Asset) []Cell {
	tags := a.CurrentTags()
	row = append(
		row,
		NumberCell(a.Entity), TextCell(a.Book), TextCell(a.Source), TextCell(a.Scope), TextCell(a.Key), TextCell(a.Type),
		TextCell(a.Name), TextCell(a.Account), TextCell(a.Region), TextCell(a.Zone), TextCell(a.Lifecycle), NumberCell(a.Findings),
		MomentCell(a.Created), MomentCell(a.FirstSeen), MomentCell(a.LastSeen), TextCell(a.Origin.File), LineCell(a.Origin.Line),
		TextCell(a.Origin.Address), TextCell(identifiers(a.Identifiers)),
		// The state is what the last scan knows; the list beside it may be that of an earlier one.
		TextCell(tags.State().String()), TextCell(allTags(a.Tags)),
	)
	for _, k := range b.keys {
		row = append(row, TextCell(tagValue(tags, k)))
	}
	return row
}

func tagValue(tags inventory.Tags, key string) string {
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
