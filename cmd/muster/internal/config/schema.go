package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/invopop/jsonschema"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/rules"
	"github.com/muster-audit/muster/rules/strictyaml"
)

// Schema returns the JSON Schema (draft 2020-12) of the config file, generated from the structs that it is decoded into
// and the options of every collector. It ends with a newline.
func Schema(registry collectors.Registry, formats []string) ([]byte, error) {
	r := reflector()
	s := r.Reflect(document{})
	s.ID = "https://github.com/muster-audit/muster/docs/config.schema.json"
	s.Title = "muster.yaml"
	s.Required = nil
	sources, ok := s.Properties.Get("sources")
	if !ok {
		return nil, fmt.Errorf("generate config schema: no sources")
	}
	sources.Items = &jsonschema.Schema{}
	for _, spec := range registry.Specs() {
		sources.Items.OneOf = append(sources.Items.OneOf, sourceSchema(spec))
	}
	if reports, ok := s.Properties.Get("reports"); ok {
		if format, ok := reports.Items.Properties.Get("format"); ok {
			format.Enum = anys(formats)
		}
	}
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("generate config schema: %w", err)
	}
	return append(text, '\n'), nil
}

func reflector() *jsonschema.Reflector {
	return &jsonschema.Reflector{
		FieldNameTag: "yaml", DoNotReference: true, ExpandedStruct: true, RequiredFromJSONSchemaTags: true,
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			switch t {
			case reflect.TypeFor[time.Duration]():
				return &jsonschema.Schema{Type: "string", Pattern: `^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`}
			case reflect.TypeFor[Date]():
				return &jsonschema.Schema{Type: "string", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`}
			case reflect.TypeFor[Threshold]():
				return &jsonschema.Schema{Type: "string", Enum: append(severities(), "never")}
			case reflect.TypeFor[rules.Severity]():
				return &jsonschema.Schema{Type: "string", Enum: severities()}
			case reflect.TypeFor[Incomplete]():
				return &jsonschema.Schema{Type: "string", Enum: []any{IncompleteFail, IncompleteWarn}}
			case reflect.TypeFor[strictyaml.Rest]():
				return &jsonschema.Schema{}
			case reflect.TypeFor[collectors.Size]():
				return &jsonschema.Schema{OneOf: []*jsonschema.Schema{
					{Type: "integer", Minimum: "0"}, {Type: "string", Pattern: `^[0-9]+ *([kKmMgGtT]?[iI]?[bB])?$`},
				}}
			}
			return nil
		},
	}
}

func severities() []any {
	var names []any
	for _, s := range rules.Severities() {
		names = append(names, s.String())
	}
	return names
}

// sourceSchema describes a source of one collector: the keys that all sources have and the collector's options.
func sourceSchema(spec collectors.Spec) *jsonschema.Schema {
	s := reflector().Reflect(spec.NewOptions())
	s.Version, s.ID = "", ""
	s.Title, s.Description = spec.Name, spec.Summary
	s.Properties.Set("name", &jsonschema.Schema{Type: "string", Pattern: `^[^/\s]+$`, Description: "Unique name."})
	s.Properties.Set("collector", &jsonschema.Schema{Const: spec.Name})
	books := make([]any, len(spec.Books))
	for i, b := range spec.Books {
		books[i] = string(b)
	}
	s.Properties.Set("book", &jsonschema.Schema{Type: "string", Enum: books})
	s.Required = append([]string{"name", "collector"}, s.Required...)
	return s
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// Option is one key of a source.
type Option struct{ Name, Description string }

// Options lists the keys that a collector adds to a source, in the order of its struct.
func Options(spec collectors.Spec) []Option {
	s := reflector().Reflect(spec.NewOptions())
	var out []Option
	for p := s.Properties.Oldest(); p != nil; p = p.Next() {
		out = append(out, Option{Name: p.Key, Description: p.Value.Description})
	}
	return out
}
