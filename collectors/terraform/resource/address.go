// Package resource makes assets of Terraform's resource instances, however they were written down: in a state, a plan, code, or the
// stack of a tool that uses Terraform's providers. A document is walked twice: a Survey learns what is secret in it, in which account each
// provider configuration works and which names are there twice; then an Emitter hands the assets over. Only tags, identifiers
// and the attributes that the catalog compares leave this package, with every secret hashed.
package resource

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// Address returns the address of an instance as Terraform prints it: module.web["eu"].aws_instance.app[0]. indexKey is
// raw JSON, empty for a resource without count and for_each.
func Address(b *Block, indexKey []byte) string {
	var s strings.Builder
	if b.Module != "" {
		s.WriteString(b.Module + ".")
	}
	s.WriteString(b.Type + "." + b.Name)
	switch {
	case len(indexKey) == 0 || string(indexKey) == "null":
	case indexKey[0] == '"':
		var key string
		if json.Unmarshal(indexKey, &key) == nil {
			s.WriteString("[" + quote(key) + "]")
		}
	default:
		s.WriteString("[" + string(indexKey) + "]")
	}
	return s.String()
}

// quote returns a string as Terraform's language writes it: as JSON, with the beginnings of templates doubled.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
			b.WriteRune(r)
		case !unicode.IsPrint(r):
			b.WriteString(escape(r))
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func escape(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
