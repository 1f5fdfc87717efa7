package admin

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/internal/access"
	"penstock/internal/accounts"
	"penstock/internal/admin/impact"
	"penstock/internal/admin/journey"
	"penstock/internal/audit"
	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/pendoapi/keys"
	"penstock/internal/record"
	"penstock/internal/vault"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "a-token-of-the-tests"

// fake stands for the stages that the API asks.
type fake struct {
	definition destination.Definition
	notReady   error
	broken     error
	mapping    string
	erasure    Erasure
	answers    answers
}

func (f *fake) Definition() *destination.Definition { return &f.definition }

func (f *fake) Perform(context.Context, *destination.Call) destination.Result {
	return destination.Result{}
}

func (f *fake) Lookup(typ string) (destination.Destination, bool) { return f, typ == "actions-webhook" }

func (f *fake) Counts(context.Context) ([]MappingCounts, Cut, error) {
	return []MappingCounts{
		{Mapping: f.mapping, Destination: "gone", Counts: Counts{Accepted: 3, Delivered: 2, Pending: 1}},
		{Mapping: "m", Destination: "deleted", Counts: Counts{Accepted: 1, Discarded: 1}},
	}, Cut{Events: 7, Outcomes: 5}, f.broken
}

func (f *fake) UnknownKeys() []UnknownKey {
	return []UnknownKey{{Key: "0000000000000000000000000000000b", Reason: "unknown_key", Via: "segmentio", Count: 3, Remote: "192.0.2.1"}}
}

func (f *fake) Journey(_ context.Context, id string) (*journey.Journey, error) {
	if id != "m-1" {
		return nil, nil //nolint:nilnil // that is the contract
	}
	return &journey.Journey{MessageID: id, Arrivals: []journey.Arrival{}, Landed: []journey.Landing{}}, f.broken
}

// Begin knows one erasure.
func (f *fake) Begin(_ context.Context, r ErasureRequest) (Erasure, error) {
	if len(r.Visitors)+len(r.Accounts) == 0 {
		return Erasure{}, fmt.Errorf("%w: nobody is named", ErrErasure)
	}
	f.erasure = Erasure{ID: "e1", App: r.App, Sources: r.Sources, State: "running", Persons: len(r.Visitors) + len(r.Accounts), Begun: time.UnixMilli(0).UTC()}
	return f.erasure, f.broken
}

func (f *fake) Get(id string) (Erasure, bool) { return f.erasure, id == f.erasure.ID }

func (f *fake) List(app string) []Erasure {
	if app != f.erasure.App {
		return nil
	}
	return []Erasure{f.erasure}
}

// rig is a running API.
type rig struct {
	*httptest.Server
	gate     *access.Gate
	fake     *fake
	store    *workspace.Store
	log      *eventlog.Log
	accounts *accounts.Accounts
	keys     *vault.Keyring
	sealed   *vault.KV
	past     *past
}

func newRig(t testing.TB) *rig {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	log, err := eventlog.New(t.Context(), memlog.New(), eventlog.DefaultConfig(), logger)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{}
	trail := audit.New(log)
	ring := vault.NewKeyring(vault.NewKey())
	sealed := vault.Wrap(memkv.New(), ring, f)
	store := workspace.Open(audit.Wrap(sealed, trail, f), f, workspace.NewFencer(log), logger)
	cfg := accounts.DefaultConfig(sha256.Sum256([]byte(token)))
	cfg.Password = accounts.Hashing{MemoryKiB: 8, Passes: 1, Lanes: 1, Concurrency: 4}
	people := accounts.New(cfg, memkv.New(), trail, logger)
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // outlives t.Context, which ends before the cleanups
	done := make(chan error, 4)
	integrationKeys := keys.Open(memkv.New(), logger)
	for _, run := range []func(context.Context) error{log.Run, store.Run, people.Run, integrationKeys.Run} {
		go func() { done <- run(ctx) }()
	}
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, <-done, <-done, <-done); err != nil {
			t.Errorf("ended with %v", err)
		}
	})
	<-store.Ready()
	<-people.Ready()
	r := &rig{fake: f, past: &past{}, store: store, log: log, accounts: people, keys: ring, sealed: sealed}
	r.gate = New(Config{Version: "test"}, Parts{
		Accounts: people, Trail: trail, Secrets: r, Server: r,
		Workspace: store, Catalog: f, Destinations: []destination.Destination{f}, Trials: f, Impacts: impact.New(f, log, "http://localhost"), Ledger: f, Analytics: &f.answers, IntegrationKeys: integrationKeys, Inbox: f, Journeys: f, Journal: r.past, Log: log, Logger: logger,
		Ready: func() error { return f.notReady }, Erasures: f,
		Keeping: func() Keeping {
			return Keeping{Sources: []KeptSource{{Source: "web", Bytes: 7, Backlog: Backlog{State: "fine"}}}, Alarms: []string{"the log has lost its end"}}
		},
	})
	r.Server = httptest.NewServer(r.gate)
	t.Cleanup(r.Close)
	return r
}

// URL is the rig's, as Server tells it.
func (r *rig) URL() string { return r.Server.URL }

// Info tells little.
func (r *rig) Info(context.Context) (ServerInfo, error) {
	return ServerInfo{Version: "test", URL: r.Server.URL, Streams: []StreamInfo{}, Storage: []StorageInfo{}, Settings: []SettingInfo{}}, r.fake.broken
}

// State counts the secrets.
func (r *rig) State(ctx context.Context) (SecretState, error) {
	n, err := r.sealed.Count(ctx)
	return SecretState{Key: r.keys.ID(), From: "environment", Secrets: n}, err
}

// Rotate refuses.
func (r *rig) Rotate(context.Context) (SecretState, error) { return SecretState{}, vault.ErrGiven }

// do sends a request with the token, and returns the status and the body.
func (r *rig) do(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	return r.send(t, method, path, body, map[string]string{"Authorization": "Bearer " + token})
}

func (r *rig) send(t *testing.T, method, path, body string, headers map[string]string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.Server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	res, err := r.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, strings.TrimSpace(string(out))
}

const file = `
apps: [{slug: acme, name: Acme, key: "00000000000000000000000000000001"}]
sources: [{slug: website, name: Website, type: javascript, writeKeys: [wk_website_1]}]
`

func TestTokenIsAskedFor(t *testing.T) {
	r := newRig(t)
	for name, headers := range map[string]map[string]string{
		"none":         {},
		"another":      {"Authorization": "Bearer " + token + "x"},
		"empty":        {"Authorization": "Bearer "},
		"other scheme": {"Authorization": "Basic " + token},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/api/apps", "/api/openapi.json", "/api/workspace", "/api/nowhere"} {
				status, body := r.send(t, http.MethodGet, path, "", headers)
				if status != http.StatusUnauthorized || !strings.Contains(body, "an owner") {
					t.Errorf("GET %s: %d %s, want 401 that says who has a token", path, status, body)
				}
			}
		})
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := r.send(t, http.MethodGet, path, "", nil); status != http.StatusOK {
			t.Errorf("GET %s: %d %s, want 200 without a token", path, status, body)
		}
	}
}

func TestOtherOriginsChangeNothing(t *testing.T) {
	r := newRig(t)
	headers := map[string]string{"Authorization": "Bearer " + token, "Sec-Fetch-Site": "cross-site", "Content-Type": "application/yaml"}
	if status, body := r.send(t, http.MethodPut, "/api/workspace", file, headers); status != http.StatusForbidden || !strings.Contains(body, "another origin") {
		t.Errorf("PUT from another origin: %d %s, want 403", status, body)
	}
	if len(r.store.Snapshot().Apps()) != 0 {
		t.Error("the workspace was changed")
	}
}

func TestNotReady(t *testing.T) {
	r := newRig(t)
	r.fake.notReady = errors.New("the index of seen ids catches up")
	if status, body := r.do(t, http.MethodGet, "/readyz", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "the index of seen ids catches up") {
		t.Errorf("GET /readyz: %d %s", status, body)
	}
}

func TestAnswers(t *testing.T) {
	r := newRig(t)
	if status, body := r.do(t, http.MethodPut, "/api/workspace", file); status != http.StatusOK ||
		body != `{"data":{"changes":[{"op":"create","kind":"app","name":"acme","fields":[{"path":"slug","after":"acme"},{"path":"name","after":"Acme"},`+
			`{"path":"key","after":"00000000000000000000000000000001"},{"path":"sharedSecret","after":"••••••••••"}]},{"op":"create","kind":"source","name":"website","fields":[{"path":"slug","after":"website"},`+
			`{"path":"name","after":"Website"},{"path":"type","after":"javascript"},{"path":"writeKeys","after":["wk_website_1"]}]}],"unchanged":0}}` {
		t.Fatalf("PUT /api/workspace: %d %s", status, body)
	}
	for _, c := range []struct {
		path   string
		status int
		want   string
	}{
		{"/api/ledger", 200, `{"data":[` +
			`{"destination":"deleted","mapping":"m","accepted":1,"delivered":0,"filtered":0,"duplicate":0,"discarded":1,"lost":0,"retrying":0,"parked":0,"pending":0},` +
			`{"destination":"gone","mapping":"","accepted":3,"delivered":2,"filtered":0,"duplicate":0,"discarded":0,"lost":0,"retrying":0,"parked":0,"pending":1}` +
			`],"cut":{"events":7,"outcomes":5}}`},
		{"/api/events/m-1", 200, `{"data":{"messageId":"m-1","arrivals":[],"landed":[]}}`},
		{"/api/workspace?format=json", 200, `{"apps":[{"slug":"acme","name":"Acme","key":"00000000000000000000000000000001","sharedSecret":"••••••••••"}],"sources":[{"slug":"website","name":"Website","type":"javascript","writeKeys":["wk_website_1"]}]}`},
		{"/healthz", 200, `{"data":"ok"}`},
		{"/readyz", 200, `{"data":"ready"}`},
	} {
		status, body := r.do(t, http.MethodGet, c.path, "")
		if diff := cmp.Diff(c.want, body); status != c.status || diff != "" {
			t.Errorf("GET %s: %d, want %d (-want +got):\n%s", c.path, status, c.status, diff)
		}
	}
	for path, want := range map[string]int{
		"/api/events/m-2": 404, "/api/nowhere": 404, "/api/ledger?color=red": 422, "/api/sources/website/events?after=x": 422, "/api/sources/website/events?limit=0": 422,
		"/api/sources/other/events": 404, "/api/tail?source=other": 404, "/api/tail?from=then": 422,
	} {
		if status, body := r.do(t, http.MethodGet, path, ""); status != want {
			t.Errorf("GET %s: %d %s, want %d", path, status, body, want)
		}
	}
}

func TestInternalsStayInside(t *testing.T) {
	r := newRig(t)
	r.fake.broken = errors.New("the disk is on fire")
	r.fake.answers.err = r.fake.broken
	r.do(t, http.MethodPut, "/api/workspace", file)
	for _, path := range []string{"/api/ledger", "/api/apps/acme/track-events", "/api/apps/acme/visitors/123", "/api/events/m-1"} {
		if status, body := r.do(t, http.MethodGet, path, ""); status != http.StatusInternalServerError || strings.Contains(body, "fire") {
			t.Errorf("GET %s: %d %s, want 500 without the reason", path, status, body)
		}
	}
}

func TestInvalidFileIsPlaced(t *testing.T) {
	r := newRig(t)
	status, body := r.do(t, http.MethodPut, "/api/workspace", "apps:\n  - slug: A\n    name: Acme\n    key: 1\n")
	var problem struct {
		Errors []struct{ Message, Location string }
	}
	if err := json.Unmarshal([]byte(body), &problem); err != nil || status != http.StatusUnprocessableEntity || len(problem.Errors) != 2 {
		t.Fatalf("PUT: %d %s, want 422 with 2 errors (%v)", status, body, err)
	}
	if got, want := problem.Errors[1].Location, "line 4, column 5: apps[0].key"; got != want {
		t.Errorf("location: %q, want %q", got, want)
	}
}

func (r *rig) append(t *testing.T, subject string, kind record.Kind, lines ...string) {
	t.Helper()
	var all []eventlog.Line
	for _, line := range lines {
		all = append(all, eventlog.Line{Data: []byte(line)})
	}
	if _, err := r.log.Append(t.Context(), eventlog.Events, subject, kind, all); err != nil {
		t.Fatal(err)
	}
}

func TestEventsAreListedPageByPage(t *testing.T) {
	r := newRig(t)
	r.do(t, http.MethodPut, "/api/workspace", file)
	subject := "events.default." + r.store.Snapshot().SourceBySlug("website").ID
	r.append(t, subject, record.KindEvents, `{"n":0}`, `{"n":1}`)
	r.append(t, "events.default.other", record.KindEvents, `{"n":"other"}`)
	r.append(t, subject, record.KindEvents, `{"n":2}`)
	r.append(t, "rejected.default."+r.store.Snapshot().SourceBySlug("website").ID, record.KindRejected, `{"at":1,"method":"POST","path":"/v1/track","code":"bad_request","message":"not JSON"}`)
	var got []string
	for after := ""; ; {
		_, body := r.do(t, http.MethodGet, "/api/sources/website/events?limit=1&after="+after, "")
		if body == "" {
			break
		}
		var line struct {
			Position, ReceivedAt string
			Event                json.RawMessage
			Rejected             struct{ Code string }
		}
		if err := json.Unmarshal([]byte(body), &line); err != nil || line.ReceivedAt == "" {
			t.Fatalf("%s: %v", body, err)
		}
		got = append(got, line.Position+" "+string(line.Event)+line.Rejected.Code)
		after = line.Position
	}
	if diff := cmp.Diff([]string{`1.0 {"n":0}`, `1.1 {"n":1}`, `3.0 {"n":2}`, `4.0 bad_request`}, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if _, all := r.do(t, http.MethodGet, "/api/sources/website/events", ""); strings.Count(all, "\n") != 3 {
		t.Errorf("all:\n%s", all)
	}
}

// TestTailIsFiltered: by text, type, name, user and channel, what was not taken alone; and the last few of what is shown.
func TestTailIsFiltered(t *testing.T) {
	r := newRig(t)
	r.do(t, http.MethodPut, "/api/workspace", file)
	id := r.store.Snapshot().SourceBySlug("website").ID
	r.append(t, "events.default."+id, record.KindEvents, `{"type":"track","channel":"client","event":"A","userId":"u1"}`, `{"type":"page","channel":"server","name":"A","anonymousId":"u2"}`,
		`{"type":"track","channel":"server","event":"B","userId":"u2","context":{"library":{"name":"analytics-swift"}}}`)
	r.append(t, "rejected.default."+id, record.KindRejected, `{"at":1,"method":"POST","path":"/v1/track","code":"bad_request","message":"not JSON"}`)
	for query, want := range map[string]string{
		"":                   "1.0 1.1 1.2 2.0",
		"&type=track":        "1.0 1.2",
		"&event=A":           "1.0 1.1",
		"&user=u2":           "1.1 1.2",
		"&user=u2&type=page": "1.1",
		"&text=not%20JSON":   "2.0",
		"&text=u2":           "1.1 1.2",
		"&channel=client":    "1.0",
		"&channel=server":    "1.1",
		"&channel=mobile":    "1.2",
		"&rejected=true":     "2.0",
		"&last=2":            "1.2 2.0",
		"&last=1&type=track": "1.2",
		"&last=1&user=u1":    "1.0",
		"&last=9":            "1.0 1.1 1.2 2.0",
	} {
		_, body := r.do(t, http.MethodGet, "/api/tail?from=start&follow=false"+query, "")
		var got []string
		for line := range strings.Lines(body) {
			if at, ok := strings.CutPrefix(line, "id: "); ok {
				got = append(got, strings.TrimSpace(at))
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", query, got, want)
		}
	}
}

func TestTailOfWhatIsThere(t *testing.T) {
	r := newRig(t)
	r.do(t, http.MethodPut, "/api/workspace", file)
	id := r.store.Snapshot().SourceBySlug("website").ID
	r.append(t, "events.default."+id, record.KindEvents, `{"type":"track","channel":"client","receivedAt":"AT","event":"<A>","context":{"library":{"name":"analytics.js"}},"x":[1.0,"\ud800\u003c&"]}`)
	r.append(t, "rejected.default._", record.KindRejected, `{"at":1,"method":"POST","path":"/v1/track","code":"INVALID_JSON","message":"not JSON"}`)
	r.append(t, "fences.default."+id, record.KindFence, `{"mapping":"m"}`)
	r.append(t, "rejected.default."+id, record.KindRejected, `{"at":2,"method":"POST","path":"/v1/track","source":"`+id+`","code":"NO_ID","message":"no id"}`)
	_, all := r.do(t, http.MethodGet, "/api/tail?from=start&follow=false", "")
	want := `event: event
id: 1.0
data: {"position":"1.0","receivedAt":"AT","source":"website","origin":{"channel":"client","library":"analytics.js","call":"analytics.track(\"<A>\")"},"event":{"type":"track","channel":"client","receivedAt":"AT","event":"<A>","context":{"library":{"name":"analytics.js"}},"x":[1.0,"\ud800\u003c&"]}}

event: rejected
id: 2.0
data: {"position":"2.0","receivedAt":"1970-01-01T00:00:00.001Z","rejected":{"at":1,"method":"POST","path":"/v1/track","code":"INVALID_JSON","message":"not JSON"}}

event: rejected
id: 4.0
data: {"position":"4.0","receivedAt":"1970-01-01T00:00:00.002Z","source":"website","rejected":{"at":2,"method":"POST","path":"/v1/track","source":"website","code":"NO_ID","message":"no id"}}`
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("tail (-want +got):\n%s", diff)
	}
	_, one := r.do(t, http.MethodGet, "/api/tail?from=2&follow=false&source=website", "")
	if got := strings.Count(one, "event: "); got != 1 || !strings.Contains(one, "id: 4.0") {
		t.Errorf("tail of a source from 2:\n%s", one)
	}
	_, raw := r.do(t, http.MethodGet, "/api/tail?from=start&follow=false&form=raw", "")
	if want := `"event":{"type":"track","event":"<A>","context":{"library":{"name":"analytics.js"}},"x":[1.0,"\ud800\u003c&"]}}`; !strings.Contains(raw, want) {
		t.Errorf("raw:\n%s, want %s", raw, want)
	}
	for from, want := range map[string]int{"2.0": 2, "2.1": 1, "4.0": 1, "4": 1, "9.9": 0} { // a position is where to begin; Last-Event-ID is what was had
		if _, some := r.do(t, http.MethodGet, "/api/tail?follow=false&from="+from, ""); strings.Count(some, "event: ") != want {
			t.Errorf("from %s: %s, want %d messages", from, some, want)
		}
	}
	_, rest := r.send(t, http.MethodGet, "/api/tail?from=start&follow=false", "", map[string]string{"Authorization": "Bearer " + token, "Last-Event-ID": "2.0"})
	if got := strings.Count(rest, "event: "); got != 1 || !strings.Contains(rest, "id: 4.0") {
		t.Errorf("tail after 2.0:\n%s", rest)
	}
}

func TestTailIsLive(t *testing.T) {
	r := newRig(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.Server.URL+"/api/tail", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := r.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	end, err := strconv.ParseUint(res.Header.Get("Penstock-Log-End"), 10, 64)
	if err != nil {
		t.Errorf("the end of the log: %v", err)
	}
	lines := bufio.NewScanner(res.Body)
	for i, event := range []string{`{"n":1}`, `{"n":2}`} {
		r.append(t, "events.default.other", record.KindEvents, event)
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
			if id, ok := strings.CutPrefix(lines.Text(), "id: "); ok && id != fmt.Sprintf("%d.0", end+uint64(i)+1) {
				t.Errorf("message %d is at %s, and the log ended at %d", i, id, end)
			}
		}
		if !strings.Contains(lines.Text(), event) {
			t.Errorf("message %d: %q (%v), want %s", i, lines.Text(), lines.Err(), event)
		}
	}
}

func TestErasures(t *testing.T) {
	r := newRig(t)
	if status, body := r.do(t, "PUT", "/api/workspace", `{"apps":[{"slug":"acme","name":"Acme","key":"00000000000000000000000000000001"},{"slug":"other","name":"Other","key":"00000000000000000000000000000002"}],
		"sources":[{"slug":"web","name":"Web","type":"server","writeKeys":["wk_website_1"]}]}`); status != 200 {
		t.Fatal(body)
	}
	const done = `{"data":{"id":"e1","app":"acme","sources":["web"],"state":"running","persons":2,"lines":0,"frames":0,"begun":"1970-01-01T00:00:00Z"}}`
	for _, c := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"POST", "/api/apps/acme/erasures", `{"visitors":["ann"],"accounts":["big"],"sources":["web"]}`, 200, done},
		{"GET", "/api/apps/acme/erasures/e1", "", 200, done},
		{"GET", "/api/apps/acme/erasures", "", 200, `{"data":[` + strings.TrimSuffix(strings.TrimPrefix(done, `{"data":`), "}") + `]}`},
		{"GET", "/api/apps/other/erasures", "", 200, `{"data":[]}`},
		{"GET", "/api/apps/other/erasures/e1", "", 404, ""},
		{"GET", "/api/apps/acme/erasures/e2", "", 404, ""},
		{"POST", "/api/apps/none/erasures", `{"visitors":["ann"]}`, 404, ""},
		{"POST", "/api/apps/acme/erasures", `{"visitors":["ann"],"sources":["none"]}`, 404, ""},
		{"POST", "/api/apps/acme/erasures", `{}`, 422, ""},
		{"POST", "/api/apps/acme/erasures", `{"visitors":[` + strings.Repeat(`"a",`, 500) + `"a"]}`, 422, ""},
	} {
		status, body := r.do(t, c.method, c.path, c.body)
		if status != c.status || c.answer != "" && strings.TrimSpace(body) != c.answer {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.body, status, body)
		}
	}
}

func TestKeeping(t *testing.T) {
	r := newRig(t)
	want := `{"data":{"sources":[{"source":"web","bytes":7,"removed":0,"backlog":{"seconds":0,"bytes":0,"share":0,"state":"fine"}}],"alarms":["the log has lost its end"]}}`
	if status, body := r.do(t, "GET", "/api/log", ""); status != 200 || strings.TrimSpace(body) != want {
		t.Errorf("%d %s", status, body)
	}
}

// A tail from the start begins with what is no longer kept.
func TestTailTellsWhatWasRemoved(t *testing.T) {
	r := newRig(t)
	for i := range 3 {
		r.append(t, "events.default.other", record.KindEvents, fmt.Sprintf(`{"n":%d}`, i))
	}
	if _, err := r.log.Shorten(t.Context(), eventlog.Events, "events.default.other", 3); err != nil {
		t.Fatal(err)
	}
	_, body := r.do(t, "GET", "/api/tail?from=start&follow=false", "")
	if !strings.Contains(body, `event: removed`) || !strings.Contains(body, `{"position":"3.0","source":"other","removed":2}`) || !strings.Contains(body, `{"n":2}`) {
		t.Errorf("tail: %s", body)
	}
}

func TestTailsAreBounded(t *testing.T) {
	a := &api{tails: make(chan struct{}, 1)}
	a.Parts.Log = newRig(t).log
	a.tails <- struct{}{}
	if _, err := a.tail(t.Context(), &tailInput{From: "now"}); err == nil || !strings.Contains(err.Error(), "as many as may") {
		t.Errorf("one tail too many: %v, want that it is refused", err)
	}
}
