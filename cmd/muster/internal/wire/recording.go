package wire

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/muster-audit/muster/cmd/muster/internal/config"
	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/collectors/tape"
)

// recording keeps what the sources of one scan answer, in a folder for each.
type recording struct {
	dir     string // empty: nothing is kept
	started time.Time
	tool    string
	key     []byte
	tapes   []*tape.Recorder
}

// add begins the recording of a source that asks an API. What is read from a recording is not recorded again.
func (r *recording) add(src config.Source, env *collectors.Env) error {
	if r.dir == "" || !src.Spec.Records || replays(src) != "" {
		return nil
	}
	dir := filepath.Join(r.dir, src.Name)
	t, err := tape.Create(dir, tape.Header{Recorded: r.started, HashKey: r.key, Tool: r.tool, Source: src.Name, Collector: src.Collector})
	if err != nil {
		return fmt.Errorf("record source %s: %w", src.Name, err)
	}
	r.tapes = append(r.tapes, t)
	env.Record, env.Now = t, func() time.Time { return r.started }
	return nil
}

// close ends all recordings. An error says that one is not whole.
func (r *recording) close() error {
	var errs []error
	for _, t := range r.tapes {
		if err := t.Close(); err != nil {
			errs = append(errs, fmt.Errorf("record: %w", err))
		}
	}
	r.tapes = nil
	return errors.Join(errs...)
}

func replays(src config.Source) string {
	if r, ok := src.Options.(collectors.Replayer); ok {
		return r.Replays()
	}
	return ""
}

// Clock returns the clock of a command: where sources are read from recordings, it starts at the time of the last one, so that what
// is judged by age is judged as it was then. A recording that cannot be opened is told by the scan that needs it.
func Clock(c *config.Config, now func() time.Time) func() time.Time {
	var recorded time.Time
	for _, src := range c.Sources {
		dir := replays(src)
		if dir == "" {
			continue
		}
		p, err := tape.Open(filepath.Join(c.Dir, dir))
		if err != nil {
			continue
		}
		if at := p.Header().Recorded; at.After(recorded) {
			recorded = at
		}
		_ = p.Close() // it was only read
	}
	if recorded.IsZero() {
		return now
	}
	began := now()
	return func() time.Time { return recorded.Add(now().Sub(began)) }
}
