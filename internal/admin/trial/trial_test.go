package trial_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/destinations"
	"penstock/internal/admin/journey"
	"penstock/internal/admin/trial"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/filter"
	"penstock/internal/record"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a tester over a workspace, a log, and an endpoint that stands for everything that is called.
type rig struct {
	*trial.Tester
	url    string
	store  *workspace.Store
	log    *eventlog.Log
	got    []string // what the endpoint was sent
	status int      // what it answers
	ids    []string // webhook-ids that the receiver was asked for
	known  map[string]record.Position
}

func newRig(t *testing.T) *rig {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	log, err := eventlog.New(t.Context(), memlog.New(), eventlog.DefaultConfig(), logger)
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{log: log, status: http.StatusOK, known: map[string]record.Position{}}
	r.store = workspace.Open(memkv.New(), workspace.CatalogFunc(destinations.Lookup), workspace.NewFencer(log), logger)
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // outlives t.Context, which ends before the cleanups
	done := make(chan error, 2)
	go func() { done <- log.Run(ctx) }()
	go func() { done <- r.store.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Errorf("ended with %v", err)
		}
	})
	<-r.store.Ready()
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.got = append(r.got, req.Header.Get("webhook-id")+" "+string(body))
		w.WriteHeader(r.status)
		_, _ = io.WriteString(w, "hello")
	}))
	t.Cleanup(endpoint.Close)
	r.url = endpoint.URL
	r.Tester = trial.New(trial.Parts{
		Snapshot: r.store.Snapshot, Catalog: workspace.CatalogFunc(destinations.Lookup), Finder: r, Log: log, Receiver: r, Client: endpoint.Client(), PublicURL: endpoint.URL,
	})
	r.apply(t)
	return r
}

func (r *rig) Find(_, messageID string) []record.Position {
	if p, ok := r.known[messageID]; ok {
		return []record.Position{p}
	}
	return nil
}

func (r *rig) LandedRequest(_ context.Context, webhookID string) ([]journey.Landing, error) {
	r.ids = append(r.ids, webhookID)
	if len(r.ids) < 2 { // its tables have not followed yet
		return nil, nil
	}
	return []journey.Landing{{App: "acme", Visitor: "123", Verdicts: []journey.Verdict{}}}, nil
}

func (r *rig) apply(t *testing.T) {
	t.Helper()
	file, err := workspace.Parse([]byte(`
sources: [{slug: website, name: Website, type: javascript, writeKeys: [wk_website_1]}]
destinations:
  - slug: sink
    name: Sink
    source: website
    type: actions-webhook
    settings: {sharedSecret: hush-hush}
    mappings:
      - {name: Tracks, action: send, trigger: type = "track", fields: {url: "${PENSTOCK_URL}/hook", method: POST, headers: {Authorization: Bearer abc}, data: {"@path": "$."}}}
      - {name: Strict, action: send, trigger: type != "", fields: {url: {"@path": "$.hook"}, method: POST}}
      - {name: Own, action: send, trigger: type != "", fields: {url: "${PENSTOCK_URL}/data/segmentio/1", method: POST, data: {"@path": "$."}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.store.Apply(t.Context(), file, workspace.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) append(t *testing.T, events ...string) {
	t.Helper()
	var lines []eventlog.Line
	for _, e := range events {
		lines = append(lines, eventlog.Line{Data: []byte(e)})
	}
	p, err := r.log.Append(t.Context(), eventlog.Events, "events.default."+r.store.Snapshot().SourceBySlug("website").ID, record.KindEvents, lines)
	if err != nil {
		t.Fatal(err)
	}
	r.known["m-1"] = p
}

func (r *rig) run(t *testing.T, o trial.Order) *trial.Result {
	t.Helper()
	result, err := r.Run(t.Context(), &o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// steps is the way of a trial in short.
func steps(r *trial.Result) string {
	var out []string
	for _, s := range r.Steps {
		mark := ""
		if !s.OK {
			mark = "!"
		}
		out = append(out, mark+string(s.Name)+": "+s.Output)
	}
	return strings.Join(out, " | ")
}

func TestDryAndReal(t *testing.T) {
	r := newRig(t)
	order := trial.Order{Destination: "sink", Mapping: "Tracks", Event: json.RawMessage(`{"type": "track", "n": 12345678901234567890}`)}
	dry := r.run(t, order)
	if len(r.got) > 0 || !dry.OK || dry.Answer != nil {
		t.Fatalf("dry: %+v, %d requests; want none", dry, len(r.got))
	}
	shown := map[string]string{}
	for _, h := range dry.Request.Headers {
		shown[h[0]] = h[1]
	}
	if shown["authorization"] != "<redacted>" || strings.Contains(string(dry.Payload), "abc") || len(shown["x-signature"]) != 40 || !strings.HasPrefix(shown["webhook-id"], "test_") {
		t.Errorf("headers: %v and payload: %s, want the signature and a webhook-id of its own, and secrets masked", shown, dry.Payload)
	}
	if want := `{"type":"track","n":12345678901234567890}`; dry.Request.Body != want {
		t.Errorf("body: %s, want %s", dry.Request.Body, want)
	}

	order.Send = true
	sent := r.run(t, order)
	want := "trigger: subscribed | mapping: Mappings resolved | payload: Payload validated | request: POST " + r.url + "/hook | answer: Action Executed"
	if diff := cmp.Diff(want, steps(sent)); diff != "" || !sent.OK {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if sent.Answer.Status != "200 OK" || sent.Answer.Body != "hello" || sent.Answer.Class != "delivered" || len(r.got) != 1 {
		t.Errorf("answer: %+v, requests: %q", sent.Answer, r.got)
	}
	r.status = http.StatusTeapot
	refused := r.run(t, order)
	if refused.OK || refused.Answer.Status != "418 I'm a teapot" || refused.Answer.Class != "rejected" || refused.Answer.Reason == "" {
		t.Errorf("refused: %s, %+v", steps(refused), refused.Answer)
	}
	if r.got[0][:27] == r.got[1][:27] {
		t.Errorf("two trials share a webhook-id: %q", r.got)
	}
	if last := r.log.Last(eventlog.Outcomes); last != 0 {
		t.Errorf("trials wrote %d outcomes", last)
	}
}

func TestTriggerIsRespected(t *testing.T) {
	r := newRig(t)
	order := trial.Order{Destination: "sink", Mapping: "Tracks", Event: json.RawMessage(`{"type":"page"}`), Send: true}
	got := r.run(t, order)
	if got.OK || steps(got) != "!trigger: not subscribed" || len(r.got) > 0 || got.Trigger.Clauses[0].Actual != `"page"` {
		t.Errorf("steps: %s, requests: %q", steps(got), r.got)
	}
	order.Force = true
	got = r.run(t, order)
	if !got.OK || !got.Forced || len(r.got) != 1 || !strings.HasPrefix(steps(got), "!trigger: not subscribed | mapping: Mappings resolved") {
		t.Errorf("forced: %s, requests: %q", steps(got), r.got)
	}
}

func TestLanded(t *testing.T) {
	r := newRig(t)
	got := r.run(t, trial.Order{Destination: "sink", Mapping: "Own", Event: json.RawMessage(`{"type":"track"}`), Send: true})
	if !strings.HasSuffix(steps(got), "answer: Action Executed | landed: app acme: visitor 123, no account") || len(r.ids) != 2 || !strings.HasPrefix(r.got[0], r.ids[0]) {
		t.Errorf("steps: %s, asked for %q", steps(got), r.ids)
	}
	if len(got.Warnings) != 1 || got.Warnings[0].Code != "pendo_key" {
		t.Errorf("warnings: %+v, want one about the key", got.Warnings)
	}
}

func TestWhatIsWrongIsAStep(t *testing.T) {
	r := newRig(t)
	event := json.RawMessage(`{"type":"track"}`)
	for name, c := range map[string]struct {
		order trial.Order
		want  string
	}{
		"required field": {
			trial.Order{Destination: "sink", Mapping: "Strict", Event: event},
			"trigger: subscribed | mapping: Mappings resolved | !payload: The root value is missing the required field 'url'.",
		},
		"scheme": {
			trial.Order{Destination: "sink", Mapping: "Strict", Event: json.RawMessage(`{"type":"track","hook":"ftp://x/"}`)},
			"trigger: subscribed | mapping: Mappings resolved | payload: Payload validated | !request: validate the payload: Only HTTP(S) protocols are supported",
		},
		"trigger": {
			trial.Order{Inline: &trial.Inline{Type: "actions-webhook", Action: "send", Trigger: `type`}, Event: event},
			"!trigger: Invalid subscription : Value token is missing",
		},
		"settings": {
			trial.Order{Inline: &trial.Inline{Type: "actions-webhook", Action: "send", Trigger: `type = "track"`, Settings: json.RawMessage(`{"sharedSecret":{}}`)}, Event: event},
			"!settings: Shared Secret must be a string but it was an object.",
		},
		"fields": {
			trial.Order{Inline: &trial.Inline{Type: "actions-webhook", Action: "send", Trigger: `type = "track"`, Fields: json.RawMessage(`{"url":{"@nope":1}}`)}, Event: event},
			"!mapping: read fields: /url has an invalid directive: @nope.",
		},
		"mapping error": {
			trial.Order{Inline: &trial.Inline{Type: "actions-webhook", Action: "send", Trigger: `type = "track"`, Fields: json.RawMessage(`{"url":{"@path":{"@path":"$.nope"}}}`)}, Event: event},
			"trigger: subscribed | !mapping: resolve the mapping: @path: expected string, got undefined",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.run(t, c.order)
			if diff := cmp.Diff(c.want, steps(got)); diff != "" || got.OK {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEventOfTheLog(t *testing.T) {
	r := newRig(t)
	r.append(t, `{"type":"track","n":1}`, `{"type":"track","n":2}`, `{"type":"page","n":3}`)
	for range 100 {
		r.append(t, `{"type":"identify"}`)
	}
	newest := r.run(t, trial.Order{Destination: "sink", Mapping: "Tracks"})
	if string(newest.Event) != `{"type":"track","n":2}` || newest.Position == nil || newest.Position.Line != 1 {
		t.Errorf("newest that matches: %s at %v", newest.Event, newest.Position)
	}
	none := r.run(t, trial.Order{Inline: &trial.Inline{Type: "actions-webhook", Action: "send", Trigger: `type = "alias"`}, Source: "website"})
	if string(none.Event) != `{"type":"identify"}` || none.OK {
		t.Errorf("none matches: %s, %s; want the newest", none.Event, steps(none))
	}
	named := r.run(t, trial.Order{Destination: "sink", Mapping: "Tracks", MessageID: "m-1"})
	if string(named.Event) != `{"type":"identify"}` {
		t.Errorf("named: %s", named.Event)
	}
}

func TestDraftHasTheSettingsOfItsDestination(t *testing.T) {
	r := newRig(t)
	got, err := r.Run(t.Context(), &trial.Order{
		Destination: "sink", Event: json.RawMessage(`{"type":"track","event":"Paid"}`),
		Inline: &trial.Inline{Action: "send", Trigger: `event = "Paid"`, Fields: json.RawMessage(`{"url":"${PENSTOCK_URL}/draft","method":"POST","data":{"@path":"$."}}`)},
	})
	if err != nil || got.Request == nil {
		t.Fatalf("%v %+v", err, got)
	}
	signed := false
	for _, h := range got.Request.Headers {
		signed = signed || strings.EqualFold(h[0], "X-Signature") && h[1] != ""
	}
	if !got.OK || !signed || !strings.HasSuffix(got.Request.URL, "/draft") {
		t.Errorf("the draft's request is %+v (%+v), want it signed with the destination's secret", got.Request, got.Steps)
	}
}

func TestOrdersThatCannotBeUnderstood(t *testing.T) {
	r := newRig(t)
	event := json.RawMessage(`{}`)
	for want, o := range map[string]trial.Order{
		`there is no destination "x"`:              {Destination: "x", Event: event},
		`has no mapping "x"`:                       {Destination: "sink", Mapping: "x", Event: event},
		`has 3 mappings; name one`:                 {Destination: "sink", Event: event},
		`not both`:                                 {Destination: "sink", Mapping: "Tracks", Inline: &trial.Inline{}},
		`is of type actions-webhook`:               {Destination: "sink", Inline: &trial.Inline{Type: "x"}},
		`leave its own away`:                       {Destination: "sink", Inline: &trial.Inline{Settings: json.RawMessage(`{}`)}},
		`there is no type of destination "x"`:      {Inline: &trial.Inline{Type: "x"}, Event: event},
		`has none called "x"`:                      {Inline: &trial.Inline{Type: "actions-webhook", Action: "x"}, Event: event},
		`there is no source "x"`:                   {Destination: "sink", Mapping: "Tracks", Source: "x"},
		`must be a JSON object`:                    {Destination: "sink", Mapping: "Tracks", Event: json.RawMessage(`[]`)},
		`give an event or a messageId`:             {Destination: "sink", Mapping: "Tracks", Event: event, MessageID: "m"},
		`no event with the messageId "m"`:          {Destination: "sink", Mapping: "Tracks", MessageID: "m"},
		`no event of the source has come recently`: {Destination: "sink", Mapping: "Tracks"},
		`or the source whose newest event`:         {Inline: &trial.Inline{Type: "actions-webhook", Action: "send", Trigger: `type = "track"`}},
	} {
		_, err := r.Run(t.Context(), &o)
		if _, ok := errors.AsType[*trial.UnknownError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("order %+v: got %v, want %s", o, err, want)
		}
	}
}

// The filters of the destination are a step where they do something.
func TestFilters(t *testing.T) {
	r := newRig(t)
	_, err := r.store.Edit(t.Context(), func(e *workspace.Edit) error {
		sink := e.Now().DestinationBySlug("sink").ID
		e.PutFilter(&workspace.Filter{Destination: sink, Name: "Our own", If: `userId = "test"`, Actions: []filter.RuleAction{{Type: filter.Drop}}, Enabled: true})
		e.PutFilter(&workspace.Filter{Destination: sink, Name: "Less", If: `all`, Actions: []filter.RuleAction{{Type: filter.DropProperties, Fields: map[string][]string{"properties": {"email"}}}}, Enabled: true})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	dropped := json.RawMessage(`{"type":"track","userId":"test"}`)
	for name, c := range map[string]struct {
		order trial.Order
		want  string
	}{
		"dropped": {trial.Order{Destination: "sink", Mapping: "Tracks", Event: dropped}, "!filters: FILTERED_BY_RULES"},
		"dropped, and on all the same": {
			trial.Order{Destination: "sink", Mapping: "Tracks", Event: dropped, Force: true},
			"!filters: FILTERED_BY_RULES | trigger: subscribed | mapping: Mappings resolved | payload: Payload validated | request: POST " + r.url + "/hook",
		},
		"trimmed": {
			trial.Order{Destination: "sink", Mapping: "Tracks", Event: json.RawMessage(`{"type": "track", "properties": {"email": "x"}}`)},
			"filters: 11 bytes taken out | trigger: subscribed | mapping: Mappings resolved | payload: Payload validated | request: POST " + r.url + "/hook",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := r.run(t, c.order)
			if diff := cmp.Diff(c.want, steps(got)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if name == "trimmed" && !strings.Contains(got.Request.Body, `"properties":{}`) {
				t.Errorf("the request has %s", got.Request.Body)
			}
		})
	}
}
