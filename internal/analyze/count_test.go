package analyze

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/analytics"
	"penstock/internal/pendowire"
)

const m1 = `{"type":"track","event":"e","userId":"u","groupId":"g","messageId":"m1"}`

func TestOneCallCountsOnce(t *testing.T) {
	withAnalyzer(t, []delivery{
		{app: "app1", webhook: "w1", body: m1},                        // 1: the first
		{app: "app1", webhook: "w1", body: m1},                        // 2: delivered again
		{app: "app1", webhook: "w2", body: m1},                        // 3: by another mapping
		{app: "app1", body: m1},                                       // 4: by hand
		{app: "app1", body: m1},                                       // 5: by hand again
		{app: "app1", body: strings.Replace(m1, `"e"`, `"f"`, 1)},     // 6: another event, wrongly with the same messageId
		{app: "app2", webhook: "w1", body: m1},                        // 7: to another app
		{app: "app1", webhook: "w3", body: "[" + m1 + "," + m1 + "]"}, // 8: a batch
		{app: "app1", webhook: "w3", body: "[" + m1 + "," + m1 + "]"}, // 9: delivered again
		{app: "_", webhook: "w1", body: m1},                           // 10: to no app
	}, func(a *Analyzer) {
		want := []string{
			"1.0.0 counted=true",
			"2.0.0 counted=false duplicate of 1.0.0",
			"3.0.0 counted=true other_path of 1.0.0",
			"4.0.0 counted=true other_path of 1.0.0",
			"5.0.0 counted=false duplicate of 4.0.0",
			"6.0.0 counted=true other_path of 1.0.0",
			"7.0.0 counted=true",
			"8.0.0 counted=true other_path of 1.0.0",
			"8.0.1 counted=true other_path of 1.0.0",
			"9.0.0 counted=false duplicate of 8.0.0",
			"9.0.1 counted=false duplicate of 8.0.1",
			"10.0.0 counted=false unknown_key",
		}
		if diff := cmp.Diff(want, landings(t, a, "", "m1")); diff != "" {
			t.Error(diff)
		}
		if landed, err := a.ByMessage(t.Context(), "app2", "m1"); len(landed) != 1 || err != nil {
			t.Errorf("app2 has %v, %v", landed, err)
		}
		if landed, err := a.ByRequest(t.Context(), "w3"); len(landed) != 4 || err != nil || landed[0].Position.Seq != 8 {
			t.Errorf("the request w3 has %v, %v", landed, err)
		}
		if twin := received1(t, a, analytics.ReceivedFilter{Verdict: pendowire.OtherPath}, 5)[4].Of; twin == nil || twin.WebhookID != "w1" {
			t.Errorf("the other path is %+v, want that of w1", twin)
		}
	})
}

// received1 lists what app1 received, and wants so many.
func received1(t *testing.T, a *Analyzer, f analytics.ReceivedFilter, want int) []analytics.Received {
	t.Helper()
	found, err := a.Received(t.Context(), "app1", f, analytics.Page{Limit: 100})
	check(t, err)
	if len(found.Rows) != want {
		t.Fatalf("%+v: got %d rows, want %d", f, len(found.Rows), want)
	}
	return found.Rows
}

func TestACallCountsAgainAfterTheWindow(t *testing.T) {
	week := DefaultConfig().Window
	withAnalyzer(t, []delivery{
		{app: "app1", webhook: "w1", body: m1},
		{app: "app1", webhook: "w1", body: m1, later: week},
		{app: "app1", webhook: "w1", body: m1, later: week + time.Millisecond},
		{app: "app1", webhook: "w1", body: m1, later: week + time.Minute},
	}, func(a *Analyzer) {
		want := []string{"1.0.0 counted=true", "2.0.0 counted=false duplicate of 1.0.0", "3.0.0 counted=true", "4.0.0 counted=false duplicate of 3.0.0"}
		if diff := cmp.Diff(want, landings(t, a, "", "m1")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRedriveTakesThePlace(t *testing.T) {
	other := strings.Replace(m1, `"userId":"u"`, `"userId":"v"`, 1)
	for name, cut := range map[string]bool{"in one batch": false, "in several": true} {
		t.Run(name, func(t *testing.T) {
			var all []delivery
			for i := range 6 { // sums are made of the first ones
				all = append(all, delivery{app: "app1", body: fmt.Sprintf(`{"type":"track","event":"e","userId":"u%d"}`, i)})
			}
			withAnalyzer(t, append([]delivery{{app: "app1", webhook: "w1", body: m1}}, all...), func(a *Analyzer) {
				later := []delivery{
					{app: "app1", webhook: "w1", body: other, redrive: 3, later: 30 * 24 * time.Hour}, // 8, however late
					{app: "app1", webhook: "w1", body: other, redrive: 3, later: 30 * 24 * time.Hour}, // 9: again
					{app: "app1", webhook: "w1", body: other, redrive: 7, later: 31 * 24 * time.Hour}, // 10
					{app: "app1", webhook: "w1", body: m1, redrive: 3, later: 31 * 24 * time.Hour},    // 11: late
					{app: "app1", webhook: "w2", body: m1, redrive: 1, later: 31 * 24 * time.Hour},    // 12: of what never came
				}
				for i := range later {
					more(t, a, later[i])
					if cut {
						project(t, a)
					}
				}
				project(t, a)
				want := []string{
					"1.0.0 counted=false replaced", "8.0.0 counted=false replaced of 1.0.0", "9.0.0 counted=false duplicate of 8.0.0",
					"10.0.0 counted=true of 8.0.0", "11.0.0 counted=false duplicate of 10.0.0", "12.0.0 counted=true other_path of 8.0.0",
				}
				if diff := cmp.Diff(want, landings(t, a, "", "m1")); diff != "" {
					t.Error(diff)
				}
				list, err := a.TrackEvents(t.Context(), "app1", analytics.Range{}, analytics.Page{Limit: 10})
				check(t, err)
				if e := list.Rows[0]; e.Events != 8 || e.Visitors != 8 { // u0 to u5, v, u
					t.Errorf("got %d events of %d visitors, want 8 of 8", e.Events, e.Visitors)
				}
			})
		})
	}
}

func TestAgentTrafficCountsOnce(t *testing.T) {
	event := func(tab, frame string, sequence, at int64, typ string) string {
		return fmt.Sprintf(`{"type":%q,"track_event_name":"e","visitor_id":"u","account_id":"g","browser_time":%d,"tabId":%q,"frameId":%q,"sequence":%d,"props":{}}`,
			typ, start.UnixMilli()+at, tab, frame, sequence)
	}
	body := func(events ...string) delivery {
		return delivery{app: "app1", via: pendowire.ViaAgent, body: pack("[" + strings.Join(events, ",") + "]")}
	}
	first := event("t", "f", 1, 0, "track")
	withAnalyzer(t, []delivery{
		body(first, event("t", "f", 2, 0, "track")),
		body(first), // sent again, since the answer was no image
		body(event("t2", "f", 1, 0, "track"), event("t", "f2", 1, 0, "track"), event("t", "f", 1, 9000, "track"), event("t", "f", 1, 0, "load")),
	}, func(a *Analyzer) {
		var got []string
		for _, l := range received1(t, a, analytics.ReceivedFilter{}, 7) {
			got = append(got, brief(&l))
		}
		want := []string{
			"3.0.3 counted=true", "3.0.2 counted=true", "3.0.1 counted=true", "3.0.0 counted=true",
			"2.0.0 counted=false duplicate of 1.0.0", "1.0.1 counted=true", "1.0.0 counted=true",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNearDuplicatesAreMarked(t *testing.T) {
	call := func(id, user, event, properties string, at time.Duration) string {
		return fmt.Sprintf(`{"type":"track","event":%q,"userId":%q,"groupId":"g","messageId":%q,"timestamp":%q,"properties":%s}`,
			event, user, id, start.Add(at).Format(time.RFC3339Nano), properties)
	}
	agent := fmt.Sprintf(`[{"type":"track","track_event_name":"e","visitor_id":"u","browser_time":%d,"tabId":"t","frameId":"f","sequence":1,"props":{"b":2,"a":1}}]`, start.UnixMilli()+1999)
	withAnalyzer(t, []delivery{
		{app: "app1", sender: "Segment", body: call("1", "u", "e", `{"a":1,"b":2,"groupId":"g"}`, 0)},
		{app: "app1", sender: "Segment", body: call("2", "u", "e", `{"a":1,"b":2}`, time.Second)},           // the same path: really twice
		{app: "app1", via: pendowire.ViaAgent, body: pack(agent)},                                           // near 1, by the browser
		{app: "app1", sender: "Acme", body: call("3", "u", "e", `{"b":2,"a":1}`, -2*time.Second)},           // near 1
		{app: "app1", sender: "Acme", body: call("4", "v", "e", `{"b":2,"a":1}`, 0)},                        // another visitor
		{app: "app1", sender: "Acme", body: call("5", "u", "f", `{"b":2,"a":1}`, 0)},                        // another event
		{app: "app1", sender: "Acme", body: call("6", "u", "e", `{"b":2,"a":3}`, 0)},                        // other properties
		{app: "app1", sender: "Other", body: call("7", "u", "e", `{"b":2,"a":1}`, 6*time.Second)},           // another time
		{app: "app1", sender: "Third", body: call("8", "u", "e", `{"b":2,"a":1}`, 0), later: 3 * time.Hour}, // received too late
	}, func(a *Analyzer) {
		var got []string
		for _, l := range received1(t, a, analytics.ReceivedFilter{Verdict: pendowire.NearDuplicate}, 2) {
			got = append(got, brief(&l))
		}
		if diff := cmp.Diff([]string{"4.0.0 counted=true near_duplicate of 1.0.0", "3.0.0 counted=true near_duplicate of 1.0.0"}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNamesHaveABudgetAndABeginning(t *testing.T) {
	old := `{"type":"track","event":"e","userId":"u","timestamp":"2026-01-31T11:00:00Z"}`
	withAnalyzer(t, []delivery{
		{app: "app1", body: strings.Replace(old, `,"timestamp":"2026-01-31T11:00:00Z"`, "", 1)},
		{app: "app1", body: old, later: time.Minute},
	}, func(a *Analyzer) {
		if l := received1(t, a, analytics.ReceivedFilter{Verdict: pendowire.BeforeName}, 1)[0]; l.Position.Seq != 2 {
			t.Errorf("got %s, want the second", l.Place)
		}
		a.numbers.nameN[1] = nameBudget
		c := call{Call: pendowire.Call{Event: "one more"}, identity: identity{app: 1}}
		if id := a.numbers.name(&c); id == 0 || !c.has(pendowire.NameBudget) {
			t.Errorf("got name %d with %v, want one over the budget", id, c.Verdicts)
		}
		a.numbers.nameN[1] = namesMax
		more, again := call{Call: pendowire.Call{Event: "too many"}, identity: identity{app: 1}}, call{Call: pendowire.Call{Event: "far too many"}, identity: identity{app: 1}}
		if one, other := a.numbers.name(&more), a.numbers.name(&again); one != other || one == 0 {
			t.Errorf("got names %d and %d beyond the most that there may be, want one", one, other)
		}
	})
}
