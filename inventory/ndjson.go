package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// DecodeError says what is wrong with an asset's JSON object.
type DecodeError struct {
	// Field is the path of the field below the object, "tags.owner" or "identifiers[2].kind"; empty if the text is not
	// one JSON object at all.
	Field   string
	Column  int // 1-based, in bytes
	Message string
	notJSON bool // it is the text that is wrong, not a field
}

// Error names the field.
func (e *DecodeError) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return fmt.Sprintf("field %q: %s", e.Field, e.Message)
}

// DecodeAsset reads an asset from one JSON object, as docs/exec.md describes it. Only key and type must be there; a field
// that is null counts as absent, and absent tags and attributes are unknown. Unknown fields, fields given twice and
// values of the wrong type are errors, so that a slip of the pen never loses data. The field source is accepted and
// dropped.
//
// The error is a *DecodeError. The asset then holds nothing but the key, if that much could be read.
func DecodeAsset(line []byte) (Asset, error) {
	if !utf8.Valid(line) {
		return Asset{}, &DecodeError{Column: invalidColumn(line), Message: "the text is not valid UTF-8: export it as UTF-8"}
	}
	d := assetDecoder{cursor: cursor{text: string(line)}}
	if err := d.object(); err != nil {
		return Asset{Key: d.asset.Key}, err
	}
	if err := d.finish(); err != nil {
		return Asset{Key: d.asset.Key}, err
	}
	return d.asset, nil
}

func invalidColumn(line []byte) int {
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		if r == utf8.RuneError && n <= 1 {
			return i + 1
		}
		i += n
	}
	return len(line)
}

// Fields of the object, in the order in which they are written. A field's place is its bit in assetDecoder.seen.
const (
	fieldKey = iota
	fieldType
	fieldBook
	fieldSource
	fieldName
	fieldAccount
	fieldRegion
	fieldZone
	fieldLifecycle
	fieldShallow
	fieldTags
	fieldTaggable
	fieldAttributes
	fieldUnread
	fieldIdentifiers
	fieldRelations
	fieldOrigin
	fieldCreated
)

// AssetFields lists the names of the fields of an asset's JSON object, in the order in which they are written.
func AssetFields() []string {
	return []string{
		"key", "type", "book", "source", "name", "account", "region", "zone", "lifecycle", "shallow", "tags", "taggable",
		"attributes", "unread", "identifiers", "relations", "origin", "created",
	}
}

// fieldNumber is the place of a name among AssetFields, or -1.
func fieldNumber(name string) int {
	switch name {
	case "key":
		return fieldKey
	case "type":
		return fieldType
	case "book":
		return fieldBook
	case "source":
		return fieldSource
	case "name":
		return fieldName
	case "account":
		return fieldAccount
	case "region":
		return fieldRegion
	case "zone":
		return fieldZone
	case "lifecycle":
		return fieldLifecycle
	case "shallow":
		return fieldShallow
	case "tags":
		return fieldTags
	case "taggable":
		return fieldTaggable
	case "attributes":
		return fieldAttributes
	case "unread":
		return fieldUnread
	case "identifiers":
		return fieldIdentifiers
	case "relations":
		return fieldRelations
	case "origin":
		return fieldOrigin
	case "created":
		return fieldCreated
	}
	return -1
}

// assetDecoder reads one object. Strings of the asset are parts of the text, so that a line costs one allocation for
// all of them.
type assetDecoder struct {
	cursor
	asset Asset
	seen  uint32 // bit per field
	// taggable is what the field of that name says; nil if it is absent.
	taggable *bool
	tags     []Tag
	hasTags  bool
	attrs    []Attribute
	hasAttrs bool
	unread   []string
}

// object reads the object and goes on after a field that cannot be read, so that the key is found wherever it stands.
// It returns the first error.
func (d *assetDecoder) object() error {
	var first error
	err := d.members("", func(name string) error {
		start := d.pos
		err := d.member(name)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
		d.pos = start
		return d.skip(0)
	})
	if first != nil {
		return first
	}
	if err != nil {
		return err
	}
	if d.space(); d.pos < len(d.text) {
		return d.fail("", "there is more text after the object: one object a line")
	}
	return nil
}

func (d *assetDecoder) member(name string) error {
	n := fieldNumber(name)
	if n < 0 {
		return d.fail(name, "there is no such field%s", Suggest(name, AssetFields()))
	}
	if d.seen&(1<<n) != 0 {
		return d.fail(name, "given twice")
	}
	d.seen |= 1 << n
	if d.null() {
		return nil
	}
	return d.value(n, name)
}

// finish checks what only the whole object can tell.
func (d *assetDecoder) finish() error {
	a := &d.asset
	d.pos = 0 // errors from here on speak of the whole object
	switch {
	case a.Key == "":
		return d.fail("key", "missing or empty: every asset needs a key that is unique in its source")
	case a.Type == "":
		return d.fail("type", "missing or empty: every asset needs a type, such as %q", "datacenter/server")
	}
	if err := d.finishTags(); err != nil {
		return err
	}
	if err := d.finishAttributes(); err != nil {
		return err
	}
	a.Identifiers = SortIdentifiers(a.Identifiers)
	a.Relations = SortRelations(a.Relations)
	return nil
}

func (d *assetDecoder) finishTags() error {
	switch {
	case d.taggable != nil && !*d.taggable:
		if len(d.tags) > 0 {
			return d.fail("taggable", "false, yet there are tags: leave one of the two out")
		}
		d.asset.Tags = NotTaggable()
	case d.hasTags:
		slices.SortFunc(d.tags, func(a, b Tag) int { return cmp.Compare(a.Key, b.Key) })
		for i := range d.tags[:max(0, len(d.tags)-1)] {
			if d.tags[i].Key == d.tags[i+1].Key {
				return d.fail("tags."+d.tags[i].Key, "given twice")
			}
		}
		d.asset.Tags = Tags{state: Known, list: d.tags}
	}
	return nil
}

func (d *assetDecoder) finishAttributes() error {
	if !d.hasAttrs {
		return nil
	}
	for _, name := range d.unread {
		d.attrs = append(d.attrs, Attribute{Name: name})
	}
	slices.SortFunc(d.attrs, func(a, b Attribute) int { return cmp.Compare(a.Name, b.Name) })
	for i := range d.attrs[:max(0, len(d.attrs)-1)] {
		if d.attrs[i].Name == d.attrs[i+1].Name {
			return d.fail("attributes."+d.attrs[i].Name, "given twice, or in unread as well")
		}
	}
	d.asset.Attributes = Attributes{known: true, list: d.attrs}
	return nil
}

// parseTime accepts RFC 3339 and returns UTC.
func parseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time: write it as 2026-01-31T10:00:00Z", clip(s))
	}
	return t.UTC(), nil
}

// clip shortens a stranger's text for an error message.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
