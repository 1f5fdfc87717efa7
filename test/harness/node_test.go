package harness_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"penstock/test/harness"
)

// A program that stands still while it connects, as on a busy machine, loses no request: each gets an answer or fails.
func TestNodeThatStandsStill(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ReadHeaderTimeout = 50 * time.Millisecond
	server.Start()
	defer server.Close()

	stall := 20 * server.Config.ReadHeaderTimeout
	output := harness.Node(t, "testdata/stall.mjs", server.URL, strconv.FormatInt(stall.Milliseconds(), 10))
	var requests struct{ Made, Settled int }
	if err := json.Unmarshal(output, &requests); err != nil {
		t.Fatalf("read what stall.mjs printed: %v\n%s", err, output)
	}
	if requests.Made == 0 || requests.Settled != requests.Made {
		t.Errorf("%d of %d requests got an answer or failed", requests.Settled, requests.Made)
	}
}
