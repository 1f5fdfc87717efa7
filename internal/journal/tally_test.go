package journal

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
)

func TestTally(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	l.SetIndex(index{})
	at := func(minute int) string { return start.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339) }
	event := func(id, name, version string, minute int) string {
		return fmt.Sprintf(`{"type":"track","event":%q,"messageId":%q,"context":{"app":{"version":%q}},"receivedAt":%q}`, name, id, version, at(minute))
	}
	appendEvents(t, l, "s1", event("m1", "A", "1", 0), event("m2", "A", "2", 0), event("m3", "B", "2", 61))
	appendEvents(t, l, "s2", event("m4", "A", "1", 1))
	appendEvents(t, l, "s1", event("m1", "A", "1", 2)) // again
	ms := func(minute int) int64 { return start.Add(time.Duration(minute) * time.Minute).UnixMilli() }
	span := func(seq uint64, from, to int) []record.Span { return []record.Span{{Seq: seq, From: from, To: to}} }
	appendOutcomes(t, l, "map1",
		record.Outcome{Status: record.Retrying, At: span(1, 0, 0), Attempt: 1, Millis: ms(1), Exchange: &record.Exchange{Took: 1000}},
		record.Outcome{Status: record.Delivered, At: span(1, 0, 0), Attempt: 2, Millis: ms(2)},
		record.Outcome{Status: record.Delivered, At: span(1, 1, 1), Attempt: 1, Millis: ms(2)},
		record.Outcome{Status: record.Filtered, At: span(1, 2, 2), Code: "NO_MATCHING_MAPPING", Millis: ms(62)},
		record.Outcome{Status: record.Discarded, At: span(2, 0, 0), Attempt: 3, Code: "503", Reason: "given up after 3 attempts", Millis: ms(62)})
	appendOutcomes(t, l, "map2", record.Outcome{Status: record.Delivered, At: span(1, 0, 2), Attempt: 1, Millis: ms(3)})
	rejected, err := json.Marshal(record.Rejected{At: ms(5), Code: "no_user_anon_id", Count: 4})
	check(t, err)
	_, err = l.Append(t.Context(), eventlog.Events, "rejected.ws1.s1", record.KindRejected, []eventlog.Line{{Data: rejected}})
	check(t, err)
	_, err = l.Append(t.Context(), eventlog.Events, "fences.ws1.s1", record.KindFence, []eventlog.Line{{Data: []byte(`{}`)}})
	check(t, err)
	j := openJournal(t, t.TempDir(), l, 1000)
	project(t, j)

	hour := func(n int) time.Time { return start.Add(time.Duration(n) * time.Hour) }
	for name, c := range map[string]struct {
		tally Tally
		want  []Tallied
	}{
		"received":            {Tally{Stage: StageReceived, Step: "hour"}, []Tallied{{At: hour(0), Events: 3}, {At: hour(1), Events: 1}}},
		"of a source by name": {Tally{Stage: StageReceived, Step: "day", Sources: []string{"s1"}, ByName: true}, []Tallied{{At: hour(-12), Name: "A", Events: 2}, {At: hour(-12), Name: "B", Events: 1}}},
		"of a version":        {Tally{Stage: StageReceived, Step: "hour", AppVersions: []string{"2"}, BySource: true, ByType: true}, []Tallied{{At: hour(0), Source: "s1", Type: "track", Events: 1}, {At: hour(1), Source: "s1", Type: "track", Events: 1}}},
		"refused":             {Tally{Stage: StageRefused, Step: "hour", ByCode: true}, []Tallied{{At: hour(0), Code: "no_user_anon_id", Events: 4}}},
		"delivered":           {Tally{Stage: StageDelivered, Step: "hour", Mappings: []string{"map1"}}, []Tallied{{At: hour(0), Events: 2, Retries: 1}}},
		"delivered by two":    {Tally{Stage: StageDelivered, Step: "hour", Mappings: []string{"map1", "map2"}, Names: []string{"A"}}, []Tallied{{At: hour(0), Events: 4, Retries: 1}}},
		"delivered by none":   {Tally{Stage: StageDelivered, Step: "hour"}, []Tallied{}},
		"filtered":            {Tally{Stage: StageFiltered, Step: "hour", Mappings: []string{"map1"}, ByCode: true}, []Tallied{{At: hour(1), Code: "NO_MATCHING_MAPPING", Events: 1}}},
		"failed":              {Tally{Stage: StageFailed, Step: "hour", Mappings: []string{"map1"}, ByCode: true, Codes: []string{"503", "x"}}, []Tallied{{At: hour(1), Code: "503", Events: 1}}},
	} {
		c.tally.Workspace, c.tally.Since, c.tally.Until = "ws1", start, start.Add(24*time.Hour)
		got, err := j.Tally(t.Context(), c.tally)
		check(t, err)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if _, err := j.Tally(t.Context(), Tally{Step: "year'"}); err == nil {
		t.Error("a step that there is not is taken")
	}

	got, err := j.Delivery(t.Context(), []string{"map1"}, start, start.Add(24*time.Hour))
	check(t, err)
	want := Delivery{AtOnce: 1, AfterRetry: 1, Expired: 1, Retried: 1, SuccessAverage: 120_000, SuccessP95: 120_000, FirstAverage: 89_500, FirstP95: 116_950}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("delivery (-want +got):\n%s", diff)
	}
	none, err := j.Delivery(t.Context(), nil, start, start.Add(24*time.Hour))
	if none != (Delivery{}) || err != nil {
		t.Errorf("delivery of no mapping: %+v, %v", none, err)
	}
	shut(t, j)
}
