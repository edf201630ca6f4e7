package inventory

import (
	"slices"
	"strconv"
)

// value reads the value of a field, which is not null.
func (d *assetDecoder) value(n int, name string) error {
	a := &d.asset
	switch n {
	case fieldKey:
		return d.stringField(name, &a.Key)
	case fieldType:
		return d.stringField(name, (*string)(&a.Type))
	case fieldSource:
		var dropped string
		return d.stringField(name, &dropped)
	case fieldName:
		return d.stringField(name, &a.Name)
	case fieldAccount:
		return d.stringField(name, &a.Account)
	case fieldRegion:
		return d.stringField(name, &a.Region)
	case fieldZone:
		return d.stringField(name, &a.Zone)
	case fieldBook, fieldLifecycle, fieldShallow, fieldTaggable, fieldCreated:
		return d.scalarField(n, name)
	default:
		return d.compoundField(n, name)
	}
}

func (d *assetDecoder) scalarField(n int, name string) error {
	a := &d.asset
	switch n {
	case fieldShallow:
		return d.boolField(name, &a.Shallow)
	case fieldTaggable:
		d.taggable = new(bool)
		return d.boolField(name, d.taggable)
	case fieldBook:
		return d.choice(name, (*string)(&a.Book), bookNames)
	case fieldLifecycle:
		return d.choice(name, (*string)(&a.Lifecycle), lifecycleNames)
	default:
		return d.created(name)
	}
}

func (d *assetDecoder) compoundField(n int, name string) error {
	switch n {
	case fieldTags:
		d.hasTags = true
		return d.members(name, func(key string) error { return d.tag(name, key) })
	case fieldAttributes:
		d.hasAttrs = true
		return d.members(name, func(key string) error { return d.attribute(name, key) })
	case fieldUnread:
		return d.elements(name, d.unreadName)
	case fieldIdentifiers:
		return d.elements(name, d.identifier)
	case fieldRelations:
		return d.elements(name, d.relation)
	default:
		return d.members(name, func(key string) error { return within(name, d.origin(key)) })
	}
}

func (d *assetDecoder) created(field string) error {
	at, s := d.pos, ""
	if err := d.stringField(field, &s); err != nil {
		return err
	}
	t, err := parseTime(s)
	if err != nil {
		return d.failAt(at, field, "%v", err)
	}
	d.asset.Created = t
	return nil
}

// choice reads a string that must be one of a few.
func (d *assetDecoder) choice(field string, to *string, known func() []string) error {
	at, s := d.pos, ""
	if err := d.stringField(field, &s); err != nil {
		return err
	}
	if *to != "" {
		return d.failAt(at, field, "given twice")
	}
	if names := known(); !slices.Contains(names, s) {
		return d.failAt(at, field, "%q is not known%s", clip(s), Suggest(s, names))
	}
	*to = s
	return nil
}

func (d *assetDecoder) tag(field, key string) error {
	if key == "" {
		return d.fail(field, "a tag needs a key")
	}
	t := Tag{Key: key}
	if d.null() {
		t.ValueUnknown = true
	} else if d.peek() != '"' {
		return d.mismatch(field+"."+key, "a string, or null if the value is unknown")
	} else if err := d.stringField(field, &t.Value); err != nil {
		return err
	}
	d.tags = append(d.tags, t)
	return nil
}

func (d *assetDecoder) attribute(field, name string) error {
	if name == "" {
		return d.fail(field, "an attribute needs a name")
	}
	start := d.pos
	if err := d.skip(0); err != nil {
		return err
	}
	v, err := canonical(d.text[start:d.pos])
	if err != nil {
		return d.failAt(start, field+"."+name, "%v", err)
	}
	d.attrs = append(d.attrs, Attribute{Name: name, Value: v})
	return nil
}

// canonical is ParseValue of a text that is known to be one JSON value, without its cost for one that is canonical.
func canonical(text string) (Value, error) {
	c := cursor{text: text}
	if c.canonical() && c.pos == len(text) {
		return Value(text), nil
	}
	return ParseValue([]byte(text))
}

func (d *assetDecoder) unreadName() error {
	var name string
	if err := d.stringField("", &name); err != nil {
		return err
	}
	if name == "" {
		return d.fail("", "an attribute needs a name")
	}
	d.unread = append(d.unread, name)
	return nil
}

func (d *assetDecoder) identifier() error {
	var i Identifier
	err := d.pair((*string)(&i.Kind), kindNames, "value", &i.Value)
	d.asset.Identifiers = append(d.asset.Identifiers, i)
	return err
}

func (d *assetDecoder) relation() error {
	var r Relation
	err := d.pair((*string)(&r.Kind), relationNames, "key", &r.Key)
	d.asset.Relations = append(d.asset.Relations, r)
	return err
}

// pair reads an object of a kind and one other string.
func (d *assetDecoder) pair(kind *string, kinds func() []string, other string, to *string) error {
	err := d.members("", func(name string) error {
		switch name {
		case "kind":
			return d.choice(name, kind, kinds)
		case other:
			return d.stringField(name, to)
		}
		return d.fail(name, "there is no such field%s", Suggest(name, []string{"kind", other}))
	})
	switch {
	case err != nil:
		return err
	case *kind == "":
		return d.fail("kind", "missing")
	case *to == "":
		return d.fail(other, "missing or empty")
	}
	return nil
}

func (d *assetDecoder) origin(name string) error {
	o := &d.asset.Origin
	switch name {
	case "file":
		return d.stringField(name, &o.File)
	case "line":
		return d.lineField(name, &o.Line)
	case "address":
		return d.stringField(name, &o.Address)
	case "module":
		return d.stringField(name, &o.Module)
	case "lineage":
		return d.stringField(name, &o.Lineage)
	case "call":
		return d.stringField(name, &o.Call)
	case "layer":
		return d.choice(name, (*string)(&o.Layer), layerNames)
	case "ignores":
		return d.stringField(name, &o.Ignores)
	}
	known := []string{"file", "line", "address", "module", "lineage", "call", "layer", "ignores"}
	return d.fail(name, "there is no such field%s", Suggest(name, known))
}

func (d *assetDecoder) lineField(field string, to *int) error {
	start := d.pos
	if *to != 0 {
		return d.fail(field, "given twice")
	}
	if err := d.skip(0); err != nil {
		return err
	}
	n, err := strconv.ParseInt(d.text[start:d.pos], 10, 32)
	if err != nil || n < 0 {
		return d.failAt(start, field, "want a whole number from 0")
	}
	*to = int(n)
	return nil
}

func bookNames() []string { return names(Observed, Recorded, Declared) }

func lifecycleNames() []string {
	return names(LifecyclePlanned, LifecycleActive, LifecycleMaintenance, LifecycleRetiring, LifecycleRetired)
}

func kindNames() []string {
	return names(IdentifierKinds()...)
}

func layerNames() []string { return names(Layers()...) }

func relationNames() []string {
	return names(AttachedTo, MemberOf, ManagedBy, PartOf, SharedFrom, SnapshotOf, UsedBy, FacetOf)
}

func names[T ~string](list ...T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
