package analyze

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/duck"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
)

const (
	childArg    = "project-until-killed"
	kills       = 50
	killedLines = 2500
)

// makeStream makes lines: calls, repeated ones, redrives, identifies, and those of the browser agent.
func makeStream() ([][]byte, error) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(n int) int { return random.IntN(n) }
	var lines [][]byte
	for i := range killedLines {
		r := record.Received{At: start.Add(time.Duration(i) * time.Minute).UnixMilli(), Via: pendowire.ViaSegmentio, Key: "k", WebhookID: fmt.Sprint("w", i-pick(3)), Agent: fmt.Sprint("Sender/", pick(2))}
		filler := make([]byte, 300)
		for j := range filler {
			filler[j] = byte('a' + pick(26))
		}
		body := fmt.Sprintf(`{"type":"track","event":"e%d","userId":"u%d","groupId":"g%d","messageId":"m%d","timestamp":%q,"properties":{"a":%d,"filler":%q}}`,
			pick(5), pick(50), pick(9), i-pick(4), start.Add(time.Duration(pick(20000))*time.Minute).Format(time.RFC3339), pick(3), filler)
		switch pick(8) {
		case 0:
			r.Redrive = uint64(1 + pick(3))
		case 1:
			body = fmt.Sprintf(`{"type":"identify","userId":"u%d","anonymousId":"a%d","traits":{"plan":"p%d"}}`, pick(50), pick(100), pick(3))
			r.Rules = []string{"anonymous"}
		case 2:
			r.Via, r.WebhookID = pendowire.ViaAgent, ""
			body = pack(fmt.Sprintf(`[{"type":"track","track_event_name":"e1","visitor_id":"_PENDO_T_a%d","browser_time":%d,"tabId":"t","frameId":"f","sequence":%d,"props":{"a":1}}]`, pick(100), r.At, pick(20)))
		}
		r.Body = json.RawMessage(body)
		data, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		lines = append(lines, data)
	}
	return lines, nil
}

// fill appends the lines of a stream to a log, for two apps.
func fill(ctx context.Context, l *eventlog.Log, stream [][]byte) error {
	for n, ten := range slices.Collect(slices.Chunk(stream, 10)) {
		lines := make([]eventlog.Line, len(ten))
		for i, data := range ten {
			lines[i].Data = data
		}
		to := fmt.Sprint("received.ws1.app", n%3%2)
		if _, err := l.Append(ctx, eventlog.Received, to, record.KindReceived, lines); err != nil {
			return err
		}
	}
	return nil
}

// projectUntilKilled projects the stream that is in a file into dir, and writes a line before and after each batch; at
// the end it waits.
func projectUntilKilled(ctx context.Context, dir, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	l, err := eventlog.New(ctx, memlog.New(), eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	go func() { _ = l.Run(ctx) }() // it ends with the process
	if err := fill(ctx, l, bytes.Split(text, []byte("\n"))); err != nil {
		return err
	}
	db, err := duck.Open(ctx, dir, duck.Config{MemoryLimit: 128 << 20, Threads: 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	cfg := testConfig(30)
	cfg.SealRows = 100
	a, err := New(ctx, cfg, Parts{DB: db, Log: l, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if err := a.refill(ctx); err != nil {
		return err
	}
	batches := rand.IntN(8)
	for r := l.Read(eventlog.Received, "received.>", a.Position()+1); ; {
		b, err := a.gather(ctx, r)
		if err != nil {
			return err
		}
		_, _ = os.Stdout.WriteString("before\n")
		if batches++; batches%8 == 0 { // the file is written anew, which happens rarely by itself
			if err := duck.Each(ctx, a.writer, func(*sql.Rows) error { return nil }, "CHECKPOINT analytics"); err != nil {
				return err
			}
		}
		if err := a.store(ctx, &b); err != nil {
			return err
		}
		if !b.more {
			_, _ = os.Stdout.WriteString("end\n")
			_, _ = io.Copy(io.Discard, os.Stdin)
		}
		_, _ = os.Stdout.WriteString("after\n")
	}
}

// killed has a child project, and kills it when it has written so many lines. It tells whether the child was at the end.
func killed(t *testing.T, dir, file string, lines int) (end bool) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], childArg, dir, file)
	child.Stderr = os.Stderr
	_, err := child.StdinPipe() // never closed: the child waits for it at the end
	check(t, err)
	out, err := child.StdoutPipe()
	check(t, err)
	check(t, child.Start())
	read := 0
	for text := bufio.NewScanner(out); read < lines && !end && text.Scan(); read++ {
		end = strings.HasPrefix(text.Text(), "end")
	}
	check(t, child.Process.Kill())
	if err := child.Wait(); err == nil || read < lines && !end {
		t.Fatalf("the child ended by itself after %d lines: %v", read, err)
	}
	return end
}

// A projection that was killed fifty times, and one that is made anew, are row for row the one that was made in one go.
func TestKilledWhileProjecting(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	stream, err := makeStream()
	check(t, err)
	check(t, fill(t.Context(), l, stream))
	file := filepath.Join(t.TempDir(), "stream") // made once, since that takes longer than to project a part of it
	check(t, os.WriteFile(file, bytes.Join(stream, []byte("\n")), 0o600))
	finish := func(dir string, batch int) []string {
		db := openDB(t, dir)
		a := analyzer(t, db, l, batch)
		a.cfg.SealRows = 100
		project(t, a)
		rows := dump(t, db)
		check(t, errors.Join(a.Close(), db.Close()))
		return rows
	}
	want := finish(t.TempDir(), 20_000)
	dir := t.TempDir()
	for n := range kills {
		if killed(t, dir, file, 1+rand.IntN(7)) && n < kills-10 {
			dir = t.TempDir() // it was too fast: from the beginning
		}
	}
	if diff := cmp.Diff(want, finish(dir, 30)); diff != "" {
		t.Errorf("in one go, and killed %d times:\n%s", kills, diff)
	}
	if len(want) < killedLines {
		t.Errorf("only %d rows were compared", len(want))
	}
}
