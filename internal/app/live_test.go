package app

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/eventlog"
	"penstock/internal/journal"
	"penstock/internal/ledger"
	"penstock/internal/record"
	"penstock/internal/workspace"
	"penstock/test/harness"
)

// wish is what the workspace of the test should be; it changes at random.
type wish struct {
	url          string
	destinations []wishedDestination
}

type wishedDestination struct {
	enabled  bool
	secret   int
	mappings []wishedMapping
}

type wishedMapping struct {
	there, enabled bool
	trigger        string
}

func newWish(url string) *wish {
	w := &wish{url: url}
	for range 2 {
		w.destinations = append(w.destinations, wishedDestination{enabled: true, mappings: []wishedMapping{{true, true, `type = "track"`}, {true, true, `event = "A"`}}})
	}
	return w
}

// change changes one thing.
func (w *wish) change(random *rand.Rand) {
	d := &w.destinations[random.IntN(len(w.destinations))]
	m := &d.mappings[random.IntN(len(d.mappings))]
	switch random.IntN(5) {
	case 0:
		d.enabled = !d.enabled
	case 1:
		d.secret++
	case 2:
		m.enabled = !m.enabled
	case 3:
		m.there = !m.there
	case 4:
		m.trigger = []string{`type = "track"`, `event = "A"`, `event = "B"`, `event = "C"`}[random.IntN(4)]
	}
}

func (w *wish) file(t *testing.T) *workspace.File {
	t.Helper()
	f := &workspace.File{Sources: []workspace.FileSource{{Slug: "website", Name: "Website", Type: "javascript", WriteKeys: []string{"wk_website_1"}}}}
	for i, d := range w.destinations {
		out := workspace.FileDestination{
			Slug: fmt.Sprintf("hook-%d", i), Name: "Hook", Source: "website", Type: "actions-webhook", Enabled: &d.enabled,
			Settings: json.RawMessage(fmt.Sprintf(`{"sharedSecret":"a secret number %d"}`, d.secret)),
		}
		for k, m := range d.mappings {
			if m.there {
				out.Mappings = append(out.Mappings, workspace.FileMapping{
					Name: fmt.Sprintf("Mapping %d", k), Action: "send", Enabled: &m.enabled, Trigger: m.trigger,
					Fields: json.RawMessage(`{"url":"` + w.url + `","method":"POST","data":{"@path":"$."}}`),
				})
			}
		}
		f.Destinations = append(f.Destinations, out)
	}
	return f
}

func (r *running) apply(t *testing.T, w *wish) {
	t.Helper()
	if _, err := r.workspace.Apply(t.Context(), w.file(t), workspace.ApplyOptions{Prune: true}); err != nil {
		t.Fatal(err)
	}
}

// load sends batches, one at least, until it is told to stop; it returns how many events were accepted.
func (r *running) load(ctx context.Context, sender int) (accepted int, err error) {
	for n := 0; n == 0 || ctx.Err() == nil; n++ {
		var events []string
		for i := range 10 {
			events = append(events, fmt.Sprintf(`{"type":"track","event":"%c","userId":"u","messageId":"m-%d-%d-%d"}`, 'A'+(n+i)%3, sender, n, i))
		}
		status, body, err := send(context.WithoutCancel(ctx), http.MethodPost, r.url+"/v1/batch", `{"writeKey":"wk_website_1","batch":[`+strings.Join(events, ",")+`]}`, nil)
		if err != nil || status != http.StatusOK {
			return accepted, fmt.Errorf("batch: %d %s, %w", status, body, err)
		}
		accepted += len(events)
	}
	return accepted, nil
}

// account is all that is counted: by the ledger, and by the journal.
type account struct {
	Rows     []ledger.Row
	Outcomes map[string]map[record.Status]int64 // by mapping
	Events   int
}

// accounts reads the numbers once the journal has read the whole log.
func (r *running) account(t *testing.T) account {
	t.Helper()
	r.settled(t)
	for _, stream := range []eventlog.Stream{eventlog.Events, eventlog.Outcomes} {
		harness.Eventually(t, "the journal has read "+string(stream), func() error {
			if at, last := r.journal.Position(stream), r.log.Last(stream); at < last {
				return fmt.Errorf("it is at %d of %d", at, last)
			}
			return nil
		})
	}
	rows, _, err := r.ledger.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := account{Rows: rows, Outcomes: map[string]map[record.Status]int64{}}
	for _, row := range rows {
		counts, err := r.journal.Deliveries(t.Context(), row.Mapping, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		a.Outcomes[row.Mapping] = map[record.Status]int64{}
		for _, c := range counts {
			a.Outcomes[row.Mapping][c.Status] += c.Events
		}
	}
	found, err := r.journal.Search(t.Context(), journal.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	a.Events = len(found)
	return a
}

// TestNumbersFollowFromTheLog changes the workspace a hundred times at random while events come in, and then takes everything away but the log: what is owed, and what became of it,
// is the same when it is made of the log alone.
func TestNumbersFollowFromTheLog(t *testing.T) {
	const changes, senders = 100, 2
	dir := t.TempDir()
	url, taken := sink(t)
	r := begin(t, dir, nil)
	w := newWish(url)
	r.apply(t, w)
	loading, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	accepted := make([]int, senders)
	failed := make([]error, senders)
	for i := range senders {
		wg.Go(func() { accepted[i], failed[i] = r.load(loading, i) })
	}
	random := rand.New(rand.NewPCG(1, 2)) // the same changes each time
	for range changes {
		w.change(random)
		r.apply(t, w)
	}
	stop()
	wg.Wait()
	for i, err := range failed {
		if err != nil || accepted[i] == 0 {
			t.Fatalf("sender %d: %d accepted, %v", i, accepted[i], err)
		}
	}
	want := r.account(t)
	var delivered uint64
	for _, row := range want.Rows {
		delivered += row.Delivered
	}
	if delivered == 0 || uint64(taken()) < delivered {
		t.Errorf("%d delivered by the ledger, %d taken by the receiver", delivered, taken())
	}
	if len(want.Rows) < 5 {
		t.Errorf("only %d mappings have ever been on: %+v", len(want.Rows), want.Rows)
	}
	r.end(t)
	for _, derived := range []string{"duckdb", "seen"} {
		if err := os.RemoveAll(filepath.Join(dir, derived)); err != nil {
			t.Fatal(err)
		}
	}
	r = begin(t, dir, nil)
	defer r.end(t)
	if diff := cmp.Diff(want, r.account(t)); diff != "" {
		t.Errorf("made of the log alone (-before +after):\n%s", diff)
	}
}

// TestChangeIsInForce: what is answered is in force. An event that comes after the answer to a change finds the workspace as it is then, without a restart.
func TestChangeIsInForce(t *testing.T) {
	url, _ := sink(t)
	r := begin(t, t.TempDir(), nil)
	defer r.end(t)
	w := newWish(url)
	w.destinations = w.destinations[:1]
	w.destinations[0].mappings = w.destinations[0].mappings[:1]
	mapping := &w.destinations[0].mappings[0]
	track := func(id int) {
		t.Helper()
		body := fmt.Sprintf(`{"event":"A","userId":"u","messageId":"m-%d","writeKey":"wk_website_1"}`, id)
		if status, answer := r.ask(t, http.MethodPost, "/v1/track", body); status != http.StatusOK {
			t.Fatalf("track: %d %s", status, answer)
		}
	}
	var delivered, filtered uint64
	for i := range 12 {
		mapping.enabled = i%3 != 0
		mapping.trigger = []string{`event = "A"`, `event = "B"`}[i%2]
		r.apply(t, w)
		track(i)
		switch {
		case !mapping.enabled:
		case i%2 == 0:
			delivered++
		default:
			filtered++
		}
	}
	r.settled(t)
	rows, _, err := r.ledger.Totals(t.Context())
	if err != nil || len(rows) != 1 {
		t.Fatalf("ledger: %+v, %v", rows, err)
	}
	if rows[0].Delivered != delivered || rows[0].Filtered != filtered || rows[0].Accepted != delivered+filtered {
		t.Errorf("ledger: %+v, want %d delivered and %d filtered", rows[0], delivered, filtered)
	}
}
