package pace

import (
	"context"
	"testing"
	"time"

	"golang.org/x/time/rate"
	"pgregory.net/rapid"
)

// TestBucketAdapts holds that being throttled halves the rate down to the slowest one, and that calls that go through bring it back.
func TestBucketAdapts(t *testing.T) {
	l := New(func(string) Quota { return Quota{PerSecond: 8, Burst: 16} })
	b := l.Bucket("a")
	for i, want := range []rate.Limit{4, 2, 1, 0.5, 0.5} {
		b.Throttled()
		if got := b.limiter.Limit(); got != want || b.limiter.Burst() != 1 {
			t.Errorf("throttled %d times: %v a second, %d at once, want %v and 1", i+1, got, b.limiter.Burst(), want)
		}
	}
	b.Passed()
	if got := b.limiter.Limit(); got != 0.9 || b.limiter.Burst() != 1 {
		t.Errorf("one went through: %v a second, %d at once, want 0.9 and 1", got, b.limiter.Burst())
	}
	for range 20 {
		b.Passed()
	}
	if got := b.limiter.Limit(); got != 8 || b.limiter.Burst() != 16 {
		t.Errorf("all go through: %v a second, %d at once, want the quota", got, b.limiter.Burst())
	}
}

// TestBucketsAreShared holds that a place has one bucket, and another place another.
func TestBucketsAreShared(t *testing.T) {
	l := New(func(p string) Quota { return Quota{PerSecond: float64(len(p)), Burst: 9} })
	l.Bucket("a").Throttled()
	if got := l.Bucket("a").limiter.Burst(); got != 1 {
		t.Errorf("a place has two buckets: %d calls at once", got)
	}
	if got := l.Bucket("bb").limiter.Limit(); got != 2 {
		t.Errorf("throttling one place made another one slow: %v a second", got)
	}
}

// TestWaitEnds holds that a turn that comes too late is not waited for.
func TestWaitEnds(t *testing.T) {
	b := New(func(string) Quota { return Quota{PerSecond: 0.001, Burst: 1} }).Bucket("a")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := b.Wait(ctx); err != nil {
		t.Errorf("the first call had to wait: %v", err)
	}
	if err := b.Wait(ctx); err == nil {
		t.Error("a call was made before its turn")
	}
}

// TestBucketStaysWithinQuota holds that no sequence of answers leads out of the quota, or to a standstill.
func TestBucketStaysWithinQuota(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Quota{PerSecond: rapid.Float64Range(0.1, 100).Draw(t, "rate"), Burst: rapid.IntRange(1, 200).Draw(t, "burst")}
		b := New(func(int) Quota { return q }).Bucket(0)
		for _, throttled := range rapid.SliceOf(rapid.Bool()).Draw(t, "throttled") {
			if throttled {
				b.Throttled()
			} else {
				b.Passed()
			}
			if now := float64(b.limiter.Limit()); now > q.PerSecond || now < min(slowest, q.PerSecond) || b.limiter.Burst() > q.Burst {
				t.Fatalf("%v a second, %d at once, the quota is %v", now, b.limiter.Burst(), q)
			}
		}
	})
}
