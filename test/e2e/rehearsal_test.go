package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// byHand is what somebody enters who follows Pendo's article field by field: Event Type is Track, the URL, POST, batch size 0, the entire event, no batching.
const byHand = `destinations:
  - slug: by-hand
    name: By hand
    source: website
    type: actions-webhook
    enabled: true
    mappings:
      - name: Send
        action: send
        enabled: true
        trigger: type = "track"
        fields:
          url: ${PENSTOCK_URL}/data/segmentio/` + harness.AppKey + `
          method: POST
          batch_size: 0
          data: {"@path": "$."}
          enable_batching: false
`

// trial is what `penstock test --json` says, as far as it is looked at.
type trial struct {
	OK    bool `json:"ok"`
	Steps []struct {
		Name   string `json:"name"`
		OK     bool   `json:"ok"`
		Output string `json:"output"`
	} `json:"steps"`
	Position string            `json:"position"`
	Warnings []json.RawMessage `json:"warnings"`
	Payload  json.RawMessage   `json:"payload"`
	Request  struct {
		Method  string      `json:"method"`
		URL     string      `json:"url"`
		Headers [][2]string `json:"headers"`
		Body    string      `json:"body"`
	} `json:"request"`
	Answer struct {
		Status string `json:"status"`
		Class  string `json:"class"`
	} `json:"answer"`
	Landed []struct {
		App     string `json:"app"`
		Event   string `json:"event"`
		Visitor string `json:"visitor"`
		Account string `json:"account"`
	} `json:"landed"`
}

// The set-up of the article, by preset and by hand, is the same mapping, and a test event through either is answered 200 OK and becomes the visitor and the account.
func TestArticleSetUp(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, harness.Workspace(t, sourceAndApp+byHand))
	if _, err := server.Command("preset", "pendo-track-events", "--source", harness.Source, "--with", "region=this-server", "--with", "key="+harness.AppKey, "--slug", "by-preset", "--apply"); err != nil {
		t.Fatal(err)
	}
	var mappings []map[string]json.RawMessage
	for _, d := range destinationsOf(t, server) {
		if len(d.Mappings) != 1 {
			t.Fatalf("destination %s: %d mappings, want 1", d.Slug, len(d.Mappings))
		}
		delete(d.Mappings[0], "name")
		mappings = append(mappings, d.Mappings[0])
	}
	if len(mappings) != 2 {
		t.Fatalf("%d destinations, want that by hand and that by preset", len(mappings))
	}
	if diff := cmp.Diff(mappings[0], mappings[1]); diff != "" {
		t.Errorf("the mappings by hand and by preset differ (-by hand +by preset):\n%s", diff)
	}

	if status, answer := server.Post("/v1/track", `{"event":"Example Event Name","messageId":"first","userId":"123","groupId":"account","properties":{"exampleKeyName":"exampleValue"},"writeKey":"`+harness.WriteKey+`"}`); status != http.StatusOK {
		t.Fatalf("POST /v1/track: %d %s", status, answer)
	}
	if status, answer := server.Post("/v1/page", `{"name":"Home","messageId":"second","userId":"123","writeKey":"`+harness.WriteKey+`"}`); status != http.StatusOK {
		t.Fatalf("POST /v1/page: %d %s", status, answer)
	}
	for _, slug := range []string{"by-hand", "by-preset"} {
		t.Run(slug, func(t *testing.T) { rehearse(t, server, slug) })
	}
	// Test events are no deliveries: of the two events that came, each destination was owed two, and no more.
	for _, row := range server.Settled(2) {
		if row.Accepted != 2 || row.Delivered != 1 || row.Filtered != 1 {
			t.Errorf("ledger: got %+v, want 2 accepted, 1 delivered and 1 filtered", row)
		}
	}
}

func rehearse(t *testing.T, server *harness.Server, slug string) {
	t.Helper()
	dry := test(t, server, "--destination", slug)
	if !dry.OK || dry.Position == "" || !strings.Contains(dry.Request.Body, `"messageId":"first"`) || dry.Answer.Status != "" || len(dry.Warnings) > 0 {
		t.Errorf("dry: got %+v, want the request of the newest event that matches, without answer and warnings", dry)
	}
	if dry.Request.Method != http.MethodPost || dry.Request.URL != server.URL+"/data/segmentio/"+harness.AppKey {
		t.Errorf("request: got %s %s, want POST to the receiver", dry.Request.Method, dry.Request.URL)
	}

	sent := test(t, server, "--destination", slug, "--mapping", dry.mapping(slug), "--send")
	var outputs []string
	for _, s := range sent.Steps {
		outputs = append(outputs, s.Name+": "+s.Output)
	}
	want := []string{
		"trigger: subscribed", "mapping: Mappings resolved", "payload: Payload validated",
		"request: POST " + server.URL + "/data/segmentio/" + harness.AppKey,
		"answer: Action Executed", "landed: app acme: visitor 123, account account",
	}
	if diff := cmp.Diff(want, outputs); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if sent.Answer.Status != "200 OK" || sent.Answer.Class != "delivered" {
		t.Errorf("answer: got %+v, want 200 OK, delivered", sent.Answer)
	}
	if len(sent.Landed) != 1 || sent.Landed[0].Visitor != "123" || sent.Landed[0].Account != "account" || sent.Landed[0].Event != "Example Event Name" {
		t.Errorf("landed: got %+v, want the visitor 123 of the account", sent.Landed)
	}

	text, err := server.Command("test", "--destination", slug, "--message-id", "second", "--send")
	if err == nil || strings.Contains(text, "answer") {
		t.Errorf("a page through a trigger for tracks: got %v\n%s\nwant that it fails, and nothing is sent", err, text)
	}
	forced := test(t, server, "--destination", slug, "--message-id", "second", "--send", "--force")
	if forced.Answer.Status != "200 OK" {
		t.Errorf("forced: got %+v, want 200 OK", forced)
	}
}

// mapping is the name of the one mapping of a destination.
func (trial) mapping(slug string) string {
	if slug == "by-hand" {
		return "Send"
	}
	return "Pendo Track Events"
}

func test(t *testing.T, server *harness.Server, args ...string) trial {
	t.Helper()
	out, err := server.Command(append([]string{"test", "--json"}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Data trial `json:"data"`
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("read %s: %v", out, err)
	}
	return answer.Data
}

type exported struct {
	Slug     string                       `json:"slug"`
	Mappings []map[string]json.RawMessage `json:"mappings"`
}

func destinationsOf(t *testing.T, server *harness.Server) []exported {
	t.Helper()
	out, err := server.Command("export", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Destinations []exported `json:"destinations"`
	}
	if err := json.Unmarshal([]byte(out), &file); err != nil {
		t.Fatalf("read %s: %v", out, err)
	}
	return file.Destinations
}

const sourceAndApp = `apps:
  - slug: acme
    name: Acme web app
    key: ` + harness.AppKey + `
sources:
  - slug: website
    name: Website
    type: javascript
    writeKeys: [` + harness.WriteKey + `]
`
