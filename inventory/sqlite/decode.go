package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// decodeTags is the inverse of appendTags.
func decodeTags(state, text string) (inventory.Tags, error) {
	switch state {
	case inventory.Unknown.String():
		return inventory.UnknownTags(), nil
	case inventory.NotApplicable.String():
		return inventory.NotTaggable(), nil
	}
	var list []inventory.Tag
	err := eachMember(text, func(name, raw string) error {
		t := inventory.Tag{Key: name, ValueUnknown: raw == "null"}
		var err error
		if !t.ValueUnknown {
			t.Value, err = unquote(raw)
		}
		list = append(list, t)
		return err
	})
	return inventory.KnownTags(list...), err
}

// decodeAttributes is the inverse of appendAttributes and appendUnread.
func decodeAttributes(known bool, text, unread string) (inventory.Attributes, error) {
	if !known {
		return inventory.Attributes{}, nil
	}
	var list []inventory.Attribute
	err := eachMember(text, func(name, raw string) error {
		list = append(list, inventory.Attribute{Name: name, Value: inventory.Value(raw)})
		return nil
	})
	if err != nil {
		return inventory.Attributes{}, err
	}
	names, err := decodeNames(unread)
	for _, n := range names {
		list = append(list, inventory.Attribute{Name: n})
	}
	return inventory.KnownAttributes(list...), err
}

// decodeNames reads a JSON list of strings; the empty text is none.
func decodeNames(text string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	var names []string
	if err := json.Unmarshal([]byte(text), &names); err != nil {
		return nil, fmt.Errorf("decode names: %w", err)
	}
	return names, nil
}

var errObject = errors.New("decode stored object: the data is damaged")

// eachMember calls visit with the name and the raw value of every member of a JSON object without insignificant white
// space around its members.
func eachMember(text string, visit func(name, raw string) error) error {
	if len(text) < 2 || text[0] != '{' || text[len(text)-1] != '}' {
		return errObject
	}
	in := text[1 : len(text)-1]
	for in != "" {
		n := valueEnd(in)
		if n <= 0 || n >= len(in) || in[n] != ':' {
			return errObject
		}
		name, err := unquote(in[:n])
		if err != nil {
			return err
		}
		in = in[n+1:]
		if n = valueEnd(in); n <= 0 {
			return errObject
		}
		if err := visit(name, in[:n]); err != nil {
			return err
		}
		in = strings.TrimPrefix(in[n:], ",")
	}
	return nil
}

// valueEnd is the length of the JSON value that s starts with; 0 if it has no end.
func valueEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			n := stringEnd(s[i:])
			if n == 0 {
				return 0
			}
			i += n - 1
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth--
		case ',', ':':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
	if depth != 0 {
		return 0
	}
	return len(s)
}

// stringEnd is the length of the JSON string that s starts with; 0 if it has no end.
func stringEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

func unquote(raw string) (string, error) {
	if n := len(raw); n >= 2 && raw[0] == '"' && raw[n-1] == '"' && strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : n-1], nil
	}
	var s string
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		return "", fmt.Errorf("decode stored text: %w", err)
	}
	return s, nil
}
