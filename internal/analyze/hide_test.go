package analyze

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/analytics"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/pendowire"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

// running is an Analyzer whose Run runs.
type running struct {
	*Analyzer

	stop func()
}

func run(t *testing.T, dir string, l *eventlog.Log, kv workspace.KV) running {
	t.Helper()
	db := openDB(t, dir)
	cfg := testConfig(1000)
	cfg.Linger = 0
	a, err := New(t.Context(), cfg, Parts{DB: db, Log: l, Flags: kv, Logger: slog.New(slog.DiscardHandler)})
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	r := running{Analyzer: a, stop: func() {
		cancel()
		check(t, <-done)
		check(t, errors.Join(a.Close(), db.Close()))
	}}
	r.wait(t, l)
	return r
}

// wait waits until all that was received is in the tables.
func (r *running) wait(t *testing.T, l *eventlog.Log) {
	t.Helper()
	for {
		changed := r.Changed()
		if r.Position() >= l.Last(eventlog.Received) {
			return
		}
		select {
		case <-changed:
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}

// numbers are the events and visitors of app1's first Track Event, and its visitors.
func (r *running) totals(t *testing.T) (events, visitors int64, list []string) {
	t.Helper()
	found, err := r.TrackEvents(t.Context(), "app1", analytics.Range{}, all(1))
	check(t, err)
	people, err := r.Visitors(t.Context(), "app1", analytics.VisitorFilter{}, analytics.Range{}, analytics.Page{Limit: 10, Sort: "id"})
	check(t, err)
	for _, v := range people.Rows {
		list = append(list, v.ID)
	}
	if len(found.Rows) == 0 {
		return 0, 0, list
	}
	return found.Rows[0].Events, found.Rows[0].Visitors, list
}

func (r *running) want(t *testing.T, what string, events, visitors int64, list string) {
	t.Helper()
	gotEvents, gotVisitors, people := r.totals(t)
	if got := strings.Join(people, " "); gotEvents != events || gotVisitors != visitors || got != list {
		t.Errorf("%s: %d events of %d visitors, %s; want %d of %d, %s", what, gotEvents, gotVisitors, got, events, visitors, list)
	}
}

func tracks(users ...string) (all []delivery) {
	for _, u := range users {
		all = append(all, delivery{app: "app1", body: `{"type":"track","event":"e","userId":"` + u + `","groupId":"of ` + u + `"}`})
	}
	return all
}

func aVisitor(id string) analytics.Who { return analytics.Who{Kind: analytics.KindVisitor, ID: id} }

func TestExcludedPeopleAreCountedNowhere(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	kv, dir := memkv.New(), t.TempDir()
	deliver(t, l, tracks("u", "v", "w", "u", "v", "w", "u")...)
	r := run(t, dir, l, kv)
	r.want(t, "before", 7, 3, "u v w")
	yes, no := true, false
	if flags, err := r.SetFlags(t.Context(), "app1", aVisitor("u"), analytics.FlagChange{Excluded: &yes}); err != nil || !flags.Excluded {
		t.Fatal(flags, err)
	}
	r.want(t, "u excluded", 4, 2, "v w")
	deliver(t, l, tracks("u", "v", "new")...)
	r.wait(t, l)
	r.want(t, "more of u", 6, 3, "new v w")
	if v, err := r.Visitor(t.Context(), "app1", "u"); err != nil || v == nil || !v.Excluded || v.Events != 4 {
		t.Errorf("u itself is %+v, %v", v, err)
	}
	_, err := r.SetFlags(t.Context(), "app1", analytics.Who{Kind: analytics.KindAccount, ID: "of w"}, analytics.FlagChange{Excluded: &yes})
	check(t, err)
	_, err = r.SetFlags(t.Context(), "app1", aVisitor("later"), analytics.FlagChange{Excluded: &yes})
	check(t, err)
	r.want(t, "the account of w, too", 4, 2, "new v")
	deliver(t, l, tracks("later", "w")...)
	r.wait(t, l)
	r.want(t, "who was excluded before they came", 4, 2, "new v")
	list, err := r.Exclusions(t.Context(), "app1")
	if err != nil || len(list) != 3 {
		t.Errorf("the list is %+v, %v", list, err)
	}
	continued := dump(t, r.DB)
	r.stop()

	r = run(t, dir, l, kv)
	r.want(t, "after a restart", 4, 2, "new v")
	r.stop()
	r = run(t, t.TempDir(), l, kv)
	r.want(t, "made anew", 4, 2, "new v")
	if diff := cmp.Diff(withoutHidden(continued), withoutHidden(dump(t, r.DB))); diff != "" {
		t.Errorf("continued, and made anew:\n%s", diff)
	}
	for _, who := range []analytics.Who{aVisitor("u"), aVisitor("later"), {Kind: analytics.KindAccount, ID: "of w"}} {
		_, err := r.SetFlags(t.Context(), "app1", who, analytics.FlagChange{Excluded: &no})
		check(t, err)
	}
	r.want(t, "nobody excluded", 12, 5, "later new u v w")
	r.stop()
}

// withoutHidden leaves out who is hidden: the table has people in it in the order of their being hidden.
func withoutHidden(rows []string) []string {
	return slices.DeleteFunc(rows, func(r string) bool { return strings.HasPrefix(r, `{"person":`) })
}

func TestDoNotProcess(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	kv := memkv.New()
	deliver(t, l, tracks("u", "v")...)
	r := run(t, t.TempDir(), l, kv)
	yes, no := true, false
	set := func(who analytics.Who, to *bool) {
		t.Helper()
		_, err := r.SetFlags(t.Context(), "app1", who, analytics.FlagChange{DoNotProcess: to})
		check(t, err)
	}
	set(aVisitor("u"), &yes)
	if !r.DoNotProcess("app1", "u") || r.DoNotProcess("app1", "v") || r.DoNotProcess("app2", "u") {
		t.Error("the door is told something else")
	}
	deliver(t, l, tracks("u", "v", "u")...)
	r.wait(t, l)
	r.want(t, "u is not processed", 3, 2, "u v")
	rows := received1(t, r.Analyzer, analytics.ReceivedFilter{Verdict: pendowire.DoNotProcess}, 2)
	if rows[0].Counted || rows[0].Properties != nil {
		t.Errorf("got %+v", rows[0])
	}
	set(aVisitor("u"), &no)
	deliver(t, l, tracks("u")...)
	r.wait(t, l)
	r.want(t, "u is processed again", 4, 2, "u v")
	set(analytics.Who{Kind: analytics.KindAccount, ID: "of v"}, &yes)
	deliver(t, l, tracks("v")...)
	r.wait(t, l)
	r.want(t, "the account of v is not", 4, 2, "u v")
	continued := dump(t, r.DB)
	r.stop()
	r = run(t, t.TempDir(), l, kv)
	if diff := cmp.Diff(continued, dump(t, r.DB)); diff != "" {
		t.Errorf("continued, and made anew:\n%s", diff)
	}
	r.stop()
}

func TestEraseTakesPeopleOutAtOnce(t *testing.T) {
	l, stop := startLog(t, memlog.New())
	defer stop()
	secret := `{"type":"track","event":"secret of u","userId":"u","groupId":"of u","messageId":"mu","properties":{"a":"secret"},"context":{"ip":"203.0.113.9","userAgent":"secret"}}`
	deliver(t, l, tracks("u", "v", "w", "u", "v")...)
	deliver(t, l, delivery{app: "app1", webhook: "secret", body: secret}, delivery{app: "app1", body: `{"type":"identify","userId":"u","traits":{"name":"secret"}}`})
	r := run(t, t.TempDir(), l, nil)
	upTo := l.Last(eventlog.Received)
	check(t, r.Erase(t.Context(), "e1", "app1", []analytics.Who{aVisitor("u"), {Kind: analytics.KindAccount, ID: "of w"}}, upTo))
	r.want(t, "erased", 2, 1, "v")
	for _, row := range dump(t, r.DB) {
		if strings.Contains(row, "secret") && !strings.Contains(row, `"name":"secret of u"`) || strings.Contains(row, `"text":"u"`) || strings.Contains(row, `"text":"of w"`) {
			t.Errorf("left: %s", row)
		}
	}
	deliver(t, l, tracks("u")...)
	r.wait(t, l)
	r.want(t, "who comes again", 3, 2, "u v")
	r.stop()

	// Tables that are made anew while the log still holds them do not know them either.
	db := openDB(t, t.TempDir())
	a := analyzer(t, db, l, 1000)
	a.erasing.all = map[string][]erasure{"e1": {{app: "app1", upTo: upTo, who: map[analytics.Who]bool{aVisitor("u"): true, {Kind: analytics.KindAccount, ID: "of w"}: true}}}}
	project(t, a)
	anew := running{Analyzer: a}
	anew.want(t, "made anew", 3, 2, "u v")
	a.Erased("e1")
	check(t, errors.Join(a.Close(), db.Close()))
}
