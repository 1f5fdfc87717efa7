package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/test/harness"
)

// The debugger shows everything as it comes, told apart by where it was made; what was not taken as well.
func TestDebugger(t *testing.T) {
	t.Parallel()
	server := harness.Start(t, example)
	steps := []struct{ path, body, shows string }{
		{"/v1/track", `{"event":"Over <HTTP>","userId":"123","messageId":"d0"`, "server: POST /v1/track"},
		{"/v1/t", `{"event":"In a browser","anonymousId":"a","messageId":"d1","properties":{"n":1.0},"context":{"library":{"name":"analytics.js","version":"next-1.84.3"}}`, `client: analytics.track("In a browser", {...})`},
		{"/v1/b", `{"batch":[{"type":"screen","name":"Home","userId":"123","messageId":"d2"}],"context":{"library":{"name":"analytics-swift","version":"1.9.1"}}`, `mobile: analytics.screen(name: "Home")`},
		{"/v1/batch", `{"batch":[{"type":"track","event":"On a server","userId":"123","messageId":"d3"}],"context":{"library":{"name":"analytics-go","version":"3.0.0"}}`, `server: client.Enqueue(analytics.Track{UserId: "123", Event: "On a server"})`},
		{"/v1/track", `{"event":"Nobody"`, "no_user_anon_id"},
	}
	send := func(i int) {
		status, answer := server.Post(steps[i].path, steps[i].body+`,"writeKey":"`+harness.WriteKey+`"}`)
		if want := steps[i].shows; (status == http.StatusOK) == (want == "no_user_anon_id") {
			t.Fatalf("POST %s: %d %s", steps[i].path, status, answer)
		}
	}

	// Each is sent when the one before was shown: nothing is held back.
	send(0)
	shown := 0
	for line := range server.Lines("tail", "--from", "start", "--source", harness.Source) {
		if want := steps[shown].shows; !strings.Contains(line, want) {
			t.Errorf("line %d is %q, want %q in it", shown, line, want)
		}
		if shown++; shown == len(steps) {
			break
		}
		send(shown)
	}

	// What was shown is on the log, and can be filtered, paused and looked at in both forms.
	for arguments, want := range map[string]string{
		"":                                     "d0 d1 d2 d3 no_user_anon_id",
		"--channel client":                     "d1",
		"--channel server":                     "d0 d3",
		"--channel mobile":                     "d2",
		"--rejected":                           "no_user_anon_id",
		"--type track":                         "d0 d1 d3",
		"--user 123":                           "d0 d2 d3",
		"--text <HTTP>":                        "d0",
		"--last 2":                             "d3 no_user_anon_id",
		"--last 1 --channel server":            "d3",
		"--type screen --user a":               "",
		"--from " + at(t, server, "d1"):        "d1 d2 d3 no_user_anon_id",
		"--form raw --channel client --last 1": "d1",
	} {
		if got := tail(t, server, strings.Fields(arguments)...); strings.Join(got, " ") != want {
			t.Errorf("tail %s: %v, want %s", arguments, got, want)
		}
	}
	raw, err := server.Command("tail", "--from", "start", "--no-follow", "--json", "--form", "raw", "--channel", "client")
	if err != nil {
		t.Fatal(err)
	}
	lines, err := harness.Lines([]byte(raw))
	if err != nil || len(lines) != 1 {
		t.Fatalf("raw: %v: %s", err, raw)
	}
	want := `{"type":"track","messageId":"d1","event":"In a browser","anonymousId":"a","properties":{"n":1.0},"context":{"library":{"name":"analytics.js","version":"next-1.84.3"},"ip":"127.0.0.1"},"integrations":{}}`
	if diff := cmp.Diff(want, string(lines[0].Event)); diff != "" {
		t.Errorf("raw (-want +got):\n%s", diff)
	}
}

// tail names what the debugger shows, by messageId or by the code of what was not taken.
func tail(t *testing.T, server *harness.Server, arguments ...string) []string {
	t.Helper()
	if !slices.Contains(arguments, "--from") {
		arguments = append(arguments, "--from", "start")
	}
	output, err := server.Command(append([]string{"tail", "--source", harness.Source, "--no-follow", "--json"}, arguments...)...)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := harness.Lines([]byte(output))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, line := range lines {
		names = append(names, named(t, line))
	}
	return names
}

func named(t *testing.T, line harness.Line) string {
	t.Helper()
	var what struct{ MessageID, Code string }
	for _, raw := range []json.RawMessage{line.Event, line.Rejected} {
		if raw == nil {
			continue
		}
		if err := json.Unmarshal(raw, &what); err != nil {
			t.Fatal(err)
		}
	}
	return what.MessageID + what.Code
}

// at is the position of an event.
func at(t *testing.T, server *harness.Server, messageID string) string {
	t.Helper()
	for _, line := range server.Log(harness.Source) {
		if named(t, line) == messageID {
			return line.Position
		}
	}
	t.Fatalf("%s is not in the log", messageID)
	return ""
}
