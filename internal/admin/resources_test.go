package admin

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/destination"
	"penstock/internal/eventlog"
	"penstock/internal/record"
	"penstock/internal/workspace"
)

const webhookDefinition = `{
	"slug": "actions-webhook", "name": "Webhook", "description": "", "mode": "cloud", "presets": [],
	"settings": [{"key": "sharedSecret", "label": "Secret", "description": "Signs requests.", "type": "password"}],
	"actions": [{"slug": "send", "name": "Send", "description": "", "batches": false, "fields": [
		{"key": "url", "label": "URL", "description": "Where to.", "type": "string", "format": "uri", "required": true},
		{"key": "data", "label": "Data", "description": "What.", "type": "object"}
	]}]
}`

// newResourceRig is a rig whose catalog has a destination with an action.
func newResourceRig(t testing.TB) *rig {
	t.Helper()
	r := newRig(t)
	definition, err := destination.ParseDefinition([]byte(webhookDefinition))
	if err != nil {
		t.Fatal(err)
	}
	r.fake.definition = *definition
	return r
}

// ask sends a request whose answer should have a status, and returns what is under data.
func ask[T any](t *testing.T, r *rig, status int, method, path, body string) (v T) { //nolint:revive // the six read like a request
	t.Helper()
	got, text := r.send(t, method, path, body, map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"})
	if got != status {
		t.Fatalf("%s %s: %d %s, want %d", method, path, got, text, status)
	}
	if text == "" {
		return v
	}
	var answer struct {
		Data T `json:"data"`
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatalf("%s %s: %v: %s", method, path, err, text)
	}
	return answer.Data
}

func TestSourceResource(t *testing.T) {
	r := newResourceRig(t)
	made := ask[Source](t, r, http.StatusCreated, "POST", "/api/sources", `{"name":"Web Shop","type":"javascript"}`)
	if made.Slug != "web-shop" || len(made.WriteKeys) != 1 || len(made.WriteKeys[0]) != 32 || !made.Enabled || made.Revision == 0 {
		t.Errorf("made %+v", made)
	}
	if second := ask[Source](t, r, http.StatusCreated, "POST", "/api/sources", `{"name":"Web shop!","type":"go"}`); second.Slug != "web-shop-2" {
		t.Errorf("slug of a second one: %s", second.Slug)
	}
	keyed := ask[Source](t, r, http.StatusCreated, "POST", "/api/sources/web-shop/write-keys", `{"key":"wk_other_1"}`)
	if diff := cmp.Diff(append(made.WriteKeys, "wk_other_1"), keyed.WriteKeys); diff != "" {
		t.Errorf("write keys (-want +got):\n%s", diff)
	}
	ask[Source](t, r, http.StatusOK, "DELETE", "/api/sources/web-shop/write-keys/"+made.WriteKeys[0], "")
	ask[any](t, r, http.StatusUnprocessableEntity, "DELETE", "/api/sources/web-shop/write-keys/wk_other_1", "")
	ask[any](t, r, http.StatusNotFound, "DELETE", "/api/sources/web-shop/write-keys/nobody", "")

	ask[Label](t, r, http.StatusCreated, "POST", "/api/labels", `{"key":"env","value":"prod"}`)
	renamed := ask[Source](t, r, http.StatusOK, "PATCH", "/api/sources/web-shop", `{"slug":"shop","enabled":false,"labels":[{"key":"env","value":"prod"}]}`)
	if renamed.ID != made.ID || renamed.Slug != "shop" || renamed.Name != "Web Shop" || renamed.Enabled || len(renamed.Labels) != 1 {
		t.Errorf("changed %+v", renamed)
	}
	ask[any](t, r, http.StatusNoContent, "DELETE", "/api/labels/env/prod", "")
	if got := ask[Source](t, r, http.StatusOK, "GET", "/api/sources/shop", ""); len(got.Labels) != 0 {
		t.Errorf("labels after the label was deleted: %v", got.Labels)
	}
	ask[any](t, r, http.StatusNoContent, "DELETE", "/api/sources/shop", "")
	ask[any](t, r, http.StatusNotFound, "GET", "/api/sources/shop", "")
	if list := ask[[]Source](t, r, http.StatusOK, "GET", "/api/sources", ""); len(list) != 1 {
		t.Errorf("%d sources are left, want 1", len(list))
	}
}

// What a source or an app says of how long it is kept stands in their entries, is left alone by other changes, and can be taken back.
func TestRetentionIsChanged(t *testing.T) {
	r := newResourceRig(t)
	ask[Source](t, r, http.StatusCreated, "POST", "/api/sources", `{"slug":"shop","type":"javascript","retention":{"days":3}}`)
	ask[App](t, r, http.StatusCreated, "POST", "/api/apps", `{"slug":"kept","retention":{"months":12}}`)
	ask[Source](t, r, http.StatusOK, "PATCH", "/api/sources/shop", `{"name":"Shop"}`)
	ask[App](t, r, http.StatusOK, "PATCH", "/api/apps/kept", `{"name":"Kept"}`)
	source, app := ask[Source](t, r, http.StatusOK, "GET", "/api/sources/shop", ""), ask[App](t, r, http.StatusOK, "GET", "/api/apps/kept", "")
	if diff := cmp.Diff([]any{&workspace.Retention{Days: 3}, &workspace.AppRetention{Months: 12}}, []any{source.Retention, app.Retention}); diff != "" {
		t.Errorf("as made (-want +got):\n%s", diff)
	}
	source = ask[Source](t, r, http.StatusOK, "PATCH", "/api/sources/shop", `{"retention":{"backlogHours":5,"whenFull":"discard"}}`)
	if diff := cmp.Diff(&workspace.Retention{BacklogHours: 5, WhenFull: workspace.DiscardOld}, source.Retention); diff != "" {
		t.Errorf("what is given is all of it (-want +got):\n%s", diff)
	}
	ask[any](t, r, http.StatusUnprocessableEntity, "PATCH", "/api/sources/shop", `{"retention":{"days":-1}}`)
	ask[any](t, r, http.StatusUnprocessableEntity, "PATCH", "/api/apps/kept", `{"retention":{"months":85}}`)
	source, app = ask[Source](t, r, http.StatusOK, "PATCH", "/api/sources/shop", `{"retention":{}}`), ask[App](t, r, http.StatusOK, "PATCH", "/api/apps/kept", `{"retention":{}}`)
	if source.Retention != nil || app.Retention != nil {
		t.Errorf("taken back, they are %+v and %+v, want none", source.Retention, app.Retention)
	}
}

func TestDestinationResource(t *testing.T) {
	r := newResourceRig(t)
	ask[Source](t, r, http.StatusCreated, "POST", "/api/sources", `{"slug":"website","type":"javascript"}`)
	made := ask[Destination](t, r, http.StatusCreated, "POST", "/api/destinations", `{"source":"website","type":"actions-webhook","name":"Pendo Track Events",
		"settings":{"sharedSecret":"s3cret","note":1},"mappings":[{"name":"Tracks","action":"send","trigger":"type = \"track\"","fields":{"url":"http://localhost/"}}]}`)
	if made.Slug != "pendo-track-events" || len(made.Mappings) != 1 || !made.Mappings[0].On || strings.Contains(string(made.Settings), "s3cret") {
		t.Errorf("made %+v", made)
	}
	ask[Destination](t, r, http.StatusOK, "PATCH", "/api/destinations/pendo-track-events", `{"settings":{"sharedSecret":"`+workspace.Masked+`","note":null,"more":true}}`)
	stored := r.store.Snapshot().DestinationBySlug("pendo-track-events")
	if diff := cmp.Diff(`{"sharedSecret":"s3cret","more":true}`, string(stored.Settings)); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	off := ask[Destination](t, r, http.StatusOK, "PATCH", "/api/destinations/pendo-track-events", `{"enabled":false}`)
	if off.Enabled || off.Mappings[0].On || !off.Mappings[0].Enabled {
		t.Errorf("switched off: %+v", off)
	}
	if list := ask[[]Destination](t, r, http.StatusOK, "GET", "/api/destinations?source=website", ""); len(list) != 1 {
		t.Errorf("destinations of the source: %+v", list)
	}
	ask[any](t, r, http.StatusNoContent, "DELETE", "/api/destinations/pendo-track-events", "")
	if n := len(r.store.Snapshot().Mappings()); n != 0 {
		t.Errorf("%d mappings outlive their destination", n)
	}
}

func TestMappingResource(t *testing.T) {
	r := newResourceRig(t)
	ask[Source](t, r, http.StatusCreated, "POST", "/api/sources", `{"slug":"website","type":"javascript"}`)
	ask[Destination](t, r, http.StatusCreated, "POST", "/api/destinations", `{"source":"website","type":"actions-webhook","slug":"hook"}`)
	const path = "/api/destinations/hook/mappings"
	draft := ask[Mapping](t, r, http.StatusCreated, "POST", path, `{"name":"Tracks","action":"send","trigger":"type = \"track\"","enabled":false}`)
	ask[any](t, r, http.StatusUnprocessableEntity, "PATCH", path+"/"+draft.ID, `{"enabled":true}`)
	on := ask[Mapping](t, r, http.StatusOK, "PATCH", path+"/Tracks", `{"enabled":true,"fields":{"url":"http://localhost/"}}`)
	if !on.On || on.Revision <= draft.Revision || on.Trigger != draft.Trigger {
		t.Errorf("switched on: %+v", on)
	}
	status, text := r.send(t, "PATCH", path+"/"+draft.ID, `{"trigger":"type = \"page\""}`, map[string]string{
		"Authorization": "Bearer " + token, "Content-Type": "application/json", "If-Match": strconv.FormatUint(draft.Revision, 10),
	})
	if status != http.StatusPreconditionFailed {
		t.Errorf("a change upon an old revision: %d %s", status, text)
	}
	ask[any](t, r, http.StatusNoContent, "DELETE", path+"/Tracks", "")
	ask[any](t, r, http.StatusNotFound, "GET", path+"/Tracks", "")
}

func TestFilterResource(t *testing.T) {
	r := newResourceRig(t)
	ask[Source](t, r, http.StatusCreated, "POST", "/api/sources", `{"slug":"website","type":"javascript"}`)
	ask[Destination](t, r, http.StatusCreated, "POST", "/api/destinations", `{"source":"website","type":"actions-webhook","slug":"hook"}`)
	const path = "/api/destinations/hook/filters"
	made := ask[Filter](t, r, http.StatusCreated, "POST", path, `{"name":"Our own","if":"contains(userId, \"test\")","actions":[{"type":"DROP"}]}`)
	if !made.Enabled || made.Destination != "hook" || len(made.ID) != 27 || made.CreatedAt.IsZero() {
		t.Errorf("made %+v", made)
	}
	changed := ask[Filter](t, r, http.StatusOK, "PATCH", path+"/Our%20own", `{"name":"Half","actions":[{"type":"SAMPLE","percent":0.5}]}`)
	if changed.ID != made.ID || changed.If != made.If || changed.Actions[0].Type != "SAMPLE" || !changed.CreatedAt.Equal(made.CreatedAt) {
		t.Errorf("changed %+v", changed)
	}
	if d := ask[Destination](t, r, http.StatusOK, "GET", "/api/destinations/hook", ""); len(d.Filters) != 1 || d.Filters[0].Name != "Half" {
		t.Errorf("filters of the destination: %+v", d.Filters)
	}
	ask[any](t, r, http.StatusNoContent, "DELETE", path+"/"+made.ID, "")
	ask[any](t, r, http.StatusNotFound, "GET", path+"/"+made.ID, "")

	kept := ask[FilterPreview](t, r, http.StatusOK, "POST", "/api/filters/preview", `{"if":"all","actions":[{"type":"DROP_PROPERTIES","fields":{"properties":["email"]}}],"event":{"properties":{"email":"x","plan":"pro"}}}`)
	if string(kept.Result) != `{"properties":{"plan":"pro"}}` {
		t.Errorf("preview: %s", kept.Result)
	}
	dropped := ask[FilterPreview](t, r, http.StatusOK, "POST", "/api/filters/preview", `{"if":"type = \"track\"","actions":[{"type":"DROP"}],"event":{"type":"track"}}`)
	if dropped.Result != nil || !strings.Contains(dropped.Reason, "drops it") {
		t.Errorf("preview of what is dropped: %+v", dropped)
	}
	ask[any](t, r, http.StatusUnprocessableEntity, "POST", "/api/filters/preview", `{"if":"type","actions":[{"type":"EAT"}],"event":{}}`)
}

func TestImpact(t *testing.T) {
	r := newResourceRig(t)
	source := ask[Source](t, r, http.StatusCreated, "POST", "/api/sources", `{"slug":"website","type":"javascript","writeKeys":["wk_website_1"]}`)
	ask[Destination](t, r, http.StatusCreated, "POST", "/api/destinations", `{"source":"website","type":"actions-webhook","slug":"hook",
		"mappings":[{"name":"Tracks","action":"send","trigger":"type = \"track\"","fields":{"url":"http://localhost/"}}]}`)
	var lines []eventlog.Line
	for range 3 {
		lines = append(lines, eventlog.Line{Data: []byte(`{"type":"track","messageId":"m"}`)})
	}
	if _, err := r.log.Append(t.Context(), eventlog.Events, "events.default."+source.ID, record.KindEvents, lines); err != nil {
		t.Fatal(err)
	}
	got := ask[MappingImpact](t, r, http.StatusOK, "POST", "/api/mappings/impact", `{"destination":"hook","mapping":"Tracks","change":{"enabled":false}}`)
	if len(got.Impact) != 1 || got.Impact[0].Text != "3 of the last 3 events would no longer reach hook / Tracks" {
		t.Errorf("impact: %+v", got)
	}
	if same := ask[MappingImpact](t, r, http.StatusOK, "POST", "/api/mappings/impact", `{"destination":"hook","mapping":"Tracks","change":{}}`); len(same.Impact) != 0 {
		t.Errorf("impact of no change: %+v", same)
	}
	ask[any](t, r, http.StatusUnprocessableEntity, "POST", "/api/mappings/impact", `{"destination":"hook","mapping":"Tracks","change":{"trigger":"nonsense("}}`)
	plan := ask[Plan](t, r, http.StatusOK, "PUT", "/api/workspace?dryRun=true&prune=true", `{"sources":[{"slug":"website","name":"website","type":"javascript","writeKeys":["wk_website_1"]}]}`)
	if len(plan.Changes) != 2 || len(plan.Impact) != 1 || plan.Impact[0].NoLongerReached.Count != 3 || r.store.Snapshot().DestinationBySlug("hook") == nil {
		t.Errorf("plan of a file: %+v", plan)
	}
}

// What is wrong is told with its place in the body, and nothing changes.
func TestWrongResources(t *testing.T) {
	r := newResourceRig(t)
	ask[Source](t, r, http.StatusCreated, "POST", "/api/sources", `{"slug":"website","type":"javascript","writeKeys":["wk_website_1"]}`)
	ask[Destination](t, r, http.StatusCreated, "POST", "/api/destinations", `{"source":"website","type":"actions-webhook","slug":"hook"}`)
	before := r.store.Snapshot().Revision
	for _, c := range []struct{ path, body, location string }{
		{"/api/sources", `{"slug":"No Slug","type":"go"}`, "body.slug"},
		{"/api/sources", `{"slug":"website","type":"go"}`, "body.slug"},
		{"/api/sources", `{"slug":"other","type":"go","writeKeys":["wk_website_1"]}`, "body.writeKeys[0]"},
		{"/api/sources", `{"slug":"other","type":"go","labels":[{"key":"a","value":"b"}]}`, "body.labels[0]"},
		{"/api/sources", `{"slug":"other","type":"cobol"}`, "body.type"},
		{"/api/destinations", `{"source":"nowhere","type":"actions-webhook","slug":"two"}`, "body.source"},
		{"/api/destinations", `{"source":"website","type":"pigeon","slug":"two"}`, "body.type"},
		{"/api/destinations", `{"source":"website","type":"actions-webhook","slug":"two","settings":{"sharedSecret":"` + workspace.Masked + `"}}`, "body.settings.sharedSecret"},
		{"/api/destinations", `{"source":"website","type":"actions-webhook","slug":"two","mappings":[{"name":"A","action":"send","trigger":"nonsense("}]}`, "body.mappings[0].trigger"},
		{"/api/destinations/hook/mappings", `{"name":"A","action":"send","trigger":"type = \"track\"","fields":{"url":"nowhere"}}`, "body.fields.url"},
		{"/api/destinations/hook/filters", `{"name":"A","if":"type = ","actions":[{"type":"DROP"}]}`, "body.if"},
		{"/api/destinations/hook/mappings", `{"name":"A","action":"fly","trigger":"type = \"track\""}`, "body.action"},
	} {
		status, text := r.send(t, "POST", c.path, c.body, map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"})
		if status != http.StatusUnprocessableEntity || !strings.Contains(text, `"location":"`+c.location+`"`) {
			t.Errorf("POST %s %s: %d %s, want 422 at %s", c.path, c.body, status, text, c.location)
		}
	}
	if r.store.Snapshot().Revision != before {
		t.Error("the workspace has changed")
	}
}
