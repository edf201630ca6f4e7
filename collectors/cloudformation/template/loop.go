package template

import (
	"maps"
	"strings"
)

// forEach begins the names of the loops of AWS::LanguageExtensions: "Fn::ForEach::Topics": [Name, [a, b], {"Topic${Name}": {…}}].
const forEach = "Fn::ForEach::"

// mostRounds bounds what a loop makes.
const mostRounds = 10_000

// loopText fills in the variables of the loops that are open, as ${Name} and &{Name}.
func (e *Evaluator) loopText(s string) string {
	if len(e.loops) == 0 || !strings.Contains(s, "{") {
		return s
	}
	for name, v := range e.loops {
		text, _ := ScalarText(v)
		s = strings.ReplaceAll(s, "${"+name+"}", text)
		s = strings.ReplaceAll(s, "&{"+name+"}", plain(text))
	}
	return s
}

// plain drops all but letters and digits, as &{} does.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, s)
}

// rounds reads a loop: its variable, what it runs over, and what it makes each time. It is false if that is not known.
func (e *Evaluator) rounds(p Pair) (name string, over []any, body *Node, ok bool) {
	n := p.Value
	if n == nil || n.Kind != List || len(n.Items) != 3 || n.Items[2].Kind != Map {
		return "", nil, nil, false
	}
	name, body = n.Items[0].text(), n.Items[2]
	over, ok = e.Value(n.Items[1]).([]any)
	ok = ok && len(over) <= mostRounds && name != ""
	for _, v := range over {
		_, isText := ScalarText(v)
		ok = ok && isText
	}
	return name, over, body, ok
}

// expand runs a loop inside of properties and gives what all rounds made, in one map.
func (e *Evaluator) expand(p Pair, value func(*Node) any) (any, bool) {
	name, over, body, ok := e.rounds(p)
	if !ok {
		return nil, false
	}
	out := map[string]any{}
	for _, v := range over {
		made, isMap := e.within(name, v, func() any { return value(body) }).(map[string]any)
		if !isMap {
			return nil, false
		}
		maps.Copy(out, made)
	}
	return out, true
}

// within runs do with a variable of a loop set.
func (e *Evaluator) within(name string, v any, do func() any) any {
	before, had := e.loops[name]
	e.loops[name] = v
	defer func() {
		delete(e.loops, name)
		if had {
			e.loops[name] = before
		}
	}()
	return do()
}

// resourcePairs are the members of the section Resources with its loops run. In what a loop makes, the variables are filled in for good.
func (e *Evaluator) resourcePairs(n *Node, failed func(string, error)) []Pair {
	var list []Pair
	for _, p := range n.pairs() {
		if !strings.HasPrefix(p.Key, forEach) {
			list = append(list, p)
			continue
		}
		name, over, body, ok := e.rounds(p)
		if !ok {
			failed(p.Key, wrong(p.Line, "nobody can tell what the loop runs over"))
			continue
		}
		for _, v := range over {
			if e.work += 16; e.work > mostWork {
				failed(p.Key, wrong(p.Line, "the loops make more than can be read"))
				return list
			}
			e.within(name, v, func() any {
				list = append(list, e.resourcePairs(e.filled(body), failed)...)
				return nil
			})
		}
	}
	return list
}

// filled copies a node with the variables of the open loops filled in.
func (e *Evaluator) filled(n *Node) *Node {
	if n == nil {
		return nil
	}
	e.work++
	c := &Node{Kind: n.Kind, Line: n.Line, Text: n.Text}
	if n.Kind == Text {
		c.Text = e.loopText(n.Text)
	}
	if name, argument, ok := n.call(); ok && name == "Ref" {
		if v, isLoop := e.loops[argument.text()]; isLoop {
			text, _ := ScalarText(v)
			return textNode(text, n.Line)
		}
	}
	if e.work > mostWork {
		return c
	}
	for _, item := range n.Items {
		c.Items = append(c.Items, e.filled(item))
	}
	for _, p := range n.Pairs {
		c.Pairs = append(c.Pairs, Pair{Key: e.loopText(p.Key), Line: p.Line, Value: e.filled(p.Value)})
	}
	return c
}
