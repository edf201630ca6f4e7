package remote

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// dripping is a body that gives a byte now and then, until its server falls silent.
type dripping struct {
	ctx   context.Context //nolint:containedctx // it is that of the request
	bytes int
	pause time.Duration
}

func (d *dripping) Read(p []byte) (int, error) {
	if d.bytes == 0 {
		<-d.ctx.Done()
		return 0, d.ctx.Err()
	}
	time.Sleep(d.pause)
	d.bytes--
	p[0] = 'x'
	return 1, nil
}

func (*dripping) Close() error { return nil }

// TestSilence holds that a server is given up for its silence, and neither for being slow nor for a reader that takes its time.
func TestSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		w := watch(&dripping{ctx: ctx, bytes: 5, pause: silence - time.Second}, cancel)
		start, buffer := time.Now(), make([]byte, 1)
		for range 5 {
			if _, err := w.Read(buffer); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * silence)
		}
		before := time.Since(start)
		if _, err := w.Read(buffer); err == nil || !strings.Contains(err.Error(), "the server sent nothing for 1m0s") {
			t.Error(err)
		}
		if waited := time.Since(start) - before; waited != silence {
			t.Errorf("waited %s", waited)
		}
		if err := w.Close(); err != nil || ctx.Err() == nil {
			t.Errorf("closed with %v, the request goes on: %v", err, ctx.Err() == nil)
		}
	})
}
