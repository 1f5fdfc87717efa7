package jetlog_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/jetlog"
	"penstock/internal/record"
)

const childArg = "append-until-killed"

func TestMain(m *testing.M) {
	if len(os.Args) == 4 && os.Args[1] == childArg {
		if err := appendUntilKilled(context.Background(), os.Args[2], os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) //nolint:forbidigo // the child's way out
	}
	if len(os.Args) == 4 && os.Args[1] == eraseArg {
		if err := rewriteUntilKilled(context.Background(), os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(1) //nolint:forbidigo // the child's way out
	}
	if err := flag.Set("rapid.checks", "8"); err != nil { // each opens logs on disk many times
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// appendUntilKilled appends from 16 callers to 8 sources, now and then a batch of several frames, and writes each answer to standard output.
func appendUntilKilled(ctx context.Context, dir, round string) error {
	j, err := jetlog.Open(ctx, jetlog.DefaultConfig(dir), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	l, err := eventlog.New(ctx, j, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = l.Run(ctx) })
	for caller := range 16 {
		wg.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%s-%d-%d", round, caller, i)
				lines := []eventlog.Line{{ID: id, Data: []byte(`"` + id + `"`)}}
				if i%20 == 19 {
					lines = append(lines, eventlog.Line{Data: text(300 << 10)}, eventlog.Line{Data: text(300 << 10)})
				}
				p, err := l.Append(ctx, eventlog.Events, subject(caller%8), record.KindEvents, lines)
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1) //nolint:forbidigo // the child's way out
				}
				_, _ = os.Stdout.WriteString(id + " " + p.String() + "\n")
			}
		})
	}
	wg.Wait()
	return nil
}

// What was answered before a SIGKILL is in the log after it, where the answer said, and the chains are whole.
func TestKilledWhileAppending(t *testing.T) {
	t.Parallel()
	place := &place{dir: t.TempDir()}
	answered := map[string]record.Position{}
	for round := range 5 {
		killed(t, []string{childArg, place.dir, fmt.Sprint(round)}, 50+rand.IntN(400), answered)
		check(t, place, answered)
	}
}

// killed runs a child until it has given a number of answers, kills it, and notes all that it has answered.
func killed(t *testing.T, args []string, after int, answered map[string]record.Position) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self, args...)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break // a line without an end was not written whole, and is no answer
		}
		if err != nil {
			t.Fatal(err)
		}
		id, at, _ := strings.Cut(strings.TrimSpace(line), " ")
		if answered[id], err = record.ParsePosition(at); err != nil {
			t.Fatal(err)
		}
		if n == after {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil || len(answered) < after {
		t.Fatalf("child ended with %v after %d answers", err, len(answered))
	}
}

func check(t *testing.T, place *place, answered map[string]record.Position) {
	t.Helper()
	l, err := eventlog.New(t.Context(), place.Open(t), eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer place.Close(t)
	found := map[string]record.Position{}
	ends := map[string]record.Header{}
	for r := l.Read(eventlog.Events, ">", 1); ; {
		c, ok, err := r.TryNext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		before := ends[c.Subject]
		if c.Lost != 0 || c.Header.N != before.N+1 || c.Header.First != before.Total() {
			t.Fatalf("%s at %d: header %+v after %+v, lost %d", c.Subject, c.Seq, c.Header, before, c.Lost)
		}
		ends[c.Subject] = c.Header
		for i, line := range record.Lines(c.Body) {
			id := strings.Trim(string(line), `"`)
			if _, twice := found[id]; twice && len(id) < 100 {
				t.Errorf("%s is twice in the log", id)
			}
			found[id] = record.Position{Seq: c.Seq, Line: i}
		}
	}
	for id, p := range answered {
		if found[id] != p {
			t.Errorf("%s was answered with %s, and is at %s", id, p, found[id])
		}
	}
}
