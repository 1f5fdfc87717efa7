package pendowire_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/pendowire"
	"penstock/internal/record"
)

// TestErase: the calls of one visitor go, their places stay, and everything else is what it was.
func TestErase(t *testing.T) {
	of := func(c *pendowire.Call) bool { return c.Visitor == "ann" || c.OldVisitor == "_PENDO_T_ann" }
	packed := `{"events":"` + pendowire.Deflate([]byte(`[{"type":"track","visitor_id":"ann"},{"type":"load","visitor_id":"bob"}]`)) + `"}`
	for name, c := range map[string]struct{ via, body, want string }{
		"one event":          {"segmentio", `{"type":"track","userId":"ann","event":"E"}`, `{"type":"$erased"}`},
		"of another":         {"segmentio", `{"type":"track","userId":"bob","event":"E"}`, ""},
		"an array":           {"segmentio", `[{"type":"track","userId":"ann"},{"type":"track","userId":"bob"}]`, `[{"type":"$erased"},{"type":"track","userId":"bob"}]`},
		"a batch":            {"segmentio", `{"batch":[{"type":"track","userId":"bob"}, {"userId":"ann"}],"context":{}}`, `{"batch":[{"type":"track","userId":"bob"},{"type":"$erased"}]}`},
		"of the agent":       {"agent", packed, `{"events":[{"type":"$erased"},{"type":"load","visitor_id":"bob"}]}`},
		"who the agent was":  {"agent", `{"events":[{"type":"identify","visitor_id":"x","props":{"old_visitor_id":"_PENDO_T_ann"}}]}`, `{"events":[{"type":"$erased"}]}`},
		"a server's track":   {"track", `{"type":"track","event":"E","visitorId":"ann","accountId":"a","timestamp":1}`, `{"type":"$erased"}`},
		"not to be unpacked": {"agent", `{"events":"ann"}`, ""},
		"no event":           {"segmentio", `"ann"`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := record.Received{At: 7, Via: c.via, Key: "k", WebhookID: "w", Remote: "192.0.2.1", Agent: "a", Rules: []string{"anonymous"}, Body: json.RawMessage(c.body)}
			line, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			got := pendowire.Erase(line, of)
			if c.want == "" {
				if !bytes.Equal(got, line) {
					t.Errorf("changed to %s", got)
				}
				return
			}
			r.Body = json.RawMessage(c.want)
			if !bytes.Contains(r.Body, []byte("bob")) {
				r.Remote, r.Agent = "", ""
			}
			var read record.Received
			if err := json.Unmarshal(got, &read); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(r, read); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := pendowire.Erase(got, of); !bytes.Equal(again, got) {
				t.Errorf("erased again: %s", again)
			}
		})
	}
}
