package link

import (
	"cmp"
	"slices"
	"strings"

	"github.com/muster-audit/muster/inventory"
)

// namedForm is a form that is kept.
type namedForm struct {
	rank, as rank
	text     string
	raw      string
}

// value returns the text for people: the parts of a compound form are set apart by spaces.
func (f namedForm) value() string { return strings.ReplaceAll(f.text, "\x00", " ") }

func compareForms(a, b namedForm) int {
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.as, b.as), cmp.Compare(a.text, b.text))
}

// witness is an asset with its forms, the strongest first.
type witness struct {
	party   Party
	facetOf string
	forms   []namedForm
	ignored []Ignored
	decoded []Decoded
}

// common returns the strongest form that two assets share, and of what rank it is: a serial number that one of them has only
// within a UUID is of the weaker rank.
func common(here, there *witness) (r rank, one, other namedForm, ok bool) {
	for _, f := range here.forms {
		if ok && f.rank >= r {
			break
		}
		for _, g := range there.forms {
			both := max(f.rank, g.rank)
			if f.as != g.as || f.text != g.text || f.rank == byVendor || ok && both >= r {
				continue
			}
			r, one, other, ok = both, f, g, true
		}
	}
	return r, one, other, ok
}

// facetByKey reports whether one of two assets is a facet of the other and names it by its key.
func facetByKey(a, b *witness) bool {
	return a.party.Source == b.party.Source && a.party.Book == b.party.Book &&
		(a.facetOf != "" && a.facetOf == b.party.Key || b.facetOf != "" && b.facetOf == a.party.Key)
}

func sharesLabel(a, b *witness) bool {
	return slices.ContainsFunc(a.forms, func(f namedForm) bool {
		return f.rank == byLabel && slices.ContainsFunc(b.forms, func(g namedForm) bool { return g.rank == byLabel && g.text == f.text })
	})
}

// values returns the texts of a rank for people.
func (w *witness) values(r rank) []string {
	out := []string{}
	for _, f := range w.forms {
		if f.rank == r {
			out = append(out, f.value())
		}
	}
	return out
}

// checks holds the identifiers of two assets against each other that can veto, for a link on rank r.
func checks(here, there *witness, r rank) []Check {
	out := []Check{}
	for s := range byLabel {
		if !s.vetoes() {
			continue
		}
		c := Check{Rule: s.rule(), Here: here.values(s), There: there.values(s)}
		switch {
		case len(c.Here) == 0 && len(c.There) == 0:
			continue
		case len(c.Here) == 0 || len(c.There) == 0:
			c.State = CheckOneSide
		case slices.ContainsFunc(c.Here, func(v string) bool { return slices.Contains(c.There, v) }):
			c.State = CheckSame
		default:
			c.State = CheckDiffers
			c.Overruled = !s.vetoesOn(r)
			c.Typo = s == bySerial && slices.ContainsFunc(c.Here, func(v string) bool {
				return slices.ContainsFunc(c.There, func(o string) bool { return Mistyped(v, o) })
			})
		}
		out = append(out, c)
	}
	return out
}

// Decoded is what an identifier of a member says beyond itself.
type Decoded struct {
	Asset   Party                    `json:"asset"`
	From    inventory.IdentifierKind `json:"from"`
	Written string                   `json:"written"` // the identifier as the source wrote it
	// Kind and Value are what is in it, normalised; empty for a mark that only the note tells.
	Kind  inventory.IdentifierKind `json:"kind,omitempty"`
	Value string                   `json:"value,omitempty"`
	Note  string                   `json:"note"`
	// Caution says why it is evidence only; empty if the value counts as an identifier of its kind.
	Caution string `json:"caution,omitempty"`
	// Agrees are the members that hold the value; Contradicts the other values of the kind that members hold, if none agrees.
	// A contradiction neither links nor keeps apart: somebody mistyped a number, or a board was changed.
	Agrees      []Party         `json:"agrees,omitempty"`
	Contradicts []Contradiction `json:"contradicts,omitempty"`
}

// Contradiction is a value that is not the one decoded.
type Contradiction struct {
	Asset Party  `json:"asset"`
	Value string `json:"value"`
	// Typo says that the two values differ in one or two characters.
	Typo bool `json:"typo,omitempty"`
}

// held holds what was decoded against what the members hold.
func (d Decoded) held(members []witness) Decoded {
	var differ []Contradiction
	for _, w := range members {
		for _, f := range w.forms {
			if !d.isOfKind(f) || w.party.ID == d.Asset.ID && f.raw == d.Written {
				continue // it was made of this very identifier, or is of another kind
			}
			if f.text == d.Value || d.Kind == inventory.UUID && f.text == sameUUID(d.Value) {
				d.Agrees = append(d.Agrees, w.party)
				continue
			}
			differ = append(differ, Contradiction{w.party, f.value(), nearlySame(f.text, d.Value)})
		}
	}
	if len(d.Agrees) == 0 && d.Kind == inventory.Serial {
		d.Contradicts = differ // machines have one serial number, but several MAC addresses
	}
	return d
}

func (d *Decoded) isOfKind(f namedForm) bool {
	switch d.Kind {
	case inventory.Serial:
		return f.rank == bySerial
	case inventory.MAC:
		return f.rank == byMAC
	case inventory.UUID:
		return f.rank == byUUID
	case inventory.InstanceID:
		return f.rank == byInstanceID
	}
	return false
}

// sameUUID returns the form of a UUID.
func sameUUID(v string) string {
	u, ok := parseUUID(v)
	if !ok {
		return ""
	}
	return min(hexText(u), hexText(swapUUID(u)))
}

// nearlySame reports whether two texts of one length differ in one or two characters, or one of them is the other with one
// or two characters before or after it.
func nearlySame(a, b string) bool {
	const few = 2
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(a) > len(b) {
		return len(a)-len(b) <= few && len(b) > few && strings.Contains(a, b)
	}
	differ := 0
	for i := range len(a) {
		if a[i] != b[i] {
			differ++
		}
	}
	return differ > 0 && differ <= few
}
