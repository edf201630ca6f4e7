package collectors

import (
	"slices"
	"sync"

	"github.com/muster-audit/muster/inventory"
)

// Remote is what a collector is besides whose scopes wait for a network most of the time.
type Remote interface {
	// Lane names what a scope waits for, as one service in one region. Only a part of what is read at a time is of one lane, so that a
	// service that hangs does not hold up the others.
	Lane(s inventory.Scope) string
}

const (
	// remoteFactor is how many more scopes that wait for a network are read at a time than scopes that keep the machine busy.
	remoteFactor = 4
	// laneShare is the part of the scopes read at a time that one lane may have.
	laneShare = 4
)

// queue hands out scopes in their order, except that those whose lane is full let others pass.
type queue struct {
	mu      sync.Mutex
	freed   *sync.Cond
	waiting []inventory.Scope
	lane    func(inventory.Scope) string // nil if there are no lanes
	busy    map[string]int
	most    int // scopes of one lane at a time
}

func newQueue(job Job, scopes []inventory.Scope, limit int) *queue {
	q := &queue{waiting: slices.Clone(scopes), busy: map[string]int{}, most: max(1, limit/laneShare)}
	q.freed = sync.NewCond(&q.mu)
	if r, ok := job.Collector.(Remote); ok {
		q.lane = r.Lane
	}
	return q
}

// next waits for a scope that may be read now; false if there are no more.
func (q *queue) next() (inventory.Scope, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) > 0 {
		if i := slices.IndexFunc(q.waiting, q.free); i >= 0 {
			sc := q.waiting[i]
			copy(q.waiting[1:i+1], q.waiting[:i]) // the few that wait move up, not the many behind
			q.waiting = q.waiting[1:]
			if q.lane != nil {
				q.busy[q.lane(sc)]++
			}
			return sc, true
		}
		q.freed.Wait()
	}
	return inventory.Scope{}, false
}

func (q *queue) free(sc inventory.Scope) bool { return q.lane == nil || q.busy[q.lane(sc)] < q.most }

// done tells that a scope was read.
func (q *queue) done(sc inventory.Scope) {
	if q.lane == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy[q.lane(sc)]--
	q.freed.Broadcast()
}
