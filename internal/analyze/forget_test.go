package analyze

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/analytics"
	"penstock/internal/duck"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/pendowire"
)

// told is what the rows and the sums say, without the numbers that the tables give to things.
func told(t *testing.T, db *duck.DB) []string {
	t.Helper()
	rows, err := duck.Select(t.Context(), db, duck.Column[string], `SELECT to_json(s)::VARCHAR FROM (
		SELECT c.seq, c.line, c.element, c.type, n.name, v.text AS visitor, a.text AS account, c.counted, c.tracked FROM analytics.calls c
		LEFT JOIN analytics.names n ON n.id = c.event AND n.app = c.app LEFT JOIN analytics.people v ON v.id = c.visitor LEFT JOIN analytics.people a ON a.id = c.account
		ORDER BY ALL) s`)
	check(t, err)
	return rows
}

// summed is how many events the sums and the rows that are not summed up yet have, by app.
func summed(t *testing.T, db *duck.DB) []string {
	t.Helper()
	sums, err := duck.Select(t.Context(), db, duck.Column[string], `SELECT to_json(s)::VARCHAR FROM (SELECT a.app, sum(events)::BIGINT AS events FROM (
			SELECT app, events::BIGINT AS events FROM analytics.days WHERE event <> 0
			UNION ALL SELECT app, count(*) FROM analytics.calls WHERE tracked AND n > (SELECT sealed FROM analytics.position) GROUP BY app
		) d JOIN analytics.apps a ON a.id = d.app GROUP BY ALL HAVING sum(events) > 0 ORDER BY ALL) s`)
	check(t, err)
	return sums
}

// TestRowsFollowWhatIsTakenOut: after RECEIVED was shortened and persons were erased from it, and the analyzer was told, its rows say what they would say if they were
// made anew.
func TestRowsFollowWhatIsTakenOut(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	track := func(app, webhook, members string) delivery {
		return delivery{app: app, webhook: webhook, body: `{"type":"track","event":"E",` + members + `}`}
	}
	deliver(t, l,
		track("app1", "w1", `"userId":"old","messageId":"m1"`),
		track("app2", "w2", `"userId":"old","messageId":"m1"`),
		delivery{app: "app1", webhook: "w3", body: `[{"type":"track","event":"E","userId":"ann","messageId":"m2"},{"type":"track","event":"E","userId":"bob","messageId":"m3"}]`},
		track("app1", "w4", `"userId":"bob","groupId":"gone","messageId":"m4"`),
		track("app1", "w5", `"userId":"bob","groupId":"gone::child","messageId":"m5"`),
		delivery{app: "app1", webhook: "w6", body: `{"type":"identify","userId":"bob","messageId":"m6"}`},
		track("app2", "w7", `"userId":"ann","groupId":"gone","messageId":"m7"`),
		track("app1", "w8", `"anonymousId":"ann","messageId":"m8"`),
		track("app1", "w9", `"userId":"carl","messageId":"m9"`))
	r := run(t, t.TempDir(), l, nil)
	_, err := l.Shorten(t.Context(), eventlog.Received, "received.ws1.app1", 3)
	check(t, err)
	check(t, r.Forget(t.Context(), eventlog.Received, "received.ws1.app1", 3))
	check(t, r.Erase(t.Context(), "e1", "app1", []analytics.Who{aVisitor("ann"), {Kind: analytics.KindAccount, ID: "gone"}}, l.Last(eventlog.Received)))
	for seq := uint64(3); seq <= 9; seq++ {
		if seq == 7 {
			continue // another app's
		}
		_, err := l.Rewrite(t.Context(), eventlog.Received, seq, func(line []byte) []byte {
			return pendowire.Erase(line, func(c *pendowire.Call) bool {
				return c.Visitor == "ann" || c.AnonymousID == "ann" || c.Account == "gone" || c.ParentAccount == "gone"
			})
		})
		check(t, err)
	}
	r.Erased("e1")

	anew := run(t, t.TempDir(), l, nil)
	want := told(t, anew.DB)
	if diff := cmp.Diff(want, told(t, r.DB)); diff != "" || len(want) != 5 {
		t.Errorf("%d rows (-made anew +followed):\n%s", len(want), diff)
	}
	if diff := cmp.Diff(summed(t, anew.DB), summed(t, r.DB)); diff != "" {
		t.Errorf("sums (-made anew +followed):\n%s", diff)
	}
	anew.stop()
	r.stop()
}
