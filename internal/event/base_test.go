package event_test
import ("testing";"bytes";"strings";"github.com/go-json-experiment/json/jsontext";"penstock/internal/event")
func BenchmarkBase(b *testing.B) {
	events := make([]string, 100)
	for i := range events { events[i] = sample(i) }
	body := []byte(`{"batch":[`+strings.Join(events, ",")+`],"sentAt":"2026-11-23T12:07:10.415Z"}`)
	b.SetBytes(int64(len(body)))
	var d jsontext.Decoder
	for b.Loop() {
		d.Reset(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		if _, err := d.ReadValue(); err != nil { b.Fatal(err) }
	}
}
func BenchmarkSplit(b *testing.B) {
	events := make([]string, 100)
	for i := range events { events[i] = sample(i) }
	body := []byte(`{"batch":[`+strings.Join(events, ",")+`],"sentAt":"2026-11-23T12:07:10.415Z"}`)
	b.SetBytes(int64(len(body)))
	var s event.Splitter
	for b.Loop() {
		if r := s.Split(body, event.Batch); r != nil { b.Fatal(r) }
	}
}
