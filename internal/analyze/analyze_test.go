package analyze

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"penstock/internal/analytics"
	"penstock/internal/duck"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/pendowire"
)

func TestAnyTextIsKept(t *testing.T) {
	for _, c := range [][2]string{
		{`a\u0000b`, "a\x00b"},
		{`\u0000`, "\x00"},
		{`it's "x" 😀`, `it's "x" 😀`},
		{`\ud800`, "\ufffd"},
	} {
		id := strings.ReplaceAll(c[0], `"`, `\"`)
		withAnalyzer(t, []delivery{{app: "app1", body: `{"type":"track","event":"` + id + `","userId":"` + id + `","messageId":"` + id + `"}`}}, func(a *Analyzer) {
			landed, err := a.ByMessage(t.Context(), "", c[1])
			if err != nil || len(landed) != 1 || landed[0].Visitor != c[1] || landed[0].Event != c[1] {
				t.Errorf("%q: got %+v, %v", c[1], landed, err)
			}
			if v, err := a.Visitor(t.Context(), "app1", c[1]); err != nil || v == nil || v.ID != c[1] {
				t.Errorf("%q: got visitor %+v, %v", c[1], v, err)
			}
			received1(t, a, analytics.ReceivedFilter{MessageID: c[1], Event: c[1], Visitor: c[1]}, 1)
		})
	}
}

func TestBodyWithoutEventsLeavesARow(t *testing.T) {
	withAnalyzer(t, []delivery{{app: "app1", body: `[]`}, {app: "app1", body: `{"batch":[]}`}, {app: "app1", body: `[1]`}}, func(a *Analyzer) {
		for i, l := range received1(t, a, analytics.ReceivedFilter{Verdict: pendowire.NotAnEvent}, 3) {
			if l.Counted || l.Position.Seq != uint64(3-i) {
				t.Errorf("got %+v", l)
			}
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
			changed := a.Changed()
			deliver(t, l, delivery{app: "app1", body: `{"type":"track","event":"e","userId":"u"}`})
			<-time.After(a.cfg.Linger + time.Millisecond) // fake time
			synctest.Wait()
			if a.Position() != seq+1 {
				t.Errorf("at %d, want %d", a.Position(), seq+1)
			}
			select {
			case <-changed:
			default:
				t.Error("nobody was told")
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
		exec("ALTER TABLE analytics.holes RENAME TO elsewhere")
		exec("ALTER TABLE analytics.position RENAME TO nowhere")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- a.Run(ctx) }()
		deliver(t, l, delivery{app: "app1", body: `{"type":"track","event":"e","userId":"u"}`})
		<-time.After(time.Minute) // fake time
		synctest.Wait()
		if n := countCalls(t, db); n > 0 || a.Position() != 0 {
			t.Errorf("at %d: %d rows", a.Position(), n)
		}
		exec("ALTER TABLE analytics.elsewhere RENAME TO holes")
		exec("ALTER TABLE analytics.nowhere RENAME TO position")
		<-time.After(time.Minute) // fake time
		synctest.Wait()
		if n := countCalls(t, db); n != 1 || a.Position() != 1 {
			t.Errorf("at %d: %d rows", a.Position(), n)
		}
		cancel()
		check(t, <-done)
		check(t, errors.Join(a.Close(), db.Close()))
	})
}

func countCalls(t tester, db *duck.DB) int {
	t.Helper()
	found, err := duck.Select(t.Context(), db, duck.Column[int], "SELECT count(*) FROM analytics.calls")
	check(t, err)
	return found[0]
}

func TestTransactionThatIsKilledLeavesNothing(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	dir, copied := t.TempDir(), t.TempDir()
	db := openDB(t, dir)
	a := analyzer(t, db, l, 1000)
	deliver(t, l, delivery{app: "app1", webhook: "w1", body: m1})
	project(t, a)
	want := dump(t, db)
	killed := errors.New("killed")
	deliver(t, l, delivery{app: "app1", webhook: "w2", body: strings.ReplaceAll(m1, "m1", "m2")})
	b, err := a.gather(t.Context(), l.Read(eventlog.Received, "received.>", 2))
	check(t, err)
	check(t, a.number(t.Context(), b.calls))
	err = a.writer.Transact(t.Context(), func(tx *duck.Tx) error {
		a.at.seq = 9
		return errors.Join(a.write(t.Context(), tx, &b, nil, corrections{}), copyFiles(dir, copied), killed)
	})
	if !errors.Is(err, killed) {
		t.Fatal(err)
	}
	check(t, errors.Join(a.Close(), db.Close()))
	db = openDB(t, copied)
	a = analyzer(t, db, l, 1000)
	if diff := cmp.Diff(want, dump(t, db)); diff != "" || a.Position() != 1 {
		t.Errorf("at %d\n%s", a.Position(), diff)
	}
	check(t, errors.Join(a.Close(), db.Close()))
}

func TestTablesOfAnotherLogAreBegunAnew(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []int{3, 1} {
		l, stop := startLog(t, memlog.New())
		for range n {
			deliver(t, l, delivery{app: "app1", body: `{"type":"track","event":"e","userId":"u"}`})
		}
		db := openDB(t, dir)
		a := analyzer(t, db, l, 1000)
		project(t, a)
		list, err := a.TrackEvents(t.Context(), "app1", analytics.Range{}, analytics.Page{Limit: 10})
		if err != nil || list.Rows[0].Events != int64(n) || a.Position() != uint64(n) {
			t.Errorf("at %d: %v, %v; want %d events", a.Position(), list, err, n)
		}
		check(t, errors.Join(a.Close(), db.Close()))
		stop()
	}
}

func TestHolesAreKept(t *testing.T) {
	store := memlog.New()
	l, stop := startLog(t, store)
	for range 4 {
		deliver(t, l, delivery{app: "app1", body: `{"type":"track","event":"e","userId":"u"}`})
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
	for _, want := range []string{`{"subject":"received.ws1.app1","seq":2,"lines":1}`, `{"subject":"received.ws1.app1","seq":4,"lines":1}`, `{"seq":4,"n":2,"sealed":0,"fields":0}`} {
		if !slices.Contains(all, want) {
			t.Errorf("%s is missing in\n%s", want, strings.Join(all, "\n"))
		}
	}
	check(t, errors.Join(a.Close(), db.Close()))
}

// drawDelivery makes bodies of few ids, so that many are the same.
func drawDelivery(t *rapid.T) delivery {
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	at := func() int {
		return rapid.OneOf(rapid.IntRange(-3, 3), rapid.IntRange(-140, 3)).Draw(t, "halves of days")
	}
	event := func() string {
		if typ := pick("type", "track", "track", "track", "page", "identify", "group"); typ != "track" {
			return fmt.Sprintf(`{"type":%q,"userId":%q,"anonymousId":%q,"groupId":%q,"messageId":%q,"traits":{"plan":%q,"Plan":"x"}}`,
				typ, pick("user", "u", "v", " u", ""), pick("anonymous", "a", "b", ""), pick("group", "g", "h", ""), pick("message", "m", ""), pick("plan", "free", "pro"))
		}
		return fmt.Sprintf(`{"type":"track","event":%q,"userId":%q,"anonymousId":%q,"groupId":%q,"messageId":%q,"timestamp":%q,"properties":{"a":%q,"n":1}}`,
			pick("event", "e", "f", ""), pick("user", "u", "v", ""), pick("anonymous", "a", ""), pick("group", "g", ""), pick("message", "m", "n", "o", ""),
			start.Add(time.Duration(12*at())*time.Hour).Format(time.RFC3339), pick("a", "1", "2"))
	}
	body := event()
	if n := rapid.IntRange(-4, 3).Draw(t, "batch"); n >= 0 {
		var events []string
		for range n {
			events = append(events, event())
		}
		body = "[" + strings.Join(events, ",") + "]"
	}
	d := delivery{
		app: pick("app", "app1", "app1", "app2", "_"), webhook: pick("webhook", "", "w1", "w2", "w3"), body: body, sender: pick("sender", "", "Acme"),
		later: time.Duration(rapid.IntRange(0, 10).Draw(t, "days")) * 24 * time.Hour,
	}
	if d.webhook != "" {
		d.redrive = rapid.SampledFrom([]uint64{0, 0, 0, 1, 2}).Draw(t, "redrive")
	}
	return d
}

// However a stream is cut into batches, and wherever the process is killed, the rows are those of one go.
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
		defer func() { check(t, errors.Join(a.Close(), db.Close())) }() // also when a check is given up
		for step := range rapid.IntRange(1, 4).Draw(t, "steps") {
			for range rapid.IntRange(0, 8).Draw(t, "deliveries") {
				deliver(t, l, drawDelivery(t))
			}
			a.cfg.BatchRows = rapid.IntRange(1, 6).Draw(t, "rows")
			a.rows = a.cfg.BatchRows
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
		check(t, a.refill(t.Context()))
		a.cfg.BatchRows, a.rows = 1000, 1000
		project(t, a)
		if diff := cmp.Diff(dump(t, db), got); diff != "" {
			t.Errorf("in one go, and cut:\n%s", diff)
		}
		sumsAgree(t, a)
	})
}

// sumsAgree checks what the lists say, that stand on the sums, against the calls themselves.
func sumsAgree(t *rapid.T, a *Analyzer) {
	sort := rapid.SampledFrom([]string{"name", "-visitors", "accounts"}).Draw(t, "sort")
	for _, r := range []analytics.Range{
		{},
		{From: start.Add(-20 * time.Hour), To: start.Add(15 * time.Hour)},
		{From: startOfDay(start), To: startOfDay(start).Add(48 * time.Hour)},
		{From: start, To: start.Add(time.Hour)},
		{To: start},
		{From: start.Add(time.Minute)},
		{From: start.AddDate(0, 0, -60), To: start.AddDate(0, 0, 2)}, // with whole periods of every length
		{From: start.AddDate(0, 0, -16)},
		{To: start.AddDate(0, 0, -16)},
	} {
		for _, app := range []string{"app1", "app2"} {
			list, err := a.TrackEvents(t.Context(), app, r, analytics.Page{Limit: 10, Sort: sort})
			check(t, err)
			got := []string{}
			for _, e := range list.Rows {
				got = append(got, fmt.Sprint(e.Name, " ", e.Events, " ", e.Visitors, " ", e.Accounts, " ", e.WithoutAccount))
			}
			slices.Sort(got)
			want, err := duck.Select(t.Context(), a.DB, duck.Column[string], `
				SELECT concat_ws(' ', n.name, count(*), count(DISTINCT coalesce(m.person, visitor)), count(DISTINCT account), count(*) - count(account))
				FROM analytics.calls c JOIN analytics.apps p ON p.id = c.app JOIN analytics.names n ON n.id = c.event LEFT JOIN analytics.merges m ON m.alias = c.visitor
				WHERE p.app = ? AND c.tracked AND NOT c.hidden AND `+within("c.ts", r)+` GROUP BY n.name ORDER BY 1`, app)
			check(t, err)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s from %s to %s (-calls +list):\n%s", app, r.From, r.To, diff)
			}
		}
	}
}
