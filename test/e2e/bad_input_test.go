package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"penstock/test/harness"
)

// What will never be taken is answered 400, with the place and the mend, and leaves a trace that tail shows.
func TestBadInput(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, example)
	cases := map[string]struct {
		body string
		says []string // in the answer, in any case of letters
	}{
		"missing ids": {
			body: `{"event":"No One","properties":{},"writeKey":"` + harness.WriteKey + `"}`,
			says: []string{"userId", "anonymousId"},
		},
		"not JSON": {
			body: `event=Example&writeKey=` + harness.WriteKey,
			says: []string{"JSON"},
		},
		"oversized event": {
			body: `{"event":"Big","userId":"123","properties":{"text":"` + strings.Repeat("x", 40_000) + `"},"writeKey":"` + harness.WriteKey + `"}`,
			says: []string{"32"},
		},
		"typographic quotes": {
			body: "{\n     \"event\": \"Example Event Name\",\n     \"userId\": \"123\",\n     \"writeKey\": “" + harness.WriteKey + "”\n  }",
			says: []string{"quote", "line 4"},
		},
		"unknown write key": {
			body: `{"event":"Example","userId":"123","writeKey":"wk_nobody_has_this_one_00000000001"}`,
			says: []string{"write key"},
		},
	}
	untraced := map[string]int{} // by code; some share one
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			status, answer := server.Post("/v1/track", c.body)
			if status != http.StatusBadRequest {
				t.Fatalf("got status %d, want 400: %s", status, answer)
			}
			var body struct {
				Success *bool  `json:"success"`
				Code    string `json:"code"`
				Message string `json:"message"`
				Error   string `json:"error"`
			}
			if err := json.Unmarshal([]byte(answer), &body); err != nil {
				t.Fatalf("answer is not JSON: %v: %s", err, answer)
			}
			if body.Success == nil || *body.Success || body.Code == "" || body.Message == "" || body.Error == "" {
				t.Errorf("got %s, want success false, code, message and error", answer)
			}
			for _, want := range c.says {
				if !strings.Contains(strings.ToLower(body.Message), strings.ToLower(want)) {
					t.Errorf("message does not say %q: %s", want, body.Message)
				}
			}
			untraced[body.Code]++
		})
	}
	if t.Failed() {
		return // not each of them can have left its trace
	}
	left := len(cases)
	for line := range server.Lines("tail", "--from", "start", "--json") {
		for code, count := range untraced {
			if count > 0 && strings.Contains(line, `"`+code+`"`) {
				untraced[code]--
				left--
			}
		}
		if left == 0 {
			break
		}
	}
}
