package preset

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Parse returns the tags of a cell; an error means that they cannot be read. A key with two values is a tag whose value is
// unknown, since a register that allows that does not say which of them counts.
func (c *TagCells) Parse(cell string) ([]inventory.Tag, error) {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return nil, nil
	}
	var list []inventory.Tag
	if cell[0] == '[' || cell[0] == '{' {
		found, err := jsonTags(cell, c.Form)
		if err != nil {
			return nil, err
		}
		list = found
	} else {
		separators := cmp.Or(c.Separator, ",;\n\r")
		for _, part := range strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
			list = c.Form.add(list, part)
		}
	}
	return Merge(list), nil
}

// add appends the tag that a text is.
func (f TagForm) add(list []inventory.Tag, text string) []inventory.Tag {
	text = strings.TrimSpace(text)
	key, value := text, ""
	if i := strings.IndexAny(text, ":="); f == FormPairs && i > 0 {
		key, value = strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+1:])
	}
	if key == "" {
		return list
	}
	return append(list, inventory.Tag{Key: key, Value: value})
}

// Pairs returns the tags of a cell of keys and one of values, a line each.
func Pairs(keys, values string) ([]inventory.Tag, error) {
	if strings.TrimSpace(keys) == "" {
		return nil, nil
	}
	k, v := strings.Split(keys, "\n"), strings.Split(values, "\n")
	if len(k) != len(v) {
		return nil, fmt.Errorf("%d keys of tags and %d values", len(k), len(v))
	}
	var list []inventory.Tag
	for i := range k {
		if key := strings.TrimSpace(k[i]); key != "" {
			list = append(list, inventory.Tag{Key: key, Value: strings.TrimSpace(v[i])})
		}
	}
	return Merge(list), nil
}

// Merge makes one tag of those with one key. If their values differ, the value is unknown.
func Merge(list []inventory.Tag) []inventory.Tag {
	at := make(map[string]int, len(list))
	out := list[:0]
	for _, t := range list {
		i, twice := at[t.Key]
		if !twice {
			at[t.Key] = len(out)
			out = append(out, t)
			continue
		}
		if out[i] != t {
			out[i] = inventory.Tag{Key: t.Key, ValueUnknown: true}
		}
	}
	return out
}

// jsonTags reads a list of names, a list of objects with key and value or with a name, or an object of keys and values.
func jsonTags(text string, form TagForm) ([]inventory.Tag, error) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read tags: there is text behind the JSON")
	}
	var list []inventory.Tag
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if key != "" {
				list = append(list, jsonTag(key, v[key]))
			}
		}
	case []any:
		for _, item := range v {
			found, err := jsonItem(item, form)
			if err != nil {
				return nil, err
			}
			list = append(list, found...)
		}
	}
	return list, nil
}

func jsonItem(item any, form TagForm) ([]inventory.Tag, error) {
	if text, ok := item.(string); ok {
		return form.add(nil, text), nil
	}
	object, ok := item.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("read tags: %v is neither a name nor an object with key and value", item)
	}
	for _, names := range [][2]string{{"key", "value"}, {"Key", "Value"}, {"name", "value"}} {
		if key, ok := object[names[0]].(string); ok && key != "" {
			return []inventory.Tag{jsonTag(key, object[names[1]])}, nil
		}
	}
	return nil, errors.New("read tags: an object has neither a key nor a name")
}

func jsonTag(key string, value any) inventory.Tag {
	switch value := value.(type) {
	case nil:
		return inventory.Tag{Key: key}
	case string:
		return inventory.Tag{Key: key, Value: value}
	case json.Number, bool:
		return inventory.Tag{Key: key, Value: fmt.Sprint(value)}
	}
	return inventory.Tag{Key: key, ValueUnknown: true}
}
