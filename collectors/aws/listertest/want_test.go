package listertest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/aws/lister"
	"github.com/muster-audit/muster/inventory"
)

// Fatalf notes the complaint; the test goes on.
func (c *complaints) Fatalf(format string, args ...any) { c.Errorf(format, args...) }

func queue() inventory.Asset {
	return inventory.Asset{
		Key: "arn:aws:sqs:eu-west-1:111122223333:a", Type: "AWS::SQS::Queue", Zone: "eu-west-1a", Lifecycle: inventory.LifecycleRetiring,
		Created: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Tags: inventory.TagsFromMap(map[string]string{"owner": "payments"}),
		Attributes: inventory.KnownAttributes(
			inventory.Attribute{Name: "QueueName", Value: inventory.StringValue("a")},
			inventory.Attribute{Name: "KmsMasterKeyId", Value: inventory.Unread},
		),
		Identifiers: []inventory.Identifier{{Kind: inventory.ResourceID, Value: "a"}},
		Relations:   []inventory.Relation{{Kind: inventory.PartOf, Key: "b"}, {Kind: inventory.AttachedTo, Key: "c"}},
	}
}

// TestWant: what the asset is passes, and whatever differs from it is found.
func TestWant(t *testing.T) {
	right := Want{
		Type: "AWS::SQS::Queue", Zone: "eu-west-1a", Lifecycle: inventory.LifecycleRetiring, Created: "2026-01-01T00:00:00Z",
		Tags: map[string]string{"owner": "payments"}, Attributes: map[string]string{"QueueName": `"a"`}, Unread: []string{"KmsMasterKeyId", "other"},
		Identifiers: []inventory.Identifier{ID(inventory.ResourceID, "a")}, Relations: []inventory.Relation{lister.To(inventory.AttachedTo, "c")},
	}
	for word, spoil := range map[string]func(*Want){
		"":             func(*Want) {},
		"type":         func(w *Want) { w.Type = "AWS::SNS::Topic" },
		"zone":         func(w *Want) { w.Zone = "eu-west-1b" },
		"lifecycle":    func(w *Want) { w.Lifecycle = inventory.LifecycleUnknown },
		"created":      func(w *Want) { w.Created = "2026-01-02T00:00:00Z" },
		"want map[]":   func(w *Want) { w.Tags = map[string]string{} },
		"tag owner":    func(w *Want) { w.Tags = map[string]string{"owner": "platform"} },
		"QueueName is": func(w *Want) { w.Attributes = map[string]string{"QueueName": `"b"`} },
		"KmsMaster":    func(w *Want) { w.Attributes = map[string]string{"KmsMasterKeyId": ""} },
		"though":       func(w *Want) { w.Unread = []string{"QueueName"} },
		"identifiers":  func(w *Want) { w.Identifiers = []inventory.Identifier{ID(inventory.UUID, "a")} },
		"relations":    func(w *Want) { w.Relations = []inventory.Relation{lister.To(inventory.PartOf, "c")} },
	} {
		wanted := right
		spoil(&wanted)
		found := &complaints{TB: t}
		wanted.Check(found, queue())
		expect(t, found, word)
	}
}

func TestChecks(t *testing.T) {
	a, bare, shut := queue(), queue(), queue()
	bare.Tags, shut.Tags = inventory.KnownTags(), inventory.Tags{}
	part, attached := lister.To(inventory.PartOf, "b"), lister.To(inventory.AttachedTo, "c")
	whole := &Outcome{Assets: []inventory.Asset{a}, Unread: []string{"b"}}
	for i, c := range []struct {
		check func(t testing.TB)
		want  string // what it complains of; empty is nothing
	}{
		{func(t testing.TB) {
			Texts(t, a, map[string]string{"QueueName": "a", "KmsMasterKeyId": "-", "other": "-"})
		}, ""},
		{func(t testing.TB) { Texts(t, a, map[string]string{"QueueName": "-"}) }, "QueueName is a"},
		{func(t testing.TB) { Unread(t, a, "KmsMasterKeyId") }, ""},
		{func(t testing.TB) { Unread(t, a, "QueueName") }, "QueueName is not marked"},
		{func(t testing.TB) { Unread(t, a, "other") }, "other is not marked"},
		{func(t testing.TB) { Tag(t, a, "owner", "payments") }, ""},
		{func(t testing.TB) { Tag(t, a, "owner", "platform") }, "tag owner"},
		{func(t testing.TB) { Tag(t, bare, "owner", "") }, "tag owner"},
		{func(t testing.TB) { Tags(t, bare, nil); Untagged(t, bare); UnknownTags(t, shut) }, ""},
		{func(t testing.TB) { Untagged(t, a) }, "tags"},
		{func(t testing.TB) { Untagged(t, shut) }, "tags"},
		{func(t testing.TB) { UnknownTags(t, bare) }, "though nobody"},
		{func(t testing.TB) { Relations(t, a, inventory.SortRelations([]inventory.Relation{part, attached})...) }, ""},
		{func(t testing.TB) { Relations(t, a, part) }, "relations"},
		{func(t testing.TB) { Nowhere(t, a, "hunter") }, ""},
		{func(t testing.TB) { Nowhere(t, a, "payments") }, "holds"},
		{func(t testing.TB) { Counts(t, whole, 1, 1) }, ""},
		{func(t testing.TB) { Counts(t, whole, 2, 1) }, "1 assets"},
		{func(t testing.TB) { Counts(t, whole, 1, 0) }, "unread [b]"},
		{func(t testing.TB) { Counts(t, &Outcome{Err: errEnough}, 0, 0) }, "error"},
	} {
		found := &complaints{TB: t}
		c.check(found)
		t.Run(fmt.Sprint(i), func(t *testing.T) { expect(t, found, c.want) })
	}
}

// TestRefusedIsFound: a lister that takes a refusal for an empty list is found.
func TestRefusedIsFound(t *testing.T) {
	l := queues(func(out lister.Out, a *inventory.Asset, err error) error { return out.Unread(a.Key, err) })
	found := &complaints{TB: t}
	Refused(found, []lister.Lister{*l})
	expect(t, found, "")
	l.List = func(context.Context, *lister.Target, lister.Out) error { return nil }
	Refused(found, []lister.Lister{*l})
	expect(t, found, "error <nil>, 0 assets")
}

// TestKeyThatIsHalfAnARN: such a key would name nothing, and match no pattern of the lister's.
func TestKeyThatIsHalfAnARN(t *testing.T) {
	l := queues(func(out lister.Out, a *inventory.Asset, err error) error { return out.Unread(a.Key, err) })
	found := &complaints{TB: t}
	Run(found, l, Answers{
		"ListQueues":    Bodies(`{"QueueUrls":["https://sqs.eu-west-1.amazonaws.com/111122223333/"]}`),
		"ListQueueTags": Bodies(`{"Tags":{}}`),
	})
	expect(t, found, "lacks a part")
}

func expect(t *testing.T, found *complaints, word string) {
	t.Helper()
	all := strings.Join(found.list, "\n")
	if word == "" && all != "" || !strings.Contains(all, word) {
		t.Errorf("complained of %q, want %q", all, word)
	}
}
