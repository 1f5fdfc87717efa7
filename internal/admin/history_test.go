package admin

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"penstock/internal/record"
)

// past is a Journal with one of everything, which remembers what it was asked for.
type past struct {
	search   EventQuery
	attempts AttemptQuery
	span     Span
	err      error
}

func (p *past) Search(_ context.Context, q EventQuery) ([]FoundEvent, error) {
	p.search = q
	return []FoundEvent{{Position: record.Position{Seq: 7, Line: 1}, Source: "gone", MessageID: "m-1", Type: "track", Name: "Order Completed"}}, p.err
}

func (p *past) Volume(_ context.Context, _ string, s Span) ([]VolumePoint, error) {
	p.span = s
	return []VolumePoint{{Type: "track", Events: 3}}, p.err
}

func (p *past) EventNames(context.Context, string, Span) ([]EventName, error) {
	return []EventName{{Type: "track", Name: "Order Completed", Events: 3}}, p.err
}

func (p *past) Outcomes(context.Context, []string, Span) ([]OutcomePoint, error) {
	return []OutcomePoint{{Status: record.Delivered, First: true, Events: 2}}, p.err
}

func (p *past) Reasons(context.Context, []string, Span) ([]Reason, error) {
	return []Reason{{Status: record.Discarded, Code: "400", Events: 1}}, p.err
}

func (p *past) Attempts(_ context.Context, q AttemptQuery) ([]Attempt, error) {
	p.attempts = q
	return []Attempt{{Position: record.Position{Seq: 9}, Status: record.Discarded, Code: "400", Events: 1}}, p.err
}

func TestHistory(t *testing.T) {
	r := newRig(t)
	if status, body := r.do(t, http.MethodPut, "/api/workspace", file); status != http.StatusOK {
		t.Fatalf("PUT /api/workspace: %d %s", status, body)
	}
	for _, c := range []struct {
		path   string
		status int
		say    string
	}{
		{"/api/events?text=order&source=website&before=12.3&limit=5", 200, `"messageId":"m-1"`},
		{"/api/events?before=nowhere", 422, "before"},
		{"/api/events?source=nobody", 404, "nobody"},
		{"/api/sources/website/volume?since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z&step=3600", 200, `"Order Completed"`},
		{"/api/sources/website/volume?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", 422, "since is not before until"},
		{"/api/sources/website/volume?since=2025-01-01T00:00:00Z&until=2026-01-01T00:00:00Z&step=1", 422, "steps"},
		{"/api/destinations/nobody/deliveries", 404, "nobody"},
		{"/api/destinations/nobody/attempts", 404, "nobody"},
	} {
		if status, body := r.do(t, http.MethodGet, c.path, ""); status != c.status || !strings.Contains(body, c.say) {
			t.Errorf("GET %s: %d %s, want %d, %s", c.path, status, body, c.status, c.say)
		}
	}
	source := r.store.Snapshot().SourceBySlug("website")
	if q := r.past.search; q.Text != "order" || q.Source != source.ID || q.Before != (record.Position{Seq: 12, Line: 3}) || q.Limit != 5 {
		t.Errorf("searched for %+v", q)
	}
	if s := r.past.span; s.Step != time.Hour || s.Until.Sub(s.Since) != 24*time.Hour {
		t.Errorf("charted %+v", s)
	}
}
