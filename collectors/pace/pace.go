// Package pace keeps calls of APIs to their quotas, with token buckets that give way when they are throttled all the same, since
// others use up the quota too. It knows no provider: what has a bucket of its own, and its quota, is told by its caller.
package pace

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
)

// Quota is what may be asked of a place: a sustained rate, and how many calls may be made at once.
type Quota struct {
	PerSecond float64
	Burst     int
}

// Buckets keeps a token bucket per place, as one account, region and service, which all that call there share. It is safe for
// concurrent use.
type Buckets[Place comparable] struct {
	quota   func(Place) Quota
	mu      sync.Mutex
	buckets map[Place]*Bucket
}

// New returns buckets that are made full when they are first asked for. quota must return the same for the same place.
func New[Place comparable](quota func(Place) Quota) *Buckets[Place] {
	return &Buckets[Place]{quota: quota, buckets: map[Place]*Bucket{}}
}

// Bucket returns the one of a place.
func (l *Buckets[Place]) Bucket(p Place) *Bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[p]
	if !ok {
		q := l.quota(p)
		b = &Bucket{quota: q, limiter: rate.NewLimiter(rate.Limit(q.PerSecond), q.Burst)}
		l.buckets[p] = b
	}
	return b
}

// Bucket adapts: a throttled call halves the rate, every call that goes through raises it by a little, up to the quota. It is safe for
// concurrent use.
type Bucket struct {
	quota   Quota
	limiter *rate.Limiter
	mu      sync.Mutex
}

const (
	slowest  = 0.5  // calls a second; or the quota, if that is less
	recovery = 0.05 // share of the quota by which a call that went through raises the rate
)

// Wait waits for the turn of a call. It fails if the context ends, or will have ended by then.
func (b *Bucket) Wait(ctx context.Context) error { return b.limiter.Wait(ctx) }

// Throttled says that a call was refused for its rate.
func (b *Bucket) Throttled() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limiter.SetLimit(max(rate.Limit(min(slowest, b.quota.PerSecond)), b.limiter.Limit()/2))
	b.limiter.SetBurst(1)
}

// Passed says that a call went through.
func (b *Bucket) Passed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	full := rate.Limit(b.quota.PerSecond)
	now := b.limiter.Limit()
	if now == full {
		return
	}
	if now += full * recovery; now >= full {
		now = full
		b.limiter.SetBurst(b.quota.Burst)
	}
	b.limiter.SetLimit(now)
}
