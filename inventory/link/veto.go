package link

// verdict says whether two entities that share an identifier may be joined on it.
type verdict uint8

const (
	may         verdict = iota
	tooMany             // one of them has too many members to be compared
	oneSource           // both have an asset of one source
	twoTypes            // both are observed, as different types
	twoRegions          // they hold one instance id in two regions
	twoOwners           // they hold one asset tag, and registers give them different owners
	twoVendors          // they hold one serial number of two vendors
	unsupported         // they share what needs a name or an address beside it, and neither
	twoAccounts         // they hold one instance id in two accounts
	twoNames            // a stronger identifier differs
)

// certain reports whether a verdict proves that the two are different things; the others prove nothing.
func (v verdict) certain() bool { return v == twoNames || v == twoAccounts }

// compare holds two entities against each other, for a shared identifier of rank r. For twoNames it says which rank differs.
func (m *matcher) compare(a, b int32, r rank) (verdict, rank) {
	var ok bool
	if m.left, ok = m.members(m.left, a); !ok {
		return tooMany, r
	}
	if m.right, ok = m.members(m.right, b); !ok {
		return tooMany, r
	}
	return m.judge(m.left, m.right, r)
}

// judge is compare for two lists of members.
func (x *index) judge(a, b []int32, r rank) (verdict, rank) {
	for s := range byLabel {
		if x.held[s] > 0 && s.vetoesOn(r) && x.disagree(a, b, s) {
			return twoNames, s
		}
	}
	if v := x.comparePlaces(a, b, r); v != may {
		return v, r
	}
	switch {
	case r == bySerial && x.disagree(a, b, byVendor):
		return twoVendors, r
	case r.needsSupport() && !x.supported(a, b, r):
		return unsupported, r
	}
	return may, r
}

// supported reports whether two entities share more than the identifier at hand. A network card that moves to another
// machine takes one address along, and seldom all of several.
func (x *index) supported(a, b []int32, r rank) bool {
	return x.share(a, b, byLabel) || x.share(a, b, byIP) || r == byMAC && x.sameMACs(a, b)
}

// comparePlaces looks at what does not depend on identifiers alone, pair by pair. What is certain goes first, then what stands
// first among the verdicts.
func (x *index) comparePlaces(a, b []int32, r rank) verdict {
	worst := may
	for _, i := range a {
		for _, j := range b {
			v := x.comparePlace(i, j, r)
			if v.certain() {
				return v
			}
			if v != may && (worst == may || v < worst) {
				worst = v
			}
		}
	}
	return worst
}

func (x *index) comparePlace(i, j int32, r rank) verdict {
	m, n := &x.nodes[i], &x.nodes[j]
	switch {
	case r == byInstanceID && m.account != n.account && x.places[m.account].comparable && x.places[n.account].comparable:
		return twoAccounts
	case !r.withinSource() && x.slotOf(r, m).collides(x.slotOf(r, n)):
		return oneSource
	case m.book == observedBit && n.book == observedBit && m.typ != n.typ && !x.oneMachine(m, n, r):
		return twoTypes
	case r == byInstanceID && m.region != n.region && x.cloudRegions[m.region] && x.cloudRegions[n.region]:
		return twoRegions
	case r == byAssetTag && m.account != n.account && x.ownedTag(i, m) && x.ownedTag(j, n):
		return twoOwners
	}
	return may
}

// oneMachine reports whether two observed types can be one machine: its provider sees an instance, and an agent on it sees a
// machine. It takes an identifier of the machine itself for that: one more name or card may be that of something in between.
func (x *index) oneMachine(m, n *node, r rank) bool {
	return r <= bySerial && x.sides[m.typ] != noSide && x.sides[n.typ] != noSide && x.machine[m.typ] != x.machine[n.typ]
}

// ownedTag reports whether a register gives a thing both an asset tag and the owner that hands such tags out.
func (x *index) ownedTag(i int32, n *node) bool {
	return n.book == recordedBit && x.places[n.account].name != "" && x.share([]int32{i}, []int32{i}, byAssetTag)
}

// disagree reports whether both sides hold identifiers of a rank, and of one class, and none in common.
func (x *index) disagree(a, b []int32, r rank) bool {
	differ := false
	for tag, hash := range x.heldBy(a, r) {
		same, found := false, false
		for other, h := range x.heldBy(b, r) {
			if other == tag {
				found = true
				same = same || h == hash || x.holds(a, r, tag, h)
			}
		}
		if found && !same {
			differ = true
		}
	}
	return differ
}

func (x *index) holds(list []int32, r rank, tag uint32, hash uint64) bool {
	for t, h := range x.heldBy(list, r) {
		if t == tag && h == hash {
			return true
		}
	}
	return false
}

// share reports whether both sides hold one identifier of a rank.
func (x *index) share(a, b []int32, r rank) bool {
	for tag, hash := range x.heldBy(a, r) {
		if x.holds(b, r, tag, hash) {
			return true
		}
	}
	return false
}

// sameMACs reports whether a member of each side have the same MAC addresses, all of them, and more than one.
func (x *index) sameMACs(a, b []int32) bool {
	for _, i := range a {
		for _, j := range b {
			one, other := []int32{i}, []int32{j}
			if x.several(i, byMAC) && x.within(one, other, byMAC) && x.within(other, one, byMAC) {
				return true
			}
		}
	}
	return false
}

func (x *index) several(i int32, r rank) bool {
	n := 0
	for range x.heldBy([]int32{i}, r) {
		n++
	}
	return n > 1
}

func (x *index) within(a, b []int32, r rank) bool {
	for tag, hash := range x.heldBy(a, r) {
		if !x.holds(b, r, tag, hash) {
			return false
		}
	}
	return true
}

// heldBy yields tag and hash of every identifier of a rank that the nodes hold.
func (x *index) heldBy(list []int32, r rank) func(yield func(uint32, uint64) bool) {
	return func(yield func(uint32, uint64) bool) {
		for _, i := range list {
			from, to := x.span(int(i))
			for k := from; k < to; k++ {
				if tagRank(x.tags[k]) == r && !yield(x.tags[k], x.hashes[k]) {
					return
				}
			}
		}
	}
}
