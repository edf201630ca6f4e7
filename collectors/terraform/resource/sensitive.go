package resource

import (
	"encoding/json"
	"strings"
)

// sensitivity says which parts of an instance's attributes are secret.
type sensitivity struct {
	all   bool               // everything
	paths map[string][]trail // by top-level attribute
}

// sensitivityOf joins what the state marks with what the provider's schema marks, since states written before Terraform
// 1.8 hold only the former.
func sensitivityOf(in *Instance, schema []string) sensitivity {
	var s sensitivity
	for _, dotted := range schema {
		s = s.add(schemaPath(dotted))
	}
	if !marked(in.Sensitive) {
		return s
	}
	var raw [][]rawStep
	if json.Unmarshal(in.Sensitive, &raw) != nil {
		s.all = true // marked in a way that cannot be read: everything may be meant
		return s
	}
	for _, steps := range raw {
		s = s.add(pathOf(steps))
	}
	return s
}

// marked reports whether raw sensitive_attributes name anything.
func marked(raw []byte) bool {
	text := strings.TrimSpace(string(raw))
	return text != "" && text != "[]" && text != "null"
}

func (s sensitivity) add(p trail) sensitivity {
	if len(p) == 0 || p[0].kind != byName {
		s.all = true
		return s
	}
	if s.paths == nil {
		s.paths = map[string][]trail{}
	}
	s.paths[p[0].name] = append(s.paths[p[0].name], p[1:])
	return s
}

// of returns the paths inside a top-level attribute that are secret, none if none is.
func (s sensitivity) of(attribute string) []trail {
	if s.all {
		return []trail{nil}
	}
	return s.paths[attribute]
}

func schemaPath(dotted string) trail {
	var p trail
	for name := range strings.SplitSeq(dotted, ".") {
		p = append(p, step{name: name})
	}
	return p
}

// rawStep is a step as a state writes it: {"type": "get_attr", "value": "x"} or
// {"type": "index", "value": {"value": 0, "type": "number"}}.
type rawStep struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

func pathOf(steps []rawStep) trail {
	p := make(trail, len(steps))
	for i, s := range steps {
		p[i] = s.step()
	}
	return p
}

func (r rawStep) step() step {
	value := r.Value
	var typed struct {
		Value json.RawMessage `json:"value"`
	}
	if r.Type == "index" && json.Unmarshal(value, &typed) == nil && typed.Value != nil {
		value = typed.Value
	}
	var name string
	if json.Unmarshal(value, &name) == nil {
		return step{name: name}
	}
	var index int
	if json.Unmarshal(value, &index) == nil {
		return step{kind: byIndex, index: index}
	}
	return step{kind: anywhere}
}

// secretName reports whether an attribute of a resource whose schema nobody listed is secret by its name.
func secretName(name string) bool {
	for _, word := range []string{"password", "passphrase", "secret", "token", "private_key", "api_key", "access_key"} {
		if name == word || strings.HasSuffix(name, "_"+word) {
			return true
		}
	}
	return false
}
