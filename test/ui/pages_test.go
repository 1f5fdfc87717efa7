//go:build e2e

package ui

import (
	"strings"
	"testing"
)

// filters stand in front of the mapping; one of them takes out what no page needs.
const filters = `    filters:
      - {name: No addresses, description: What says where somebody lives stays here, if: 'type = "track" and context.ip != null', actions: [{type: DROP_PROPERTIES, fields: {context: [ip], properties: [street, city]}}]}
      - {name: A part, if: all, actions: [{type: SAMPLE, percent: 1, path: userId}]}
`

// No page of what comes in and where it goes has what axe finds serious or critical, in either color scheme, wide and narrow; and none scrolls sideways.
func TestPages(t *testing.T) {
	server, in := start(t, strings.Replace(delivering, "    mappings:", filters+"    mappings:", 1))
	for _, event := range []string{
		`{"type":"identify","userId":"user-0","messageId":"m0","traits":{"plan":"pro"}}`,
		`{"type":"track","event":"Plan Chosen","userId":"user-0","groupId":"large","messageId":"m1","properties":{"plan":"pro"}}`,
		`{"type":"track","event":"Plan Chosen","userId":"user-1","messageId":"m2","properties":{"plan":"free"},"context":{"groupId":"large"}}`,
	} {
		if status, answer := server.Post("/v1/batch", `{"writeKey":"wk_website_000000000000000000001","batch":[`+event+`]}`); status != 200 {
			t.Fatalf("POST /v1/batch: %d %s", status, answer)
		}
	}
	server.Settled(3)
	server.WantTrackEvents(2)
	for _, look := range []struct {
		name, scheme string
		width        int
	}{{"light", "light", 1440}, {"dark", "dark", 1440}, {"light and narrow", "light", 390}, {"dark and narrow", "dark", 390}} {
		t.Run(look.name, func(t *testing.T) {
			got := visit[looked](t, server, "pages.mjs", lookInput{in, look.scheme, look.width, "Track Events", "m1"})
			for _, violation := range got.Found {
				t.Errorf("axe: %s", violation)
			}
			for _, page := range got.Sideways {
				t.Errorf("scrolls sideways: %s", page)
			}
			if got.Looked < 20 {
				t.Errorf("%d pages were looked at", got.Looked)
			}
		})
	}
}

// lookInput says how the pages are looked at, and whose mapping and event they show.
type lookInput struct {
	input

	Scheme  string `json:"scheme"`
	Width   int    `json:"width"`
	Mapping string `json:"mapping"`
	Message string `json:"message"`
}

// looked is what was found.
type looked struct {
	Found, Sideways []string
	Looked          int
}
