package pulumi

import (
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory/catalog"
)

// rename gives attributes the names that Terraform has for them, where Pulumi's are others.
func rename(attributes map[string]any, tfType string) {
	for from, to := range map[string]map[string]string{
		"aws_lambda_function": {"name": "function_name"},
	}[tfType] {
		if x, ok := attributes[from]; ok {
			attributes[to] = x
		}
	}
	if x, ok := attributes["pulumi_labels"]; ok {
		attributes["terraform_labels"] = x
	}
}

// shape gives attributes the shape that Terraform's have: Pulumi writes a block that can be there once as an object, where Terraform
// has a list of one, and the names of lists in the plural. Only what the catalog asks for is shaped. What cannot be brought to a shape for
// certain is taken out, and so is not read.
func shape(attributes map[string]any, row catalog.TerraformRow) {
	for _, path := range paths(row) {
		fit(attributes, strings.Split(path, "."))
	}
	for _, c := range row.Children {
		fit(attributes, []string{c.Block, "*"})
	}
	for _, m := range row.Attributes {
		if len(m.From) == 1 {
			settle(attributes, m, row)
		}
	}
}

// paths are where the catalog looks in attributes.
func paths(row catalog.TerraformRow) []string {
	list := append([]string{row.ID, row.ARN}, row.Tags...)
	list = append(list, catalog.TemplateFields(row.FullName)...)
	for _, i := range row.Identifiers {
		list = append(list, i.Path)
	}
	for _, m := range row.Attributes {
		list = append(list, m.From...)
	}
	return list
}

// fit makes what is at a path stand there.
func fit(object map[string]any, path []string) {
	x, ok := find(object, path[0])
	if !ok || len(path) == 1 {
		return
	}
	rest := path[1:]
	if _, err := strconv.Atoi(rest[0]); err == nil || rest[0] == "*" {
		if block, isObject := x.(map[string]any); isObject {
			x = []any{block}
			object[path[0]] = x
		}
		rest = rest[1:]
	}
	if len(rest) == 0 {
		return
	}
	if list, isList := x.([]any); isList {
		for _, e := range list {
			if inner, isObject := e.(map[string]any); isObject {
				fit(inner, rest)
			}
		}
	}
	if inner, isObject := x.(map[string]any); isObject {
		fit(inner, rest)
	}
}

// find returns a member by its name in the singular or in the plural, and lets it stand by the former.
func find(object map[string]any, name string) (any, bool) {
	if x, ok := object[name]; ok || name == "" {
		return x, ok
	}
	plurals := []string{name + "s", name + "es"}
	if stem, ok := strings.CutSuffix(name, "y"); ok {
		plurals = append(plurals, stem+"ies")
	}
	for _, plural := range plurals {
		if x, ok := object[plural]; ok {
			object[name] = x
			return x, true
		}
	}
	return nil, false
}

// settle shapes the objects that a mapping renames, and takes out an object where a mapping asks for a whole value: nobody knows
// whether Terraform has a map or a list of one there.
func settle(attributes map[string]any, m catalog.Mapping, row catalog.TerraformRow) {
	name := m.From[0]
	x, ok := attributes[name]
	if !ok {
		return
	}
	block, isObject := x.(map[string]any)
	if isObject && len(m.Fields) > 0 {
		x = []any{block}
		attributes[name] = x
		isObject = false
	}
	if list, isList := x.([]any); isList {
		for _, e := range list {
			fitFields(e, m.Fields)
		}
	}
	if isObject && m.As == "" && !freeMap(name) && !usedBelow(row, name) {
		delete(attributes, name)
	}
}

func fitFields(x any, fields map[string]string) {
	if object, ok := x.(map[string]any); ok {
		for from := range fields {
			find(object, from)
		}
	}
}

// usedBelow reports whether another mapping asks for a part of an attribute.
func usedBelow(row catalog.TerraformRow, name string) bool {
	for _, path := range paths(row) {
		if strings.HasPrefix(path, name+".") {
			return true
		}
	}
	return false
}
