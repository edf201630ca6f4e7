package catalog

import "github.com/muster-audit/muster/inventory"

// inlinePolicies makes Policies of IAM: of the blocks "inline_policy" of a role, or of a resource that is one policy, from its name and
// its document. An empty block, by which Terraform says that there shall be none, makes none.
func inlinePolicies(m Mapping, get Lookup) (inventory.Value, bool) {
	if len(m.From) > 1 {
		at := attributeOf(get)
		return valueOf([]any{inlinePolicy(at(m.From[0]), at(m.From[1]))})
	}
	x, ok := At(get, m.From[0])
	blocks, isList := x.([]any)
	if !ok || !isList {
		return valueOrUnread(x, ok)
	}
	out := []any{}
	for _, b := range blocks {
		block, isBlock := b.(map[string]any)
		if !isBlock {
			return inventory.Unread, false
		}
		if !empty(block["name"]) || !empty(block["policy"]) {
			out = append(out, inlinePolicy(block["name"], block["policy"]))
		}
	}
	return valueOf(out)
}

func inlinePolicy(name, document any) map[string]any {
	if s, ok := document.(string); ok {
		document = parsePolicy(s)
	}
	return map[string]any{"PolicyName": name, "PolicyDocument": document}
}
