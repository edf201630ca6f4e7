package collectors

import "hash/maphash"

// KeySet tells whether a key was there before. It is a table of hashes with open addressing, of 11 to 22 bytes a key. Two
// keys with one 64-bit hash, which a scope of a million keys holds once in 30 million scans, are taken for one; the second
// is then reported as skipped, never lost.
type KeySet struct {
	seed  maphash.Seed
	slots []uint64 // a power of two, at most three quarters of them taken; 0 is free
	taken int
}

// NewKeySet returns an empty set.
func NewKeySet() *KeySet {
	return &KeySet{seed: maphash.MakeSeed(), slots: make([]uint64, 1<<6)}
}

// Add reports whether the key is new.
func (s *KeySet) Add(key string) bool {
	h := max(1, maphash.String(s.seed, key))
	i := s.slot(h)
	if s.slots[i] == h {
		return false
	}
	s.slots[i] = h
	if s.taken++; s.taken*4 > len(s.slots)*3 {
		s.grow()
	}
	return true
}

// slot is where the hash is, or the free slot where it belongs.
func (s *KeySet) slot(h uint64) uint64 {
	mask := uint64(len(s.slots) - 1)
	i := h & mask
	for s.slots[i] != 0 && s.slots[i] != h {
		i = (i + 1) & mask
	}
	return i
}

func (s *KeySet) grow() {
	old := s.slots
	s.slots = make([]uint64, 2*len(old))
	for _, h := range old {
		if h != 0 {
			s.slots[s.slot(h)] = h
		}
	}
}
