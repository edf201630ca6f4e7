package gcp

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/muster-audit/muster/collectors/gcp/gcptest"
	"github.com/muster-audit/muster/collectors/gcp/session"
	"github.com/muster-audit/muster/inventory"
)

type fault struct {
	answer gcptest.Answer
	reason inventory.RunReason
}

// faults are the ways in which a call can fail, and why its scope is then not read whole.
func faults() map[string]fault {
	return map[string]fault{
		"denied":       {gcptest.Denied("x.y.list", "projects/acme-prod"), inventory.ReasonDenied},
		"denied too":   {gcptest.DeniedLegacy("x.y.list", "projects/acme-prod"), inventory.ReasonDenied},
		"perimeter":    {gcptest.Perimeter(), inventory.ReasonDenied},
		"narrow scope": {gcptest.NarrowScope(computeService), inventory.ReasonDenied},
		"elsewhere":    {gcptest.Disabled(computeService, "999"), inventory.ReasonNotEnabled},
		"throttled":    {gcptest.RateLimited(computeService, "101"), inventory.ReasonThrottled},
		"rate":         {gcptest.RateLimitedLegacy("rateLimitExceeded"), inventory.ReasonThrottled},
		"broken":       {gcptest.Broken(), inventory.ReasonError},
		"unavailable":  {gcptest.Unavailable(1), inventory.ReasonError},
		"not there":    {gcptest.NotFound("projects/acme-prod"), inventory.ReasonError},
		"no method":    {gcptest.NoMethod(), inventory.ReasonError},
		"proxy":        {gcptest.Page(403, "Forbidden"), inventory.ReasonError},
		"proxy's page": {gcptest.Page(200, "Sign in"), inventory.ReasonError},
		"garbage":      {gcptest.Answer{Body: `{"results": [`}, inventory.ReasonError},
		"expired":      {gcptest.Unauthenticated(), inventory.ReasonExpired},
		"cut":          {gcptest.Answer{Body: `{"results": [`, Cut: true}, inventory.ReasonError},
		"hangs":        {gcptest.Answer{Hang: true}, inventory.ReasonTimeout},
	}
}

// TestEveryFaultAtEveryCall lets each call of a scan fail in each way. Whatever was read is as it is in a whole reading, the scope says
// why it is not whole and is not skipped, and the scope beside it is read as if nothing were.
func TestEveryFaultAtEveryCall(t *testing.T) {
	e := newEstate(t)
	e.perPage = 3
	c := newTest(t, e, Options{Organization: "1"})
	scopes := scopesOf(t, c)
	patient := c.session
	hasty := session.New(session.Options{Endpoint: e.URL, Attempts: 2, NoBackoff: true, CallTimeout: 50 * time.Millisecond})
	const machines, indexed = "projects/acme-prod/compute", "organizations/1/resources"
	for id, other := range map[string]string{machines: indexed, indexed: machines} {
		e.Calls()
		whole := read(t.Context(), c, scopes[id])
		calls := e.Calls()
		beside := read(t.Context(), c, scopes[other])
		for i, name := range slices.Sorted(maps.Keys(faults())) {
			f := faults()[name]
			for n := range calls {
				if id == machines && n > 1 && (f.answer.Hang || (n+i)%len(faults()) != 0) { // its lists are all called in one way
					continue
				}
				t.Run(fmt.Sprintf("%s/%s/%d", id, name, n), func(t *testing.T) {
					c.session = patient
					if f.answer.Hang {
						c.session = hasty
					}
					e.failAt(n, f.answer)
					r := read(t.Context(), c, scopes[id])
					e.Intrude(nil)
					judge(t, r, whole, f.reason)
					c.session = patient
					if n > 0 {
						return
					}
					if o := read(t.Context(), c, scopes[other]); o.err != nil || len(o.assets) != len(beside.assets) {
						t.Errorf("the other scope: %v, %d assets", o.err, len(o.assets))
					}
				})
			}
		}
	}
}

// failAt fails the n-th different call from now on, each time that it is tried. Calls of one scope come one after the other.
func (e *estate) failAt(n int, a gcptest.Answer) {
	var mu sync.Mutex
	count, last := -1, ""
	e.Intrude(func(c gcptest.Call) *gcptest.Answer {
		mu.Lock()
		defer mu.Unlock()
		if call := c.Path + "?" + c.Query.Encode(); call != last {
			last = call
			count++
		}
		if count == n {
			return &a
		}
		return nil
	})
}

// judge holds a reading against the whole one: nothing may be wrong in it, and what it lacks must be told.
func judge(t *testing.T, r, whole *reading, reason inventory.RunReason) {
	t.Helper()
	for key, a := range r.assets {
		w, ok := whole.assets[key]
		if !ok {
			t.Errorf("%s is not there", key)
			continue
		}
		if string(inventory.EncodeAsset(&a)) != string(inventory.EncodeAsset(&w)) {
			t.Errorf("%s differs", key)
		}
	}
	switch {
	case r.err == nil:
		t.Error("a call failed and nobody says so")
	case r.reason() != reason:
		t.Errorf("reason %s (%v), want %s", r.reason(), r.err, reason)
	case skips(r.err), r.reason().Skips():
		t.Errorf("skipped, as if there were nothing: %v", r.err)
	}
}
