package eventlogtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// sixFrames are of two sources, in turn, of one or two lines.
func sixFrames(t *testing.T, l *eventlog.Log) {
	t.Helper()
	put(t, l, "s0", "a1")
	put(t, l, "s1", "b1", "b2")
	put(t, l, "s0", "a2", "a3")
	put(t, l, "s1", "b3")
	put(t, l, "s0", "a4")
	put(t, l, "s1", "b4", "b5")
}

// told is a chunk as shown has it, with what is no longer kept before it.
func told(chunks []eventlog.Chunk) []string {
	out := shown(chunks)
	for i := range chunks {
		if n := chunks[i].Removed; n > 0 {
			out[i] += fmt.Sprintf(" (removed %d)", n)
		}
	}
	return out
}

func shorten(t *testing.T, l *eventlog.Log, source string, before, want uint64) {
	t.Helper()
	got, err := l.Shorten(t.Context(), eventlog.Events, subject(source), before)
	if err != nil || got != want {
		t.Fatalf("shorten %s before %d: %d lines, %v; want %d", source, before, got, err, want)
	}
}

func shortened(t *testing.T, b *bench) {
	l := b.start(t)
	sixFrames(t, l)
	reader := l.Read(eventlog.Events, "events.>", 1)
	if c, err := reader.Next(t.Context()); err != nil || c.Seq != 1 {
		t.Fatalf("first frame: %+v, %v", c, err)
	}
	shorten(t, l, "s0", 5, 3)
	shorten(t, l, "s0", 5, 0)
	shorten(t, l, "s0", 3, 0) // never back
	want := map[uint64][]string{
		1: {"2 s1 b1 b2", "4 s1 b3", "5 s0 a4 (removed 3)", "6 s1 b4 b5"},
		4: {"4 s1 b3", "5 s0 a4", "6 s1 b4 b5"},
		6: {"6 s1 b4 b5"},
	}
	for range 2 {
		for from, want := range want {
			expect(t, fmt.Sprintf("read from %d", from), told(all(t, l.Read(eventlog.Events, "events.>", from))), want)
		}
		if _, err := l.Get(t.Context(), eventlog.Events, record.Position{Seq: 3}); !errors.Is(err, eventlog.ErrNotFound) {
			t.Errorf("get a line that is no longer kept: %v", err)
		}
		kept, err := l.Kept(t.Context(), eventlog.Events, subject("s0"))
		if err != nil || kept.Before != 5 || kept.N != 2 || kept.Lines != 3 || kept.At == 0 {
			t.Errorf("kept: %+v, %v", kept, err)
		}
		b.halt(t)
		l = b.start(t)
	}
	put(t, l, "s0", "a5")
	h, _, err := l.Head(t.Context(), eventlog.Events, subject("s0"))
	if err != nil || h.N != 4 || h.Total() != 5 {
		t.Errorf("head: %+v, %v", h, err)
	}
	_, seq, err := l.Find(t.Context(), eventlog.Events, subject("s1"), func(h *record.Header) bool { return h.Total() >= 3 })
	if err != nil || seq != 4 {
		t.Errorf("the first frame that has the third line of s1: %d, %v", seq, err)
	}
	if _, seq, err = l.Find(t.Context(), eventlog.Events, subject("s1"), func(h *record.Header) bool { return h.Total() > 5 }); err != nil || seq != l.Last(eventlog.Events)+1 {
		t.Errorf("a frame that is not there: %d, %v", seq, err)
	}
}

// underReader: who reads while the log is shortened, from memory or from the store, is told of what it did not get.
func underReader(t *testing.T, b *bench) {
	l := b.start(t)
	sixFrames(t, l)
	put(t, l, "s0", "a5")
	b.halt(t)
	l = b.start(t) // what is read comes from the store now, several frames at a time
	first := func() *eventlog.Reader {
		reader := l.Read(eventlog.Events, subject("s0"), 1)
		if c, err := reader.Next(t.Context()); err != nil || c.Seq != 1 {
			t.Fatalf("first frame: %+v, %v", c, err)
		}
		return reader
	}
	behind, further := first(), first()
	if c, err := further.Next(t.Context()); err != nil || c.Seq != 3 {
		t.Fatalf("second frame: %+v, %v", c, err)
	}
	shorten(t, l, "s0", 5, 3)
	expect(t, "the rest", told(all(t, behind)), []string{"5 s0 a4 (removed 2)", "7 s0 a5"})
	expect(t, "the rest of one that was further", told(all(t, further)), []string{"5 s0 a4", "7 s0 a5"})
	for _, line := range []string{"a6", "a7", "a8"} { // these are in memory
		put(t, l, "s0", line)
	}
	c, err := behind.Next(t.Context())
	if err != nil || string(record.Line(c.Body, 0)) != `"a6"` {
		t.Fatalf("first frame of three more: %+v, %v", c, err)
	}
	shorten(t, l, "s0", c.Seq+2, 4)
	expect(t, "the rest of three more", told(all(t, behind)), []string{fmt.Sprintf("%d s0 a8 (removed 1)", c.Seq+2)})
}

// allOfIt: a subject can be emptied, and its chain goes on.
func allOfIt(t *testing.T, b *bench) {
	l := b.start(t)
	sixFrames(t, l)
	shorten(t, l, "s1", 100, 5)
	shorten(t, l, "s1", 100, 0)
	for range 2 {
		got := told(all(t, l.Read(eventlog.Events, subject("s1"), 1)))
		if len(got) != 1 || !strings.HasSuffix(got[0], " s1 (removed 5)") {
			t.Errorf("what is left: %q, want a frame of no lines", got)
		}
		b.halt(t)
		l = b.start(t)
	}
	put(t, l, "s1", "b6")
	h, _, err := l.Head(t.Context(), eventlog.Events, subject("s1"))
	if err != nil || h.First != 5 || h.Total() != 6 {
		t.Errorf("head: %+v, %v", h, err)
	}
	if _, err := l.Shorten(t.Context(), eventlog.Events, subject("none"), 100); err != nil {
		t.Errorf("shorten a subject that has nothing: %v", err)
	}
}

// holeBehindRemoved: what is lost is told apart from what was removed.
func holeBehindRemoved(t *testing.T, b *bench) {
	l := b.start(t)
	sixFrames(t, l)
	put(t, l, "s0", "a5", "a6")
	put(t, l, "s0", "a7")
	shorten(t, l, "s0", 5, 3)
	b.Remove(t, eventlog.Events, 5)
	b.Remove(t, eventlog.Events, l.Last(eventlog.Events)-2) // a5 and a6; behind a7 lies the record
	b.halt(t)
	l = b.start(t)
	got := told(all(t, l.Read(eventlog.Events, subject("s0"), 1)))
	expect(t, "read from the start", got, []string{"8 s0 a7 (lost 3) (removed 3)"})
}

// comesBack: frames whose removal was not on the disk are there again after a power cut, and no hole shows.
func comesBack(t *testing.T, b *bench) {
	f := &halfway{}
	b.wrap = func(s eventlog.Store) eventlog.Store { f.Store = s; return f }
	l := b.start(t)
	sixFrames(t, l)
	f.purge = true
	shorten(t, l, "s0", 5, 3)
	f.purge = false
	b.halt(t)
	l = b.start(t)
	expect(t, "all that came back", told(all(t, l.Read(eventlog.Events, subject("s0"), 1))), []string{"1 s0 a1", "3 s0 a2 a3", "5 s0 a4"})
	b.Remove(t, eventlog.Events, 1)
	b.halt(t)
	l = b.start(t)
	expect(t, "a part that came back", told(all(t, l.Read(eventlog.Events, subject("s0"), 1))), []string{"3 s0 a2 a3 (removed 1)", "5 s0 a4"})
	shorten(t, l, "s0", 5, 0)
	expect(t, "removed again", told(all(t, l.Read(eventlog.Events, subject("s0"), 1))), []string{"5 s0 a4 (removed 3)"})
}

// halfway is a store that leaves out purges or erasures, as one that was killed before them.
type halfway struct {
	eventlog.Store
	purge, erase bool
}

// Purge does nothing while it is told to.
func (h *halfway) Purge(ctx context.Context, name eventlog.Stream, subject string, before uint64) error {
	if h.purge {
		return nil
	}
	return h.Store.Purge(ctx, name, subject, before)
}

// Erase fails while it is told to.
func (h *halfway) Erase(ctx context.Context, name eventlog.Stream, seq uint64) error {
	if h.erase {
		return errors.New("killed")
	}
	return h.Store.Erase(ctx, name, seq)
}

// rewriteLines replaces lines by "-".
func rewriteLines(t *testing.T, l *eventlog.Log, seq uint64, texts ...string) int {
	t.Helper()
	n, err := l.Rewrite(t.Context(), eventlog.Events, seq, dash(texts...))
	if err != nil {
		t.Fatalf("rewrite %d: %v", seq, err)
	}
	return n
}

func dash(texts ...string) func([]byte) []byte {
	return func(line []byte) []byte {
		for _, s := range texts {
			if string(line) == `"`+s+`"` {
				return []byte(`"-"`)
			}
		}
		return line
	}
}

func rewritten(t *testing.T, b *bench) {
	f := &halfway{}
	b.wrap = func(s eventlog.Store) eventlog.Store { f.Store = s; return f }
	l := b.start(t)
	sixFrames(t, l)
	reader := l.Read(eventlog.Events, "events.>", 1)
	if c, err := reader.Next(t.Context()); err != nil || c.Seq != 1 {
		t.Fatalf("first frame: %+v, %v", c, err)
	}
	expect(t, "lines", rewriteLines(t, l, 3, "a2"), 1)
	expect(t, "lines", rewriteLines(t, l, 3, "a2"), 0)
	expect(t, "lines", rewriteLines(t, l, 4, "b3"), 1)
	expect(t, "the last frame of its subject", rewriteLines(t, l, 6, "b5"), 1)
	expect(t, "the same frame again", rewriteLines(t, l, 3, "a3"), 1)
	want := []string{"2 s1 b1 b2", "3 s0 - -", "4 s1 -", "5 s0 a4", "6 s1 b4 -"}
	expect(t, "who had begun before", withoutEmpty(all(t, reader)), want)
	want = append([]string{"1 s0 a1"}, want...)
	for range 2 {
		expect(t, "read", withoutEmpty(all(t, l.Read(eventlog.Events, "events.>", 1))), want)
		expect(t, "read of everything", withoutEmpty(all(t, l.Read(eventlog.Events, ">", 1))), want)
		expect(t, "read from the middle", withoutEmpty(all(t, l.Read(eventlog.Events, subject("s1"), 4))), []string{"4 s1 -", "6 s1 b4 -"})
		if line, err := l.Get(t.Context(), eventlog.Events, record.Position{Seq: 3, Line: 1}); err != nil || string(line) != `"-"` {
			t.Errorf("get 3.1: %s, %v", line, err)
		}
		b.halt(t)
		l = b.start(t)
	}
	put(t, l, "s1", "b6")
	whole(t, l, eventlog.Events)
	b.halt(t)
	l = b.start(t)
	lines := whole(t, l, eventlog.Events)
	expect(t, "lines", lines, strings.Fields("a1 b1 b2 - - - a4 b4 - b6"))
	for _, seq := range []uint64{3, 4, 6} {
		if m, err := f.Store.Get(t.Context(), eventlog.Events, seq); !errors.Is(err, eventlog.ErrNotFound) {
			t.Errorf("frame %d is in the storage still: %s, %v", seq, m.Data, err)
		}
	}
}

// withoutEmpty leaves the frames out that only keep the end of a chain.
func withoutEmpty(chunks []eventlog.Chunk) []string {
	var out []eventlog.Chunk
	for _, c := range chunks {
		if c.Header.Lines > 0 || c.Lost > 0 {
			out = append(out, c)
		}
	}
	return told(out)
}

// rewrittenThenKilled: from the moment that the new frame is there, nobody gets the old one; the rest is done later.
func rewrittenThenKilled(t *testing.T, b *bench) {
	f := &halfway{}
	b.wrap = func(s eventlog.Store) eventlog.Store { f.Store = s; return f }
	l := b.start(t)
	sixFrames(t, l)
	f.erase = true
	if _, err := l.Rewrite(t.Context(), eventlog.Events, 3, dash("a2")); err == nil {
		t.Fatal("the rewrite was not broken off")
	}
	f.erase = false
	for range 2 {
		expect(t, "read", told(all(t, l.Read(eventlog.Events, subject("s0"), 1))), []string{"1 s0 a1", "3 s0 - a3", "5 s0 a4"})
		b.halt(t)
		l = b.start(t)
	}
	if _, err := f.Store.Get(t.Context(), eventlog.Events, 3); err != nil {
		t.Fatalf("the old frame should be there: %v", err)
	}
	if err := l.EraseReplaced(t.Context(), eventlog.Events); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Store.Get(t.Context(), eventlog.Events, 3); !errors.Is(err, eventlog.ErrNotFound) {
		t.Errorf("the old frame is there: %v", err)
	}
	expect(t, "read", told(all(t, l.Read(eventlog.Events, subject("s0"), 1))), []string{"1 s0 a1", "3 s0 - a3", "5 s0 a4"})
	shorten(t, l, "s0", 5, 3)
	expect(t, "after it was removed", told(all(t, l.Read(eventlog.Events, subject("s0"), 1))), []string{"5 s0 a4 (removed 3)"})
	subjects, err := l.Subjects(t.Context(), eventlog.Events, "rewritten.>")
	if err != nil || len(subjects) > 0 {
		t.Errorf("what replaced it is still there: %v, %v", subjects, err)
	}
}

// rewrittenFull: a frame that is as large as one may be can be rewritten, and a reader that is behind gets many of them piece by piece.
func rewrittenFull(t *testing.T, b *bench) {
	l := b.start(t)
	size := record.FrameBytesMax/2 - 1
	for i := range 12 {
		put(t, l, "s0", long(fmt.Sprintf("x%02d", i), size), long(fmt.Sprintf("y%02d", i), size))
		put(t, l, "s1", fmt.Sprintf("b%02d", i))
	}
	for i := range 12 {
		if n := rewriteLines(t, l, uint64(1+2*i), long(fmt.Sprintf("y%02d", i), size)); n != 1 {
			t.Fatalf("%d lines of frame %d", n, 1+2*i)
		}
	}
	b.halt(t)
	l = b.start(t)
	lines := whole(t, l, eventlog.Events)
	if len(lines) != 36 {
		t.Fatalf("%d lines", len(lines))
	}
	for i := range 12 {
		if got := lines[3*i : 3*i+3]; got[0] != long(fmt.Sprintf("x%02d", i), size) || got[1] != "-" || got[2] != fmt.Sprintf("b%02d", i) {
			t.Errorf("lines %d to %d are not what was written", 3*i, 3*i+2)
		}
	}
}

// newestCounts: of records of which only the newest counts, the others go without a trace.
func newestCounts(t *testing.T, b *bench) {
	l := b.start(t)
	const at = "checkpoints.default.m"
	for i := range 4 {
		if _, err := l.Append(t.Context(), eventlog.Outcomes, at, record.KindCheckpoint, lines(fmt.Sprintf("c%d", i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Prune(t.Context(), eventlog.Outcomes, at, 3); err != nil {
		t.Fatal(err)
	}
	b.halt(t)
	l = b.start(t)
	expect(t, "read", told(all(t, l.Read(eventlog.Outcomes, at, 1))), []string{"3 m c2", "4 m c3"})
	c, ok, err := l.LastOf(t.Context(), eventlog.Outcomes, at, 0)
	if err != nil || !ok || c.Seq != 4 {
		t.Errorf("newest: %+v, %v, %v", c, ok, err)
	}
	if c, ok, err = l.LastOf(t.Context(), eventlog.Outcomes, at, c.Seq); err != nil || !ok || c.Seq != 3 {
		t.Errorf("the one before: %+v, %v, %v", c, ok, err)
	}
	if _, ok, err = l.LastOf(t.Context(), eventlog.Outcomes, at, c.Seq); err != nil || ok {
		t.Errorf("there should be no third: %v", err)
	}
}
