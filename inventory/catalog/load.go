package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/inventory"
)

// fileSpec is one data file. Every part is optional.
type fileSpec struct {
	Providers  map[string]providerSpec         `yaml:"providers"`
	Classes    map[Class][]string              `yaml:"classes"`     // patterns of types
	Global     []string                        `yaml:"global"`      // patterns of types
	Billable   []string                        `yaml:"billable"`    // patterns of types
	Virtual    []string                        `yaml:"virtual"`     // patterns of types
	TaggingAPI map[TaggingAPI][]string         `yaml:"tagging_api"` // patterns of types
	Types      map[inventory.Type]typeSpec     `yaml:"types"`
	Terraform  map[string]terraformSpec        `yaml:"terraform"`
	Imports    map[inventory.Type][]importSpec `yaml:"imports"`
	Suppress   []Suppression                   `yaml:"suppress"`
	Provenance []provenanceSpec                `yaml:"provenance"`
	Losses     []Loss                          `yaml:"losses"`
}

type providerSpec struct {
	TagLimits    TagLimits `yaml:"tag_limits"`
	ReservedTags struct {
		Prefixes []string `yaml:"prefixes"`
		AnyCase  bool     `yaml:"any_case"`
	} `yaml:"reserved_tags"`
}

type typeSpec struct {
	// Unlisted says that CloudFormation has no such type and the name follows its pattern: AWS::EC2::Snapshot.
	Unlisted   bool                     `yaml:"unlisted"`
	Taggable   *bool                    `yaml:"taggable"`
	TagLimits  *TagLimits               `yaml:"tag_limits"`
	PartOf     []inventory.Type         `yaml:"part_of"`
	Evidence   []string                 `yaml:"evidence"`
	Facets     []string                 `yaml:"facets"`
	Attributes map[string]attributeSpec `yaml:"attributes"`
}

type attributeSpec struct {
	Compare  string    `yaml:"compare"`
	Default  valueSpec `yaml:"default"`
	Ignore   string    `yaml:"ignore"`
	Severity string    `yaml:"severity"`
	Within   []string  `yaml:"within"`
	Members  Members   `yaml:"members"`
}

// valueSpec reads any YAML value as an attribute's value.
type valueSpec struct{ value inventory.Value }

// UnmarshalYAML goes by way of JSON, whose values attributes are.
func (v *valueSpec) UnmarshalYAML(n *yaml.Node) error {
	var x any
	if err := n.Decode(&x); err != nil {
		return err
	}
	text, err := json.Marshal(x)
	if err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	v.value, err = inventory.ParseValue(text)
	return err
}

// addFile merges one data file into the catalog. What two files say twice is an error.
func (c *Catalog) addFile(files fs.FS, path string) error {
	text, err := fs.ReadFile(files, path)
	if err != nil {
		return err
	}
	var f fileSpec
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", path, err)
	}
	if err := c.merge(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (c *Catalog) merge(f fileSpec) error {
	if err := errors.Join(
		mergeMap(c.providers, f.Providers, "provider"),
		mergeMap(c.rows, f.Types, "type"),
		mergeMap(c.terraform, f.Terraform, "Terraform type"),
		c.addImports(f.Imports),
	); err != nil {
		return err
	}
	c.marks.add(f)
	c.provenance = append(c.provenance, f.Provenance...)
	c.losses = append(c.losses, f.Losses...)
	return errors.Join(checkLosses(f.Losses), c.suppress.add(f.Suppress))
}

func mergeMap[K comparable, V any](into, from map[K]V, what string) error {
	for k, v := range from {
		if _, twice := into[k]; twice {
			return fmt.Errorf("%s %v stands in two files", what, k)
		}
		into[k] = v
	}
	return nil
}
