package listertest

import (
	"errors"
	"maps"
	"testing"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// refuseEach runs the lister again for each operation that it sent, with that one refused, and checks what must hold whatever is refused:
// somebody is told, nothing that was there is taken for gone, no tag and no attribute is taken for unset.
func refuseEach(t testing.TB, l *lister.Lister, answers Answers, whole *Outcome) {
	t.Helper()
	for _, op := range l.Operations {
		if !whole.called(op) {
			continue
		}
		changed := maps.Clone(answers)
		changed[op.Name] = Refuse("AccessDeniedException")
		o := run(t, l, changed)
		if o.Err == nil && len(o.Unread) == 0 {
			t.Errorf("%s: that %s is refused is told to nobody", l.Type, op.Name)
		}
		compare(t, l, op.Name, whole, o)
	}
}

func (o *Outcome) called(op lister.Operation) bool {
	for _, call := range o.Calls {
		if call == op.Service+":"+op.Name {
			return true
		}
	}
	return false
}

// Listed reports whether the listing was whole: whatever is not among the assets is not there.
func (o *Outcome) Listed() bool {
	if o.Err != nil {
		return false
	}
	keys := map[string]bool{}
	for _, a := range o.Assets {
		keys[a.Key] = true
	}
	for _, key := range o.unread {
		if !keys[key] {
			return false
		}
	}
	return true
}

func compare(t testing.TB, l *lister.Lister, op string, whole, part *Outcome) {
	t.Helper()
	found := map[string]inventory.Asset{}
	for _, a := range part.Assets {
		found[a.Key] = a
	}
	listed := part.Listed()
	for _, want := range whole.Assets {
		got, ok := found[want.Key]
		switch {
		case ok:
			compareAsset(t, op, want, got)
		case listed:
			t.Errorf("%s: with %s refused, %s is missing in a listing that passes for whole", l.Type, op, want.Key)
		}
	}
}

func compareAsset(t testing.TB, op string, want, got inventory.Asset) {
	t.Helper()
	if got.Tags.State() == inventory.Known && want.Tags.State() == inventory.Known && got.Tags.Len() != want.Tags.Len() {
		t.Errorf("%s: with %s refused, it has %d tags and not %d", got.Key, op, got.Tags.Len(), want.Tags.Len())
	}
	if got.Tags.State() == inventory.Known && want.Tags.State() == inventory.Unknown {
		t.Errorf("%s: with %s refused, its tags are known", got.Key, op)
	}
	for attr := range want.Attributes.All() {
		if v, ok := got.Attributes.Get(attr.Name); ok && v != attr.Value && v != inventory.Unread {
			t.Errorf("%s: with %s refused, %s is %s and not %s", got.Key, op, attr.Name, v, attr.Value)
		}
	}
}

var errEnough = errors.New("the sink has enough")

// stopEach runs the lister again for each asset that it handed over, with a sink that takes that one for its last. An error of the sink is
// none of the service, which could be passed over. A test with many assets is about something else.
func stopEach(t testing.TB, l *lister.Lister, answers Answers, whole *Outcome) {
	t.Helper()
	if whole.Err != nil || len(whole.Assets) > 10 {
		return
	}
	for n := range whole.Assets {
		o := &Outcome{}
		wire := &wire{answers: answers, calls: map[string]int{}}
		err := l.List(t.Context(), Target(l, wire), &sink{o: o, most: n + 1})
		if !errors.Is(err, errEnough) || len(o.Assets) != n+1 {
			t.Errorf("%s: the sink stopped it at asset %d, and it went on to %d with the error %v", l.Type, n+1, len(o.Assets), err)
		}
	}
}
