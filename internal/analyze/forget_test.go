package analyze

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/pendowire"
)

// TestRowsFollowWhatIsTakenOut: after RECEIVED was shortened and persons were erased from it, and the analyzer was told, its rows are what they would be if they were
// made anew.
func TestRowsFollowWhatIsTakenOut(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	deliver(t, l,
		delivery{"app1", "w1", `{"type":"track","event":"E","userId":"old","messageId":"m1"}`},
		delivery{"app2", "w2", `{"type":"track","event":"E","userId":"old","messageId":"m1"}`},
		delivery{"app1", "w3", `[{"type":"track","event":"E","userId":"ann","messageId":"m2"},{"type":"track","event":"E","userId":"bob","messageId":"m3"}]`},
		delivery{"app1", "w4", `{"type":"track","event":"E","userId":"bob","groupId":"gone","messageId":"m4"}`},
		delivery{"app1", "w5", `{"type":"track","event":"E","userId":"bob","groupId":"gone::child","messageId":"m5"}`},
		delivery{"app1", "w6", `{"type":"identify","userId":"bob","messageId":"m6"}`},
		delivery{"app2", "w7", `{"type":"track","event":"E","userId":"ann","groupId":"gone","messageId":"m7"}`})
	dbs := openDB(t, t.TempDir())
	a := analyzer(t, dbs, l, 1000)
	project(t, a)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	_, err := l.Shorten(t.Context(), eventlog.Received, "received.ws1.app1", 3)
	check(t, err)
	check(t, a.Forget(t.Context(), eventlog.Received, "received.ws1.app1", 3))
	check(t, a.Erase(t.Context(), "app1", []string{"ann"}, []string{"gone"}))
	for _, seq := range []uint64{3, 4, 5, 6} {
		_, err := l.Rewrite(t.Context(), eventlog.Received, seq, func(line []byte) []byte {
			return pendowire.Erase(line, func(c *pendowire.Call) bool {
				return c.Visitor == "ann" || c.Account == "gone" || c.ParentAccount == "gone"
			})
		})
		check(t, err)
	}
	cancel()
	check(t, <-done)

	db := openDB(t, t.TempDir())
	anew := analyzer(t, db, l, 1000)
	project(t, anew)
	want := dumpCalls(t, db)
	if diff := cmp.Diff(want, dumpCalls(t, dbs)); diff != "" || len(want) < 4 {
		t.Errorf("rows (-made anew +followed):\n%s", diff)
	}
	check(t, errors.Join(a.Close(), anew.Close(), db.Close(), dbs.Close()))
}
