package group

import (
	"errors"
	"iter"
	"slices"

	"github.com/muster-audit/muster/report"
)

// batch is how many assets are read at a time.
const batch = 2000

// reader reads the assets of one group after the other, all in one go: to begin anew for each would cost the store a look at
// every scope each time.
type reader struct {
	pick   func(iter.Seq[[]int64]) iter.Seq2[[]report.Asset, error]
	wanted []int64 // what is read next
	next   func() ([]report.Asset, error, bool)
	stop   func()
}

// newReader returns a reader; pick is nil if there are no assets to read. It must be stopped.
func newReader(pick func(iter.Seq[[]int64]) iter.Seq2[[]report.Asset, error]) *reader {
	r := &reader{pick: pick, stop: func() {}}
	if pick != nil {
		r.next, r.stop = iter.Pull2(pick(func(yield func([]int64) bool) {
			for yield(r.wanted) {
			}
		}))
	}
	return r
}

// list returns how the assets with these numbers are listed; nil if none are. The first listing reads on, and must end before
// that of another group begins; later ones begin anew.
func (r *reader) list(ids []int64) func() iter.Seq2[report.Asset, error] {
	if r.pick == nil {
		return nil
	}
	again := false
	return func() iter.Seq2[report.Asset, error] {
		if again {
			return flat(r.pick(slices.Chunk(ids, batch)))
		}
		again = true
		return flat(r.readOn(ids))
	}
}

func (r *reader) readOn(ids []int64) iter.Seq2[[]report.Asset, error] {
	return func(yield func([]report.Asset, error) bool) {
		for chunk := range slices.Chunk(ids, batch) {
			r.wanted = chunk
			list, err, ok := r.next()
			if !ok {
				err = errors.New("read assets: the list ended before its last group")
			}
			if !yield(list, err) || err != nil {
				return
			}
		}
	}
}

// flat yields the assets of batches one by one.
func flat(batches iter.Seq2[[]report.Asset, error]) iter.Seq2[report.Asset, error] {
	return func(yield func(report.Asset, error) bool) {
		for list, err := range batches {
			if err != nil {
				yield(report.Asset{}, err)
				return
			}
			for _, a := range list {
				if !yield(a, nil) {
					return
				}
			}
		}
	}
}
