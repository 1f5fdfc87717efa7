package event_test

import (
	"bytes"
	"testing"

	"penstock/internal/event"
)

func TestErase(t *testing.T) {
	line := []byte(`{"type":"track","event":"E","userId":"ann","messageId":"m\u00e9","properties":{"email":"ann@example.com"},"receivedAt":"2026-01-02T03:04:05.678Z"}`)
	left := event.Erase(line)
	if want := `{"type":"$erased","messageId":"mé","receivedAt":"2026-01-02T03:04:05.678Z"}`; string(left) != want {
		t.Errorf("%s, want %s", left, want)
	}
	if event.IsErased(line) || !event.IsErased(left) || !bytes.Equal(event.Erase(left), left) {
		t.Error("what is left of an event is not known for that")
	}
}
