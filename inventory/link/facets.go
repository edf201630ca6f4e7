package link

import (
	"cmp"
	"slices"

	"github.com/muster-audit/muster/inventory"
)

// A register often has two rows of one virtual machine: ServiceNow's discovery makes of one EC2 instance a cmdb_ci_vm_instance,
// which is what the cloud bills, and a cmdb_ci_server, which is what runs in it. They are facets of one thing and no
// duplicates. Two assets are facets if
//
//   - one register source holds both,
//   - one is of the host's side (a virtual machine) and the other of the guest's (a server), and
//   - they share a key in another system, an instance id, a managed object reference, an instance UUID or a UUID; or
//     the guest's row has none of these but UUID, the host's row has one, both have one FQDN and one address, and no other
//     row of the register has that FQDN.
//
// The vetoes hold as everywhere: facets do not differ in a stronger identifier of one kind. Any other two rows of one
// register that share an identifier are ambiguous.

// side is the side from which a type looks at a virtual machine.
type side uint8

const (
	noSide side = iota
	hostSide
	guestSide
)

func sideOf(t inventory.Type) side {
	switch t {
	case "datacenter/vm", "AWS::EC2::Instance", "compute.googleapis.com/Instance":
		return hostSide
	case "datacenter/server":
		return guestSide
	}
	return noSide
}

// slot is where a value should stand once: a source, or one side of a register.
type slot struct {
	source uint32
	side   side
	share  sharing
}

// sharing says whether a value may stand in a slot once more.
type sharing uint8

const (
	alone     sharing = iota
	shareable         // with others that are: two declarations of one source that give one id, in one region, speak of one thing
	withAll           // with anything: a facet bears the ids of what it is a facet of
)

// sharingOf says whether a declaration shares a provider's id with others of its source. Without a region such an id proves
// less: many are names, which every region has for itself.
func sharingOf(r rank, n *node, placed bool) sharing {
	switch {
	case n.book != declaredBit || r != byResourceID && r != byInstanceID:
		return alone
	case n.is&isFacet != 0:
		return withAll
	case r == byResourceID && placed:
		return shareable
	}
	return alone
}

// slotOf returns the slot of a node for a value of a rank.
func (x *index) slotOf(r rank, n *node) slot {
	if n.book == recordedBit && r.tellsFacets() {
		return slot{n.source, x.sides[n.typ], alone}
	}
	return slot{n.source, noSide, sharingOf(r, n, x.regional[n.region])}
}

// twoSides reports whether one of two assets is of the host's side and the other of the guest's.
func (x *index) twoSides(a, b int32) bool {
	i, j := x.sides[x.nodes[a].typ], x.sides[x.nodes[b].typ]
	return i != noSide && j != noSide && i != j
}

// collides reports whether two assets that stand in two slots cannot be one thing.
func (s slot) collides(o slot) bool {
	if s.share == withAll || o.share == withAll || s.share == shareable && o.share == shareable {
		return false
	}
	return s.source == o.source && (s.side == o.side || s.side == noSide || o.side == noSide)
}

// hasFacets reports whether a register holds rows of both sides.
func (x *index) hasFacets() bool {
	const both = 1<<hostSide | 1<<guestSide
	held := make([]uint8, len(x.sourceNames))
	for i := range x.nodes {
		if n := &x.nodes[i]; n.book == recordedBit {
			held[n.source] |= 1 << x.sides[n.typ]
		}
	}
	return slices.ContainsFunc(held, func(sides uint8) bool { return sides&both == both })
}

// facets proposes to join the two rows of each register that one FQDN names.
func (m *matcher) facets(from, to uint32) {
	m.holders = m.holders[:0]
	for _, p := range m.list[from:to] {
		if n := &m.nodes[p.node]; n.book == recordedBit && !n.retired {
			m.holders = append(m.holders, holder{p.node, m.root(p.node), m.slotOf(byFacet, n), false})
		}
	}
	slices.SortFunc(m.holders, func(a, b holder) int {
		return cmp.Or(cmp.Compare(a.slot.source, b.slot.source), cmp.Compare(a.slot.side, b.slot.side), cmp.Compare(a.node, b.node))
	})
	for i := 0; i < len(m.holders); {
		k := i + 1
		for k < len(m.holders) && m.holders[k].slot.source == m.holders[i].slot.source {
			k++
		}
		if k-i == 2 {
			m.facet(m.holders[i], m.holders[i+1], from, to)
		}
		i = k
	}
}

// facet proposes to join a host's row with a guest's row of one FQDN.
func (m *matcher) facet(host, guest holder, from, to uint32) {
	if host.slot.side != hostSide || guest.slot.side != guestSide || host.root == guest.root {
		return
	}
	if m.givenByProvider(guest.node) || !m.givenByProvider(host.node) || !m.share([]int32{host.node}, []int32{guest.node}, byIP) {
		return
	}
	if v, _ := m.compare(host.root, guest.root, byFacet); v == may {
		m.propose([]int32{host.root, guest.root}, from, to)
	}
}

// givenByProvider reports whether a row holds what a cloud or a vCenter calls the machine.
func (x *index) givenByProvider(i int32) bool {
	from, to := x.span(int(i))
	for k := from; k < to; k++ {
		switch tagRank(x.tags[k]) {
		case byName, byNativeKey, byInstanceID, byVSphere, byInstanceUUID:
			return true
		}
	}
	return false
}
