package impact_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"penstock/destinations"
	"penstock/internal/admin/impact"
	"penstock/internal/eventlog"
	"penstock/internal/eventlog/memlog"
	"penstock/internal/filter"
	"penstock/internal/record"
	"penstock/internal/workspace"
	"penstock/internal/workspace/memkv"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a workspace with one mapping, and a log.
type rig struct {
	*impact.Assessor
	store *workspace.Store
	log   *eventlog.Log
}

func newRig(t *testing.T) *rig {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	log, err := eventlog.New(t.Context(), memlog.New(), eventlog.DefaultConfig(), logger)
	if err != nil {
		t.Fatal(err)
	}
	catalog := workspace.CatalogFunc(destinations.Lookup)
	r := &rig{log: log, store: workspace.Open(memkv.New(), catalog, workspace.NewFencer(log), logger), Assessor: impact.New(catalog, log, "http://localhost")}
	ctx, cancel := context.WithCancel(context.Background()) //nolint:usetesting // outlives t.Context, which ends before the cleanups
	done := make(chan error, 2)
	go func() { done <- log.Run(ctx) }()
	go func() { done <- r.store.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, <-done); err != nil {
			t.Errorf("ended with %v", err)
		}
	})
	<-r.store.Ready()
	file, err := workspace.Parse([]byte(`
sources: [{slug: website, name: Website, type: javascript, writeKeys: [wk_website_1]}]
destinations:
  - slug: pendo
    name: Pendo Track Events
    source: website
    type: actions-webhook
    mappings:
      - {name: Pendo Track Events, action: send, trigger: type = "track", fields: {url: "${PENSTOCK_URL}/hook", method: POST, data: {"@path": "$."}}}
`))
	if err == nil {
		_, err = r.store.Apply(t.Context(), file, workspace.ApplyOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) append(t *testing.T, events ...string) {
	t.Helper()
	var lines []eventlog.Line
	for _, e := range events {
		lines = append(lines, eventlog.Line{Data: []byte(e)})
	}
	if _, err := r.log.Append(t.Context(), eventlog.Events, "events.default."+r.store.Snapshot().SourceBySlug("website").ID, record.KindEvents, lines); err != nil {
		t.Fatal(err)
	}
}

// of is the impact of an edit.
func (r *rig) of(t *testing.T, edit func(*workspace.Edit, *workspace.Mapping)) []impact.Impact {
	t.Helper()
	plan, err := r.store.Preview(t.Context(), func(e *workspace.Edit) error {
		m := *e.Now().Mappings()[0]
		edit(e, &m)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := r.Of(t.Context(), plan.Before, plan.After)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestImpact(t *testing.T) {
	r := newRig(t)
	for i := range 100 {
		r.append(t, fmt.Sprintf(`{"type":"track","messageId":"t%d","userId":"u%d","properties":{"n":%d}}`, i, i%10, i), fmt.Sprintf(`{"type":"page","messageId":"p%d"}`, i))
	}
	put := func(change func(*workspace.Mapping)) func(*workspace.Edit, *workspace.Mapping) {
		return func(e *workspace.Edit, m *workspace.Mapping) {
			change(m)
			e.PutMapping(m)
		}
	}
	for name, c := range map[string]struct {
		edit func(*workspace.Edit, *workspace.Mapping)
		want string
	}{
		"the name alone":   {put(func(m *workspace.Mapping) { m.Name = "Other" }), ""},
		"off":              {put(func(m *workspace.Mapping) { m.Enabled = false }), "100 of the last 200 events would no longer reach Pendo Track Events"},
		"a wider trigger":  {put(func(m *workspace.Mapping) { m.Trigger = `type != ""` }), "100 of the last 200 events would newly reach Pendo Track Events"},
		"another trigger":  {put(func(m *workspace.Mapping) { m.Trigger = `type = "page"` }), "100 of the last 200 events would no longer reach Pendo Track Events; 100 would newly reach Pendo Track Events"},
		"another spelling": {put(func(m *workspace.Mapping) { m.Trigger = `type="track"` }), "none of the last 200 events would be delivered otherwise to Pendo Track Events"},
		"other data": {
			put(func(m *workspace.Mapping) {
				m.Fields = json.RawMessage(`{"url":"http://localhost/hook","method":"POST","data":{"@path":"$.properties"}}`)
			}), "100 of the last 200 events would reach Pendo Track Events otherwise than now",
		},
		"fields that cannot be made": {
			put(func(m *workspace.Mapping) {
				m.Fields = json.RawMessage(`{"url":{"@path":"$.nothing"},"method":"POST","data":{"@path":"$."}}`)
			}), "100 of the last 200 events would be rejected, because the fields cannot be made of them",
		},
		"a filter": {
			func(e *workspace.Edit, m *workspace.Mapping) {
				e.PutFilter(&workspace.Filter{Destination: m.Destination, Name: "F", If: `userId = "u3"`, Actions: []filter.RuleAction{{Type: filter.Drop}}, Enabled: true})
			}, "10 of the last 200 events would no longer reach Pendo Track Events",
		},
		"deleted": {
			func(e *workspace.Edit, m *workspace.Mapping) { e.DeleteDestination(m.Destination) }, "100 of the last 200 events would no longer reach Pendo Track Events",
		},
		"a new mapping": {
			func(e *workspace.Edit, m *workspace.Mapping) {
				e.PutMapping(&workspace.Mapping{Destination: m.Destination, Name: "Pages", Action: "send", Enabled: true, Trigger: `type = "page"`, Fields: m.Fields})
			}, "100 of the last 200 events would newly reach Pendo Track Events / Pages",
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := ""
			for _, i := range r.of(t, c.edit) {
				text += i.Text
			}
			if diff := cmp.Diff(c.want, text); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	got := r.of(t, put(func(m *workspace.Mapping) { m.Trigger = `type = "track" and properties.n < 90` }))[0]
	want := impact.Impact{
		Destination: "pendo", Mapping: "Pendo Track Events", Source: "website", Text: "10 of the last 200 events would no longer reach Pendo Track Events", Events: 200,
		MatchedBefore: 100, MatchedAfter: 90, NoLongerReached: impact.Examples{Count: 10, MessageIDs: []string{"t95", "t96", "t97", "t98", "t99"}},
		NewlyReached: impact.Examples{MessageIDs: []string{}}, PayloadChanged: impact.Examples{MessageIDs: []string{}}, NewlyRejected: impact.Examples{MessageIDs: []string{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The newest events are looked at, and no more of them than the bound says.
func TestBounds(t *testing.T) {
	r := newRig(t)
	off := func(e *workspace.Edit, m *workspace.Mapping) {
		m.Enabled = false
		e.PutMapping(m)
	}
	if got := r.of(t, off)[0].Text; got != "no event of website is on the log yet" {
		t.Errorf("without events: %s", got)
	}
	const each = 70
	for range impact.EventsMax/each + 10 {
		lines := make([]string, each)
		for i := range lines {
			lines[i] = `{"type":"page"}`
		}
		r.append(t, lines...)
	}
	r.append(t, `{"type":"track","messageId":"last"}`)
	got := r.of(t, off)[0]
	if got.Events != impact.EventsMax || got.Partial || got.Text != "1 of the last 10,000 events would no longer reach Pendo Track Events" {
		t.Errorf("of more events than the bound: %+v", got)
	}
}
