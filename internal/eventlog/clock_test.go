package eventlog_test

import (
	"testing"
	"testing/synctest"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
)

// A source that has changed hands was written last by a node whose clock was ahead: time does not go back within the subject.
func TestTimeOfASubjectDoesNotGoBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const subject = "events.default.s0"
		store := memlog.New()
		l := open(t, store)
		ahead := time.Now().Add(time.Hour).UnixMilli()
		frame := record.AppendFrame(nil, &record.Header{Kind: record.KindEvents, N: 1, Lines: 1, At: ahead}, []byte("\"e0\"\n"))
		if _, err := store.Append(t.Context(), eventlog.Events, []eventlog.Message{{Subject: subject, Data: frame}}); err != nil {
			t.Fatal(err)
		}
		appendLine(t, l, subject, "e1")
		r := l.Read(eventlog.Events, subject, 2)
		c, err := r.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c.Header.At < ahead {
			t.Errorf("frame %d is of %d, before the %d of the frame before it", c.Header.N, c.Header.At, ahead)
		}
	})
}
