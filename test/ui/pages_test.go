//go:build e2e

package ui

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// much has filters in front of the mapping, one of which takes out what no page needs, and a further mapping, whose
// requests are not taken.
var much = strings.Replace(delivering, "    mappings:", `    filters:
      - {name: No addresses, description: What says where somebody lives stays here, if: 'type = "track" and context.ip != null', actions: [{type: DROP_PROPERTIES, fields: {context: [ip], properties: [street, city]}}]}
      - {name: A part, if: all, actions: [{type: SAMPLE, percent: 1, path: userId}]}
    mappings:
      - {name: Astray, action: send, trigger: 'event = "Plan Dropped"', fields: {url: "${PENSTOCK_URL}/data/segmentio/0000000000000000000000000000000f", method: POST, data: {"@path": "$."}, enable_batching: false}}`, 1)

// No page, with much on it, has what axe finds serious or critical, and none scrolls sideways, wide or narrow. The
// pages are those of pages.json: a test of the interface fails while a page is not among them. The other color
// scheme, axe on narrow screens and screenshots are `make views`.
func TestPages(t *testing.T) {
	t.Parallel()
	lookAtPages(t, false)
}

// lookAtPages looks at each page in one way, or in every way and with screenshots.
func lookAtPages(t *testing.T, views bool) {
	t.Helper()
	server, in := start(t, much)
	for _, event := range []string{
		`{"type":"identify","userId":"user-0","messageId":"m0","traits":{"plan":"pro"}}`,
		`{"type":"track","event":"Plan Chosen","userId":"user-0","groupId":"large","messageId":"m1","properties":{"plan":"pro"}}`,
		`{"type":"track","event":"Plan Dropped","userId":"user-1","messageId":"astray","properties":{"plan":"free"},"context":{"groupId":"large"}}`,
	} {
		if status, answer := server.Post("/v1/batch", `{"writeKey":"wk_website_000000000000000000001","batch":[`+event+`]}`); status != 200 {
			t.Fatalf("POST /v1/batch: %d %s", status, answer)
		}
	}
	server.WantTrackEvents(2)
	got := visit[struct {
		Found  []string
		Looked int
	}](t, server, "pages.mjs", struct {
		input
		Views bool `json:"views"`
	}{in, views})
	for _, found := range got.Found {
		t.Error(found)
	}
	if want := pages(t); got.Looked != want {
		t.Errorf("%d pages were looked at, want %d", got.Looked, want)
	}
}

// pages is how many pages there are to look at.
func pages(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("pages.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatalf("read pages.json: %v", err)
	}
	if len(all) == 0 {
		t.Fatal("pages.json has no page")
	}
	return len(all)
}
