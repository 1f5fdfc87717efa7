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
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"go.uber.org/goleak"

	"penstock/internal/analytics"
	"penstock/internal/duck"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
)

var _ analytics.Service = (*Analyzer)(nil)

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == childArg {
		if err := projectUntilKilled(context.Background(), os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) //nolint:forbidigo // the child's way out
	}
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
	db, err := duck.Open(t.Context(), dir, duck.Config{MemoryLimit: 128 << 20, Threads: 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// testConfig takes so many rows at a time, and sums up five at a time, so that what is summed up and what is not are both there.
func testConfig(rows int) Config {
	cfg := DefaultConfig()
	cfg.Linger, cfg.BatchRows, cfg.RetryAfter, cfg.SealRows, cfg.FilterBytesMax = time.Second, rows, time.Second, 5, 1<<20
	return cfg
}

func analyzer(t tester, db *duck.DB, l Log, rows int) *Analyzer {
	t.Helper()
	a, err := New(t.Context(), testConfig(rows), Parts{DB: db, Log: l, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	check(t, a.refill(t.Context()))
	return a
}

func project(t tester, a *Analyzer) {
	t.Helper()
	check(t, a.catchUp(t.Context(), a.Log.Read(eventlog.Received, "received.>", a.Position()+1)))
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
	via, sender        string        // "": segmentio, and none
	redrive            uint64        // 0: it is none
	later              time.Duration // than start
}

var start = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func (d *delivery) line(t tester) []byte {
	via := d.via
	if via == "" {
		via = pendowire.ViaSegmentio
	}
	data, err := json.Marshal(record.Received{
		At: start.Add(d.later).UnixMilli(), Via: via, Key: "k", WebhookID: d.webhook, Redrive: d.redrive, Agent: d.sender, Body: json.RawMessage(d.body),
	})
	check(t, err)
	return data
}

func deliver(t tester, l *eventlog.Log, deliveries ...delivery) {
	t.Helper()
	for _, d := range deliveries {
		_, err := l.Append(t.Context(), eventlog.Received, "received.ws1."+d.app, record.KindReceived, []eventlog.Line{{Data: d.line(t)}})
		check(t, err)
	}
}

// more delivers to the log that an Analyzer follows.
func more(t tester, a *Analyzer, deliveries ...delivery) {
	t.Helper()
	deliver(t, a.Log.(*eventlog.Log), deliveries...) //nolint:forcetypeassert,errcheck // it is one
}

// pack is a body as the browser agent sends events, a JSON array.
func pack(events string) string { return `{"events":"` + pendowire.Deflate([]byte(events)) + `"}` }

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

// dumpTables are the tables that are the same row for row, however they were made.
func dumpTables() []string {
	return []string{
		"calls c ORDER BY n", "holes h ORDER BY seq", "apps a ORDER BY id", "names n ORDER BY id", "verdicts v ORDER BY bit", "people p ORDER BY id",
		"merges m ORDER BY n", "metadata m ORDER BY i", "keys k ORDER BY event, slot, key", "hidden h ORDER BY person",
	}
}

// dump is all rows of all tables; of the sums, that may be added up or not, what they come to.
func dump(t tester, db *duck.DB) []string {
	t.Helper()
	all := []string{}
	for _, table := range dumpTables() {
		alias := table[:1]
		if i := slices.Index([]byte(table), ' '); i > 0 {
			alias = table[i+1 : i+2]
		}
		found, err := duck.Select(t.Context(), db, duck.Column[string], "SELECT to_json("+alias+")::VARCHAR FROM analytics."+table)
		check(t, err)
		all = append(all, found...)
	}
	for _, q := range []string{
		"SELECT to_json(s)::VARCHAR FROM (SELECT seq, n, sealed, fields FROM analytics.position) s",
		"SELECT to_json(s)::VARCHAR FROM (SELECT app, event, day, verdicts, sum(events) AS events FROM analytics.day_verdicts GROUP BY ALL) s ORDER BY 1",
		`SELECT to_json(s)::VARCHAR FROM (SELECT app, visitor, account, sum(events) AS events, sum(calls) AS calls, min(first_seen) AS first, max(last_seen) AS last
			FROM analytics.activity GROUP BY ALL) s ORDER BY 1`,
	} {
		found, err := duck.Select(t.Context(), db, duck.Column[string], q)
		check(t, err)
		all = append(all, found...)
	}
	return slices.Concat(all, dumpDays(t, db), dumpPeriods(t, db))
}

func dumpPeriods(t tester, db *duck.DB) []string {
	t.Helper()
	sums := united{}
	check(t, duck.Each(t.Context(), db, func(r *sql.Rows) error {
		p, err := scanPeriod(r)
		sums.add(&p)
		return err
	}, storedPeriods))
	var all []string
	for k, p := range sums {
		all = append(all, fmt.Sprint("period ", k.app, " ", k.event, " ", k.days, " ", p.from.Format(time.DateOnly), ": ", p.visitors, " ", p.accounts))
	}
	slices.Sort(all)
	return all
}

func dumpDays(t tester, db *duck.DB) []string {
	t.Helper()
	sums := map[string]*day{}
	check(t, duck.Each(t.Context(), db, func(r *sql.Rows) error {
		d, err := scanStoredDay(r)
		k := fmt.Sprint("day ", d.app, " ", d.event, " ", d.day.Format(time.DateOnly))
		if sums[k] == nil {
			sums[k] = &day{visitors: roaring.New(), accounts: roaring.New()}
		}
		sums[k].add(&d)
		return err
	}, storedDays))
	var all []string
	for k, d := range sums {
		all = append(all, fmt.Sprint(k, ": ", d.events, " ", d.noVisitor, " ", d.noAccount, " ", d.first, " ", d.last, " ", d.visitors, " ", d.accounts))
	}
	slices.Sort(all)
	return all
}

func copyFiles(from, to string) error {
	files, err := filepath.Glob(filepath.Join(from, "*.duckdb*"))
	for _, f := range files {
		data, e := os.ReadFile(f)
		err = errors.Join(err, e, os.WriteFile(filepath.Join(to, filepath.Base(f)), data, 0o600))
	}
	return err
}

// landings are the calls with a messageId, in short.
func landings(t *testing.T, a *Analyzer, app, message string) []string {
	t.Helper()
	landed, err := a.ByMessage(t.Context(), app, message)
	check(t, err)
	got := []string{}
	for _, l := range landed {
		got = append(got, brief(&l.Received))
	}
	return got
}

func brief(l *analytics.Received) string {
	text := fmt.Sprintf("%s counted=%t", l.Place, l.Counted)
	for _, v := range l.Verdicts {
		switch v.Code {
		case pendowire.BeforeName, pendowire.NoAccount, pendowire.Deferred, pendowire.TooOld, pendowire.Batched: // not what is tested
		default:
			text += " " + string(v.Code)
		}
	}
	if l.Of != nil {
		text += " of " + l.Of.String()
	}
	return text
}
