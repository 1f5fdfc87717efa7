package seen

import (
	"encoding/binary"
	"sync/atomic"
)

const (
	filterBytes = 16 << 20 // of one day; good for thirteen million ids at one lookup in a hundred in vain, and worse, but never wrong, beyond that
	blockWords  = 8        // a block is a cache line
	blocks      = filterBytes / 8 / blockWords
	probes      = 6
	probeBits   = 9 // that choose one of the 512 bits of a block
)

// filter knows of the ids of one day which cannot be there, without asking Pebble: nearly every id is new, and to look for what is not there
// costs as much as to find it. It is a Bloom filter in blocks; bits are only ever added, so it needs no lock.
type filter struct {
	day   uint32
	whole atomic.Bool // all ids of the day are in it
	words []atomic.Uint64
}

func newFilter(day uint32) *filter {
	return &filter{day: day, words: make([]atomic.Uint64, blocks*blockWords)}
}

// block is where the bits of an id lie, and which they are.
func (f *filter) block(hash []byte) (words []atomic.Uint64, bits uint64) {
	at := binary.LittleEndian.Uint64(hash) % blocks * blockWords
	return f.words[at : at+blockWords], binary.LittleEndian.Uint64(hash[8:])
}

// add puts an id in.
func (f *filter) add(hash []byte) {
	words, bits := f.block(hash)
	for range probes {
		words[bits>>6%blockWords].Or(1 << (bits & 63))
		bits >>= probeBits
	}
}

// may reports whether an id can be there. It asks first whether the filter is whole: all bits are there when it is.
func (f *filter) may(hash []byte) bool {
	whole := f.whole.Load()
	words, bits := f.block(hash)
	for range probes {
		if words[bits>>6%blockWords].Load()&(1<<(bits&63)) == 0 {
			return !whole
		}
		bits >>= probeBits
	}
	return true
}

// filters are those of the two newest days, which are what a window of 24 hours looks at.
type filters [2]atomic.Pointer[filter]

// of is the filter of a day, or nil.
func (f *filters) of(day uint32) *filter {
	if one := f[day%2].Load(); one != nil && one.day == day {
		return one
	}
	return nil
}

// begin makes an empty filter for a day that takes the place of an older one.
func (f *filters) begin(day uint32) *filter {
	one := newFilter(day)
	f[day%2].Store(one)
	return one
}
