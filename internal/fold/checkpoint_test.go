package fold_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"penstock/internal/fold"
	"penstock/internal/record"
)

// TestACheckpointAndTheRestAreEverything: a fold that was resumed from checkpoints, at any moments and as often as one likes, with the records before it gone
// and the fences known from the start, says what a fold of everything says.
func TestACheckpointAndTheRestAreEverything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		want := h.model()
		f, from := fold.New(0), uint64(0)
		j := 0
		for i := 0; i < len(h.events); {
			h.events[i](f)
			i++
			for j < len(h.outcomes) && rapid.Bool().Draw(t, "outcome next") {
				f.Outcome(&h.outcomes[j])
				j++
			}
			if rapid.Bool().Draw(t, "go on") {
				continue
			}
			upTo := h.seqs[i-1]
			if i < len(h.seqs) {
				upTo = rapid.Uint64Range(upTo, h.seqs[i]-1).Draw(t, "up to")
			}
			c, ok := f.Checkpoint(upTo, uint64(j))
			if !ok {
				continue
			}
			f, from = fold.Resume(reread(t, c)), c.Events
			for k, seq := range h.seqs {
				if h.fences[k] || (seq > from && k < i) {
					h.events[k](f)
				}
			}
		}
		for ; j < len(h.outcomes); j++ {
			f.Outcome(&h.outcomes[j])
		}
		got := view(f)
		if len(got.Pending)+len(got.Retrying)+len(got.Holes) == 0 {
			got.Cursor, want.Cursor = record.Position{}, record.Position{} // nothing is open: it stands behind what was read
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("resumed fold differs from model (-model +fold):\n%s", diff)
		}
	})
}

// reread is a checkpoint after it was written and read.
func reread(t *rapid.T, c *record.Checkpoint) *record.Checkpoint {
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var read record.Checkpoint
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	return &read
}

// TestABacklogIsNotInACheckpoint: what nobody has touched is read again instead.
func TestABacklogIsNotInACheckpoint(t *testing.T) {
	f := fold.New(0)
	on(f, 1)
	s := &source{seq: 1}
	for range 1000 {
		f.Frame(s.frame(3))
	}
	f.Outcome(&record.Outcome{Status: record.Delivered, At: span(3, 1, 1)})
	f.Outcome(&record.Outcome{Status: record.Parked, Code: "401", Reason: "key expired", Millis: 7})
	c, ok := f.Checkpoint(1001, 9)
	want := &record.Checkpoint{
		Events: 3, Outcomes: 9, Begun: true, Frame: 3, Lines: 6, Accepted: 6, Counts: map[record.Status]uint64{record.Delivered: 1},
		Park: &record.Park{Code: "401", Reason: "key expired", Since: 7},
		Open: []record.Open{{Seq: 2, Lines: 3}, {Seq: 3, First: 3, Lines: 3, Settled: span(3, 1, 1)}},
	}
	if diff := cmp.Diff(want, c); diff != "" || !ok {
		t.Errorf("checkpoint (-want +got), %v:\n%s", ok, diff)
	}
}

// TestNoCheckpointWhileOutcomesWaitForTheirFrames: they would be lost with it.
func TestNoCheckpointWhileOutcomesWaitForTheirFrames(t *testing.T) {
	f := fold.New(0)
	on(f, 1)
	f.Outcome(&record.Outcome{Status: record.Delivered, At: span(7, 0, 0)})
	if _, ok := f.Checkpoint(6, 1); ok {
		t.Error("a checkpoint was made")
	}
	s := &source{seq: 7}
	f.Frame(s.frame(1))
	if _, ok := f.Checkpoint(8, 1); !ok {
		t.Error("a later frame has come, and an outcome waits still")
	}
}
