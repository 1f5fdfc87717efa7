package jetlog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/jetlog"
	"penstock/internal/record"
)

const eraseArg = "rewrite-until-killed"

// secret stands in the lines that are to be erased.
const secret = "ann@example.com"

func withoutSecret(line []byte) []byte {
	if bytes.Contains(line, []byte(secret)) {
		return []byte(`"-"`)
	}
	return line
}

func streamsToErase() map[eventlog.Stream]string {
	return map[eventlog.Stream]string{eventlog.Events: "events.default.src_00", eventlog.Received: "received.default.app"}
}

const framesToErase = 30

// fillWithSecrets appends frames of three lines to a stream: one that stays, one that a test erases, and one that is
// long enough to spread the frames over several blocks.
func fillWithSecrets(t *testing.T, l *eventlog.Log, name eventlog.Stream) {
	t.Helper()
	kind := record.KindEvents
	if name == eventlog.Received {
		kind = record.KindReceived
	}
	much := text(300 << 10)
	for i := range framesToErase {
		first, toErase := fmt.Appendf(nil, `"a%d"`, i), fmt.Appendf(nil, `"%s %d"`, secret, i)
		lines := []eventlog.Line{{Data: first}, {Data: toErase}, {Data: much}}
		if _, err := l.Append(t.Context(), name, streamsToErase()[name], kind, lines); err != nil {
			t.Fatal(err)
		}
	}
}

// rewriteUntilKilled rewrites one frame after the other, and writes each that is done to standard output.
func rewriteUntilKilled(ctx context.Context, dir string) error {
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
	for seq := uint64(1); seq <= framesToErase; seq++ {
		for name := range streamsToErase() {
			if _, err := l.Rewrite(ctx, name, seq, withoutSecret); err != nil {
				return err
			}
			_, _ = fmt.Fprintf(os.Stdout, "%s-%d %d.0\n", name, seq, seq)
		}
	}
	wg.Wait()
	return nil
}

// A process that is killed while it erases leaves a log that is whole, shows what was erased to nobody, and can be erased to the end; then no file holds it.
func TestKilledWhileErasing(t *testing.T) {
	t.Parallel()
	place := &place{dir: t.TempDir()}
	l, stop := openLog(t, place)
	for name := range streamsToErase() {
		fillWithSecrets(t, l, name)
	}
	stop()
	done := map[string]record.Position{}
	for round := range 3 {
		after := min(len(done)+5+rand.IntN(20), len(streamsToErase())*framesToErase-1) // a child that was not killed in time has no more to say than that
		killed(t, []string{eraseArg, place.dir, fmt.Sprint(round)}, after, done)
		l, stop = openLog(t, place)
		for name, to := range streamsToErase() {
			whole(t, l, name, to, func(seq uint64, body []byte) {
				if _, ok := done[fmt.Sprintf("%s-%d", name, seq)]; ok && bytes.Contains(body, []byte(secret)) {
					t.Errorf("%s at %d was rewritten, and shows the old line", name, seq)
				}
			})
		}
		stop()
	}
	l, stop = openLog(t, place)
	for name := range streamsToErase() {
		for seq := uint64(1); seq <= framesToErase; seq++ {
			if _, err := l.Rewrite(t.Context(), name, seq, withoutSecret); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.EraseReplaced(t.Context(), name); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	for _, how := range []string{"stopped in order", "not stopped in order"} {
		wantInNoFile(t, place.dir)
		l, stop = openLog(t, place)
		for name, to := range streamsToErase() {
			lines := 0
			whole(t, l, name, to, func(seq uint64, body []byte) {
				lines += bytes.Count(body, []byte("\n"))
				if bytes.Contains(body, []byte(secret)) {
					t.Errorf("%s, %s at %d shows the old line", how, name, seq)
				}
			})
			if lines != 3*framesToErase {
				t.Errorf("%s, %s has %d lines, want %d", how, name, lines, 3*framesToErase)
			}
		}
		stop()
		for name := range streamsToErase() {
			noIndex(t, filepath.Join(place.dir, "jetstream", "$G", "streams", string(name), "msgs"))
		}
	}
}

// openLog runs a log on a place until it is stopped.
func openLog(t *testing.T, p *place) (*eventlog.Log, func()) {
	t.Helper()
	l, err := eventlog.New(t.Context(), p.Open(t), eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	return l, func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		p.Close(t)
	}
}

// whole walks a subject, whose chain must be unbroken.
func whole(t *testing.T, l *eventlog.Log, name eventlog.Stream, subject string, visit func(seq uint64, body []byte)) {
	t.Helper()
	var before record.Header
	for r := l.Read(name, subject, 1); ; {
		c, ok, err := r.TryNext(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return
		}
		if c.Lost != 0 || c.Header.N != before.N+1 || c.Header.First != before.Total() {
			t.Fatalf("%s at %d: header %+v after %+v, lost %d", name, c.Seq, c.Header, before, c.Lost)
		}
		before = c.Header
		visit(c.Seq, c.Body)
	}
}

func wantInNoFile(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil && filepath.Ext(path) == ".blk" {
			data, err = jetlog.Plain(data)
		}
		if n := bytes.Count(data, []byte(secret)); n > 0 {
			t.Errorf("%s holds what was erased %d times", strings.TrimPrefix(path, dir), n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A message that the server was told to erase, and of which a kill has left the bytes, is overwritten at the next start, wherever it lies; the others are not touched.
func TestLeftBytesAreOverwritten(t *testing.T) {
	for name, to := range streamsToErase() {
		t.Run(string(name), func(t *testing.T) {
			t.Parallel()
			place := &place{dir: t.TempDir()}
			l, stop := openLog(t, place)
			fillWithSecrets(t, l, name)
			var noted []string
			for _, seq := range []uint64{1, 15, 29} { // in the first block, in the middle, in the last
				place.Remove(t, name, seq)
				noted = append(noted, fmt.Sprintf(`{"stream":%q,"seq":%d}`, name, seq))
			}
			stop()
			if before := secretsOf(t, place.dir, name); before != framesToErase {
				t.Fatalf("the search finds %d lines, want that of each of %d frames", before, framesToErase)
			}
			if err := os.WriteFile(filepath.Join(place.dir, "erasing.json"), []byte("["+strings.Join(noted, ",")+"]"), 0o600); err != nil {
				t.Fatal(err)
			}
			store := place.Open(t)
			if after := secretsOf(t, place.dir, name); after != framesToErase-3 {
				t.Errorf("%d lines are in the files, want 3 less than %d", after, framesToErase)
			}
			found := 0
			for from := uint64(1); ; {
				some, err := store.Read(t.Context(), name, to, from, 1<<20)
				if err != nil {
					t.Fatal(err)
				}
				if len(some) == 0 {
					break
				}
				found, from = found+len(some), some[len(some)-1].Seq+1
			}
			if found != framesToErase-3 {
				t.Errorf("%d frames can be read, want all but 3 of %d", found, framesToErase)
			}
			if _, err := os.Stat(filepath.Join(place.dir, "erasing.json")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the note is there still: %v", err)
			}
			place.Close(t)
		})
	}
}

// secretsOf counts the lines in the blocks of a stream that hold the secret, compressed or not.
func secretsOf(t *testing.T, dir string, name eventlog.Stream) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "jetstream", "$G", "streams", string(name), "msgs", "*.blk"))
	if err != nil || len(files) < 2 {
		t.Fatalf("blocks: %v, %v", files, err)
	}
	n := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if data, err = jetlog.Plain(data); err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(data, []byte(secret))
	}
	return n
}
