package journal

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/eventlog/memlog"
	"penstock/internal/record"
)

// hour is the hour that begins at start, in steps of ten minutes.
func hour() Span { return Span{Since: start, Until: start.Add(time.Hour), Step: 10 * time.Minute} }

func at(minute int) string {
	return start.Add(time.Duration(minute) * time.Minute).Format(time.RFC3339)
}

func TestVolume(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	l.SetIndex(index{"s1 m1": {Seq: 1}})
	appendEvents(t, l, "s1",
		`{"messageId":"m0","type":"track","event":"Paid","userId":"a","receivedAt":"`+at(-1)+`"}`,
		`{"messageId":"m2","type":"track","event":"Paid","userId":"a","receivedAt":"`+at(0)+`"}`,
		`{"messageId":"m3","type":"track","event":"Paid","userId":"b","receivedAt":"`+at(9)+`"}`,
		`{"messageId":"m4","type":"page","name":"Home","receivedAt":"`+at(9)+`"}`,
		`{"messageId":"m1","type":"track","event":"Paid","userId":"c","receivedAt":"`+at(35)+`"}`,
		`{"messageId":"m5","type":"track","event":"Paid","receivedAt":"`+at(60)+`"}`)
	appendEvents(t, l, "s2", `{"messageId":"m6","type":"track","event":"Other","receivedAt":"`+at(5)+`"}`)
	j := openJournal(t, t.TempDir(), l, 1000)
	defer shut(t, j)
	project(t, j)
	got, err := j.Volume(t.Context(), "s1", hour())
	check(t, err)
	want := []VolumePoint{
		{At: start, Type: "page", Events: 1},
		{At: start, Type: "track", Events: 2},
		{At: start.Add(30 * time.Minute), Type: "track", Events: 1, Duplicates: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	names, err := j.EventNames(t.Context(), "s1", hour())
	check(t, err)
	if diff := cmp.Diff([]EventName{
		{Type: "track", Name: "Paid", Events: 2, Users: 2, FirstSeen: start, LastSeen: start.Add(9 * time.Minute)},
		{Type: "page", Name: "Home", Events: 1, FirstSeen: start.Add(9 * time.Minute), LastSeen: start.Add(9 * time.Minute)},
	}, names); diff != "" {
		t.Error(diff)
	}
}

// withOutcomes is a journal in which map1 has two events: m1 was retried, and delivered; m2 was discarded, and m3 waits for another try.
func withOutcomes(t *testing.T) (*Journal, func()) {
	t.Helper()
	l, stop := startLog(t, memlog.New())
	ms := func(minute int) int64 { return start.Add(time.Duration(minute) * time.Minute).UnixMilli() }
	appendEvents(t, l, "s1", `{"messageId":"m1","type":"track","event":"Paid","userId":"a"}`, `{"messageId":"m2","type":"track","event":"Sold","anonymousId":"x"}`, `{"messageId":"m3"}`)
	one := func(line int) []record.Span { return []record.Span{{Seq: 1, From: line, To: line}} }
	exchange := &record.Exchange{ID: "msg_1", Method: "POST", URL: "http://localhost/", Bytes: 10, Status: 503, Took: 3}
	appendOutcomes(t, l, "map1",
		record.Outcome{Status: record.Retrying, At: one(0), Attempt: 1, Code: "503", Reason: "it was busy", Due: ms(2), Millis: ms(1), Exchange: exchange},
		record.Outcome{Status: record.Discarded, At: one(1), Attempt: 1, Code: "400", Reason: "it does not take this", Millis: ms(1)},
		record.Outcome{Status: record.Delivered, At: one(0), Attempt: 2, Millis: ms(12)},
		record.Outcome{Status: record.Retrying, At: one(2), Attempt: 1, Code: "503", Millis: ms(13)},
		record.Outcome{Status: record.Filtered, At: []record.Span{{Seq: 2, From: 0, To: 99}}, Millis: ms(14)})
	appendOutcomes(t, l, "map2", record.Outcome{Status: record.Delivered, At: one(0), Attempt: 1, Millis: ms(3)})
	j := openJournal(t, t.TempDir(), l, 1000)
	project(t, j)
	return j, func() { shut(t, j); stop() }
}

func TestOutcomes(t *testing.T) {
	j, done := withOutcomes(t)
	defer done()
	later := start.Add(10 * time.Minute)
	got, err := j.Outcomes(t.Context(), []string{"map1", "map2"}, hour())
	check(t, err)
	want := []OutcomePoint{
		{start, record.Delivered, true, 1},
		{start, record.Discarded, true, 1},
		{start, record.Retrying, true, 1},
		{later, record.Delivered, false, 1},
		{later, record.Filtered, true, 100},
		{later, record.Retrying, true, 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	reasons, err := j.Reasons(t.Context(), []string{"map1"}, hour())
	check(t, err)
	if len(reasons) != 4 || reasons[0].Status != record.Filtered || reasons[0].Events != 100 {
		t.Errorf("reasons: %+v", reasons)
	}
	if none, err := j.Outcomes(t.Context(), nil, hour()); err != nil || len(none) != 0 {
		t.Errorf("of no mapping: %v %v", none, err)
	}
}

func TestAttempts(t *testing.T) {
	j, done := withOutcomes(t)
	defer done()
	for name, c := range map[string]struct {
		q    AttemptQuery
		want []string // positions in OUTCOMES
	}{
		"all":            {AttemptQuery{}, []string{"1.4", "1.3", "1.2", "1.1", "1.0"}},
		"some":           {AttemptQuery{Limit: 2}, []string{"1.4", "1.3"}},
		"more":           {AttemptQuery{Limit: 2, Before: record.Position{Seq: 1, Line: 3}}, []string{"1.2", "1.1"}},
		"of a status":    {AttemptQuery{Statuses: []record.Status{record.Retrying, record.Discarded}}, []string{"1.3", "1.1", "1.0"}},
		"retrying still": {AttemptQuery{Statuses: []record.Status{record.Retrying}, Standing: true}, []string{"1.3"}},
		"from a time on": {AttemptQuery{Since: start.Add(13 * time.Minute)}, []string{"1.4", "1.3"}},
	} {
		c.q.Mappings = []string{"map1"}
		got := []string{}
		found, err := j.Attempts(t.Context(), c.q)
		check(t, err)
		for _, a := range found {
			got = append(got, a.Position.String())
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	found, err := j.Attempts(t.Context(), AttemptQuery{Mappings: []string{"map1"}})
	check(t, err)
	want := Attempt{
		Position: record.Position{Seq: 1}, Mapping: "map1", At: start.Add(time.Minute), Status: record.Retrying, Code: "503", Reason: "it was busy", Attempt: 1, Due: start.Add(2 * time.Minute),
		Events: 1, Event: record.Position{Seq: 1}, MessageID: "m1", Name: "Paid", Type: "track", User: "a", Method: "POST", URL: "http://localhost/", HTTP: 503, Took: 3, Bytes: 10,
	}
	if diff := cmp.Diff(want, found[4]); diff != "" {
		t.Error(diff)
	}
	if found[0].Events != 100 || found[0].MessageID != "" {
		t.Errorf("filtered ones: %+v", found[0])
	}
}

func TestSearchGoesOn(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	appendEvents(t, l, "s1", `{"messageId":"m1","receivedAt":"`+at(0)+`"}`, `{"messageId":"m2","receivedAt":"`+at(1)+`"}`, `{"messageId":"m3","receivedAt":"`+at(2)+`"}`)
	j := openJournal(t, t.TempDir(), l, 1000)
	defer shut(t, j)
	project(t, j)
	for name, c := range map[string]struct {
		q    Query
		want []string
	}{
		"the newest":      {Query{Limit: 2}, []string{"m3", "m2"}},
		"and then":        {Query{Limit: 2, Before: record.Position{Seq: 1, Line: 1}}, []string{"m1"}},
		"before a time":   {Query{Until: start.Add(2 * time.Minute)}, []string{"m2", "m1"}},
		"and from one on": {Query{Since: start.Add(time.Minute), Until: start.Add(2 * time.Minute)}, []string{"m2"}},
	} {
		got := []string{}
		found, err := j.Search(t.Context(), c.q)
		check(t, err)
		for _, e := range found {
			got = append(got, e.MessageID)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
