package activity

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"unicode"
)

// FuzzRead: whatever a log holds, reading ends with a *Problem or none, and what is told is fit to be shown.
func FuzzRead(f *testing.F) {
	good := trail("ModifyInstanceAttribute", "ec2", request(m{"instanceId": "i-0abc"}))
	f.Add([]byte(records(good)))
	f.Add([]byte(text([]any{good, entry("v1.compute.instances.delete", "projects/acme/zones/z/instances/web", nil)})))
	f.Add([]byte(text(m{"Events": []any{m{"CloudTrailEvent": text(good)}}})))
	f.Add([]byte(`{"eventTime":"2026-11-22T10:03:04Z","eventName":"CreateTags","eventSource":"ec2.amazonaws.com","requestParameters":{"a":[[1],{"b":null}]}}`))
	f.Add([]byte("\xef\xbb\xbf{}"))
	f.Fuzz(func(t *testing.T, log []byte) {
		s := NewSearch([]Target{
			instance(Changed, "InstanceType", "tags.a"), instance(Made), instance(Deleted),
			{Deed: Deleted, Type: "compute.googleapis.com/Instance", Names: []string{"//compute.googleapis.com/projects/acme/zones/z/instances/web"}},
		})
		err := s.Read(context.Background(), bytes.NewReader(log))
		var p *Problem
		if err != nil && !errors.As(err, &p) {
			t.Fatalf("%T", err)
		}
		for i := range s.targets {
			who, ok := s.Found(i)
			if !ok {
				continue
			}
			bad := func(r rune) bool { return !unicode.IsPrint(r) }
			if who.Actor == "" || who.Action == "" || strings.ContainsFunc(who.Actor+who.Action+who.Via, bad) || who.At.IsZero() {
				t.Fatalf("%+v", who)
			}
		}
	})
}
