package harness

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// Delivery is one event that a sink took.
type Delivery struct {
	WebhookID string
	Batch     int // events in its request, which was a list; 0: the event by itself
	MessageID string
	UserID    string
	Type      string // of the event: track, identify...
	At        time.Time
}

// Sink is a receiver outside of Penstock: it answers 200 to everything and remembers what came.
type Sink struct {
	URL string

	t          testing.TB
	mu         sync.Mutex
	open       int // connections
	deliveries []Delivery
}

// NewSink starts a sink, and stops it at the end of the test.
func NewSink(tb testing.TB) *Sink {
	tb.Helper()
	sink := &Sink{t: tb}
	server := httptest.NewUnstartedServer(http.HandlerFunc(sink.take))
	server.Config.ConnState = sink.count
	server.Start()
	tb.Cleanup(server.Close)
	sink.URL = server.URL
	return sink
}

func (s *Sink) take(_ http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		return // of Drained
	}
	at := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the sender was killed while it sent: this was not a whole request
	}
	batch := 0
	events := make([]event, 1)
	if len(body) > 0 && body[0] == '[' {
		err = json.Unmarshal(body, &events)
		batch = len(events)
	} else {
		err = json.Unmarshal(body, &events[0])
	}
	if err != nil {
		s.t.Errorf("sink: request is neither an event nor a list of them: %v: %s", err, body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		one := Delivery{r.Header.Get("Webhook-Id"), batch, e.MessageID, e.UserID, e.Type, at}
		s.deliveries = append(s.deliveries, one)
	}
}

// event is what a sink reads of one.
type event struct {
	MessageID string `json:"messageId"`
	UserID    string `json:"userId"`
	Type      string `json:"type"`
}

func (s *Sink) count(_ net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.open++
	case http.StateClosed, http.StateHijacked:
		s.open--
	case http.StateActive, http.StateIdle:
	}
}

// Drained waits until nobody is connected: all that a killed sender had sent is then among the deliveries.
func (s *Sink) Drained() {
	s.t.Helper()
	// Connections are taken in their order: when this one was answered, those before it are counted.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	response, err := client.Get(s.URL)
	if err != nil {
		s.t.Fatalf("ask sink: %v", err)
	}
	_ = response.Body.Close()
	Eventually(s.t, "sink drained", func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open > 0 {
			return fmt.Errorf("%d connections are open", s.open)
		}
		return nil
	})
}

// Deliveries returns what came so far, in order.
func (s *Sink) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.deliveries)
}
