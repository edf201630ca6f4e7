package preset

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// validate returns all that is wrong with a preset that was decoded.
func (p *Preset) validate(file string) error {
	v := &validator{file: file}
	if p.ID == "" || strings.ContainsAny(p.ID, "/\\. \t") {
		v.fail("id", "%q: want a short name without spaces, dots and slashes", p.ID)
	}
	if p.Title == "" {
		v.fail("title", "missing: say which tool's export it is")
	}
	for _, f := range p.Formats {
		v.oneOf("formats", string(f), texts(Formats()))
	}
	if p.Match != "" {
		v.oneOf("match", string(p.Match), []string{string(MatchExact), string(MatchFold), string(MatchPlain), string(MatchASCII)})
	}
	v.columns(p)
	v.types(p)
	v.stages(p)
	v.tags(&p.Tags)
	v.attributes(p)
	v.rows(p)
	if t := p.TagTable; len(t.Row)+len(t.Key)+len(t.Value)+len(t.Join) > 0 {
		v.filled("tag_table.row", t.Row)
		v.filled("tag_table.key", t.Key)
		v.filled("tag_table.value", t.Value)
		v.filled("tag_table.join", t.Join)
	}
	return errors.Join(v.problems...)
}

type validator struct {
	file     string
	problems []error
}

func (v *validator) fail(path, format string, args ...any) {
	v.problems = append(v.problems, fmt.Errorf("%s: %s: %s", v.file, path, fmt.Sprintf(format, args...)))
}

func (v *validator) oneOf(path, value string, known []string) {
	if !slices.Contains(known, value) {
		v.fail(path, "%q is not known%s", value, inventory.Suggest(value, known))
	}
}

func (v *validator) filled(path string, list []string) {
	if len(list) == 0 || slices.ContainsFunc(list, func(s string) bool { return strings.TrimSpace(s) == "" }) {
		v.fail(path, "want a list of headers, none of them empty")
	}
}

func (v *validator) columns(p *Preset) {
	fields := texts(Fields())
	for _, f := range slices.Sorted(maps.Keys(p.Columns)) {
		v.oneOf("columns", string(f), fields)
		v.filled("columns."+string(f), p.Columns[f])
	}
	for _, f := range slices.Sorted(maps.Keys(p.More)) {
		v.oneOf("more", string(f), append(texts([]Field{"key", "uuid", "serial", "asset_tag", "fqdn", "hostname", "ip", "mac", "instance_id"}), string(Host)))
		v.filled("more."+string(f), p.More[f])
	}
	for _, f := range p.Keys {
		v.oneOf("keys", string(f), texts(KeyFields()))
	}
}

func (v *validator) types(p *Preset) {
	for _, value := range sortedKeys(p.Type.Map) {
		v.typ("type.map."+value, p.Type.Map[value])
	}
	for _, header := range sortedKeys(p.Type.WithColumn) {
		v.typ("type.with_column."+header, p.Type.WithColumn[header])
	}
	for i, w := range p.Type.When {
		path := fmt.Sprintf("type.when[%d]", i)
		v.typ(path+".type", w.Type)
		v.filled(path+".columns", w.Columns)
		if len(w.Is) == 0 {
			v.fail(path+".is", "want a list of values")
		}
	}
}

func (v *validator) typ(path string, t inventory.Type) {
	if strings.TrimSpace(string(t)) == "" {
		v.fail(path, "want a type such as datacenter/server")
	}
}

func (v *validator) stages(p *Preset) {
	for i, s := range p.Status {
		path := fmt.Sprintf("status[%d]", i)
		v.filled(path+".columns", s.Columns)
		v.stagesOf(path+".map", s.Map)
		for _, class := range sortedKeys(s.Classes) {
			v.stagesOf(path+".classes."+class, s.Classes[class])
		}
	}
}

func (v *validator) stagesOf(path string, m Stages) {
	for _, value := range sortedKeys(m) {
		s := m[value]
		if s != StageUnknown && s != StageNone && (s == "" || !inventory.Lifecycle(s).Valid()) {
			v.fail(path+"."+value, "%q is no stage%s", s, inventory.Suggest(string(s), []string{
				"planned", "active", "maintenance", "retiring", "retired", string(StageUnknown), string(StageNone),
			}))
		}
	}
}

func (v *validator) tags(t *TagRules) {
	for _, key := range sortedKeys(t.Columns) {
		v.filled("tags.columns."+key, t.Columns[key])
	}
	for _, pattern := range t.Patterns {
		if strings.Count(pattern, "*") != 1 || pattern == "*" {
			v.fail("tags.patterns", "%q: want one * for the tag's key, and some text besides, as cf_*", pattern)
		}
	}
	for _, pair := range t.Between {
		if len(pair) != 2 {
			v.fail("tags.between", "want two headers each, as [[Annotation, Datacenter]]")
		}
	}
	for i, c := range t.Cells {
		v.filled(fmt.Sprintf("tags.cells[%d].columns", i), c.Columns)
		v.oneOf(fmt.Sprintf("tags.cells[%d].form", i), string(c.Form), []string{string(FormNames), string(FormPairs)})
	}
	for i, pair := range t.Pairs {
		v.filled(fmt.Sprintf("tags.pairs[%d].keys", i), pair.Keys)
		v.filled(fmt.Sprintf("tags.pairs[%d].values", i), pair.Values)
	}
}

func (v *validator) attributes(p *Preset) {
	for _, name := range sortedKeys(p.Attributes) {
		a, path := p.Attributes[name], "attributes."+name
		v.filled(path+".columns", a.Columns)
		if a.Kind != "" {
			v.oneOf(path+".kind", string(a.Kind), []string{string(KindText), string(KindNumber), string(KindDate), string(KindReference)})
		}
		if _, ok := mebibytes(a.Unit); a.Unit != "" && (!ok || a.Kind != KindNumber) {
			v.fail(path+".unit", "%q: want KiB, MiB, GiB or TiB, of a kind number", a.Unit)
		}
	}
	for _, name := range sortedKeys(p.Dates) {
		if _, err := p.Dates[name].location(); err != nil {
			v.fail("dates."+name+".zone", "%v", err)
		}
		for _, f := range p.Dates[name].Formats {
			if !strings.Contains(f, "YYYY") || !strings.Contains(f, "MM") || !strings.Contains(f, "DD") {
				v.fail("dates."+name+".formats", "%q: want YYYY, MM and DD in it, and hh, mm, ss for a time", f)
			}
		}
	}
}

func (v *validator) rows(p *Preset) {
	for i, r := range p.Rows {
		path := fmt.Sprintf("rows[%d]", i)
		v.filled(path+".columns", r.Columns)
		v.oneOf(path+".do", string(r.Do), []string{string(LeaveOut), string(NoteRow)})
		if r.Filled == (len(r.Is) > 0) {
			v.fail(path, "want either is or filled")
		}
		if r.What == "" {
			v.fail(path+".what", "missing: say what such rows are, as templates")
		}
	}
}

// identifies reports whether one of the columns can make a key.
func (p *Preset) identifies() bool {
	return slices.ContainsFunc(p.keyFields(), func(f Field) bool { return len(p.Columns[f]) > 0 || len(p.More[f]) > 0 })
}

func texts[T ~string](list []T) []string {
	var out []string
	for _, x := range list {
		out = append(out, string(x))
	}
	return out
}

func names(list []Field) string { return strings.Join(texts(list), ", ") }
