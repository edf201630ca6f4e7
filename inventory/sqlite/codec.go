package sqlite

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// identifierCodes and relationCodes shorten packed kinds: code n is entry n-1, and 0 is followed by the kind itself.
// Stores hold these codes: only ever append.
var (
	identifierCodes = []inventory.IdentifierKind{
		inventory.ARN, inventory.ResourceID, inventory.SelfLink, inventory.InstanceID, inventory.Serial, inventory.UUID,
		inventory.AssetTag, inventory.FQDN, inventory.Hostname, inventory.MAC, inventory.PrivateIP, inventory.PublicIP,
	}
	relationCodes = []inventory.RelationKind{
		inventory.AttachedTo, inventory.MemberOf, inventory.ManagedBy, inventory.PartOf, inventory.SharedFrom, inventory.SnapshotOf,
		inventory.UsedBy, inventory.FacetOf,
	}
)

var errPacked = errors.New("unpack identifiers: the data is damaged")

// appendRefs packs identifiers, relations and origin but for its line, which moves without anything having changed and
// so stays out of the content's hash.
func appendRefs(b []byte, a *inventory.Asset) []byte {
	b = binary.AppendUvarint(b, uint64(len(a.Identifiers)))
	for _, id := range a.Identifiers {
		b = appendText(appendCode(b, identifierCodes, id.Kind), id.Value)
	}
	b = binary.AppendUvarint(b, uint64(len(a.Relations)))
	for _, r := range a.Relations {
		b = appendText(appendCode(b, relationCodes, r.Kind), r.Key)
	}
	o := &a.Origin
	for _, s := range [...]string{o.File, o.Address, o.Module, o.Lineage, o.Call} {
		b = appendText(b, s)
	}
	return b
}

// appendLayer packs what only declarations have, and nothing for all others.
func appendLayer(b []byte, o inventory.Origin) []byte {
	if o.Layer == "" && o.Ignores == "" {
		return b
	}
	return appendText(appendText(b, string(o.Layer)), o.Ignores)
}

func appendCode[K ~string](b []byte, codes []K, kind K) []byte {
	if i := slices.Index(codes, kind); i >= 0 {
		return append(b, byte(i+1))
	}
	return appendText(append(b, 0), string(kind))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// unpacker reads what appendRefs and a line after it packed. The texts share the memory of its input.
type unpacker struct {
	in  string
	err error
}

func unpackRefs(packed string, a *inventory.Asset) error {
	u := &unpacker{in: packed}
	if n := u.count(); n > 0 {
		a.Identifiers = make([]inventory.Identifier, n)
		for i := range a.Identifiers {
			a.Identifiers[i] = inventory.Identifier{Kind: unpackCode(u, identifierCodes), Value: u.text()}
		}
	}
	if n := u.count(); n > 0 {
		a.Relations = make([]inventory.Relation, n)
		for i := range a.Relations {
			a.Relations[i] = inventory.Relation{Kind: unpackCode(u, relationCodes), Key: u.text()}
		}
	}
	o := &a.Origin
	for _, s := range [...]*string{&o.File, &o.Address, &o.Module, &o.Lineage, &o.Call} {
		*s = u.text()
	}
	o.Line = int(u.number())
	if u.in != "" { // older rows end here, and so do those without either
		o.Layer, o.Ignores = inventory.Layer(u.text()), u.text()
	}
	return u.err
}

func unpackCode[K ~string](u *unpacker, codes []K) K {
	if u.err != nil || u.in == "" {
		u.err = errPacked
		return ""
	}
	code := int(u.in[0])
	u.in = u.in[1:]
	switch {
	case code == 0:
		return K(u.text())
	case code > len(codes):
		u.err = fmt.Errorf("unpack identifiers: kind %d is not known to this muster", code)
		return ""
	}
	return codes[code-1]
}

func (u *unpacker) number() uint64 {
	var n uint64
	for shift := 0; shift < 64; shift += 7 {
		if u.err != nil || u.in == "" {
			break
		}
		c := u.in[0]
		u.in = u.in[1:]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
	u.err = errPacked
	return 0
}

// count reads the length of a list, each of whose items takes at least two bytes.
func (u *unpacker) count() int {
	n := u.number()
	if n > uint64(len(u.in)) {
		u.err = errPacked
		return 0
	}
	return int(n)
}

func (u *unpacker) text() string {
	n := u.number()
	if n > uint64(len(u.in)) {
		u.err = errPacked
		return ""
	}
	s := u.in[:n]
	u.in = u.in[n:]
	return s
}

// content is an asset in its stored form. Its slices belong to the encoder and live until its next use.
type content struct {
	place      placement
	name       string
	tagState   inventory.Knowledge
	tags       []byte // JSON object
	attributes []byte // JSON object; nil if unknown
	unread     []byte // JSON list; nil if all were read
	refs       []byte
	created    int64
	dated      bool
	hash       int64
}

// encoder makes contents. It is used by one goroutine.
type encoder struct {
	key []byte
	buf []byte
}

// encode returns the stored form of a. The hash is keyed, so that nobody can prepare two contents that share its 64
// bits, and leaves out the key, which identifies the asset, and the origin's line.
func (e *encoder) encode(a *inventory.Asset) (content, error) {
	c := content{
		place: placement{a.Book, a.Type, a.Account, a.Region, a.Zone, a.Lifecycle, a.Shallow},
		name:  a.Name, tagState: a.Tags.State(), dated: !a.Created.IsZero(),
	}
	if c.dated {
		c.created = a.Created.UnixMicro()
	}
	b := append(e.buf[:0], e.key...)
	b = c.place.append(b)
	b = appendText(b, a.Name)
	b = binary.AppendVarint(b, c.created)
	b = append(b, byte(c.tagState))
	tags := len(b)
	b = appendTags(b, a.Tags)
	attributes := len(b)
	b, err := appendAttributes(b, a.Attributes)
	if err != nil {
		return content{}, err
	}
	unread := len(b)
	b = appendUnread(b, a.Attributes)
	refs := len(b)
	b = appendRefs(b, a)
	end := len(b)
	b = appendLayer(b, a.Origin)
	sum := sha256.Sum256(b)
	b = binary.AppendUvarint(b[:end], uint64(max(a.Origin.Line, 0)))
	b = appendLayer(b, a.Origin)
	e.buf = b
	c.tags, c.attributes, c.unread, c.refs = b[tags:attributes], b[attributes:unread], b[unread:refs], b[refs:]
	c.hash = int64(binary.LittleEndian.Uint64(sum[:]))
	return c, nil
}

// appendTags writes tags as a JSON object: nothing if they are not known.
func appendTags(b []byte, t inventory.Tags) []byte {
	if t.State() != inventory.Known {
		return b
	}
	b = append(b, '{')
	first := true
	for tag := range t.All() {
		b = appendName(b, tag.Key, &first)
		if tag.ValueUnknown {
			b = append(b, "null"...)
			continue
		}
		b = appendQuoted(b, tag.Value)
	}
	return append(b, '}')
}

// appendAttributes writes the attributes that were read as a JSON object: nothing if they are unknown.
func appendAttributes(b []byte, list inventory.Attributes) ([]byte, error) {
	if !list.IsKnown() {
		return b, nil
	}
	b = append(b, '{')
	first := true
	for a := range list.All() {
		if !a.Value.IsRead() {
			continue
		}
		if !validValue(string(a.Value)) {
			return b, fmt.Errorf("attribute %q: %.40q is not JSON text", a.Name, string(a.Value))
		}
		b = append(appendName(b, a.Name, &first), a.Value...)
	}
	return append(b, '}'), nil
}

// appendUnread writes the names of attributes that could not be read as a JSON list: nothing if there are none.
func appendUnread(b []byte, list inventory.Attributes) []byte {
	n := 0
	for a := range list.All() {
		if a.Value.IsRead() {
			continue
		}
		sep := byte(',')
		if n == 0 {
			sep = '['
		}
		b = appendQuoted(append(b, sep), a.Name)
		n++
	}
	if n > 0 {
		b = append(b, ']')
	}
	return b
}

func appendName(b []byte, name string, first *bool) []byte {
	if !*first {
		b = append(b, ',')
	}
	*first = false
	return append(appendQuoted(b, name), ':')
}

func appendQuoted(b []byte, s string) []byte {
	if !plainText(s) {
		return append(b, inventory.StringValue(s)...)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// plainText reports whether s needs no escape in JSON.
func plainText(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// validValue reports whether v is JSON, quickly for plain strings.
func validValue(v string) bool {
	if n := len(v); n >= 2 && v[0] == '"' && v[n-1] == '"' && plainText(v[1:n-1]) {
		return true
	}
	return json.Valid([]byte(v))
}
