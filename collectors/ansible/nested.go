package ansible

import (
	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/collectors/hosts"
)

// Some estates write their machines as lists in lists, from which a plugin of their own makes hosts:
//
//	hosts:
//	  - build:
//	      - provider-a:
//	          web-1: {ip: 192.0.2.1}
//
// Every level of it has one shape, so that nothing else can be meant: a list of groups, each a list of providers, each a mapping of
// machines. The host is called build-provider-a-web-1, of the groups build and provider-a.

// isNested reports whether a document has nothing but a list of hosts.
func isNested(top []pair) bool {
	return len(top) == 1 && top[0].name == "hosts" && top[0].value.Kind == yaml.SequenceNode
}

// nested reads such a document.
func (y *yamlReader) nested(groups *yaml.Node) error {
	return y.single(groups, "group", func(group pair) error {
		return y.single(group.value, "provider", func(provider pair) error {
			machines, err := y.mapping(provider.value, 3)
			if err != nil {
				return err
			}
			for _, m := range machines {
				if err := y.machine(group.name, provider.name, m); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// single reads a list of mappings of one pair each.
func (y *yamlReader) single(n *yaml.Node, what string, each func(pair) error) error {
	if n.Kind != yaml.SequenceNode {
		return noInventory("line %d: want a list, each entry of which is one %s", n.Line, what)
	}
	for _, e := range n.Content {
		e = dealias(e)
		if e.Kind != yaml.MappingNode {
			return noInventory("line %d: want one %s, as a mapping of one name", e.Line, what)
		}
		pairs, err := y.pairs(e, 1)
		if err != nil {
			return err
		}
		if len(pairs) != 1 {
			return noInventory("line %d: want one %s, and there are %d names", e.Line, what, len(pairs))
		}
		if err := each(pairs[0]); err != nil {
			return err
		}
	}
	return nil
}

// machine reads a machine, whose address is called ip. Names without a value are left over from commas and mean nothing.
func (y *yamlReader) machine(group, provider string, m pair) error {
	h, err := y.host(group+"-"+provider+"-"+m.name, group, m.key.Line)
	if err != nil {
		return err
	}
	y.join(h, provider)
	about, err := y.mapping(m.value, 4)
	if err != nil {
		return err
	}
	for _, p := range about {
		x, err := y.value(p.value, 5)
		if err != nil {
			return err
		}
		if p.name == "ip" && hosts.Text(x) != "" {
			y.set(h.vars, "ansible_host", hosts.Text(x))
		}
		if x != nil {
			y.set(h.vars, p.name, x)
		}
	}
	return nil
}
