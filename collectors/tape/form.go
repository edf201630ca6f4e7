package tape

import (
	"bytes"
	"net/url"
	"strings"
)

// parseForm notes where the values of a form stand. Its names are paths, as "Environment.Variables.entry.1.value".
func parseForm(body []byte) (*document, error) {
	var b builder
	root, err := b.node(object, "")
	if err != nil {
		return nil, err
	}
	at := 0
	for pair := range bytes.SplitSeq(body, []byte("&")) {
		start := at
		at += len(pair) + 1
		rawName, rawValue, ok := strings.Cut(string(pair), "=")
		if !ok {
			continue
		}
		name, err := url.QueryUnescape(rawName)
		if err != nil {
			return nil, errUnsearchable
		}
		value, err := url.QueryUnescape(rawValue)
		if err != nil {
			return nil, errUnsearchable
		}
		kid, err := b.node(text, name)
		if err != nil {
			return nil, err
		}
		kid.text, kid.start, kid.end = value, start+len(rawName)+1, start+len(pair)
		root.kids = append(root.kids, kid)
	}
	return &document{format: formBody, body: body, root: root}, nil
}
