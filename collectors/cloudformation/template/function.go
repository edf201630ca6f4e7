package template

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// function works out a function by its name. What is not here, as Fn::ImportValue and Fn::GetAZs, only AWS can tell.
func (e *Evaluator) function(name string, argument *Node, depth int) any {
	switch name {
	case "Ref":
		return e.reference(argument.text())
	case "Fn::If":
		return e.choose(argument, depth)
	case "Fn::Sub":
		return e.substitute(argument, depth)
	case "Fn::GetAtt":
		return e.attribute(argument)
	case "Fn::FindInMap":
		return e.find(argument, depth)
	}
	v := e.value(argument, depth+1)
	switch name {
	case "Fn::Join":
		return e.join(v)
	case "Fn::Split":
		return e.split(v)
	case "Fn::Select":
		return pick(v)
	case "Fn::Base64":
		if s, ok := ScalarText(v); ok {
			return e.made(base64.StdEncoding.EncodeToString([]byte(s)))
		}
	case "Fn::Length":
		if list, ok := v.([]any); ok && decided(list) {
			return json.Number(strconv.Itoa(len(list)))
		}
	case "Fn::ToJsonString":
		if text, err := inventory.ValueOf(v); err == nil && Known(v) {
			return e.made(string(text))
		}
	case "Fn::Cidr":
		return subnets(v)
	}
	return Unknown{}
}

// made counts the work of a text that was put together.
func (e *Evaluator) made(s string) any {
	e.work += len(s) / 16
	return settled(s)
}

func (e *Evaluator) choose(argument *Node, depth int) any {
	if argument == nil || argument.Kind != List || len(argument.Items) != 3 {
		return Unknown{}
	}
	switch e.Condition(argument.Items[0].text()) {
	case Yes:
		return e.value(argument.Items[1], depth+1)
	case No:
		return e.value(argument.Items[2], depth+1)
	}
	a, b := e.value(argument.Items[1], depth+1), e.value(argument.Items[2], depth+1)
	if same(a, b) {
		return a
	}
	return Either{a, b}
}

func (e *Evaluator) attribute(argument *Node) any {
	parts := argument.texts()
	if len(parts) == 1 { // the one text that JSON allows too
		resource, name, _ := strings.Cut(parts[0], ".")
		parts = []string{resource, name}
	}
	if len(parts) != 2 || parts[1] == "" || e.deployment.Attribute == nil {
		return Unknown{}
	}
	return orUnknown(e.deployment.Attribute(e.loopText(parts[0]), parts[1]))
}

// substitute works out Fn::Sub: a text, or a list of a text and a map of further names.
func (e *Evaluator) substitute(argument *Node, depth int) any {
	text, names := argument, (*Node)(nil)
	if argument != nil && argument.Kind == List {
		if len(argument.Items) != 2 {
			return Unknown{}
		}
		text, names = argument.Items[0], argument.Items[1]
	}
	if text == nil || text.Kind == List || text.Kind == Map || e.deployment.Masked && strings.Contains(text.Text, "?") {
		return Unknown{}
	}
	var b strings.Builder
	rest := e.loopText(text.Text)
	for {
		before, after, found := strings.Cut(rest, "${")
		b.WriteString(before)
		if !found {
			return e.made(b.String())
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || e.work > mostWork {
			return Unknown{}
		}
		rest = tail
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			b.WriteString("${" + literal + "}")
			continue
		}
		s, ok := ScalarText(e.named(strings.TrimSpace(name), names, depth))
		if !ok {
			return Unknown{}
		}
		e.work += len(s) / 16
		b.WriteString(s)
	}
}

// named works out a name in the text of Fn::Sub.
func (e *Evaluator) named(name string, names *Node, depth int) any {
	if n := names.Get(name); n != nil {
		return e.value(n, depth+1)
	}
	if resource, attribute, ok := strings.Cut(name, "."); ok {
		if e.deployment.Attribute == nil {
			return Unknown{}
		}
		return orUnknown(e.deployment.Attribute(resource, attribute))
	}
	return e.reference(name)
}

// find works out Fn::FindInMap.
func (e *Evaluator) find(argument *Node, depth int) any {
	if argument == nil || argument.Kind != List || len(argument.Items) < 3 {
		return Unknown{}
	}
	at := e.template.mappings
	for _, step := range argument.Items[:3] {
		key, ok := ScalarText(e.value(step, depth+1))
		if !ok {
			return Unknown{}
		}
		if at = at.Get(key); at == nil {
			break
		}
	}
	if at != nil {
		return e.value(at, depth+1)
	}
	if len(argument.Items) == 4 {
		if standard := argument.Items[3].Get("DefaultValue"); standard != nil {
			return e.value(standard, depth+1)
		}
	}
	return Unknown{}
}

// arguments returns the two arguments of a function whose second is a list.
func arguments(v any) (first any, list []any, ok bool) {
	args, isList := v.([]any)
	if !isList || len(args) != 2 {
		return nil, nil, false
	}
	list, ok = args[1].([]any)
	return args[0], list, ok
}

// decided reports whether it is known which members a list has, be it that their values are not.
func decided(list []any) bool {
	for _, item := range list {
		if either, ok := item.(Either); ok && (isAbsent(either.A) || isAbsent(either.B)) {
			return false
		}
	}
	return true
}

func (e *Evaluator) join(v any) any {
	first, list, ok := arguments(v)
	delimiter, isText := ScalarText(first)
	if !ok || !isText {
		return Unknown{}
	}
	parts := make([]string, len(list))
	for i, item := range list {
		s, ok := ScalarText(item)
		if !ok || e.work > mostWork {
			return Unknown{}
		}
		e.work += (len(s) + len(delimiter)) / 16
		parts[i] = s
	}
	return settled(strings.Join(parts, delimiter))
}

func (e *Evaluator) split(v any) any {
	args, ok := v.([]any)
	if !ok || len(args) != 2 {
		return Unknown{}
	}
	delimiter, isText := ScalarText(args[0])
	text, both := ScalarText(args[1])
	if !isText || !both || delimiter == "" {
		return Unknown{}
	}
	e.work += strings.Count(text, delimiter)
	return listOf(strings.Split(text, delimiter))
}

func pick(v any) any {
	first, list, ok := arguments(v)
	text, isText := ScalarText(first)
	i, err := strconv.Atoi(text)
	if !ok || !isText || err != nil || i < 0 || i >= len(list) || !decided(list) {
		return Unknown{}
	}
	return list[i]
}
