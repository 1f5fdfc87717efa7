package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// serveBare is the reference: what net/http can do at all on this machine.
func serveBare(ctx context.Context, listen string) error {
	return serve(ctx, listen, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			_, _ = io.WriteString(w, `{"success":true}`)
		}
	}))
}

// sinkStats is what a sink answers to GET /stats: the events that came since the last DELETE /stats.
type sinkStats struct {
	Events  int           `json:"events"`
	Spanned time.Duration `json:"spanned"` // from the first call to the last arrival
	P50     time.Duration `json:"p50"`     // from call to sink
	P95     time.Duration `json:"p95"`
	P99     time.Duration `json:"p99"`
}

func (s sinkStats) perSecond() float64 {
	if s.Spanned == 0 {
		return 0
	}
	return float64(s.Events) / s.Spanned.Seconds()
}

// sink remembers when the events that it was sent were called and when they came.
type sink struct {
	mu        sync.Mutex
	first     time.Time // call
	last      time.Time // arrival
	latencies latencies
}

func serveSink(ctx context.Context, listen string) error {
	var s sink
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(s.stats()) })
	mux.HandleFunc("DELETE /stats", func(http.ResponseWriter, *http.Request) { s.reset() })
	mux.HandleFunc("POST /", func(_ http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			s.take(body, time.Now())
		}
	})
	return serve(ctx, listen, mux)
}

func (s *sink) take(body []byte, at time.Time) {
	_, after, found := bytes.Cut(body, []byte(sentField))
	if !found {
		return
	}
	var nanos int64
	for _, digit := range after {
		if digit < '0' || digit > '9' {
			break
		}
		nanos = nanos*10 + int64(digit-'0')
	}
	call := time.Unix(0, nanos)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first.IsZero() || call.Before(s.first) {
		s.first = call
	}
	s.last = at
	s.latencies = append(s.latencies, at.Sub(call))
}

func (s *sink) reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.first, s.last, s.latencies = time.Time{}, time.Time{}, nil
}

func (s *sink) stats() sinkStats {
	s.mu.Lock()
	sorted := slices.Clone(s.latencies)
	spanned := s.last.Sub(s.first)
	s.mu.Unlock()
	slices.Sort(sorted)
	return sinkStats{
		Events: len(sorted), Spanned: spanned,
		P50: sorted.percentile(50), P95: sorted.percentile(95), P99: sorted.percentile(99),
	}
}

func serve(ctx context.Context, listen string, handler http.Handler) error {
	server := &http.Server{Addr: listen, Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
