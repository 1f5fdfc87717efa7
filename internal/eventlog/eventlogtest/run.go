// Package eventlogtest is the conformance suite that every eventlog.Store passes: what the log promises, tried on the store through a real Log,
// with the damage that a disk can do.
package eventlogtest

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// Place is where a store keeps its messages, so that it can be closed, injured and opened again.
type Place interface {
	// Open opens the store; what was stored here before is there again.
	Open(t testing.TB) eventlog.Store
	// Close closes what Open has opened. It is legal to call it twice.
	Close(t testing.TB)
	// Rot changes one byte in the middle of a message. The store is closed.
	Rot(t testing.TB, stream eventlog.Stream, seq uint64)
	// Remove takes one message away. The store is open.
	Remove(t testing.TB, stream eventlog.Stream, seq uint64)
}

// Run tests the stores that lie in the places that make makes; each must be empty.
func Run(t *testing.T, make func(t testing.TB) Place) { //nolint:revive // "make" is the word
	t.Helper()
	run(t, make, []scenario{
		{"lines are read in order from the position that append gave", appendAndRead},
		{"a filter sees its subjects only", filters},
		{"2000 concurrent appends each get their own answer", groupCommit},
		{"everything is there after closing and opening", reopen},
		{"one append of many frames lies in one piece", manyFrames},
		{"frames and lines at their limits", limits},
		{"a slow reader misses nothing", slowReader},
		{"messageIds seen before are marked with the first position", duplicates},
		{"an append whose fate is unknown is stored once", unknownFate},
		{"a refused append is told, and the next one works", refused},
		{"a queue over its budget is busy", busy},
		{"appends end with the log", closing},
		{"seek finds the first frame at or after a time", seek},
		{"records of all kinds keep their order and their chains", allKinds},
		{"two writers of one subject do not tear its chain", twoWriters},
		{"a shortened subject tells where it begins, and has no hole", shortened},
		{"who reads meanwhile is told what was removed", underReader},
		{"a subject can be emptied", allOfIt},
		{"what is removed comes back after a power cut, and does no harm", comesBack},
		{"a rewritten frame keeps its place", rewritten},
		{"a rewrite that was broken off hides the old frame, and can be finished", rewrittenThenKilled},
		{"large frames can be rewritten", rewrittenFull},
		{"records of which the newest counts leave no holes", newestCounts},
	})
	Damage(t, make)
}

// Damage runs the part of Run in which messages rot and go missing.
func Damage(t *testing.T, make func(t testing.TB) Place) { //nolint:revive // "make" is the word
	t.Helper()
	run(t, make, []scenario{
		{"a rotted frame is noticed with its exact number of lines", rotted},
		{"a missing frame is noticed with its exact number of lines", missing},
		{"a rotted end of a subject is noticed and blocks nothing", rottedEnd},
		{"an end that rots while its writer lives is noticed exactly", rottedUnderWriter},
		{"a hole is told apart from what was removed", holeBehindRemoved},
	})
}

type scenario struct {
	name string
	test func(*testing.T, *bench)
}

func run(t *testing.T, make func(t testing.TB) Place, scenarios []scenario) { //nolint:revive // "make" is the word
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, func(t *testing.T) {
			place := make(t)
			t.Cleanup(func() { place.Close(t) })
			s.test(t, &bench{Place: place, cfg: eventlog.DefaultConfig()})
		})
	}
}

// bench is a place with a log that runs on it.
type bench struct {
	Place
	cfg   eventlog.Config
	index eventlog.Index
	wrap  func(eventlog.Store) eventlog.Store
	log   *eventlog.Log
	stop  func()
}

// start opens the store and runs a log on it, until halt or the end of the test.
func (b *bench) start(t *testing.T) *eventlog.Log {
	t.Helper()
	store := b.Open(t)
	if b.wrap != nil {
		store = b.wrap(store)
	}
	b.log, b.stop = runLog(t, store, b.cfg, b.index)
	return b.log
}

// halt ends the log and closes the store.
func (b *bench) halt(t *testing.T) {
	t.Helper()
	b.stop()
	b.Close(t)
}

func runLog(t *testing.T, store eventlog.Store, cfg eventlog.Config, index eventlog.Index) (*eventlog.Log, func()) {
	t.Helper()
	l, err := eventlog.New(t.Context(), store, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if index != nil {
		l.SetIndex(index)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- l.Run(ctx) }()
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			cancel()
			if err := <-done; err != nil {
				t.Errorf("run log: %v", err)
			}
		}
	}
	t.Cleanup(stop)
	return l, stop
}

func subject(source string) string { return "events.default." + source }

// text is the JSON text of a string, and so a line.
func text(s string) []byte { return []byte(`"` + s + `"`) }

func lines(texts ...string) []eventlog.Line {
	out := make([]eventlog.Line, len(texts))
	for i, s := range texts {
		out[i] = eventlog.Line{ID: s, Data: text(s)}
	}
	return out
}

// long is a text of n bytes, quotes and newline included, that begins with a name.
func long(name string, n int) string { return name + strings.Repeat("x", n-3-len(name)) }

// put appends events to a source.
func put(t *testing.T, l *eventlog.Log, source string, texts ...string) record.Position {
	t.Helper()
	p, err := l.Append(t.Context(), eventlog.Events, subject(source), record.KindEvents, lines(texts...))
	if err != nil {
		t.Fatalf("append to %s: %v", source, err)
	}
	return p
}

// all reads what a reader finds up to the end of the stream.
func all(t *testing.T, r *eventlog.Reader) []eventlog.Chunk {
	t.Helper()
	var found []eventlog.Chunk
	for {
		c, ok, err := r.TryNext(t.Context())
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		if !ok {
			return found
		}
		found = append(found, c)
	}
}

// shown is a chunk in a form that compares: sequence, source, lines, and how many are lost before its end.
func shown(chunks []eventlog.Chunk) []string {
	var out []string
	for i := range chunks {
		c := &chunks[i]
		words := []string{strconv.FormatUint(c.Seq, 10), c.Source()}
		for _, line := range record.Lines(c.Body) {
			words = append(words, strings.Trim(string(line), `"`))
		}
		if c.Lost > 0 {
			words = append(words, fmt.Sprintf("(lost %d)", c.Lost))
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

// whole checks that a stream, read from its start, has unbroken chains, and returns its lines.
func whole(t *testing.T, l *eventlog.Log, name eventlog.Stream) []string {
	t.Helper()
	var found []string
	ends := map[string]record.Header{}
	for _, c := range all(t, l.Read(name, ">", 1)) {
		before := ends[c.Subject]
		if c.Lost != 0 || c.Header.N != before.N+1 || c.Header.First != before.Total() || c.Header.At < before.At {
			t.Fatalf("%s at %d: header %+v after %+v, lost %d", c.Subject, c.Seq, c.Header, before, c.Lost)
		}
		ends[c.Subject] = c.Header
		for _, line := range record.Lines(c.Body) {
			found = append(found, strings.Trim(string(line), `"`))
		}
	}
	return found
}
