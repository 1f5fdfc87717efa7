package journey_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/destinations"
	"penstock/internal/admin/journey"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const file = `
sources:
  - {slug: website, name: Website, type: javascript, writeKeys: [wk_website_1]}
  - {slug: server, name: Server, type: server, writeKeys: [wk_server_1]}
destinations:
  - slug: sink
    name: Sink
    source: website
    type: actions-webhook
    mappings:
      - name: Tracks
        action: send
        trigger: type = "track"
        fields: {url: "${PENSTOCK_URL}/hook", method: POST, data: {"@path": "$."}}
      - name: Off
        action: send
        enabled: false
        trigger: type = "track"
        fields: {url: "${PENSTOCK_URL}/hook", method: POST}
`

// rig is a log with a workspace, an index of ids, and a receiver.
type rig struct {
	*journey.Assembler
	store *workspace.Store
	log   *eventlog.Log
	seen  map[string][]record.Position
	land  []journey.Landing
	fails error
}

func (r *rig) Find(source, id string) []record.Position { return r.seen[source+" "+id] }

func (r *rig) Landed(context.Context, string) ([]journey.Landing, error) { return r.land, r.fails }

// ids is the index of seen ids that the log itself asks.
type ids struct {
	mu    sync.Mutex
	first map[string]record.Position
}

func (x *ids) First(source, id string, _ int64) (record.Position, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	p, ok := x.first[source+" "+id]
	return p, ok
}

func (x *ids) Note(_ uint64, entries []eventlog.Seen) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range entries {
		if x.first == nil {
			x.first = map[string]record.Position{}
		}
		x.first[e.Source+" "+e.ID] = e.At
	}
	return nil
}

func newRig(t *testing.T) *rig {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	log, err := eventlog.New(t.Context(), memlog.New(), eventlog.DefaultConfig(), logger)
	if err != nil {
		t.Fatal(err)
	}
	log.SetIndex(&ids{})
	catalog := workspace.CatalogFunc(destinations.Lookup)
	store := workspace.Open(memkv.New(), catalog, workspace.NewFencer(log), logger)
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // outlives t.Context, which ends before the cleanups
	done := make(chan error, 2)
	go func() { done <- log.Run(ctx) }()
	go func() { done <- store.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Errorf("ended with %v", err)
		}
	})
	r := &rig{store: store, log: log, seen: map[string][]record.Position{}}
	r.Assembler = journey.New(journey.Parts{Snapshot: store.Snapshot, Finder: r, Log: log, Receiver: r, Catalog: catalog, PublicURL: "http://here"})
	r.apply(t, file)
	return r
}

func (r *rig) apply(t *testing.T, text string) {
	t.Helper()
	f, err := workspace.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.Apply(t.Context(), f, workspace.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
}

// event puts an event of a source on the log, with a line before it in its frame.
func (r *rig) event(t *testing.T, slug, id, text string) record.Position {
	t.Helper()
	source := r.store.Snapshot().SourceBySlug(slug).ID
	p, err := r.log.Append(t.Context(), eventlog.Events, "events.default."+source, record.KindEvents, []eventlog.Line{{ID: "before", Data: []byte("{}")}, {ID: id, Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	p.Line++
	r.seen[source+" "+id] = append(r.seen[source+" "+id], p)
	return p
}

// outcome puts an outcome of the mapping Tracks on the log.
func (r *rig) outcome(t *testing.T, text string) {
	t.Helper()
	s := r.store.Snapshot()
	mapping := s.MappingsOfDestination(s.DestinationBySlug("sink").ID)[1]
	_, err := r.log.Append(t.Context(), eventlog.Outcomes, "outcomes.default."+mapping.ID, record.KindOutcomes, []eventlog.Line{{Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
}

// tell is the journey as JSON, without the times of the test itself.
func (r *rig) tell(t *testing.T, id string) string {
	t.Helper()
	j, err := r.Journey(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if j == nil {
		return "not known"
	}
	for i := range j.Arrivals {
		if time.Since(j.Arrivals[i].StoredAt) > time.Hour {
			t.Errorf("stored at %s", j.Arrivals[i].StoredAt)
		}
		j.Arrivals[i].StoredAt = time.Time{}
		for k := range j.Arrivals[i].Mappings {
			j.Arrivals[i].Mappings[k].Revision = 0
		}
	}
	text, err := json.MarshalIndent(j, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func check(t *testing.T, got, want string) {
	t.Helper()
	if diff := cmp.Diff(strings.TrimSpace(want), got); diff != "" {
		t.Errorf("journey (-want +got):\n%s", diff)
	}
}

const track = `{"type":"track","event":"Signed Up","messageId":"m-1","receivedAt":"2026-01-02T03:04:05.678Z","channel":"server","context":{"library":{"name":"analytics-node","version":"3.1.0"}}}`

func TestDelivered(t *testing.T) {
	r := newRig(t)
	p := r.event(t, "website", "m-1", track)
	r.outcome(t, fmt.Sprintf(`{"status":"filtered","at":["%d.0"],"ms":1}`, p.Seq))
	r.outcome(t, fmt.Sprintf(`{"status":"retrying","at":["%s"],"code":"503","reason":"busy","attempt":1,"due":2000,"ms":1000,"exchange":{"id":"w","method":"POST","url":"http://here/hook","bytes":7,"status":503,"took":3}}`, p))
	r.outcome(t, fmt.Sprintf(`{"status":"delivered","at":["%s"],"run":1,"ms":1500}`, p))
	r.outcome(t, fmt.Sprintf(`{"status":"delivered","at":["%d.1-4"],"code":"200","ms":2000}`, p.Seq))
	r.outcome(t, fmt.Sprintf(`{"status":"discarded","at":["%s"],"ms":3000}`, p))
	r.land = []journey.Landing{{App: "acme", Visitor: "123", Account: "account", Verdicts: []journey.Verdict{}}}
	check(t, r.tell(t, "m-1"), `
{
 "messageId": "m-1",
 "arrivals": [
  {
   "position": "2.1",
   "source": "website",
   "receivedAt": "2026-01-02T03:04:05.678Z",
   "storedAt": "0001-01-01T00:00:00Z",
   "library": "analytics-node 3.1.0",
   "channel": "server",
   "type": "track",
   "name": "Signed Up",
   "event": {
    "type": "track",
    "event": "Signed Up",
    "messageId": "m-1",
    "receivedAt": "2026-01-02T03:04:05.678Z",
    "channel": "server",
    "context": {
     "library": {
      "name": "analytics-node",
      "version": "3.1.0"
     }
    }
   },
   "mappings": [
    {
     "destination": "sink",
     "mapping": "Tracks",
     "state": "delivered",
     "matched": true,
     "trigger": "matched `+"`type = \\\"track\\\"`"+`",
     "payload": {
      "url": "http://here/hook",
      "method": "POST",
      "data": {
       "type": "track",
       "event": "Signed Up",
       "messageId": "m-1",
       "receivedAt": "2026-01-02T03:04:05.678Z",
       "channel": "server",
       "context": {
        "library": {
         "name": "analytics-node",
         "version": "3.1.0"
        }
       }
      }
     },
     "outcomes": [
      {
       "status": "retrying",
       "at": "1970-01-01T00:00:01Z",
       "code": "503",
       "reason": "busy",
       "attempt": 1,
       "due": "1970-01-01T00:00:02Z",
       "exchange": {
        "id": "w",
        "method": "POST",
        "url": "http://here/hook",
        "bytes": 7,
        "status": 503,
        "took": 3
       }
      },
      {
       "status": "delivered",
       "at": "1970-01-01T00:00:02Z",
       "code": "200"
      }
     ]
    },
    {
     "destination": "sink",
     "mapping": "Off",
     "state": "not owed",
     "problem": "the mapping has not been on: turn on the mapping, its destination and its source",
     "outcomes": []
    }
   ]
  }
 ],
 "landed": [
  {
   "app": "acme",
   "visitor": "123",
   "account": "account",
   "receivedAt": "0001-01-01T00:00:00Z",
   "verdicts": []
  }
 ]
}`)
}

// state is the journey's account of the mapping Tracks.
func (r *rig) state(t *testing.T, id string, arrival int) journey.Delivery {
	t.Helper()
	j, err := r.Journey(t.Context(), id)
	if err != nil || j == nil || len(j.Arrivals) <= arrival {
		t.Fatalf("journey of %s: %+v, %v", id, j, err)
	}
	for _, d := range j.Arrivals[arrival].Mappings {
		if d.Mapping == "Tracks" {
			return d
		}
	}
	t.Fatalf("mappings: %+v", j.Arrivals[arrival].Mappings)
	return journey.Delivery{}
}

func TestFiltered(t *testing.T) {
	r := newRig(t)
	p := r.event(t, "website", "m-2", `{"type":"identify"}`)
	r.outcome(t, fmt.Sprintf(`{"status":"filtered","at":["%s"],"ms":1}`, p))
	d := r.state(t, "m-2", 0)
	if d.State != "filtered" || d.Matched == nil || *d.Matched || d.Payload != nil || d.Trigger != "did not match `type = \"track\"`: type is \"identify\"" {
		t.Errorf("an event that the trigger does not match: %+v", d)
	}
}

func TestStatesBeforeTheEnd(t *testing.T) {
	r := newRig(t)
	p := r.event(t, "website", "m-1", track)
	steps := []struct{ outcome, want string }{
		{"", "pending"},
		{`{"status":"parked","code":"401","ms":1}`, "parked"},
		{`{"status":"resumed","ms":2}`, "pending"},
		{`{"status":"retrying","at":["` + p.String() + `"],"ms":3}`, "retrying"},
		{`{"status":"parked","ms":4}`, "retrying"},
		{`{"status":"discarded","at":["` + p.String() + `"],"ms":5}`, "discarded"},
		{`{"status":"delivered","at":["` + p.String() + `"],"ms":6}`, "discarded"},
	}
	for _, step := range steps {
		if step.outcome != "" {
			r.outcome(t, step.outcome)
		}
		if got := r.state(t, "m-1", 0).State; string(got) != step.want {
			t.Errorf("after %s: %s, want %s", step.outcome, got, step.want)
		}
	}
}

// An event that came while its mapping was parked is shown as parked, whether that is told by outcomes or by a checkpoint.
func TestParkedBefore(t *testing.T) {
	for name, told := range map[string]func(*rig){
		"by an outcome":   func(r *rig) { r.outcome(t, `{"status":"parked","code":"401","ms":1}`) },
		"by a checkpoint": func(r *rig) { r.checkpoint(t, record.Checkpoint{Park: &record.Park{Code: "401"}}) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			told(r)
			for begun := time.Now().UnixMilli(); time.Now().UnixMilli() == begun; { //nolint:revive // the event is to have another time
			}
			p := r.event(t, "website", "m-1", track)
			for _, step := range []struct{ outcome, want string }{
				{"", "parked"}, {`{"status":"resumed","ms":2}`, "pending"}, {fmt.Sprintf(`{"status":"delivered","at":["%s"],"ms":3}`, p), "delivered"},
			} {
				if step.outcome != "" {
					r.outcome(t, step.outcome)
				}
				if got := r.state(t, "m-1", 0).State; string(got) != step.want {
					t.Errorf("after %s: %s, want %s", step.outcome, got, step.want)
				}
			}
		})
	}
}

// checkpoint puts a checkpoint of the mapping Tracks on the log.
func (r *rig) checkpoint(t *testing.T, c record.Checkpoint) {
	t.Helper()
	s := r.store.Snapshot()
	mapping := s.MappingsOfDestination(s.DestinationBySlug("sink").ID)[1]
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.log.Append(t.Context(), eventlog.Outcomes, record.CheckpointSubject("default", mapping.ID), record.KindCheckpoint, []eventlog.Line{{Data: data}}); err != nil {
		t.Fatal(err)
	}
}

// An event that is no longer kept is known, and said to be that.
func TestNotKept(t *testing.T) {
	r := newRig(t)
	r.event(t, "website", "m-1", track)
	r.event(t, "website", "m-2", track)
	source := r.store.Snapshot().SourceBySlug("website").ID
	if _, err := r.log.Shorten(t.Context(), eventlog.Events, "events.default."+source, r.log.Last(eventlog.Events)); err != nil {
		t.Fatal(err)
	}
	j, err := r.Journey(t.Context(), "m-1")
	if err != nil || len(j.Arrivals) != 1 || !strings.Contains(j.Arrivals[0].NotKept, "older than what is kept") || j.Arrivals[0].Source != "website" {
		t.Errorf("journey: %+v, %v", j, err)
	}
	if got := r.state(t, "m-2", 0).State; got != "pending" {
		t.Errorf("the one that is kept: %s", got)
	}
}

// An event is evaluated with the configuration that held when it came.
func TestConfigurationOfItsTime(t *testing.T) {
	r := newRig(t)
	r.event(t, "website", "m-1", track)
	r.apply(t, strings.Replace(file, `type = "track"`, `type = "page"`, 1))
	r.event(t, "website", "m-2", track)
	r.apply(t, strings.Replace(file, "- name: Tracks\n", "- name: Tracks\n        enabled: false\n", 1))
	r.event(t, "website", "m-3", track)
	first, second, third := r.state(t, "m-1", 0), r.state(t, "m-2", 0), r.state(t, "m-3", 0)
	if !*first.Matched || *second.Matched || third.Matched != nil || third.State != journey.StateNotOwed || second.Revision <= first.Revision {
		t.Errorf("three events: %+v, %+v, %+v", first, second, third)
	}
}

func TestRepeatedInOneCall(t *testing.T) {
	r := newRig(t)
	source := r.store.Snapshot().SourceBySlug("server").ID
	p, err := r.log.Append(t.Context(), eventlog.Events, "events.default."+source, record.KindEvents, []eventlog.Line{{ID: "m-3", Data: []byte("{}")}, {ID: "m-3", Data: []byte("{}")}})
	if err != nil {
		t.Fatal(err)
	}
	second := record.Position{Seq: p.Seq, Line: 1}
	r.seen[source+" m-3"] = []record.Position{p, second}
	j, err := r.Journey(t.Context(), "m-3")
	if err != nil || len(j.Arrivals) != 2 || len(j.Arrivals[0].Mappings) != 0 {
		t.Fatalf("journey: %+v, %v", j, err)
	}
	if got := j.Arrivals[1].DuplicateOf; got == nil || *got != p || j.Arrivals[0].DuplicateOf != nil {
		t.Errorf("second arrival is a duplicate of %v, want %s", got, p)
	}
}

// What repeats an earlier event is not sent, so nothing is said of what it would be mapped to.
func TestDuplicate(t *testing.T) {
	r := newRig(t)
	first := r.event(t, "website", "m-1", track)
	second := r.event(t, "website", "m-1", track)
	r.outcome(t, fmt.Sprintf(`{"status":"duplicate","at":["%s"],"of":"%s","ms":1}`, second, first))
	d := r.state(t, "m-1", 1)
	if d.State != "duplicate" || d.Payload != nil || d.Matched != nil || len(d.Outcomes) != 1 || *d.Outcomes[0].Of != first {
		t.Errorf("second arrival: %+v", d)
	}
}

func TestNotKnown(t *testing.T) {
	r := newRig(t)
	if got := r.tell(t, "nobody"); got != "not known" {
		t.Errorf("journey of an id that nobody sent: %s", got)
	}
	r.land = []journey.Landing{{App: "acme", Verdicts: []journey.Verdict{}}}
	if got := r.tell(t, "straight to the receiver"); !strings.Contains(got, `"app": "acme"`) {
		t.Errorf("journey of an event that came to the receiver by another path: %s", got)
	}
	r.fails = errors.New("the receiver is gone")
	if _, err := r.Journey(t.Context(), "m"); !errors.Is(err, r.fails) {
		t.Errorf("journey without a receiver: %v", err)
	}
}

// An event of the log may hold anything where a person looks for names.
func TestOddEvent(t *testing.T) {
	r := newRig(t)
	r.event(t, "website", "m-5", `{"context":{"library":{"name":"unknown","version":"unknown"}}}`)
	if j, err := r.Journey(t.Context(), "m-5"); err != nil || j.Arrivals[0].Library != "" {
		t.Errorf("journey of an event whose sender is unknown: %+v, %v", j, err)
	}
	r.event(t, "website", "m-4", `{"type":1,"event":{},"channel":[],"context":"none"}`)
	j, err := r.Journey(t.Context(), "m-4")
	if err != nil || j.Arrivals[0].Type != "" || j.Arrivals[0].Library != "" {
		t.Errorf("journey: %+v, %v", j, err)
	}
}

// A filter that drops the event is named, as it was when the event came.
func TestDroppedByAFilter(t *testing.T) {
	r := newRig(t)
	r.apply(t, strings.Replace(file, "    mappings:\n", "    filters: [{name: Our own, if: userId = \"123\", actions: [{type: DROP}]}]\n    mappings:\n", 1))
	p := r.event(t, "website", "m-1", `{"type":"track","userId":"123"}`)
	r.outcome(t, fmt.Sprintf(`{"status":"filtered","code":"FILTERED_BY_RULES","at":["%s"],"ms":1}`, p))
	r.apply(t, file)
	d := r.state(t, "m-1", 0)
	if d.State != "filtered" || d.Filter != `the filter "Our own" drops it: userId = "123"` || !*d.Matched || d.Payload != nil {
		t.Errorf("an event that a filter drops: %+v", d)
	}
}
