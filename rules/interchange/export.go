package interchange

import (
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/muster-audit/muster/rules"
)

// Format is a form in which a policy can be exported.
type Format string

// The formats.
const (
	FormatTagPolicy  Format = "aws-tag-policy"
	FormatConfig     Format = "aws-config"
	FormatTFLint     Format = "tflint"
	FormatJSONSchema Format = "json-schema"
)

// Formats lists all formats.
func Formats() []Format {
	return []Format{FormatTagPolicy, FormatConfig, FormatTFLint, FormatJSONSchema}
}

// Export writes what a format can express of a policy, and returns the rest.
func Export(w io.Writer, format Format, p *rules.Policy) (Losses, error) {
	e := &exporter{policy: p}
	e.sections()
	write := map[Format]func(io.Writer) error{
		FormatTagPolicy: e.tagPolicy, FormatConfig: e.config, FormatTFLint: e.tflint, FormatJSONSchema: e.jsonSchema,
	}[format]
	if write == nil {
		texts := make([]string, len(Formats()))
		for i, f := range Formats() {
			texts[i] = string(f)
		}
		return nil, fmt.Errorf("--format %q: use one of %s", format, strings.Join(texts, ", "))
	}
	if err := write(w); err != nil {
		return nil, fmt.Errorf("export policy as %s: %w", format, err)
	}
	return e.losses, nil
}

type exporter struct {
	policy *rules.Policy
	losses Losses
}

func (e *exporter) lose(r *rules.TagRule, format string, args ...any) {
	e.losses.add(r.By, "tags/"+r.ID, format, args...)
}

// sections tells of what is no rule about tags. It goes by the fields of the policy, so that none that is added later is forgotten.
func (e *exporter) sections() {
	set := map[string]bool{}
	collectSections(reflect.ValueOf(*e.policy), set)
	for _, name := range sorted(set) {
		e.losses.add("", "", "the section %s is muster's alone", name)
	}
}

func collectSections(v reflect.Value, into map[string]bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			collectSections(v.Field(i), into)
		case slices.Contains([]string{"Files", "Tags", "Inputs"}, f.Name) || isDefault(f.Name, v.Field(i)):
		default:
			into[snake(f.Name)] = true
		}
	}
}

// isDefault reports whether a section says nothing that stands in a file.
func isDefault(name string, v reflect.Value) bool {
	if name == "Records" { // has a default that is not zero
		empty := rules.RecordsPolicy{StaleAfter: rules.DefaultStaleAfter}
		return reflect.DeepEqual(v.Interface(), empty) || v.IsZero()
	}
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

// asked lists what a tag rule asks by the names of the fields that are set, but for those that only say where and how badly.
func asked(r *rules.TagRule) map[string]bool {
	set := map[string]bool{}
	collect(reflect.ValueOf(*r), set)
	for _, name := range []string{"id", "by", "severity", "when", "keys"} {
		delete(set, name)
	}
	return set
}

func collect(v reflect.Value, into map[string]bool) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch {
		case f.Anonymous && f.Type.Kind() == reflect.Struct:
			collect(v.Field(i), into)
		case !f.IsExported():
		case v.Field(i).Kind() == reflect.Slice && v.Field(i).Len() == 0:
		case !v.Field(i).IsZero():
			into[snake(f.Name)] = true
		}
	}
}

// snake writes the name of a field as policies do: "AnyOf" is any_of. Some are called otherwise there.
func snake(name string) string {
	switch name {
	case "Canonical":
		return "spelling"
	case "ID":
		return "id"
	case "NearMissValues":
		return "near_misses"
	case "Floors":
		return "coverage"
	}
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) {
			if i > 0 {
				b.WriteByte('_')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// beyond lists what a rule asks beyond what a format can express, sorted.
func beyond(r *rules.TagRule, can ...string) []string {
	set := asked(r)
	for _, name := range can {
		delete(set, name)
	}
	return sorted(set)
}

// scopeOf returns the condition of a rule; it is false, and told, if other tools have no such condition.
func (e *exporter) scopeOf(r *rules.TagRule, where string) (scope, bool) {
	s, ok := readScope(r.When.Source())
	if !ok {
		e.lose(r, "its condition %q cannot be expressed in %s: the rule is left out", r.When.Source(), where)
	}
	return s, ok
}
