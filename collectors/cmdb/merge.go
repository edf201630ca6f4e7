package cmdb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/cmdb/preset"
	"github.com/muster-audit/muster/inventory"
)

// presetField is a field as presets call it.
func presetField(f field) preset.Field { return preset.Field(fieldNames()[f]) }

// fieldOf is what a preset calls by a name.
func fieldOf(name preset.Field) (field, bool) {
	for f, known := range fieldNames() {
		if known == string(name) {
			return field(f), true
		}
	}
	return 0, false
}

func presetFields(names []preset.Field) []field {
	var list []field
	for _, name := range names {
		if f, ok := fieldOf(name); ok {
			list = append(list, f)
		}
	}
	return list
}

// usePreset takes from a preset what is not configured, column by column.
func (l *layout) usePreset(b *preset.Binding, configured [fieldCount]int) {
	if b == nil {
		return
	}
	l.base, l.rules = b.Preset, b
	if b.Preset.Clean.Changes() {
		l.clean = &b.Preset.Clean
	}
	for name, column := range b.Columns {
		if f, ok := fieldOf(name); ok && l.fields[f] < 0 {
			l.fields[f] = column
		}
	}
	if l.fields[fieldStatus] < 0 && len(b.Status) > 0 && b.Status[0].Name == "status" {
		l.fields[fieldStatus] = b.Status[0].Column
	}
	for _, m := range b.More {
		if f, ok := fieldOf(m.Field); !ok || configured[f] < 0 {
			l.more = append(l.more, moreColumn{m.Field, m.Column})
		}
	}
	l.usePresetTags(b)
	for _, a := range b.Attributes {
		l.addAttribute(attribute{binding{name: a.Name, column: a.Column}, a.Attribute, b.Preset.Dates[a.Name]})
	}
	if configured[fieldStatus] < 0 {
		for _, s := range b.Status {
			l.addAttribute(attribute{binding: binding{name: s.Name, column: s.Column}})
		}
	}
}

// usePresetTags adds the preset's tags to those that are configured, whose keys win.
func (l *layout) usePresetTags(b *preset.Binding) {
	for _, t := range b.Tags {
		l.tags = insert(l.tags, binding{t.Key, t.Column, t.Whole})
	}
	l.cells, l.pairs = b.Cells, b.Pairs
}

// restColumns stands for all columns that mean nothing else.
const restColumns = "rest"

// addTagColumns makes tags of the columns that tag_columns names, with their headers for keys.
func (l *layout) addTagColumns(h *headers, o *Options) {
	if len(o.TagColumns) == 0 {
		return
	}
	for i, pattern := range o.TagColumns {
		l.checkTagColumn(h, fmt.Sprintf("tag_columns[%d]", i), pattern)
	}
	taken := l.taken()
	names := h.distinct()
	for column, name := range h.names {
		if name != "" && matchesTag(o.TagColumns, name, slices.Contains(taken, column)) {
			l.tags = insert(l.tags, binding{name: names[column], column: column})
		}
	}
}

// checkTagColumn finds out whether the columns are there that a pattern speaks of. A name alone is that of a column that must be. A
// pattern without one makes the tags unknown, since an export may have lost columns.
func (l *layout) checkTagColumn(h *headers, option, pattern string) {
	switch {
	case pattern == restColumns || slices.ContainsFunc(h.names, func(name string) bool { return name == pattern || inventory.MatchGlob(pattern, name) }):
	case strings.ContainsAny(pattern, "*?["):
		l.lacking = append(l.lacking, pattern)
	default:
		h.find(option, pattern)
	}
}

// matchesTag reports whether a column is to be a tag. One that means something else is so only by its own pattern.
func matchesTag(patterns []string, name string, taken bool) bool {
	for _, p := range patterns {
		if p == restColumns && !taken || p != restColumns && inventory.MatchGlob(p, name) {
			return true
		}
	}
	return false
}

// taken lists the columns that mean something.
func (l *layout) taken() []int {
	list := l.named()
	for _, k := range l.keys {
		list = append(list, k.column)
	}
	for _, a := range l.attrs {
		list = append(list, a.column)
	}
	for _, r := range l.rules.Rows {
		list = append(list, r.Column)
	}
	for _, w := range l.rules.When {
		list = append(list, w.Column)
	}
	return compact(list)
}
