package analyze

import "math/bits"

// filter is a Bloom filter over hashes: what it has not seen was never added; what it has seen was, most likely. It spares the database the question
// whether something is known for nearly all that is new. All the bits of a hash lie in one block, which is a line of the processor's cache.
type filter struct {
	blocks []block
	room   int // hashes that may be added before it is worth making a larger one
	most   int // blocks that it may have
}

type block [blockWords]uint64

// The size of a filter. With bitsPerHash bits for a hash and probes of them set, about one new hash of 5,000 seems known, when the filter is full.
const (
	wordBits     = 64
	blockWords   = 8
	blockBytes   = blockWords * wordBits / 8
	bitsPerHash  = 24
	probes       = 7
	filterBlocks = 1 << 12 // at least: 256 KiB
)

// newFilter makes a filter that has room for twice the hashes that are about to be added, of at most so many bytes.
func newFilter(hashes, bytesMax int) *filter {
	most := max(bytesMax/blockBytes, filterBlocks)
	blocks := min(max(2*hashes*bitsPerHash/(blockBytes*8), filterBlocks), most)
	if blocks&(blocks-1) != 0 {
		blocks = 1 << bits.Len(uint(blocks))
	}
	for blocks > most {
		blocks /= 2
	}
	f := &filter{blocks: make([]block, blocks), room: blocks * blockBytes * 8 / bitsPerHash, most: most}
	if 2*blocks > most {
		f.room = int(^uint(0) >> 1) // it cannot grow; more and more will seem known
	}
	return f
}

// mixed spreads what differs between two hashes over all their bits.
func mixed(hash uint64) uint64 {
	hash ^= hash >> 32
	hash *= 0x9e3779b97f4a7c15
	return hash ^ hash>>29
}

// add adds a hash; 0 stands for none.
func (f *filter) add(hash uint64) {
	if hash == 0 {
		return
	}
	b, m := f.block(hash)
	for range probes {
		b[m/wordBits%blockWords] |= 1 << (m % wordBits)
		m >>= 9
	}
	f.room--
}

func (f *filter) has(hash uint64) bool {
	if hash == 0 {
		return false
	}
	b, m := f.block(hash)
	for range probes {
		if b[m/wordBits%blockWords]&(1<<(m%wordBits)) == 0 {
			return false
		}
		m >>= 9
	}
	return true
}

// block is where the bits of a hash lie, and a number that says, by nine of its bits each, which those are.
func (f *filter) block(hash uint64) (b *block, places uint64) {
	m := mixed(hash)
	return &f.blocks[m&uint64(len(f.blocks)-1)], mixed(m + hash) //nolint:gosec // a power of two, less one
}

func (f *filter) full() bool { return f.room <= 0 }
