package pendoapi_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/internal/analytics"
	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/pendoapi"
	"penstock/internal/pendoapi/keys"
	"penstock/internal/record"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The secrets that the fake knows.
const (
	reads  = "reads"  // of app one
	writes = "writes" // to both apps
)

// fake stands for the keys, the log and the analytics.
type fake struct {
	one, two string // ids of apps
	lines    []string
	subjects []string
	waited   uint64
	flags    string
	err      error
}

func (f *fake) Find(secret string) (keys.Key, bool) {
	switch secret {
	case reads:
		return keys.Key{App: f.one}, true
	case writes:
		return keys.Key{WriteAccess: true}, true
	}
	return keys.Key{}, false
}

func (f *fake) Append(_ context.Context, stream eventlog.Stream, subject string, kind record.Kind, lines []eventlog.Line) (record.Position, error) {
	if stream != eventlog.Received || kind != record.KindReceived || len(lines) != 1 {
		return record.Position{}, fmt.Errorf("wrong append: %s, %s, %d lines", stream, kind, len(lines))
	}
	f.subjects, f.lines = append(f.subjects, subject), append(f.lines, string(lines[0].Data))
	return record.Position{Seq: uint64(len(f.lines))}, nil
}

func seen() time.Time { return time.UnixMilli(1_700_000_000_000).UTC() }

func (f *fake) Visitor(_ context.Context, app, id string) (*analytics.Visitor, error) {
	if id != "u/1" && (id != "everywhere" || app == "") {
		return nil, f.err
	}
	v := &analytics.Visitor{Metadata: analytics.Metadata{
		"auto":  {{Field: "firstvisit", Value: analytics.Value("1700000000000")}},
		"agent": {{Field: "plan", Value: analytics.Value(`"pro"`)}},
	}}
	if app == f.two {
		v.Metadata = analytics.Metadata{"custom": {{Field: "seats", Value: analytics.Value("5")}}, "auto": {}}
		v.DoNotProcess = true
	}
	return v, f.err
}

func (f *fake) Account(_ context.Context, _, id string) (*analytics.Account, error) {
	if id != "g" {
		return nil, f.err
	}
	return &analytics.Account{Metadata: analytics.Metadata{"segmentio": {{Field: "tier", Value: analytics.Value(`"gold"`)}}}}, f.err
}

func (f *fake) Received(_ context.Context, _ string, q analytics.ReceivedFilter, _ analytics.Page) (analytics.List[analytics.Received], error) {
	if !q.Counted || q.Visitor != "u/1" || q.Happened.To.Sub(q.Happened.From) != 24*time.Hour {
		return analytics.List[analytics.Received]{}, fmt.Errorf("wrong question: %+v", q)
	}
	return analytics.List[analytics.Received]{Rows: []analytics.Received{
		{Type: "track", Event: "Signed In", At: seen(), Account: "g", Properties: analytics.Value(`{"a":1}`)}, {Type: "load", At: seen(), URL: "https://acme.example/"},
	}}, f.err
}

func (f *fake) TrackEvents(context.Context, string, analytics.Range, analytics.Page) (analytics.List[analytics.TrackEvent], error) {
	return analytics.List[analytics.TrackEvent]{Rows: []analytics.TrackEvent{{Name: "Signed In", FirstSeen: seen()}}}, f.err
}

func (f *fake) PropertyKeys(context.Context, string) (map[string][]string, error) {
	return map[string][]string{"Signed In": {"plan"}}, f.err
}

func (f *fake) MetadataDictionary(context.Context, string, analytics.Kind, string) ([]analytics.MetadataEntry, error) {
	return []analytics.MetadataEntry{{Group: "agent", Field: "plan", Types: map[string]int64{"boolean": 1}}, {Group: "custom", Field: "x", Types: map[string]int64{"number": 1, "string": 2}}}, f.err
}

func (f *fake) Known(_ context.Context, app string, _ analytics.Kind, ids []string) (map[string]bool, error) {
	known := map[string]bool{}
	for _, id := range ids {
		known[id] = id == "everywhere" || id == "u/1" && app == f.one
	}
	return known, f.err
}

func (f *fake) SetFlags(_ context.Context, app string, who analytics.Who, c analytics.FlagChange) (analytics.Flags, error) {
	f.flags += fmt.Sprint(app == f.one, who, *c.DoNotProcess, c.Excluded == nil, ";")
	return analytics.Flags{}, f.err
}

func (f *fake) Reached(_ context.Context, seq uint64) error {
	f.waited = seq
	return f.err
}

// rig is the API over a workspace with two apps.
func rig(t *testing.T) (*fake, http.Handler) {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	log, err := eventlog.New(t.Context(), memlog.New(), eventlog.DefaultConfig(), logger)
	if err != nil {
		t.Fatal(err)
	}
	none := workspace.CatalogFunc(func(string) (destination.Destination, bool) { return nil, false })
	store := workspace.Open(memkv.New(), none, workspace.NewFencer(log), logger)
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // outlives t.Context, which ends before the cleanups
	done := make(chan error, 2)
	go func() { done <- log.Run(ctx) }()
	go func() { done <- store.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Error(err)
		}
	})
	<-store.Ready()
	file, err := workspace.Parse([]byte("apps:\n  - {slug: one, name: One, key: 00000000000000000000000000000001}\n  - {slug: two, name: Two, key: 00000000000000000000000000000002}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Apply(t.Context(), file, workspace.ApplyOptions{}); err != nil {
		t.Fatal(err)
	}
	f := &fake{one: store.Snapshot().AppBySlug("one").ID, two: store.Snapshot().AppBySlug("two").ID}
	return f, pendoapi.New(pendoapi.Parts{Snapshot: store.Snapshot, Keys: f, Analytics: f, Log: f, Logger: logger})
}

//nolint:revive // what a request is made of
func ask(t *testing.T, h http.Handler, method, path, key, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("X-Pendo-Integration-Key", key)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Body.Len() > 0 && w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s %s answers %s", method, path, w.Header().Get("Content-Type"))
	}
	return w.Code, w.Body.String()
}

// parsed is JSON, for which the order of members does not matter.
func parsed(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestWithoutAGoodKeyThereIsNothing(t *testing.T) {
	_, h := rig(t)
	for _, c := range [][3]string{
		{http.MethodGet, "/api/v1/token/verify", ""},
		{http.MethodGet, "/api/v1/token/verify", "wrong"},
		{http.MethodGet, "/api/v1/nowhere", ""},
		{http.MethodPost, "/api/v1/metadata/visitor/custom/value", reads},
		{http.MethodPut, "/api/v1/metadata/visitor/pendo/value/u/donotprocess", reads},
	} {
		if status, body := ask(t, h, c[0], c[1], c[2], "[]"); status != http.StatusForbidden || body != "" {
			t.Errorf("%v: %d %q, want 403 with nothing in it", c, status, body)
		}
	}
}

func TestAnswers(t *testing.T) {
	f, h := rig(t)
	id := base64.RawURLEncoding.EncodeToString([]byte("u/1"))
	for _, c := range []struct{ path, key, want string }{
		{"/api/v1/token/verify", reads, `{"valid":true,"writeAccess":false}`},
		{"/api/v1/token/verify", writes, `{"valid":true,"writeAccess":true}`},
		{"/api/v1/visitor/u%2F1", reads, `{"id":"u/1","metadata":{"agent":{"plan":"pro"},"auto":{"firstvisit":1700000000000},"auto__ONE":{"firstvisit":1700000000000}}}`},
		{
			"/api/v1/visitor/everywhere", writes,
			`{"id":"everywhere","metadata":{"agent":{"plan":"pro"},"auto":{"firstvisit":1700000000000},"auto__ONE":{"firstvisit":1700000000000},"auto__TWO":{},"custom":{"seats":5},"pendo":{"donotprocess":true}}}`,
		},
		{"/api/v1/account/g", reads, `{"id":"g","metadata":{"segmentio":{"tier":"gold"}}}`},
		{
			"/api/v1/visitor/u%2F1/history?starttime=1700000000000", reads,
			`[{"type":"track","ts":1700000000000,"lastTs":1700000000000,"duration":0,"appId":"ONE","accountId":"g","trackTypeId":"TYPE","name":"Signed In","properties":{"a":1}},` +
				`{"type":"load","ts":1700000000000,"lastTs":1700000000000,"duration":0,"appId":"ONE","uri":"https://acme.example/"}]`,
		},
		{"/api/v1/metadata/visitor/agent/value/u%2F1/Plan", reads, `"pro"`},
		{"/api/v1/metadata/account/segmentio/value/g/tier", reads, `"gold"`},
	} {
		status, body := ask(t, h, http.MethodGet, c.path, c.key, "")
		_, rest, _ := strings.Cut(body, `"trackTypeId":"`)
		typ, _, _ := strings.Cut(rest, `"`)
		want := strings.NewReplacer("ONE", f.one, "TWO", f.two, "TYPE", typ).Replace(c.want)
		if diff := cmp.Diff(parsed(t, want), parsed(t, body)); status != http.StatusOK || diff != "" {
			t.Errorf("GET %s: %d (-want +got):\n%s", c.path, status, diff)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/visitor/"+id, http.NoBody)
	r.Header.Set("X-Pendo-Integration-Key", reads)
	r.Header.Set("X-Pendo-Base64-Encoded-Params", "true")
	w := httptest.NewRecorder()
	if h.ServeHTTP(w, r); w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), `{"id":"u/1"`) {
		t.Errorf("with an id in base64: %d %s", w.Code, w.Body)
	}
	for path, want := range map[string]int{
		"/api/v1/visitor/nobody": 404, "/api/v1/account/nobody": 404, "/api/v1/visitor/u%2F1/history?starttime=x": 400, "/api/v1/tracktype?id=none": 404,
		"/api/v1/tracktype?appId=one&expand=*": 400, "/api/v1/metadata/schema/page": 404, "/api/v1/metadata/visitor/agent/value/u%2F1/none": 404, "/api/v1/aggregation": 404,
	} {
		if status, body := ask(t, h, http.MethodGet, path, reads, ""); status != want || !strings.HasPrefix(body, `{"message":"`) {
			t.Errorf("GET %s: %d %s, want %d", path, status, body, want)
		}
	}
	f.err = errors.New("the disk is on fire")
	if status, body := ask(t, h, http.MethodGet, "/api/v1/visitor/u%2F1", reads, ""); status != http.StatusInternalServerError || strings.Contains(body, "fire") {
		t.Errorf("a fault: %d %s", status, body)
	}
}

func TestTrackTypesAndSchema(t *testing.T) {
	f, h := rig(t)
	var types []struct {
		ID, AppID, Name       string
		CreatedAt             int64
		TrackTypeRules        []string
		EventPropertyNameList []string
	}
	_, body := ask(t, h, http.MethodGet, "/api/v1/tracktype?expand=*", writes, "")
	if err := json.Unmarshal([]byte(body), &types); err != nil || len(types) != 2 || types[0].ID == types[1].ID {
		t.Fatalf("got %s, %v", body, err)
	}
	if one := types[0]; one.AppID != f.one || one.Name != "Signed In" || one.CreatedAt != seen().UnixMilli() || one.TrackTypeRules[0] != "Signed In" || one.EventPropertyNameList[0] != "plan" {
		t.Errorf("got %+v", one)
	}
	if _, body := ask(t, h, http.MethodGet, "/api/v1/tracktype?appId="+f.two, writes, ""); strings.Count(body, `"kind":"TrackType"`) != 1 {
		t.Errorf("of one app: %s", body)
	}
	if _, body := ask(t, h, http.MethodGet, "/api/v1/tracktype?id="+types[1].ID, writes, ""); !strings.HasPrefix(body, `{"id":"`+types[1].ID) {
		t.Errorf("one: %s", body)
	}
	var schema map[string]map[string]struct {
		Type         string `json:"Type"` //nolint:tagliatelle // Pendo's own
		IsCalculated bool
	}
	_, body = ask(t, h, http.MethodGet, "/api/v1/metadata/schema/visitor", reads, "")
	if err := json.Unmarshal([]byte(body), &schema); err != nil || schema["agent"]["plan"].Type != "boolean" || schema["custom"]["x"].Type != "string" || !schema["auto"]["lastvisit"].IsCalculated {
		t.Errorf("the schema is %s, %v", body, err)
	}
}

func TestValuesAreWritten(t *testing.T) {
	f, h := rig(t)
	body := `[{"visitorId":"u/1","values":{"Plan":"pro"}},{"visitorId":"everywhere","values":{"seats":5}},{"visitorId":"new","values":{"x":true}},{"visitorId":7,"values":{"x":1}},{"values":{}}]`
	status, answer := ask(t, h, http.MethodPost, "/api/v1/metadata/visitor/custom/value", writes, body)
	if want := `{"total":5,"updated":2,"failed":3,"missing":["new","7"],"errors":["entry 4 has no visitorId, or no values"]}`; status != http.StatusOK || answer != want {
		t.Errorf("%d %s, want %s", status, answer, want)
	}
	if diff := cmp.Diff([]string{"received.default." + f.one, "received.default." + f.two}, f.subjects); diff != "" || f.waited != 2 {
		t.Errorf("waited for %d; subjects: %s", f.waited, diff)
	}
	var line record.Received
	if err := json.Unmarshal([]byte(f.lines[0]), &line); err != nil || line.Via != "api" ||
		string(line.Body) != `[{"metadataGroup":"custom","traits":{"Plan":"pro"},"type":"identify","userId":"u/1"},{"metadataGroup":"custom","traits":{"seats":5},"type":"identify","userId":"everywhere"}]` {
		t.Errorf("the record is %s, %v", f.lines[0], err)
	}
	f.lines, f.subjects = nil, nil
	if _, answer = ask(t, h, http.MethodPatch, "/api/v1/metadata/account/agent/value?create=true", writes, `[{"accountId":"new","values":{"tier":"gold"}}]`); answer != `{"total":1,"updated":1,"failed":0,"missing":[],"errors":[]}` {
		t.Errorf("got %s", answer)
	}
	if len(f.lines) != 1 || !strings.HasSuffix(f.lines[0], `"body":[{"groupId":"new","metadataGroup":"agent","traits":{"tier":"gold"},"type":"group"}]}`) {
		t.Errorf("got %v", f.lines)
	}
	if status, answer = ask(t, h, http.MethodPut, "/api/v1/metadata/visitor/custom/value/everywhere/plan", writes, `"pro"`); status != http.StatusOK || answer != `"pro"` {
		t.Errorf("one value: %d %s", status, answer)
	}
	if status, answer = ask(t, h, http.MethodPut, "/api/v1/metadata/visitor/pendo/value/u/donotprocess", writes, `true`); status != http.StatusOK || answer != `true` ||
		f.flags != "true {visitor u} true true;false {visitor u} true true;" {
		t.Errorf("do not process: %d %s, %s", status, answer, f.flags)
	}
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodPut, "/api/v1/metadata/visitor/custom/value/nobody/plan", `1`, 404},
		{http.MethodPut, "/api/v1/metadata/visitor/auto/value/u/plan", `1`, 400},
		{http.MethodPut, "/api/v1/metadata/visitor/pendo/value/u/donotprocess", `1`, 400},
		{http.MethodPost, "/api/v1/metadata/visitor/custom/value", `{`, 400},
		{http.MethodPost, "/api/v1/metadata/visitor/custom/value", `{}`, 400},
		{http.MethodPost, "/api/v1/metadata/page/custom/value", `[]`, 404},
		{http.MethodPost, "/api/v1/metadata/visitor/custom/value", `[` + strings.Repeat(" ", 5<<20) + `]`, 413},
		{http.MethodPost, "/api/v1/metadata/visitor/custom/value", `[` + strings.Repeat(`{},`, 10_000) + `{}]`, 413},
	} {
		if status, answer := ask(t, h, c.method, c.path, writes, c.body); status != c.want || !strings.HasPrefix(answer, `{"message":"`) {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, status, answer, c.want)
		}
	}
}

// Many values are several records, none of them too large for a frame.
func TestManyValuesAreSeveralRecords(t *testing.T) {
	f, h := rig(t)
	var entries []string
	for i := range 300 {
		entries = append(entries, fmt.Sprintf(`{"accountId":"%d","values":{"text":%q}}`, i, strings.Repeat("x", 5000)))
	}
	if status, answer := ask(t, h, http.MethodPost, "/api/v1/metadata/account/custom/value?create=true", writes, "["+strings.Join(entries, ",")+"]"); status != http.StatusOK {
		t.Fatal(status, answer)
	}
	calls := 0
	for _, line := range f.lines {
		calls += strings.Count(line, `"groupId"`)
		if len(line) > 512<<10 {
			t.Errorf("a record has %d bytes", len(line))
		}
	}
	if len(f.lines) < 4 || calls != 300 || f.waited != uint64(len(f.lines)) {
		t.Errorf("%d calls in %d records, waited for %d", calls, len(f.lines), f.waited)
	}
}
