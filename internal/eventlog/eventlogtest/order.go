package eventlogtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func appendAndRead(t *testing.T, b *bench) {
	l := b.start(t)
	live := l.Read(eventlog.Events, ">", 0)
	if _, ok, err := live.TryNext(t.Context()); ok || err != nil {
		t.Fatalf("read of an empty log: %v, %v", ok, err)
	}
	for i := range 6 {
		p := put(t, l, fmt.Sprintf("s%d", i%2), fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i))
		expect(t, "position", p, record.Position{Seq: uint64(i + 1)})
		c, err := live.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		expect(t, "chunk at the end", shown([]eventlog.Chunk{c}), []string{fmt.Sprintf("%d s%d a%d b%d", i+1, i%2, i, i)})
	}
	line, err := l.Get(t.Context(), eventlog.Events, record.Position{Seq: 4, Line: 1})
	if string(line) != `"b3"` || err != nil {
		t.Errorf("get 4.1: %s, %v", line, err)
	}
	for _, p := range []record.Position{{Seq: 4, Line: 2}, {Seq: 7}, {}} {
		if line, err := l.Get(t.Context(), eventlog.Events, p); err == nil {
			t.Errorf("get %s: %s, want an error", p, line)
		}
	}
	expect(t, "from the middle", shown(all(t, l.Read(eventlog.Events, ">", 5))), []string{"5 s0 a4 b4", "6 s1 a5 b5"})
	expect(t, "last", l.Last(eventlog.Events), uint64(6))
	b.halt(t)
	l = b.start(t) // now nothing comes from memory
	expect(t, "from the start", whole(t, l, eventlog.Events), strings.Fields("a0 b0 a1 b1 a2 b2 a3 b3 a4 b4 a5 b5"))
	if line, err := l.Get(t.Context(), eventlog.Events, record.Position{Seq: 4, Line: 1}); string(line) != `"b3"` || err != nil {
		t.Errorf("get 4.1 from the store: %s, %v", line, err)
	}
	expect(t, "from the middle of the store", shown(all(t, l.Read(eventlog.Events, ">", 5))), []string{"5 s0 a4 b4", "6 s1 a5 b5"})
	expect(t, "behind the end", len(all(t, l.Read(eventlog.Events, ">", 7))), 0)
}

func filters(t *testing.T, b *bench) {
	l := b.start(t)
	for i := range 4 {
		put(t, l, fmt.Sprintf("s%d", i%2), strconv.Itoa(i))
	}
	if _, err := l.Append(t.Context(), eventlog.Events, "rejected.default.s0", record.KindRejected, lines("no")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for filter, want := range map[string][]string{
			"events.default.s0":   {"1 s0 0", "3 s0 2"},
			"events.default.*":    {"1 s0 0", "2 s1 1", "3 s0 2", "4 s1 3"},
			"rejected.>":          {"5 s0 no"},
			"events.default.none": nil,
		} {
			expect(t, filter, shown(all(t, l.Read(eventlog.Events, filter, 1))), want)
		}
		b.halt(t)
		l = b.start(t)
	}
}

func groupCommit(t *testing.T, b *bench) {
	const callers, sources = 2000, 64
	l := b.start(t)
	positions := make([]record.Position, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() { positions[i] = put(t, l, fmt.Sprintf("s%02d", i%sources), fmt.Sprintf("c%04d", i)) })
	}
	wg.Wait()
	b.halt(t)
	l = b.start(t)
	for i, p := range positions {
		line, err := l.Get(t.Context(), eventlog.Events, p)
		if want := fmt.Sprintf(`"c%04d"`, i); string(line) != want || err != nil {
			t.Fatalf("line at %s, the answer to %s: %s, %v", p, want, line, err)
		}
	}
	found := whole(t, l, eventlog.Events)
	slices.Sort(found)
	if found = slices.Compact(found); len(found) != callers {
		t.Errorf("%d different lines in the log, want %d", len(found), callers)
	}
	if last := l.Last(eventlog.Events); last >= callers {
		t.Errorf("%d frames for %d appends: nothing was committed together", last, callers)
	}
}

func reopen(t *testing.T, b *bench) {
	var want []string
	for round := range 4 {
		l := b.start(t)
		for i := range 3 {
			id := fmt.Sprintf("r%d-%d", round, i)
			put(t, l, fmt.Sprintf("s%d", i%2), id)
			want = append(want, id)
		}
		b.halt(t)
	}
	l := b.start(t)
	expect(t, "lines", whole(t, l, eventlog.Events), want)
	h, seq, err := l.Head(t.Context(), eventlog.Events, subject("s0"))
	if err != nil || seq != 12 || h.N != 8 || h.Total() != 8 {
		t.Errorf("head of s0: %+v at %d, %v; want number 8 at 12", h, seq, err)
	}
	if h, seq, err = l.Head(t.Context(), eventlog.Events, subject("none")); err != nil || seq != 0 || h.N != 0 {
		t.Errorf("head of a source without events: %+v at %d, %v", h, seq, err)
	}
}

func manyFrames(t *testing.T, b *bench) {
	l := b.start(t)
	put(t, l, "s0", "before")
	var texts []string
	for i := range 30 {
		texts = append(texts, long(fmt.Sprintf("%02d-", i), 100<<10))
	}
	p := put(t, l, "s0", texts...)
	put(t, l, "s0", "after")
	expect(t, "position", p, record.Position{Seq: 2})
	b.halt(t)
	l = b.start(t)
	expect(t, "lines", whole(t, l, eventlog.Events), append(append([]string{"before"}, texts...), "after"))
	chunks := all(t, l.Read(eventlog.Events, ">", p.Seq))
	if len(chunks) != 7 {
		t.Errorf("%d frames from the append on, want six of five lines, and one", len(chunks))
	}
	for _, c := range chunks[:len(chunks)-1] {
		if len(c.Body) > record.FrameBytesMax {
			t.Errorf("frame %d has a body of %d bytes", c.Seq, len(c.Body))
		}
	}
}

func limits(t *testing.T, b *bench) {
	const most = 8<<20 - 64<<10
	l := b.start(t)
	exact := []string{long("a", record.FrameBytesMax/2), long("b", record.FrameBytesMax/2)}
	put(t, l, "full", exact...)
	large := long("large", record.FrameBytesMax+1)
	put(t, l, "large", "small", large, "small too")
	huge := long("huge", most)
	put(t, l, "huge", huge)
	for _, bad := range [][]eventlog.Line{
		lines(long("more", most+1)), // over what one append takes
		lines("two\nlines"),
		{{Data: nil}},
		nil,
	} {
		if p, err := l.Append(t.Context(), eventlog.Events, subject("bad"), record.KindEvents, bad); err == nil {
			t.Errorf("append of %d lines: %s, want an error", len(bad), p)
		}
	}
	b.halt(t)
	l = b.start(t)
	expect(t, "lines", whole(t, l, eventlog.Events), []string{exact[0], exact[1], "small", large, "small too", huge})
	sizes := map[string][]int{}
	for _, c := range all(t, l.Read(eventlog.Events, ">", 1)) {
		sizes[c.Source()] = append(sizes[c.Source()], c.Header.Lines)
	}
	expect(t, "lines of the frames", sizes, map[string][]int{"full": {2}, "large": {1, 1, 1}, "huge": {1}})
}

// counting is a store that knows how much one Read has taken at most.
type counting struct {
	eventlog.Store
	mu    sync.Mutex
	reads int
	bytes int
}

func slowReader(t *testing.T, b *bench) {
	const frames, size = 96, 256 << 10
	b.cfg.CacheBytesMax = 64 << 10
	store := &counting{}
	b.wrap = func(s eventlog.Store) eventlog.Store { store.Store = s; return store }
	l := b.start(t)
	slow := l.Read(eventlog.Events, "events.default.s0", 1)
	var want []string
	for i := range frames { // few and large: each is a sync
		id := long(fmt.Sprintf("%04d-", i), size)
		put(t, l, fmt.Sprintf("s%d", i%3), id)
		if i%3 == 0 {
			want = append(want, id)
		}
		if i == 10 {
			if c, err := slow.Next(t.Context()); err != nil || c.Seq != 1 {
				t.Fatalf("first chunk: %d, %v", c.Seq, err)
			}
		}
	}
	var got []string
	for _, c := range all(t, slow) {
		if c.Lost != 0 {
			t.Fatalf("lost %d before %d", c.Lost, c.Seq)
		}
		for _, line := range record.Lines(c.Body) {
			got = append(got, strings.Trim(string(line), `"`))
		}
	}
	expect(t, "lines", got, want[1:])
	if most := 5 << 20; store.bytes > most || store.reads < 2 {
		t.Errorf("%d reads of the store, the largest of %d bytes; want several of at most %d", store.reads, store.bytes, most)
	}
}
