package database

import (
	"testing"

	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

// xml wraps the members of an answer as the older services do.
func xml(operation, members string) string {
	return "<" + operation + "Response><" + operation + "Result>" + members + "</" + operation + "Result></" + operation + "Response>"
}

func run(t *testing.T, typ inventory.Type, answers listertest.Answers) *listertest.Outcome {
	t.Helper()
	return listertest.Run(t, listertest.Find(t, Listers(), typ), answers)
}

// want is what a test expects of an asset; what is empty is not checked.
type want struct {
	typ         inventory.Type
	attributes  map[string]string
	unread      []string
	tags        map[string]string
	identifiers []inventory.Identifier
	relations   []inventory.Relation
	lifecycle   inventory.Lifecycle
	created     string
	zone        string
}

func (w want) check(t *testing.T, a inventory.Asset) {
	t.Helper()
	if w.typ != "" && a.Type != w.typ {
		t.Errorf("%s: type %s, want %s", a.Key, a.Type, w.typ)
	}
	if a.Lifecycle != w.lifecycle {
		t.Errorf("%s: lifecycle %q, want %q", a.Key, a.Lifecycle, w.lifecycle)
	}
	if w.created != "" && a.Created.Format("2006-01-02T15:04:05Z") != w.created {
		t.Errorf("%s: created %s, want %s", a.Key, a.Created, w.created)
	}
	if w.zone != "" && a.Zone != w.zone {
		t.Errorf("%s: zone %q, want %q", a.Key, a.Zone, w.zone)
	}
	w.checkAttributes(t, a)
	w.checkTags(t, a)
	w.checkLists(t, a)
}

func (w want) checkAttributes(t *testing.T, a inventory.Asset) {
	t.Helper()
	for name, text := range w.attributes {
		if v, ok := a.Attributes.Get(name); !ok || string(v) != text {
			t.Errorf("%s: %s is %s, want %s", a.Key, name, v, text)
		}
	}
	for _, name := range w.unread {
		if v, ok := a.Attributes.Get(name); ok {
			t.Errorf("%s: %s is %s, though nobody could read it", a.Key, name, v)
		}
	}
}

func (w want) checkTags(t *testing.T, a inventory.Asset) {
	t.Helper()
	if w.tags == nil {
		return
	}
	if a.Tags.State() != inventory.Known || a.Tags.Len() != len(w.tags) {
		t.Errorf("%s: tags %v, want %v", a.Key, a.Tags, w.tags)
	}
	for key, value := range w.tags {
		if tag, ok := a.Tags.Get(key); !ok || tag.Value != value {
			t.Errorf("%s: tags %v, want %s=%s", a.Key, a.Tags, key, value)
		}
	}
}

func (w want) checkLists(t *testing.T, a inventory.Asset) {
	t.Helper()
	for _, id := range w.identifiers {
		found := false
		for _, have := range a.Identifiers {
			found = found || have == id
		}
		if !found {
			t.Errorf("%s: identifiers %v, want %v", a.Key, a.Identifiers, id)
		}
	}
	for _, r := range w.relations {
		found := false
		for _, have := range a.Relations {
			found = found || have == r
		}
		if !found {
			t.Errorf("%s: relations %v, want %v", a.Key, a.Relations, r)
		}
	}
}

func is(kind inventory.IdentifierKind, value string) inventory.Identifier {
	return inventory.Identifier{Kind: kind, Value: value}
}

func to(kind inventory.RelationKind, key string) inventory.Relation {
	return inventory.Relation{Kind: kind, Key: key}
}

// counts fails the test unless so many assets were handed over and so many things told as unread.
func counts(t *testing.T, o *listertest.Outcome, assets, unread int) {
	t.Helper()
	if o.Err != nil || len(o.Assets) != assets || len(o.Unread) != unread {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
}

func unknownTags(t *testing.T, a inventory.Asset) {
	t.Helper()
	if a.Tags.State() != inventory.Unknown {
		t.Errorf("%s: tags are %s, though nobody could read them", a.Key, a.Tags.State())
	}
}

// TestRefusedListings: a listing that is refused is an error and yields nothing, whatever the service.
func TestRefusedListings(t *testing.T) {
	for _, l := range Listers() {
		o := listertest.Run(t, &l, listertest.Answers{l.Operations[0].Name: listertest.Refuse("AccessDenied")})
		if o.Err == nil || len(o.Assets) != 0 {
			t.Errorf("%s: error %v, %d assets", l.Type, o.Err, len(o.Assets))
		}
	}
}
