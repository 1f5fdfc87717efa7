package seen

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"
)

// An id that is put in before the filter is whole is never denied, by a look-up that runs meanwhile either.
func TestFilterBecomesWhole(t *testing.T) {
	f := newFilter(1)
	for i := range uint64(20_000) {
		hash := sha256.Sum256(binary.BigEndian.AppendUint64(nil, i))
		f.whole.Store(false)
		filled := make(chan struct{})
		go func() {
			defer close(filled)
			f.add(hash[:hashBytes])
			f.whole.Store(true)
		}()
		for isWhole := false; !isWhole; {
			isWhole = f.whole.Load()
			if !f.may(hash[:hashBytes]) {
				t.Fatalf("id %d is denied", i)
			}
		}
		<-filled
	}
}
