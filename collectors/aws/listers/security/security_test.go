package security

import (
	"context"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/collectors/aws/listertest"
	"github.com/muster-audit/muster/inventory"
)

// run lists with the lister of a type as change made it: for another option, region, or with the tags that the list call gives alone.
func run(t *testing.T, typ inventory.Type, answers listertest.Answers, change ...func(*lister.Lister)) *listertest.Outcome {
	t.Helper()
	l := *listertest.Find(t, Listers(), typ)
	for _, c := range change {
		c(&l)
	}
	return listertest.Run(t, &l, answers)
}

// onTarget changes what the lister is given.
func onTarget(change func(*lister.Target)) func(*lister.Lister) {
	return func(l *lister.Lister) {
		list := l.List
		l.List = func(ctx context.Context, t *lister.Target, out lister.Out) error {
			change(t)
			return list(ctx, t, out)
		}
	}
}

// singly does without the authorization details.
func singly() func(*lister.Lister) {
	return onTarget(func(t *lister.Target) { t.Options.AuthorizationDetails = false })
}

// inline keeps the tags that the list call gave, as the collector does.
func inline(l *lister.Lister) { l.ReadTags = nil }

func wantAttributes(t *testing.T, a inventory.Asset, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if v, ok := a.Attributes.Get(name); !ok || string(v) != text {
			t.Errorf("%s: %s is %s, want %s", a.Key, name, v, text)
		}
	}
}

// wantUnread checks attributes that must not pass for known.
func wantUnread(t *testing.T, a inventory.Asset, names ...string) {
	t.Helper()
	for _, name := range names {
		if v, _ := a.Attributes.Get(name); v.IsRead() {
			t.Errorf("%s: %s is %s, though nobody could read it", a.Key, name, v)
		}
	}
}

func wantTag(t *testing.T, a inventory.Asset, key, value string) {
	t.Helper()
	if tag, ok := a.Tags.Get(key); !ok || tag.Value != value {
		t.Errorf("%s: tags %v, want %s=%s", a.Key, a.Tags, key, value)
	}
}

func wantTags(t *testing.T, a inventory.Asset, state inventory.Knowledge) {
	t.Helper()
	if a.Tags.State() != state || a.Tags.Len() != 0 {
		t.Errorf("%s: tags are %s: %v, want none and %s", a.Key, a.Tags.State(), a.Tags, state)
	}
}

func wantIdentifier(t *testing.T, a inventory.Asset, kind inventory.IdentifierKind, value string) {
	t.Helper()
	for _, id := range a.Identifiers {
		if id.Kind == kind && id.Value == value {
			return
		}
	}
	t.Errorf("%s: identifiers %v, want %s %s", a.Key, a.Identifiers, kind, value)
}

// wantCounts checks how many assets there are and how many things were told as unread.
func wantCounts(t *testing.T, o *listertest.Outcome, assets, unread int) {
	t.Helper()
	if o.Err != nil || len(o.Assets) != assets || len(o.Unread) != unread {
		t.Fatalf("error %v, %d assets, unread %v", o.Err, len(o.Assets), o.Unread)
	}
}
