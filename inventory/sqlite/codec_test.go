package sqlite

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/muster-audit/muster/inventory"
)

func text() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "a", "owner", `"`, `\`, "ü", "\n", "<&>", "{", "a:b,c"}))
}

func tags() *rapid.Generator[inventory.Tags] {
	return rapid.Custom(func(t *rapid.T) inventory.Tags {
		switch rapid.IntRange(0, 4).Draw(t, "state") {
		case 0:
			return inventory.UnknownTags()
		case 1:
			return inventory.NotTaggable()
		}
		return inventory.KnownTags(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) inventory.Tag {
			if rapid.Bool().Draw(t, "unknown") {
				return inventory.Tag{Key: text().Draw(t, "key"), ValueUnknown: true}
			}
			return inventory.Tag{Key: text().Draw(t, "key"), Value: text().Draw(t, "value")}
		}), 0, 4).Draw(t, "tags")...)
	})
}

func attributes() *rapid.Generator[inventory.Attributes] {
	value := rapid.Custom(func(t *rapid.T) inventory.Value {
		return rapid.SampledFrom([]inventory.Value{
			inventory.Unread, inventory.Null, inventory.True, "1.50", `[{"a":"}"},2]`, `{"a":{"b,c":[]}}`, inventory.StringValue(text().Draw(t, "text")),
		}).Draw(t, "value")
	})
	return rapid.Custom(func(t *rapid.T) inventory.Attributes {
		if rapid.IntRange(0, 4).Draw(t, "known") == 0 {
			return inventory.Attributes{}
		}
		return inventory.KnownAttributes(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) inventory.Attribute {
			return inventory.Attribute{Name: text().Draw(t, "name"), Value: value.Draw(t, "value")}
		}), 0, 4).Draw(t, "attributes")...)
	})
}

func asset() *rapid.Generator[inventory.Asset] {
	return rapid.Custom(func(t *rapid.T) inventory.Asset {
		a := inventory.Asset{
			Key: "k", Book: inventory.Observed, Type: "T", Name: text().Draw(t, "name"), Tags: tags().Draw(t, "tags"),
			Attributes: attributes().Draw(t, "attributes"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "identifiers") {
			a.Identifiers = append(a.Identifiers, inventory.Identifier{
				Kind: rapid.SampledFrom(append(inventory.IdentifierKinds(), "odd")).Draw(t, "kind"), Value: text().Draw(t, "value"),
			})
		}
		for range rapid.IntRange(0, 2).Draw(t, "relations") {
			a.Relations = append(a.Relations, inventory.Relation{
				Kind: rapid.SampledFrom([]inventory.RelationKind{inventory.PartOf, inventory.SnapshotOf, "odd"}).Draw(t, "kind"), Key: text().Draw(t, "key"),
			})
		}
		a.Origin = inventory.Origin{File: text().Draw(t, "file"), Line: rapid.IntRange(0, 1<<40).Draw(t, "line"), Address: text().Draw(t, "address")}
		return a
	})
}

// decode reads back what encode made.
func decode(t *rapid.T, c content) inventory.Asset {
	a := inventory.Asset{Key: "k", Name: c.name}
	c.place.describe(&a)
	var err error
	if a.Tags, err = decodeTags(c.tagState.String(), string(c.tags)); err != nil {
		t.Fatal(err)
	}
	if a.Attributes, err = decodeAttributes(len(c.attributes) > 0, string(c.attributes), string(c.unread)); err != nil {
		t.Fatal(err)
	}
	if err := unpackRefs(string(c.refs), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEncodeRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := asset().Draw(t, "asset")
		e := encoder{key: []byte("key")}
		c, err := e.encode(&a)
		if err != nil {
			t.Fatal(err)
		}
		hash := c.hash
		for _, doc := range [][]byte{c.tags, c.attributes, c.unread} {
			if len(doc) > 0 && !json.Valid(doc) {
				t.Fatalf("no JSON: %s", doc)
			}
		}
		back := decode(t, c)
		if d := cmp.Diff(a, back); d != "" {
			t.Fatalf("round trip (-given +read):\n%s", d)
		}
		if c, err = e.encode(&back); err != nil || c.hash != hash {
			t.Fatalf("the hash of the same content differs: %v", err)
		}
	})
}

// TestHashTellsContentsApart changes one thing at a time.
func TestHashTellsContentsApart(t *testing.T) {
	base := inventory.Asset{
		Key: "k", Book: inventory.Observed, Type: "T", Name: "n", Account: "a", Region: "r", Zone: "z", Tags: inventory.KnownTags(),
		Attributes: inventory.KnownAttributes(), Created: time.UnixMicro(1),
	}
	e := encoder{key: []byte("key")}
	hash := func(change func(a *inventory.Asset)) int64 {
		a := base
		change(&a)
		c, err := e.encode(&a)
		if err != nil {
			t.Fatal(err)
		}
		return c.hash
	}
	first := hash(func(*inventory.Asset) {})
	seen := map[int64]string{first: "nothing"}
	for name, change := range map[string]func(a *inventory.Asset){
		"book": func(a *inventory.Asset) { a.Book = inventory.Declared }, "type": func(a *inventory.Asset) { a.Type = "U" },
		"name": func(a *inventory.Asset) { a.Name = "m" }, "account": func(a *inventory.Asset) { a.Account = "" },
		"region": func(a *inventory.Asset) { a.Region, a.Zone = "rz", "" }, "life": func(a *inventory.Asset) { a.Lifecycle = inventory.LifecycleRetired },
		"shallow": func(a *inventory.Asset) { a.Shallow = true }, "unknown tags": func(a *inventory.Asset) { a.Tags = inventory.UnknownTags() },
		"not taggable":       func(a *inventory.Asset) { a.Tags = inventory.NotTaggable() },
		"tag":                func(a *inventory.Asset) { a.Tags = inventory.KnownTags(inventory.Tag{Key: "a", Value: "null"}) },
		"unknown tag value":  func(a *inventory.Asset) { a.Tags = inventory.KnownTags(inventory.Tag{Key: "a", ValueUnknown: true}) },
		"unknown attributes": func(a *inventory.Asset) { a.Attributes = inventory.Attributes{} },
		"attribute": func(a *inventory.Asset) {
			a.Attributes = inventory.KnownAttributes(inventory.Attribute{Name: "a", Value: inventory.Null})
		},
		"unread":     func(a *inventory.Asset) { a.Attributes = inventory.KnownAttributes(inventory.Attribute{Name: "a"}) },
		"identifier": func(a *inventory.Asset) { a.Identifiers = []inventory.Identifier{{Kind: inventory.ARN, Value: "x"}} },
		"relation":   func(a *inventory.Asset) { a.Relations = []inventory.Relation{{Kind: inventory.PartOf, Key: "x"}} },
		"address":    func(a *inventory.Asset) { a.Origin.Address = "x" }, "created": func(a *inventory.Asset) { a.Created = time.Time{} },
	} {
		h := hash(change)
		if other, ok := seen[h]; ok {
			t.Errorf("%s and %s have the same hash", name, other)
		}
		seen[h] = name
	}
	if hash(func(a *inventory.Asset) { a.Origin.Line = 7; a.Key = "other" }) != first {
		t.Error("line or key count as content")
	}
	if other := (encoder{key: []byte("other")}); true {
		if c, err := other.encode(&base); err != nil || c.hash == first {
			t.Errorf("the hash does not depend on the store's key: %v", err)
		}
	}
}

func TestEncodeRefusesWhatIsNoJSON(t *testing.T) {
	for _, v := range []inventory.Value{"abc", `"a`, `{"a":}`, "1 2", `"a"b"`} {
		a := inventory.Asset{Attributes: inventory.KnownAttributes(inventory.Attribute{Name: "broken", Value: v})}
		if _, err := (&encoder{}).encode(&a); err == nil {
			t.Errorf("%s was stored", v)
		}
	}
}

// TestComplete checks the rule of knowledge: completing never loses what either side knows, and marks exactly what the new
// reading did not.
func TestComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, now := asset().Draw(t, "before"), asset().Draw(t, "now")
		full, mark := complete(now, &before)
		if now.Tags.State() == inventory.Unknown && !full.Tags.Equal(before.Tags) {
			t.Fatalf("unknown tags replaced %v by %v", before.Tags, full.Tags)
		}
		for tag := range now.Tags.All() {
			if got, ok := full.Tags.Get(tag.Key); !ok || !tag.ValueUnknown && got != tag {
				t.Fatalf("tag %v became %v", tag, got)
			}
		}
		for old := range before.Attributes.All() {
			if v, ok := full.Attributes.Get(old.Name); old.Value.IsRead() && !ok {
				t.Fatalf("attribute %v became %q", old, v)
			}
		}
		for a := range now.Attributes.All() {
			if v, _ := full.Attributes.Get(a.Name); a.Value.IsRead() && v != a.Value {
				t.Fatalf("attribute %v became %q", a, v)
			}
		}
		if !sameAsKnown(&inventory.Asset{Tags: now.Tags, Attributes: now.Attributes}, &inventory.Asset{Tags: full.Tags, Attributes: full.Attributes}) {
			t.Fatal("what was read and what is stored disagree")
		}
		if again, m := complete(full, &before); !cmp.Equal(again, full) || m != nil {
			t.Fatalf("completing twice differs: %v", m)
		}
		if same := cmp.Equal(full, now); same != (mark == nil) {
			t.Fatalf("mark %v though equal is %v", mark, same)
		}
	})
}

// TestKindsOfOlderStores: what an older muster packed is read as ever, and kinds that came later are packed by name, so that an
// older muster reads them too.
func TestKindsOfOlderStores(t *testing.T) {
	old := "\x02" + "\x05\x02S1" + "\x0c\x079.9.9.9" + "\x00" + "\x00\x00\x00\x00\x00" + "\x00"
	var a inventory.Asset
	if err := unpackRefs(old, &a); err != nil {
		t.Fatal(err)
	}
	want := []inventory.Identifier{{Kind: inventory.Serial, Value: "S1"}, {Kind: inventory.PublicIP, Value: "9.9.9.9"}}
	if diff := cmp.Diff(want, a.Identifiers); diff != "" {
		t.Errorf("identifiers (-want +got):\n%s", diff)
	}
	later := inventory.Asset{Identifiers: []inventory.Identifier{{Kind: inventory.MoRef, Value: "vm-1"}}}
	packed := string(appendRefs(nil, &later))
	if prefix := "\x01\x00\x05moref\x04vm-1"; !strings.HasPrefix(packed, prefix) {
		t.Errorf("packed %q, want it to begin %q", packed, prefix)
	}
}

// FuzzUnpackRefs feeds damaged data: it may fail, but neither panic nor take memory without bound.
func FuzzUnpackRefs(f *testing.F) {
	a := inventory.Asset{
		Identifiers: []inventory.Identifier{{Kind: inventory.ARN, Value: "arn:x"}, {Kind: "odd", Value: "y"}},
		Relations:   []inventory.Relation{{Kind: inventory.PartOf, Key: "z"}}, Origin: inventory.Origin{File: "f"},
	}
	f.Add(binary.AppendUvarint(appendRefs(nil, &a), 12))
	f.Add([]byte{})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Fuzz(func(t *testing.T, packed []byte) {
		var got, again inventory.Asset
		if unpackRefs(string(packed), &got) != nil {
			return
		}
		if err := unpackRefs(string(binary.AppendUvarint(appendRefs(nil, &got), uint64(got.Origin.Line))), &again); err != nil || !cmp.Equal(got, again) {
			t.Errorf("packing again gives %v, %v", again, err)
		}
	})
}

// FuzzEachMember feeds damaged documents.
func FuzzEachMember(f *testing.F) {
	f.Add(`{"a":1,"b":{"c":[true,"}"]}}`)
	f.Add(`{"a"`)
	f.Add(`{"a":"\`)
	f.Fuzz(func(t *testing.T, text string) {
		var want map[string]json.RawMessage
		valid := json.Unmarshal([]byte(text), &want) == nil
		n := 0
		err := eachMember(text, func(string, string) error { n++; return nil })
		var compact []byte
		if valid && want != nil {
			compact, _ = json.Marshal(want)
		}
		if valid && want != nil && text == string(compact) && (err != nil || n != len(want)) {
			t.Errorf("%s: %d members, %v", text, n, err)
		}
	})
}
