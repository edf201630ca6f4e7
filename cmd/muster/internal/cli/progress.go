package cli

import (
	"fmt"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/muster-audit/muster/collectors"
	"github.com/muster-audit/muster/inventory"
)

// newProgress returns a bar per source on standard error, or nil where that is no terminal.
func newProgress(g *globals) collectors.Progress {
	if g.quiet || g.sys.Terminal(g.sys.Stderr()) == 0 {
		return nil
	}
	return &bars{
		all:     mpb.New(mpb.WithOutput(g.sys.Stderr()), mpb.WithWidth(32)),
		sources: map[string]*bar{},
	}
}

type bars struct {
	all     *mpb.Progress
	mu      sync.Mutex
	sources map[string]*bar
}

type bar struct {
	*mpb.Bar
	assets int
}

// Planned begins the bar of a source: one step per scope.
func (b *bars) Planned(src inventory.Source, scopes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := &bar{}
	own.Bar = b.all.AddBar(int64(scopes),
		mpb.PrependDecorators(decor.Name(src.Name, decor.WCSyncSpaceR), decor.CountersNoUnit("%d / %d scopes", decor.WCSyncSpace)),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			b.mu.Lock()
			defer b.mu.Unlock()
			return fmt.Sprintf("%d assets", own.assets)
		}), decor.Elapsed(decor.ET_STYLE_GO, decor.WCSyncSpace)),
	)
	b.sources[src.Name] = own
}

// ScopeStarted does nothing: a bar counts what is done.
func (b *bars) ScopeStarted(inventory.Source, string) {}

// Assets adds to the count beside the bar.
func (b *bars) Assets(src inventory.Source, n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if own := b.sources[src.Name]; own != nil {
		own.assets += n
	}
}

// ScopeDone moves the bar on.
func (b *bars) ScopeDone(src inventory.Source, _ inventory.ScopeRun) {
	b.mu.Lock()
	own := b.sources[src.Name]
	b.mu.Unlock()
	if own != nil {
		own.Increment()
	}
}

// Close lets unfinished bars stand as they are and gives the terminal back.
func (b *bars) Close() {
	for _, own := range b.sources {
		own.Abort(false)
	}
	b.all.Wait()
}
