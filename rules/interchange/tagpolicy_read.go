package interchange

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// readOperations reads a setting: an object of operators, or a bare value, as effective policies have it. The operators of one file take
// effect in the order assign, append, remove.
func readOperations(tag string, part member) (ops []operation, allowed lock, err error) {
	if part.value.kind != '{' {
		list, err := readSetting(tag, part.name, part.value)
		return []operation{{opAssign, list, part.value}}, nil, err
	}
	for _, m := range part.value.members {
		switch {
		case m.name == opAllowed:
			if allowed, err = readLock(m.value); err != nil {
				return nil, nil, err
			}
		case !slices.Contains(operators(), m.name):
			return nil, nil, m.value.problem("%q is no operator%s", m.name, inventory.Suggest(m.name, append(operators(), opAllowed)))
		case m.name != opAssign && part.name == tagKey:
			return nil, nil, m.value.problem("%s takes %s only: a tag has one key", tagKey, opAssign)
		default:
			list, err := readSetting(tag, part.name, m.value)
			if err != nil {
				return nil, nil, err
			}
			ops = append(ops, operation{m.name, list, m.value})
		}
	}
	slices.SortStableFunc(ops, func(a, b operation) int { return slices.Index(operators(), a.op) - slices.Index(operators(), b.op) })
	return ops, allowed, nil
}

func readSetting(tag, name string, n *node) ([]string, error) {
	if name == tagKey {
		switch {
		case n.kind != '"':
			return nil, n.problem("%s is %s: a text is needed", name, n.describe())
		case !strings.EqualFold(n.text, tag):
			return nil, n.problem("%s is %q, and its entry is called %q: they may differ in case only", name, n.text, tag)
		}
		return []string{n.text}, nil
	}
	list, err := n.strings(name)
	if err != nil {
		return nil, err
	}
	for i, text := range list {
		if err := checkEntry(name, text, n.items[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func checkEntry(name, text string, n *node) error {
	if name == tagValue {
		if strings.Count(text, "*") > 1 {
			return n.problem("the value %q has more than one *: AWS allows one in each value", text)
		}
		return nil
	}
	service, resource, ok := strings.Cut(text, ":")
	if !ok || service == "" || resource == "" || strings.Contains(service, "*") || strings.Contains(resource, "*") && resource != "*" {
		return n.problem("%q in %s: write a service and a kind of resource, such as ec2:instance or ec2:%s", text, name, allSupported)
	}
	return nil
}

func readLock(n *node) (lock, error) {
	list, err := n.strings(opAllowed)
	if err != nil {
		return nil, err
	}
	known := append(operators(), opAll, opNone)
	for i, op := range list {
		if !slices.Contains(known, op) {
			return nil, n.items[i].problem("%q is no operator%s", op, inventory.Suggest(op, known))
		}
		if len(list) > 1 && (op == opAll || op == opNone) {
			return nil, n.items[i].problem("%s stands alone: remove the others", op)
		}
	}
	switch {
	case len(list) == 1 && list[0] == opAll:
		return lockedTo(operators()), nil
	case len(list) == 1 && list[0] == opNone:
		return lock{}, nil
	}
	return lockedTo(list), nil
}
