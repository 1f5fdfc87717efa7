package origin_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/event"
	"penstock/internal/origin"
)

// TestOf: a call is told apart by channel, and reads as in the code that made it.
func TestOf(t *testing.T) {
	for _, c := range []struct{ library, channel, rest, want string }{
		{"analytics.js", "client", `"type":"track","event":"Plan Upgraded","userId":"u","properties":{"plan":"pro"}`, `client analytics.track("Plan Upgraded", {...})`},
		{"analytics.js", "client", `"type":"track","event":"E","userId":"u","properties":{}`, `client analytics.track("E")`},
		{"analytics.js", "client", `"type":"identify","userId":"u","traits":{"a":1}`, `client analytics.identify("u", {...})`},
		{"analytics.js", "client", `"type":"page","category":"Docs","name":"Start","anonymousId":"a","properties":{"path":"/"}`, `client analytics.page("Docs", "Start", {...})`},
		{"analytics.js", "client", `"type":"group","groupId":"g","userId":null,"traits":null`, `client analytics.group("g")`},
		{"analytics.js", "client", `"type":"alias","userId":"u","previousId":"p"`, `client analytics.alias("u", "p")`},
		{"unknown", "server", `"type":"track","event":"E","userId":"u"`, `server POST /v1/track`},
		{"mine", "server", `"type":"screen","userId":"u"`, `server POST /v1/screen`},
		{"@segment/analytics-node", "server", `"type":"track","event":"E","userId":"u","properties":{"a":1}`, `server analytics.track({userId: "u", event: "E", properties: {...}})`},
		{"analytics-node", "server", `"type":"page","name":"n","anonymousId":"a"`, `server analytics.page({anonymousId: "a", name: "n"})`},
		{"analytics-go", "server", `"type":"group","groupId":"g","userId":"u","traits":{"a":1}`, `server client.Enqueue(analytics.Group{UserId: "u", GroupId: "g", Traits: {...}})`},
		{"analytics-python", "server", `"type":"track","event":"E","userId":"u","properties":{"a":1}`, `server analytics.track(user_id="u", event="E", properties={...})`},
		{"analytics-ruby", "server", `"type":"alias","userId":"u","previousId":"p"`, `server Analytics.alias(user_id: "u", previous_id: "p")`},
		{"analytics-swift", "server", `"type":"track","event":"E","userId":"u","properties":{"a":1}`, `mobile analytics.track(name: "E", properties: [...])`},
		{"analytics-kotlin", "server", `"type":"screen","name":"Home","userId":"u"`, `mobile analytics.screen("Home")`},
		{"analytics-android", "server", `"type":"track","event":"E","userId":"u"`, `mobile Analytics.with(context).track("E")`},
		{"Analytics-CSharp", "server", `"type":"track","event":"E \"q\" ü","userId":"u"`, `mobile analytics.Track("E \"q\" ü")`},
	} {
		line := `{"channel":"` + c.channel + `",` + c.rest + `,"context":{"page":{"name":"x"},"library":{"version":"1","name":"` + c.library + `"}}}`
		got := origin.Of([]byte(line))
		if diff := cmp.Diff(c.want, got.Channel+" "+got.Call); diff != "" || got.Library != c.library {
			t.Errorf("%s: library %q, call (-want +got):\n%s", line, got.Library, diff)
		}
	}
}

// TestPhonesHaveTheirOwnCall: no library of phones is shown as HTTP.
func TestPhonesHaveTheirOwnCall(t *testing.T) {
	for _, library := range event.MobileLibraries() {
		o := origin.Of([]byte(`{"type":"track","channel":"server","event":"E","context":{"library":{"name":"` + library + `"}}}`))
		if o.Channel != origin.Mobile || o.Call == "POST /v1/track" {
			t.Errorf("%s: %+v", library, o)
		}
	}
}

// TestOfAnything: a line of which nothing is known is no reason to stop.
func TestOfAnything(t *testing.T) {
	for _, line := range []string{``, `7`, `{}`, `{"context":7}`, `{"context":{"library":"x"}}`, `{"type":"batch","context":{"library":{"name":"analytics-go"}}}`} {
		if got := origin.Of([]byte(line)); got.Channel != "" || got.Call == "" {
			t.Errorf("%s: %+v", line, got)
		}
	}
}
