package tape

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/catalog"
)

// Scrub returns a body with everything secret replaced by its keyed hash, and every other byte as it was: values under the names
// that the catalog knows for secret, values of environments and other free settings, of parameters and outputs of stacks, queries
// and users in addresses, private keys, and credentials within texts; also in JSON or XML that stands as a text in the body. Page
// tokens and tags stay. It fails for a body that is neither JSON, XML, CBOR nor a form, since that cannot be searched.
//
// A client can still read what comes out: texts stay texts, truth values stay, and a number under a secret name becomes 0.
// Scrubbing twice is scrubbing once.
func Scrub(contentType string, body []byte, hash inventory.SecretHash) ([]byte, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return body, nil
	}
	d, err := parse(contentType, body)
	if err != nil {
		return nil, fmt.Errorf("search a body of type %q for secrets: %w", contentType, err)
	}
	s := &scrubber{hash: hash, names: catalog.NewConcealer(hash), document: d}
	s.root()
	return d.result(), nil
}

// scrubber walks through one document.
type scrubber struct {
	*document
	hash  inventory.SecretHash
	names *catalog.Concealer
	depth int // of documents within documents
}

func (s *scrubber) root() {
	if s.format == formBody {
		s.form()
		return
	}
	s.visit(&s.document.root)
}

// visit goes through a value by what its name tells.
func (s *scrubber) visit(n *node) {
	if exempt(n) {
		return
	}
	switch s.names.Secrecy(n.name) {
	case catalog.Secret:
		s.hide(n)
		return
	case catalog.SecretIfCompound:
		if n.compound() {
			s.settings(n)
			return
		}
	}
	if n.compound() {
		s.members(n)
		return
	}
	s.leaf(n)
}

// exempt reports whether what stands under a name is kept as it is: page tokens, tags, and what only looks like a secret by its name.
func exempt(n *node) bool {
	if n.compound() {
		return isTags(n.plain) || n.plain == "tokenvalidityunits"
	}
	return isPageToken(n.plain) || n.plain == "lastmodifiedsecret"
}

func isPageToken(plain string) bool {
	switch plain {
	case "marker", "nextmarker", "nexttoken", "nextpagetoken", "pagetoken", "paginationtoken", "continuationtoken",
		"nextcontinuationtoken", "nextpagemarker", "keymarker", "nextkeymarker", "versionidmarker", "nextversionidmarker", "position":
		return true
	}
	return false
}

// isTags recognises lists and maps of tags, whose names are people's and whose values are what muster is about.
func isTags(plain string) bool {
	return plain == "labels" || strings.HasSuffix(plain, "tags") || strings.HasSuffix(plain, "tagset") || strings.HasSuffix(plain, "taglist") ||
		strings.HasSuffix(plain, "tagslist")
}

// hide replaces all that stands under a secret name but references to where the secret is kept.
func (s *scrubber) hide(n *node) {
	if !n.compound() {
		s.secret(n)
		return
	}
	for i := range n.kids {
		if k := &n.kids[i]; isReference(k.plain) && !k.compound() {
			s.leaf(k)
		} else {
			s.hide(k)
		}
	}
}

func isReference(plain string) bool {
	return strings.HasSuffix(plain, "arn") || strings.HasSuffix(plain, "status") || plain == "kmskeyid" || plain == "secretname"
}

var arn = regexp.MustCompile(`^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]*:[^\s]+$`)

// secret replaces a value that is secret by its name, unless it is the name of where the secret is kept.
func (s *scrubber) secret(n *node) {
	if n.kind == text && arn.MatchString(n.text) {
		return
	}
	s.conceal(n)
}

// conceal replaces a value. What hides nothing stays: blanks, truth values, times, and hashes.
func (s *scrubber) conceal(n *node) {
	switch {
	case n.kind == text && !harmless(n.text):
		s.write(n, s.hashOf(n))
	case n.kind == number && !s.nested && n.text != s.zero():
		s.edits = append(s.edits, edit{n.start, n.end, []byte(s.zero())})
	case n.kind == number && s.nested:
		s.write(n, s.hash.Hash(n.text))
	}
}

func harmless(s string) bool {
	if strings.TrimSpace(s) == "" || strings.EqualFold(s, "true") || strings.EqualFold(s, "false") {
		return true
	}
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

// zero is the number that stands for a secret one, where a schema wants a number.
func (s *scrubber) zero() string {
	if s.format == cborBody {
		return "\x00"
	}
	return "0"
}

// hashOf is the hash of a text. Bytes in JSON are in base64 and stay so.
func (s *scrubber) hashOf(n *node) string {
	if s.format == jsonBody && strings.HasSuffix(n.plain, "binary") {
		return hashBinary(s.hash, n.text)
	}
	return s.hash.Hash(n.text)
}

// write replaces the text of a node.
func (s *scrubber) write(n *node, to string) {
	if to == n.text && n.kind == text {
		return
	}
	var with []byte
	switch s.format {
	case xmlBody:
		with = xmlText(to)
		if n.form == attribute {
			with = slices.Concat([]byte(`"`), with, []byte(`"`))
		}
	case cborBody:
		with = cborString(to, n.form)
	case formBody:
		with = []byte(url.QueryEscape(to))
	default:
		with = jsonText(to)
	}
	s.edits = append(s.edits, edit{n.start, n.end, with})
}
