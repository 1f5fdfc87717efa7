package journal

import (
	"context"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/duck"
	kernel "penstock/internal/event"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
)

// rowsOf is all events and outcomes, as text.
func rowsOf(t tester, db *duck.DB) []string {
	t.Helper()
	var all []string
	for _, q := range []string{
		"SELECT to_json(e)::VARCHAR FROM journal.events e ORDER BY seq, line", "SELECT to_json(o)::VARCHAR FROM journal.outcomes o ORDER BY log_seq, log_line",
	} {
		found, err := duck.Select(t.Context(), db, duck.Column[string], q)
		check(t, err)
		all = append(all, found...)
	}
	return all
}

// TestTablesFollowWhatIsTakenOut: after the log was shortened and rewritten, and the journal was told, its tables are what they would be if they were made anew.
func TestTablesFollowWhatIsTakenOut(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	for _, source := range []string{"s1", "s2"} {
		appendEvents(t, l, source, `{"type":"track","event":"E","userId":"ann","messageId":"m1","receivedAt":"2026-01-31T12:00:00Z"}`)
		appendEvents(t, l, source, `{"type":"track","event":"E","userId":"bob","messageId":"m2","receivedAt":"2026-01-31T12:00:00Z"}`,
			`{"type":"track","event":"E","userId":"ann","groupId":"g","messageId":"m3","receivedAt":"2026-01-31T12:00:00Z"}`)
	}
	for _, mapping := range []string{"a", "b"} {
		appendOutcomes(t, l, mapping, record.Outcome{Status: record.Delivered, At: []record.Span{{Seq: 1}}, Millis: 1})
		appendOutcomes(t, l, mapping, record.Outcome{
			Status: record.Discarded, At: []record.Span{{Seq: 2, To: 1}}, Millis: 2, Reason: "ann", Exchange: &record.Exchange{Method: "POST", URL: "http://x/ann"},
		})
	}
	j := openJournal(t, t.TempDir(), l, 1000)
	project(t, j)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- j.Run(ctx) }()

	_, err := l.Shorten(t.Context(), eventlog.Events, "events.ws1.s1", 2)
	check(t, err)
	check(t, j.Forget(t.Context(), eventlog.Events, "events.ws1.s1", 2))
	_, err = l.Shorten(t.Context(), eventlog.Outcomes, "outcomes.ws1.a", 2)
	check(t, err)
	check(t, j.Forget(t.Context(), eventlog.Outcomes, "outcomes.ws1.a", 2))

	line := 0
	_, err = l.Rewrite(t.Context(), eventlog.Events, 4, func(data []byte) []byte {
		if line++; line == 2 {
			return kernel.Erase(data)
		}
		return data
	})
	check(t, err)
	check(t, j.Erase(t.Context(), eventlog.Events, []record.Position{{Seq: 4, Line: 1}}))
	_, err = l.Rewrite(t.Context(), eventlog.Outcomes, 4, func([]byte) []byte {
		return []byte(`{"status":"discarded","at":["2.0-1"],"ms":2,"exchange":{"method":"POST","url":"","bytes":0,"took":0}}`)
	})
	check(t, err)
	check(t, j.Erase(t.Context(), eventlog.Outcomes, []record.Position{{Seq: 4}}))
	check(t, j.Erase(t.Context(), eventlog.Outcomes, nil))
	cancel()
	check(t, <-done)

	anew := openJournal(t, t.TempDir(), l, 1000)
	project(t, anew)
	want := rowsOf(t, anew.db)
	if diff := cmp.Diff(want, rowsOf(t, j.db)); diff != "" || len(want) != 5+3 {
		t.Errorf("tables, of %d rows (-made anew +followed):\n%s", len(want), diff)
	}
	shut(t, j)
	shut(t, anew)
}

// TestNobodyCarriesItOut: without Run there is an error, when the caller's time is over.
func TestNobodyCarriesItOut(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	j := &Journal{forgets: make(chan forget), logger: slog.New(slog.DiscardHandler)}
	if err := j.Forget(ctx, eventlog.Events, "events.ws1.s1", 2); err == nil {
		t.Error("no error was told")
	}
}
