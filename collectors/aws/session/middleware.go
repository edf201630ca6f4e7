package session

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// ErrRefused says that an operation is not among those that may be sent.
var ErrRefused = errors.New("refused before it was sent: muster only reads")

// middlewares are those of every client of an account: nothing outside the allowed operations is serialised, signed or sent;
// every attempt waits for its turn, is bounded in time, and is counted.
func (s *Session) middlewares(account string) []func(*middleware.Stack) error {
	return []func(*middleware.Stack) error{
		// the last of its step: only then does the context name the operation in the SDK's older packages too
		func(stack *middleware.Stack) error { return stack.Initialize.Add(guard{s.allowed}, middleware.After) },
		func(stack *middleware.Stack) error {
			return stack.Finalize.Insert(meter{session: s, account: account}, "Retry", middleware.After)
		},
	}
}

// guard refuses what is not allowed.
type guard struct{ allowed map[operation]bool }

func (guard) ID() string { return "musterReadOnly" }

func (g guard) HandleInitialize(
	ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
) (middleware.InitializeOutput, middleware.Metadata, error) {
	op := operationOf(ctx)
	if !g.allowed[op] && !signIn(op) {
		return middleware.InitializeOutput{}, middleware.Metadata{}, fmt.Errorf("%s %s: %w", op.service, op.name, ErrRefused)
	}
	return next.HandleInitialize(ctx, in)
}

func operationOf(ctx context.Context) operation {
	return operation{awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx)}
}

// meter stands inside the retries, so that it sees every attempt.
type meter struct {
	session *Session
	account string
}

func (meter) ID() string { return "musterMeter" }

func (m meter) HandleFinalize(
	ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
) (middleware.FinalizeOutput, middleware.Metadata, error) {
	op := operationOf(ctx)
	bucket := m.session.limits.Bucket(place{m.account, awsmiddleware.GetRegion(ctx), op.service})
	if m.session.options.Play == nil && !m.session.options.NoBackoff {
		if err := bucket.Wait(ctx); err != nil {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, err
		}
	}
	countIn(ctx, op)
	ctx, cancel := context.WithTimeout(ctx, m.session.options.CallTimeout)
	defer cancel()
	out, meta, err := next.HandleFinalize(ctx, in)
	switch {
	case err == nil:
		bucket.Passed()
	case throttles(err):
		bucket.Throttled()
	}
	return out, meta, err
}

func throttles(err error) bool {
	return retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool()
}

// Counter counts calls by operation: "EC2:DescribeInstances". It is safe for concurrent use.
type Counter struct {
	mu    sync.Mutex
	calls map[string]int
}

// Calls returns the counts so far, and begins anew.
func (c *Counter) Calls() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := c.calls
	c.calls = nil
	return calls
}

func (c *Counter) add(op operation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calls == nil {
		c.calls = map[string]int{}
	}
	c.calls[op.service+":"+op.name]++
}

type counterKey struct{}

// Count returns a context whose calls are counted in the counter.
func Count(ctx context.Context, c *Counter) context.Context {
	return context.WithValue(ctx, counterKey{}, c)
}

func countIn(ctx context.Context, op operation) {
	if c, ok := ctx.Value(counterKey{}).(*Counter); ok {
		c.add(op)
	}
}
