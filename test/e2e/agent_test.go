//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// servePage serves a page with a browser agent for a server, and Pendo's own agent where the page imports it from.
func servePage(server *harness.Server, body string) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		text := strings.NewReplacer("SERVER", server.URL, "KEY", harness.AppKey).Replace(body)
		_, _ = w.Write([]byte(`<!doctype html><title>Acme</title><link rel="icon" href="data:,">` + text))
	})
	mux.Handle("GET /npm/", http.StripPrefix("/npm/", http.FileServer(http.Dir("node_modules"))))
	return httptest.NewServer(mux)
}

func TestBrowserAgents(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, example)
	for name, body := range map[string]string{
		"Real Agent": `<script type="module">
			import { loadAgent } from '/npm/@pendo/agent/dist/pendo.module.min.js'
			const pendo = window.pendo = loadAgent({ env: 'prod', server: 'SERVER', designerServer: 'SERVER', assetHost: 'SERVER', assetPath: 'x', loadAsModule: true, preventCodeInjection: true })
			pendo.initialize({ apiKey: 'KEY' })</script>`,
		"Own Agent": `<script src="SERVER/agent/static/KEY/pendo.js"></script><script>pendo.initialize()</script>`,
	} {
		t.Run(name, func(t *testing.T) {
			page := servePage(server, body)
			defer page.Close()
			visit := harness.Browse[struct{}](t, "agent.mjs", map[string]any{"url": page.URL, "event": name, "own": name == "Own Agent"})
			if others := visit.ToOthers(strings.TrimPrefix(page.URL, "http://"), strings.TrimPrefix(server.URL, "http://")); len(others) > 0 {
				t.Errorf("it asked others: %v", others)
			}
			for _, r := range visit.Requests {
				if strings.Contains(r.URL, "rt=") {
					t.Errorf("sent again: %s %s, %d", r.Method, r.URL, r.Status)
				}
			}
			harness.Eventually(t, "the Track Event is there once", func() error {
				return wantTrackEvent(server, harness.TrackEvent{Name: name, Events: 1, Visitors: 1, Accounts: 1})
			})
		})
	}
	visitor, err := server.Visitor(harness.App, "ann")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(harness.Visitor{ID: "ann", Accounts: []string{"acme"}}, visitor); diff != "" {
		t.Errorf("visitor (-want +got):\n%s", diff)
	}
}

func wantTrackEvent(server *harness.Server, want harness.TrackEvent) error {
	all, err := server.TrackEvents(harness.App)
	if err != nil {
		return err
	}
	for _, got := range all {
		if got.Name == want.Name {
			if diff := cmp.Diff(want, got); diff != "" {
				return fmt.Errorf("(-want +got):\n%s", diff)
			}
			return nil
		}
	}
	return fmt.Errorf("there is no %q", want.Name)
}

// A server sends Track Events with the shared secret that it was given when the secret was made, and not with the one before.
func TestTrackEventsOfServers(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, example)
	first, second := rotate(t, server), rotate(t, server)
	const body = `{"type":"track","event":"Invoice Paid","visitorId":"ann","accountId":"acme","timestamp":%d,"properties":{"amount":7}}`
	for secret, status := range map[string]int{first: http.StatusForbidden, second: http.StatusOK, harness.AppKey: http.StatusForbidden} {
		if got, answer := ask(t, "POST", server.URL+"/data/track", fmt.Sprintf(body, time.Now().UnixMilli()), map[string]string{"x-pendo-integration-key": secret}); got != status {
			t.Errorf("answered %d %s, want %d", got, answer, status)
		}
	}
	harness.Eventually(t, "the Track Event is there", func() error {
		return wantTrackEvent(server, harness.TrackEvent{Name: "Invoice Paid", Events: 1, Visitors: 1, Accounts: 1})
	})
	status, answer := ask(t, "GET", server.URL+"/api/unknown-keys", "", map[string]string{"Authorization": "Bearer " + harness.Token})
	if status != http.StatusOK || strings.Count(answer, `"unknown_secret"`) != 2 || strings.Contains(answer, first) {
		t.Errorf("unknown keys: %d %s", status, answer)
	}
}

// rotate makes a shared secret for the app of the example.
func rotate(t *testing.T, server *harness.Server) string {
	t.Helper()
	status, answer := ask(t, "POST", server.URL+"/api/apps/"+harness.App+"/rotate-shared-secret", "", map[string]string{"Authorization": "Bearer " + harness.Token})
	var out struct {
		Data struct {
			SharedSecret string `json:"sharedSecret"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(answer), &out); err != nil || status != http.StatusOK || len(out.Data.SharedSecret) < 16 {
		t.Fatalf("rotate: %d %s, %v", status, answer, err)
	}
	return out.Data.SharedSecret
}

func ask(t *testing.T, method, url, body string, header map[string]string) (status int, answer string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	client := &http.Client{}
	defer client.CloseIdleConnections()
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}
