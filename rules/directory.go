package rules

import (
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// Presence is what a directory says of a person or a team.
type Presence uint8

// The presences. The zero value is one that the directory does not name.
const (
	Absent   Presence = iota // the directory does not name it
	Active                   // it is there
	Left                     // it was there, and is no more
	Doubtful                 // the directory names it, in words that do not say whether it is still there
)

// Directory is who there is: people, or teams. It does not change, and is safe for concurrent use.
type Directory struct {
	Name   string // of the file, as the policy names it
	Column string // that names them
	// Status is the column that says who is still there; empty if the file lists only those.
	Status string
	states map[string]Presence // by folded name
	names  map[int][]string    // as written, sorted, by how many letters they have
	size   int
}

// fold makes names alike that differ in case or white space only.
func fold(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Find says whether an owner is there. A value may name several, with commas or semicolons between: it is there if one of them is, and left
// if all have.
func (d *Directory) Find(owner string) Presence {
	state := d.states[fold(owner)]
	if state != Absent || !strings.ContainsAny(owner, ",;") {
		return state
	}
	left, all := 0, 0
	for part := range strings.FieldsFuncSeq(owner, func(r rune) bool { return r == ',' || r == ';' }) {
		if fold(part) == "" {
			continue
		}
		all++
		switch d.states[fold(part)] {
		case Active:
			return Active
		case Doubtful:
			state = Doubtful
		case Left:
			left++
		}
	}
	if left == all && all > 0 {
		return Left
	}
	return state
}

// Len is how many names there are.
func (d *Directory) Len() int { return d.size }

// Nearest returns the name of somebody who is there that is spelled most like an owner; empty if none is near. Its cost grows with the names
// of about that length.
func (d *Directory) Nearest(owner string) string {
	letters := len([]rune(strings.TrimSpace(owner)))
	var near []string
	for n := letters - letters/3 - 1; n <= letters+letters/3+1; n++ {
		near = append(near, d.names[n]...)
	}
	near = slices.DeleteFunc(near, func(name string) bool { return d.states[fold(name)] != Active })
	slices.Sort(near)
	return inventory.Nearest(strings.TrimSpace(owner), near)
}

// add notes a row. A name with several rows is active if one of them says so, and left if all do.
func (d *Directory) add(name string, state Presence) {
	key := fold(name)
	if key == "" {
		return
	}
	before, there := d.states[key]
	if !there {
		n := len([]rune(strings.TrimSpace(name)))
		d.names[n] = append(d.names[n], strings.TrimSpace(name))
		d.size++
	}
	switch {
	case !there, state == Active, state == Doubtful && before == Left:
		d.states[key] = state
	}
}

// presenceOf reads a word of the column that says who is still there.
func presenceOf(word string) Presence {
	switch fold(word) {
	case "yes", "y", "true", "1", "active", "enabled", "current", "employed":
		return Active
	case "no", "n", "false", "0", "inactive", "disabled", "left", "former", "terminated", "departed", "deactivated", "deleted", "suspended":
		return Left
	}
	return Doubtful
}
