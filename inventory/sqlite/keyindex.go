package sqlite

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

// keyIndex finds the assets of one scope by their keys: a hash table with open addressing over a plain array, which
// costs about 40 bytes an asset and nothing for the garbage collector to look at.
type keyIndex struct {
	slots []uint32 // index into list plus 1; 0 is free
	list  []knownAsset
}

func newKeyIndex(size int) *keyIndex {
	x := &keyIndex{list: make([]knownAsset, 0, size)}
	x.grow(size)
	return x
}

// add finds the asset with a key, or makes room for it and reports that it is new. The pointer is good until the next
// call.
func (x *keyIndex) add(key digest) (k *knownAsset, isNew bool) {
	if (len(x.list)+1)*4 > len(x.slots)*3 {
		x.grow(2 * len(x.list))
	}
	slot := x.slot(key)
	if i := x.slots[slot]; i != 0 {
		return &x.list[i-1], false
	}
	x.list = append(x.list, knownAsset{key: key})
	x.slots[slot] = uint32(len(x.list))
	return &x.list[len(x.list)-1], true
}

// find returns nil if there is no such key.
func (x *keyIndex) find(key digest) *knownAsset {
	if i := x.slots[x.slot(key)]; i != 0 {
		return &x.list[i-1]
	}
	return nil
}

// slot is where a key is, or would be.
func (x *keyIndex) slot(key digest) uint64 {
	mask := uint64(len(x.slots) - 1)
	for s := key[0] & mask; ; s = (s + 1) & mask {
		if i := x.slots[s]; i == 0 || x.list[i-1].key == key {
			return s
		}
	}
}

// grow makes room for size assets.
func (x *keyIndex) grow(size int) {
	n := 1024
	for n*3 < (size+1)*4 {
		n *= 2
	}
	x.slots = make([]uint32, n)
	for i := range x.list {
		x.slots[x.slot(x.list[i].key)] = uint32(i + 1)
	}
}
