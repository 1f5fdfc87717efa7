package ingest

import (
	"testing"
	"time"
)

// TestReceivedAtNeverGoesBackwards: when the clock does, time stands still.
func TestReceivedAtNeverGoesBackwards(t *testing.T) {
	h := New(nil, nil, DefaultConfig(), nil)
	if first := h.now(); first <= 0 {
		t.Fatalf("now is %d", first)
	}
	ahead := time.Now().Add(time.Hour).UnixMilli()
	h.received.Store(ahead)
	if now := h.now(); now != ahead {
		t.Errorf("now is %d, after %d", now, ahead)
	}
}
