package eventlogtest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// Read counts what the store gives.
func (c *counting) Read(ctx context.Context, name eventlog.Stream, filter string, from uint64, bytesMax int) ([]eventlog.Stored, error) {
	found, err := c.Store.Read(ctx, name, filter, from, bytesMax)
	size := 0
	for _, m := range found {
		size += len(m.Data)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	c.bytes = max(c.bytes, size)
	return found, err
}

// holed is a log whose frame 4, of three lines, is gone: what readers from each place see.
func holed(t *testing.T, b *bench, injure func()) {
	t.Helper()
	l := b.start(t)
	put(t, l, "s0", "a1")
	put(t, l, "s1", "b1", "b2")
	put(t, l, "s0", "a2", "a3")
	put(t, l, "s1", "b3", "b4", "b5")
	put(t, l, "s0", "a4")
	put(t, l, "s1", "b6")
	put(t, l, "s1", "b7")
	b.halt(t)
	injure()
	l = b.start(t)
	for from, want := range map[uint64][]string{
		1: {"1 s0 a1", "2 s1 b1 b2", "3 s0 a2 a3", "5 s0 a4", "6 s1 b6 (lost 3)", "7 s1 b7"},
		2: {"2 s1 b1 b2", "3 s0 a2 a3", "5 s0 a4", "6 s1 b6 (lost 3)", "7 s1 b7"},
		3: {"3 s0 a2 a3", "5 s0 a4", "6 s1 b6 (lost 3)", "7 s1 b7"},
		4: {"5 s0 a4", "6 s1 b6 (lost 3)", "7 s1 b7"},
		5: {"5 s0 a4", "6 s1 b6", "7 s1 b7"}, // whoever was at 5 has seen 4, or its hole
		7: {"7 s1 b7"},
	} {
		var got []string
		for _, s := range shown(all(t, l.Read(eventlog.Events, ">", from))) {
			// A frame whose header can still be read comes as a hole of its own; that is as good.
			if s == "4 s1 (lost 3)" {
				want = movedHole(want)
			}
			got = append(got, s)
		}
		expect(t, fmt.Sprintf("read from %d", from), got, want)
	}
	if _, err := l.Get(t.Context(), eventlog.Events, record.Position{Seq: 4}); err == nil {
		t.Error("a line of the lost frame can be read")
	}
	put(t, l, "s1", "b8")
	h, _, err := l.Head(t.Context(), eventlog.Events, subject("s1"))
	if err != nil || h.Total() != 8 || h.N != 5 {
		t.Errorf("head after the hole: %+v, %v; want number 5, 8 lines", h, err)
	}
}

// movedHole is what a reader sees when the hole is told where it is, and not at the next frame.
func movedHole(want []string) []string {
	var out []string
	for _, s := range want {
		if strings.HasPrefix(s, "5 ") {
			out = append(out, "4 s1 (lost 3)")
		}
		out = append(out, strings.TrimSuffix(s, " (lost 3)"))
	}
	return out
}

func rotted(t *testing.T, b *bench) {
	holed(t, b, func() { b.Rot(t, eventlog.Events, 4) })
}

func missing(t *testing.T, b *bench) {
	holed(t, b, func() {
		b.Open(t)
		b.Remove(t, eventlog.Events, 4)
		b.Close(t)
	})
}

// rottedEnd: what was in the last frame of a subject cannot be known when only that frame knew it; that something was there is noticed.
func rottedEnd(t *testing.T, b *bench) {
	l := b.start(t)
	put(t, l, "s0", "a1")
	put(t, l, "s1", "b1")
	put(t, l, "s0", "a2", "a3")
	put(t, l, "s1", "b2")
	b.halt(t)
	b.Rot(t, eventlog.Events, 3)
	b.Rot(t, eventlog.Events, 4)
	l = b.start(t)
	for i := range 3 {
		put(t, l, "s0", fmt.Sprintf("a%d", i+4))
		put(t, l, "s1", fmt.Sprintf("b%d", i+4))
	}
	for range 2 {
		lost := map[string]uint64{}
		var got []string
		for _, c := range all(t, l.Read(eventlog.Events, ">", 1)) {
			lost[c.Source()] += c.Lost
			for _, line := range record.Lines(c.Body) {
				got = append(got, strings.Trim(string(line), `"`))
			}
		}
		expect(t, "lines", got, strings.Fields("a1 b1 a4 b4 a5 b5 a6 b6"))
		if lost["s0"] < 1 || lost["s0"] > 2 || lost["s1"] != 1 {
			t.Errorf("lost lines: %v, want at least one of s0 and one of s1", lost)
		}
		b.halt(t)
		l = b.start(t)
	}
	put(t, l, "s0", "a7")
}

// rottedUnderWriter: the committer knows what was in the frame, and so the chain goes on with the exact number.
func rottedUnderWriter(t *testing.T, b *bench) {
	l := b.start(t)
	put(t, l, "s0", "a1")
	put(t, l, "s0", "a2", "a3")
	b.Remove(t, eventlog.Events, 2)
	put(t, l, "s0", "a4")
	b.halt(t)
	l = b.start(t)
	got := shown(all(t, l.Read(eventlog.Events, ">", 1)))
	if len(got) != 2 || got[0] != "1 s0 a1" || got[1] != "3 s0 a4 (lost 2)" {
		t.Errorf("read: %q, want a1 and, with 2 lines lost, a4", got)
	}
}

// faulty is a store whose appends can be made to fail.
type faulty struct {
	eventlog.Store
	mu    sync.Mutex
	fault func(store func() (uint64, error)) (uint64, error)
}

func (f *faulty) set(fault func(store func() (uint64, error)) (uint64, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fault = fault
}

// Append lets the fault decide whether the append is carried out, and what its answer is.
func (f *faulty) Append(ctx context.Context, name eventlog.Stream, msgs []eventlog.Message) (uint64, error) {
	f.mu.Lock()
	fault := f.fault
	f.mu.Unlock()
	store := func() (uint64, error) { return f.Store.Append(ctx, name, msgs) }
	if fault == nil {
		return store()
	}
	return fault(store)
}

func (b *bench) faulty(t *testing.T) (*eventlog.Log, *faulty) {
	t.Helper()
	f := &faulty{}
	b.wrap = func(s eventlog.Store) eventlog.Store { f.Store = s; return f }
	return b.start(t), f
}

func unknownFate(t *testing.T, b *bench) {
	l, f := b.faulty(t)
	put(t, l, "s0", "a1")
	f.set(func(store func() (uint64, error)) (uint64, error) { // stored, but the answer is lost
		f.set(nil)
		if _, err := store(); err != nil {
			return 0, err
		}
		return 0, errors.New("the answer did not come")
	})
	expect(t, "position", put(t, l, "s0", "a2"), record.Position{Seq: 2})
	f.set(func(func() (uint64, error)) (uint64, error) { // not stored, and nobody knows
		f.set(nil)
		return 0, errors.New("the answer did not come")
	})
	expect(t, "position", put(t, l, "s0", "a3", "a4"), record.Position{Seq: 3})
	f.set(func(store func() (uint64, error)) (uint64, error) { // the same, with a batch of several frames
		f.set(nil)
		if _, err := store(); err != nil {
			return 0, err
		}
		return 0, errors.New("the answer did not come")
	})
	large := []string{long("x", 300<<10), long("y", 300<<10)}
	expect(t, "position", put(t, l, "s1", large...), record.Position{Seq: 4})
	put(t, l, "s0", "a5")
	b.halt(t)
	expect(t, "lines", whole(t, b.start(t), eventlog.Events), []string{"a1", "a2", "a3", "a4", large[0], large[1], "a5"})
}

func refused(t *testing.T, b *bench) {
	l, f := b.faulty(t)
	put(t, l, "s0", "a1")
	f.set(func(func() (uint64, error)) (uint64, error) {
		return 0, fmt.Errorf("%w: 0 bytes left", eventlog.ErrFull)
	})
	for range 3 {
		if _, err := l.Append(t.Context(), eventlog.Events, subject("s0"), record.KindEvents, lines("a2")); !errors.Is(err, eventlog.ErrFull) {
			t.Errorf("append to a full store: %v, want ErrFull", err)
		}
	}
	f.set(nil)
	expect(t, "position", put(t, l, "s0", "a3"), record.Position{Seq: 2})
	expect(t, "lines", whole(t, l, eventlog.Events), []string{"a1", "a3"})
}

func busy(t *testing.T, b *bench) {
	b.cfg.QueueBytesMax = 100
	l, f := b.faulty(t)
	entered, release := make(chan struct{}), make(chan struct{})
	f.set(func(store func() (uint64, error)) (uint64, error) {
		f.set(nil)
		close(entered)
		<-release
		return store()
	})
	first := make(chan error, 1)
	go func() {
		_, err := l.Append(t.Context(), eventlog.Events, subject("s0"), record.KindEvents, lines(long("a", 60)))
		first <- err
	}()
	<-entered
	if _, err := l.Append(t.Context(), eventlog.Events, subject("s0"), record.KindEvents, lines(long("b", 60))); !errors.Is(err, eventlog.ErrBusy) {
		t.Errorf("append over the budget: %v, want ErrBusy", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Errorf("append within the budget: %v", err)
	}
	put(t, l, "s0", long("c", 60))
	expect(t, "lines", whole(t, l, eventlog.Events), []string{long("a", 60), long("c", 60)})
}

func closing(t *testing.T, b *bench) {
	l := b.start(t)
	answers := make([]error, 200)
	var wg sync.WaitGroup
	begun := make(chan struct{}, len(answers))
	for i := range answers {
		wg.Go(func() {
			begun <- struct{}{}
			_, answers[i] = l.Append(t.Context(), eventlog.Events, subject("s0"), record.KindEvents, lines(strconv.Itoa(i)))
		})
	}
	for range len(answers) / 2 {
		<-begun
	}
	b.stop()
	wg.Wait()
	b.halt(t)
	there := map[string]bool{}
	for _, id := range whole(t, b.start(t), eventlog.Events) {
		there[id] = true
	}
	for i, err := range answers {
		if err == nil != there[strconv.Itoa(i)] || (err != nil && !errors.Is(err, eventlog.ErrClosed)) {
			t.Errorf("append %d: answer %v, in the log: %v", i, err, there[strconv.Itoa(i)])
		}
	}
}

func seek(t *testing.T, b *bench) {
	l := b.start(t)
	var at []int64
	for i := range 9 {
		put(t, l, fmt.Sprintf("s%d", i%2), strconv.Itoa(i))
		c, err := l.Chunk(t.Context(), eventlog.Events, uint64(i+1))
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, c.Header.At)
		for time.Now().UnixMilli() == c.Header.At { //nolint:revive // the next frame is to have another time
		}
	}
	b.Remove(t, eventlog.Events, 5)
	b.halt(t)
	l = b.start(t)
	check := func(millis int64, want uint64) {
		t.Helper()
		from, err := l.Seek(t.Context(), eventlog.Events, millis)
		if err != nil {
			t.Fatal(err)
		}
		got := from
		if c, ok, err := l.Read(eventlog.Events, ">", from).TryNext(t.Context()); ok && err == nil {
			got = c.Seq
		}
		if got != want {
			t.Errorf("seek %d: %d, where a reader finds %d; want %d", millis, from, got, want)
		}
	}
	check(0, 1)
	check(at[8]+1, 10)
	for i, millis := range at {
		if i != 4 {
			check(millis, uint64(i+1))
		}
	}
}
