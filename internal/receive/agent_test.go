package receive_test

import (
	"bytes"
	"errors"
	"fmt"
	"image/gif"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/pendowire"
)

// agentEvents is what the agent sends, and agentBody how it posts it.
const agentEvents = `[{"type":"track","browser_time":946684800000,"visitor_id":"u","account_id":"g","url":"https://acme.example/","props":{},"tabId":"T","frameId":"F","track_event_name":"e","sequence":1},` +
	`{"type":"meta","browser_time":946684800000,"visitor_id":"u","account_id":"g","url":"https://acme.example/","props":{"visitor":{"id":"u"}},"tabId":"T","frameId":"F","sequence":2}]`

var (
	agentJZB  = pendowire.Deflate([]byte(agentEvents))
	agentBody = `{"events":"` + agentJZB + `"}`
)

func TestAgentImage(t *testing.T) {
	log := &memory{}
	_, h := serve(log)
	w := sent{method: "GET", path: "/data/ptm.gif/" + key + "?v=2.291.4_prod&ct=1&type=track&jzb=" + agentJZB}.to(t, h)
	wantImage(t, w, http.StatusOK)
	if calls := came(t, log.lines[0]); len(calls) != 2 || !strings.HasPrefix(calls[0], "track e u @g") || !strings.HasPrefix(calls[1], "meta  u @g") {
		t.Errorf("came to %q", calls)
	}
	if !strings.Contains(log.lines[0], `"body":`+agentBody) {
		t.Errorf("stored %s", log.lines[0])
	}
	for path, status := range map[string]int{
		"/data/ptm.gif/" + key:                            200, // a probe
		"/data/ptm.gif/nokey?jzb=" + agentJZB:             404,
		"/data/ptm.gif/" + key + "?strict=1&jzb=%22":      400,
		"/data/guide.gif/" + key + "?jzb=x":               200,
		"/data/log.gif/" + key + "?msg=it%20went%20wrong": 200,
	} {
		wantImage(t, sent{method: "GET", path: path}.to(t, h), status)
	}
	if len(log.lines) != 2 {
		t.Errorf("stored %v", log.lines)
	}
}

// The agent sends again what is not answered with an image.
func TestAgentSendsAgainWhatWasNotStored(t *testing.T) {
	_, h := serve(&memory{err: errors.New("busy")})
	w := sent{method: "GET", path: "/data/ptm.gif/" + key + "?jzb=" + agentJZB}.to(t, h)
	if _, err := gif.Decode(w.Body); err == nil || w.Code != http.StatusServiceUnavailable {
		t.Errorf("answered %d, with an image: %v", w.Code, err == nil)
	}
}

func wantImage(t *testing.T, w *httptest.ResponseRecorder, status int) {
	t.Helper()
	img, err := gif.Decode(bytes.NewReader(w.Body.Bytes()))
	if w.Code != status || err != nil || img.Bounds().Dx() != 1 || w.Header().Get("Content-Type") != "image/gif" || w.Header().Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("answered %d %v %q, %v; want %d and an image", w.Code, w.Header(), w.Body, err, status)
	}
}

func TestAgentIsOneThing(t *testing.T) {
	ask := func(visitor string) string {
		return pendowire.Deflate([]byte(`{"visitorId":"` + visitor + `","accountId":null}`))
	}
	log := &memory{}
	handler, h := serve(log)
	for _, c := range []struct {
		send   sent
		status int
		say    string
	}{
		{sent{method: "GET", path: "/data/guide.json/" + key + "?id=17&jzb=" + ask("u")}, 200, `{"id":"17","guides":[],"lastGuideStepSeen":null}`},
		{sent{method: "POST", path: "/data/guide.json/" + key + "?id=18", body: `{"events":"` + ask("u") + `"}`}, 200, `{"id":"18","guides":[],"lastGuideStepSeen":null}`},
		{sent{method: "GET", path: "/data/guide.json/" + key + "?id=19&jzb=%22"}, 200, `{"id":"19","guides":[],"lastGuideStepSeen":null}`},
		{sent{method: "GET", path: "/data/guide.json/" + key + "?id=17&jzb=" + ask("nobody")}, 451, "do_not_process"},
		{sent{method: "POST", path: "/data/guide.json/" + key + "?id=17", body: `{"events":"` + ask("nobody") + `"}`}, 451, "do_not_process"},
		{sent{method: "GET", path: "/data/guide.json/nokey?id=17&jzb=" + ask("u")}, 404, "unknown_key"},
		{sent{method: "POST", path: "/data/errorlog?apiKey=" + key, body: `{"error":"too big"}`}, 200, "ok"},
	} {
		w := c.send.to(t, h)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.say) || w.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%s %s: %d %s", c.send.method, c.send.path, w.Code, w.Body)
		}
	}
	if unknown := handler.UnknownKeys(); len(log.lines) > 0 || len(unknown) != 1 || unknown[0].Via != "guide" {
		t.Errorf("stored %v, counted %v", log.lines, unknown)
	}
}

func TestScriptOfTheAgent(t *testing.T) {
	_, h := serve(&memory{})
	w := sent{method: "GET", path: "/agent/static/" + key + "/pendo.js"}.to(t, h)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") || !strings.Contains(w.Body.String(), "getVisitorId") {
		t.Errorf("answered %d %v", w.Code, w.Header())
	}
	again := sent{method: "GET", path: "/agent/static/" + key + "/pendo.js", header: map[string]string{"If-None-Match": w.Header().Get("Etag")}}.to(t, h)
	if again.Code != http.StatusNotModified {
		t.Errorf("asked again: %d", again.Code)
	}
	packed := sent{method: "GET", path: "/agent/static/" + key + "/pendo.js", header: map[string]string{"Accept-Encoding": "gzip, br"}}.to(t, h)
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Body.Len() > 5000 {
		t.Errorf("packed: %v, %d bytes", packed.Header(), packed.Body.Len())
	}
	handler, h := serve(&memory{})
	w = sent{method: "GET", path: "/agent/static/nokey/pendo.js"}.to(t, h)
	if w.Code != http.StatusNotFound || !strings.HasPrefix(w.Body.String(), `console.error("no app has the key nokey`) || len(handler.UnknownKeys()) != 1 {
		t.Errorf("answered %d %s", w.Code, w.Body)
	}
}

// The record says what the body does not.
func TestRecordOfAnAgent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, a := &memory{}, acme()
		a.app.AnonymousVisitors, a.app.IgnoreGroup = true, true
		_, h := serveApps(log, a)
		sent{method: "POST", path: "/data/ptm.gif/" + oldKey, body: agentBody, header: map[string]string{"Origin": "https://acme.example", "User-Agent": "Mozilla/5.0"}}.to(t, h)
		want := fmt.Sprintf(`{"at":%d,"via":"agent","key":"%s","remote":"203.0.113.7","agent":"Mozilla/5.0","origin":"https://acme.example","rules":["anonymous","noGroup"],"verdicts":["old_key"],"body":%s}`,
			time.Now().UnixMilli(), oldKey, agentBody)
		if diff := cmp.Diff([]string{want}, log.lines); diff != "" {
			t.Error(diff)
		}
	})
}
