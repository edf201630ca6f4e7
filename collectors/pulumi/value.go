package pulumi

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode"
)

// A value with a meaning of its own is an object with this key, whose value says which it is.
// Reference: sdk/go/common/resource/sig in Pulumi's sources.
const (
	signature       = "4dabf18193072939515e22adb298388d"
	signedSecret    = "1b47061264138c4ac30d75fd1eb44270"
	signedOutput    = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
	unknownText     = "\x00unknown" // whose JSON text is resource.Unknown
	deepestOutput   = 64
	unknownSentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
)

// sentinel reports whether a text stands for a value that is not known, of whatever kind.
// Reference: sdk/go/common/resource/plugin/rpc.go in Pulumi's sources.
func sentinel(s string) bool {
	switch s {
	case unknownSentinel,
		"1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "3eeb2bf0-c639-47a8-9e75-3b44932eb421", "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
		"030794c1-ac77-496b-92df-f27374a8bd58", "e48ece36-62e2-4504-bad9-02848725956a", "dd056dcd-154b-4c76-9bd3-c8f88648b5ff":
		return true
	}
	return false
}

func decode(raw []byte) any {
	if len(raw) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var x any
	if d.Decode(&x) != nil {
		return nil
	}
	return x
}

// reader turns a value as a stack holds it into a plain one.
type reader struct {
	words  bool      // names are turned into Terraform's
	secret bool      // what was read held a secret in plain text
	plain  func(any) // given each secret in plain text; may be nil
	depth  int       // of outputs and secrets in each other
	hidden bool      // what was read was a secret, if an encrypted one
}

// value returns a plain value. Secrets that are encrypted, files and what is not known are unknown.
func (r *reader) value(x any, free bool) any {
	switch x := x.(type) {
	case string:
		if sentinel(x) {
			return unknownText
		}
	case []any:
		for i, e := range x {
			x[i] = r.value(e, free)
		}
	case map[string]any:
		if kind, ok := x[signature]; ok {
			return r.signed(kind, x)
		}
		return r.object(x, free)
	}
	return x
}

// object reads an object. The names of a free map are its author's and stay as they are.
func (r *reader) object(x map[string]any, free bool) map[string]any {
	out := make(map[string]any, len(x))
	for name, e := range x {
		to := name
		if r.words && !free {
			to = snake(name)
		}
		out[to] = r.value(e, free || freeMap(to))
	}
	return out
}

// signed reads a value with a meaning of its own.
func (r *reader) signed(kind any, x map[string]any) any {
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > deepestOutput {
		return unknownText
	}
	switch kind {
	case signedSecret:
		r.hidden = true
		text, ok := x["plaintext"].(string)
		if !ok {
			return unknownText
		}
		r.secret = true
		inner := decode([]byte(text))
		if r.plain != nil {
			r.plain(inner)
		}
		return r.value(inner, false)
	case signedOutput:
		inner, ok := x["value"]
		if !ok {
			return unknownText
		}
		if secret, _ := x["secret"].(bool); secret {
			r.secret, r.hidden = true, true
			if r.plain != nil {
				r.plain(inner)
			}
		}
		return r.value(inner, false)
	}
	return unknownText // a file, an archive, a reference, or what a later Pulumi has
}

// freeMap reports whether an attribute of this name is a map whose keys people choose.
func freeMap(name string) bool {
	switch name {
	case "tags", "tags_all", "volume_tags", "labels", "effective_labels", "pulumi_labels", "terraform_labels", "user_labels", "resource_labels",
		"annotations", "effective_annotations", "variables", "parameters", "metadata", "options", "attributes_map",
		"default_tags", "default_labels", "request_parameters", "response_parameters", "stage_variables", "environment_variables":
		return true
	}
	return strings.HasSuffix(name, "_tags") || strings.HasSuffix(name, "_labels")
}

// snake returns a name in Terraform's spelling: instance_type of instanceType, iam_member of IAMMember.
func snake(name string) string {
	if strings.ToLower(name) == name {
		return name
	}
	runes := []rune(name)
	var b strings.Builder
	for i, c := range runes {
		if unicode.IsUpper(c) && i > 0 && runes[i-1] != '_' &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
