package inventory

import (
	"slices"
	"time"
)

// Retention says which scans are worth keeping: all of the last days, and then the last one of each week and of each month (in UTC).
type Retention struct {
	Days   int `yaml:"days" jsonschema:"minimum=1" jsonschema_description:"Every scan of so many days is kept."`
	Weeks  int `yaml:"weeks" jsonschema:"minimum=0" jsonschema_description:"Of so many weeks before now, the last scan of each is kept."`
	Months int `yaml:"months" jsonschema:"minimum=0" jsonschema_description:"Of so many months before now, the last scan of each is kept."`
}

// Drop returns the scans that the rule does not keep, the oldest first. The newest scan, the newest finished and the newest complete one are
// always kept, since the next night goes on from them. Of a week or month the last complete scan is kept, or the last finished one where none
// is complete.
func (r Retention) Drop(scans []Scan, now time.Time) []ScanID {
	list := slices.Clone(scans)
	slices.SortFunc(list, func(a, b Scan) int { return int(b.ID - a.ID) })
	keep := map[ScanID]bool{}
	r.always(list, keep)
	since := now.AddDate(0, 0, -r.Days)
	for _, s := range list {
		if !s.Started.Before(since) {
			keep[s.ID] = true
		}
	}
	lastOfEach(list, now.AddDate(0, 0, -7*r.Weeks), keep, func(t time.Time) [2]int {
		year, week := t.ISOWeek()
		return [2]int{year, week}
	})
	lastOfEach(list, now.AddDate(0, -r.Months, 0), keep, func(t time.Time) [2]int { return [2]int{t.Year(), int(t.Month())} })
	var drop []ScanID
	for _, s := range slices.Backward(list) {
		if !keep[s.ID] {
			drop = append(drop, s.ID)
		}
	}
	return drop
}

// always keeps what the next scan is compared with. The newest come first.
func (r Retention) always(list []Scan, keep map[ScanID]bool) {
	first := func(of func(*Scan) bool) {
		for i := range list {
			if of(&list[i]) {
				keep[list[i].ID] = true
				return
			}
		}
	}
	first(func(*Scan) bool { return true })
	first(func(s *Scan) bool { return s.State == ScanFinished })
	first(func(s *Scan) bool { return s.Complete() })
}

// lastOfEach keeps the last complete scan of each period since a time, or the last finished one.
func lastOfEach(list []Scan, since time.Time, keep map[ScanID]bool, period func(time.Time) [2]int) {
	best := map[[2]int]*Scan{}
	for i := range list {
		s := &list[i]
		if s.State != ScanFinished || s.Started.Before(since) {
			continue
		}
		p := period(s.Started.UTC())
		if b := best[p]; b == nil || !b.Complete() && s.Complete() {
			best[p] = s
		}
	}
	for _, s := range best {
		keep[s.ID] = true
	}
}
