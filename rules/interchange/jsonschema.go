package interchange

import (
	"io"
	"regexp"
	"strings"

	"github.com/muster-audit/muster/rules"
)

const inJSONSchema = "the JSON Schema"

// schema is the part of JSON Schema 2020-12 that is written. An object's members come in the order of the fields.
type schema struct {
	Schema        string             `json:"$schema,omitempty"`
	Title         string             `json:"title,omitempty"`
	Description   string             `json:"description,omitempty"`
	Type          string             `json:"type,omitempty"`
	Properties    map[string]*schema `json:"properties,omitempty"`
	PropertyNames *schema            `json:"propertyNames,omitempty"`
	Required      []string           `json:"required,omitempty"`
	Enum          []string           `json:"enum,omitempty"`
	Pattern       string             `json:"pattern,omitempty"`
	Format        string             `json:"format,omitempty"`
	MinLength     int                `json:"minLength,omitempty"`
	MaxLength     int                `json:"maxLength,omitempty"`
	AllOf         []*schema          `json:"allOf,omitempty"`
	AnyOf         []*schema          `json:"anyOf,omitempty"`
	Not           *schema            `json:"not,omitempty"`
}

// notBlank is a value with more than white space.
const notBlank = `\S`

// jsonSchema writes a schema of an object of tags, keys to values, for editors and forms. A rule with a condition is left out: the schema
// knows nothing of the thing that bears the tags.
func (e *exporter) jsonSchema(w io.Writer) error {
	s := &schema{
		Schema: "https://json-schema.org/draft/2020-12/schema", Title: "Tags", Description: "The tags of one asset, by key.",
		Type: "object", Properties: map[string]*schema{},
	}
	for i := range e.policy.Tags {
		r := &e.policy.Tags[i]
		if r.When != nil {
			e.lose(r, "%s knows no conditions: the rule is left out", inJSONSchema)
			continue
		}
		switch {
		case len(r.Keys) > 0:
			e.schemaTag(s, r)
		case len(r.AnyOf) > 0:
			e.schemaGroup(s, r, r.AnyOf, true)
		case len(r.AllOf) > 0:
			e.schemaGroup(s, r, r.AllOf, false)
		default:
			e.schemaKeys(s, r)
		}
	}
	text, err := indented(s)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func (e *exporter) schemaGroup(s *schema, r *rules.TagRule, keys []string, one bool) {
	if more := beyond(r, "any_of", "all_of"); len(more) > 0 {
		e.lose(r, "%s cannot express %s", inJSONSchema, strings.Join(more, ", "))
	}
	if one {
		s.AllOf = append(s.AllOf, anyRequired(keys))
		return
	}
	s.Required = unique(append(s.Required, keys...))
}

// anyRequired asks for one of some keys with a value that is not blank.
func anyRequired(keys []string) *schema {
	var either schema
	for _, k := range keys {
		either.AnyOf = append(either.AnyOf, &schema{Required: []string{k}, Properties: map[string]*schema{k: {Pattern: notBlank}}})
	}
	return &either
}

// schemaTag adds what a rule asks of its tag, to each of its spellings.
func (e *exporter) schemaTag(s *schema, r *rules.TagRule) {
	value, expressed := e.schemaValue(r)
	if more := beyond(r, append(expressed, "required", "provider_defaults")...); len(more) > 0 {
		e.lose(r, "%s cannot express %s", inJSONSchema, strings.Join(more, ", "))
	}
	for _, key := range r.Keys {
		have := s.Properties[key]
		if have == nil {
			have = &schema{Type: "string"}
			s.Properties[key] = have
		}
		have.AllOf = append(have.AllOf, value...)
	}
	switch {
	case !r.Required:
	case len(r.Keys) == 1:
		s.Required = unique(append(s.Required, r.Keys[0]))
		have := s.Properties[r.Keys[0]]
		have.AllOf = append(have.AllOf, &schema{Pattern: notBlank})
	default:
		s.AllOf = append(s.AllOf, anyRequired(r.Keys))
	}
}

// schemaValue returns what a rule asks of the value, one schema for each, and the names of what it could take.
func (e *exporter) schemaValue(r *rules.TagRule) (list []*schema, expressed []string) {
	if one, ok := allowedValues(r); ok {
		list, expressed = append(list, one...), append(expressed, "values", "globs")
	}
	if r.Pattern != nil {
		if text, ok := ecmaPattern(r.Pattern.Text); ok {
			list, expressed = append(list, &schema{Pattern: text}), append(expressed, "pattern")
		}
	}
	if r.Length != nil {
		list, expressed = append(list, &schema{MinLength: r.Length.Min, MaxLength: r.Length.Max}), append(expressed, "length")
	}
	if format, ok := schemaFormats()[r.Type]; ok {
		list, expressed = append(list, &schema{Format: format}), append(expressed, "type")
	}
	return list, expressed
}

// schemaFormats maps types of values to formats that mean the same.
func schemaFormats() map[rules.ValueType]string {
	return map[rules.ValueType]string{
		rules.TypeDate: "date", rules.TypeDatetime: "date-time", rules.TypeEmail: "email", rules.TypeURL: "uri", rules.TypeUUID: "uuid",
	}
}

// allowedValues returns the list of what is allowed: exact values, or patterns for globs. It is false for globs with sets.
func allowedValues(r *rules.TagRule) ([]*schema, bool) {
	if len(r.Globs) == 0 {
		if len(r.Values) == 0 {
			return nil, false
		}
		return []*schema{{Enum: r.Values}}, true
	}
	either := &schema{}
	if len(r.Values) > 0 {
		either.AnyOf = append(either.AnyOf, &schema{Enum: r.Values})
	}
	for _, g := range r.Globs {
		text, ok := globPattern(g)
		if !ok {
			return nil, false
		}
		either.AnyOf = append(either.AnyOf, &schema{Pattern: text})
	}
	return []*schema{either}, true
}

func globPattern(glob string) (string, bool) {
	var b strings.Builder
	escaped := false
	for _, r := range glob {
		switch {
		case escaped:
			b.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '*':
			b.WriteString(`[\s\S]*`)
		case r == '?':
			b.WriteString(`[\s\S]`)
		case r == '[':
			return "", false
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return "^" + b.String() + "$", true
}

// onlyRE2 is what RE2 has and the regular expressions of JSON Schema (ECMA-262) do not, or mean otherwise.
var onlyRE2 = regexp.MustCompile(`\(\?[^:]|\\[AzQECaUpP]|\[\[:`)

// ecmaPattern returns a pattern for the whole value in the dialect of JSON Schema; false if it may mean something else there.
func ecmaPattern(text string) (string, bool) {
	if onlyRE2.MatchString(text) {
		return "", false
	}
	return "^(?:" + text + ")$", true
}

// schemaKeys adds a rule about keys.
func (e *exporter) schemaKeys(s *schema, r *rules.TagRule) {
	var forbidden []*schema
	for _, p := range r.Prohibited {
		text, ok := ecmaPattern(p.Text)
		if !ok {
			e.lose(r, "%s cannot express the pattern %s", inJSONSchema, p.Text)
			continue
		}
		forbidden = append(forbidden, &schema{Pattern: text})
	}
	if more := beyond(r, "prohibited"); len(more) > 0 {
		e.lose(r, "%s cannot express %s", inJSONSchema, strings.Join(more, ", "))
	}
	if len(forbidden) == 0 {
		return
	}
	if s.PropertyNames == nil {
		s.PropertyNames = &schema{Not: &schema{}}
	}
	s.PropertyNames.Not.AnyOf = append(s.PropertyNames.Not.AnyOf, forbidden...)
}
