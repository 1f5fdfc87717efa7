package analyze

import "math/bits"

// filter is a Bloom filter over hashes: what it has not seen was never added; what it has seen was, most likely. It spares the database the question
// whether a call is known for nearly all that are new.
type filter struct {
	words []uint64
	room  int // hashes that may be added before it is worth making a larger one
}

// The size of a filter. With bitsPerHash bits for a hash and four probes about one new hash of 400 seems known, when the filter is full.
const (
	bitsPerHash   = 16
	filterBitsMin = 1 << 23 // 1 MiB
	filterBitsMax = 1 << 31 // 256 MiB
	probes        = 4
	wordBits      = 64
)

// newFilter makes a filter that has room for twice the hashes that are about to be added.
func newFilter(hashes int) *filter {
	size := min(max(2*hashes*bitsPerHash, filterBitsMin), filterBitsMax)
	size = 1 << bits.Len(uint(size-1))
	f := &filter{words: make([]uint64, size/wordBits), room: size / bitsPerHash}
	if size == filterBitsMax {
		f.room = int(^uint(0) >> 1)
	}
	return f
}

// add adds a hash; 0 stands for none.
func (f *filter) add(hash uint64) {
	if hash == 0 {
		return
	}
	for i := range uint64(probes) {
		bit := f.bit(hash, i)
		f.words[bit/wordBits] |= 1 << (bit % wordBits)
	}
	f.room--
}

func (f *filter) has(hash uint64) bool {
	for i := range uint64(probes) {
		bit := f.bit(hash, i)
		if f.words[bit/wordBits]&(1<<(bit%wordBits)) == 0 {
			return false
		}
	}
	return true
}

// bit is where the ith probe for a hash looks: two halves of the hash, once more mixed, make all of them.
func (f *filter) bit(hash, i uint64) uint64 {
	const golden = 0x9e3779b97f4a7c15
	mixed := (hash ^ hash>>29) * golden
	return (hash + i*(mixed>>31|1)) & uint64(len(f.words)*wordBits-1) //nolint:gosec // a power of two, less one
}

func (f *filter) full() bool { return f.room <= 0 }
