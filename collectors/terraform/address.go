package terraform

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// address returns the address of an instance as Terraform prints it: module.web["eu"].aws_instance.app[0]. indexKey is
// raw JSON, empty for a resource without count and for_each.
func address(b *block, indexKey []byte) string {
	var s strings.Builder
	if b.module != "" {
		s.WriteString(b.module + ".")
	}
	s.WriteString(b.typ + "." + b.name)
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
