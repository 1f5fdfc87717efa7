package analyze

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"penstock/internal/analytics"
	"penstock/internal/pendowire"
)

func minute(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

func at(n int) string { return minute(n).Format(time.RFC3339) }

// some is a story of a few visitors; the sums reach to the fifth call.
func some() []delivery {
	return []delivery{
		{app: "app1", webhook: "w1", body: `{"type":"track","event":"Signed In","userId":"123","groupId":"account","messageId":"m1","timestamp":"` + at(-9) + `","properties":{"plan":"pro","seats":2}}`},
		{app: "app1", webhook: "w2", body: `{"type":"track","event":"Signed In","userId":"123","properties":{"groupId":"other","plan":"free"},"messageId":"m2","timestamp":"` + at(-5) + `"}`},
		{app: "app1", webhook: "w3", body: `{"type":"track","event":"Signed In","anonymousId":"x","context":{"groupId":"c"},"messageId":"m3","timestamp":"` + at(-7) + `"}`},
		{app: "app1", webhook: "w4", body: `{"type":"track","event":"Bought","userId":123,"groupId":"account","messageId":"m4","timestamp":"` + at(-8) + `","properties":{"plan":"pro","a b":{"c":1},"list":[1]}}`},
		{app: "app1", webhook: "w5", body: `{"type":"identify","userId":"123","traits":{"Plan":"free","name":"Ann","address":{"city":"x"}},"timestamp":"` + at(-20) + `"}`},
		{app: "app1", webhook: "w6", body: `{"type":"identify","userId":"123","traits":{"plan":"pro","seats":1.0},"timestamp":"` + at(-30) + `"}`, later: time.Minute},
		{app: "app1", webhook: "w7", body: `{"type":"group","userId":"123","groupId":"third","traits":{"tier":"gold"},"timestamp":"` + at(-40) + `"}`},
		{app: "app1", webhook: "w8", body: `{"type":"page","userId":"nobody","name":"Home"}`},
		{app: "app2", webhook: "w1", body: `{"type":"track","event":"Signed In","userId":"123","groupId":"elsewhere","messageId":"m1"}`},
		{app: "app1", webhook: "w9", body: `{"type":"track","event":"Signed In","userId":"456","groupId":"account","messageId":"m9","timestamp":"` + at(-24*60) + `","properties":{"plan":"pro"}}`},
	}
}

func all(n int) analytics.Page { return analytics.Page{Limit: n} }

func TestTrackEvents(t *testing.T) {
	withAnalyzer(t, some(), func(a *Analyzer) {
		got, err := a.TrackEvents(t.Context(), "app1", analytics.Range{To: start}, all(10))
		check(t, err)
		series := func(yesterday, today int64) []int64 {
			s := make([]int64, analytics.SeriesDays)
			s[28], s[29] = yesterday, today
			return s
		}
		want := []analytics.TrackEvent{
			{
				Name: "Signed In", Events: 4, Visitors: 2, Accounts: 2, FirstSeen: minute(-24 * 60), LastSeen: minute(-5), WithoutAccount: 1, Series: series(1, 3),
				Verdicts: map[string]int64{"no_visitor": 1, "context_group_ignored": 1, "deferred": 1},
			},
			{
				Name: "Bought", Events: 1, Visitors: 1, Accounts: 1, FirstSeen: minute(-8), LastSeen: minute(-8), Series: series(0, 1),
				Verdicts: map[string]int64{"numeric_id": 1, "bad_property_key": 1},
			},
		}
		ignored := cmpopts.IgnoreMapEntries(func(code string, _ int64) bool { return code == "deferred" })
		if diff := cmp.Diff(want, got.Rows, ignored); diff != "" {
			t.Error(diff)
		}
		for sort, want := range map[string]string{"name": "Bought", "-name": "Signed In", "visitors": "Bought", "-accounts": "Signed In", "firstSeen": "Signed In", "-lastSeen": "Signed In", "withoutAccount": "Bought"} {
			one, err := a.TrackEvents(t.Context(), "app1", analytics.Range{}, analytics.Page{Limit: 1, Sort: sort})
			check(t, err)
			if one.Rows[0].Name != want || one.Next != "1" || one.Total != 2 {
				t.Errorf("by %s: got %s, next %s of %d, want %s", sort, one.Rows[0].Name, one.Next, one.Total, want)
			}
			two, err := a.TrackEvents(t.Context(), "app1", analytics.Range{}, analytics.Page{Limit: 1, Sort: sort, Cursor: one.Next})
			if err != nil || len(two.Rows) != 1 || two.Rows[0].Name == want || two.Next != "" {
				t.Errorf("by %s: the second page is %+v, %v", sort, two, err)
			}
		}
		found, err := a.TrackEvents(t.Context(), "app1", analytics.Range{}, analytics.Page{Limit: 9, Search: "SIGNED"})
		if err != nil || len(found.Rows) != 1 {
			t.Errorf("searched: %+v, %v", found, err)
		}
		if list, err := a.TrackEvents(t.Context(), "app3", analytics.Range{}, all(1)); list.Rows == nil || len(list.Rows) > 0 || err != nil {
			t.Errorf("an app that received nothing has %v, %v", list, err)
		}
		for _, bad := range []analytics.Page{{Sort: "color"}, {Cursor: "x"}} {
			if _, err := a.TrackEvents(t.Context(), "app1", analytics.Range{}, bad); err == nil {
				t.Errorf("%+v was answered", bad)
			}
		}
	})
}

func TestTrackEvent(t *testing.T) {
	withAnalyzer(t, some(), func(a *Analyzer) {
		day := startOfDay(start)
		r := analytics.Range{From: day, To: day.AddDate(0, 0, 1)}
		got, err := a.TrackEvent(t.Context(), "app1", "Signed In", r, analytics.Hour)
		check(t, err)
		if diff := cmp.Diff(analytics.Totals{Events: 3, Visitors: 1, Accounts: 2, WithoutAccount: 1}, got.Totals); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(analytics.Totals{Events: 1, Visitors: 1, Accounts: 1}, got.Previous); diff != "" {
			t.Error(diff)
		}
		if want := (analytics.Point{At: day.Add(11 * time.Hour), Events: 3, Visitors: 1, Accounts: 2}); len(got.Series) != 24 || got.Series[11] != want || got.PreviousSeries[12].Events != 1 {
			t.Errorf("the series is %+v, before it %+v", got.Series, got.PreviousSeries)
		}
		if !got.FirstSeen.Equal(minute(-24*60)) || got.Verdicts["context_group_ignored"] != 1 {
			t.Errorf("got %+v", got)
		}
		half, err := a.TrackEvent(t.Context(), "app1", "Signed In", analytics.Range{From: minute(-24 * 60), To: minute(-6)}, analytics.Day)
		check(t, err)
		if half.Totals.Events != 3 || len(half.Series) != 2 || half.Series[0].Events != 1 || half.Series[1].Events != 2 {
			t.Errorf("of a range that begins and ends within days: %+v", half)
		}
		if none, err := a.TrackEvent(t.Context(), "app1", "Nothing", r, analytics.Day); none != nil || err != nil {
			t.Errorf("got %v, %v", none, err)
		}
		visitors, err := a.TopVisitors(t.Context(), "app1", "Signed In", analytics.Range{}, 10)
		check(t, err)
		want := []analytics.TopVisitor{{ID: "123", Events: 2, FirstSeen: minute(-9), LastSeen: minute(-5)}, {ID: "456", Events: 1, FirstSeen: minute(-24 * 60), LastSeen: minute(-24 * 60)}}
		if diff := cmp.Diff(want, visitors); diff != "" {
			t.Error(diff)
		}
		accounts, err := a.TopAccounts(t.Context(), "app1", "Signed In", analytics.Range{}, 1)
		check(t, err)
		if diff := cmp.Diff([]analytics.TopAccount{{ID: "account", Events: 2, Visitors: 2, LastSeen: minute(-9)}}, accounts); diff != "" {
			t.Error(diff)
		}
	})
}

func TestProperties(t *testing.T) {
	withAnalyzer(t, some(), func(a *Analyzer) {
		got, err := a.Properties(t.Context(), "app1", "Signed In", analytics.Range{})
		check(t, err)
		want := []analytics.Property{
			{Key: "plan", Events: 3, Fill: 0.75, Types: map[string]int64{"string": 3}, Cardinality: 2, Groupable: true},
			{Key: "groupId", Events: 1, Fill: 0.25, Types: map[string]int64{"string": 1}, Cardinality: 1, Groupable: true},
			{Key: "seats", Events: 1, Fill: 0.25, Types: map[string]int64{"number": 1}, Cardinality: 1},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		values, err := a.Breakdown(t.Context(), "app1", "Signed In", "plan", analytics.Top{Limit: 2})
		check(t, err)
		wantValues := []analytics.PropertyValue{
			{Value: analytics.Value(`"pro"`), Type: "string", Events: 2, Visitors: 2, Accounts: 1, Share: 0.5},
			{Value: analytics.Value(`"free"`), Type: "string", Events: 1, Visitors: 1, Accounts: 1, Share: 0.25},
		}
		if diff := cmp.Diff(wantValues, values); diff != "" {
			t.Error(diff)
		}
		dictionary, err := a.PropertyDictionary(t.Context(), "app1", "Bought", analytics.Range{}, all(10))
		check(t, err)
		if keys := fmt.Sprint(len(dictionary.Rows), dictionary.Rows[0].Key, dictionary.Rows[0].Problem, dictionary.Rows[0].Types, string(dictionary.Rows[2].Examples[0])); keys != `3a bbad_property_keymap[object:1]"pro"` {
			t.Errorf("the dictionary is %+v", dictionary.Rows)
		}
	})
}

// Properties that have no slot of their own are found in the JSON.
func TestManyProperties(t *testing.T) {
	properties := ""
	for i := range slotsMax {
		properties += fmt.Sprintf(`"k%d":%d,`, i, i)
	}
	withAnalyzer(t, []delivery{
		{app: "app1", body: `{"type":"track","event":"e","userId":"u","properties":{` + properties + `"one/more~":"x"}}`},
		{app: "app1", body: `{"type":"track","event":"e","userId":"v","properties":{"one/more~":{"a":1}}}`},
	}, func(a *Analyzer) {
		got, err := a.Properties(t.Context(), "app1", "e", analytics.Range{})
		check(t, err)
		want := analytics.Property{Key: "one/more~", Events: 2, Fill: 1, Types: map[string]int64{"string": 1, "object": 1}, Cardinality: 2, Problem: analytics.ProblemKey}
		if len(got) != slotsMax+1 {
			t.Fatalf("got %d properties, want %d", len(got), slotsMax+1)
		}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Error(diff)
		}
		values, err := a.Breakdown(t.Context(), "app1", "e", "one/more~", analytics.Top{Limit: 10})
		if err != nil || len(values) != 2 || values[0].Events != 1 {
			t.Errorf("got %+v, %v", values, err)
		}
	})
}

func TestVisitorAndAccount(t *testing.T) {
	withAnalyzer(t, some(), func(a *Analyzer) {
		v, err := a.Visitor(t.Context(), "app1", "123")
		check(t, err)
		want := &analytics.Visitor{
			VisitorRow:  analytics.VisitorRow{ID: "123", Accounts: []string{"other", "account", "third"}, Events: 3, FirstSeen: minute(-40), LastSeen: minute(-5)},
			TrackEvents: []analytics.PersonEvent{{Name: "Signed In", Events: 2, LastSeen: minute(-5)}, {Name: "Bought", Events: 1, LastSeen: minute(-8)}},
			Metadata: analytics.Metadata{"segmentio": []analytics.MetadataField{
				{Field: "name", Value: analytics.Value(`"Ann"`), Source: "segmentio", At: start},
				{Field: "plan", Value: analytics.Value(`"pro"`), Source: "segmentio", At: minute(1), Names: []string{"Plan", "plan"}},
				{Field: "seats", Value: analytics.Value(`1.0`), Source: "segmentio", At: minute(1)},
			}},
			Aliases: []analytics.Alias{},
		}
		auto := v.Metadata["auto"]
		delete(v.Metadata, "auto")
		passing := cmpopts.IgnoreFields(analytics.Visitor{}, "Activity", "VisitorRow.ActiveDays", "VisitorRow.Frequency") // they depend on the day of the test
		if diff := cmp.Diff(want, v, passing); diff != "" {
			t.Error(diff)
		}
		if len(auto) != 5 || auto[0].Field != "accountid" || string(auto[0].Value) != `"other"` {
			t.Errorf("auto is %+v", auto)
		}
		history, err := a.History(t.Context(), "app1", analytics.Who{Kind: analytics.KindVisitor, ID: "123"}, analytics.HistoryFilter{Group: "segmentio", Field: "Plan", Limit: 10})
		check(t, err)
		if len(history) != 2 || string(history[0].Value) != `"pro"` || string(history[1].Value) != `"free"` || history[1].Name != "Plan" {
			t.Errorf("the history is %+v", history)
		}
		account, err := a.Account(t.Context(), "app1", "account")
		check(t, err)
		if account.Visitors != 2 || account.Events != 3 || account.VisitorsWithout != 0 || len(account.TrackEvents) != 2 {
			t.Errorf("got %+v", account)
		}
		third, err := a.Account(t.Context(), "app1", "third")
		if err != nil || string(third.Metadata["segmentio"][0].Value) != `"gold"` {
			t.Errorf("got %+v, %v", third, err)
		}
		for _, id := range []string{"nobody", "elsewhere"} {
			v, err := a.Visitor(t.Context(), "app1", id)
			account, err2 := a.Account(t.Context(), "app1", id)
			if v != nil || account != nil || err != nil || err2 != nil {
				t.Errorf("%s: got %v, %v, %v, %v", id, v, account, err, err2)
			}
		}
	})
}

func TestVisitorsAndAccounts(t *testing.T) {
	withAnalyzer(t, some(), func(a *Analyzer) {
		ids := func(f analytics.VisitorFilter, r analytics.Range, p analytics.Page) string {
			t.Helper()
			list, err := a.Visitors(t.Context(), "app1", f, r, p)
			check(t, err)
			got := ""
			for _, v := range list.Rows {
				got += fmt.Sprintf("%s%v%d ", v.ID, v.Accounts, v.Events)
			}
			return got + fmt.Sprint("of ", list.Total, list.Next)
		}
		no, yes := false, true
		today := analytics.Range{From: startOfDay(start), To: start}
		for _, c := range []struct {
			filter analytics.VisitorFilter
			r      analytics.Range
			page   analytics.Page
			want   string
		}{
			{page: all(10), want: "123[other account third]3 456[account]1 of 2"},
			{page: analytics.Page{Limit: 1, Sort: "events"}, want: "456[account]1 of 21"},
			{page: analytics.Page{Limit: 1, Sort: "events", Cursor: "1"}, want: "123[other account third]3 of 2"},
			{page: analytics.Page{Limit: 1, Sort: "events", Offset: 1}, want: "123[other account third]3 of 2"},
			{page: analytics.Page{Limit: 9, Search: "45"}, want: "456[account]1 of 1"},
			{page: analytics.Page{Limit: 9, Sort: "-activeDays"}, want: "123[other account third]3 456[account]1 of 2"},
			{page: all(10), filter: analytics.VisitorFilter{Account: "third"}, want: "123[other account third]0 of 1"},
			{page: all(10), filter: analytics.VisitorFilter{Anonymous: &no}, want: "123[other account third]3 456[account]1 of 2"},
			{page: all(10), filter: analytics.VisitorFilter{Anonymous: &yes}, want: "of 0"},
			{page: all(10), filter: analytics.VisitorFilter{Frequency: analytics.FrequencyHigh}, want: "of 0"},
			{page: all(10), r: today, want: "123[other account third]3 of 1"},
		} {
			if got := ids(c.filter, c.r, c.page); got != c.want {
				t.Errorf("%+v: got %s, want %s", c, got, c.want)
			}
		}
		if third, err := a.Accounts(t.Context(), "app1", analytics.Range{}, analytics.Page{Limit: 10, Sort: "-visitors", Offset: 2}); err != nil || len(third.Rows) != 1 || third.Next != "" {
			t.Errorf("after the second account: got %+v, %v, want one more", third, err)
		}
		list, err := a.Accounts(t.Context(), "app1", analytics.Range{}, analytics.Page{Limit: 10, Sort: "-visitors"})
		check(t, err)
		if got := fmt.Sprint(len(list.Rows), list.Rows[0].ID, list.Rows[0].Visitors, list.Rows[0].Events, list.Total); got != "3account2 3 3" {
			t.Errorf("the accounts are %s: %+v", got, list)
		}
	})
}

func TestAnonymousVisitorTurnsOutToBeSomeone(t *testing.T) {
	agent := func(typ, visitor, props string, n int) string {
		return fmt.Sprintf(`{"type":%q,"track_event_name":"e","visitor_id":%q,"account_id":"g","browser_time":%d,"tabId":"t","frameId":"f","sequence":%d,"props":%s}`,
			typ, visitor, start.UnixMilli()+int64(n), n, props)
	}
	body := func(events string) delivery {
		return delivery{app: "app1", via: pendowire.ViaAgent, body: pack("[" + events + "]")}
	}
	track := func(visitor string, n int) delivery { return body(agent("track", visitor, "{}", n)) }
	const x, y = "_PENDO_T_x", "_PENDO_T_y"
	identify := func(old, visitor string, n int) delivery {
		return body(agent("identify", visitor, fmt.Sprintf(`{"old_visitor_id":%q,"visitor_id":%q}`, old, visitor), n))
	}
	for name, sealed := range map[string]uint64{"summed up": 1, "not summed up": 1000} {
		t.Run(name, func(t *testing.T) {
			withAnalyzer(t, nil, func(a *Analyzer) {
				a.cfg.SealRows = sealed
				more(t, a, body(agent("meta", x, `{"visitor":{"id":"x","lang":"de","plan":"free"}}`, 1)), track(x, 2), track(y, 3), track(x, 4))
				project(t, a)
				before, err := a.TrackEvents(t.Context(), "app1", analytics.Range{}, all(1))
				check(t, err)
				more(t, a, identify(x, "u", 5), track("u", 6), track(x, 7), identify(y, "u", 8), identify(x, "v", 9), body(agent("meta", "u", `{"visitor":{"id":"u","plan":"pro"}}`, 10)))
				project(t, a)
				after, err := a.TrackEvents(t.Context(), "app1", analytics.Range{}, all(1))
				check(t, err)
				if got := []int64{before.Rows[0].Events, before.Rows[0].Visitors, after.Rows[0].Events, after.Rows[0].Visitors}; !cmp.Equal(got, []int64{3, 2, 5, 1}) {
					t.Errorf("events and visitors before and after: got %v, want 3, 2, 5, 1", got)
				}
				u, err := a.Visitor(t.Context(), "app1", "u")
				check(t, err)
				if u.Events != 5 || len(u.Aliases) != 2 || u.Aliases[0].ID != x || u.Aliases[1].ID != y {
					t.Errorf("got %+v", u)
				}
				got, err := json.Marshal(u.Metadata["agent"])
				check(t, err)
				if want := `[{"field":"lang","value":"de","source":"agent","at":"2026-01-31T12:00:00Z"},{"field":"plan","value":"pro","source":"agent","at":"2026-01-31T12:00:00Z"}]`; string(got) != want {
					t.Errorf("the metadata is %s, want %s", got, want)
				}
				if alias, err := a.Visitor(t.Context(), "app1", x); err != nil || alias.MergedInto != "u" || !alias.Anonymous {
					t.Errorf("got %+v, %v", alias, err)
				}
				list, err := a.Visitors(t.Context(), "app1", analytics.VisitorFilter{}, analytics.Range{}, all(9))
				if err != nil || len(list.Rows) != 2 || list.Rows[0].ID != "u" && list.Rows[1].ID != "u" { // v was identified, too
					t.Errorf("the visitors are %+v, %v", list.Rows, err)
				}
				top, err := a.TopVisitors(t.Context(), "app1", "e", analytics.Range{}, 10)
				if err != nil || len(top) != 1 || top[0].Events != 5 {
					t.Errorf("the top visitors are %+v, %v", top, err)
				}
			})
		})
	}
}

func TestExplore(t *testing.T) {
	withAnalyzer(t, some(), func(a *Analyzer) {
		day := startOfDay(start)
		r := analytics.Range{From: day.AddDate(0, 0, -1), To: day.AddDate(0, 0, 1)}
		for _, c := range []struct {
			q    analytics.Exploration
			want string
		}{
			{analytics.Exploration{Measure: "events"}, "=5[1 4]"},
			{analytics.Exploration{Measure: "visitors", Events: []string{"Signed In"}}, "=2[1 1]"},
			{analytics.Exploration{Measure: "events", GroupBy: "event"}, "Signed In=4[1 3] Bought=1[0 1]"},
			{analytics.Exploration{Measure: "accounts", GroupBy: "event", Limit: 1}, "Signed In=2[1 2] +1"},
			{analytics.Exploration{Measure: "events", GroupBy: "property:plan"}, "pro=3[1 2] =1[0 1] free=1[0 1]"},
			{analytics.Exploration{Measure: "events", GroupBy: "account", Filters: []string{"visitor:is:123"}}, "account=2[0 2] other=1[0 1]"},
			{analytics.Exploration{Measure: "events", GroupBy: "visitor:segmentio.PLAN", Filters: []string{"property:plan:set"}}, "pro=3[0 3] =1[1 0]"},
			{analytics.Exploration{Measure: "events", Filters: []string{"property:seats:gt:1.5", "event:contains:sign"}}, "=1[0 1]"},
			{analytics.Exploration{Measure: "events", Filters: []string{"visitor:unset"}}, "=1[0 1]"},
			{analytics.Exploration{Measure: "events", Filters: []string{"property:plan:not:pro"}}, "=2[0 2]"},
			{analytics.Exploration{Measure: "eventsPerVisitor", Interval: "total"}, "=2[]"},
			{analytics.Exploration{Measure: "events", GroupBy: "via", Interval: "month"}, "segmentio=5[5]"},
			{analytics.Exploration{Measure: "events", Events: []string{"Nothing"}}, ""},
		} {
			c.q.Range = r
			if c.q.Interval == "" {
				c.q.Interval = analytics.Day
			}
			if c.q.Limit == 0 {
				c.q.Limit = 10
			}
			out, err := a.Explore(t.Context(), "app1", c.q)
			check(t, err)
			got := ""
			for _, g := range out.Groups {
				if got != "" {
					got += " "
				}
				values := []float64{}
				for _, p := range g.Series {
					values = append(values, p.Value)
				}
				got += fmt.Sprintf("%s=%v%v", g.Group, g.Total, values)
			}
			if out.OtherGroups > 0 {
				got += fmt.Sprint(" +", out.OtherGroups)
			}
			if got != c.want {
				t.Errorf("%+v:\ngot  %s\nwant %s", c.q, got, c.want)
			}
		}
		for _, q := range []analytics.Exploration{
			{Measure: "color"},
			{Measure: "events", GroupBy: "color"},
			{Measure: "events", Filters: []string{"via"}},
			{Measure: "events", Filters: []string{"via:gt:x"}},
			{Measure: "events", GroupBy: "visitor:plan"},
			{Measure: "events", Filters: make([]string, 11)},
		} {
			if out, err := a.Explore(t.Context(), "app1", q); err == nil {
				t.Errorf("%+v: got %+v, want an error", q, out)
			}
		}
	})
}

func TestQuality(t *testing.T) {
	withAnalyzer(t, some(), func(a *Analyzer) {
		verdicts, err := a.Verdicts(t.Context(), "app1", "", analytics.Range{})
		check(t, err)
		got := map[pendowire.Verdict]int64{}
		for _, v := range verdicts {
			got[v.Code] = v.Events
		}
		for code, want := range map[pendowire.Verdict]int64{pendowire.ContextGroupIgnored: 1, pendowire.IgnoredType: 1, pendowire.ObjectIgnored: 1} {
			if got[code] != want {
				t.Errorf("%s: got %d, want %d", code, got[code], want)
			}
		}
		coverage, err := a.Coverage(t.Context(), "app1", analytics.Range{From: startOfDay(start)}, all(10))
		check(t, err)
		want := []analytics.Coverage{{Name: "Signed In", Events: 3, WithoutAccount: 1, WithoutVisitor: 1, Share: 0.666667}, {Name: "Bought", Events: 1, Share: 1}}
		if diff := cmp.Diff(want, coverage.Rows); diff != "" {
			t.Error(diff)
		}
		shapes, err := a.IDShapes(t.Context(), "app1")
		check(t, err)
		if diff := cmp.Diff([]analytics.IDShape{
			{Kind: "visitor", Shape: "number", IDs: 2, Events: 4, Example: "123"}, {Kind: "account", Shape: "other", IDs: 3, Events: 4, Example: "account"},
		}, shapes); diff != "" {
			t.Error(diff)
		}
		fields, err := a.MetadataDictionary(t.Context(), "app1", analytics.KindVisitor, "plan")
		check(t, err)
		wantFields := []analytics.MetadataEntry{{
			Kind: "visitor", Group: "segmentio", Field: "plan", Names: []string{"Plan", "plan"}, Types: map[string]int64{"string": 1}, Holders: 1, Distinct: 1,
			Example: analytics.Value(`"pro"`), LastSeen: minute(1), Collisions: []analytics.Collision{analytics.CollisionCase},
		}}
		if diff := cmp.Diff(wantFields, fields); diff != "" {
			t.Error(diff)
		}
	})
}

// What someone has done in the last days is told from the end of today on: 30 days count as active ones, 90 are shown.
func TestActivityIsOfTheLastDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where it is always the same day
		var deliveries []delivery
		for _, days := range []int{0, 0, 29, 30, 89, 90} {
			at := time.Now().AddDate(0, 0, -days)
			body := `{"type":"track","event":"e","userId":"u","timestamp":"` + at.Format(time.RFC3339) + `"}`
			deliveries = append(deliveries, delivery{app: "app1", body: body, later: at.Sub(start)})
		}
		withAnalyzer(t, deliveries, func(a *Analyzer) {
			v, err := a.Visitor(t.Context(), "app1", "u")
			check(t, err)
			page := analytics.Page{Limit: 10, Sort: "id"}
			list, err := a.Visitors(t.Context(), "app1", analytics.VisitorFilter{}, analytics.Range{}, page)
			check(t, err)
			var got []string
			for _, d := range v.Activity {
				got = append(got, fmt.Sprint(d.Day, " ", d.Events))
			}
			today := startOfDay(time.Now())
			day := func(ago, events int) string {
				return fmt.Sprint(today.AddDate(0, 0, -ago).Format(time.DateOnly), " ", events)
			}
			if diff := cmp.Diff([]string{day(89, 1), day(30, 1), day(29, 1), day(0, 2)}, got); diff != "" {
				t.Errorf("activity (-want +got):\n%s", diff)
			}
			if v.ActiveDays != 2 || len(list.Rows) != 1 || list.Rows[0].ActiveDays != 2 {
				t.Errorf("active on %d days, and in the list %+v, want 2", v.ActiveDays, list.Rows)
			}
		})
	})
}
