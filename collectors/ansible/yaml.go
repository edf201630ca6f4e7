package ansible

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/muster-audit/muster/collectors/hosts"
	"github.com/muster-audit/muster/inventory"
)

// Bounds of a YAML inventory, which must be held as a whole: its bytes, its values once aliases are followed, their nesting.
const (
	maxYAML  = 64 << 20
	maxNodes = 2 << 20
	maxDepth = 100
)

// yamlReader reads an inventory in YAML.
type yamlReader struct {
	*book
	nodes int // values seen
}

func (b *book) readYAML(r io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(r, maxYAML+1))
	if err != nil {
		return err
	}
	if len(text) > maxYAML {
		return fmt.Errorf("it is longer than %d MiB of YAML: save the output of ansible-inventory --list and name that", maxYAML>>20)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("parse YAML: %w", err)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return (&yamlReader{book: b}).top(doc.Content[0])
}

// pair is a key and a value of a mapping.
type pair struct {
	name       string
	key, value *yaml.Node
}

// top reads the groups of the document.
func (y *yamlReader) top(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return noInventory("line %d holds a list, as a playbook does, where groups belong", n.Line)
	}
	pairs, err := y.pairs(n, 0)
	if err != nil {
		return err
	}
	if isNested(pairs) {
		return y.nested(pairs[0].value)
	}
	for _, p := range pairs {
		if p.name == "plugin" && p.value.Kind == yaml.ScalarNode {
			return noInventory("it configures the inventory plugin %q, and lists no hosts", p.value.Value)
		}
	}
	for _, p := range pairs {
		if p.value.Kind != yaml.MappingNode && !isNullNode(p.value) {
			return noInventory("line %d: %q is no group: want a mapping with hosts, children and vars", p.key.Line, p.name)
		}
		if err := y.groupOf(p.name, p.value, 1); err != nil {
			return err
		}
	}
	return nil
}

// groupOf reads a group.
func (y *yamlReader) groupOf(name string, n *yaml.Node, depth int) error {
	y.book.group(name)
	parts, err := y.mapping(n, depth)
	if err != nil {
		return err
	}
	for _, p := range parts {
		switch p.name {
		case "hosts":
			err = y.hostsOf(name, p.value, depth+1)
		case "children":
			err = y.childrenOf(name, p.value, depth+1)
		case "vars":
			err = y.variables(y.book.group(name).vars, p.value, depth+1)
		default:
			y.bad(p.key, "%q in group %s is none of hosts, children and vars", p.name, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (y *yamlReader) hostsOf(group string, n *yaml.Node, depth int) error {
	list, err := y.names(n, depth)
	if err != nil {
		return err
	}
	for _, p := range list {
		names, err := y.expand(p.name, group, p.key.Line)
		if err != nil {
			return err
		}
		for _, h := range names {
			if err := y.variables(h.vars, p.value, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (y *yamlReader) childrenOf(parent string, n *yaml.Node, depth int) error {
	list, err := y.names(n, depth)
	if err != nil {
		return err
	}
	for _, p := range list {
		y.child(parent, p.name)
		if err := y.groupOf(p.name, p.value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// names reads a mapping from names; one name alone stands for itself.
func (y *yamlReader) names(n *yaml.Node, depth int) ([]pair, error) {
	if n.Kind == yaml.ScalarNode && !isNullNode(n) {
		return []pair{{n.Value, n, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}}}, nil
	}
	return y.mapping(n, depth)
}

// variables keeps those that are wanted.
func (y *yamlReader) variables(vars map[string]any, n *yaml.Node, depth int) error {
	pairs, err := y.mapping(n, depth)
	if err != nil {
		return err
	}
	for _, p := range pairs {
		if !y.wanted[p.name] {
			continue
		}
		x, err := y.value(p.value, depth+1)
		if err != nil {
			return err
		}
		y.set(vars, p.name, x)
	}
	return nil
}

// mapping returns the pairs of a mapping, none of null, and skips what is neither.
func (y *yamlReader) mapping(n *yaml.Node, depth int) ([]pair, error) {
	if n = dealias(n); isNullNode(n) {
		return nil, nil
	}
	if n.Kind != yaml.MappingNode {
		y.bad(n, "a list or a value stands where a mapping belongs: end each name with a colon")
		return nil, nil
	}
	return y.pairs(n, depth)
}

var errNested = errors.New("aliases or values are nested too deep, or stand for too many values")

// pairs returns the pairs of a mapping, those that "<<" takes from another mapping first. Of two with one name, which Ansible takes
// the later of, the earlier is skipped.
func (y *yamlReader) pairs(n *yaml.Node, depth int) ([]pair, error) {
	if y.nodes += len(n.Content); y.nodes > maxNodes || depth > maxDepth {
		return nil, fmt.Errorf("line %d: %w", n.Line, errNested)
	}
	var merged, own []pair
	at := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], dealias(n.Content[i+1])
		if key.Tag == "!!merge" {
			more, err := y.merge(value, depth+1)
			if err != nil {
				return nil, err
			}
			merged = append(merged, more...)
			continue
		}
		p := pair{dealias(key).Value, key, value}
		if j, twice := at[p.name]; twice {
			y.bad(own[j].key, "%q is there twice, and Ansible takes the one in line %d alone", p.name, key.Line)
			own[j] = p
			continue
		}
		at[p.name] = len(own)
		own = append(own, p)
	}
	return append(merged, own...), nil
}

// merge returns the pairs of one mapping or of several, of which the first is the strongest.
func (y *yamlReader) merge(n *yaml.Node, depth int) ([]pair, error) {
	if n.Kind == yaml.MappingNode {
		return y.pairs(n, depth)
	}
	var list []pair
	for i := len(n.Content) - 1; i >= 0 && n.Kind == yaml.SequenceNode; i-- {
		if m := dealias(n.Content[i]); m.Kind == yaml.MappingNode {
			more, err := y.pairs(m, depth)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
	}
	return list, nil
}

// value returns a value as encoding/json would make it. A number that JSON cannot write is its text.
func (y *yamlReader) value(n *yaml.Node, depth int) (any, error) {
	if n = dealias(n); depth > maxDepth {
		return nil, fmt.Errorf("line %d: %w", n.Line, errNested)
	}
	switch n.Kind {
	case yaml.MappingNode:
		pairs, err := y.pairs(n, depth)
		m := make(map[string]any, len(pairs))
		for _, p := range pairs {
			if m[p.name], err = y.value(p.value, depth+1); err != nil {
				return nil, err
			}
		}
		return m, err
	case yaml.SequenceNode:
		if y.nodes += len(n.Content); y.nodes > maxNodes {
			return nil, fmt.Errorf("line %d: %w", n.Line, errNested)
		}
		list := make([]any, len(n.Content))
		for i, e := range n.Content {
			x, err := y.value(e, depth+1)
			if err != nil {
				return nil, err
			}
			list[i] = x
		}
		return list, nil
	}
	return scalar(n), nil
}

func scalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!vault", "!vault-encrypted":
		return hosts.Unread{}
	case "!!null":
		return nil
	case "!!bool":
		var b bool
		if n.Decode(&b) == nil {
			return b
		}
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
	}
	return n.Value
}

func dealias(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNullNode(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func (y *yamlReader) bad(n *yaml.Node, format string, args ...any) {
	y.skip(inventory.Problem{Line: n.Line, Column: n.Column, Message: fmt.Sprintf(format, args...), Remedy: "correct the line; ansible-inventory --list shows what Ansible makes of it"})
}
