package tape

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// settings hides the values of an environment. One that has a list of variables among other things, as that of a build project
// or a function, is none itself.
func (s *scrubber) settings(n *node) {
	if n.kind == object && n.plain == "environment" && (n.kid("computetype") != nil || s.holdsSettings(n)) {
		s.members(n)
		return
	}
	for i := range n.kids {
		if k := &n.kids[i]; n.kind == list && k.kind == text {
			s.assignment(k)
		} else {
			s.setting(k)
		}
	}
}

func (s *scrubber) holdsSettings(n *node) bool {
	return slices.ContainsFunc(n.kids, func(k node) bool { return s.names.Secrecy(k.name) == catalog.SecretIfCompound })
}

// setting hides a value of an environment, and keeps the name of a pair.
func (s *scrubber) setting(n *node) {
	switch {
	case !n.compound():
		if s.format != xmlBody || !isCount(n.text) { // how many pairs follow
			s.conceal(n)
		}
	case s.isPair(n):
		for i := range n.kids {
			switch k := &n.kids[i]; {
			case k.compound():
				s.setting(k)
			case !isLabel(k.plain) && k.plain != "type":
				s.conceal(k)
			}
		}
	default:
		for i := range n.kids {
			s.setting(&n.kids[i])
		}
	}
}

func isCount(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// assignment hides the value of NAME=value. A word without a value is no variable.
func (s *scrubber) assignment(n *node) {
	name, value, ok := strings.Cut(n.text, "=")
	if ok && !harmless(value) {
		s.write(n, name+"="+s.hash.Hash(value))
	}
}

// isPair reports whether an object is one of a list of names and values. Outside a list, "name" and "value" are the names of two
// variables; but the protocols that use XML have no maps by element.
func (s *scrubber) isPair(n *node) bool {
	if n.kind != object || !n.listed && s.format != xmlBody {
		return false
	}
	return label(n) != nil && slices.ContainsFunc(n.kids, func(k node) bool { return isValue(k.plain) })
}

// label returns the kid that tells of which thing an object is the value, or nil.
func label(n *node) *node {
	for i := range n.kids {
		if k := &n.kids[i]; isLabel(k.plain) && k.kind == text {
			return k
		}
	}
	return nil
}

func isLabel(plain string) bool {
	switch plain {
	case "name", "key", "attributename", "parametername", "parameterkey", "optionname", "propertyname", "headername":
		return true
	}
	return false
}

func isValue(plain string) bool {
	switch plain {
	case "value", "values", "attributevalue", "parametervalue", "propertyvalue", "headervalue", "stringvalue":
		return true
	}
	return false
}

// members goes through the kids of a compound, and hides those whose names tell nothing but whose siblings do.
func (s *scrubber) members(n *node) {
	for i := range n.kids {
		k := &n.kids[i]
		switch {
		case n.kind == object && s.secretBySiblings(n, k):
			s.hide(k)
		case n.plain == "metadata" && k.plain == "items" && k.compound():
			s.settings(k) // those of a virtual machine
		default:
			s.visit(k)
		}
	}
}

// secretBySiblings reports whether a member of an object is secret for what stands beside it.
func (s *scrubber) secretBySiblings(n, k *node) bool {
	switch k.plain {
	case "parametervalue", "resolvedvalue":
		if n.kid("parameterkey") != nil { // of a stack; parameters of databases have a name
			return true
		}
	case "outputvalue":
		return true
	case "token":
		if n.kid("secretaccesskey") != nil { // the credentials of a machine or container
			return true
		}
	case "endpoint":
		if n.kid("topicarn") != nil && n.kid("protocol") != nil { // of a subscription: a person's address, or a URL with a token in it
			return true
		}
	case "url":
		if n.plain == "endpointconfiguration" { // where a stream is delivered to
			return true
		}
	case "value":
		if s.secretValue(n) {
			return true
		}
	}
	if !isValue(k.plain) {
		return false
	}
	l := label(n)
	return l != nil && (s.names.Secrecy(l.text) == catalog.Secret || l.text == "Endpoint" && strings.HasPrefix(k.text, "http"))
}

// secretValue reports whether the member "value" of an object is secret: of an export of a stack, of a parameter of Systems Manager,
// of an API key, of an environment variable among the options of Elastic Beanstalk, or where the API itself says so.
func (s *scrubber) secretValue(n *node) bool {
	switch n.scalar("type") {
	case "String", "StringList", "SecureString":
		if n.kid("name") != nil {
			return true
		}
	}
	return n.kid("exportingstackid") != nil || n.kid("stagekeys") != nil ||
		strings.HasSuffix(n.scalar("namespace"), "application:environment") || strings.EqualFold(n.scalar("isvaluesecret"), "true")
}

// form goes through the parameters of a form, whose names are paths.
func (s *scrubber) form() {
	for i := range s.document.root.kids {
		n := &s.document.root.kids[i]
		steps := slices.DeleteFunc(strings.Split(n.name, "."), func(p string) bool { return strings.Trim(p, "0123456789") == "" })
		if len(steps) == 0 {
			s.leaf(n)
			continue
		}
		n.plain = catalog.PlainName(steps[len(steps)-1])
		switch {
		case exempt(n):
		case s.secretPath(steps) && !isLabel(n.plain), n.plain == "parametervalue":
			s.conceal(n)
		default:
			s.leaf(n)
		}
	}
}

func (s *scrubber) secretPath(steps []string) bool {
	for i, p := range steps {
		switch s.names.Secrecy(p) {
		case catalog.Secret:
			return true
		case catalog.SecretIfCompound:
			if i < len(steps)-1 {
				return true
			}
		}
	}
	return false
}

// hashBinary hashes what a client decodes from base64.
func hashBinary(hash inventory.SecretHash, encoded string) string {
	if plain, err := base64.StdEncoding.DecodeString(encoded); err == nil && inventory.IsSecretHash(string(plain)) {
		return encoded
	}
	return base64.StdEncoding.EncodeToString([]byte(hash.Hash(encoded)))
}
