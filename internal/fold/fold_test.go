package fold_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"penstock/internal/fold"
	"penstock/internal/record"
)

// source makes the frames of one source as a reader hands them out.
type source struct {
	seq, n, total, prev uint64
}

func (s *source) frame(lines int) fold.Frame {
	s.seq++
	s.n++
	h := &record.Header{Kind: record.KindEvents, N: s.n, Prev: s.prev, First: s.total, Lines: lines}
	s.total += uint64(lines)
	s.prev = s.seq
	return fold.Frame{Seq: s.seq, Header: h}
}

func span(seq uint64, from, to int) []record.Span {
	return []record.Span{{Seq: seq, From: from, To: to}}
}

func on(f *fold.Fold, seq uint64) {
	f.Fence(seq, &record.Fence{State: record.FenceOn})
}

func TestOneChunk(t *testing.T) {
	f := fold.New(0)
	on(f, 1)
	s := &source{seq: 1}
	f.Frame(s.frame(4)) // 2.0 to 2.3
	f.Outcome(&record.Outcome{Status: record.Filtered, At: span(2, 0, 0)})
	f.Outcome(&record.Outcome{Status: record.Retrying, At: span(2, 1, 1), Attempt: 1, Due: 50, Millis: 10})
	f.Outcome(&record.Outcome{Status: record.Retrying, At: span(2, 1, 1), Attempt: 2, Due: 90, Millis: 60})
	f.Outcome(&record.Outcome{Status: record.Delivered, At: span(2, 3, 3)})
	f.Outcome(&record.Outcome{Status: record.Discarded, At: span(2, 3, 3)}) // the first wins

	if got, want := f.Counts(), (fold.Counts{Accepted: 4, Filtered: 1, Delivered: 1, Retrying: 1, Pending: 1}); got != want {
		t.Errorf("counts: %s", cmp.Diff(want, got))
	}
	if got, want := f.Cursor(), (record.Position{Seq: 2, Line: 1}); got != want {
		t.Errorf("cursor: got %s, want %s", got, want)
	}
	if got, want := slices.Collect(f.Retries()), []fold.Retry{{At: record.Position{Seq: 2, Line: 1}, Due: 90, Attempt: 2, Since: 10}}; !cmp.Equal(got, want) {
		t.Errorf("retries: %s", cmp.Diff(want, got))
	}
	if got, want := slices.Collect(f.Pending(2)), []int{2}; !cmp.Equal(got, want) {
		t.Errorf("pending lines: got %v, want %v", got, want)
	}
	if got, want := slices.Collect(f.Unsettled()), span(2, 1, 2); !cmp.Equal(got, want) {
		t.Errorf("unsettled: got %v, want %v", got, want)
	}
	f.Outcome(&record.Outcome{Status: record.Delivered, At: span(2, 1, 2)})
	if got, want := f.Cursor(), (record.Position{Seq: 3}); got != want {
		t.Errorf("cursor at the end: got %s, want %s", got, want)
	}
}

func TestHoleOwesWhatOutcomesDoNotSay(t *testing.T) {
	for name, early := range map[string]bool{"outcomes first": true, "frames first": false} {
		t.Run(name, func(t *testing.T) {
			f := fold.New(0)
			on(f, 1)
			s := &source{seq: 1}
			delivered := &record.Outcome{Status: record.Delivered, At: span(3, 2, 5)}
			if early {
				f.Outcome(delivered)
			}
			f.Frame(s.frame(2))
			gone := s.frame(10)
			behind := s.frame(1)
			behind.Lost = uint64(gone.Header.Lines)
			f.Frame(behind)
			if !early {
				f.Outcome(delivered)
			}
			if got, want := slices.Collect(f.Holes()), []record.Hole{{Before: 4, Lines: 6}}; !cmp.Equal(got, want) {
				t.Errorf("holes: %s", cmp.Diff(want, got))
			}
			f.Outcome(&record.Outcome{Status: record.Lost, Hole: &record.Hole{Before: 4, Lines: 6}})
			if got, want := f.Counts(), (fold.Counts{Accepted: 13, Delivered: 4, Lost: 6, Pending: 3}); got != want {
				t.Errorf("counts: %s", cmp.Diff(want, got))
			}
		})
	}
}

func TestDamagedBodyIsAHoleThatEndsWithIt(t *testing.T) {
	f := fold.New(0)
	on(f, 1)
	s := &source{seq: 1}
	fr := s.frame(7)
	fr.Lost, fr.Damaged = 7, true
	f.Frame(fr)
	if got, want := slices.Collect(f.Holes()), []record.Hole{{Before: 2, Lines: 7}}; !cmp.Equal(got, want) {
		t.Errorf("holes: %s", cmp.Diff(want, got))
	}
	if got, want := f.Counts(), (fold.Counts{Accepted: 7, Pending: 7}); got != want {
		t.Errorf("counts: %s", cmp.Diff(want, got))
	}
}

func TestParkingStopsTheAgeOfRetries(t *testing.T) {
	f := fold.New(0)
	on(f, 1)
	s := &source{seq: 1}
	f.Frame(s.frame(3))
	f.Outcome(&record.Outcome{Status: record.Retrying, At: span(2, 0, 0), Attempt: 1, Due: 150, Millis: 100})
	f.Outcome(&record.Outcome{Status: record.Parked, At: span(2, 1, 1), Code: "401", Reason: "key expired", Millis: 200})
	f.Outcome(&record.Outcome{Status: record.Retrying, At: span(2, 2, 2), Attempt: 1, Due: 350, Millis: 300})
	if park, ok := f.Parked(); !ok || park.Code != "401" || park.Since != 200 {
		t.Errorf("parked: got %+v, %v", park, ok)
	}
	if got, want := f.Counts(), (fold.Counts{Accepted: 3, Retrying: 2, Parked: 1}); got != want {
		t.Errorf("counts while parked: %s", cmp.Diff(want, got))
	}
	f.Outcome(&record.Outcome{Status: record.Resumed, Millis: 1000})
	for line, want := range map[int]int64{0: 900, 2: 1000} {
		if r, _ := f.Retry(record.Position{Seq: 2, Line: line}); r.Since != want {
			t.Errorf("line %d: age counts from %d, want %d", line, r.Since, want)
		}
	}
	if got, want := f.Counts(), (fold.Counts{Accepted: 3, Retrying: 2, Pending: 1}); got != want {
		t.Errorf("counts after: %s", cmp.Diff(want, got))
	}
}

func TestWebhookIDNamesMappingAndPosition(t *testing.T) {
	id := fold.WebhookID("m1", record.Position{Seq: 12, Line: 3})
	if want := "msg_7ojcuorkatllm7sztkzmmzxofxpx3xp5"; id != want {
		t.Errorf("got %s, want %s", id, want)
	}
	for _, other := range []string{fold.WebhookID("m2", record.Position{Seq: 12, Line: 3}), fold.WebhookID("m1", record.Position{Seq: 12, Line: 4})} {
		if other == id {
			t.Errorf("two things have the id %s", id)
		}
	}
}

func TestBatchIDNamesAllMembers(t *testing.T) {
	id := fold.BatchID("m1", []record.Span{{Seq: 12, From: 3, To: 5}, {Seq: 13}})
	if want := "msg_4wbxt25vdqq7rnpwyt5xxufzn4dg26rz"; id != want {
		t.Errorf("got %s, want %s", id, want)
	}
	at := record.Position{Seq: 12, Line: 3}
	others := []string{
		fold.BatchID("m2", []record.Span{{Seq: 12, From: 3, To: 5}, {Seq: 13}}), fold.BatchID("m1", []record.Span{{Seq: 12, From: 3, To: 5}}),
		fold.BatchID("m1", []record.Span{record.At(at)}), fold.WebhookID("m1", at), id,
	}
	slices.Sort(others)
	if len(slices.Compact(others)) != 5 {
		t.Errorf("two things have one id: %q", others)
	}
}

// TestABatchIsKnownByItsMembers: members that were settled otherwise are gone from it.
func TestABatchIsKnownByItsMembers(t *testing.T) {
	for name, early := range map[string]bool{"outcomes first": true, "frames first": false} {
		t.Run(name, func(t *testing.T) {
			f := fold.New(0)
			on(f, 1)
			s := &source{seq: 1}
			frames := []fold.Frame{s.frame(2), s.frame(3)}
			outcomes := []record.Outcome{
				{Status: record.Retrying, At: append(span(2, 1, 1), span(3, 0, 1)...), Batch: "b", Attempt: 1, Due: 9, Millis: 5},
				{Status: record.Discarded, At: span(3, 0, 0)},
			}
			feed := func() {
				for i := range outcomes {
					f.Outcome(&outcomes[i])
				}
			}
			if early {
				feed()
			}
			for _, fr := range frames {
				f.Frame(fr)
			}
			if !early {
				feed()
			}
			got := slices.SortedFunc(f.Retries(), func(a, b fold.Retry) int { return a.At.Compare(b.At) })
			want := []fold.Retry{
				{At: record.Position{Seq: 2, Line: 1}, Batch: "b", Attempt: 1, Due: 9, Since: 5}, {At: record.Position{Seq: 3, Line: 1}, Batch: "b", Attempt: 1, Due: 9, Since: 5},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFoldAgreesWithModel feeds a history in a random interleaving, with repeats, and compares with a model that knows each line.
func TestFoldAgreesWithModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		want := h.model()
		f := fold.New(0)
		i, j := 0, 0
		for i < len(h.events) || j < len(h.outcomes) {
			if j == len(h.outcomes) || (i < len(h.events) && rapid.Bool().Draw(t, "event next")) {
				if k := i - rapid.IntRange(0, 1).Draw(t, "again"); k >= 0 {
					h.events[k](f)
				}
				h.events[i](f)
				i++
				continue
			}
			f.Outcome(&h.outcomes[j])
			j++
		}
		if diff := cmp.Diff(want, view(f)); diff != "" {
			t.Fatalf("fold differs from model (-model +fold):\n%s", diff)
		}
		if c := f.Counts(); !c.Balanced() {
			t.Fatalf("does not balance: %+v", c)
		}
	})
}

// again is a line that waits to be tried again.
type again struct {
	Attempt int
	Batch   string
}

// state is all that is compared.
type state struct {
	Counts   fold.Counts
	Cursor   record.Position
	Pending  []record.Position
	Retrying map[record.Position]again
	Holes    []record.Hole
	Parked   bool
	Deleted  bool
}

func view(f *fold.Fold) state {
	_, parked := f.Parked()
	s := state{Counts: f.Counts(), Cursor: f.Cursor(), Retrying: map[record.Position]again{}, Holes: slices.Collect(f.Holes()), Parked: parked, Deleted: f.Deleted()}
	for span := range f.Unsettled() {
		for line := span.From; line <= span.To; line++ {
			if at := (record.Position{Seq: span.Seq, Line: line}); slices.Contains(slices.Collect(f.Pending(span.Seq)), line) {
				s.Pending = append(s.Pending, at)
			}
		}
	}
	for r := range f.Retries() {
		s.Retrying[r.At] = again{r.Attempt, r.Batch}
	}
	return s
}
