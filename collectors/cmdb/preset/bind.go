package preset

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Binding is where the columns of a preset are in one file. Columns are numbered from 0.
type Binding struct {
	Preset  *Preset
	Columns map[Field]int
	More    []FieldColumn // in the order of the preset's headers
	Keys    []FieldColumn // that make a key, the surest first
	Tags    []TagColumn
	Cells   []TagCell
	Pairs   []TagPair

	Attributes []AttributeColumn // sorted by name
	Status     []StatusColumn
	Rows       []RowColumn
	When       []WhenColumn
	// Fixed is the type of every row, if the file has a column that says so.
	Fixed inventory.Type
}

// FieldColumn is a column of a field.
type FieldColumn struct {
	Field  Field
	Column int
}

// TagColumn is a column of one tag's values.
type TagColumn struct {
	Key    string
	Column int
	// Whole is the name of what the column is a part of, if that holds tags by their keys: a record that has one of the parts has
	// them all.
	Whole string
}

// TagCell is a column whose cells hold tags.
type TagCell struct {
	*TagCells
	Column int
}

// TagPair is a column of keys and one of values.
type TagPair struct{ Keys, Values int }

// AttributeColumn is a column of one attribute's values.
type AttributeColumn struct {
	*Attribute
	Name   string
	Column int
}

// StatusColumn is a column of stages.
type StatusColumn struct {
	*StatusRules
	Name   string // of the attribute that keeps the text
	Column int
}

// RowColumn is a column that says what is no asset.
type RowColumn struct {
	*RowRule
	Column int
}

// WhenColumn is a column that says what type a row is of.
type WhenColumn struct {
	*TypeWhen
	Column int
}

// Tagged reports whether the file says anything of tags.
func (b *Binding) Tagged() bool { return len(b.Tags)+len(b.Cells)+len(b.Pairs) > 0 }

// Bind finds the preset's columns among the headers of a file.
func (p *Preset) Bind(columns []string) *Binding {
	h := newHeaders(columns)
	b := &Binding{Preset: p, Columns: map[Field]int{}}
	for f, list := range p.Columns {
		if i := h.first(p, list); i >= 0 {
			b.Columns[f] = i
		}
	}
	if i, ok := b.Columns["uuid"]; ok && i == b.Columns["instance_uuid"] {
		delete(b.Columns, "instance_uuid") // a column holds one of the two
	}
	b.bindMore(h, p)
	b.bindKeys(p)
	b.bindTags(h, p)
	for name, a := range p.Attributes {
		if i := h.first(p, a.Columns); i >= 0 {
			b.Attributes = append(b.Attributes, AttributeColumn{&a, name, i})
		}
	}
	slices.SortFunc(b.Attributes, func(x, y AttributeColumn) int { return strings.Compare(x.Name, y.Name) })
	b.bindRules(h, p)
	return b
}

func (b *Binding) bindMore(h *headers, p *Preset) {
	for _, f := range append(Fields(), Host) {
		for _, header := range p.More[f] {
			i := h.find(p, header)
			if i < 0 || b.has(f, i) {
				continue
			}
			b.More = append(b.More, FieldColumn{f, i})
		}
	}
}

func (b *Binding) has(f Field, column int) bool {
	i, ok := b.Columns[f]
	return ok && i == column || slices.Contains(b.More, FieldColumn{f, column})
}

func (b *Binding) bindKeys(p *Preset) {
	for _, f := range p.keyFields() {
		if i, ok := b.Columns[f]; ok {
			b.Keys = append(b.Keys, FieldColumn{f, i})
		}
		for _, m := range b.More {
			if m.Field == f {
				b.Keys = append(b.Keys, m)
			}
		}
	}
}

func (b *Binding) bindRules(h *headers, p *Preset) {
	for i := range p.Status {
		s := &p.Status[i]
		if column := h.first(p, s.Columns); column >= 0 {
			b.Status = append(b.Status, StatusColumn{s, s.name(), column})
		}
	}
	for i := range p.Rows {
		if column := h.first(p, p.Rows[i].Columns); column >= 0 {
			b.Rows = append(b.Rows, RowColumn{&p.Rows[i], column})
		}
	}
	for i := range p.Type.When {
		if column := h.first(p, p.Type.When[i].Columns); column >= 0 {
			b.When = append(b.When, WhenColumn{&p.Type.When[i], column})
		}
	}
	for _, header := range sortedKeys(p.Type.WithColumn) {
		if h.find(p, header) >= 0 {
			b.Fixed = p.Type.WithColumn[header]
			return
		}
	}
}

func (s *StatusRules) name() string {
	if s.As == "" {
		return "status"
	}
	return s.As
}

// bindTags finds the columns of tags. A column of a field is no tag by a pattern or by its place.
func (b *Binding) bindTags(h *headers, p *Preset) {
	for _, key := range sortedKeys(p.Tags.Columns) {
		if i := h.first(p, p.Tags.Columns[key]); i >= 0 {
			b.Tags = append(b.Tags, TagColumn{Key: key, Column: i})
		}
	}
	for _, pattern := range p.Tags.Patterns {
		found := h.captures(p, pattern)
		for i := range h.names {
			if key, ok := found[i]; ok {
				b.addTag(key, i)
			}
		}
	}
	for _, i := range h.between(p) {
		b.addTag(strings.TrimSpace(h.names[i]), i)
	}
	for i := range p.Tags.Cells {
		column := h.first(p, p.Tags.Cells[i].Columns)
		if column >= 0 {
			b.Cells = append(b.Cells, TagCell{&p.Tags.Cells[i], column})
		}
		if p.Tags.Cells[i].Form == FormPairs {
			b.addParts(h, p.Tags.Cells[i].Columns, true)
		}
	}
	for _, pair := range p.Tags.Pairs {
		keys, values := h.first(p, pair.Keys), h.first(p, pair.Values)
		if keys >= 0 && values >= 0 {
			b.Pairs = append(b.Pairs, TagPair{keys, values})
		}
		var wholes []string
		for _, header := range pair.Keys {
			if i := strings.LastIndexByte(header, '.'); i > 0 {
				wholes = append(wholes, header[:i])
			}
		}
		b.addParts(h, wholes, false)
	}
}

// addParts finds the columns of tags in records whose tags are an object, or a list of keys and values: "tags.owner". Members such as
// "name" are those of the objects of a list, and no keys; strict says that there is no tag beside them.
func (b *Binding) addParts(h *headers, wholes []string, strict bool) {
	for _, whole := range wholes {
		var parts []TagColumn
		for i, name := range h.names {
			if n := len(whole) + 1; len(name) <= n || name[n-1] != '.' || !strings.EqualFold(name[:n-1], whole) {
				continue
			}
			switch key := name[len(whole)+1:]; {
			case !isMember(key):
				parts = append(parts, TagColumn{key, i, whole})
			case strict:
				return
			}
		}
		for _, t := range parts {
			if !slices.ContainsFunc(b.Tags, func(known TagColumn) bool { return known.Key == t.Key || known.Column == t.Column }) {
				b.Tags = append(b.Tags, t)
			}
		}
	}
}

// isMember knows how the objects of a list call what they are.
func isMember(name string) bool {
	switch strings.ToLower(name) {
	case "key", "value", "name", "notes", "slug", "id", "display", "label", "title", "color", "url", "tag", "field", "type":
		return true
	}
	return false
}

func (b *Binding) addTag(key string, column int) {
	if !slices.ContainsFunc(b.Tags, func(t TagColumn) bool { return t.Key == key || t.Column == column }) {
		b.Tags = append(b.Tags, TagColumn{Key: key, Column: column})
	}
}

// TagTableColumns is where a table of tags says what; columns are numbered from 0.
type TagTableColumns struct {
	Preset          *Preset
	Row, Key, Value int
}

// TagTable finds the columns of a table of tags, as one of the presets has them.
func (s *Set) TagTable(columns []string) (TagTableColumns, bool) {
	h := newHeaders(columns)
	for _, p := range s.list {
		t := TagTableColumns{p, h.first(p, p.TagTable.Row), h.first(p, p.TagTable.Key), h.first(p, p.TagTable.Value)}
		if t.Row >= 0 && t.Key >= 0 && t.Value >= 0 {
			return t, true
		}
	}
	return TagTableColumns{}, false
}

// Join returns the column of a register that the table of tags speaks of, or -1.
func (p *Preset) Join(columns []string) int { return newHeaders(columns).first(p, p.TagTable.Join) }
