package analyze

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"penstock/internal/duck"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
)

func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "25"); err != nil { // each check opens databases several times
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// testing.T and rapid.T.
type tester interface {
	Helper()
	Fatal(args ...any)
	Context() context.Context
}

// startLog runs a log until stop.
func startLog(t tester, store eventlog.Store) (l *eventlog.Log, stop func()) {
	t.Helper()
	l, err := eventlog.New(t.Context(), store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	return l, func() {
		cancel()
		check(t, <-done)
	}
}

func openDB(t tester, dir string) *duck.DB {
	t.Helper()
	db, err := duck.Open(t.Context(), dir, duck.Config{MemoryLimit: 64 << 20, Threads: 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func analyzer(t tester, db *duck.DB, l Log, rows int) *Analyzer {
	t.Helper()
	a, err := New(t.Context(), db, l, Config{Linger: time.Second, BatchRows: rows, RetryAfter: time.Second}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func project(t tester, a *Analyzer) {
	t.Helper()
	check(t, a.catchUp(t.Context(), a.log.Read(eventlog.Received, "received.>", a.Position()+1)))
}

func check(t tester, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// delivery is a body as a test writes it.
type delivery struct {
	app, webhook, body string
}

var start = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func deliver(t tester, l *eventlog.Log, deliveries ...delivery) {
	t.Helper()
	for _, d := range deliveries {
		data, err := json.Marshal(record.Received{At: start.UnixMilli(), Via: "segmentio", Key: "k", WebhookID: d.webhook, Body: json.RawMessage(d.body)})
		check(t, err)
		_, err = l.Append(t.Context(), eventlog.Received, "received.ws1."+d.app, record.KindReceived, []eventlog.Line{{Data: data}})
		check(t, err)
	}
}

// dump is all rows of all tables.
func dump(t tester, db *duck.DB) []string {
	t.Helper()
	var all []string
	for _, q := range []string{
		"SELECT to_json(c)::VARCHAR FROM analytics.calls c ORDER BY seq, line, element",
		"SELECT to_json(h)::VARCHAR FROM analytics.holes h ORDER BY seq",
		"SELECT to_json(p)::VARCHAR FROM analytics.position p",
	} {
		found, err := duck.Select(t.Context(), db, duck.Column[string], q)
		check(t, err)
		all = append(all, found...)
	}
	return all
}

// withAnalyzer projects deliveries and calls test.
func withAnalyzer(t *testing.T, deliveries []delivery, test func(*Analyzer)) {
	t.Helper()
	l, stop := startLog(t, memlog.New())
	defer stop()
	deliver(t, l, deliveries...)
	db := openDB(t, t.TempDir())
	a := analyzer(t, db, l, 1000)
	project(t, a)
	test(a)
	check(t, errors.Join(a.Close(), db.Close()))
}

func TestTrackEventsAndVisitor(t *testing.T) {
	at := func(minute int) string { return start.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339) }
	withAnalyzer(t, []delivery{
		{"app1", "w1", `{"type":"track","event":"Signed In","userId":"123","groupId":"account","messageId":"m1","timestamp":"` + at(-9) + `"}`},
		{"app1", "w2", `{"type":"track","event":"Signed In","userId":"123","properties":{"groupId":"other"},"messageId":"m2","timestamp":"` + at(-5) + `"}`},
		{"app1", "w3", `{"type":"track","event":"Signed In","anonymousId":"x","context":{"groupId":"c"},"messageId":"m3","timestamp":"` + at(-7) + `"}`},
		{"app1", "w4", `{"type":"track","event":"Bought","userId":123,"groupId":"account","messageId":"m4","timestamp":"` + at(-8) + `"}`},
		{"app1", "w5", `{"type":"identify","userId":"123","traits":{"Plan":"free","name":"Ann","address":{"city":"x"}},"timestamp":"` + at(-20) + `"}`},
		{"app1", "w6", `{"type":"identify","userId":"123","traits":{"plan":"pro","seats":1.0},"timestamp":"` + at(-30) + `"}`},
		{"app1", "w7", `{"type":"group","userId":"123","groupId":"third","timestamp":"` + at(-40) + `"}`},
		{"app1", "w8", `{"type":"page","userId":"nobody","name":"Home"}`},
		{"app2", "w1", `{"type":"track","event":"Signed In","userId":"123","groupId":"elsewhere","messageId":"m1"}`},
	}, func(a *Analyzer) {
		events, err := a.TrackEvents(t.Context(), "app1")
		check(t, err)
		minute := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
		if diff := cmp.Diff([]TrackEvent{
			{Name: "Signed In", Events: 3, Visitors: 1, Accounts: 2, FirstSeen: minute(-9), LastSeen: minute(-5)},
			{Name: "Bought", Events: 1, Visitors: 1, Accounts: 1, FirstSeen: minute(-8), LastSeen: minute(-8)},
		}, events); diff != "" {
			t.Error(diff)
		}
		v, ok, err := a.Visitor(t.Context(), "app1", "123")
		check(t, err)
		want := Visitor{
			ID: "123", Accounts: []string{"other", "account", "third"}, Events: 3, FirstSeen: minute(-40), LastSeen: minute(-5),
			TrackEvents: []VisitorTrackEvent{{"Signed In", 2, minute(-5)}, {"Bought", 1, minute(-8)}},
			Metadata: VisitorMetadata{Segmentio: pendowire.Metadata{
				"plan": json.RawMessage(`"pro"`), "name": json.RawMessage(`"Ann"`), "seats": json.RawMessage(`1.0`),
			}},
		}
		if diff := cmp.Diff(want, v); diff != "" || !ok {
			t.Error(ok, diff)
		}
		if _, ok, err := a.Visitor(t.Context(), "app1", "nobody"); ok || err != nil {
			t.Errorf("a page call made a visitor: %v", err)
		}
		if events, err := a.TrackEvents(t.Context(), "app3"); events == nil || len(events) > 0 || err != nil {
			t.Errorf("an app that received nothing has %v, %v", events, err)
		}
	})
}

func TestAnyTextIsKept(t *testing.T) {
	for _, c := range [][2]string{
		{`a\u0000b`, "a\x00b"},
		{`\u0000`, "\x00"},
		{`it's "x" 😀`, `it's "x" 😀`},
		{`\ud800`, "\ufffd"},
	} {
		id := strings.ReplaceAll(c[0], `"`, `\"`)
		withAnalyzer(t, []delivery{{"app1", "", `{"type":"track","event":"` + id + `","userId":"` + id + `","messageId":"` + id + `"}`}}, func(a *Analyzer) {
			landed, err := a.ByMessage(t.Context(), "", c[1])
			if err != nil || len(landed) != 1 || landed[0].Visitor != c[1] || landed[0].Event != c[1] {
				t.Errorf("%q: got %+v, %v", c[1], landed, err)
			}
		})
	}
}

func TestBodyWithoutEventsLeavesARow(t *testing.T) {
	withAnalyzer(t, []delivery{{"app1", "", `[]`}, {"app1", "", `{"batch":[]}`}, {"app1", "", `[1]`}}, func(a *Analyzer) {
		for i, row := range dump(t, a.db)[:3] {
			if !strings.Contains(row, `"verdicts":["not_an_event","batched"],"counted":false`) || !strings.Contains(row, fmt.Sprintf(`"seq":%d,`, i+1)) {
				t.Error(row)
			}
		}
	})
}

func TestOneCallCountsOnce(t *testing.T) {
	const m1 = `{"type":"track","event":"e","userId":"u","groupId":"g","messageId":"m1"}`
	withAnalyzer(t, []delivery{
		{"app1", "w1", m1}, // 1: the first
		{"app1", "w1", m1}, // 2: delivered again
		{"app1", "w2", m1}, // 3: by another mapping
		{"app1", "", m1},   // 4: by hand
		{"app1", "", m1},   // 5: by hand again
		{"app1", "", strings.Replace(m1, `"e"`, `"f"`, 1)}, // 6: another event, wrongly with the same messageId
		{"app2", "w1", m1},                        // 7: to another app
		{"app1", "w3", "[" + m1 + "," + m1 + "]"}, // 8: a batch
		{"app1", "w3", "[" + m1 + "," + m1 + "]"}, // 9: delivered again
		{"_", "w1", m1},                           // 10: to no app
	}, func(a *Analyzer) {
		landed, err := a.ByMessage(t.Context(), "", "m1")
		check(t, err)
		got := []string{}
		for _, l := range landed {
			text := fmt.Sprintf("%s.%d counted=%t", l.Position, l.Element, l.Counted)
			for _, v := range l.Verdicts {
				text += " " + string(v.Code)
			}
			if l.Of != nil {
				text += " of " + l.Of.String()
			}
			got = append(got, text)
		}
		want := []string{
			"1.0.0 counted=true",
			"2.0.0 counted=false duplicate of 1.0",
			"3.0.0 counted=true other_path of 1.0",
			"4.0.0 counted=true other_path of 1.0",
			"5.0.0 counted=false duplicate of 4.0",
			"6.0.0 counted=true other_path of 1.0",
			"7.0.0 counted=true",
			"8.0.0 counted=true batched other_path of 1.0",
			"8.0.1 counted=true batched other_path of 1.0",
			"9.0.0 counted=false batched duplicate of 8.0",
			"9.0.1 counted=false batched duplicate of 8.0",
			"10.0.0 counted=false unknown_key",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if landed, err := a.ByMessage(t.Context(), "app2", "m1"); len(landed) != 1 || err != nil {
			t.Errorf("app2 has %v, %v", landed, err)
		}
		if landed, err := a.ByRequest(t.Context(), "w3"); len(landed) != 4 || err != nil || landed[0].Position.Seq != 8 {
			t.Errorf("the request w3 has %v, %v", landed, err)
		}
	})
}

func TestRunIsBehindByTheLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := startLog(t, memlog.New())
		defer stop()
		db := openDB(t, t.TempDir())
		a := analyzer(t, db, l, 1000)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx) }()
		for seq := range uint64(3) {
			deliver(t, l, delivery{"app1", "", `{"type":"track","event":"e","userId":"u"}`})
			<-time.After(a.cfg.Linger + time.Millisecond) // fake time
			synctest.Wait()
			if a.Position() != seq+1 {
				t.Errorf("at %d, want %d", a.Position(), seq+1)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		check(t, errors.Join(a.Close(), db.Close()))
	})
}

func TestBatchThatCannotBeWrittenIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, stop := startLog(t, memlog.New())
		defer stop()
		db := openDB(t, t.TempDir())
		a := analyzer(t, db, l, 1000)
		exec := func(statement string) {
			t.Helper()
			check(t, duck.Each(t.Context(), db, func(*sql.Rows) error { return nil }, statement))
		}
		exec("DROP TABLE analytics.position")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx) }()
		deliver(t, l, delivery{"app1", "", `{"type":"track","event":"e","userId":"u"}`})
		<-time.After(time.Minute) // fake time
		synctest.Wait()
		if rows := dumpCalls(t, db); len(rows) > 0 || a.Position() != 0 {
			t.Errorf("at %d: %v", a.Position(), rows)
		}
		exec("CREATE TABLE analytics.position AS SELECT 0::UBIGINT AS seq")
		<-time.After(time.Minute) // fake time
		synctest.Wait()
		if rows := dumpCalls(t, db); len(rows) != 1 || a.Position() != 1 {
			t.Errorf("at %d: %v", a.Position(), rows)
		}
		cancel()
		check(t, <-done)
		check(t, errors.Join(a.Close(), db.Close()))
	})
}

func dumpCalls(t tester, db *duck.DB) []string {
	t.Helper()
	found, err := duck.Select(t.Context(), db, duck.Column[string], "SELECT to_json(c)::VARCHAR FROM analytics.calls c")
	check(t, err)
	return found
}

func TestTransactionThatIsKilledLeavesNothing(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	dir, copied := t.TempDir(), t.TempDir()
	db := openDB(t, dir)
	a := analyzer(t, db, l, 1000)
	body := `{"type":"track","event":"e","userId":"u","messageId":"m"}`
	deliver(t, l, delivery{"app1", "w1", body})
	project(t, a)
	killed := errors.New("killed")
	err := a.writer.Transact(t.Context(), func(tx *duck.Tx) error {
		r := record.Received{At: start.UnixMilli(), Body: json.RawMessage(body)}
		var c call
		for e := range pendowire.Decode(&r) {
			c = call{Call: e, counted: true}
		}
		return errors.Join(tx.Append(t.Context(), "calls", rows([]call{c})), tx.Exec(t.Context(), "UPDATE analytics.position SET seq = 9"), copyFiles(dir, copied), killed)
	})
	if !errors.Is(err, killed) {
		t.Fatal(err)
	}
	want := dump(t, db)
	check(t, errors.Join(a.Close(), db.Close()))
	db = openDB(t, copied)
	a = analyzer(t, db, l, 1000)
	if diff := cmp.Diff(want, dump(t, db)); diff != "" || a.Position() != 1 {
		t.Errorf("at %d\n%s", a.Position(), diff)
	}
	check(t, errors.Join(a.Close(), db.Close()))
}

func copyFiles(from, to string) error {
	files, err := filepath.Glob(filepath.Join(from, "*.duckdb*"))
	for _, f := range files {
		data, e := os.ReadFile(f)
		err = errors.Join(err, e, os.WriteFile(filepath.Join(to, filepath.Base(f)), data, 0o600))
	}
	return err
}

func TestTablesOfAnotherLogAreBegunAnew(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []int{3, 1} {
		l, stop := startLog(t, memlog.New())
		for range n {
			deliver(t, l, delivery{"app1", "", `{"type":"track","event":"e","userId":"u"}`})
		}
		db := openDB(t, dir)
		a := analyzer(t, db, l, 1000)
		project(t, a)
		if events, err := a.TrackEvents(t.Context(), "app1"); err != nil || events[0].Events != int64(n) || a.Position() != uint64(n) {
			t.Errorf("at %d: %v, %v; want %d events", a.Position(), events, err, n)
		}
		check(t, errors.Join(a.Close(), db.Close()))
		stop()
	}
}

func TestHolesAreKept(t *testing.T) {
	store := memlog.New()
	l, stop := startLog(t, store)
	for range 4 {
		deliver(t, l, delivery{"app1", "", `{"type":"track","event":"e","userId":"u"}`})
	}
	stop()
	store.Damage(eventlog.Received, 2, func(b []byte) []byte { b[len(b)-3] ^= 1; return b })
	store.Damage(eventlog.Received, 3, func([]byte) []byte { return nil })
	l, stop = startLog(t, store) // one that has none of it in memory
	defer stop()
	db := openDB(t, t.TempDir())
	a := analyzer(t, db, l, 1000)
	project(t, a)
	all := dump(t, db)
	want := []string{`{"subject":"received.ws1.app1","seq":2,"lines":1}`, `{"subject":"received.ws1.app1","seq":4,"lines":1}`, `{"seq":4}`}
	if diff := cmp.Diff(want, all[2:]); diff != "" || len(all) != 5 {
		t.Errorf("%v\n%s", all, diff)
	}
	check(t, errors.Join(a.Close(), db.Close()))
}

// drawDelivery makes bodies of few ids, so that many are the same.
func drawDelivery(t *rapid.T) delivery {
	event := func() string {
		return fmt.Sprintf(`{"type":%q,"event":%q,"userId":%q,"messageId":%q}`,
			rapid.SampledFrom([]string{"track", "track", "page"}).Draw(t, "type"), rapid.SampledFrom([]string{"e", "f", ""}).Draw(t, "event"),
			rapid.SampledFrom([]string{"u", ""}).Draw(t, "user"), rapid.SampledFrom([]string{"m", "n", "o", ""}).Draw(t, "message"))
	}
	body := event()
	if n := rapid.IntRange(-4, 3).Draw(t, "batch"); n >= 0 {
		var events []string
		for range n {
			events = append(events, event())
		}
		body = "[" + strings.Join(events, ",") + "]"
	}
	return delivery{
		app:     rapid.SampledFrom([]string{"app1", "app1", "app2", "_"}).Draw(t, "app"),
		webhook: rapid.SampledFrom([]string{"", "w1", "w2", "w3"}).Draw(t, "webhook"),
		body:    body,
	}
}

// However a stream is cut into batches, and wherever the process is killed, the rows are those of one go; and what they say of duplicates is
// what their definition says.
func TestRowsAreAFunctionOfTheStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "analyze") //nolint:usetesting // rapid.T has none
		check(t, err)
		defer func() { check(t, os.RemoveAll(dir)) }()
		l, stop := startLog(t, memlog.New())
		defer stop()
		cut := filepath.Join(dir, "0")
		db := openDB(t, cut)
		a := analyzer(t, db, l, 1)
		for step := range rapid.IntRange(1, 4).Draw(t, "steps") {
			for range rapid.IntRange(0, 8).Draw(t, "deliveries") {
				deliver(t, l, drawDelivery(t))
			}
			a.cfg.BatchRows = rapid.IntRange(1, 6).Draw(t, "rows")
			project(t, a)
			if rapid.IntRange(0, 2).Draw(t, "kill") == 0 {
				next := filepath.Join(dir, fmt.Sprint(step+1))
				check(t, os.Mkdir(next, 0o700))
				check(t, copyFiles(cut, next))
				check(t, errors.Join(a.Close(), db.Close()))
				cut, db = next, openDB(t, next)
				a = analyzer(t, db, l, 1)
			}
		}
		got := dump(t, db)
		check(t, a.writer.Reset(t.Context()))
		check(t, a.begin(t.Context()))
		a.cfg.BatchRows = 1000
		project(t, a)
		if diff := cmp.Diff(dump(t, db), got); diff != "" {
			t.Errorf("in one go, and cut:\n%s", diff)
		}
		definition(t, got)
		check(t, errors.Join(a.Close(), db.Close()))
	})
}

// definition checks the verdicts of rows against what a duplicate, and another path, is.
func definition(t *rapid.T, dumped []string) {
	type row struct {
		App, Type, Event string
		Seq              uint64
		Element          int
		WebhookID        string   `json:"webhook_id"` //nolint:tagliatelle // a column
		MessageID        string   `json:"message_id"` //nolint:tagliatelle // a column
		OfSeq            uint64   `json:"of_seq"`     //nolint:tagliatelle // a column
		Verdicts         []string `json:"verdicts"`
		Counted          bool
	}
	var before []row
	for _, text := range dumped {
		var r row
		check(t, json.Unmarshal([]byte(text), &r))
		if r.App == "" || r.App == "_" {
			continue
		}
		same := func(b row) bool {
			if r.WebhookID != "" || b.WebhookID != "" {
				return b.App == r.App && b.WebhookID == r.WebhookID && b.Element == r.Element
			}
			return b.App == r.App && r.MessageID != "" && b.MessageID == r.MessageID && b.Type == r.Type && b.Event == r.Event
		}
		first := slices.IndexFunc(before, func(b row) bool { return same(b) })
		path := slices.IndexFunc(before, func(b row) bool {
			return r.MessageID != "" && b.App == r.App && b.MessageID == r.MessageID && !slices.Contains(b.Verdicts, "duplicate")
		})
		var want row
		switch {
		case first >= 0:
			want = row{Verdicts: []string{"duplicate"}, OfSeq: before[first].Seq}
		case path >= 0 && before[path].WebhookID != r.WebhookID:
			want = row{Verdicts: []string{"other_path"}, OfSeq: before[path].Seq}
		}
		for _, v := range []string{"duplicate", "other_path"} {
			if slices.Contains(r.Verdicts, v) != slices.Contains(want.Verdicts, v) {
				t.Errorf("%s: %s is wrong", text, v)
			}
		}
		if r.OfSeq != want.OfSeq || r.Counted != (first < 0 && r.Type == "track") {
			t.Errorf("%s: want of_seq %d", text, want.OfSeq)
		}
		before = append(before, r)
	}
}

func TestFilterForgetsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFilter(0)
		added := rapid.SliceOf(rapid.Uint64Min(1)).Draw(t, "hashes")
		for _, h := range added {
			f.add(h)
		}
		for _, h := range added {
			if !f.has(h) {
				t.Errorf("%d is forgotten", h)
			}
		}
	})
}

func TestFilterThatIsFullKnowsFewByMistake(t *testing.T) {
	f := newFilter(0)
	for i := 0; !f.full(); i++ {
		f.add(fnv("in", fmt.Sprint(i)))
	}
	mistakes := 0
	for i := range 100_000 {
		if f.has(fnv("out", fmt.Sprint(i))) {
			mistakes++
		}
	}
	if mistakes == 0 || mistakes > 500 { // 240 by theory
		t.Errorf("%d of 100,000 seem known", mistakes)
	}
}
