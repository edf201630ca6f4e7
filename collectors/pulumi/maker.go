package pulumi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/muster-audit/muster/collectors/terraform/resource"
	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// maker makes instances of entries. Its memory is used again.
type maker struct {
	*stack
	in        resource.Instance
	block     resource.Block
	sensitive []string // paths, as a state of Terraform writes them
	hidden    bool     // the tags with the provider's own are a secret
	native    map[string]inventory.Type
}

func newMaker(k *stack) *maker {
	m := &maker{stack: k}
	m.in.Decoder = resource.NewDecoder()
	return m
}

// instance returns what an entry says in Terraform's words, valid until the next one.
func (m *maker) instance(e *entry) *resource.Instance {
	in := &m.in
	in.Reset()
	m.sensitive, m.hidden = m.sensitive[:0], false
	u := urnOf(e.URN)
	m.block = resource.Block{Module: strings.TrimPrefix(u.lineage(), "pulumi:"), Mode: "managed", Type: e.Type, Name: u.name}
	if m.block.Name == "" {
		m.block.Name = e.URN
	}
	in.Block, in.Address, in.Provider = &m.block, e.URN, e.Provider
	if e.Replacing { // it was deleted, and is to be made again
		in.Lifecycle = inventory.LifecycleUnknown
	}
	if e.Delete {
		in.Deposed = short(e.ID)
	}
	for _, path := range e.Ignores {
		in.Ignores = append(in.Ignores, ignored(path))
	}
	m.fill(e)
	if len(m.sensitive) > 0 {
		in.Sensitive = append(in.Sensitive, "["+strings.Join(m.sensitive, ",")+"]"...)
	}
	return in
}

// short tells the objects of one name apart that are to be deleted.
func short(id string) string {
	h := fnv.New32a()
	h.Write([]byte(id)) // never fails
	return fmt.Sprintf("%08x", h.Sum32())
}

// ignored turns a path of ignoreChanges into one of ignore_changes.
func ignored(path string) string {
	i := strings.IndexAny(path, ".[")
	if i < 0 {
		return snake(path)
	}
	top, rest := snake(path[:i]), path[i:]
	if key, ok := strings.CutPrefix(rest, "."); ok && freeMap(top) {
		rest = "[" + string(inventory.StringValue(key)) + "]"
	}
	return top + rest
}

// fill sets the attributes and says of what type they are.
func (m *maker) fill(e *entry) {
	raw := e.Outputs
	if !bytes.HasPrefix(raw, []byte("{")) { // not made yet, or not made again: the provider's tags are not added
		raw, m.hidden = e.Inputs, true
	}
	t, _ := tokenOf(e.Type)
	tfType, bridged := terraformType(m.catalog, t)
	attributes := m.attributes(raw, t.pkg != "aws-native")
	if e.ID != "" {
		attributes["id"] = e.ID
	}
	switch {
	case bridged:
		m.block.Type = tfType
		row, _ := m.catalog.Terraform(tfType)
		rename(attributes, tfType)
		m.effectiveTags(e, row, attributes)
		shape(attributes, row)
	default:
		row := m.foreign(e.Type, t, attributes)
		if m.hidden { // nobody knows what the provider adds to the tags of such a type
			attributes[row.Tags[0]] = unknownText
		}
		m.in.Row = &row
	}
	m.in.Attributes.Present = len(raw) > 0
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if text, err := json.Marshal(attributes[name]); err == nil {
			m.in.Attributes.Set(name, text)
		}
	}
}

// attributes reads the members of an object; words says that they get Terraform's names.
func (m *maker) attributes(raw []byte, words bool) map[string]any {
	members, _ := decode(raw).(map[string]any)
	out := make(map[string]any, len(members))
	for name, x := range members {
		to := name
		if words {
			to = snake(name)
		}
		if isMap, ok := x.(map[string]any); ok && freeMap(to) && isMap[signature] == nil {
			out[to] = m.freeMap(to, isMap)
			continue
		}
		r := reader{words: words}
		v := r.value(x, freeMap(to))
		if r.hidden && withDefaults(to) {
			m.hidden = true
			continue
		}
		if r.secret {
			m.mark(to)
		}
		out[to] = v
	}
	return out
}

// freeMap reads a map whose keys people choose, of which single values may be secret.
func (m *maker) freeMap(name string, x map[string]any) map[string]any {
	out := make(map[string]any, len(x))
	for key, e := range x {
		r := reader{}
		out[key] = r.value(e, true)
		if r.secret {
			m.mark(name, key)
		}
	}
	return out
}

// mark notes that what stands at a path is a secret in plain text.
func (m *maker) mark(path ...string) {
	steps := make([]string, len(path))
	for i, p := range path {
		quoted, _ := json.Marshal(p) // a string always has a text
		steps[i] = `{"type":"get_attr","value":` + string(quoted) + `}`
	}
	m.sensitive = append(m.sensitive, "["+strings.Join(steps, ",")+"]")
}

// withDefaults reports whether an attribute holds the tags together with those that the provider adds. Pulumi marks it as a secret
// whatever is in it.
func withDefaults(name string) bool {
	return name == "tags_all" || name == "pulumi_labels" || name == "effective_labels" || name == "terraform_labels"
}

// learnSecrets learns every secret in an object that stands there in plain text.
func (m *maker) learnSecrets(raw []byte) error {
	if !bytes.Contains(raw, []byte(signature)) {
		return nil
	}
	members, _ := decode(raw).(map[string]any)
	var err error
	r := reader{plain: func(x any) {
		if text, e := json.Marshal(x); e == nil && err == nil {
			err = m.survey.Secret(text)
		}
	}}
	for name, x := range members {
		if !withDefaults(snake(name)) {
			r.value(x, true)
		}
	}
	return err
}

// foreign describes a type that is not made of one of Terraform's.
func (m *maker) foreign(name string, t token, attributes map[string]any) catalog.TerraformRow {
	row := catalog.TerraformRow{
		Type: name, CloudType: inventory.Type("pulumi/" + name), ID: "id", Taggable: inventory.Unknown,
		Tags: []string{"tags_all", "tags", "effective_labels", "labels"},
	}
	if t.pkg == "aws" || t.pkg == "aws-native" {
		row.Provider, row.ARN = "aws", "arn"
	}
	if t.pkg == "aws-native" {
		m.cloudFormation(&row, t, attributes)
	}
	return row
}

// cloudFormation fills in what is known of a type of the package that is made of CloudFormation's own types. Of its properties those are
// taken that are scalars, or lists of them: names of what is inside others are spelled in another way.
func (m *maker) cloudFormation(row *catalog.TerraformRow, t token, attributes map[string]any) {
	if m.native == nil {
		m.native = map[string]inventory.Type{}
		for _, name := range m.catalog.TypeNames("AWS::") {
			m.native[strings.ToLower(name)] = inventory.Type(name)
		}
	}
	cloudType, ok := m.native["aws::"+strings.ToLower(t.module+"::"+t.name)]
	if !ok {
		return
	}
	known, _ := m.catalog.Type(cloudType)
	row.CloudType, row.Taggable, row.Tags = cloudType, known.Taggable, []string{"tags"}
	if cloudType == "AWS::EC2::Instance" {
		row.Identifiers = []catalog.IdentifierMapping{{Kind: inventory.InstanceID, Path: "id"}}
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if !plain(attributes[name]) || name == "tags" || name == "id" || secretName(name) {
			continue
		}
		for _, a := range known.Attributes {
			if strings.EqualFold(a.Name, name) {
				row.Attributes = append(row.Attributes, catalog.Mapping{Name: a.Name, From: []string{name}})
			}
		}
	}
}

// secretName reports whether a property may be a secret by its name.
func secretName(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "password") || strings.Contains(name, "secret") || strings.Contains(name, "token")
}

// plain reports whether a value is a scalar or a list of scalars.
func plain(x any) bool {
	switch x := x.(type) {
	case map[string]any:
		return false
	case []any:
		return !slices.ContainsFunc(x, func(e any) bool {
			switch e.(type) {
			case map[string]any, []any:
				return true
			}
			return false
		})
	}
	return true
}
