package tape

import (
	"net/url"
	"regexp"
	"strings"
)

// deepestNesting bounds how many documents may stand one in the text of another.
const deepestNesting = 8

// leaf looks into a value whose name tells nothing.
func (s *scrubber) leaf(n *node) {
	if n.kind != text || n.text == "" {
		return
	}
	if s.inner(n) {
		return
	}
	if secretByForm(n) {
		s.conceal(n)
		return
	}
	s.write(n, s.inline(s.hash.URL(n.text)))
}

// inner scrubs a text that is a document itself, as a policy, and reports whether it is one.
func (s *scrubber) inner(n *node) bool {
	body, escaped := n.text, false
	if strings.HasPrefix(body, "%7B") || strings.HasPrefix(body, "%5B") { // the policies of IAM
		plain, err := url.PathUnescape(body)
		if err != nil {
			return false
		}
		body, escaped = plain, true
	}
	d := parseText(body)
	if d == nil {
		return false
	}
	if s.depth == deepestNesting {
		s.conceal(n)
		return true
	}
	in := &scrubber{document: d, hash: s.hash, names: s.names, depth: s.depth + 1}
	in.root()
	if len(d.edits) == 0 {
		return true
	}
	out := string(d.result())
	if escaped {
		out = strings.ReplaceAll(url.QueryEscape(out), "+", "%20")
	}
	s.write(n, out)
	return true
}

// parseText takes a text apart that looks like an object, a list or an element; nil if it is none.
func parseText(body string) *document {
	begin := strings.TrimLeft(body, " \t\r\n\ufeff")
	if begin == "" {
		return nil
	}
	var d *document
	var err error
	switch begin[0] {
	case '{', '[':
		d, err = parseJSON([]byte(body))
	case '<':
		d, err = parseXML([]byte(body))
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	d.nested = true
	return d
}

var apiKey = regexp.MustCompile(`^da2-[a-z0-9]{20,}$`) // AppSync's, which are their own ids

// secretByForm recognises secrets under harmless names: private keys, build scripts in place of their file's name, and configurations
// with keys in them that could not be taken apart.
func secretByForm(n *node) bool {
	switch {
	case strings.Contains(n.text, "PRIVATE KEY-----"), apiKey.MatchString(n.text):
		return true
	case n.plain == "buildspec":
		return strings.Contains(n.text, "\n")
	}
	return n.plain == "customergatewayconfiguration"
}

// assigned finds credentials within a text: "Server=db;Password=x".
var assigned = regexp.MustCompile(
	`(?i)((?:password|passwd|pwd|passphrase|secret|api_?key|access_?key|account_?key|shared_?access_?key|auth_?token)["']?\s*=\s*)` +
		`("[^"]*"|'[^']*'|[^\s;&,"']+)`)

// inline hides credentials within a text, and leaves their quotes.
func (s *scrubber) inline(t string) string {
	if !strings.Contains(t, "=") {
		return t
	}
	return assigned.ReplaceAllStringFunc(t, func(found string) string {
		parts := assigned.FindStringSubmatch(found)
		before, value, quote := parts[1], parts[2], ""
		if value[0] == '"' || value[0] == '\'' {
			quote, value = value[:1], value[1:len(value)-1]
		}
		if harmless(value) {
			return found
		}
		return before + quote + s.hash.Hash(value) + quote
	})
}
