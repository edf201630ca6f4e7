package link

// facetKey is a facet with the hash of the key of what it is a facet of.
type facetKey struct {
	id   int64
	hash uint64
}

// joinFacets joins each facet with the asset of its own source that it names by key: where nothing of the two is known yet but where
// they stand, they have no identifier in common. Facets that name it by an identifier are joined as everything else.
func (m *matcher) joinFacets() {
	if len(m.facetKeys) == 0 {
		return
	}
	wanted := make(map[uint64][]int32, len(m.facetKeys)) // of a hash: the facets
	for _, f := range m.facetKeys {
		wanted[f.hash] = append(wanted[f.hash], m.find(f.id))
	}
	for i := range m.nodes {
		for _, facet := range wanted[m.keys[i]] {
			if m.nodes[facet].source == m.nodes[i].source {
				m.join(facet, int32(i))
			}
		}
	}
}
