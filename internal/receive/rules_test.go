package receive_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/pendowire"
	"penstock/internal/workspace"
)

// sent is a request as a test writes it.
type sent struct {
	method, path, body string
	host               string
	header             map[string]string
}

func (s sent) to(t *testing.T, h http.Handler) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), s.method, s.path, strings.NewReader(s.body))
	r.RemoteAddr = "203.0.113.7:55555"
	if s.host != "" {
		r.Host = s.host
	}
	for name, value := range s.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// came is what a line of the log comes to: its calls, in short.
func came(t *testing.T, line string) []string {
	t.Helper()
	r, ok := pendowire.ReadLine([]byte(line))
	if !ok {
		t.Fatalf("stored: %s", line)
	}
	all := []string{}
	for c := range pendowire.Decode(&r) {
		text := strings.TrimSpace(strings.Join([]string{c.Type, c.Event, c.Visitor, "@" + c.Account}, " "))
		for _, v := range c.Verdicts {
			text += " !" + string(v)
		}
		all = append(all, text)
	}
	return all
}

const (
	segmentio = "/data/segmentio/" + key
	now       = `"2000-01-01T00:00:00Z"` // where the fake clock begins
)

// What is received, how it is answered, what is stored, and what is said of it: each row of what Pendo is known, or assumed, to do.
func TestRules(t *testing.T) {
	body := func(more string) string { return `{"type":"track","event":"e","userId":"u","groupId":"g"` + more + `}` }
	secret := map[string]string{"X-Pendo-Integration-Key": sharedSecret}
	big := `,"properties":{"a":"` + strings.Repeat("x", 600) + `"}`
	for name, c := range map[string]struct {
		app    func(*workspace.App)
		send   sent
		status int    // default 200
		code   string // of a refusal
		calls  []string
		stored string // default "received.ws1.app1"; "-" for nothing
	}{
		"plain":                     {send: sent{body: body("")}, calls: []string{"track e u @g"}},
		"groups differ":             {send: sent{body: body(`,"properties":{"groupId":"h"}`)}, calls: []string{"track e u @g !group_conflict"}},
		"group in properties":       {send: sent{body: `{"type":"track","event":"e","userId":"u","properties":{"groupId":"g"}}`}, calls: []string{"track e u @g"}},
		"group in context":          {send: sent{body: `{"type":"track","event":"e","userId":"u","context":{"groupId":"g"}}`}, calls: []string{"track e u @ !context_group_ignored"}},
		"no account":                {send: sent{body: `{"type":"track","event":"e","userId":"u"}`}, calls: []string{"track e u @ !no_account"}},
		"no visitor":                {send: sent{body: `{"type":"track","event":"e","anonymousId":"a","groupId":"g"}`}, calls: []string{"track e  @g !no_visitor"}},
		"anonymous visitors":        {app: func(a *workspace.App) { a.AnonymousVisitors = true }, send: sent{body: `{"type":"track","event":"e","anonymousId":"a","groupId":"g"}`}, calls: []string{"track e _PENDO_T_a @g"}},
		"a number":                  {send: sent{body: `{"type":"track","event":"e","userId":42.0,"groupId":"g"}`}, calls: []string{"track e 42 @g !numeric_id"}},
		"a placeholder":             {send: sent{body: `{"type":"track","event":"e","userId":"VISITOR-UNIQUE-ID","groupId":"g"}`}, calls: []string{"track e VISITOR-UNIQUE-ID @g !placeholder_id"}},
		"identify":                  {send: sent{body: `{"type":"identify","userId":"u","traits":{"a":1},"context":{"groupId":"g"}}`}, calls: []string{"identify  u @"}},
		"identify links an account": {app: func(a *workspace.App) { a.AccountFromContext = true }, send: sent{body: `{"type":"identify","userId":"u","context":{"groupId":"g"}}`}, calls: []string{"identify  u @g"}},
		"identify is off":           {app: func(a *workspace.App) { a.IgnoreIdentify = true }, send: sent{body: `{"type":"identify","userId":"u"}`}, calls: []string{"identify  u @ !switched_off"}},
		"group":                     {send: sent{body: `{"type":"group","userId":"u","groupId":"g","traits":{"a":1}}`}, calls: []string{"group  u @g"}},
		"group is off":              {app: func(a *workspace.App) { a.IgnoreGroup = true }, send: sent{body: `{"type":"group","userId":"u","groupId":"g"}`}, calls: []string{"group  u @g !switched_off"}},
		"page":                      {send: sent{body: `{"type":"page","userId":"u","name":"Home"}`}, calls: []string{"page  u @ !ignored_type"}},
		"no type":                   {send: sent{body: `{}`}, calls: []string{"@ !ignored_type"}},
		"no event name":             {send: sent{body: `{"type":"track","userId":"u","groupId":"g"}`}, calls: []string{"track  u @g !no_event_name"}},
		"array":                     {send: sent{body: "[" + body("") + "," + body("") + "]"}, calls: []string{"track e u @g !batched", "track e u @g !batched"}},
		"batch":                     {send: sent{body: `{"batch":[` + body("") + `]}`}, calls: []string{"track e u @g !batched"}},
		"unknown key":               {send: sent{path: "/data/segmentio/0000000000000000000000000000000f", body: body("")}, status: 404, code: "unknown_key", stored: "received.ws1._", calls: []string{"track e u @g"}},
		"old key":                   {send: sent{path: "/data/segmentio/" + oldKey, body: body("")}, calls: []string{"track e u @g !old_key"}},
		"another region":            {app: func(a *workspace.App) { a.Region = workspace.RegionEU }, send: sent{host: "data.pendo.io", body: body("")}, status: 404, code: "wrong_region", stored: "received.ws1._", calls: []string{"track e u @g !wrong_region"}},
		"its region":                {app: func(a *workspace.App) { a.Region = workspace.RegionJP }, send: sent{host: "data.jpnpendo.io:443", body: body("")}, calls: []string{"track e u @g"}},
		"a host of no region":       {app: func(a *workspace.App) { a.Region = workspace.RegionEU }, send: sent{host: "localhost:8080", body: body("")}, calls: []string{"track e u @g"}},
		"too large":                 {send: sent{body: `{"a":"` + strings.Repeat("x", 512<<10) + `"}`}, status: 413, code: "too_large", stored: "-"},
		"not JSON":                  {send: sent{body: `{`}, status: 400, code: "invalid_json", stored: "-"},
		"not UTF-8":                 {send: sent{body: "\"\xff\""}, status: 400, code: "invalid_json", stored: "-"},
		"old":                       {send: sent{body: body(`,"timestamp":"1999-12-31T23:50:00Z"`)}, calls: []string{"track e u @g !deferred"}},
		"too old":                   {send: sent{body: body(`,"timestamp":"1999-12-01T00:00:00Z"`)}, calls: []string{"track e u @g !too_old"}},
		"in the future":             {send: sent{body: body(`,"timestamp":"2000-01-01T00:06:00Z"`)}, calls: []string{"track e u @g !in_future"}},
		"no time at all":            {send: sent{body: body(`,"timestamp":"1970-01-01T00:00:00Z"`)}, calls: []string{"track e u @g !bad_time"}},
		"seconds":                   {send: sent{body: body(`,"timestamp":"1970-01-11T22:58:04.800Z"`)}, calls: []string{"track e u @g !seconds_as_millis"}},
		"time falls back":           {send: sent{body: body(`,"timestamp":"x","originalTimestamp":` + now)}, calls: []string{"track e u @g !bad_time"}},
		"large properties":          {send: sent{body: body(big)}, calls: []string{"track e u @g !properties_too_large"}},
		"bad key":                   {send: sent{body: body(`,"properties":{"a b":1}`)}, calls: []string{"track e u @g !bad_property_key"}},
		"strict and good":           {send: sent{path: segmentio + "?strict=1", body: body("")}, calls: []string{"track e u @g"}},
		"strict":                    {send: sent{path: segmentio + "?strict=1", body: body(big)}, status: 400, code: "strict", stored: "-"},
		"GET":                       {send: sent{method: http.MethodGet}, status: 405, code: "method_not_allowed", stored: "-"},
		"somewhere else":            {send: sent{path: "/data/nowhere", body: body("")}, status: 404, code: "not_found", stored: "-"},
		"no key":                    {send: sent{path: "/data/segmentio", body: body("")}, status: 404, code: "not_found", stored: "-"},

		"track":                {send: sent{path: "/data/track", header: secret, body: `{"type":"track","event":"e","visitorId":"u","accountId":"g","timestamp":946684800000}`}, calls: []string{"track e u @g"}},
		"track, other header":  {send: sent{path: "/data/track", header: map[string]string{"x-pendo-track-event-secret": sharedSecret}, body: `{"type":"track","event":"e","visitorId":"u","accountId":"g","timestamp":946684800000}`}, calls: []string{"track e u @g"}},
		"track, seconds":       {send: sent{path: "/data/track", header: secret, body: `{"type":"track","event":"e","visitorId":"u","accountId":"g","timestamp":946684800}`}, calls: []string{"track e u @g !seconds_as_millis"}},
		"track, text":          {send: sent{path: "/data/track", header: secret, body: `{"type":"track","event":"e","visitorId":"u","accountId":"g","timestamp":` + now + `}`}, calls: []string{"track e u @g !time_is_text"}},
		"track, from a page":   {send: sent{path: "/data/track", header: map[string]string{"X-Pendo-Integration-Key": sharedSecret, "Origin": "https://acme.example"}, body: `{"type":"track","event":"e","visitorId":"u","accountId":"g","timestamp":946684800000}`}, calls: []string{"track e u @g !browser_secret"}},
		"track, no secret":     {send: sent{path: "/data/track", body: `{}`}, status: 403, code: "unknown_secret", stored: "received.ws1._", calls: []string{"@ !ignored_type"}},
		"track, wrong secret":  {send: sent{path: "/data/track", header: map[string]string{"X-Pendo-Integration-Key": "x"}, body: `{}`}, status: 403, code: "unknown_secret", stored: "received.ws1._", calls: []string{"@ !ignored_type"}},
		"track, other region":  {app: func(a *workspace.App) { a.Region = workspace.RegionEU }, send: sent{path: "/data/track", host: "app.pendo.io", header: secret, body: `{"type":"track","event":"e","visitorId":"u","accountId":"g","timestamp":946684800000}`}, status: 404, code: "wrong_region", stored: "received.ws1._", calls: []string{"track e u @g !wrong_region"}},
		"track, not a track":   {send: sent{path: "/data/track", header: secret, body: `{"type":"identify","visitorId":"u"}`}, calls: []string{"identify  u @ !ignored_type"}},
		"track, strict":        {send: sent{path: "/data/track?strict=1", header: secret, body: `{}`}, status: 400, code: "strict", stored: "-"},
		"agent":                {send: sent{path: "/data/ptm.gif/" + key, body: agentBody}, calls: []string{"track e u @g", "meta  u @g"}},
		"agent, unknown key":   {send: sent{path: "/data/ptm.gif/x", body: agentBody}, status: 404, code: "unknown_key", stored: "received.ws1._", calls: []string{"track e u @g", "meta  u @g"}},
		"agent, unreadable":    {send: sent{path: "/data/ptm.gif/" + key, body: `{"events":"?"}`}, calls: []string{"@ !unreadable"}},
		"agent, strict":        {send: sent{path: "/data/ptm.gif/" + key + "?strict=1", body: `{"events":"?"}`}, status: 400, code: "strict", stored: "-"},
		"agent, not an object": {send: sent{path: "/data/ptm.gif/" + key, body: `x`}, status: 400, code: "invalid_json", stored: "-"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log, a := &memory{}, acme()
				if c.app != nil {
					c.app(&a.app)
				}
				_, h := serveApps(log, a)
				c.send.method, c.send.path = defaulted(c.send.method, http.MethodPost), defaulted(c.send.path, segmentio)
				w := c.send.to(t, h)
				var answer struct{ Status, Code, Message string }
				if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
					t.Fatalf("answered %d %s", w.Code, w.Body)
				}
				if c.status == 0 && (w.Code != http.StatusOK || w.Body.String() != `{"status":"ok"}`) {
					t.Errorf("answered %d %s", w.Code, w.Body)
				}
				if c.status != 0 && (w.Code != c.status || answer.Code != c.code || answer.Message == "") {
					t.Errorf("answered %d %s, want %d, %s", w.Code, w.Body, c.status, c.code)
				}
				if c.stored == "-" {
					if len(log.lines) > 0 {
						t.Errorf("stored %v", log.lines)
					}
					return
				}
				if diff := cmp.Diff([]string{defaulted(c.stored, "received.ws1.app1")}, log.subjects); diff != "" {
					t.Fatal(diff)
				}
				if diff := cmp.Diff(c.calls, came(t, log.lines[0])); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func defaulted(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func TestStrictSaysWhatIsWrong(t *testing.T) {
	_, h := serve(&memory{})
	w := sent{method: "POST", path: segmentio + "?strict=1", body: `[{"type":"track","event":"e","userId":"u","groupId":"g"},{"type":"page"}]`}.to(t, h)
	var answer struct {
		Verdicts []struct {
			Element             int
			Code, Message, Mend string
			Docs                string
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, v := range answer.Verdicts {
		got = append(got, fmt.Sprint(v.Element, " ", v.Code))
		if v.Message == "" || v.Mend == "" || v.Docs != "docs/reference/verdicts.md#"+v.Code {
			t.Errorf("%+v", v)
		}
	}
	if diff := cmp.Diff([]string{"0 batched", "1 ignored_type", "1 batched"}, got); diff != "" || w.Code != http.StatusBadRequest {
		t.Error(w.Code, diff)
	}
}

func TestSecretsAreNotStoredNorShown(t *testing.T) {
	const wrong = "a-secret-that-nobody-has.us"
	log := &memory{}
	handler, h := serve(log)
	answers := ""
	for _, secret := range []string{wrong, sharedSecret, key, "short-one"} {
		answers += sent{method: "POST", path: "/data/track", body: `{}`, header: map[string]string{"X-Pendo-Integration-Key": secret}}.to(t, h).Body.String()
	}
	shown := fmt.Sprint(handler.UnknownKeys(), log.lines, answers)
	for _, secret := range []string{wrong, sharedSecret, "short-one"} {
		if strings.Contains(shown, secret) {
			t.Errorf("%q is shown: %s", secret, shown)
		}
	}
	for _, want := range []string{"a-se...", "integration key", "API key of an app", "secret of 9 characters"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not there: %s", want, shown)
		}
	}
}

func TestPreflights(t *testing.T) {
	_, h := serve(&memory{})
	for _, path := range []string{segmentio, "/data/track", "/data/ptm.gif/" + key, "/data/guide.json/" + key, "/data/errorlog"} {
		w := sent{method: "OPTIONS", path: path}.to(t, h)
		if w.Code != http.StatusNoContent || w.Header().Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(w.Header().Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
}

func TestRegionOfAHost(t *testing.T) {
	for host, region := range map[string]string{
		"data.pendo.io": "us", "app.pendo.io:443": "us", "us1.data.pendo.io": "us1", "data.eu.pendo.io": "eu", "DATA.JPN.PENDO.IO.": "jp", "data.au.pendo.io": "au",
		"eu.collect.acme.example": "eu", "jp.acme.example": "jp",
	} {
		for _, label := range []workspace.Region{"us", "us1", "eu", "jp", "au"} {
			log, a := &memory{}, acme()
			a.app.Region = label
			_, h := serveApps(log, a)
			w := sent{method: "POST", path: segmentio, body: `{}`, host: host}.to(t, h)
			if taken := w.Code == http.StatusOK; taken != (string(label) == region) {
				t.Errorf("an app of %s, sent to %s: %d", label, host, w.Code)
			}
			if w.Code != http.StatusOK && !strings.Contains(w.Body.String(), label.DataHost()) {
				t.Errorf("the answer does not name %s: %s", label.DataHost(), w.Body)
			}
		}
	}
}
