package webhook_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"penstock/destinations/webhook"
	"penstock/internal/destination"
)

const appKey = "00000000000000000000000000000001"

func codes(warnings []destination.Warning) string {
	var out []string
	for _, w := range warnings {
		out = append(out, w.At+" "+w.Code)
	}
	return strings.Join(out, ", ")
}

func TestLintOfPendo(t *testing.T) {
	for _, c := range []struct{ fields, want string }{
		{`{"url":"https://data.pendo.io/data/segmentio/` + appKey + `","method":"POST","enable_batching":false}`, ""},
		{`{"url":"https://data.au.pendo.io/data/segmentio/00000000-0000-0000-0000-000000000001","enable_batching":"false"}`, ""},
		{`{"url":"https://data.jpnpendo.io/data/segmentio/` + appKey + `"}`, "/url pendo_host_japan"},
		{`{"url":"https://data.ue.pendo.io/data/segmentio/` + appKey + `"}`, "/url pendo_host_unknown"},
		{`{"url":"https://cdn.pendo.io/data/segmentio/` + appKey + `"}`, "/url pendo_host_unknown"},
		{`{"url":"https://pendo-io.appspot.com/data/segmentio/` + appKey + `"}`, "/url pendo_host_unknown"},
		{`{"url":"http://data.pendo.io/data/segmentio/` + appKey + `"}`, "/url pendo_scheme"},
		{`{"url":"https://data.pendo.io/data/track"}`, "/url pendo_path"},
		{`{"url":"https://data.pendo.io/data/segmentio/"}`, "/url pendo_path"},
		{`{"url":"https://data.pendo.io/data/segmentio/` + appKey + `?x=1"}`, "/url pendo_path"},
		{`{"url":"https://data.pendo.io/data/segmentio/YOUR_PENDO_API_KEY"}`, "/url pendo_key"},
		{`{"url":"https://data.pendo.io/data/segmentio/` + appKey + `/"}`, "/url pendo_key"},
		{`{"url":"http://127.0.0.1:8080/data/segmentio/1234"}`, "/url pendo_key"},
		{`{"url":"http://127.0.0.1:8080/data/segmentio/` + appKey + `"}`, ""},
		{`{"url":{"@literal":"https://data.jpnpendo.io/data/segmentio/` + appKey + `"}}`, "/url/@literal pendo_host_japan"},
		{`{"url":{"@template":"https://data.eu.pendo.io/data/segmentio/{{context.key}}"}}`, ""},
		{`{"url":"https://data.pendo.io/data/segmentio/` + appKey + `","method":"PUT","enable_batching":true}`, "/enable_batching pendo_batching, /method pendo_method"},
		{`{"url":"https://acme.example/hook","method":"PUT"}`, ""},
		{`{"url":{"@path":"$.context.hook"}}`, ""},
		{`[]`, ""},
	} {
		if got := codes(webhook.New().Lint("send", json.RawMessage(c.fields))); got != c.want {
			t.Errorf("lint %s: got %q, want %q", c.fields, got, c.want)
		}
	}
}

func TestPendoPreset(t *testing.T) {
	w := webhook.New()
	preset := w.Definition().Preset("pendo-track-events")
	for region, host := range map[string]string{
		"us": "https://data.pendo.io", "us1": "https://us1.data.pendo.io", "eu": "https://data.eu.pendo.io", "Japan": "https://data.jpn.pendo.io", "this-server": "${PENSTOCK_URL}",
	} {
		for _, key := range []string{appKey, " 00000000-0000-0000-0000-00000000000A"} {
			got, err := preset.Fill(map[string]string{"region": region, "key": key})
			if err != nil {
				t.Fatal(err)
			}
			want := destination.Spec{
				Action: "send", Trigger: `type = "track"`,
				Fields: json.RawMessage(`{"url":"` + host + `/data/segmentio/` + strings.TrimSpace(key) + `","method":"POST","batch_size":0,"data":{"@path":"$."},"enable_batching":false}`),
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("preset for %s (-want +got):\n%s", region, diff)
			}
			got.Fields = json.RawMessage(strings.ReplaceAll(string(got.Fields), "${PENSTOCK_URL}", "http://localhost"))
			m, err := destination.Compile(w, got, nil)
			if err != nil {
				t.Fatal(err)
			}
			if warnings := m.Warnings(); len(warnings) > 0 {
				t.Errorf("warnings of the preset for %s: %+v", region, warnings)
			}
		}
	}
}

func TestPresetInputs(t *testing.T) {
	preset := webhook.New().Definition().Preset("pendo-track-events")
	for _, c := range []struct {
		inputs map[string]string
		want   string
	}{
		{nil, "input region: it is missing; want one of us, us1, eu, jp, this-server\ninput key: it is missing; want 32 hexadecimal digits, with or without dashes, as App Details in the settings of the app shows them"},
		{map[string]string{"region": "mars", "key": appKey}, `input region: "mars" is none of its choices; want one of us, us1, eu, jp, this-server`},
		{map[string]string{"region": "us", "key": "123"}, `input key: "123" is no app key; want 32 hexadecimal digits, with or without dashes, as App Details in the settings of the app shows them`},
		{map[string]string{"region": "us", "key": appKey[1:] + "g"}, `input key: "` + appKey[1:] + `g" is no app key; want 32 hexadecimal digits, with or without dashes, as App Details in the settings of the app shows them`},
		{map[string]string{"region": "us", "key": appKey + ".eu"}, `input key: "` + appKey + `.eu" looks like an integration key; want 32 hexadecimal digits, with or without dashes, as App Details in the settings of the app shows them`},
		{map[string]string{"region": "us", "key": appKey, "color": "red"}, `input color: the preset pendo-track-events does not ask for it`},
	} {
		_, err := preset.Fill(c.inputs)
		if err == nil || err.Error() != c.want {
			t.Errorf("fill %v:\n got %v\nwant %s", c.inputs, err, c.want)
		}
	}
}
