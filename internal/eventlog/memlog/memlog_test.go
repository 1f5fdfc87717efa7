package memlog_test

import (
	"testing"

	"go.uber.org/goleak"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/eventlogtest"
	"penstock/internal/eventlog/memlog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// place is a Store that outlives its opening, and rots where it lies.
type place struct {
	store *memlog.Store
	rot   func([]byte) []byte
}

func (p *place) Open(testing.TB) eventlog.Store { return p.store }
func (*place) Close(testing.TB)                 {}

func (p *place) Rot(_ testing.TB, stream eventlog.Stream, seq uint64) {
	p.store.Damage(stream, seq, p.rot)
}

func (p *place) Remove(_ testing.TB, stream eventlog.Stream, seq uint64) {
	p.store.Damage(stream, seq, func([]byte) []byte { return nil })
}

func TestStore(t *testing.T) {
	eventlogtest.Run(t, func(testing.TB) eventlogtest.Place {
		return &place{store: memlog.New(), rot: func([]byte) []byte { return nil }} // rot that the store itself notices
	})
}

func TestRotThatTheStoreDoesNotNotice(t *testing.T) {
	for name, rot := range map[string]func([]byte) []byte{
		"in the body":   func(b []byte) []byte { b[len(b)-3] ^= 4; return b },
		"in the header": func(b []byte) []byte { b[30] ^= 4; return b },
	} {
		t.Run(name, func(t *testing.T) {
			eventlogtest.Damage(t, func(testing.TB) eventlogtest.Place { return &place{store: memlog.New(), rot: rot} })
		})
	}
}
