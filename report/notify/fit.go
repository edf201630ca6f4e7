package notify

import "github.com/muster-audit/muster/rules"

// Room is how much of a digest a message can hold, in the unit in which a Cost is told.
type Room struct {
	Total    int // of all owners and findings
	PerOwner int // of one owner and its findings
	Owners   int // number of owners
	Findings int // number of findings of an owner
}

// Cost says how much room something takes.
type Cost struct {
	Owner   func(*Owner) int // without findings
	Finding func(*rules.Finding) int
}

// Shown is an owner and those of its findings that a message lists: new ones first, worst first.
type Shown struct {
	*Owner
	Findings []*rules.Finding
	room     int
	full     bool
}

// Left counts what a message does not list.
type Left struct{ Owners, Findings int }

// Fit chooses what a message lists. Owners come first, so that each sees that there is something for it, then their findings in turns, so
// that the thousands of one leave room for those of the others. Of an owner nothing milder is listed in place of what is worse.
func (d *Digest) Fit(room Room, cost Cost) ([]Shown, Left) {
	var list []Shown
	left := Left{}
	for i := range d.Owners {
		left.Findings += d.Owners[i].len()
	}
	for i := range d.Owners {
		price := cost.Owner(&d.Owners[i])
		if len(list) == room.Owners || price > min(room.Total, room.PerOwner) {
			break
		}
		room.Total -= price
		list = append(list, Shown{Owner: &d.Owners[i], room: room.PerOwner - price})
	}
	left.Owners = len(d.Owners) - len(list)
	for turn := range room.Findings {
		for i := range list {
			if list[i].take(turn, &room.Total, cost) {
				left.Findings--
			}
		}
	}
	return list, left
}

// take lists the next finding of an owner, if there is one and room for it.
func (s *Shown) take(turn int, total *int, cost Cost) bool {
	if s.full || turn >= s.len() {
		return false
	}
	f := s.at(turn)
	price := cost.Finding(f)
	if price > s.room || price > *total {
		s.full = true
		return false
	}
	s.room -= price
	*total -= price
	s.Findings = append(s.Findings, f)
	return true
}
