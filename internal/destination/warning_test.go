package destination

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// linting is a destination that has something to say of every mapping.
type linting struct{ Destination }

func (linting) Lint(action string, _ json.RawMessage) []Warning {
	return []Warning{{Part: PartFields, At: "/url", Code: "lint", Read: action, Instead: "-"}}
}

type described struct {
	Destination

	definition Definition
}

func (d described) Definition() *Definition { return &d.definition }

func TestWarnings(t *testing.T) {
	d := linting{described{definition: Definition{Slug: "a", Actions: []Action{{Slug: "send", Fields: []Field{{Key: "url", Type: TypeString}}}}}}}
	m, err := Compile(d, Spec{Action: "send", Trigger: `type = 'track'`, Fields: json.RawMessage(`{"url":{"@template":"{{$.x}}"}}`)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range m.Warnings() {
		got = append(got, w.Part+" "+w.At+" "+w.Code)
	}
	want := []string{"trigger character 8 single_quotes", "fields /url/@template template_dollar", "fields /url lint"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}

func TestWhatIsShownIsMasked(t *testing.T) {
	d := described{definition: Definition{
		Slug: "a", Settings: []Field{{Key: "secret", Type: TypePassword}},
		Actions: []Action{{Slug: "send", Fields: []Field{{Key: "url", Type: TypeString, Format: formatURI}, {Key: "headers", Type: TypeObject}}}},
	}}
	m, err := Compile(d, Spec{
		Action: "send", Trigger: `type = "track"`, Fields: json.RawMessage(`{"url":"http://u:pw@x/","headers":{"Cookie":"c","X-A":"1"}}`),
	}, json.RawMessage(`{"secret":"hush-hush"}`))
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Resolve([]byte(`{"type":"track"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(p.Shown()), `{"url":"http://x/","headers":{"Cookie":"<redacted>","X-A":"1"}}`; got != want {
		t.Errorf("payload: %s, want %s", got, want)
	}
	shown := m.Shown(&Request{Method: "POST", URL: "http://u:pw@x/", Headers: [][2]string{{"cookie", "c"}, {"x-a", "1"}}, Body: []byte(`{"s":"hush-hush"}`)})
	want := Request{Method: "POST", URL: "http://x/", Headers: [][2]string{{"cookie", Mask}, {"x-a", "1"}}, Body: []byte(`{"s":"<redacted>"}`)}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
}
