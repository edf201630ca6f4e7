package session

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
)

// limits keeps a token bucket per account, region and service, which all scopes that call there share.
type limits struct {
	mu      sync.Mutex
	buckets map[place]*bucket
}

type place struct{ account, region, service string }

func newLimits() *limits { return &limits{buckets: map[place]*bucket{}} }

func (l *limits) bucket(p place) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := l.buckets[p]
	if !ok {
		q := quotaOf(p.service)
		b = &bucket{quota: q, limiter: rate.NewLimiter(rate.Limit(q.perSecond), q.burst)}
		l.buckets[p] = b
	}
	return b
}

// bucket adapts: a throttled call halves the rate, every call that goes through raises it by a little, up to the quota.
type bucket struct {
	quota   quota
	limiter *rate.Limiter
	mu      sync.Mutex
}

const (
	slowest  = 0.5  // calls a second
	recovery = 0.05 // share of the quota by which a call that went through raises the rate
)

func (b *bucket) wait(ctx context.Context) error { return b.limiter.Wait(ctx) }

func (b *bucket) throttled() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limiter.SetLimit(max(slowest, b.limiter.Limit()/2))
	b.limiter.SetBurst(1)
}

func (b *bucket) passed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	full := rate.Limit(b.quota.perSecond)
	now := b.limiter.Limit()
	if now == full {
		return
	}
	if now += full * recovery; now >= full {
		now = full
		b.limiter.SetBurst(b.quota.burst)
	}
	b.limiter.SetLimit(now)
}

// quota is what an account may ask of a service in a region: a sustained rate, and how many calls it may make at once.
type quota struct {
	perSecond float64
	burst     int
}

// quotaOf returns the quota of a service, by the id that its SDK package gives it: what AWS publishes for calls that read, or
// less, since others use the account too. Sources: "Request throttling for the Amazon EC2 API" (100 tokens, 20 a second); "IAM
// and STS quotas"; the quota pages of Route 53, CloudFront and WAF (5 a second), of Lambda (15 a second for calls that read the
// configuration), and of Kinesis (5 a second).
func quotaOf(service string) quota {
	switch service {
	case "EC2":
		return quota{20, 100}
	case "IAM":
		return quota{15, 30}
	case "Lambda":
		return quota{15, 15}
	case "Route 53", "CloudFront", "WAFV2", "Kinesis":
		return quota{5, 5}
	case "Organizations":
		return quota{5, 10}
	case "Resource Groups Tagging API":
		return quota{10, 10}
	case "S3", "DynamoDB", "SQS", "STS":
		return quota{50, 100}
	}
	return quota{15, 40}
}
