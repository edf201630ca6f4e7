package owner

import (
	"slices"
	"strings"
	"sync"
)

// tally counts what owners at fault own. It keeps nothing of owners who are in order. It is safe for concurrent use.
type tally struct {
	mu     sync.Mutex
	owners map[string]*holdings
	lost   string // why something may be an owner's that was before; the first in order
}

// holdings is what one owner has.
type holdings struct {
	count    int // as this scan proves
	earlier  int // as an earlier scan read
	links    map[Link]int
	examples []string // keys of the first, sorted
}

// mostExamples is how many assets a finding names.
const mostExamples = 5

func newTally() *tally { return &tally{owners: map[string]*holdings{}} }

func (t *tally) add(owner, key string, by Link, confirmed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.owners[owner]
	if h == nil {
		h = &holdings{links: map[Link]int{}}
		t.owners[strings.Clone(owner)] = h
	}
	if !confirmed {
		h.earlier++
		return
	}
	h.count++
	h.links[by]++
	at, there := slices.BinarySearch(h.examples, key)
	if there || at == mostExamples {
		return
	}
	h.examples = slices.Insert(h.examples, at, strings.Clone(key))
	h.examples = h.examples[:min(len(h.examples), mostExamples)]
}

// lose notes that nobody can tell whose something is that an earlier scan may have told.
func (t *tally) lose(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost == "" || why < t.lost {
		t.lost = strings.Clone(why)
	}
}

// names are the owners at fault, sorted.
func (t *tally) names() []string {
	names := make([]string, 0, len(t.owners))
	for name := range t.owners {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
