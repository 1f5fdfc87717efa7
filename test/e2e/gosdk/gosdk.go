// Package gosdk makes calls with Segment's Go SDK, as test/e2e's programs do with those for Node.
package gosdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	analytics "github.com/segmentio/analytics-go/v3"
)

// Send makes so many calls, and returns each as JSON once all were delivered: what the log must hold.
func Send(host, writeKey string, count int) ([]json.RawMessage, error) {
	said := &said{}
	told := &told{}
	connections := &http.Transport{}
	defer connections.CloseIdleConnections()
	client, err := analytics.NewWithConfig(writeKey, analytics.Config{
		Endpoint: host, BatchSize: 50, Interval: 100 * time.Millisecond, Callback: told, Logger: said,
		Transport: patient{connections},
	})
	if err != nil {
		return nil, fmt.Errorf("make client: %w", err)
	}
	messages := calls(count)
	told.left.Add(len(messages))
	sent := make([]json.RawMessage, 0, len(messages))
	for _, message := range messages {
		raw, err := json.Marshal(asSent(message))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("write call: %w", err), client.Close())
		}
		sent = append(sent, raw)
		if err := client.Enqueue(message); err != nil {
			return nil, errors.Join(fmt.Errorf("enqueue %s: %w", raw, err), client.Close())
		}
	}
	told.left.Wait() // a client that is closed while it waits to try again drops what it has
	if err := client.Close(); err != nil {
		return nil, fmt.Errorf("close client: %w", err)
	}
	if len(told.failed) > 0 {
		return nil, fmt.Errorf("the SDK gave up on %d calls: %w\n%s", len(told.failed), told.failed[0], said.out.String())
	}
	return sent, nil
}

// patient takes from requests the 10 seconds that the SDK gives each: a busy machine may be slow to answer; that is not
// what is tested, and a call that is sent again for it would be counted.
type patient struct{ connections *http.Transport }

// RoundTrip makes the exchange, however long it takes.
func (p patient) RoundTrip(r *http.Request) (*http.Response, error) {
	request, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, r.URL.String(), r.Body)
	if err != nil {
		return nil, err
	}
	request.Header, request.ContentLength = r.Header, r.ContentLength
	return p.connections.RoundTrip(request)
}

// told waits for what becomes of each call.
type told struct {
	left   sync.WaitGroup
	mu     sync.Mutex
	failed []error
}

// Success is called when a call was delivered.
func (d *told) Success(analytics.Message) { d.left.Done() }

// Failure is called when the SDK gives up on a call.
func (d *told) Failure(_ analytics.Message, err error) {
	d.mu.Lock()
	d.failed = append(d.failed, err)
	d.mu.Unlock()
	d.left.Done()
}

// said keeps what the SDK says.
type said struct {
	mu  sync.Mutex
	out strings.Builder
}

// Logf is for what is of no interest.
func (*said) Logf(string, ...any) {}

// Errorf is for what went wrong.
func (s *said) Errorf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(&s.out, format+"\n", args...)
}

// asSent sets the type, as the SDK does.
func asSent(message analytics.Message) analytics.Message {
	switch m := message.(type) {
	case analytics.Track:
		m.Type = "track"
		return m
	case analytics.Identify:
		m.Type = "identify"
		return m
	case analytics.Group:
		m.Type = "group"
		return m
	case analytics.Page:
		m.Type = "page"
		return m
	case analytics.Screen:
		m.Type = "screen"
		return m
	case analytics.Alias:
		m.Type = "alias"
		return m
	}
	return message
}

// calls are those that a server may get wrong, then plain ones of all types.
func calls(count int) []analytics.Message {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_901_234, time.FixedZone("", 5*3600))
	base := func(i int) string { return fmt.Sprintf("go-%d", i) }
	var all []analytics.Message
	for name, properties := range hardProperties() {
		all = append(all, analytics.Track{MessageId: base(len(all)), UserId: "u-hard", Event: name, Timestamp: at, Properties: properties})
	}
	all = append(all,
		analytics.Track{MessageId: base(len(all)), UserId: "üser-用户-🙂", Event: `Köp — 購入 <b>"x"</b>`, Timestamp: at.UTC(), Properties: analytics.NewProperties().Set("groupId", "account")},
		analytics.Track{MessageId: base(len(all) + 1), AnonymousId: "anonymous alone", Event: "Anonymous", Timestamp: time.Date(2012, 12, 2, 0, 30, 12, 984_000_000, time.UTC)},
		analytics.Track{
			MessageId: base(len(all) + 2), UserId: "u", Event: "Switched off", Timestamp: at,
			Integrations: analytics.NewIntegrations().DisableAll().Enable("Webhooks (Actions)").Set("Other", map[string]any{"nested": []any{1, nil}}),
		},
		analytics.Track{
			MessageId: base(len(all) + 3), UserId: "u", Event: "Context", Timestamp: at,
			Context: &analytics.Context{
				IP: net.IPv4(203, 0, 113, 9), Locale: "sv-SE", Library: analytics.LibraryInfo{Name: "analytics-go", Version: "3.0.0"},
				Extra: map[string]any{"groupId": "in context", "empty": nil, "ü": []int{1, 2}},
			},
		},
	)
	for i := len(all); i < count; i++ {
		user := fmt.Sprintf("user-%d", i%250)
		switch i % 7 {
		case 0:
			all = append(all, analytics.Identify{MessageId: base(i), UserId: user, Timestamp: at, Traits: analytics.NewTraits().SetEmail("ü@example.com").Set("i", i)})
		case 1:
			all = append(all, analytics.Group{MessageId: base(i), UserId: user, GroupId: "gröup", Timestamp: at, Traits: analytics.NewTraits().SetName("Acme").Set("nil", nil)})
		case 2:
			all = append(all, analytics.Page{MessageId: base(i), UserId: user, Name: "Stärt", Timestamp: at, Properties: analytics.NewProperties().SetPath("/").Set("i", i)})
		case 3:
			all = append(all, analytics.Screen{MessageId: base(i), AnonymousId: user, Name: "Home", Timestamp: at})
		case 4:
			all = append(all, analytics.Alias{MessageId: base(i), UserId: user, PreviousId: "vörher", Timestamp: at})
		default:
			all = append(all, analytics.Track{
				MessageId: base(i), UserId: user, Event: fmt.Sprintf("Event %d", i%5), Timestamp: at,
				Properties: analytics.NewProperties().Set("i", i).Set("price", float64(i)/7).Set("text", "größer – 数字"),
			})
		}
	}
	return all
}

func hardProperties() map[string]analytics.Properties {
	deep := func(levels int) any {
		var value any = map[string]any{"leaf": true, "nil": nil, "none": []any{}}
		for i := range levels {
			if i%3 == 2 {
				value = []any{value, i}
			} else {
				value = map[string]any{fmt.Sprintf("k%d", i): value}
			}
		}
		return value
	}
	wide := analytics.NewProperties()
	for i := range 1000 {
		wide.Set(fmt.Sprintf("property %d", i), i)
	}
	return map[string]analytics.Properties{
		"no properties": analytics.NewProperties(),
		"integers": {
			"beyond": int64(1)<<53 + 1, "below": -(int64(1)<<53 + 1), "max": int64(math.MaxInt64), "min": int64(math.MinInt64), "unsigned": uint64(math.MaxUint64),
		},
		"floats":          {"small": 5e-324, "large": math.MaxFloat64, "decimal": 0.1, "exponent": 1e21, "whole": 19.0},
		"numbers as text": {"exact": json.Number("1.0"), "exponent": json.Number("1E5"), "huge": json.Number("1e400"), "negative zero": json.Number("-0")},
		"unicode":         {"emoji": "👨‍👩‍👧‍👦🇸🇪", "ключ": "значение", "数字": "größer", "separators": "a\u2028b\u2029c", "invalid": "a\xffb"},
		"control":         {"nul": "a\x00b", "lines": "a\r\n\tb", "quotes": `"\/`, "html": "<b>&amp;</b>"},
		"null and empty":  {"nil": nil, "text": "", "list": []any{}, "object": map[string]any{}, "nested": []any{nil, "", []any{}}},
		"names":           {"": "empty", " ": "blank", "a.b.c": "dots", "__proto__": map[string]any{"a": 1}, "type": "x", "messageId": "m", "writeKey": "not mine"},
		"raw":             {"as it is": json.RawMessage(`{"a":1,"a":2,"b":"\ud800"}`)},
		"deep 60":         {"d": deep(60)},
		"deep 1000":       {"d": deep(1000)},
		"wide 1000":       wide,
		"big 30 KB":       {"text": strings.Repeat("größer 数字 ", 1500)},
		"a time":          {"at": time.Unix(0, 1)},
	}
}
