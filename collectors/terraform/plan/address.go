package plan

import "strings"

// cutModule returns the module of a resource's address: module.a["x.y"].module.b of module.a["x.y"].module.b.aws_instance.c[0].
func cutModule(address string) string {
	end := 0
	for strings.HasPrefix(address[end:], "module.") {
		n := step(address[end+len("module."):])
		if n < 0 {
			break
		}
		end += len("module.") + n + 1
	}
	return strings.TrimSuffix(address[:end], ".")
}

// step returns the length of a name with its keys, up to the dot that follows; -1 if none follows.
func step(s string) int {
	quoted, depth := false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			depth--
		case c == '.' && depth == 0:
			return i
		}
	}
	return -1
}

// withoutKeys takes the keys of instances out of an address: module.a.module.b of module.a["x"].module.b[0].
func withoutKeys(address string) string {
	if !strings.Contains(address, "[") {
		return address
	}
	var b strings.Builder
	quoted, depth := false, 0
	for i := 0; i < len(address); i++ {
		c := address[i]
		switch {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			depth--
		case depth == 0:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// blockAddress returns the address of a resource's block in the code.
func blockAddress(module, typ, name string) string {
	if module == "" {
		return typ + "." + name
	}
	return withoutKeys(module) + "." + typ + "." + name
}
