package crash

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"penstock/test/harness"
)

const (
	laggingMappings = 60
	laggingBatches  = 80
	laggingEvents   = 15        // in a batch
	laggingBytes    = 30 * 1000 // of an event
	otherKey        = "wk_other_00000000000000000000001"
)

// Mappings that all have a backlog to read after a kill do not get in the way of anybody: another source's events are
// taken, no connection to the log is lost, and every mapping begins.
func TestManyMappingsCatchUp(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, lagging(t), harness.EgressLoopback)
	client := &http.Client{}
	t.Cleanup(client.CloseIdleConnections)
	event := fmt.Sprintf(`{"type":"track","event":"Large","userId":"123","properties":{"pad":%q}}`,
		strings.Repeat("x", laggingBytes))
	events := strings.TrimSuffix(strings.Repeat(event+",", laggingEvents), ",")
	batch := `{"writeKey":"` + harness.WriteKey + `","batch":[` + events + `]}`
	for range laggingBatches {
		post(t, client, server.URL+"/v1/batch", batch)
	}
	server.Kill()
	server.Restart()
	other := `{"writeKey":"` + otherKey + `","event":"Small","userId":"123"}`
	harness.Eventually(t, "all lanes begin", func() error {
		post(t, client, server.URL+"/v1/track", other)
		// Each has begun once before the kill.
		if n := len(server.Logged("lane begins")); n < 2*laggingMappings {
			return fmt.Errorf("%d of %d", n, 2*laggingMappings)
		}
		return nil
	})
	for _, line := range server.Logged("level=ERROR") {
		t.Errorf("the log says: %s", line)
	}
	if got := metric(t, server, "penstock_log_slow_consumers_total"); got != "0" {
		t.Errorf("%s connections to the log took too little", got)
	}
}

// lagging is a workspace whose mappings all send to an address where nobody answers; another source has none.
func lagging(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, `sources:
  - {slug: website, name: Website, type: javascript, writeKeys: [%s]}
  - {slug: other, name: Other, type: javascript, writeKeys: [%s]}
destinations:
  - slug: nobody
    name: Nobody
    source: website
    type: actions-webhook
    mappings:
`, harness.WriteKey, otherKey)
	for i := range laggingMappings {
		fmt.Fprintf(&b, `      - name: M%d
        action: send
        trigger: type = "track"
        fields: {url: "http://127.0.0.1:1/%d", method: POST, data: {"@path": "$."}}
`, i, i)
	}
	return harness.Workspace(t, b.String())
}

// post sends a body, and fails the test unless the answer is 200.
func post(t *testing.T, client *http.Client, url, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("POST %s: %d %s, %v", url, response.StatusCode, text, err)
	}
}

// metric reads a metric that has no labels.
func metric(t *testing.T, server *harness.Server, name string) string {
	t.Helper()
	status, text := server.API(http.MethodGet, "/metrics", "")
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return strings.TrimSpace(value)
		}
	}
	t.Fatalf("GET /metrics: %d, and %s is not there", status, name)
	return ""
}
