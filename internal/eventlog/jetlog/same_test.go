package jetlog_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
)

// pair is the same log twice: on disk and in memory. Whatever is done to both, they answer alike.
type pair struct {
	t       *testing.T
	disk    *place
	memory  *memlog.Store
	logs    [2]*eventlog.Log
	stop    func()
	last    uint64 // sequence
	removed map[uint64]bool
	lines   int
}

func (p *pair) open() {
	stores := [2]eventlog.Store{p.disk.Open(p.t), p.memory}
	ctx, cancel := context.WithCancel(context.WithoutCancel(p.t.Context()))
	done := make(chan error, len(stores))
	for i, store := range stores {
		l, err := eventlog.New(ctx, store, eventlog.DefaultConfig(), slog.New(slog.DiscardHandler))
		if err != nil {
			p.t.Fatal(err)
		}
		p.logs[i] = l
		go func() { done <- l.Run(ctx) }()
	}
	p.stop = func() {
		cancel()
		for range stores {
			if err := <-done; err != nil {
				p.t.Error(err)
			}
		}
		p.disk.Close(p.t)
	}
}

func (p *pair) reopen(*rapid.T) {
	p.stop()
	p.open()
}

// both asks both logs, and returns the one answer.
func both[T any](t *rapid.T, p *pair, what string, ask func(*eventlog.Log) (T, error)) T {
	disk, err1 := ask(p.logs[0])
	memory, err2 := ask(p.logs[1])
	if (err1 == nil) != (err2 == nil) {
		t.Fatalf("%s: on disk %v, in memory %v", what, err1, err2)
	}
	if diff := cmp.Diff(disk, memory, cmpopts.IgnoreFields(record.Header{}, "At"), cmp.Comparer(bytes.Equal)); diff != "" {
		t.Fatalf("%s (-on disk +in memory):\n%s", what, diff)
	}
	return disk
}

func (p *pair) add(t *rapid.T) {
	to := subject(rapid.IntRange(0, 3).Draw(t, "source"))
	var lines []eventlog.Line
	for range rapid.IntRange(1, 4).Draw(t, "lines") {
		p.lines++
		size := rapid.SampledFrom([]int{10, 1000, 300 << 10}).Draw(t, "size")
		lines = append(lines, eventlog.Line{Data: fmt.Appendf(nil, "%d%0*d", p.lines+1, size, 0)})
	}
	both(t, p, "append", func(l *eventlog.Log) (record.Position, error) {
		return l.Append(p.t.Context(), eventlog.Events, to, record.KindEvents, lines)
	})
	p.last = both(t, p, "last", func(l *eventlog.Log) (uint64, error) { return l.Last(eventlog.Events), nil })
}

// remove takes out a frame that is not the last of its subject: of one that is, the disk knows less than the memory.
func (p *pair) remove(t *rapid.T) {
	if p.last == 0 {
		return
	}
	seq := rapid.Uint64Range(1, p.last).Draw(t, "sequence")
	if p.removed[seq] || !p.mayGo(seq) {
		return
	}
	p.removed[seq] = true
	p.disk.Remove(p.t, eventlog.Events, seq)
	p.memory.Damage(eventlog.Events, seq, func([]byte) []byte { return nil })
	p.reopen(t) // what is in memory does not rot
}

// mayGo tells whether there is a message at a sequence that is not the last of its subject.
func (p *pair) mayGo(seq uint64) bool {
	m, err := p.memory.Get(p.t.Context(), eventlog.Events, seq)
	if err != nil {
		return false
	}
	last, err := p.memory.Before(p.t.Context(), eventlog.Events, m.Subject, 0)
	return err == nil && last.Seq != seq
}

// shorten removes the beginning of a subject, or all of it.
func (p *pair) shorten(t *rapid.T) {
	of, before := subject(rapid.IntRange(0, 3).Draw(t, "source")), rapid.Uint64Range(0, p.last+2).Draw(t, "before")
	both(t, p, fmt.Sprintf("shorten %s before %d", of, before), func(l *eventlog.Log) (uint64, error) {
		return l.Shorten(p.t.Context(), eventlog.Events, of, before)
	})
	p.last = both(t, p, "last", func(l *eventlog.Log) (uint64, error) { return l.Last(eventlog.Events), nil })
	both(t, p, "beginning of "+of, func(l *eventlog.Log) (record.Kept, error) {
		kept, err := l.Kept(p.t.Context(), eventlog.Events, of)
		kept.At = 0
		return kept, err
	})
}

// rewrite replaces the lines of a frame that begin with a digit.
func (p *pair) rewrite(t *rapid.T) {
	seq, digit := rapid.Uint64Range(1, p.last+1).Draw(t, "sequence"), rapid.ByteRange('1', '9').Draw(t, "digit")
	if m, err := p.memory.Get(p.t.Context(), eventlog.Events, seq); err == nil && !eventlog.Matches("events.>", m.Subject) {
		return
	}
	both(t, p, fmt.Sprintf("rewrite %d", seq), func(l *eventlog.Log) (int, error) {
		return l.Rewrite(p.t.Context(), eventlog.Events, seq, func(line []byte) []byte {
			if line[0] == digit {
				return []byte(`"-"`)
			}
			return line
		})
	})
	p.last = both(t, p, "last", func(l *eventlog.Log) (uint64, error) { return l.Last(eventlog.Events), nil })
}

func (p *pair) read(t *rapid.T) {
	from := rapid.Uint64Range(0, p.last+2).Draw(t, "from")
	filter := rapid.SampledFrom([]string{">", "events.>", "events.*.src_01", subject(0), "fences.>"}).Draw(t, "filter")
	chunks := both(t, p, fmt.Sprintf("read of %s from %d", filter, from), func(l *eventlog.Log) (found []eventlog.Chunk, err error) {
		for r := l.Read(eventlog.Events, filter, from); ; {
			c, ok, err := r.TryNext(p.t.Context())
			if err != nil || !ok {
				return found, err
			}
			found = append(found, c)
		}
	})
	if !slices.IsSortedFunc(chunks, func(a, b eventlog.Chunk) int { return int(a.Seq) - int(b.Seq) }) {
		t.Fatal("chunks are out of order")
	}
}

func (p *pair) get(t *rapid.T) {
	at := record.Position{Seq: rapid.Uint64Range(0, p.last+1).Draw(t, "sequence"), Line: rapid.IntRange(0, 4).Draw(t, "line")}
	both(t, p, "get "+at.String(), func(l *eventlog.Log) ([]byte, error) { return l.Get(p.t.Context(), eventlog.Events, at) })
}

func (p *pair) head(t *rapid.T) {
	of := subject(rapid.IntRange(0, 4).Draw(t, "source"))
	both(t, p, "head of "+of, func(l *eventlog.Log) (record.Header, error) {
		h, _, err := l.Head(p.t.Context(), eventlog.Events, of)
		return h, err
	})
}

func TestDiskAndMemoryAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		p := &pair{t: t, disk: &place{dir: t.TempDir()}, memory: memlog.New(), removed: map[uint64]bool{}}
		p.open()
		defer func() { p.stop() }()
		rt.Repeat(map[string]func(*rapid.T){"append": p.add, "again": p.add, "more": p.add, "remove": p.remove, "reopen": p.reopen, "read": p.read, "get": p.get, "head": p.head, "shorten": p.shorten, "rewrite": p.rewrite})
	})
}
