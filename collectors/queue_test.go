package collectors_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// remote is a scripted collector whose scopes wait for what stands before the slash in their names.
type remote struct{ *scripted }

func (remote) Lane(s inventory.Scope) string {
	lane, _, _ := strings.Cut(s.ID, "/")
	return lane
}

func TestALaneThatHangsHoldsUpNobody(t *testing.T) {
	var names []string
	for i := range 50 {
		names = append(names, fmt.Sprintf("hangs/%02d", i))
	}
	for i := range 50 {
		names = append(names, fmt.Sprintf("works%d/%02d", i%5, i))
	}
	var now, most, read atomic.Int32
	others := make(chan struct{})
	c := remote{&scripted{scopes: names, collect: func(ctx context.Context, scope string, _ int, out collectors.Sink) error {
		for n, m := now.Add(1), most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		defer now.Add(-1)
		if !strings.HasPrefix(scope, "hangs") {
			if read.Add(1) == 50 {
				close(others)
			}
			return emit(out, 1)
		}
		select {
		case <-others: // all others are read, though this one stands before them
		case <-ctx.Done():
		}
		return ctx.Err()
	}}}
	r := testRunner(nil)
	r.Limit = 4
	res, err := r.Run(t.Context(), []collectors.Job{job("src", c)}, newMemoryScan())
	if err != nil || res.Sources[0].OK != 100 {
		t.Errorf("error %v, %+v", err, res.Sources[0])
	}
	if m := most.Load(); m > 16 {
		t.Errorf("%d at a time, with a limit of 4 for what waits for no network", m)
	}
}

func TestOneAtATimeIsForRemoteOnesToo(t *testing.T) {
	var now atomic.Int32
	c := remote{&scripted{scopes: []string{"a/1", "a/2", "b/1", "b/2"}, collect: func(_ context.Context, _ string, _ int, out collectors.Sink) error {
		defer now.Add(-1)
		if n := now.Add(1); n != 1 {
			return fmt.Errorf("%d at a time", n)
		}
		return emit(out, 1)
	}}}
	r := testRunner(nil)
	r.Limit = 1
	res, err := r.Run(t.Context(), []collectors.Job{job("src", c)}, newMemoryScan())
	if err != nil || res.Sources[0].OK != 4 {
		t.Errorf("error %v, %+v", err, res.Sources[0])
	}
}
