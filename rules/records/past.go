package records

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/muster-audit/muster/inventory"
	"github.com/muster-audit/muster/inventory/link"
)

// Past tells when the things of rows were last observed that are observed no more. It reads the store when it is first asked, and
// links the rows with what ended as Build links what is there. It is safe for concurrent use.
type Past struct {
	// Rows yields the rows of registers, and Ended what observed sources held up to the scan at hand, with the start of the last scan that
	// held it. An id may come more than once among the ended.
	Rows  func(context.Context) iter.Seq2[inventory.Identity, error]
	Ended func(context.Context) iter.Seq2[inventory.Ended, error]

	once  sync.Once
	links *link.Result
	last  map[int64]time.Time // entity of links -> when it was last observed
	err   error
}

// pastAnswer says when a thing was last observed.
type pastAnswer struct {
	asked, unclear bool
	last           time.Time // zero: never
}

// clause is how the answer ends a sentence.
func (a pastAnswer) clause() string {
	switch {
	case !a.asked:
		return ""
	case !a.last.IsZero():
		return "; it was last observed " + stamp(a.last)
	case a.unclear:
		return "; whether it ever was cannot be told, since others shared its identifier"
	}
	return "; no scan ever observed it"
}

// of returns when what the rows speak of was last observed.
func (p *Past) of(ctx context.Context, rows []*inventory.Entry) (pastAnswer, error) {
	if p == nil {
		return pastAnswer{}, nil
	}
	p.once.Do(func() { p.err = p.read(context.WithoutCancel(ctx)) })
	answer := pastAnswer{asked: true}
	if p.err != nil || p.links == nil {
		return answer, p.err
	}
	for _, row := range rows {
		entity, ok := p.links.EntityOf(row.ID)
		if at := p.last[entity]; ok && at.After(answer.last) {
			answer.last = at
		}
		answer.unclear = answer.unclear || p.links.Undecided(row.ID).Has(inventory.Observed)
	}
	return answer, nil
}

func (p *Past) read(ctx context.Context) error {
	seen := map[int64]time.Time{}
	var list []inventory.Identity
	for e, err := range p.Ended(ctx) {
		if err != nil {
			return fmt.Errorf("read what was observed: %w", err)
		}
		at, again := seen[e.ID]
		if !again {
			list = append(list, e.Identity)
		}
		if !again || e.LastSeen.After(at) {
			seen[e.ID] = e.LastSeen
		}
	}
	if len(list) == 0 {
		return nil
	}
	var err error
	p.links, err = link.Build(ctx, func(yield func(inventory.Identity, error) bool) {
		for _, id := range list {
			if !yield(id, nil) {
				return
			}
		}
		for id, err := range p.Rows(ctx) {
			if (err != nil || id.Book == inventory.Recorded) && !yield(id, err) {
				return
			}
		}
	})
	if err != nil {
		return fmt.Errorf("link what was observed: %w", err)
	}
	p.last = map[int64]time.Time{}
	for id, at := range seen {
		if entity, ok := p.links.EntityOf(id); ok && at.After(p.last[entity]) {
			p.last[entity] = at
		}
	}
	return nil
}
