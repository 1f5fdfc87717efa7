package analyze

// hasher is the 64-bit FNV-1a hash of texts and numbers. It is stored: it may not change without the schema's version.
type hasher uint64

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// newHash begins the hash of a kind of thing.
func newHash(kind string) hasher { return hasher(fnvOffset).text(kind) }

func (h hasher) text(s string) hasher {
	for i := range len(s) {
		h = (h ^ hasher(s[i])) * fnvPrime
	}
	return (h ^ '\xff') * fnvPrime // no byte of UTF-8
}

func (h hasher) number(n uint64) hasher {
	for range 8 {
		h = (h ^ hasher(n&0xff)) * fnvPrime
		n >>= 8
	}
	return h
}

// sum is the hash, and never 0.
func (h hasher) sum() uint64 { return max(uint64(h), 1) }
