package session

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Pauses between attempts.
const (
	firstPause   = time.Second
	longestPause = 32 * time.Second
	mostPatience = 2 * time.Minute // that a server can ask for
)

// pause waits before another attempt, and reports whether to make it: not if the server asks for more patience than there is, nor if
// the time of the caller would be over by then, nor if it was broken off.
func (s *Session) pause(ctx context.Context, attempt int, asked time.Duration) bool {
	if asked > mostPatience {
		return false
	}
	if s.options.NoBackoff || s.options.Play != nil {
		return true
	}
	d := max(asked, backoff(attempt))
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return false
	}
	return s.sleep(ctx, d) == nil
}

// backoff doubles from attempt to attempt. Half of it is chance, so that clients that failed together do not come back together.
func backoff(attempt int) time.Duration {
	d := longestPause
	if attempt < 6 {
		d = min(d, firstPause<<(attempt-1))
	}
	return d/2 + rand.N(d/2)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// retryAfter reads for how long a response asks to wait: seconds, or a time, which is that of the server's own clock if it tells it.
func retryAfter(h http.Header, now func() time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		from = now()
	}
	return max(0, at.Sub(from))
}
