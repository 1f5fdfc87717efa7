package publicapi_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"penstock/destinations"
	"penstock/internal/access"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/publicapi"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "a-token-of-the-tests"

// rig is the API over a workspace in memory.
type rig struct {
	handler http.Handler
	store   *workspace.Store
	journal *journal
	audit   []publicapi.AuditEvent
}

// journal answers every question with one event, and keeps the question.
type journal struct{ asked publicapi.Tally }

func (j *journal) Tally(_ context.Context, t publicapi.Tally) ([]publicapi.Tallied, error) {
	j.asked = t
	n := publicapi.Tallied{At: t.Since, Events: 1}
	if t.ByName {
		n.Name = "Rig Event"
	}
	if t.ByType {
		n.Type = "track"
	}
	if t.BySource {
		n.Source = t.Sources[0]
	}
	return []publicapi.Tallied{n}, nil
}

func (j *journal) Delivery(context.Context, []string, time.Time, time.Time) (publicapi.Delivery, error) {
	return publicapi.Delivery{AtOnce: 1, SuccessAverage: 5}, nil
}

func (r *rig) Events(_ context.Context, q publicapi.AuditQuery) ([]publicapi.AuditEvent, error) {
	var all []publicapi.AuditEvent
	for _, e := range r.audit {
		if q.ResourceID == "" || e.ResourceID == q.ResourceID {
			all = append(all, e)
		}
	}
	return all, nil
}

func newRig(t testing.TB) *rig {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	log, err := eventlog.New(t.Context(), memlog.New(), eventlog.DefaultConfig(), logger)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{journal: &journal{}, store: workspace.Open(memkv.New(), workspace.CatalogFunc(destinations.Lookup), workspace.NewFencer(log), logger)}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // outlives t.Context, which ends before the cleanups
	done := make(chan error, 2)
	go func() { done <- log.Run(ctx) }()
	go func() { done <- r.store.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Errorf("ended with %v", err)
		}
	})
	<-r.store.Ready()
	r.handler = publicapi.New(publicapi.Config{}, publicapi.Parts{
		Access: access.HashedToken(sha256.Sum256([]byte(token))), Workspace: r.store, Destinations: destinations.Catalog(), Journal: r.journal, Audit: r, Logger: logger,
	})
	return r
}

// request is one that is sent to the API.
type request struct {
	method, path, query, contentType, body, token string
}

// send returns the status of the answer, and the answer.
func (r *rig) send(t testing.TB, q request) (int, any) {
	t.Helper()
	target := publicapi.Prefix + q.path
	if q.query != "" {
		target += "?" + q.query
	}
	req := httptest.NewRequestWithContext(t.Context(), q.method, target, strings.NewReader(q.body))
	req.Header.Set("Authorization", "Bearer "+q.token)
	if q.contentType != "" {
		req.Header.Set("Content-Type", q.contentType)
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, req)
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("%s %s: the answer is not JSON: %v: %s %s", q.method, q.path, err, w.Header().Get("Content-Type"), text)
	}
	return w.Code, answer
}

// ask sends JSON, wants a status, and returns what lies at a path of the answer.
func (r *rig) ask(t testing.TB, status int, operation, body string, at ...string) any {
	t.Helper()
	method, target, _ := strings.Cut(operation, " ")
	path, query, _ := strings.Cut(target, "?")
	got, answer := r.send(t, request{method: method, path: path, query: query, contentType: "application/json", body: body, token: token})
	if got != status {
		t.Fatalf("%s %s: %d %v, want %d", method, path, got, answer, status)
	}
	return dig(answer, at...)
}

// dig goes down into an answer.
func dig(v any, at ...string) any {
	for _, name := range at {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	return v
}
