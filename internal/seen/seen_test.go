package seen_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
	"penstock/internal/seen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	hour = 60 * 60 * 1000
	noon = 1795435200000 // 2026-11-23T12:00:00Z
)

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func open(t testing.TB, dir string) *seen.Index {
	t.Helper()
	x, err := seen.Open(dir, quiet())
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func shut(t testing.TB, x *seen.Index) {
	t.Helper()
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
}

func note(t testing.TB, x *seen.Index, upTo uint64, entries ...eventlog.Seen) {
	t.Helper()
	if err := x.Note(upTo, entries); err != nil {
		t.Fatal(err)
	}
}

func at(seq uint64, line int) record.Position { return record.Position{Seq: seq, Line: line} }

func wantFirst(t testing.TB, x *seen.Index, id string, since int64, want record.Position) {
	t.Helper()
	if got, ok := x.First("src", id, since); got != want || ok != !want.IsZero() {
		t.Errorf("First(%s, since %d) = %s, %v, want %s", id, since, got, ok, want)
	}
}

func TestFirstWins(t *testing.T) {
	x := open(t, t.TempDir())
	defer shut(t, x)
	note(t, x, 1, eventlog.Seen{Source: "src", ID: "a", At: at(1, 0), Millis: noon})
	note(t, x, 3, eventlog.Seen{Source: "src", ID: "a", At: at(3, 2), Millis: noon + hour, Repeat: true})
	note(t, x, 4, eventlog.Seen{Source: "src", ID: "a", At: at(4, 0), Millis: noon + 2*hour}) // not even one that claims to be a first
	note(t, x, 4, eventlog.Seen{Source: "other", ID: "a", At: at(4, 1), Millis: noon})
	wantFirst(t, x, "a", noon-hour, at(1, 0))
	wantFirst(t, x, "b", noon-hour, record.Position{})
	if diff := cmp.Diff([]record.Position{at(1, 0), at(3, 2), at(4, 0)}, x.Find("src", "a")); diff != "" {
		t.Errorf("Find in one source: want -, got +:\n%s", diff)
	}
	if diff := cmp.Diff([]record.Position{at(1, 0), at(3, 2), at(4, 0), at(4, 1)}, x.Find("", "a")); diff != "" {
		t.Errorf("Find in any source: want -, got +:\n%s", diff)
	}
	if found := x.Find("nobody", "a"); len(found) != 0 {
		t.Errorf("Find in a source without it = %v", found)
	}
}

func TestWindow(t *testing.T) {
	x := open(t, t.TempDir())
	defer shut(t, x)
	note(t, x, 1, eventlog.Seen{Source: "src", ID: "a", At: at(1, 0), Millis: noon})
	note(t, x, 2, eventlog.Seen{Source: "src", ID: "a", At: at(2, 0), Millis: noon + 20*hour, Repeat: true})
	wantFirst(t, x, "a", noon, at(1, 0))                  // the window begins with it
	wantFirst(t, x, "a", noon+1, record.Position{})       // a repeat is nobody's first, though it lies within
	wantFirst(t, x, "a", noon-23*hour, at(1, 0))          // over midnight
	wantFirst(t, x, "a", noon+30*hour, record.Position{}) // the window lies after the newest day
	note(t, x, 3, eventlog.Seen{Source: "src", ID: "a", At: at(3, 0), Millis: noon + 30*hour})
	wantFirst(t, x, "a", noon+6*hour, at(3, 0))
}

func TestOldDaysGo(t *testing.T) {
	dir := t.TempDir()
	x := open(t, dir)
	for day := range int64(12) {
		seq := uint64(day) + 1
		note(t, x, seq, eventlog.Seen{Source: "src", ID: "a", At: at(seq, 0), Millis: noon + day*24*hour})
	}
	shut(t, x)
	x = open(t, dir)
	defer shut(t, x)
	var want []record.Position
	for seq := uint64(5); seq <= 12; seq++ {
		want = append(want, at(seq, 0))
	}
	if diff := cmp.Diff(want, x.Find("", "a")); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	wantFirst(t, x, "a", 0, at(5, 0))
}

// TestDaysAreKeptAsLongAsEvents: more days than usual where somebody says so, and never fewer.
func TestDaysAreKeptAsLongAsEvents(t *testing.T) {
	for days, want := range map[int]int{1: 8, 10: 10} {
		x := open(t, t.TempDir())
		x.Keep(days)
		for day := range int64(15) {
			note(t, x, uint64(day)+1, eventlog.Seen{Source: "src", ID: "a", At: at(uint64(day)+1, 0), Millis: noon + day*24*hour})
		}
		if found := x.Find("", "a"); len(found) != want {
			t.Errorf("with %d days asked for, %d are kept, want %d", days, len(found), want)
		}
		shut(t, x)
	}
}

func TestManyRepeatsAreBounded(t *testing.T) {
	x := open(t, t.TempDir())
	defer shut(t, x)
	for seq := uint64(1); seq <= 1000; seq++ {
		note(t, x, seq, eventlog.Seen{Source: "src", ID: "a", At: at(seq, 0), Millis: noon, Repeat: seq > 1})
	}
	if found := x.Find("src", "a"); len(found) != 65 || found[0] != at(1, 0) {
		t.Errorf("%d positions kept, the first is %v", len(found), found[0])
	}
	wantFirst(t, x, "a", 0, at(1, 0))
}

// TestReopen: what was noted is there after a close. After a kill (files copied while the index is open are what one leaves) the last writes may be
// gone, but not one up to where the index says that it has followed.
func TestReopen(t *testing.T) {
	const last = 3000
	dir := t.TempDir()
	x := open(t, dir)
	for seq := uint64(1); seq <= last; seq++ {
		note(t, x, seq, eventlog.Seen{Source: "src", ID: fmt.Sprint(seq), At: at(seq, 0), Millis: noon})
	}
	killed := atOnce(t, dir)
	shut(t, x)
	x = open(t, dir)
	defer shut(t, x)
	if x.Followed() != last {
		t.Errorf("followed up to %d, want %d", x.Followed(), last)
	}
	y := open(t, killed)
	defer shut(t, y)
	for seq := uint64(1); seq <= last; seq++ {
		wantFirst(t, x, fmt.Sprint(seq), noon, at(seq, 0))
		if seq <= y.Followed() {
			wantFirst(t, y, fmt.Sprint(seq), noon, at(seq, 0))
		}
	}
}

// atOnce copies the files of an index that is open as they are at one moment: it copies them until none has changed meanwhile, since the index writes behind its
// callers.
func atOnce(t *testing.T, dir string) string {
	t.Helper()
	for {
		before, copied := files(t, dir), t.TempDir()
		err := os.CopyFS(copied, os.DirFS(dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if err == nil && slices.Equal(before, files(t, dir)) {
			return copied
		}
	}
}

// files lists the files of a folder, with their sizes and when they were written.
func files(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil { // else it has just gone
			all = append(all, fmt.Sprint(e.Name(), info.Size(), info.ModTime().UnixNano()))
		}
	}
	return all
}

// TestCatchup loses the last writes of an index, and finds it whole after it has caught up with the log, repeats included.
func TestCatchup(t *testing.T) {
	dir, behind := t.TempDir(), filepath.Join(t.TempDir(), "behind")
	store := memlog.New()
	x := open(t, dir)
	half := run(t, store, x, 0, 40)
	shut(t, x)
	if err := os.CopyFS(behind, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	x = open(t, dir)
	last := run(t, store, x, 20, 80) // ids 20 to 39 come a second time
	if half >= last || x.Followed() != last {
		t.Fatalf("followed up to %d; half was %d, the last is %d", x.Followed(), half, last)
	}

	y, empty := open(t, behind), open(t, t.TempDir())
	defer shut(t, y)
	defer shut(t, empty)
	for _, z := range []*seen.Index{y, empty} {
		log := newLog(t, store)
		if err := z.Catchup(t.Context(), log); err != nil {
			t.Fatal(err)
		}
		if z.Followed() != last {
			t.Errorf("followed up to %d, want %d", z.Followed(), last)
		}
		for i := range 80 {
			id := fmt.Sprintf("id-%d", i)
			want := x.Find("", id)
			if diff := cmp.Diff(want, z.Find("", id)); diff != "" {
				t.Errorf("%s: want -, got +:\n%s", id, diff)
			}
			if repeated := 20 <= i && i < 40; len(want) != 1 && !repeated || len(want) != 2 && repeated {
				t.Errorf("%s is at %v", id, want)
			}
			first, _ := x.First("src", id, 0)
			wantFirst(t, z, id, 0, first)
		}
	}
	shut(t, x)
}

// TestAnotherLog: an index that has seen more than the log holds belongs to another one, and is read anew.
func TestAnotherLog(t *testing.T) {
	x := open(t, t.TempDir())
	defer shut(t, x)
	note(t, x, 1000, eventlog.Seen{Source: "src", ID: "of another log", At: at(1000, 0), Millis: noon})
	store := memlog.New()
	other := open(t, t.TempDir())
	last := run(t, store, other, 0, 3)
	shut(t, other)
	if err := x.Catchup(t.Context(), newLog(t, store)); err != nil {
		t.Fatal(err)
	}
	if x.Lost() != 1000-last {
		t.Errorf("%d frames are told to be lost, want %d", x.Lost(), 1000-last)
	}
	if found := x.Find("", "of another log"); len(found) > 0 || x.Followed() != last {
		t.Errorf("followed up to %d, found %v", x.Followed(), found)
	}
	if found := x.Find("src", "id-2"); len(found) != 1 {
		t.Errorf("id-2 is at %v", found)
	}
}

func newLog(t *testing.T, store eventlog.Store) *eventlog.Log {
	t.Helper()
	log, err := eventlog.New(t.Context(), store, eventlog.DefaultConfig(), quiet())
	if err != nil {
		t.Fatal(err)
	}
	return log
}

// run appends events id-from to id-(to-1), one a frame, and a fence, to a log with index x, and returns the last sequence.
func run(t *testing.T, store eventlog.Store, x *seen.Index, from, to int) uint64 {
	t.Helper()
	log := newLog(t, store)
	if err := x.Catchup(t.Context(), log); err != nil {
		t.Fatal(err)
	}
	log.SetIndex(x)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- log.Run(ctx) }()
	for i := from; i < to; i++ {
		id := fmt.Sprintf("id-%d", i)
		line := eventlog.Line{ID: id, Data: fmt.Appendf(nil, `{"type":"track","messageId":%q}`, id)}
		if _, err := log.Append(t.Context(), eventlog.Events, "events.ws.src", record.KindEvents, []eventlog.Line{line}); err != nil {
			t.Fatal(err)
		}
	}
	p, err := log.Append(t.Context(), eventlog.Events, "fences.ws.src", record.KindFence, []eventlog.Line{{Data: []byte(`{}`)}})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	return p.Seq
}

// TestLikeAList compares the index with a plain list of what was noted; each note may come twice.
func TestLikeAList(t *testing.T) {
	x := open(t, t.TempDir())
	defer shut(t, x)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		a, b := fmt.Sprintf("a%d", n), fmt.Sprintf("b%d", n)
		var all []eventlog.Seen
		millis := int64(noon)
		for seq := range uint64(rapid.IntRange(1, 30).Draw(t, "commits")) {
			millis += rapid.Int64Range(0, 5*hour).Draw(t, "pause")
			var entries []eventlog.Seen
			for line := range rapid.IntRange(0, 3).Draw(t, "lines") {
				entries = append(entries, eventlog.Seen{
					Source: rapid.SampledFrom([]string{a, b}).Draw(t, "source"), ID: rapid.SampledFrom([]string{"x", "y", ""}).Draw(t, "id"),
					At: at(seq+1, line), Millis: millis, Repeat: rapid.Bool().Draw(t, "repeat"),
				})
			}
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				if err := x.Note(seq+1, entries); err != nil {
					t.Fatal(err)
				}
			}
			all = append(all, entries...)
		}
		for _, id := range []string{"x", "y", ""} {
			since := millis - 24*hour
			var first record.Position
			found := []record.Position{}
			for _, e := range all {
				if e.ID != id || e.Source != a {
					continue
				}
				found = append(found, e.At)
				if first.IsZero() && !e.Repeat && e.Millis >= since {
					first = e.At
				}
			}
			if got, _ := x.First(a, id, since); got != first {
				t.Fatalf("First(%s) = %s, want %s", id, got, first)
			}
			if diff := cmp.Diff(found, x.Find(a, id)); diff != "" {
				t.Fatalf("Find(%s): want -, got +:\n%s", id, diff)
			}
		}
	})
}

func BenchmarkFirstOfNew(b *testing.B) {
	x := open(b, b.TempDir())
	defer shut(b, x)
	fill(b, x, 300_000)
	i := 0
	for b.Loop() {
		i++
		if _, ok := x.First("src", fmt.Sprintf("new-%d", i), noon-24*hour); ok {
			b.Fatal("found")
		}
	}
}

func BenchmarkNote100(b *testing.B) {
	x := open(b, b.TempDir())
	defer shut(b, x)
	n := 0
	for b.Loop() {
		fill(b, x, 100)
		n++
	}
}

func fill(b *testing.B, x *seen.Index, n int) {
	b.Helper()
	from := x.Followed()
	entries := make([]eventlog.Seen, 0, 100)
	for i := range n {
		entries = append(entries, eventlog.Seen{Source: "src", ID: fmt.Sprintf("ajs-next-1795435630379-%d-%d", from, i), At: at(from+1, i), Millis: noon})
		if len(entries) == cap(entries) {
			note(b, x, from+1, entries...)
			entries = entries[:0]
			from++
		}
	}
}

// TestFilterHidesNothing: however the index was filled, closed and opened, an id that is there is found, while the filters are being read as well
// as after.
func TestFilterHidesNothing(t *testing.T) {
	dir := t.TempDir()
	const days, each = 4, 500
	for day := range int64(days) {
		x := open(t, dir)
		for i := range each {
			seq := uint64(day)*each + uint64(i) + 1
			note(t, x, seq, eventlog.Seen{Source: "src", ID: fmt.Sprintf("%d-%d", day, i), At: at(seq, 0), Millis: noon + day*24*hour})
			before := max(0, day-1)
			id, want := fmt.Sprintf("%d-%d", before, i), at(uint64(before)*each+uint64(i)+1, 0)
			wantFirst(t, x, id, noon+before*24*hour, want)
			wantFirst(t, x, fmt.Sprintf("%d-%d", days, i), noon, record.Position{})
		}
		shut(t, x)
	}
}

// TestDaysInOneCommit: the ids of one commit are found although they are of several days, in whatever order: lines of
// days without traffic are committed, and read again, together.
func TestDaysInOneCommit(t *testing.T) {
	for name, days := range map[string][]int64{
		"one after the other": {1, 2, 3}, "with a gap": {1, 3, 2}, "back and forth": {3, 1, 3, 2, 1}, "all before": {0, -1},
	} {
		t.Run(name, func(t *testing.T) {
			x := open(t, t.TempDir())
			defer shut(t, x)
			note(t, x, 1, eventlog.Seen{Source: "src", ID: "first", At: at(1, 0), Millis: noon})
			entries := make([]eventlog.Seen, 0, len(days))
			for i, day := range days {
				id := fmt.Sprintf("%d-%d", i, day)
				entries = append(entries, eventlog.Seen{Source: "src", ID: id, At: at(2, i), Millis: noon + day*24*hour})
			}
			note(t, x, 2, entries...)
			for i, e := range entries {
				wantFirst(t, x, e.ID, noon+days[i]*24*hour, e.At)
			}
			wantFirst(t, x, "first", noon, at(1, 0))
		})
	}
}

// TestFormat1 opens what the first version has written, in which repeats lie with the firsts: twice, and after more.
func TestFormat1(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "format1"))); err != nil {
		t.Fatal(err)
	}
	often := []record.Position{}
	for seq := uint64(3); seq <= 67; seq++ { // the first, and 64 of its 99 repeats
		often = append(often, at(seq, 0))
	}
	often = append(often, at(105, 0), at(127, 0)) // on the next days
	for opened := range uint64(2) {
		x := open(t, dir)
		if want := 128 + opened; x.Followed() != want {
			t.Errorf("followed up to %d, want %d", x.Followed(), want)
		}
		wantFirst(t, x, "once", noon, at(1, 0))
		wantFirst(t, x, "often", noon, at(3, 0))
		wantFirst(t, x, "often", noon+24*hour, record.Position{})
		wantFirst(t, x, "twice", noon+1, at(106, 0))
		wantFirst(t, x, "last", noon+48*hour, at(128, 0))
		if diff := cmp.Diff(often, x.Find("src", "often")); diff != "" {
			t.Errorf("often: want -, got +:\n%s", diff)
		}
		if diff := cmp.Diff([]record.Position{at(2, 0), at(103, 0), at(106, 0)}, x.Find("", "twice")); diff != "" {
			t.Errorf("twice: want -, got +:\n%s", diff)
		}
		note(t, x, 129, eventlog.Seen{Source: "src", ID: "once", At: at(129, 0), Millis: noon + 48*hour, Repeat: true})
		shut(t, x)
	}
}

// TestRepeatsCostNoLookup: to look up an id takes as little after 50,000 repeats as after one, whatever has been
// written to the disk meanwhile.
func TestRepeatsCostNoLookup(t *testing.T) {
	x := open(t, t.TempDir())
	defer shut(t, x)
	note(t, x, 1, eventlog.Seen{Source: "src", ID: "undefined", At: at(1, 0), Millis: noon})
	entries := make([]eventlog.Seen, 500)
	for seq := range uint64(100) {
		for i := range entries {
			entries[i] = eventlog.Seen{Source: "src", ID: "undefined", At: at(seq+2, i), Millis: noon, Repeat: true}
		}
		note(t, x, seq+2, entries...)
	}
	var before, after runtime.MemStats
	const times = 100
	runtime.ReadMemStats(&before)
	for range times {
		wantFirst(t, x, "undefined", noon, at(1, 0))
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / times; each > 16<<10 {
		t.Errorf("a lookup takes %d bytes", each)
	}
	if found := x.Find("src", "undefined"); len(found) != 65 || found[64] != at(2, 63) {
		t.Errorf("%d positions are found, want the first and the oldest 64 repeats", len(found))
	}
}

// BenchmarkFirstOfRepeated is a lookup of an id after so many repeats.
func BenchmarkFirstOfRepeated(b *testing.B) {
	for _, repeats := range []int{1, 200_000} {
		b.Run(strconv.Itoa(repeats), func(b *testing.B) {
			x := open(b, b.TempDir())
			defer shut(b, x)
			note(b, x, 1, eventlog.Seen{Source: "src", ID: "undefined", At: at(1, 0), Millis: noon})
			for i := range repeats {
				seq := uint64(i) + 2
				note(b, x, seq, eventlog.Seen{Source: "src", ID: "undefined", At: at(seq, 0), Millis: noon, Repeat: true})
			}
			for b.Loop() {
				if _, ok := x.First("src", "undefined", noon); !ok {
					b.Fatal("not found")
				}
			}
		})
	}
}
