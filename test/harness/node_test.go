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
// Those of a program that drives a browser all get one.
func TestNodeThatStandsStill(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ReadHeaderTimeout = 500 * time.Millisecond
	server.Start()
	defer server.Close()
	stall := strconv.FormatInt((4 * server.Config.ReadHeaderTimeout).Milliseconds(), 10)

	for name, args := range map[string][]string{"once": {server.URL, stall}, "again": {server.URL, stall, "again"}} {
		t.Run(name, func(t *testing.T) {
			output := harness.Node(t, "testdata/stall.mjs", args...)
			var requests struct{ Made, Answered, Failed int }
			if err := json.Unmarshal(output, &requests); err != nil {
				t.Fatalf("read what stall.mjs printed: %v\n%s", err, output)
			}
			if requests.Made == 0 || requests.Answered+requests.Failed != requests.Made {
				t.Errorf("%+v: some requests got no answer and did not fail", requests)
			}
			if name == "again" && requests.Failed > 0 {
				t.Errorf("%+v: want an answer to each", requests)
			}
		})
	}
}
