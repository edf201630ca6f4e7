package activity

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep a request is looked into. No API names what it acts on deeper than this.
const maxDepth = 12

// walk calls visit for every string, number and truth value of a JSON value, with the names of the members that lead there; the places in
// lists do not count. The path belongs to walk. Text is empty for what is no string. What is no JSON has no leaves.
func walk(v jsontext.Value, visit func(path []string, text string)) {
	if len(v) == 0 || v.Kind() != '{' {
		return
	}
	w := walker{d: jsontext.NewDecoder(bytes.NewReader(v), tolerant()...), visit: visit}
	w.value()
}

type walker struct {
	d     *jsontext.Decoder
	path  []string
	visit func([]string, string)
}

// value reads one value and reports whether reading can go on.
func (w *walker) value() bool {
	switch w.d.PeekKind() {
	case '{':
		return w.members()
	case '[':
		return w.items()
	case 0:
		return false
	}
	t, err := w.d.ReadToken()
	if err != nil {
		return false
	}
	text := ""
	if t.Kind() == '"' {
		text = t.String()
	}
	if len(w.path) > 0 && t.Kind() != 'n' {
		w.visit(w.path, text)
	}
	return true
}

func (w *walker) members() bool {
	if len(w.path) >= maxDepth {
		return w.d.SkipValue() == nil
	}
	if _, err := w.d.ReadToken(); err != nil {
		return false
	}
	for w.d.PeekKind() == '"' {
		name, err := w.d.ReadToken()
		if err != nil {
			return false
		}
		w.path = append(w.path, name.String())
		if !w.value() {
			return false
		}
		w.path = w.path[:len(w.path)-1]
	}
	_, err := w.d.ReadToken()
	return err == nil
}

// items reads a list. Lists in lists are not looked into: nothing is named there.
func (w *walker) items() bool {
	if _, err := w.d.ReadToken(); err != nil {
		return false
	}
	for {
		switch k := w.d.PeekKind(); {
		case k == ']':
			_, err := w.d.ReadToken()
			return err == nil
		case k == 0:
			return false
		case k == '[':
			if w.d.SkipValue() != nil {
				return false
			}
		case !w.value():
			return false
		}
	}
}

// tolerant are the options for reading what others wrote: a name that stands twice is none of our business.
func tolerant() []jsontext.Options {
	return []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
}
