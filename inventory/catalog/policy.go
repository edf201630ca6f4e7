package catalog

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// looseJSON returns the value of a JSON text in a string, with numbers and truth values in strings as themselves: the
// API gives {"maxReceiveCount":"4"} back for 4.
func looseJSON(x any) any {
	if s, ok := x.(string); ok {
		return loosen(parseEmbedded(s))
	}
	return loosen(x)
}

func loosen(x any) any {
	switch x := x.(type) {
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, v := range x {
			out[k] = loosen(v)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, v := range x {
			out[i] = loosen(v)
		}
		return out
	case string:
		if x == "true" || x == "false" {
			return x == "true"
		}
	}
	return number(x)
}

// parseEmbedded returns the object or list in a string, null for an empty string, else the string.
func parseEmbedded(s string) any {
	t := strings.TrimSpace(s)
	if t == "" {
		return nil
	}
	if t[0] != '{' && t[0] != '[' {
		return s
	}
	v, err := inventory.ParseValue([]byte(t))
	if err != nil {
		return s
	}
	return v.Decode()
}

// policy brings an IAM policy document into one form: lists for scalars, sorted, actions in lower case, account ids for
// root ARNs, no Sid and Id, statements sorted. Reference: "IAM JSON policy element reference" of the IAM user guide.
func policy(x any) any {
	if s, ok := x.(string); ok {
		x = parsePolicy(s)
	}
	doc, ok := x.(map[string]any)
	if !ok {
		return x
	}
	out := map[string]any{"Version": "2008-10-17", "Statement": []any{}}
	for k, v := range doc {
		switch k {
		case "Id":
		case "Statement":
			out[k] = statements(v)
		default:
			out[k] = v
		}
	}
	return out
}

func parsePolicy(s string) any {
	if strings.HasPrefix(s, "%7B") || strings.HasPrefix(s, "%7b") {
		if decoded, err := url.PathUnescape(s); err == nil {
			s = decoded
		}
	}
	return parseEmbedded(s)
}

func statements(x any) any {
	items := asList(x)
	out := make([]any, len(items))
	for i, item := range items {
		out[i] = item
		if object, ok := item.(map[string]any); ok {
			out[i] = statement(object)
		}
	}
	return set(out)
}

func statement(s map[string]any) any {
	out := map[string]any{}
	for k, v := range s {
		switch k {
		case "Sid":
		case "Action", "NotAction":
			out[k] = set(texts(strings.ToLower)(asList(v)))
		case "Resource", "NotResource":
			out[k] = set(asList(v))
		case "Principal", "NotPrincipal":
			out[k] = principal(v)
		case "Condition":
			out[k] = condition(v)
		default:
			out[k] = v
		}
	}
	return out
}

func principal(x any) any {
	if x == "*" {
		x = map[string]any{"AWS": "*"}
	}
	object, ok := x.(map[string]any)
	if !ok {
		return x
	}
	out := make(map[string]any, len(object))
	for kind, who := range object {
		out[kind] = set(texts(rootAccount)(asList(who)))
	}
	return out
}

// rootAccount returns the account id of an ARN of an account's root, which IAM takes for the same.
func rootAccount(s string) string {
	if a, ok := ParseARN(s); ok && a.Service == "iam" && a.Resource == "root" {
		return a.Account
	}
	return s
}

// condition lower-cases the keys, which IAM compares without case, and makes lists of strings of the values.
func condition(x any) any {
	operators, ok := x.(map[string]any)
	if !ok {
		return x
	}
	out := make(map[string]any, len(operators))
	for operator, keys := range operators {
		out[operator] = conditionKeys(keys)
	}
	return out
}

func conditionKeys(x any) any {
	keys, ok := x.(map[string]any)
	if !ok {
		return x
	}
	names := make([]string, 0, len(keys))
	for name := range keys {
		names = append(names, name)
	}
	slices.Sort(names) // of two spellings of one key the later wins, always the same one
	out := make(map[string]any, len(keys))
	for _, name := range names {
		out[strings.ToLower(name)] = set(leaves(asText)(asList(keys[name])))
	}
	return out
}

func asText(x any) any {
	switch x.(type) {
	case bool, json.Number:
		return text(x)
	}
	return x
}

func asList(x any) []any {
	if items, ok := x.([]any); ok {
		return items
	}
	return []any{x}
}
