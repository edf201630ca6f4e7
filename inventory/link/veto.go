package link

// verdict says whether two entities that share an identifier may be joined on it.
type verdict uint8

const (
	may         verdict = iota
	tooMany             // one of them has too many members to be compared
	oneSource           // both have an asset of one source
	twoTypes            // both are observed, as different types
	twoAccounts         // they hold one instance id in two accounts
	twoNames            // a stronger identifier differs
	unsupported         // they share a MAC address, and neither all of them nor a host name
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
		if s.vetoesOn(r) && x.disagree(a, b, s) {
			return twoNames, s
		}
	}
	if v := x.comparePlaces(a, b, r); v != may {
		return v, r
	}
	if r == byMAC && !x.share(a, b, byLabel) && !x.sameMACs(a, b) {
		return unsupported, r
	}
	return may, r
}

// comparePlaces looks at what does not depend on identifiers.
func (x *index) comparePlaces(a, b []int32, r rank) verdict {
	for _, i := range a {
		for _, j := range b {
			m, n := &x.nodes[i], &x.nodes[j]
			switch {
			case !r.withinSource() && x.slotOf(r, m) == x.slotOf(r, n):
				return oneSource
			case m.book == observedBit && n.book == observedBit && m.typ != n.typ:
				return twoTypes
			case r == byInstanceID && m.account != n.account && x.places[m.account].comparable && x.places[n.account].comparable:
				return twoAccounts
			}
		}
	}
	return may
}

// disagree reports whether both sides hold identifiers of a rank, and of one class, and none in common.
func (x *index) disagree(a, b []int32, r rank) bool {
	differ := false
	for tag, hash := range x.held(a, r) {
		same, found := false, false
		for other, h := range x.held(b, r) {
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
	for t, h := range x.held(list, r) {
		if t == tag && h == hash {
			return true
		}
	}
	return false
}

// share reports whether both sides hold one identifier of a rank.
func (x *index) share(a, b []int32, r rank) bool {
	for tag, hash := range x.held(a, r) {
		if x.holds(b, r, tag, hash) {
			return true
		}
	}
	return false
}

// sameMACs reports whether a member of each side have the same MAC addresses, all of them.
func (x *index) sameMACs(a, b []int32) bool {
	for _, i := range a {
		for _, j := range b {
			one, other := []int32{i}, []int32{j}
			if x.share(one, other, byMAC) && x.within(one, other, byMAC) && x.within(other, one, byMAC) {
				return true
			}
		}
	}
	return false
}

func (x *index) within(a, b []int32, r rank) bool {
	for tag, hash := range x.held(a, r) {
		if !x.holds(b, r, tag, hash) {
			return false
		}
	}
	return true
}

// held yields tag and hash of every identifier of a rank that the nodes hold.
func (x *index) held(list []int32, r rank) func(yield func(uint32, uint64) bool) {
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
