package eventlogtest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"penstock/internal/eventlog"
	"penstock/internal/record"
)

// memory is an Index in memory.
type memory struct {
	mu   sync.Mutex
	seen map[string]eventlog.Seen
	upTo uint64
}

func (m *memory) First(source, id string, since int64) (record.Position, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.seen[source+"/"+id]
	return s.At, ok && s.Millis >= since
}

func (m *memory) Note(upTo uint64, entries []eventlog.Seen) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if upTo <= m.upTo {
		return fmt.Errorf("note up to %d after %d", upTo, m.upTo)
	}
	m.upTo = upTo
	for _, e := range entries {
		if e.Repeat {
			continue // the first position wins
		}
		m.seen[e.Source+"/"+e.ID] = e
	}
	return nil
}

// age makes everything that was seen older.
func (m *memory) age(millis int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, s := range m.seen {
		s.Millis -= millis
		m.seen[k] = s
	}
}

func duplicates(t *testing.T, b *bench) {
	index := &memory{seen: map[string]eventlog.Seen{}}
	b.index = index
	l := b.start(t)
	got, want := map[string]string{}, map[string]string{}
	add := func(source string, texts ...string) record.Position { return put(t, l, source, texts...) }
	same := func(p record.Position, line int, of record.Position) {
		want[record.Position{Seq: p.Seq, Line: p.Line + line}.String()] = of.String()
	}
	m1 := add("s0", "m1", "m2", "m1")
	same(m1, 2, m1) // in one request
	add("s1", "m1") // another source: not the same
	same(add("s0", "m3", "m1"), 1, m1)

	var once, twice record.Position
	var wg sync.WaitGroup
	wg.Go(func() { once = add("s0", "m4") }) // in one commit or in two, as it happens
	wg.Go(func() { twice = add("s0", "m4") })
	wg.Wait()
	if once.Compare(twice) > 0 {
		once, twice = twice, once
	}
	same(twice, 0, once)

	large := long("big", 300<<10)
	frames := add("s0", large, large, large) // each a frame of its own, in one commit
	for i := range uint64(2) {
		same(record.Position{Seq: frames.Seq + i + 1}, 0, frames)
	}
	same(add("s0", large), 0, frames)

	index.age(b.cfg.Window.Milliseconds() + 1000)
	again := add("s0", "m1") // out of the window: the first of its kind again
	same(add("s0", "m1"), 0, again)
	last := l.Last(eventlog.Events)
	b.halt(t)
	for _, c := range all(t, b.start(t).Read(eventlog.Events, ">", 1)) {
		for i := range c.Header.Lines {
			if of, ok := c.Header.DupOf(c.Seq, i); ok {
				got[record.Position{Seq: c.Seq, Line: i}.String()] = of.String()
			}
		}
	}
	expect(t, "duplicates, and their firsts", got, want)
	expect(t, "index follows up to", index.upTo, last)
}

func allKinds(t *testing.T, b *bench) {
	l := b.start(t)
	add := func(name eventlog.Stream, subject string, kind record.Kind, text string) {
		t.Helper()
		if _, err := l.Append(t.Context(), name, subject, kind, []eventlog.Line{{Data: []byte(text)}}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		put(t, l, "s0", fmt.Sprintf("e%d", i))
		add(eventlog.Events, "fences.default.s0", record.KindFence, fmt.Sprintf(`{"mapping":"m","revision":%d}`, i))
		add(eventlog.Events, "rejected.default._", record.KindRejected, `{"code":"bad"}`)
		add(eventlog.Outcomes, "outcomes.default.m", record.KindOutcomes, fmt.Sprintf(`{"status":"delivered","at":["%d.0"],"ms":1}`, i+1))
		add(eventlog.Received, "received.default.app", record.KindReceived, `{"at":1,"via":"track","body":{}}`)
	}
	b.halt(t)
	l = b.start(t)
	var kinds []string
	for _, c := range all(t, l.Read(eventlog.Events, ">", 1)) {
		kinds = append(kinds, fmt.Sprintf("%s%d", c.Header.Kind, c.Header.N))
	}
	expect(t, "kinds", kinds, strings.Fields("events1 fence1 rejected1 events2 fence2 rejected2 events3 fence3 rejected3"))
	for _, name := range []eventlog.Stream{eventlog.Events, eventlog.Outcomes, eventlog.Received} {
		whole(t, l, name)
	}
	line, err := l.Get(t.Context(), eventlog.Outcomes, record.Position{Seq: 2})
	if want := `{"status":"delivered","at":["2.0"],"ms":1}`; string(line) != want || err != nil {
		t.Errorf("second outcome: %s, %v", line, err)
	}
}

// insist appends an event to a source again and again while another writer is in the way.
func insist(t *testing.T, l *eventlog.Log, source, text string) error {
	t.Helper()
	for {
		_, err := l.Append(t.Context(), eventlog.Events, subject(source), record.KindEvents, lines(text))
		if !errors.Is(err, eventlog.ErrConflict) {
			return err
		}
	}
}

// twoWriters: two logs over one store, as two processes on a cluster are for a moment when a source changes hands.
func twoWriters(t *testing.T, b *bench) {
	store := b.Open(t)
	first, _ := runLog(t, store, b.cfg, nil)
	second, _ := runLog(t, store, b.cfg, nil)
	const each = 40
	var wg sync.WaitGroup
	for w, l := range []*eventlog.Log{first, second} {
		wg.Go(func() {
			for i := range each {
				if err := insist(t, l, "s0", fmt.Sprintf("w%d-%d", w, i)); err != nil {
					t.Errorf("append: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	third, _ := runLog(t, store, b.cfg, nil)
	found := map[string]int{}
	for _, id := range whole(t, third, eventlog.Events) {
		found[id]++
	}
	for w := range 2 {
		for i := range each {
			if id := fmt.Sprintf("w%d-%d", w, i); found[id] != 1 {
				t.Errorf("%s is %d times in the log", id, found[id])
			}
		}
	}
}
