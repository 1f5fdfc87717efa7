package analyze

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
)

// BenchmarkProject projects Track Events of about 800 bytes, each received by itself and different from all others; an operation is one event.
func BenchmarkProject(b *testing.B) {
	l, stop := startLog(b, memlog.New())
	defer stop()
	properties := `{"plan":"pro","text":"` + strings.Repeat("x", 400) + `"}`
	const perAppend = 500
	var lines []eventlog.Line
	for i := range b.N {
		body := fmt.Sprintf(`{"type":"track","event":"Event %d","userId":"user-%d","groupId":"account-%d","messageId":"message-%032d","timestamp":"2026-01-31T11:59:59.123Z","context":{"ip":"203.0.113.7","library":{"name":"analytics-node","version":"2"}},"properties":%s}`,
			i%20, i%1000, i%50, i, properties)
		d := delivery{webhook: fmt.Sprintf("msg_%032d", i), body: body}
		if lines = append(lines, eventlog.Line{Data: d.line(b)}); len(lines) == perAppend || i == b.N-1 {
			_, err := l.Append(b.Context(), eventlog.Received, "received.ws1.app1", record.KindReceived, lines)
			check(b, err)
			lines = nil
		}
	}
	db := openDB(b, b.TempDir())
	a := analyzer(b, db, l, DefaultConfig().BatchRows)
	a.cfg.SealRows = DefaultConfig().SealRows
	b.ResetTimer()
	project(b, a)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.StopTimer()
	check(b, errors.Join(a.Close(), db.Close()))
}
