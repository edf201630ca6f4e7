package compute

import (
	"slices"
	"strings"
)

// gaps are the parts of a list that were not read though the list was answered: zones and regions that were not reached, and those
// that came with a warning, by code.
type gaps map[string][]string

// add notes what a page tells. Where no wanted thing can be, nothing is missing.
func (g *gaps) add(r *run, l *listing, a answer) {
	for _, place := range a.unreachable {
		g.note(r, l, "not reached", placeOf(place))
	}
	g.warned(r, l, a.warning, "")
	for _, part := range a.groups {
		g.warned(r, l, part.warning, part.scope)
	}
}

// warned notes a warning on a scope; one on all of an answer may name the scopes that it is about.
func (g *gaps) warned(r *run, l *listing, w warning, scope string) {
	if !w.matters() {
		return
	}
	places := []string{scope}
	if scope == "" && len(w.scopes) > 0 {
		places = w.scopes
	}
	for _, place := range places {
		g.note(r, l, w.text(), placeOf(place))
	}
}

func (g *gaps) note(r *run, l *listing, what, place string) {
	if t, known := l.typeAt(place); known && !r.wanted(t) {
		return
	}
	if *g == nil {
		*g = gaps{}
	}
	if !slices.Contains((*g)[what], place) { // there are some hundred places at most
		(*g)[what] = append((*g)[what], place)
	}
}

// text names what is missing in one line: "not reached: zones/europe-west1-b, zones/us-east1-c".
func (g gaps) text() string {
	var parts []string
	for what, places := range g {
		slices.Sort(places)
		places = slices.DeleteFunc(places, func(p string) bool { return p == "" })
		if len(places) > 0 {
			what += ": " + strings.Join(places, ", ")
		}
		parts = append(parts, what)
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

// text says a warning by its code, which says the same of every zone; where there is none, by its message.
func (w warning) text() string {
	if w.code == "" {
		return "warning without code: " + w.message
	}
	return "warning " + w.code
}

// placeOf shortens the name of a zone or region: "projects/acme/zones/europe-west1-b" is "zones/europe-west1-b".
func placeOf(name string) string {
	for _, kind := range []string{"zones/", "regions/"} {
		if i := strings.LastIndex(name, kind); i >= 0 {
			return name[i:]
		}
	}
	return name
}
