package sqlite

import "iter"

// What an attempt knows of an asset of its scope.
const (
	isLive   = 1 << iota // had not ended when the attempt began
	isUnseen             // an earlier run did not hold it and could not end it
	isHeld               // this attempt holds it
	isKept               // its record could not be read, but its key could
)

// knownAsset is what an attempt remembers of an asset: 32 bytes, whatever the asset's size.
type knownAsset struct {
	key   digest
	hash  int64
	n     uint32 // the asset's number in its scope
	flags uint8
}

func (k *knownAsset) is(flag uint8) bool { return k.flags&flag != 0 }

// chunkBits is how many assets share one allocation of a keyIndex, as a power of two. Chunks never move, so growing
// neither copies assets nor leaves garbage behind.
const chunkBits = 13

// keyIndex finds the assets of one scope by their keys: a hash table with open addressing over plain arrays, which
// costs about 40 bytes an asset and nothing for the garbage collector to look at.
type keyIndex struct {
	slots  []uint32 // number of an asset in the chunks plus 1; 0 is free
	chunks [][]knownAsset
	size   int
}

// newKeyIndex has room for the expected number of assets and grows beyond it.
func newKeyIndex(expected int) *keyIndex {
	x := &keyIndex{}
	x.grow(expected)
	return x
}

func (x *keyIndex) at(i uint32) *knownAsset { return &x.chunks[i>>chunkBits][i&(1<<chunkBits-1)] }

// all yields every asset in the order in which they were added.
func (x *keyIndex) all() iter.Seq[*knownAsset] {
	return func(yield func(*knownAsset) bool) {
		for _, chunk := range x.chunks {
			for i := range chunk {
				if !yield(&chunk[i]) {
					return
				}
			}
		}
	}
}

// add finds the asset with a key, or makes room for it and reports that it is new.
func (x *keyIndex) add(key digest) (k *knownAsset, isNew bool) {
	if (x.size+1)*4 > len(x.slots)*3 {
		x.grow(2 * x.size)
	}
	slot := x.slot(key)
	if i := x.slots[slot]; i != 0 {
		return x.at(i - 1), false
	}
	last := len(x.chunks) - 1
	if last < 0 || len(x.chunks[last]) == cap(x.chunks[last]) {
		x.chunks = append(x.chunks, make([]knownAsset, 0, 1<<chunkBits))
		last++
	}
	x.chunks[last] = append(x.chunks[last], knownAsset{key: key})
	x.size++
	x.slots[slot] = uint32(x.size)
	return x.at(uint32(x.size - 1)), true
}

// find returns nil if there is no such key.
func (x *keyIndex) find(key digest) *knownAsset {
	if i := x.slots[x.slot(key)]; i != 0 {
		return x.at(i - 1)
	}
	return nil
}

// slot is where a key is, or would be.
func (x *keyIndex) slot(key digest) uint64 {
	mask := uint64(len(x.slots) - 1)
	for s := key[0] & mask; ; s = (s + 1) & mask {
		if i := x.slots[s]; i == 0 || x.at(i-1).key == key {
			return s
		}
	}
}

// grow makes room for a number of assets.
func (x *keyIndex) grow(expected int) {
	n := 1024
	for n*3 < (expected+1)*4 {
		n *= 2
	}
	x.slots = make([]uint32, n)
	i := uint32(0)
	for k := range x.all() {
		i++
		x.slots[x.slot(k.key)] = i
	}
}
