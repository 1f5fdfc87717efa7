package event_test

import (
	"fmt"
	"strings"
	"testing"

	"penstock/internal/event"
)

// TestLimits tries each limit at the last value that is allowed and at the first that is not.
func TestLimits(t *testing.T) {
	single := func(format string) func(int) string {
		return func(n int) string {
			return fmt.Sprintf(`{"type":"track","userId":"u","event":"E",`+format+`}`, strings.Repeat("x", n))
		}
	}
	whole := len(`{"type":"track","userId":"u","event":"E","p":""}`)
	cases := map[string]struct {
		body func(int) string
		typ  event.Type
		max  int
		code event.Code
	}{
		"event":      {single(`"p":"%s"`), event.Track, event.EventBytesMax - whole, event.PayloadTooLarge},
		"message id": {single(`"messageId":"%s"`), event.Track, event.MessageIDCharsMax, event.IDTooLong},
		"user id":    {single(`"userId":"%s"`), event.Track, event.IDBytesMax - 2, event.IDTooLong},
		"event name": {single(`"event":"%s"`), event.Track, event.NameBytesMax - 2, event.NameTooLong},
		"page name":  {single(`"name":"%s"`), event.Page, event.NameBytesMax - 2, event.NameTooLong},
		"depth": {func(n int) string {
			return `{"userId":"u","event":"E","properties":{"x":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}}`
		}, event.Track, event.DepthMax - 2, event.BadRequest},
		"events": {func(n int) string {
			return `{"batch":[` + strings.Repeat(`{"type":"page","userId":"u"},`, n-1) + `{"type":"page","userId":"u"}]}`
		}, event.Batch, event.BatchEventsMax, event.PayloadTooLarge},
		"event with what is shared": {func(n int) string {
			return `{"batch":[{"type":"page","userId":"u"}],"context":{"x":"` + strings.Repeat("x", n) + `"}}`
		}, event.Batch, event.EventBytesMax - len(`{"type":"page","userId":"u"}{"x":""}`), event.PayloadTooLarge},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if r := reasons(c.body(c.max), c.typ); len(r) != 0 {
				t.Errorf("at %d: %v", c.max, r[0])
			}
			r := reasons(c.body(c.max+1), c.typ)
			if len(r) != 1 || r[0].Code != c.code {
				t.Errorf("at %d: got %v, want %s", c.max+1, r, c.code)
			}
		})
	}
}

// TestSharedContextIsBounded: what a batch shares is written into each event, and must not make megabytes out of kilobytes.
func TestSharedContextIsBounded(t *testing.T) {
	body := `{"batch":[` + strings.Repeat(`{"type":"page","userId":"u"},`, 2499) + `{"type":"page","userId":"u"}],"context":{"x":"` + strings.Repeat("x", 30_000) + `"}}`
	var s event.Splitter
	if r := s.Split([]byte(body), event.Batch); r != nil {
		t.Fatal(r)
	}
	result, size := s.Normalize(facts()), 0
	for _, a := range result.Accepted {
		size += len(a.Line) + 1
	}
	if size > event.BatchLinesBytesMax || len(result.Accepted) < 100 || len(result.Accepted)+len(result.Rejected) != 2500 {
		t.Errorf("%d bytes in %d lines, %d rejected; at most %d bytes", size, len(result.Accepted), len(result.Rejected), event.BatchLinesBytesMax)
	}
}

func reasons(body string, typ event.Type) []*event.Rejection {
	var s event.Splitter
	if r := s.Split([]byte(body), typ); r != nil {
		return []*event.Rejection{r}
	}
	return s.Normalize(facts()).Rejected
}
