package admin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/internal/admin/trial"
	"penstock/internal/destination"
)

const presetDefinition = `{"slug":"actions-webhook","name":"Webhook","description":"Sends.","mode":"cloud","settings":[],
	"actions":[{"slug":"send","name":"Send","description":"Sends.","batches":false,"fields":[{"key":"url","label":"URL","description":"Where to.","type":"string"}]}],
	"presets":[{"slug":"hook","name":"Hook","description":"To a host.","action":"send","trigger":"type = \"track\"","inputs":[{"key":"host","label":"Host","description":"Which."}],"fields":{"url":"https://${host}/"}}]}`

// Run takes an order whose mapping is called All.
func (f *fake) Run(_ context.Context, o *trial.Order) (*trial.Result, error) {
	if o.Mapping != "All" {
		return nil, &trial.UnknownError{}
	}
	return &trial.Result{OK: o.Send, Event: o.Event, Steps: []trial.Step{}, Warnings: []destination.Warning{}}, f.broken
}

func (r *rig) post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	return r.send(t, http.MethodPost, path, body, map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"})
}

func TestCatalogAndPresets(t *testing.T) {
	r := newRig(t)
	d, err := destination.ParseDefinition([]byte(presetDefinition))
	if err != nil {
		t.Fatal(err)
	}
	r.fake.definition = *d
	status, body := r.do(t, http.MethodGet, "/api/catalog", "")
	if status != http.StatusOK || !strings.Contains(body, `"inputs":[{"key":"host","label":"Host","description":"Which."}]`) {
		t.Errorf("GET /api/catalog: %d %s", status, body)
	}
	for _, c := range []struct {
		path, body string
		status     int
		want       string
	}{
		{
			"/api/catalog/actions-webhook/presets/hook", `{"source":"website","slug":"mine","inputs":{"host":"acme.example"}}`, 200,
			`{"data":{"destination":{"slug":"mine","name":"Hook","source":"website","type":"actions-webhook","enabled":true,"mappings":[{"name":"Hook","action":"send","enabled":true,` +
				`"trigger":"type = \"track\"","fields":{"url":"https://acme.example/"}}]},"file":"destinations:\n  - slug: mine\n    name: Hook\n    source: website\n    type: actions-webhook\n    enabled: true\n` +
				`    mappings:\n      - name: Hook\n        action: send\n        enabled: true\n        trigger: type = \"track\"\n        fields:\n          url: https://acme.example/\n"}}`,
		},
		{"/api/catalog/actions-webhook/presets/hook", `{"source":"website"}`, 422, `{"title":"Unprocessable Entity","status":422,"detail":"input host: it is missing; want a text"}`},
		{"/api/catalog/actions-webhook/presets/other", `{"source":"website"}`, 404, `{"title":"Not Found","status":404,"detail":"actions-webhook has no preset \"other\"; GET /api/catalog lists them"}`},
		{"/api/catalog/other/presets/hook", `{"source":"website"}`, 404, `{"title":"Not Found","status":404,"detail":"there is no type of destination \"other\"; GET /api/catalog lists them"}`},
	} {
		status, body := r.post(t, c.path, c.body)
		if diff := cmp.Diff(c.want, body); status != c.status || diff != "" {
			t.Errorf("POST %s: %d, want %d (-want +got):\n%s", c.path, status, c.status, diff)
		}
	}
}

func TestTriggersAreRead(t *testing.T) {
	r := newRig(t)
	const form = `{"join":"and","groups":[{"join":"and","conditions":[{"field":"type","operator":"=","value":"'track'"}]}]}`
	for _, c := range []struct {
		body   string
		status int
		want   string
	}{
		{
			`{"text":"type = 'track'"}`, 200, `{"data":{"valid":true,"text":"type = 'track'","canonical":"type = \"'track'\"",` +
				`"warnings":[{"code":"single_quotes","pos":7,"read":"single quotes belong to the value: 'track' is not \"track\"","instead":"write ` + "`\\\"track\\\"`" + `"}],"form":` + form + `}}`,
		},
		{`{"form":` + form + `}`, 200, `{"data":{"valid":true,"text":"type = \"'track'\"","canonical":"type = \"'track'\"","warnings":[],"form":` + form + `}}`},
		{`{"text":"type!=\"track\""}`, 200, `{"data":{"valid":false,"error":{"pos":4,"message":"a lone ` + "`!`, or a `!=`" + ` without a space after it, is not read","expected":"` + "`!= ` with a space after it, or `!`" + ` before a function"},"text":"type!=\"track\"","warnings":[]}}`},
		{`{"text":"type = \"track\"","form":` + form + `}`, 422, `{"title":"Unprocessable Entity","status":422,"detail":"give a text or a form, not both"}`},
		{`{"form":{"join":"and","groups":[]}}`, 422, `{"title":"Unprocessable Entity","status":422,"detail":"the form cannot be written: /groups: a trigger needs at least one condition"}`},
	} {
		status, body := r.post(t, "/api/triggers/read", c.body)
		if diff := cmp.Diff(c.want, body); status != c.status || diff != "" {
			t.Errorf("read %s: %d, want %d (-want +got):\n%s", c.body, status, c.status, diff)
		}
	}
	if _, body := r.post(t, "/api/triggers/read", `{"text":"event > 5"}`); !strings.Contains(body, `"formError":{"pos":0,`) {
		t.Errorf("a text without a form: %s, want where it has none", body)
	}
}

func TestTestEvents(t *testing.T) {
	r := newRig(t)
	if status, body := r.post(t, "/api/mappings/test", `{"destination":"sink","mapping":"All","event":{"a":"<"},"send":true}`); status != http.StatusOK ||
		body != `{"data":{"ok":true,"steps":[],"event":{"a":"<"},"warnings":[]}}` {
		t.Errorf("test: %d %s", status, body)
	}
	if status, body := r.post(t, "/api/mappings/test", `{"destination":"sink","mapping":"None"}`); status != http.StatusUnprocessableEntity {
		t.Errorf("an order that cannot be understood: %d %s", status, body)
	}
	r.fake.broken = errors.New("the disk is on fire")
	if status, body := r.post(t, "/api/mappings/test", `{"destination":"sink","mapping":"All"}`); status != http.StatusInternalServerError || strings.Contains(body, "fire") {
		t.Errorf("a fault: %d %s", status, body)
	}
}

func TestDryRunChangesNothing(t *testing.T) {
	r := newRig(t)
	if status, body := r.do(t, http.MethodPut, "/api/workspace?dryRun=true", file); status != http.StatusOK || !strings.Contains(body, `"name":"website"`) {
		t.Errorf("PUT: %d %s", status, body)
	}
	if got := len(r.store.Snapshot().Apps()); got != 0 {
		t.Errorf("%d apps after a dry run", got)
	}
}
