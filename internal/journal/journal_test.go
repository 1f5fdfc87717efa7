package journal

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"penstock/internal/duck"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "15"); err != nil { // each check opens databases several times
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// testing.T, testing.B and rapid.T.
type tester interface {
	Helper()
	Fatal(args ...any)
	Context() context.Context
}

func check(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// startLog runs a log until stop.
func startLog(t tester, store eventlog.Store) (l *eventlog.Log, stop func()) {
	t.Helper()
	l, err := eventlog.New(t.Context(), store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	return l, func() {
		cancel()
		check(t, <-done)
	}
}

// index is an index of seen ids in memory, so that the log marks duplicates.
type index map[string]record.Position

func (x index) First(source, id string, _ int64) (record.Position, bool) {
	p, ok := x[source+" "+id]
	return p, ok
}

func (x index) Note(_ uint64, entries []eventlog.Seen) error {
	for _, e := range entries {
		x[e.Source+" "+e.ID] = e.At
	}
	return nil
}

func openJournal(t tester, dir string, l Log, rows int) *Journal {
	t.Helper()
	db, err := duck.Open(t.Context(), dir, duck.Config{MemoryLimit: 128 << 20, Threads: 1}, slog.New(slog.DiscardHandler))
	check(t, err)
	j, err := New(t.Context(), db, l, Config{Linger: time.Second, BatchRows: rows, RetryAfter: time.Second}, slog.New(slog.DiscardHandler))
	check(t, err)
	return j
}

func shut(t tester, j *Journal) {
	t.Helper()
	check(t, errors.Join(j.Close(), j.db.Close()))
}

func project(t tester, j *Journal) {
	t.Helper()
	j.open()
	check(t, j.catchUp(t.Context()))
}

var start = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func appendEvents(t tester, l *eventlog.Log, source string, events ...string) {
	t.Helper()
	var lines []eventlog.Line
	for _, e := range events {
		var ids struct{ MessageID string }
		check(t, json.Unmarshal([]byte(e), &ids))
		lines = append(lines, eventlog.Line{ID: ids.MessageID, Data: []byte(e)})
	}
	_, err := l.Append(t.Context(), eventlog.Events, "events.ws1."+source, record.KindEvents, lines)
	check(t, err)
}

func appendOutcomes(t tester, l *eventlog.Log, mapping string, outcomes ...record.Outcome) {
	t.Helper()
	var lines []eventlog.Line
	for _, o := range outcomes {
		data, err := json.Marshal(o)
		check(t, err)
		lines = append(lines, eventlog.Line{Data: data})
	}
	_, err := l.Append(t.Context(), eventlog.Outcomes, "outcomes.ws1."+mapping, record.KindOutcomes, lines)
	check(t, err)
}

func TestSearch(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	l.SetIndex(index{})
	at := func(minute int) string {
		return `,"receivedAt":"` + start.Add(time.Duration(minute)*time.Minute).Format(time.RFC3339) + `"}`
	}
	appendEvents(t, l, "s1",
		`{"type":"track","event":"Signed In","userId":"123","messageId":"m1","name":"not this"`+at(0),
		`{"type":"identify","userId":"123","anonymousId":"anon","messageId":"m2","traits":{"name":"Ann","userId":"9"}`+at(1))
	appendEvents(t, l, "s2",
		`{"type":"page","name":"Home","anonymousId":"anon","messageId":"m3"`+at(2),
		`{"type":"group","groupId":"Acme","userId":7,"messageId":"m4"`+at(3))
	appendEvents(t, l, "s1", `{"type":"track","event":"Signed In","userId":"123","messageId":"m1"`+at(4))
	j := openJournal(t, t.TempDir(), l, 1000)
	project(t, j)
	for name, c := range map[string]struct {
		query Query
		want  []string
	}{
		"all":        {Query{}, []string{"3.0", "2.1", "2.0", "1.1", "1.0"}},
		"limit":      {Query{Limit: 2}, []string{"3.0", "2.1"}},
		"user":       {Query{User: "anon"}, []string{"2.0", "1.1"}},
		"event":      {Query{Event: "Signed In"}, []string{"3.0", "1.0"}},
		"page":       {Query{Event: "Home"}, []string{"2.0"}},
		"type":       {Query{Type: "identify"}, []string{"1.1"}},
		"source":     {Query{Source: "s2"}, []string{"2.1", "2.0"}},
		"message":    {Query{MessageID: "m4"}, []string{"2.1"}},
		"since":      {Query{Since: start.Add(3 * time.Minute)}, []string{"3.0", "2.1"}},
		"text":       {Query{Text: "sIGNED"}, []string{"3.0", "1.0"}},
		"group text": {Query{Text: "acme"}, []string{"2.1"}},
		"both":       {Query{User: "123", Source: "s1", Type: "track"}, []string{"3.0", "1.0"}},
		"workspace":  {Query{Workspace: "ws2"}, []string{}},
		"wildcard":   {Query{Text: "%"}, []string{}},
	} {
		found, err := j.Search(t.Context(), c.query)
		check(t, err)
		got := []string{}
		for _, e := range found {
			got = append(got, e.Position.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	found, err := j.Search(t.Context(), Query{MessageID: "m1", Limit: 1})
	check(t, err)
	want := EventRow{
		Position: record.Position{Seq: 3}, Workspace: "ws1", Source: "s1", ReceivedAt: start.Add(4 * time.Minute),
		MessageID: "m1", Type: "track", Name: "Signed In", UserID: "123", DuplicateOf: &record.Position{Seq: 1},
	}
	if diff := cmp.Diff([]EventRow{want}, found); diff != "" {
		t.Error(diff)
	}
	shut(t, j)
}

func TestDeliveries(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	ms := func(second int) int64 { return start.Add(time.Duration(second) * time.Second).UnixMilli() }
	appendOutcomes(t, l, "map1",
		record.Outcome{Status: record.Filtered, At: []record.Span{{Seq: 1, From: 0, To: 999}, {Seq: 2, From: 5, To: 5}}, Millis: ms(1)},
		record.Outcome{Status: record.Retrying, At: []record.Span{{Seq: 2}}, Attempt: 1, Due: ms(70), Millis: ms(59), Code: "503", Reason: "it was busy"},
		record.Outcome{
			Status: record.Delivered, At: []record.Span{{Seq: 2}}, Attempt: 2, Millis: ms(70), Revision: 4,
			Exchange: &record.Exchange{ID: "msg_1", Method: "POST", URL: "http://localhost/", Bytes: 10, Status: 200, Took: 3},
		},
		record.Outcome{Status: record.Lost, Hole: &record.Hole{Before: 9, Lines: 7}, Millis: ms(71)},
		record.Outcome{Status: record.Resumed, Millis: ms(72)},
		record.Outcome{Status: record.Duplicate, At: []record.Span{{Seq: 3}}, Of: &record.Position{Seq: 1, Line: 2}, Millis: ms(130)})
	appendOutcomes(t, l, "map2", record.Outcome{Status: record.Delivered, At: []record.Span{{Seq: 1}}, Millis: ms(1)})
	j := openJournal(t, t.TempDir(), l, 1000)
	project(t, j)
	minute := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	got, err := j.Deliveries(t.Context(), "map1", start)
	check(t, err)
	want := []Count{
		{minute(0), record.Filtered, 1001},
		{minute(0), record.Retrying, 1},
		{minute(1), record.Delivered, 1},
		{minute(1), record.Lost, 7},
		{minute(1), record.Resumed, 0},
		{minute(2), record.Duplicate, 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got, err = j.Deliveries(t.Context(), "map1", minute(2))
	if diff := cmp.Diff(want[5:], got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if n := len(dump(t, j)); n != 8 { // the filtered ones are two rows
		t.Errorf("%d rows for 7 outcomes with 8 spans", n)
	}
	shut(t, j)
}

func TestRunFollowsBothStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := startLog(t, memlog.New())
		defer stop()
		j := openJournal(t, t.TempDir(), l, 1000)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- j.Run(ctx) }()
		wait := func(events, outcomes uint64) {
			t.Helper()
			<-time.After(j.cfg.Linger + time.Millisecond) // fake time
			synctest.Wait()
			if e, o := j.Position(eventlog.Events), j.Position(eventlog.Outcomes); e != events || o != outcomes {
				t.Errorf("at %d and %d, want %d and %d", e, o, events, outcomes)
			}
		}
		appendEvents(t, l, "s1", `{"messageId":"m1"}`)
		wait(1, 0)
		appendOutcomes(t, l, "map1", record.Outcome{Status: record.Resumed})
		wait(1, 1)
		_, err := l.Append(t.Context(), eventlog.Events, "fences.ws1.s1", record.KindFence, []eventlog.Line{{Data: []byte(`{}`)}})
		check(t, err)
		appendOutcomes(t, l, "map1", record.Outcome{Status: record.Resumed})
		wait(2, 2) // a fence leaves no row, but is passed
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		shut(t, j)
	})
}

func TestHolesAreKept(t *testing.T) {
	store := memlog.New()
	l, stop := startLog(t, store)
	for range 3 {
		appendEvents(t, l, "s1", `{"messageId":"m1"}`, `{"messageId":"m2"}`)
	}
	stop()
	store.Damage(eventlog.Events, 2, func(b []byte) []byte { b[len(b)-3] ^= 1; return b })
	l, stop = startLog(t, store)
	defer stop()
	j := openJournal(t, t.TempDir(), l, 1000)
	project(t, j)
	all := dump(t, j)
	want := `{"stream":"EVENTS","subject":"events.ws1.s1","seq":2,"lines":2}`
	if len(all) != 5 || all[4] != want {
		t.Errorf("got %v, want 4 events and %s", all, want)
	}
	shut(t, j)
}

func TestTablesOfAnotherLogAreBegunAnew(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []int{3, 1} {
		l, stop := startLog(t, memlog.New())
		for range n {
			appendEvents(t, l, "s1", `{"messageId":"m1"}`)
		}
		j := openJournal(t, dir, l, 1000)
		project(t, j)
		if found, err := j.Search(t.Context(), Query{}); err != nil || len(found) != n {
			t.Errorf("%d rows, %v; want %d", len(found), err, n)
		}
		shut(t, j)
		stop()
	}
}

// dump is all rows of all tables.
func dump(t tester, j *Journal) []string {
	t.Helper()
	var all []string
	for _, q := range []string{
		"SELECT to_json(e)::VARCHAR FROM journal.events e ORDER BY seq, line",
		"SELECT to_json(o)::VARCHAR FROM journal.outcomes o ORDER BY log_seq, log_line, seq, from_line",
		"SELECT to_json(h)::VARCHAR FROM journal.holes h ORDER BY stream, seq",
	} {
		found, err := duck.Select(t.Context(), j.db, duck.Column[string], q)
		check(t, err)
		all = append(all, found...)
	}
	return all
}

// However the streams are cut into batches, and wherever the process is killed, the rows are those of one go.
func TestRowsAreAFunctionOfTheStreams(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "journal") //nolint:usetesting // rapid.T has none
		check(t, err)
		defer func() { check(t, os.RemoveAll(dir)) }()
		l, stop := startLog(t, memlog.New())
		defer stop()
		cut := filepath.Join(dir, "0")
		j := openJournal(t, cut, l, 1)
		for step := range rapid.IntRange(1, 4).Draw(t, "steps") {
			for range rapid.IntRange(0, 6).Draw(t, "appends") {
				n := rapid.IntRange(0, 3).Draw(t, "n")
				if rapid.Bool().Draw(t, "event") {
					appendEvents(t, l, fmt.Sprint("s", n), fmt.Sprintf(`{"type":"track","event":"e%d","messageId":"m%d"}`, n, n), `{"userId":"u"}`)
					continue
				}
				spans := []record.Span{{Seq: 1, To: n}, {Seq: 2, From: n, To: n}}
				appendOutcomes(t, l, fmt.Sprint("map", n), record.Outcome{Status: record.Filtered, At: spans[:n%3], Millis: int64(n)}, record.Outcome{Status: record.Parked})
			}
			j.cfg.BatchRows = rapid.IntRange(1, 6).Draw(t, "rows")
			project(t, j)
			if rapid.IntRange(0, 2).Draw(t, "kill") == 0 {
				next := filepath.Join(dir, fmt.Sprint(step+1))
				check(t, os.CopyFS(next, os.DirFS(cut)))
				shut(t, j)
				cut, j = next, openJournal(t, next, l, 1)
			}
		}
		got := dump(t, j)
		check(t, j.writer.Reset(t.Context()))
		check(t, j.begin(t.Context()))
		j.cfg.BatchRows = 1000
		project(t, j)
		if diff := cmp.Diff(dump(t, j), got); diff != "" {
			t.Errorf("in one go, and cut:\n%s", diff)
		}
		shut(t, j)
	})
}

// BenchmarkProject projects events of about 600 bytes, 500 a chunk; an operation is one event.
func BenchmarkProject(b *testing.B) {
	l, stop := startLog(b, memlog.New())
	defer stop()
	var lines []eventlog.Line
	for i := range b.N {
		data := fmt.Appendf(nil, `{"messageId":"message-%032d","type":"track","event":"Event %d","userId":"user-%d","receivedAt":"2026-01-31T11:59:59.123Z","properties":{"text":"%0400d"}}`, i, i%20, i%1000, i)
		if lines = append(lines, eventlog.Line{Data: data}); len(lines) == 500 || i == b.N-1 {
			_, err := l.Append(b.Context(), eventlog.Events, "events.ws1.s1", record.KindEvents, lines)
			check(b, err)
			lines = nil
		}
	}
	j := openJournal(b, b.TempDir(), l, DefaultConfig().BatchRows)
	b.ResetTimer()
	project(b, j)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.StopTimer()
	shut(b, j)
}
