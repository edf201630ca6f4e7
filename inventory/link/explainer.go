package link

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// explainer gathers the members of one entity, and what shares a form with one of its assets.
type explainer struct {
	m          *matcher
	root       int32
	norm       normaliser
	at         witness // the identity at hand
	self       witness
	members    []witness
	candidates []ranked
}

type ranked struct {
	Candidate
	rank rank
}

func newExplainer(m *matcher, self *inventory.Identity) *explainer {
	e := &explainer{m: m}
	e.norm.weak = true
	e.norm.yield = func(f form) {
		e.at.forms = append(e.at.forms, namedForm{f.rank, f.as, string(f.text), f.raw})
	}
	e.root = m.root(m.find(self.ID))
	e.self = e.witness(self, true)
	return e
}

// witness takes an identity apart. Of a member it also notes what was ignored and decoded.
func (e *explainer) witness(id *inventory.Identity, member bool) witness {
	e.at = witness{party: partyOf(id), facetOf: id.FacetOf}
	e.norm.ignored, e.norm.decoded = nil, nil
	if member {
		e.norm.ignored = func(i inventory.Identifier, reason string) {
			e.at.ignored = append(e.at.ignored, Ignored{e.at.party, i.Kind, i.Value, reason})
		}
		e.norm.decoded = func(i inventory.Identifier, d decoding) {
			e.at.decoded = append(e.at.decoded, Decoded{
				Asset: e.at.party, From: i.Kind, Written: i.Value, Kind: d.kind, Value: d.value, Note: d.note, Caution: d.caution,
			})
		}
	}
	e.norm.forms(id)
	slices.SortFunc(e.at.forms, compareForms)
	e.at.forms = slices.CompactFunc(e.at.forms, func(a, b namedForm) bool { return a.rank == b.rank && a.text == b.text && a.as == b.as })
	return e.at
}

func (e *explainer) see(id *inventory.Identity) {
	if id.ID == e.self.party.ID {
		return
	}
	root := e.m.root(e.m.find(id.ID))
	w := e.witness(id, root == e.root)
	if root == e.root {
		e.members = append(e.members, w)
		return
	}
	if r, here, there, ok := common(&e.self, &w); ok {
		e.addCandidate(&w, r, here, there, root)
	}
}

func (e *explainer) addCandidate(w *witness, r rank, here, there namedForm, root int32) {
	c := Candidate{
		Asset: w.party, By: r.rule(), Value: here.value(), Written: Written{here.raw, there.raw}, Checks: checks(&e.self, w, r),
	}
	var v verdict
	v, c.Veto, c.Reason = e.reason(r, root)
	oneIsThere := e.m.books[e.root].Has(inventory.Observed) != e.m.books[root].Has(inventory.Observed)
	c.Replaced = v == twoNames && oneIsThere && (r == byAssetTag || r == byFQDN || r == byLabel)
	e.candidates = append(e.candidates, ranked{c, r})
	if len(e.candidates) > 2*maxCandidates {
		e.trim()
	}
}

// trim sorts the candidates and drops the weakest.
func (e *explainer) trim() {
	slices.SortFunc(e.candidates, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.Asset.ID, b.Asset.ID))
	})
	e.candidates = e.candidates[:min(len(e.candidates), maxCandidates)]
}

// reason says what kept the asset's entity and another apart.
func (e *explainer) reason(r rank, other int32) (v verdict, veto Rule, text string) {
	v, differing := e.m.compare(e.root, other, r)
	switch {
	case v == twoNames:
		return v, differing.rule(), fmt.Sprintf("both are known by their %s, and it differs", differing.rule())
	case v == twoAccounts:
		return v, "account", "they are in two accounts"
	case r == byChassis:
		return v, "", "the serial number of a chassis only suggests"
	case r > lastLinking:
		return v, "", "host names and addresses only suggest"
	}
	if text, ok := reasons()[v]; ok {
		return v, "", text
	}
	return v, "", "several things hold this identifier, so it links nothing"
}

func reasons() map[verdict]string {
	return map[verdict]string{
		twoTypes:    "both are observed, as different types",
		oneSource:   "one source holds both, or a member of each",
		twoRegions:  "they are in two regions of a cloud, and such an id is unique only within one",
		twoOwners:   "two owners hand out asset tags, and these may be of both",
		twoVendors:  "two vendors gave out this serial number",
		unsupported: "it needs the same host name or address beside it (or all MAC addresses alike, and several)",
		tooMany:     fmt.Sprintf("one of them has more than %d members", maxMatched),
	}
}

func (e *explainer) ledger() Ledger {
	e.trim()
	l := Ledger{Asset: e.self.party, Candidates: []Candidate{}, Ignored: []Ignored{}, Decoded: []Decoded{}}
	slices.SortFunc(e.members, func(a, b witness) int { return cmp.Compare(a.party.ID, b.party.ID) })
	l.Links = e.links()
	for _, c := range e.candidates {
		l.Candidates = append(l.Candidates, c.Candidate)
	}
	all := append([]witness{e.self}, e.members...)
	for _, w := range all {
		l.Ignored = append(l.Ignored, w.ignored...)
		for _, d := range w.decoded {
			// The end of any UUID looks like a MAC address: it is one if somebody has it.
			if d = d.held(all); d.Kind != inventory.MAC || len(d.Agrees) > 0 {
				l.Decoded = append(l.Decoded, d)
			}
		}
	}
	return l
}

// links walks from the asset to every other member of its entity, over shared forms.
func (e *explainer) links() []Link {
	out := []Link{}
	left := slices.Clone(e.members)
	queue := []witness{e.self}
	for len(queue) > 0 && len(left) > 0 {
		from := queue[0]
		queue = queue[1:]
		var apart []witness
		var near []found
		for _, w := range left {
			if r, here, there, ok := common(&from, &w); ok && r <= lastLinking {
				near = append(near, found{e.link(&from, &w, r, here, there), r, w})
			} else if facetByKey(&from, &w) {
				near = append(near, found{e.facetLink(&from, &w), byDeclaration, w})
			} else {
				apart = append(apart, w)
			}
		}
		slices.SortStableFunc(near, func(a, b found) int { return cmp.Compare(a.rank, b.rank) })
		for _, n := range near {
			out, queue = append(out, n.link), append(queue, n.witness)
		}
		left = apart
	}
	return out
}

// facetLink tells of a facet that names what it is a facet of by its key.
func (e *explainer) facetLink(from, to *witness) Link {
	key := cmp.Or(from.facetOf, to.facetOf)
	return Link{
		Asset: to.party, To: from.party, By: RuleFacetOf, Value: key, Written: Written{key, key}, Checks: checks(from, to, byDeclaration),
	}
}

// found is a link that was found.
type found struct {
	link    Link
	rank    rank
	witness witness
}

func (e *explainer) link(from, to *witness, r rank, here, there namedForm) Link {
	l := Link{
		Asset: to.party, To: from.party, By: r.rule(), Value: here.value(), Written: Written{here.raw, there.raw}, Checks: checks(from, to, r),
	}
	switch {
	case r == byFQDN && from.party.Source == to.party.Source && from.party.Book == to.party.Book:
		l.By = RuleFacet
	case r == bySerial && e.ambiguous(here) && sharesLabel(from, to):
		l.By = RuleSerialName
	}
	return l
}

// ambiguous reports whether something outside of the entity holds a form of one of its members.
func (e *explainer) ambiguous(f namedForm) bool {
	x := e.m.index
	hash := x.formHash(f.as, []byte(f.text))
	for i := range x.nodes {
		from, to := x.span(i)
		for k := from; k < to; k++ {
			if x.hashes[k] == hash && tagRank(x.tags[k]) == f.rank && e.m.root(int32(i)) != e.root {
				return true
			}
		}
	}
	return false
}
