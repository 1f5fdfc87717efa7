package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"penstock/test/harness"
)

// A program that was made for Pendo's public API finds what was received, and writes metadata that shows at once.
func TestPublicAPI(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, harness.Workspace(t, sourceAndApp))
	status, body := server.API(http.MethodPost, "/api/integration-keys", `{"description":"test","app":"acme","writeAccess":true}`)
	var made struct {
		Data struct {
			Key string `json:"key"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(body), &made); err != nil || status != http.StatusOK {
		t.Fatalf("make a key: %d %s", status, body)
	}
	client := &http.Client{}
	defer client.CloseIdleConnections()
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		request, err := http.NewRequest(method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Pendo-Integration-Key", made.Data.Key)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		answer, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(answer)
	}
	want := func(method, path, body string, status int, parts ...string) {
		t.Helper()
		got, answer := ask(method, path, body)
		if got != status {
			t.Errorf("%s %s: %d %s, want %d", method, path, got, answer, status)
		}
		for _, part := range parts {
			if !strings.Contains(answer, part) {
				t.Errorf("%s %s: %s, want %s in it", method, path, answer, part)
			}
		}
	}
	want(http.MethodGet, "/api/v1/token/verify", "", 200, `"writeAccess":true`)
	server.Post("/data/segmentio/"+harness.AppKey, `{"type":"track","event":"Signed In","userId":"u 1","groupId":"g","properties":{"plan":"pro"},"context":{"ip":"203.0.113.9"}}`)
	server.WantTrackEvents(1)
	want(http.MethodGet, "/api/v1/visitor/u%201", "", 200, `"id":"u 1"`, `"accountid":"g"`)
	want(http.MethodGet, "/api/v1/visitor/u%201/history", "", 200, `"name":"Signed In"`, `"remoteIp":"203.0.113.9"`)
	want(http.MethodGet, "/api/v1/tracktype", "", 200, `"trackTypeRules":["Signed In"]`, `"eventPropertyNameList":["plan"]`)
	want(http.MethodPost, "/api/v1/metadata/visitor/custom/value", `[{"visitorId":"u 1","values":{"Plan":"pro"}},{"visitorId":"new","values":{"a":1}}]`, 200, `"updated":1`, `"missing":["new"]`)
	want(http.MethodGet, "/api/v1/metadata/visitor/custom/value/u%201/plan", "", 200, `"pro"`)
	want(http.MethodPut, "/api/v1/metadata/account/agent/value/g/tier", `"gold"`, 200, `"gold"`)
	want(http.MethodGet, "/api/v1/account/g", "", 200, `"agent":{"tier":"gold"}`)
	want(http.MethodPost, "/api/v1/metadata/visitor/custom/value?create=true", `[{"visitorId":"new","values":{"a":1}}]`, 200, `"updated":1`)
	want(http.MethodGet, "/api/v1/visitor/new", "", 200, `"custom":{"a":1}`)
	want(http.MethodGet, "/api/v1/metadata/schema/visitor", "", 200, `"plan":{"Type":"string"`)
	want(http.MethodPut, "/api/v1/metadata/visitor/pendo/value/u%201/donotprocess", "true", 200, "true")
	want(http.MethodGet, "/api/v1/visitor/u%201", "", 200, `"pendo":{"donotprocess":true}`)
	if _, history := server.API(http.MethodGet, "/api/apps/acme/visitors/u%201/history?group=custom", ""); !strings.Contains(history, `"source":"api"`) || !strings.Contains(history, `"name":"Plan"`) {
		t.Errorf("the history is %s", history)
	}
}
