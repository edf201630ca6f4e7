package collectortest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// recorder is a sink that keeps what it is given.
type recorder struct {
	scope    inventory.Scope
	assets   []inventory.Asset
	problems []inventory.Problem
	facts    []collectors.Facts
	err      error // what Collect returned
	// onAsset is called before an asset is kept; its error is the sink's.
	onAsset func(n int) error
	refused bool
	late    int // assets that came after the sink's error
}

var _ collectors.Sink = (*recorder)(nil)

// Asset keeps the asset.
func (r *recorder) Asset(a inventory.Asset) error {
	if r.refused {
		r.late++
		return errSink
	}
	if r.onAsset != nil {
		if err := r.onAsset(len(r.assets)); err != nil {
			r.refused = true
			return err
		}
	}
	r.assets = append(r.assets, a)
	return nil
}

// Skip keeps the problem.
func (r *recorder) Skip(p inventory.Problem) { r.problems = append(r.problems, p) }

// Note keeps the facts.
func (r *recorder) Note(f collectors.Facts) { r.facts = append(r.facts, f) }

// counter is a sink that keeps nothing.
type counter struct {
	seen int
	each func(seen int)
}

// Asset counts.
func (c *counter) Asset(inventory.Asset) error {
	c.seen++
	c.each(c.seen)
	return nil
}

// Skip drops the problem.
func (c *counter) Skip(inventory.Problem) {}

// Note drops the facts.
func (c *counter) Note(collectors.Facts) {}

// whole reports whether the run would end assets: no error, and no record lost.
func (r *recorder) whole() bool { return r.err == nil && len(r.problems) == 0 }

var errSink = errors.New("the sink is full")

// collect reads every scope of the folder.
func (c *Config) collect(t *testing.T, dir string) []*recorder {
	t.Helper()
	made := c.collector(t, dir)
	var runs []*recorder
	for _, s := range scopes(t, made) {
		r := &recorder{scope: s}
		r.err = made.Collect(t.Context(), s, r)
		runs = append(runs, r)
	}
	return runs
}

// scopes lists the scopes, each taken through JSON, as if another process had planned it.
func scopes(t *testing.T, made collectors.Collector) []inventory.Scope {
	t.Helper()
	list, err := made.Scopes(t.Context())
	if err != nil {
		t.Fatalf("list scopes: %v", err)
	}
	text, err := json.Marshal(list)
	if err != nil {
		t.Fatalf("encode scopes: %v", err)
	}
	var back []inventory.Scope
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatalf("decode scopes: %v", err)
	}
	return back
}

// transcript writes down everything that runs yielded, one JSON object a line.
func transcript(t *testing.T, dir string, runs []*recorder) []byte {
	t.Helper()
	var b bytes.Buffer
	line := func(name string, v any) {
		text, err := json.Marshal(map[string]any{name: v})
		if err != nil {
			t.Fatalf("encode %s: %v", name, err)
		}
		b.Write(append(text, '\n'))
	}
	for _, r := range runs {
		line("scope", r.scope)
		for i := range r.assets {
			line("asset", json.RawMessage(inventory.EncodeAsset(&r.assets[i])))
		}
		for _, p := range r.problems {
			line("problem", p)
		}
		for _, f := range r.facts {
			line("facts", f)
		}
		if r.err != nil {
			line("error", describe(r.err))
		}
	}
	return bytes.ReplaceAll(b.Bytes(), []byte(dir), []byte("DIR"))
}

func describe(err error) string {
	var e *collectors.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("%s: %v", e.Reason, err)
	}
	return err.Error()
}

// contents lists the assets of all runs as text, sorted, without the lines that they stand in.
func contents(runs []*recorder) []string {
	var all []string
	for _, r := range runs {
		for _, a := range r.assets {
			a.Origin.Line = 0
			all = append(all, r.scope.ID+" "+string(inventory.EncodeAsset(&a)))
		}
	}
	slices.SortFunc(all, strings.Compare)
	return all
}

func count(runs []*recorder) int {
	n := 0
	for _, r := range runs {
		n += len(r.assets)
	}
	return n
}

// run collects one scope with a context and a function that is called before each asset.
func run(ctx context.Context, made collectors.Collector, s inventory.Scope, onAsset func(n int) error) *recorder {
	r := &recorder{scope: s, onAsset: onAsset}
	r.err = made.Collect(ctx, s, r)
	return r
}
