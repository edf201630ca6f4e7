package catalog

import (
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// transform makes a canonical value of what a Terraform resource writes in another shape.
type transform struct {
	name, help string
	paths      int // that it takes; 0 is one
	value      func(x any) (inventory.Value, bool)
	whole      func(m Mapping, get Lookup) (inventory.Value, bool) // for those that take several paths, or the attribute's name
}

// anyPaths is for transforms that know the attributes they read: the paths say on what the value depends.
const anyPaths = -1

func transforms() []transform {
	return []transform{
		{name: "json", help: "a JSON text in a string becomes its value, an empty string null", value: embedded},
		{name: "present", help: "a block that is there becomes true, one that is not false", value: present},
		{name: "list", help: "one value becomes a list of it, in an object if fields names a property for value, and none null", whole: listOf},
		{name: "filled", help: "an empty list says nothing: resources of their own may declare what is in it", value: filled},
		{name: "pairs", help: "a map becomes a list of objects with Name and Value", value: pairs},
		{name: "key-schema", paths: 2, help: "a hash key and a range key become DynamoDB's KeySchema", whole: keySchema},
		{name: "group-rules", paths: 2, help: "blocks of rules and the id of their security group", whole: groupRules},
		{name: "group-rule", paths: anyPaths, help: "a rule of a security group, with any number of peers", whole: groupRule},
		{name: "group-peer-rule", paths: anyPaths, help: "a rule of a security group with one peer", whole: groupPeerRule},
		{name: "routes", help: "blocks of routes of a route table", value: routeBlocks},
		{name: "route", paths: anyPaths, help: "a route of a route table", whole: routeResource},
		{name: "acl-entries", paths: 2, help: "blocks of incoming and of outgoing rules of a network ACL", whole: aclBlocks},
		{name: "acl-entry", paths: anyPaths, help: "a rule of a network ACL", whole: aclResource},
		{name: "inline-policies", paths: anyPaths, help: "names and documents of the policies inside a role, user or group", whole: inlinePolicies},
	}
}

// Transforms lists the names that Mapping.As knows.
func Transforms() []string {
	var names []string
	for _, t := range transforms() {
		names = append(names, t.name)
	}
	return names
}

func transformOf(name string) (transform, bool) {
	if name == "" {
		return transform{}, false
	}
	for _, t := range transforms() {
		if t.name == name {
			return t, true
		}
	}
	return transform{}, false
}

// embedded returns the value that a string holds as JSON text, null for an empty one, and anything else as it is.
func embedded(x any) (inventory.Value, bool) {
	s, ok := x.(string)
	if !ok {
		return valueOf(x)
	}
	if strings.TrimSpace(s) == "" {
		return inventory.Null, true
	}
	if inner, err := inventory.ParseValue([]byte(s)); err == nil {
		return inner, true
	}
	return inventory.StringValue(s), true
}

// present tells whether a block is there.
func present(x any) (inventory.Value, bool) {
	if _, unknown := x.(Unknown); unknown {
		return inventory.Unread, false
	}
	return inventory.BoolValue(!empty(x)), true
}

func listOf(m Mapping, get Lookup) (inventory.Value, bool) {
	x, ok := At(get, m.From[0])
	if !ok {
		return inventory.Unread, false
	}
	items, isList := x.([]any)
	if !isList {
		if empty(x) {
			return inventory.Null, true
		}
		items = []any{x}
	}
	property, wrap := m.Fields["value"]
	if !wrap {
		return valueOf(items)
	}
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = map[string]any{property: item}
	}
	return valueOf(out)
}

func filled(x any) (inventory.Value, bool) {
	if empty(x) {
		return inventory.Unread, false
	}
	return valueOf(x)
}

func pairs(x any) (inventory.Value, bool) {
	object, ok := x.(map[string]any)
	if !ok {
		return valueOf(x)
	}
	out := make([]any, 0, len(object))
	for k, v := range object {
		out = append(out, map[string]any{"Name": k, "Value": v})
	}
	return valueOf(set(out))
}

// keySchema makes DynamoDB's KeySchema of the attributes that name the hash key and the range key.
func keySchema(m Mapping, get Lookup) (inventory.Value, bool) {
	var list []any
	for i, role := range []string{"HASH", "RANGE"} {
		x, ok := At(get, m.From[i])
		if _, unknown := x.(Unknown); unknown || !ok {
			return inventory.Unread, false
		}
		if name, ok := x.(string); ok && name != "" {
			list = append(list, map[string]any{"AttributeName": name, "KeyType": role})
		}
	}
	return valueOf(list)
}
