package event_test

import (
	"fmt"
	"strings"
	"testing"

	"penstock/internal/event"
)

// sample is an event of about 800 bytes, as a browser makes it.
func sample(i int) string {
	return fmt.Sprintf(`{"timestamp":"2026-11-23T12:07:10.379Z","integrations":{},"anonymousId":"23fe6c3c-44e3-4d29-a328-fd6bdbe197cf","event":"Plan Upgraded","type":"track","properties":{"plan":"pro","seats":25,"price":1249.5,"currency":"EUR","groupId":"account-%d","trial":false},"context":{"page":{"path":"/docs","referrer":"","search":"?utm_source=rig","title":"Docs","url":"https://shop.example/docs?utm_source=rig"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","locale":"en-US","timezone":"Europe/Stockholm","library":{"name":"analytics.js","version":"npm:next-1.84.3"}},"messageId":"ajs-next-1795435630379-7d0c1f3e-9d53-4b8e-8a0e-%012d","userId":"user-%d","_metadata":{"bundled":["Segment.io"],"unbundled":[]}}`, i, i, i)
}

func BenchmarkEvent(b *testing.B) {
	body := []byte(sample(1))
	run(b, body, event.Track)
}

func BenchmarkBatch100(b *testing.B) {
	events := make([]string, 100)
	for i := range events {
		events[i] = sample(i)
	}
	run(b, []byte(`{"batch":[`+strings.Join(events, ",")+`],"sentAt":"2026-11-23T12:07:10.415Z"}`), event.Batch)
}

func run(b *testing.B, body []byte, typ event.Type) {
	b.Helper()
	var s event.Splitter
	f := facts()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if r := s.Split(body, typ); r != nil {
			b.Fatal(r)
		}
		if result := s.Normalize(f); len(result.Rejected) > 0 {
			b.Fatal(result.Rejected[0])
		}
	}
}
