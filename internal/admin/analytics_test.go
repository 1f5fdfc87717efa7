package admin

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/analytics"
	"penstock/internal/eventlog"
	"penstock/internal/pendowire"
	"penstock/internal/record"
)

// answers answers everything with one row, keeps what it was asked, and fails with err.
type answers struct {
	asked   string
	err     error
	changed chan struct{}
	calls   []analytics.Received
}

func at() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }

func (f *answers) ask(args ...any) { f.asked = fmt.Sprint(args...) }

func span(r analytics.Range) string {
	return "[" + r.From.Format(time.RFC3339) + " " + r.To.Format(time.RFC3339) + "]"
}

func (f *answers) TrackEvents(_ context.Context, app string, r analytics.Range, p analytics.Page) (analytics.List[analytics.TrackEvent], error) {
	f.ask("track events ", len(app) > 0, span(r), p)
	return analytics.List[analytics.TrackEvent]{Next: "50", Total: 70, Rows: []analytics.TrackEvent{{
		Name: "=Signed Up", Events: 2, FirstSeen: at(), Series: []int64{1, 2}, Verdicts: map[string]int64{"no_account": 1},
	}}}, f.err
}

func (f *answers) TrackEvent(_ context.Context, _, name string, r analytics.Range, i analytics.Interval) (*analytics.TrackEventDetail, error) {
	f.ask("track event ", name, span(r), i)
	if name == "none" {
		return nil, f.err
	}
	return &analytics.TrackEventDetail{Name: name}, f.err
}

func (f *answers) Properties(_ context.Context, _, name string, r analytics.Range) ([]analytics.Property, error) {
	f.ask("properties ", name, span(r))
	return []analytics.Property{{Key: "plan"}}, f.err
}

func (f *answers) Breakdown(_ context.Context, _, name, property string, top analytics.Top) ([]analytics.PropertyValue, error) {
	f.ask("breakdown ", name, " ", property, " ", top.Limit)
	return []analytics.PropertyValue{{Value: analytics.Value(`"pro"`)}}, f.err
}

func (f *answers) TopVisitors(_ context.Context, _, name string, _ analytics.Range, limit int) ([]analytics.TopVisitor, error) {
	f.ask("top visitors ", name, " ", limit)
	return []analytics.TopVisitor{{ID: "u"}}, f.err
}

func (f *answers) TopAccounts(_ context.Context, _, name string, _ analytics.Range, limit int) ([]analytics.TopAccount, error) {
	f.ask("top accounts ", name, " ", limit)
	return []analytics.TopAccount{{ID: "g"}}, f.err
}

func (f *answers) Explore(_ context.Context, _ string, q analytics.Exploration) (analytics.Explored, error) {
	f.ask("explore ", q.Events, q.Measure, q.GroupBy, q.Filters, q.Interval, q.Limit)
	if q.GroupBy == "bad" {
		return analytics.Explored{}, analytics.ErrField
	}
	return analytics.Explored{Groups: []analytics.ExploredGroup{{Group: "pro", Total: 3, Series: []analytics.ExploredPoint{{At: at(), Value: 1.5}}}}}, f.err
}

func (f *answers) Visitors(_ context.Context, _ string, v analytics.VisitorFilter, r analytics.Range, p analytics.Page) (analytics.List[analytics.VisitorRow], error) {
	anonymous := "both"
	if v.Anonymous != nil {
		anonymous = fmt.Sprint(*v.Anonymous)
	}
	f.ask("visitors ", v.Account, anonymous, v.Frequency, span(r), p)
	return analytics.List[analytics.VisitorRow]{Rows: []analytics.VisitorRow{{ID: "u", Accounts: []string{"g"}, Flags: analytics.Flags{DoNotProcess: true}}}}, f.err
}

func (f *answers) Visitor(_ context.Context, _, id string) (*analytics.Visitor, error) {
	f.ask("visitor ", id)
	if id != "123" {
		return nil, f.err
	}
	return &analytics.Visitor{VisitorRow: analytics.VisitorRow{ID: id}}, f.err
}

func (f *answers) Accounts(_ context.Context, _ string, r analytics.Range, p analytics.Page) (analytics.List[analytics.AccountRow], error) {
	f.ask("accounts ", span(r), p)
	return analytics.List[analytics.AccountRow]{}, f.err
}

func (f *answers) Account(_ context.Context, _, id string) (*analytics.Account, error) {
	f.ask("account ", id)
	if id != "123" {
		return nil, f.err
	}
	return &analytics.Account{AccountRow: analytics.AccountRow{ID: id}}, f.err
}

func (f *answers) History(_ context.Context, _ string, who analytics.Who, h analytics.HistoryFilter) ([]analytics.HistoryEntry, error) {
	f.ask("history ", who, h.Group, " ", h.Field, h.Limit)
	return []analytics.HistoryEntry{{Field: "plan", Value: analytics.Value("1")}}, f.err
}

func (f *answers) SetFlags(_ context.Context, _ string, who analytics.Who, c analytics.FlagChange) (analytics.Flags, error) {
	f.ask("flags ", who, c.Excluded != nil, c.DoNotProcess != nil && *c.DoNotProcess)
	return analytics.Flags{Excluded: true}, f.err
}

func (f *answers) Exclusions(context.Context, string) ([]analytics.Exclusion, error) {
	f.ask("exclusions")
	return []analytics.Exclusion{{Who: analytics.Who{Kind: analytics.KindVisitor, ID: "u"}}}, f.err
}

func (f *answers) Received(_ context.Context, app string, q analytics.ReceivedFilter, p analytics.Page) (analytics.List[analytics.Received], error) {
	f.ask("received ", app == "_", span(q.Range), q.Type, q.Event, q.Visitor, q.Account, q.Via, q.Key, q.MessageID, q.Verdict, q.Search, p)
	return analytics.List[analytics.Received]{Rows: f.calls}, f.err
}

// ReceivedAfter hands out the calls one by one.
func (f *answers) ReceivedAfter(_ context.Context, _ string, _ analytics.ReceivedFilter, after analytics.Mark, _ int) ([]analytics.Received, analytics.Mark, error) {
	if int(after) >= len(f.calls) {
		return nil, after, f.err
	}
	return f.calls[after : after+1], after + 1, f.err
}

func (f *answers) Newest(context.Context) (analytics.Mark, error) { return 0, f.err }

func (f *answers) MarkOf(_ context.Context, p analytics.Place) (analytics.Mark, error) {
	return analytics.Mark(p.Element), f.err
}

func (f *answers) At(_ context.Context, _ string, p record.Position) ([]analytics.Received, error) {
	f.ask("at ", p)
	return f.calls, f.err
}

func (f *answers) Changed() <-chan struct{} { return f.changed }

func (f *answers) PropertyDictionary(_ context.Context, _, event string, _ analytics.Range, p analytics.Page) (analytics.List[analytics.PropertyEntry], error) {
	f.ask("property dictionary ", event, p)
	return analytics.List[analytics.PropertyEntry]{}, f.err
}

func (f *answers) MetadataDictionary(_ context.Context, _ string, kind analytics.Kind, search string) ([]analytics.MetadataEntry, error) {
	f.ask("metadata dictionary ", kind, " ", search)
	return []analytics.MetadataEntry{}, f.err
}

func (f *answers) Verdicts(_ context.Context, _, event string, r analytics.Range) ([]analytics.VerdictSeries, error) {
	f.ask("verdicts ", event, span(r))
	return []analytics.VerdictSeries{{VerdictText: analytics.Explain(pendowire.NoAccount), Events: 1}}, f.err
}

func (f *answers) Coverage(_ context.Context, _ string, r analytics.Range, p analytics.Page) (analytics.List[analytics.Coverage], error) {
	f.ask("coverage ", span(r), p)
	return analytics.List[analytics.Coverage]{}, f.err
}

func (f *answers) IDShapes(context.Context, string) ([]analytics.IDShape, error) {
	f.ask("id shapes")
	return []analytics.IDShape{}, f.err
}

func TestAnalyticsAreAskedAsTheRequestSays(t *testing.T) {
	r := newRig(t)
	r.do(t, http.MethodPut, "/api/workspace", file)
	const none, day = "[0001-01-01T00:00:00Z 0001-01-01T00:00:00Z]", "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"
	const span = "[2026-01-01T00:00:00Z 2026-01-02T00:00:00Z]"
	for _, c := range []struct{ path, asked, part string }{
		{"/track-events", "track events true" + none + "{  50  0}", `"total":70`},
		{"/track-events?search=a&sort=-name&limit=2&cursor=4&" + day, "track events true" + span + "{a -name 2 4 0}", `"next":"50"`},
		{"/track-events?limit=2&offset=50000", "track events true" + none + "{  2  50000}", `"total":70`},
		{"/track-events/a%2Fb?" + day, "track event a/b" + span + "hour", `"name":"a/b"`},
		{"/track-events/a?from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:01Z", "track event a[2026-01-01T00:00:00Z 2026-02-01T00:00:01Z]day", `"series"`},
		{"/track-events/a/properties?" + day, "properties a" + span, `"key":"plan"`},
		{"/track-events/a/breakdown?property=plan&limit=7", "breakdown a plan 7", `"value":"pro"`},
		{"/track-events/a/visitors", "top visitors a 50", `"id":"u"`},
		{"/track-events/a/accounts", "top accounts a 50", `"id":"g"`},
		{
			"/explore?event=a&event=b&measure=visitors&groupBy=property:plan&filter=via:is:track&filter=event:not:x,y&interval=week&limit=3",
			"explore [a b]visitorsproperty:plan[via:is:track event:not:x,y]week3", `"total":3`,
		},
		{"/visitors?account=g&anonymous=false&frequency=low&search=q&" + day, "visitors gfalselow" + span + "{q  50  0}", `"doNotProcess":true`},
		{"/visitors/123", "visitor 123", `"id":"123"`},
		{"/visitors/123/history?group=agent&field=plan", "history {visitor 123}agent plan50", `"value":1`},
		{"/accounts", "accounts " + none + "{  50  0}", `"data":[]`},
		{"/accounts/123", "account 123", `"id":"123"`},
		{"/accounts/a%2Fb/history", "history {account a/b} 50", `"field":"plan"`},
		{"/exclusions", "exclusions", `"kind":"visitor"`},
		{
			"/received?type=track&event=e&visitor=u&account=g&via=agent&key=k&messageId=m&verdict=duplicate&search=q&limit=1&cursor=2&" + day,
			"received false" + span + "trackeugagentkmduplicateq{  1 2 0}", `"data":[]`,
		},
		{"/dictionary/properties?event=e", "property dictionary e{  50  0}", `"data":[]`},
		{"/dictionary/metadata?kind=account&search=x", "metadata dictionary account x", `"data":[]`},
		{"/quality/verdicts?event=e", "verdicts e" + none, `"code":"no_account"`},
		{"/quality/coverage?sort=share", "coverage " + none + "{ share 50  0}", `"data":[]`},
		{"/quality/ids", "id shapes", `"data":[]`},
	} {
		status, body := r.do(t, http.MethodGet, "/api/apps/acme"+c.path, "")
		if status != http.StatusOK || !strings.Contains(body, c.part) {
			t.Errorf("GET %s: %d %s, want %s in it", c.path, status, body, c.part)
		}
		if diff := cmp.Diff(c.asked, r.fake.answers.asked); diff != "" {
			t.Errorf("GET %s asked (-want +got):\n%s", c.path, diff)
		}
	}
	if r.do(t, http.MethodGet, "/api/apps/_/received", ""); !strings.HasPrefix(r.fake.answers.asked, "received true") {
		t.Errorf("the app _ asked %s", r.fake.answers.asked)
	}
	for path, want := range map[string]int{
		"/track-events/none": 404, "/visitors/u": 404, "/accounts/g": 404, "/received/12.0": 404, "/received/x": 422, "/explore?groupBy=bad": 422,
		"/track-events/a/breakdown": 422, "/track-events/a?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z": 422, "/track-events?limit=1001": 422,
		"/track-events/a?interval=hour&from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z": 422, "/received/stream?color=red": 422, "/visitors?anonymous=maybe": 422,
	} {
		if status, body := r.do(t, http.MethodGet, "/api/apps/acme"+path, ""); status != want {
			t.Errorf("GET %s: %d %s, want %d", path, status, body, want)
		}
	}
	for _, path := range []string{"/track-events", "/visitors/123", "/explore", "/quality/ids", "/exclusions"} {
		if status, body := r.do(t, http.MethodGet, "/api/apps/other"+path, ""); status != http.StatusNotFound {
			t.Errorf("GET %s of an app that is not there: %d %s", path, status, body)
		}
	}
}

func TestFlagsAreSet(t *testing.T) {
	r := newRig(t)
	r.do(t, http.MethodPut, "/api/workspace", file)
	status, body := r.do(t, http.MethodPut, "/api/apps/acme/visitors/a%20b/flags", `{"doNotProcess":true}`)
	if status != http.StatusOK || body != `{"data":{"excluded":true,"doNotProcess":false}}` || r.fake.answers.asked != "flags {visitor a b} false true" {
		t.Errorf("%d %s, asked %s", status, body, r.fake.answers.asked)
	}
	r.fake.answers.err = fmt.Errorf("set flags: %w", analytics.ErrConflict)
	if status, body := r.do(t, http.MethodPut, "/api/apps/acme/accounts/g/flags", `{"excluded":false}`); status != http.StatusConflict {
		t.Errorf("somebody else was faster: %d %s", status, body)
	}
}

func TestTablesAreCSV(t *testing.T) {
	r := newRig(t)
	r.do(t, http.MethodPut, "/api/workspace", file)
	header := map[string]string{"Authorization": "Bearer " + token, "Accept": "text/csv"}
	status, body := r.send(t, http.MethodGet, "/api/apps/acme/track-events?limit=3&cursor=2", "", header)
	want := "name,events,visitors,accounts,firstSeen,lastSeen,withoutAccount,series,verdicts\n" +
		"'=Signed Up,2,0,0,2026-01-02T03:04:05Z,,0,\"[1,2]\",\"{\"\"no_account\"\":1}\""
	if diff := cmp.Diff(want, body); status != http.StatusOK || diff != "" {
		t.Errorf("%d (-want +got):\n%s", status, diff)
	}
	if !strings.HasSuffix(r.fake.answers.asked, "{  100000  0}") {
		t.Errorf("asked %s, want all rows", r.fake.answers.asked)
	}
	if _, same := r.do(t, http.MethodGet, "/api/apps/acme/track-events?format=csv", ""); same != body {
		t.Errorf("format=csv answers %s", same)
	}
	if _, body := r.do(t, http.MethodGet, "/api/apps/acme/explore?format=csv", ""); body != "group,at,value\npro,2026-01-02T03:04:05Z,1.5" {
		t.Errorf("the exploration is %s", body)
	}
	if _, body := r.do(t, http.MethodGet, "/api/apps/acme/visitors?format=csv", ""); !strings.HasPrefix(body, "excluded,doNotProcess,id,") {
		t.Errorf("the visitors are %s", body)
	}
	for _, path := range []string{
		"/accounts", "/exclusions", "/received", "/dictionary/properties", "/dictionary/metadata", "/quality/verdicts", "/quality/coverage", "/quality/ids",
		"/visitors/1/history", "/track-events/a/properties", "/track-events/a/breakdown?property=p", "/track-events/a/visitors", "/track-events/a/accounts",
	} {
		status, body := r.send(t, http.MethodGet, "/api/apps/acme"+path, "", header)
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if status != http.StatusOK || err != nil || len(rows) == 0 || len(rows[0]) < 3 {
			t.Errorf("GET %s as CSV: %d %s", path, status, body)
		}
	}
}

func call(element int) analytics.Received {
	return analytics.Received{Place: analytics.Place{Position: record.Position{Seq: 1}, Element: element}, Type: "track", Verdicts: []analytics.VerdictText{}}
}

// readEvent reads the fields of a server-sent event.
func readEvent(t *testing.T, lines *bufio.Scanner) map[string]string {
	t.Helper()
	event := map[string]string{}
	for lines.Scan() && lines.Text() != "" {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		event[name] = value
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return event
}

func TestReceivedIsFollowed(t *testing.T) {
	for last, want := range map[string][]string{"": {"1.0.1", "1.0.2", "1.0.3"}, "1.0.1": {"1.0.2", "1.0.3"}} {
		t.Run("after "+last, func(t *testing.T) {
			r := newRig(t)
			r.do(t, http.MethodPut, "/api/workspace", file)
			r.fake.answers.calls = []analytics.Received{call(1), call(2), call(3)}
			r.fake.answers.changed = make(chan struct{})
			close(r.fake.answers.changed)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL()+"/api/apps/acme/received/stream?type=track", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+token)
			if last != "" {
				req.Header.Set("Last-Event-ID", last)
			}
			res, err := r.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			lines := bufio.NewScanner(res.Body)
			for _, id := range want {
				event := readEvent(t, lines)
				var got analytics.Received
				if err := json.Unmarshal([]byte(event["data"]), &got); err != nil || event["event"] != "received" || event["id"] != id || got.Place.String() != id {
					t.Errorf("got %v, %v; want %s", event, err, id)
				}
			}
		})
	}
}

func TestReceivedBodyIsShown(t *testing.T) {
	r := newRig(t)
	r.do(t, http.MethodPut, "/api/workspace", file)
	line := `{"at":1,"via":"track","body":{"a": 1}}`
	p, err := r.log.Append(t.Context(), eventlog.Received, "received.default.x", record.KindReceived, []eventlog.Line{{Data: []byte(line)}})
	if err != nil {
		t.Fatal(err)
	}
	r.fake.answers.calls = []analytics.Received{call(0)}
	status, body := r.do(t, http.MethodGet, "/api/apps/acme/received/"+p.String(), "")
	if status != http.StatusOK || !strings.HasPrefix(body, `{"data":{"record":{"at":1,"via":"track","body":{"a":1}},"calls":[{"position":"1.0","element":0,`) {
		t.Errorf("%d %s", status, body)
	}
	if status, body = r.do(t, http.MethodGet, "/api/apps/acme/received/77.0", ""); status != http.StatusOK || !strings.Contains(body, `"record":null`) {
		t.Errorf("a body that is not kept any more: %d %s", status, body)
	}
}

func TestIntegrationKeys(t *testing.T) {
	r := newRig(t)
	r.do(t, http.MethodPut, "/api/workspace", file)
	status, body := r.do(t, http.MethodPost, "/api/integration-keys", `{"description":"Acme","app":"acme","writeAccess":true}`)
	var made struct {
		Data CreatedIntegrationKey `json:"data"`
	}
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != http.StatusOK || !strings.HasSuffix(made.Data.Key, ".us") || made.Data.App != "acme" || !made.Data.WriteAccess {
		t.Fatalf("%d %s, %v", status, body, err)
	}
	if _, body := r.do(t, http.MethodGet, "/api/integration-keys", ""); !strings.Contains(body, made.Data.ID) || strings.Contains(body, made.Data.Key) || strings.Contains(body, "hash") {
		t.Errorf("the list is %s", body)
	}
	for want, request := range map[int][3]string{
		http.StatusNotFound:            {http.MethodPost, "/api/integration-keys", `{"description":"x","app":"other"}`},
		http.StatusUnprocessableEntity: {http.MethodPost, "/api/integration-keys", `{}`},
		http.StatusNoContent:           {http.MethodDelete, "/api/integration-keys/" + made.Data.ID, ""},
	} {
		if status, body := r.do(t, request[0], request[1], request[2]); status != want {
			t.Errorf("%v: %d %s, want %d", request, status, body, want)
		}
	}
	if status, _ := r.do(t, http.MethodDelete, "/api/integration-keys/"+made.Data.ID, ""); status != http.StatusNotFound {
		t.Errorf("a key that is gone is deleted: %d", status)
	}
}
