package template

import "fmt"

// Kind is what a node of a template is.
type Kind uint8

// The kinds of nodes.
const (
	Null Kind = iota
	Text
	Number // Text holds it as it is written
	Bool   // Text is "true" or "false"
	List
	Map
)

// Node is a value of a template as it is written, with its line. Short YAML tags are long intrinsic functions in it.
type Node struct {
	Kind  Kind
	Text  string
	Line  int // 1-based
	Items []*Node
	Pairs []Pair
}

// Pair is a member of a map. Keys are unique.
type Pair struct {
	Key   string
	Line  int
	Value *Node
}

// Get returns the member of a map; nil if there is none, or n is no map.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != Map {
		return nil
	}
	for _, p := range n.Pairs {
		if p.Key == key {
			return p.Value
		}
	}
	return nil
}

// text returns a scalar as it is written, and "" for everything else.
func (n *Node) text() string {
	if n == nil || n.Kind == List || n.Kind == Map {
		return ""
	}
	return n.Text
}

// texts returns the texts of a list, or the one of a scalar.
func (n *Node) texts() []string {
	switch {
	case n == nil:
		return nil
	case n.Kind == List:
		var list []string
		for _, item := range n.Items {
			list = append(list, item.text())
		}
		return list
	}
	return []string{n.text()}
}

// pairs are the members of a map; none of anything else.
func (n *Node) pairs() []Pair {
	if n == nil {
		return nil
	}
	return n.Pairs
}

// call returns the function that a map of one member stands for, as "Fn::Sub", and its argument.
func (n *Node) call() (name string, argument *Node, ok bool) {
	if n == nil || n.Kind != Map || len(n.Pairs) != 1 {
		return "", nil, false
	}
	p := n.Pairs[0]
	if p.Key == "Ref" || p.Key == "Condition" || len(p.Key) > len(function) && p.Key[:len(function)] == function {
		return p.Key, p.Value, true
	}
	return "", nil, false
}

// function is what the names of intrinsic functions begin with.
const function = "Fn::"

// SyntaxError says where a template cannot be read. It quotes nothing of it.
type SyntaxError struct {
	Line    int // 0 is unknown
	Problem string
}

// Error tells the line and the problem.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Problem
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Problem)
}

func wrong(line int, format string, args ...any) error {
	return &SyntaxError{Line: line, Problem: fmt.Sprintf(format, args...)}
}
